import Form
import Glibc
import Neural

extension Improviser {
  /// The likeliest next characters, without temperature, masks and cuts; the likeliest first.
  ///
  /// Where a plan comes before the music of a bar, what follows it is weighed with how likely a bar
  /// begins here.
  public mutating func distribution(top: Int = 12) -> [NextCharacter] {
    var (probabilities, reader) = nextProbabilities()
    let order = probabilities.indices.sorted {
      (probabilities[$0], $1) > (probabilities[$1], $0)
    }
    return order.filter { !model.isSign[$0] }.prefix(max(0, top)).map { token in
      NextCharacter(
        character: String(Character(model.description.vocabulary[token])),
        probability: Float(probabilities[token]), source: reader.source(of: token))
    }
  }

  /// What makes a token likely besides the network: the bar that the planned one repeats, or the
  /// place that the memory takes it from. After `rememberedScores`.
  private mutating func source(of token: Int) -> NextCharacter.Source? {
    if let bar = plan.bar, let target = bar.target, let expected = expectedToken,
      expected.token == token, expected.share > 0
    {
      return .bar(reader.bars[...target].count { !$0.isPickup })
    }
    guard memory.influence(on: token) > 0.5, let bar = memory.bar(speakingFor: token) else {
      return nil
    }
    if bar == ContinuousCache.elsewhere { return .book }
    // Signs that follow a bar line belong to the bar before it.
    let isOfBarBefore = isAtSlot && !reader.begins(model.description.vocabulary[token])
    return .bar(isOfBarBefore ? max(bar, 1) : bar + 1)
  }

  /// Probabilities of the next character by token, and an improviser whose memory was asked for it.
  private mutating func nextProbabilities() -> ([Double], Improviser) {
    let own = probabilities(of: rememberedScores())
    guard hasPlan, isAtSlot, stage == .none else { return (own, self) }
    var ahead = self
    ahead.beginBar()
    let music = ahead.probabilities(of: ahead.rememberedScores())
    var signs = 0.0
    var begun = 0.0
    for token in own.indices {
      if model.isSign[token] { signs += own[token] }
      if reader.begins(model.description.vocabulary[token]) { begun += music[token] }
    }
    let weighed = own.indices.map { token -> Double in
      if model.isSign[token] { return 0 }
      guard reader.begins(model.description.vocabulary[token]) else { return own[token] }
      return own[token] + (begun > 0 ? signs * music[token] / begun : 0)
    }
    return (weighed, ahead)
  }

  /// Chooses the plan of the bar that begins here, and reads it.
  private mutating func beginBar() {
    stage = slot.isPartStart ? .part : .place
    while stage != .music {
      let sign = chooseSign()
      if let token = model.description.vocabulary.token(sign.scalar) { read(token, at: -1) }
    }
  }

  /// Entropy of the next character, in bits.
  public var entropy: Float {
    mutating get {
      guard hasPlan else { return Float(entropyBits(of: rememberedScores())) }
      return Float(nextProbabilities().0.reduce(0) { $1 > 0 ? $0 - $1 * log2($1) : $0 })
    }
  }

  /// Reads more text, and says how surprising each of its characters was, in bits.
  ///
  /// Characters that the network does not know are not read and have none.
  public mutating func score(_ text: String) -> [Float] {
    model.tokens(text).map { token in
      let bits: Double
      let begins = reader.begins(model.description.vocabulary[token])
      if hasPlan, isAtSlot, stage == .none, begins {
        let probability = nextProbabilities().0[token]
        bits = probability > 0 ? -log2(probability) : 1074
        beginBar()
        stage = .none
      } else {
        bits = self.bits(of: token, in: rememberedScores())
      }
      let accepted = accept(token)
      read(accepted.token, at: accepted.place)
      finishCharacter()
      while let next = nextPending() { read(next.token, at: next.place) }
      return Float(bits)
    }
  }
}
