import Glibc

/// A token that was drawn, and what the network thought of it.
public struct SampledToken: Equatable, Sendable {
  public var token: Int
  /// Surprise: −log2 of its probability before temperature, masks and cuts.
  public var bits: Double
  /// 1 = there was none likelier.
  public var rank: Int
  /// Entropy of the network's distribution, in bits.
  public var entropyBits: Double
  /// The temperature that was in force for it.
  public var temperature: Double
}

/// Draws tokens from scores.
///
/// Keeps buffers for one vocabulary, so drawing allocates nothing. Scores that are not numbers count
/// as impossible; when nothing is possible, the first token allowed is drawn.
public struct Sampler: Sendable {
  /// For each token the group whose temperature it follows; empty = one group for all.
  public let groups: [UInt8]
  private let groupCount: Int
  /// Scores less the highest of them: natural logarithms of `probabilities`, but for a constant.
  private var scores: [Double]
  private var probabilities: [Double]
  private var weights: [Double]
  private var order: [Int]

  /// - Parameters:
  ///   - vocabularySize: Length of the scores; at least 1.
  ///   - groups: Group of each token, or empty.
  public init(vocabularySize: Int, groups: [UInt8] = []) {
    let size = max(1, vocabularySize)
    self.groups = groups.count == size ? groups : []
    groupCount = Int(self.groups.max() ?? 0) + 1
    probabilities = [Double](repeating: 0, count: size)
    scores = probabilities
    weights = probabilities
    order = Array(0..<size)
  }

  /// Draws one token.
  ///
  /// Impossible and cut tokens aside, a token's chance is its probability to the power of one over
  /// `temperature`. Where groups have temperatures of their own, that decides how likely each group
  /// is, and the group's temperature how likely its tokens are among themselves.
  ///
  /// - Parameters:
  ///   - logits: One score for each token.
  ///   - uniform: A random number in `0..<1`; the same number draws the same token.
  ///   - allowed: For each token whether it may be drawn; empty = all may. The figures of the result
  ///     do not depend on it.
  public mutating func pick(
    _ logits: [Float], _ settings: SamplerSettings, uniform: Double, allowed: [Bool] = []
  ) -> SampledToken {
    let total = readScores(logits)
    let token = draw(settings, uniform: uniform, allowed: allowed)
    return figures(of: token, settings, total: total)
  }

  /// What would be said of a token if it had been drawn.
  public mutating func figures(
    of token: Int, in logits: [Float], _ settings: SamplerSettings
  ) -> SampledToken {
    figures(of: token, settings, total: readScores(logits))
  }

  private func figures(
    of token: Int, _ settings: SamplerSettings, total: Double
  ) -> SampledToken {
    let probability = probabilities[token]
    var rank = 1
    for other in probabilities where other > probability { rank += 1 }
    let logarithm = total > 0 ? log(total) : 0
    return SampledToken(
      token: token, bits: Self.bits(score: scores[token], logarithmOfTotal: logarithm), rank: rank,
      entropyBits: entropyBits(logarithmOfTotal: logarithm),
      temperature: settings.temperature(ofGroup: group(token)))
  }

  private func entropyBits(logarithmOfTotal: Double) -> Double {
    var expected = 0.0
    for (token, score) in scores.enumerated() where probabilities[token] > 0 {
      expected += probabilities[token] * score
    }
    return max(0, (logarithmOfTotal - expected) * Self.bitsPerUnit)
  }

  /// log2 e
  private static let bitsPerUnit = 1.4426950408889634
  /// What is said of tokens whose probability is 0: that of the smallest number there is.
  private static let mostBits = 1074.0

  private static func bits(score: Double, logarithmOfTotal: Double) -> Double {
    min(mostBits, max(0, (logarithmOfTotal - score) * bitsPerUnit))
  }

  /// Fills `scores` and `probabilities`; the sum of the latter before they were divided by it.
  private mutating func readScores(_ logits: [Float]) -> Double {
    var highest = -Float.infinity
    for logit in logits where logit > highest { highest = logit }
    var total = 0.0
    for token in probabilities.indices {
      let logit = token < logits.count ? logits[token] : -.infinity
      // Of infinite scores: `infinity - infinity` is not a number.
      let score =
        highest == -.infinity || logit.isNaN
        ? -.infinity : logit == highest ? 0 : Double(logit) - Double(highest)
      let probability = score == 0 ? 1 : exp(score)
      scores[token] = score
      probabilities[token] = probability
      total += probability
    }
    if total > 0 {
      for token in probabilities.indices { probabilities[token] /= total }
    }
    return total
  }

