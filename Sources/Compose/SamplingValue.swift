import Analysis
import Form

/// One of the values that say how the model draws and writes.
///
/// A row of the table gives a value its name for the `:` line, the settings and the options of
/// `lilt generate`, its range, its step, its sentence, its key and its group.
public struct SamplingValue: Sendable {
  public enum Group: String, Sendable, CaseIterable {
    /// How a character is drawn.
    case drawing
    /// What is wanted of the tune.
    case writing
    /// How fast the model writes, and where it stops.
    case running
  }

  /// As it is typed: `min-p`.
  public let name: String
  public let group: Group
  /// What may be given for it, for help: `0-1`.
  public let argument: String
  /// What one key press adds; 0 for values that are not numbers.
  public let step: Double
  /// The keys that move it or ask for it; empty = none.
  public let key: String
  /// The words that can be given, in the order in which `next` walks them; empty = it is no word.
  public var choices: @Sendable (Catalogue) -> [String] = { _ in [] }
  /// One line, without a full stop.
  public let help: String
  /// Its value as text.
  public let text: @Sendable (Sampling) -> String
  /// Sets it; answers nil, or what may be given instead.
  public let set: @Sendable (inout Sampling, String, Catalogue) -> String?

  /// Whether it says something of one tune only, and is no part of a mood or of the settings.
  public var isOfOneTune: Bool { name == "plan" }

  /// Whether it steers what only a network of characters can do.
  public var isForCharacters: Bool { group == .writing && name != "copy-guard" }

  /// Whether it is kept with a mood.
  var isOfMood: Bool { group != .running && !isOfOneTune }

  public static subscript(_ name: String) -> SamplingValue? { all.first { $0.name == name } }

