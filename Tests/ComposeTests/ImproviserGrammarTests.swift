import Neural
import Testing

@testable import Compose

@Suite struct ImproviserGrammarTests {
  static let header = "M:4/4\nL:1/8\nK:D\n"

  /// The first character of a text that is not allowed, with what stands before it.
  static func firstFault(_ text: String) -> String? {
    var grammar = TuneGrammar(ModelTextTests.description)
    var read = ""
    for scalar in text.unicodeScalars {
      guard grammar.allows(scalar) else { return read + "⟨\(scalar)⟩" }
      grammar.read(scalar)
      read.unicodeScalars.append(scalar)
    }
    return nil
  }

  static func grammar(after text: String) -> TuneGrammar {
    var grammar = TuneGrammar(ModelTextTests.description)
    for scalar in text.unicodeScalars { grammar.read(scalar) }
    return grammar
  }

  @Test(arguments: [
    "c2d2 efga|c8|\n\n", "A2|defg a2d2|d4 d2:|\n\n", "|:A2|d8|d4 d2:|\nA2|d8|d4 d2|]\n\n",
    "(3ABc d2 e4|d>e f<g a4|\n\n", "\"Em\"E4 \"D/F#\"d4|\n\n",
    "{ab}c4 ^c/2_d/2=e d2|c'2C,2 d4|\n\n",
    "(cd)(ef) ~g2 .a2|\n\n", "e2[ce]2 [d^f]2 a2|\n\n", "c4 d4-|d4 c4|\n\n",
    "|:c8|d8|1 e8:|2 f8||\n\n", "c8:|\n|:d8::e8:|\n\n", "c8||\nP:B\nd8|\n\n", "c8|\nK:Am\nA8|\n\n",
    "c3/2d/2 e2 f4|\n\n", "z4 c4|\n\n",
  ])
  func `correct music is allowed`(body: String) {
    #expect(Self.firstFault(Self.header + body) == nil)
  }

  @Test(arguments: [
    ("c2d2 efg|", "c2d2 efg⟨|⟩"), ("c8d", "c8⟨d⟩"), ("c9|", "c9⟨|⟩"), ("c4d4-|e", "c4d4-|⟨e⟩"),
    ("c8|:d8|:", "c8|:d8|⟨:⟩"),
    ("c8|d8|1 e8|\nf8|\n\n", "c8|d8|1 e8|\nf8|\n⟨\n⟩"), ("\"H", "\"⟨H⟩"), ("\"Emx", "\"Em⟨x⟩"),
    ("\"E\"|", "\"E\"⟨|⟩"), ("^z", "^⟨z⟩"), ("c,", "c⟨,⟩"), ("C'", "C⟨'⟩"),
    ("(cd e4 d2|", "(cd e4 d2⟨|⟩"),
    ("c8|\n|d4 ]", "c8|\n|d4 ⟨]⟩"), ("c>d2e", "c>d2⟨e⟩"), ("(3c2d", "(3c2d⟨e⟩"), ("!D.C.!", "⟨!⟩"),
    ("c8|\n\n", ""),
  ])
  func `music that would not be correct is stopped where it goes wrong`(
    body: String, fault: String
  ) {
    let text = body == "(3c2d" ? "(3c2de" : body
    let expected = fault.isEmpty ? nil : Self.header + fault
    #expect(Self.firstFault(Self.header + text) == expected)
  }

  @Test(arguments: [
    ("R:jig\nM:6/8\nL:1/8\nK:Ador\n", ""), ("M:C|\nL:1/4\nK:Bb\n", ""), ("K", "⟨K⟩"),
    ("M:6/8\nR", "M:6/8\n⟨R⟩"), ("M:6/8\nK", "M:6/8\n⟨K⟩"), ("M:6/9", "M:6/⟨9⟩"),
    ("M:C\nL:1/8\nK:H", "M:C\nL:1/8\nK:⟨H⟩"), ("R:\n", "R:⟨\n⟩"), ("T", "⟨T⟩"),
  ])
  func `a header has the network's fields, in order, with usual values`(
    header: String, fault: String
  ) {
    #expect(Self.firstFault(header) == (fault.isEmpty ? nil : fault))
  }