  private func group(_ token: Int) -> Int { groups.isEmpty ? 0 : Int(groups[token]) }

  private mutating func draw(
    _ settings: SamplerSettings, uniform: Double, allowed: [Bool]
  ) -> Int {
    let isMasked = allowed.count == probabilities.count
    func mayBeDrawn(_ token: Int) -> Bool { !isMasked || allowed[token] }
    var best = -1
    for token in probabilities.indices where mayBeDrawn(token) {
      if best < 0 || probabilities[token] > probabilities[best] { best = token }
    }
    guard best >= 0 else { return 0 }
    guard settings.temperature > 0, probabilities[best] > 0 else { return best }

    for token in probabilities.indices {
      weights[token] = mayBeDrawn(token) ? probabilities[token] : 0
    }
    cut(settings)
    temper(settings, highest: scores[best])

    var total = 0.0
    for weight in weights { total += weight }
    guard total > 0, total.isFinite else { return best }
    let target = min(max(uniform.isNaN ? 0 : uniform, 0), 1) * total
    var sum = 0.0
    var last = best
    for token in weights.indices where weights[token] > 0 {
      sum += weights[token]
      last = token
      if target < sum { return token }
    }
    // Rounding: the parts may add up to a hair less than the whole.
    return last
  }

  /// Takes unlikely tokens out.
  private mutating func cut(_ settings: SamplerSettings) {
    let isRanked = settings.topK > 0 && settings.topK < weights.count || settings.topP < 1
    if isRanked {
      // Equal probabilities keep the order of their tokens: the outcome is the same everywhere.
      order.sort { (weights[$0], $1) > (weights[$1], $0) }
      var total = 0.0
      for weight in weights { total += weight }
      let limit = settings.topK > 0 ? settings.topK : weights.count
      var sum = 0.0
      for (place, token) in order.enumerated() {
        let weight = weights[token]
        if place >= limit || (place > 0 && sum >= settings.topP * total) { weights[token] = 0 }
        sum += weight
      }
    }
    if settings.minP > 0 {
      let least = settings.minP * (weights.max() ?? 0)
      for token in weights.indices where weights[token] < least { weights[token] = 0 }
    }
  }

  /// Applies the temperatures to what is left.
  private mutating func temper(_ settings: SamplerSettings, highest: Double) {
    guard !groups.isEmpty, !settings.groupTemperatures.isEmpty else {
      guard settings.temperature != 1 else { return }
      for token in weights.indices where weights[token] > 0 {
        weights[token] = exp((scores[token] - highest) / settings.temperature)
      }
      return
    }
    // The weight of a group is what the common temperature gives it; inside, its own one decides.
    for group in 0..<groupCount {
      var groupWeight = 0.0
      var best = -1
      for token in weights.indices where Int(groups[token]) == group && weights[token] > 0 {
        groupWeight += exp((scores[token] - highest) / settings.temperature)
        if best < 0 || scores[token] > scores[best] { best = token }
      }
      guard best >= 0 else { continue }
      let own = settings.temperature(ofGroup: group)
      let top = scores[best]
      var sum = 0.0
      for token in weights.indices where Int(groups[token]) == group && weights[token] > 0 {
        weights[token] = own > 0 ? exp((scores[token] - top) / own) : (token == best ? 1 : 0)
        sum += weights[token]
      }
      for token in weights.indices where Int(groups[token]) == group {
        weights[token] *= groupWeight / sum
      }
    }
  }

  // MARK: Distributions

  /// Probabilities of scores, all 0 where nothing is possible.
  public mutating func probabilities(of logits: [Float]) -> [Double] {
    _ = readScores(logits)
    return probabilities
  }

  /// −log2 of the probability of one token of the vocabulary.
  public mutating func bits(of token: Int, in logits: [Float]) -> Double {
    let total = readScores(logits)
    return Self.bits(score: scores[token], logarithmOfTotal: total > 0 ? log(total) : 0)
  }

  /// Entropy of what the scores say, in bits.
  public mutating func entropyBits(of logits: [Float]) -> Double {
    let total = readScores(logits)
    return entropyBits(logarithmOfTotal: total > 0 ? log(total) : 0)
  }
}