  /// The table.
  public static let all: [SamplingValue] = [
    number(
      "temperature", .drawing, 0...10, step: 0.05, key: "t t",
      "below 1 calmer, above 1 wilder; 0 always the likeliest", \.temperature),
    whole(
      "top-k", .drawing, 0...65536, key: "t k", "draw only from so many likeliest; 0 = all", \.topK),
    number(
      "top-p", .drawing, 0...1, step: 0.05, key: "t P",
      "draw only from the likeliest that make up this share; 1 = all", \.topP),
    number(
      "min-p", .drawing, 0...1, step: 0.01, key: "t i",
      "leave out characters less likely than this share of the likeliest; 0 = none", \.minP),
    temperature("melody", "of notes; of pitch, step and duration the pitch", \.melody),
    temperature(
      "rhythm", "of lengths, and of time that passes; of pitch, step and duration the step",
      \.rhythm),
    temperature(
      "form", "of what ends and repeats; of pitch, step and duration the duration", \.form),
    number(
      "memory", .writing, -1...1, step: 0.05, key: "* _",
      "how much the tune remembers itself; 0 = not at all, below 0 it keeps away from what was said",
      \.writing.memory),
    SamplingValue(
      name: "shape", group: .writing, argument: "auto, free or letters such as abac|dedc", step: 0,
      key: "t S", choices: { _ in ["auto", "free"] },
      help: "which bars come back: as tunes do, no plan, or phrases of each part as letters",
      text: { $0.writing.shape },
      set: { sampling, text, _ in
        let text = text.lowercased()
        guard text == "auto" || text == "free" || TuneShape(text) != nil else {
          return "auto, free, or letters such as abac|dedc (a' = varied, . = open, | = next part)"
        }
        let isWord = text == "auto" || text == "free"
        sampling.writing.shape = isWord ? text : TuneShape(text)?.description ?? text
        return nil
      }),
    SamplingValue(
      name: "plan", group: .writing, argument: "such as 5=1,6~2,7 new, or off", step: 0, key: "F",
      choices: { _ in ["off"] },
      help: "what single bars are to be: the same as another (=), a variant of it (~), new",
      text: { $0.writing.bars.isEmpty ? "off" : $0.writing.bars },
      set: { sampling, text, _ in
        guard let bars = BarWish.bars(text == "off" ? "" : text) else {
          return "bars such as 5=1 (the same as bar 1), 6~2 (a variant), 7 new, 8 auto, or off"
        }
        sampling.writing.bars = BarWish.text(of: bars)
        return nil
      }),
    SamplingValue(
      name: "parts", group: .writing, argument: "off, wish, rule, or bars such as 8 or 8|16",
      step: 0, key: "",
      choices: { _ in Force.allCases.map(\.rawValue) + ["4", "8", "16"] },
      help: "parts of 4, 8 or 16 bars that end where the plan says, or of as many as are given",
      text: { $0.writing.parts.description },
      set: { sampling, text, _ in
        guard let parts = PartLengths(text) else { return PartLengths.forms }
        sampling.writing.parts = parts
        return nil
      }),
    force("cadence", "parts end on the tonic, held for a beat", \.writing.cadence),
    SamplingValue(
      name: "key-choice", group: .writing, argument: "usual or free", step: 0, key: "",
      choices: { _ in Writing.KeyChoice.allCases.map(\.rawValue) },
      help: "the key of a tune begun without one: as its dance has it, or the model's own",
      text: { $0.writing.keyChoice.rawValue },
      set: { sampling, text, _ in
        guard let choice = Writing.KeyChoice(rawValue: text) else { return "usual or free" }
        sampling.writing.keyChoice = choice
        return nil
      }),
    SamplingValue(
      name: "instrument", group: .writing, argument: "a name, or off, wish or rule", step: 0,
      key: "t g", choices: { ["off"] + $0.instruments.map(\.name) },
      help: "the range of notes: fiddle, whistle, flute, …",
      text: { $0.writing.range == .off ? "off" : $0.writing.instrument },
      set: { sampling, text, catalogue in
        if let force = Force(rawValue: text) {
          sampling.writing.range = force
          return nil
        }
        guard let found = catalogue.instruments.first(where: { $0.name == text }) else {
          return (Force.allCases.map(\.rawValue) + catalogue.instruments.map(\.name))
            .joined(separator: ", ")
        }
        sampling.writing.instrument = found.name
        sampling.writing.lowest = found.lowest
        sampling.writing.highest = found.highest
        if sampling.writing.range == .off { sampling.writing.range = .wish }
        return nil
      }),
    force("range", "notes lie in the instrument's range", \.writing.range),
    SamplingValue(
      name: "scale-name", group: .writing, argument: "key, pentatonic, hexatonic or a name",
      step: 0,
      key: "", choices: { $0.scaleNames },
      help: "the scale that 'scale' asks for: the key's own, or one of the table",
      text: { $0.writing.scaleName },
      set: { sampling, text, catalogue in setScale(&sampling, text, catalogue) }),
    SamplingValue(
      name: "scale", group: .writing, argument: "off, wish or rule, or a scale's name", step: 0,
      key: "t s", choices: { _ in Force.allCases.map(\.rawValue) },
      help: "notes belong to the scale: the key's own, five or six notes of it, or one by name",
      text: {
        let name = $0.writing.scaleName
        let isPlain = $0.writing.scale == .off || name == "key"
        return isPlain ? $0.writing.scale.rawValue : "\($0.writing.scale.rawValue) (\(name))"
      },
      set: { sampling, text, catalogue in
        // As its text is: `rule (bhupali)`.
        let words = text.split(separator: " ", maxSplits: 1).map(String.init)
        let force = words.first.flatMap(Force.init(rawValue:))
        let name = words.last.map { $0.filter { !"()".contains($0) } }
        if force == nil || words.count > 1, let name {
          let choices = setScale(&sampling, name, catalogue)
          if let choices {
            return (Force.allCases.map(\.rawValue) + [choices]).joined(separator: ", ")
          }
          if force == nil, sampling.writing.scale == .off { sampling.writing.scale = .rule }
        }
        if let force { sampling.writing.scale = force }
        return nil
      }),
    SamplingValue(
      name: "bias", group: .writing, argument: "such as f#+1.5,c-2,z!", step: 0, key: "",
      help: "favour or ban notes by name or MIDI key, and characters; ! = never",
      text: { $0.writing.bias },
      set: { sampling, text, _ in
        let text = text == "off" ? "" : text
        guard WritingBias.list(text) != nil else {
          return
            "a list such as f#+1.5,c-2,60!,'~'! (name, MIDI key or character; + - or ! = never)"
        }
        sampling.writing.bias = text
        return nil
      }),
    SamplingValue(
      name: "copy-guard", group: .writing, argument: "off, warn N or forbid N", step: 0, key: "",
      help: "what is done about N notes in a row of a tune that the model has learnt from",
      text: { $0.writing.copyGuard.description },
      set: { sampling, text, _ in
        guard let rule = CopyGuard.Rule(text) else { return CopyGuard.Rule.forms }
        sampling.writing.copyGuard = rule
        return nil
      }),
    SamplingValue(
      name: "mix", group: .writing, argument: "a checkpoint and its share such as NAME 0.3, or off",
      step: 0, key: "t x", choices: { ["off"] + $0.checkpoints },
      help: "blend a second checkpoint in; what only one of them knows is the first one's to say",
      text: { $0.writing.mix?.description ?? "off" },
      set: { sampling, text, catalogue in
        if text == "off" {
          sampling.writing.mix = nil
          return nil
        }
        guard let mix = Mix(text) else { return "a checkpoint and its share, 0 to 1, or off" }
        let isPath = mix.name.contains("/") || mix.name.contains(".")
        guard isPath || catalogue.checkpoints.contains(mix.name) else {
          return (["off"] + catalogue.checkpoints).joined(separator: ", ")
            + ", or a path; then its share, 0 to 1"
        }
        sampling.writing.mix = mix
        return nil
      }),
    SamplingValue(
      name: "pace", group: .running, argument: "max, follow or characters a second", step: 0,
      key: "t p", choices: { _ in ["max", "follow"] },
      help: "how fast the model writes: max, follow the playhead, or characters a second",
      text: { $0.pace.description },
      set: { sampling, text, _ in
        guard let pace = Sampling.Pace(text) else {
          return "max, follow, or characters a second from 1 to 10000"
        }
        sampling.pace = pace
        return nil
      }),
    whole(
      "ahead", .running, 0...64, key: "t h",
      "how many bars the model keeps in front of the playhead", \.ahead),
    whole(
      "phrase", .running, 1...64, key: "t l",
      "how many bars make a phrase, after which the model stops", \.phrase),
    SamplingValue(
      name: "stop-rule", group: .running,
      argument: Sampling.StopRule.allCases.map(\.rawValue).joined(separator: ", "), step: 0,
      key: "t e", choices: { _ in Sampling.StopRule.allCases.map(\.rawValue) },
      help: "where the model stops by itself: phrase, cadence, end of the tune, or never",
      text: { $0.stop.rawValue },
      set: { sampling, text, _ in
        guard let rule = Sampling.StopRule(rawValue: text) else {
          return Sampling.StopRule.allCases.map(\.rawValue).joined(separator: ", ")
        }
        sampling.stop = rule
        return nil
      }),
  ]