  @Test(arguments: [
    ("c8|", 1), ("A2|c8|d8|", 2), ("c8|d8", 1), ("c8:|\nA2|d8|d6:|", 3), ("", 0),
    ("c8||\n||d8|", 2),
  ])
  func `bars are counted without pickups`(body: String, count: Int) {
    #expect(Self.grammar(after: Self.header + body).barCount == count)
  }

  @Test(arguments: [
    ("2+3/8", "DFA dA|"), ("(2+2+3)/8", "DF AD FAd|"), ("3+2+2/16", "D2FAd2F|"),
  ])
  func `additive meters have bars of their sum`(meter: String, bar: String) throws {
    let unit = meter.hasSuffix("16") ? "1/16" : "1/8"
    var grammar = try TuneGrammar(ImproviserTests.model.get().description)
    for scalar in "M:\(meter)\nL:\(unit)\nK:D\n".unicodeScalars { grammar.read(scalar) }
    for _ in 0..<3 {
      for scalar in bar.unicodeScalars {
        #expect(grammar.allows(scalar), "\(scalar)")
        grammar.read(scalar)
      }
    }
    for scalar in bar.unicodeScalars.dropLast() { grammar.read(scalar) }
    #expect(!grammar.allows("A"))
  }

  @Test func `a first ending ends in a repeat sign, and never short by a bar line`() throws {
    var grammar = try TuneGrammar(ImproviserTests.model.get().description)
    for scalar in "M:4/4\nL:1/8\nK:D\nA2|:A2|DFAd fdAF|DFAd fdAF|1 DFAd fd".unicodeScalars {
      grammar.read(scalar)
    }
    #expect(!grammar.allows("|"))
    #expect(grammar.isBetweenEndings)
    // Three notes of a length that the others of a triplet could not have.
    grammar = try TuneGrammar(ImproviserTests.model.get().description)
    for scalar in "M:12/8\nL:1/16\nK:D\n(3g".unicodeScalars { grammar.read(scalar) }
    grammar.read("1")
    #expect(!grammar.allows("3"))
  }

  @Test func `an open repeat is known`() {
    #expect(Self.grammar(after: Self.header + "|:c8|d8").isRepeatOpen)
    #expect(!Self.grammar(after: Self.header + "|:c8|d8:|\n").isRepeatOpen)
    #expect(Self.grammar(after: Self.header + "|:c8::d8|e").isRepeatOpen)
    #expect(Self.grammar(after: Self.header + "c8|1 d8|").isInFirstEnding)
  }

  @Test func `something can follow wherever the rules have led`() {
    // A walk that takes any allowed character: no dead ends, and whole bars.
    let characters = ModelTextTests.description.vocabulary.characters
    var seed: UInt64 = 11
    for meter in ["4/4", "6/8", "9/8", "3/4", "C|"] {
      for _ in 0..<20 {
        var grammar = Self.grammar(after: "M:\(meter)\nL:1/8\nK:G\n")
        var text = ""
        for _ in 0..<200 {
          let allowed = characters.filter { grammar.allows($0) }
          guard !allowed.isEmpty else {
            Issue.record("nothing can follow \(text)")
            break
          }
          seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
          let next = allowed[Int(seed >> 33) % allowed.count]
          text.unicodeScalars.append(next)
          grammar.read(next)
          if text.hasSuffix("\n\n") { break }
        }
      }
    }
  }

  @Test func `any text can be read`() {
    let pieces = [
      "|", ":", "[", "]", "(", ")", "9", "/", "c", "-", ">", "\"", "{", "}", "\n", "K:", "M:0/0",
      "L:1/0", "!", "♯", "99999999999",
    ]
    var seed: UInt64 = 5
    for _ in 0..<200 {
      var text = seed % 2 == 0 ? Self.header : "M:999999999999/1\nL:99999999999999999999/3\nK:x\n"
      for _ in 0..<60 {
        seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        text += pieces[Int(seed >> 33) % pieces.count]
      }
      let grammar = Self.grammar(after: text)
      #expect(grammar.barCount >= 0)
      _ = ModelTextTests.description.vocabulary.characters.filter { grammar.allows($0) }
    }
  }
}
