import Analysis
import Form
import Neural

/// Where the writing of a tune stands, for rules.
struct WritingPlace {
  let reader: MelodyReader
  /// The plan of the bar in progress, or of the one that comes next.
  let bar: WritingPlan.Bar?
  let part: WritingPlan.Part?
  /// Whether the next character may begin a bar.
  let isAtSlot: Bool
  /// Bars that the part in progress still lacks, at a bar line; nil where that is not known.
  let barsToCome: Int?
  /// Says which notes would copy too much; nil where none would.
  var copyGuard: CopyGuard?
}

/// A rule of writing: at some places of a tune it forbids characters, or makes them less likely.
protocol WritingRule: Sendable {
  func judge(_ place: WritingPlace, _ steering: inout Steering)
}

/// What a rule thinks of characters.
struct Steering {
  let tokens: TokenTable
  /// Tokens that must not be written.
  private(set) var forbidden: [Int] = []
  /// Tokens whose scores change, and by how much.
  private(set) var weights: [(token: Int, weight: Float)] = []

  init(_ tokens: TokenTable) { self.tokens = tokens }

  mutating func forbid(_ token: Int?) {
    if let token { forbidden.append(token) }
  }

  mutating func weigh(_ token: Int?, by weight: Double) {
    if let token { weights.append((token, Float(weight))) }
  }

  /// Forbids, or makes less likely.
  mutating func discourage(_ token: Int?, _ force: Force, weight: Double) {
    switch force {
    case .off: break
    case .wish: weigh(token, by: -weight)
    case .rule: forbid(token)
    }
  }

  mutating func clear() {
    forbidden.removeAll(keepingCapacity: true)
    weights.removeAll(keepingCapacity: true)
  }
}

/// The tokens of characters that rules ask for.
struct TokenTable: Sendable {
  /// Letters of notes and their steps.
  let letters: [(token: Int, step: Int)]
  /// Letters of notes, and octave marks.
  let pitches: [(token: Int, scalar: Unicode.Scalar)]
  let scalars: [Unicode.Scalar]
  private let vocabulary: Vocabulary

  init(_ vocabulary: Vocabulary) {
    self.vocabulary = vocabulary
    scalars = vocabulary.characters
    letters = vocabulary.characters.enumerated().compactMap { token, scalar in
      MelodyReader.step(ofLetter: scalar).map { (token, $0) }
    }
    pitches = vocabulary.characters.enumerated().filter { _, scalar in
      scalar == "'" || scalar == "," || MelodyReader.step(ofLetter: scalar) != nil
    }.map { (token: $0.offset, scalar: $0.element) }
  }

  subscript(_ scalar: Unicode.Scalar) -> Int? { vocabulary.token(scalar) }
}

/// The rules of a style, in the order in which they count: one that would leave nothing to write is
/// passed over where it would.
struct WritingRules: Sendable {
  private let rules: [any WritingRule]
  private var steering: Steering
  /// What the rule at hand has forbidden, for taking it back.
  private var withdrawn: [Int] = []

  init(_ style: WritingStyle, _ model: ImproviserModel) {
    rules = Self.rules(style)
    steering = Steering(TokenTable(model.description.vocabulary))
  }

  /// The one list of rules.
  private static func rules(_ style: WritingStyle) -> [any WritingRule] {
    var rules: [any WritingRule] = []
    if case .forbid = style.copyGuard { rules.append(CopyRule()) }
    if style.leastParts > 1 { rules.append(PartCountRule(least: style.leastParts)) }
    if style.parts.force != .off { rules.append(PartLengthRule(force: style.parts.force)) }
    if !style.biases.isEmpty { rules.append(BiasRule(biases: style.biases)) }
    if style.cadence != .off { rules.append(CadenceRule(force: style.cadence)) }
    if let range = style.range, style.rangeForce != .off {
      rules.append(RangeRule(range: range, force: style.rangeForce))
    }
    if style.scaleForce != .off {
      rules.append(ScaleRule(scale: style.scale, force: style.scaleForce))
    }
    return rules
  }

  var isEmpty: Bool { rules.isEmpty }

  /// - Parameters:
  ///   - allowed: For each token whether it may be written; empty = all may.
  ///   - scores: For each token the logarithm of its probability, but for an addend.
  mutating func apply(_ place: WritingPlace, allowed: inout [Bool], scores: inout [Float]) {
    for rule in rules {
      steering.clear()
      rule.judge(place, &steering)
      for (token, weight) in steering.weights { scores[token] += weight }
      guard !steering.forbidden.isEmpty else { continue }
      if allowed.isEmpty { allowed = [Bool](repeating: true, count: scores.count) }
      withdrawn.removeAll(keepingCapacity: true)
      for token in steering.forbidden where allowed[token] {
        allowed[token] = false
        withdrawn.append(token)
      }
      if !allowed.contains(true) { for token in withdrawn { allowed[token] = true } }
    }
  }
}