  private static func setScale(
    _ sampling: inout Sampling, _ text: String, _ catalogue: Catalogue
  ) -> String? {
    let named = catalogue.scales.first { $0.name == text }
    guard named != nil || Catalogue.scalesOfKeys.contains(text) else {
      return catalogue.scaleNames.joined(separator: ", ")
    }
    sampling.writing.scaleName = text
    sampling.writing.ascending = named?.ascending ?? []
    sampling.writing.descending = named?.descending ?? []
    return nil
  }

  /// The words that begin like one that is typed.
  public func completions(_ typed: String, _ catalogue: Catalogue) -> [String] {
    choices(catalogue).filter { $0.hasPrefix(typed) }
  }

  private static func number(
    _ name: String, _ group: Group, _ range: ClosedRange<Double>, step: Double, key: String,
    _ help: String, _ path: WritableKeyPath<Sampling, Double> & Sendable
  ) -> SamplingValue {
    let words = "\(plain(range.lowerBound)) to \(plain(range.upperBound))"
    return SamplingValue(
      name: name, group: group, argument: words, step: step, key: key, help: help,
      text: { $0[keyPath: path].formatted(decimals: 2) },
      set: { sampling, text, _ in
        guard let value = Double(text), range.contains(value) else { return words }
        sampling[keyPath: path] = value
        return nil
      })
  }

  private static func temperature(
    _ name: String, _ help: String, _ path: WritableKeyPath<Sampling, Double?> & Sendable
  ) -> SamplingValue {
    SamplingValue(
      name: name + "-temperature", group: .drawing, argument: "0 to 10, or all", step: 0, key: "",
      choices: { _ in ["all"] }, help: "the temperature \(help); all = that of everything",
      text: { $0[keyPath: path]?.formatted(decimals: 2) ?? "all" },
      set: { sampling, text, _ in
        if text == "all" {
          sampling[keyPath: path] = nil
          return nil
        }
        guard let value = Double(text), (0...10).contains(value) else { return "0 to 10, or all" }
        sampling[keyPath: path] = value
        return nil
      })
  }

  private static func whole(
    _ name: String, _ group: Group, _ range: ClosedRange<Int>, key: String, _ help: String,
    _ path: WritableKeyPath<Sampling, Int> & Sendable
  ) -> SamplingValue {
    let words = "\(range.lowerBound) to \(range.upperBound)"
    return SamplingValue(
      name: name, group: group, argument: words, step: 1, key: key, help: help,
      text: { "\($0[keyPath: path])" },
      set: { sampling, text, _ in
        guard let value = Int(text), range.contains(value) else { return words }
        sampling[keyPath: path] = value
        return nil
      })
  }

  private static func force(
    _ name: String, _ help: String, _ path: WritableKeyPath<Sampling, Force> & Sendable
  ) -> SamplingValue {
    SamplingValue(
      name: name, group: .writing, argument: "off, wish or rule", step: 0, key: "",
      choices: { _ in Force.allCases.map(\.rawValue) }, help: help,
      text: { $0[keyPath: path].rawValue },
      set: { sampling, text, _ in
        guard let value = Force(rawValue: text) else { return "off, wish or rule" }
        sampling[keyPath: path] = value
        return nil
      })
  }

  private static func plain(_ value: Double) -> String {
    value == value.rounded() ? "\(Int(value))" : "\(value)"
  }
}
