import ABC
import Neural
import Testing

@testable import Compose

/// Correct music, whatever the network: its scores are random, and it may lack characters.
@Suite struct LegalityTests {
  /// A network with random weights that writes these characters.
  static func network(
    _ characters: String, fields: String = "RMLK", seed: UInt64
  ) throws -> ImproviserModel {
    var random = seed &+ 0x9e37_79b9_7f4a_7c15
    func numbers(_ count: Int, _ scale: Float) -> [Float] {
      (0..<count).map { _ in
        random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (Float(random >> 40) / Float(1 << 24) - 0.5) * scale
      }
    }
    let size = characters.unicodeScalars.count
    let units = 16
    let tensors = [
      ("embedding.weight", [size, 8], Float(4)), ("lstm.weight_ih_l0", [4 * units, 8], 4),
      ("lstm.weight_hh_l0", [4 * units, units], 4), ("lstm.bias_ih_l0", [4 * units], 1),
      ("lstm.bias_hh_l0", [4 * units], 1), ("head.weight", [size, units], 8),
      ("head.bias", [size], 2),
    ].map { name, shape, scale in
      Checkpoint.NewTensor(
        name: name, shape: shape, format: .float32, values: numbers(shape.reduce(1, *), scale))
    }
    let list = characters.unicodeScalars.map { scalar in
      switch scalar {
      case "\n": "\"\\n\""
      case "\"", "\\": "\"\\\(scalar)\""
      default: "\"\(scalar)\""
      }
    }
    return try ImproviserModel(
      Checkpoint(
        metadata: [
          "vocabulary": "[" + list.joined(separator: ",") + "]", "header_fields": fields,
        ], tensors: tensors), precision: .float32)
  }

  static let all =
    "\n !\"#'(),-./0123456789:<=>ABCDEFGHKLMOPQRSTVXZ[]^_abcdefghijklmnopqrstuvwxyz{|}~%\\$é"

  /// All characters but some.
  static func without(_ missing: String) -> String {
    let kept = all.unicodeScalars.filter { !missing.unicodeScalars.contains($0) }
    return String(String.UnicodeScalarView(kept))
  }

  static let vocabularies: [(characters: String, fields: String)] = [
    (all, "RMLK"), (all, "XTCQMLK"), (all, "KLM"),
    // Of a tune or two, as a network has that has hardly read anything.
    ("\n /12368:ABDEFGKLMabdefg|", "MLK"), ("\n12368:/ABDFKLMd|", "RMLK"),
    // What closes is missing, or what lengths are made of, or what headers are made of.
    (without("])}"), "RMLK"), (without("/"), "RMLK"), (without("0123456789"), "RMLK"),
    (without("48"), "RMLK"), (without(" 2"), "RMLK"), (without(":"), "RMLK"),
    (without("ABCDEFG"), "RMLK"), (without("M"), "RMLK"), (without("|"), "RMLK"),
    (without("abcdefgz"), "RMLK"), (without("3'\""), "TMLK"),
  ]

  /// A tune of some bars, or one that ended before.
  static func tune(
    _ model: ImproviserModel, temperature: Double, run: UInt64, after beginning: String = ""
  ) -> (text: String, hasEnded: Bool) {
    var improviser = Improviser(model)
    improviser.legality = .legal
    improviser.prime(with: beginning)
    var index: UInt64 = 0
    while !improviser.endsTune, improviser.grammar.barCount < 8, index < 3000 {
      _ = improviser.next(
        SamplerSettings(temperature: temperature), rng: 5, run: run, index: index)
      index += 1
    }
    let hasEnded = improviser.endsTune || improviser.grammar.isAtBarLine
    return (improviser.grammar.closing(improviser.text), hasEnded)
  }

  /// What a reader has against a tune.
  static func faults(_ text: String) -> [String] {
    let parsed = ParsedTune(text: "X:1\nT:Random\n" + text + "\n")
    guard parsed.notes.count > 3 else { return ["no music"] }
    let errors = parsed.diagnostics.filter { $0.severity == .error }.map(\.sentence)
    let bars = parsed.bars.filter { bar in
      bar.isClosed && !bar.mayDiffer && bar.expected.map { $0 != bar.length } ?? false
    }
    return errors + bars.map { "bar \($0.number) holds \($0.length)" }
  }

  @Test(arguments: vocabularies.indices)
  func `a random network writes tunes without a fault at any temperature`(place: Int) throws {
    let (characters, fields) = Self.vocabularies[place]
    for (run, temperature) in [0.1, 0.5, 1, 2, 5].enumerated() {
      for seed in 0..<2 as Range<UInt64> {
        let model = try Self.network(characters, fields: fields, seed: seed)
        let tune = Self.tune(model, temperature: temperature, run: UInt64(run))
        #expect(
          tune.hasEnded || !characters.contains("|"), "never ends: \(tune.text.prefix(400))")
        // Without bar lines, or bars without lengths that fill them, there is no bar to add up.
        let faults = Self.faults(tune.text)
        #expect(faults.isEmpty, "\(tune.text)")
      }
    }
  }

  @Test(arguments: [
    "M:4/4\nL:1/8\nK:D\nc2 [c", "M:4/4\nL:1/8\nK:D\n\"E", "M:4/4\nL:1/8\nK:D\nc4 (3:2:2cd",
    "M:6/8\nL:1/8\nK:D\n(5cde", "M:4/4\nL:1/8\nK:D\nc4>>", "M:4/4\nL:1/8\nK:D\n!tr",
    "M:4/4\nL:1/8\nK:D\nc4 {a", "M:4/4\nL:1/8\nK:D\n[M:", "M:4/4\nL:1/8\nK:D\n(cd", "M:6", "K:",
    "M:4/4\nL:1/8\nK:D\n[c2e2]2 (7cdefgab", "M:4/4\nL:1/8\nK:D\nc^", "M:4/4\nL:1/8\nK:D\nc8-",
  ])
  func `what a person began is ended correctly`(beginning: String) throws {
    for seed in 0..<3 as Range<UInt64> {
      let model = try Self.network(Self.all, seed: seed)
      let tune = Self.tune(model, temperature: 2, run: seed, after: beginning)
      #expect(tune.hasEnded)
      #expect(Self.faults(tune.text).isEmpty, "\(tune.text)")
    }
  }

  @Test func `a stopped tune keeps its last chord and loses only its bar line`() {
    func closed(_ text: String) -> String {
      var grammar = TuneGrammar(ModelTextTests.description)
      for scalar in text.unicodeScalars { grammar.read(scalar) }
      return grammar.closing(text)
    }
    let header = "M:4/4\nL:1/8\nK:D\n"
    #expect(closed(header + "c4 [Ac]4|") == header + "c4 [Ac]4|]")
    #expect(closed(header + "|:c8|d4 [Ac]4|") == header + "|:c8|d4 [Ac]4:|")
    #expect(closed(header + "c8-|") == header + "c8|]")
    #expect(closed(header + "c8||\n\n") == header + "c8|]")
    #expect(closed(header + "c8|d8|1 e8|") == header + "c8|d8|1 e8:|")
  }
}
