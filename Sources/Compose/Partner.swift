import Form
import Neural

/// A second network that reads the same tune; what it thinks comes next is blended in.
struct Partner: Sendable {
  let model: ImproviserModel
  /// 0…1: how much it counts.
  var share: Double
  private(set) var state: RecurrentNetwork.State
  private(set) var logits: [Float] = []
  /// For each token of the first network this one's, or −1.
  private let tokens: [Int]
  private var own: Sampler
  private var others: Sampler
  private let startState: RecurrentNetwork.State
  private let startLogits: [Float]

  init(_ model: ImproviserModel, beside first: ImproviserModel, share: Double) {
    self.model = model
    self.share = share
    let hasPlan = model.description.projection == first.description.projection
    tokens = first.description.vocabulary.characters.map { scalar in
      // Signs of a plan mean something only to a network that reads the same plans.
      if PlanSign(scalar) != nil, !hasPlan { return -1 }
      return model.description.vocabulary.token(scalar) ?? -1
    }
    own = Sampler(vocabularySize: model.network.vocabularySize)
    others = Sampler(vocabularySize: first.network.vocabularySize)
    state = model.network.makeState()
    let known = model.tokens(model.description.start)
    for token in known.isEmpty ? [0] : known {
      model.network.step(token, state: &state, logits: &logits)
    }
    startState = state
    startLogits = logits
  }

  /// Reads a token of the first network's, where it knows it.
  mutating func read(_ token: Int) {
    guard tokens[token] >= 0 else { return }
    model.network.step(tokens[token], state: &state, logits: &logits)
  }

  /// Goes back to the start of a tune, or to where it was.
  mutating func restore(_ memory: Memory?) {
    state = memory?.state ?? startState
    logits = memory?.logits ?? startLogits
  }

  /// What it remembers at a place.
  struct Memory: Sendable {
    var state: RecurrentNetwork.State
    var logits: [Float]
  }

  var memory: Memory { Memory(state: state, logits: logits) }

  /// Turns the first network's scores into those of both: of the probability that it gives to what
  /// both know, `share` is dealt as this one would.
  mutating func blend(into scores: inout [Float]) {
    guard share > 0 else { return }
    let first = others.probabilities(of: scores)
    let second = own.probabilities(of: logits)
    var shared = 0.0
    var known = 0.0
    for token in tokens.indices where tokens[token] >= 0 {
      shared += first[token]
      known += second[tokens[token]]
    }
    guard shared > 0, known > 0 else { return }
    for token in tokens.indices {
      guard tokens[token] >= 0 else {
        scores[token] = Logarithm.natural(Float(first[token]))
        continue
      }
      let blended =
        (1 - share) * first[token] + share * shared * second[tokens[token]] / known
      scores[token] = Logarithm.natural(Float(blended))
    }
  }
}

/// A second checkpoint that is blended in, as a draft records it.
public struct Mix: Codable, Hashable, Sendable {
  /// The checkpoint's name or path.
  public var name: String
  /// 0…1: how much it counts beside the first.
  public var share: Double

  public init(name: String, share: Double) {
    self.name = name
    self.share = share
  }

  /// Reads `NAME 0.3`, `NAME:0.3` or `NAME`, which counts half.
  public init?(_ text: String) {
    let split = text.lastIndex { $0 == " " || $0 == ":" }
    let number = split.flatMap { Double(text[text.index(after: $0)...]) }
    let name = number == nil ? text : String(text[..<(split ?? text.endIndex)])
    let share = number ?? 0.5
    guard !name.isEmpty, (0...1).contains(share) else { return nil }
    self.init(name: name.trimmingSpaces(), share: share)
  }

  public var description: String { "\(name) \(share.formatted(decimals: 2))" }
}
