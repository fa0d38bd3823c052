import Form
import Neural

/// How surprising the characters of a text are to a model, in bits.
public struct TextScore: Sendable, Equatable {
  /// To the network alone: one figure for each character that it knows.
  public var alone: [Float] = []
  /// To the network and the memory of the text together; as `alone` where there is no memory.
  public var remembered: [Float] = []
}

extension ImproviserModel {
  /// How surprising each character of some texts is, in bits, each text read after a beginning of
  /// its own; what `Improviser.prime(with:)` and `score(_:)` say of them, for many at once.
  public func score(
    _ texts: [(beginning: String, text: String)], streams: Int = 64,
    threads: ThreadChoice = .one
  ) -> [[Float]] {
    scores(texts, memory: 0, streams: streams, threads: threads).map(\.alone)
  }

  /// The same with a memory of the text.
  ///
  /// A network that reads plans is shown whole tunes with their parts and places, but without the
  /// relations of their bars; the bits of these control characters count with the character after
  /// them, so that the sum is what it costs to tell the text.
  ///
  /// - Parameter memory: −1…1, as in `WritingStyle`.
  public func scores(
    _ texts: [(beginning: String, text: String)], memory: Double, streams: Int = 64,
    threads: ThreadChoice = .one
  ) -> [TextScore] {
    var start = network.makeState()
    var startLogits = [Float](repeating: 0, count: network.vocabularySize)
    let known = tokens(description.start)
    for token in known.isEmpty ? [0] : known {
      network.step(token, state: &start, logits: &startLogits, threads: threads)
    }
    let size = network.vocabularySize
    var sampler = Sampler(vocabularySize: size)
    var scores = [TextScore](repeating: TextScore(), count: texts.count)
    var readers: [TextReader] = []
    var states: [RecurrentNetwork.State] = []
    var logits: [Float] = []
    var next = 0
    while true {
      while readers.count < max(1, streams), next < texts.count {
        var reader = TextReader(texts[next], number: next, model: self)
        next += 1
        guard !reader.tokens.isEmpty else { continue }
        if memory != 0 {
          reader.memory = ContinuousCache(network, fit: description.memory)
          reader.memory?.see(start, of: network)
        }
        readers.append(reader)
        states.append(start)
        logits += startLogits
      }
      guard !readers.isEmpty else { return scores }
      logits.withUnsafeBufferPointer { all in
        for place in readers.indices {
          let row = UnsafeBufferPointer(rebasing: all[place * size..<(place + 1) * size])
          readers[place].measure(row, memory, &sampler, &scores)
        }
      }
      network.step(
        readers.map(\.token), states: &states, logits: &logits, threads: threads)
      for place in readers.indices.reversed() {
        readers[place].memory?.see(states[place], of: network)
        readers[place].place += 1
        guard readers[place].place == readers[place].tokens.count else { continue }
        let last = readers.count - 1
        readers.swapAt(place, last)
        states.swapAt(place, last)
        for token in 0..<size { logits[place * size + token] = logits[last * size + token] }
        readers.removeLast()
        states.removeLast()
        logits.removeLast(size)
      }
    }
  }
}

/// A token of a text that is scored, and what it is counted as.
struct ScoredToken {
  enum Kind { case unscored, sign, character }

  var token: Int
  var kind: Kind
  var bar: Int

  /// What a network reads of a text after its beginning, and how many tokens the beginning is.
  ///
  /// A network that reads plans is shown parts and places, and that relations are not known.
  static func tokens(
    of text: (beginning: String, text: String), model: ImproviserModel
  ) -> (all: [ScoredToken], beginning: Int) {
    let vocabulary = model.description.vocabulary
    var tokens: [ScoredToken] = []
    var beginning = 0
    let whole = Array((text.beginning + text.text).unicodeScalars).filter(vocabulary.contains)
    let first = model.tokens(text.beginning).count
    var signs: [Int: [PlanSign]] = [:]
    if model.description.projection == PlanProjection.name {
      var reader = MelodyReader()
      for scalar in whole { reader.read(scalar) }
      reader.finish()
      let form = TuneForm(reader)
      for (bar, own) in zip(form.bars, PlanProjection.signs(of: form)) {
        signs[bar.text.lowerBound] = own
      }
    }
    var reader = MelodyReader()
    for (place, scalar) in whole.enumerated() {
      if place == first { beginning = tokens.count }
      let bar = reader.bars.count { !$0.isPickup }
      for sign in signs[place] ?? [] {
        let shown = if case .relation = sign { PlanSign.relation(.unknown) } else { sign }
        guard let token = vocabulary.token(shown.scalar) else { continue }
        let isScored = place >= first && shown == sign
        tokens.append(ScoredToken(token: token, kind: isScored ? .sign : .unscored, bar: bar))
      }
      guard let token = vocabulary.token(scalar) else { continue }
      let kind = place >= first ? Kind.character : .unscored
      tokens.append(ScoredToken(token: token, kind: kind, bar: bar))
      reader.read(scalar)
    }
    return (tokens, whole.count > first ? beginning : tokens.count)
  }
}

/// A text that is being scored.
private struct TextReader {
  let number: Int
  let tokens: [ScoredToken]
  var place = 0
  var memory: ContinuousCache?
  /// Bits of the signs before the next character.
  private var signBits: Float = 0

  var token: Int { tokens[place].token }

  init(_ text: (beginning: String, text: String), number: Int, model: ImproviserModel) {
    self.number = number
    tokens = ScoredToken.tokens(of: text, model: model).all
  }

  mutating func measure(
    _ logits: UnsafeBufferPointer<Float>, _ amount: Double, _ sampler: inout Sampler,
    _ scores: inout [TextScore]
  ) {
    let next = tokens[place]
    switch next.kind {
    case .unscored: break
    case .sign: signBits += Float(sampler.bits(of: next.token, in: logits))
    case .character:
      let alone = Float(sampler.bits(of: next.token, in: logits)) + signBits
      scores[number].alone.append(alone)
      if memory != nil {
        var mixed = Array(logits)
        memory?.recall(into: &mixed, amount: amount, bar: next.bar)
        scores[number].remembered.append(Float(sampler.bits(of: next.token, in: mixed)) + signBits)
        memory?.keep(next.token, bar: next.bar)
      } else {
        scores[number].remembered.append(alone)
      }
      signBits = 0
    }
  }
}
