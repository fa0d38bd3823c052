import Glibc
import Kernels

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
/// as impossible; when nothing is possible, the first token allowed is drawn. The arithmetic is that
/// of 32-bit floats, in an order that is the same for every instruction set: equal scores and numbers
/// draw equal tokens everywhere.
public struct Sampler: Sendable {
  /// For each token the group whose temperature it follows; empty = one group for all.
  public let groups: [UInt8]
  private let groupCount: Int
  private let size: Int
  private let kernels: UnsafeKernels
  /// Scores less the highest of them, and their powers of e: probabilities, but for a factor. Up to
  /// the next multiple of 16.
  private var scores: [Float]
  private var chances: [Float]
  private var weights: [Float]
  private var temperatures: [Float]

  /// - Parameters:
  ///   - vocabularySize: Length of the scores; at least 1.
  ///   - groups: Group of each token, or empty.
  public init(vocabularySize: Int, groups: [UInt8] = []) {
    self.init(vocabularySize: vocabularySize, groups: groups, kernels: .best)
  }

  init(vocabularySize: Int, groups: [UInt8], kernels: UnsafeKernels) {
    size = max(1, vocabularySize)
    self.groups = groups.count == size ? groups : []
    groupCount = Int(self.groups.max() ?? 0) + 1
    self.kernels = kernels
    scores = [Float](repeating: 0, count: (size + 15) / 16 * 16)
    chances = scores
    weights = scores
    temperatures = [Float](repeating: 1, count: groupCount)
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
    logits.withUnsafeBufferPointer { pick($0, settings, uniform: uniform, allowed: allowed) }
  }

  /// The same for scores that lie among those of other streams.
  public mutating func pick(
    _ logits: UnsafeBufferPointer<Float>, _ settings: SamplerSettings, uniform: Double,
    allowed: [Bool] = []
  ) -> SampledToken {
    let spread = read(logits)
    let token = choose(settings, uniform: uniform, allowed: allowed)
    return figures(of: token, settings, spread)
  }

  /// What would be said of a token if it had been drawn.
  public mutating func figures(
    of token: Int, in logits: [Float], _ settings: SamplerSettings
  ) -> SampledToken {
    let spread = logits.withUnsafeBufferPointer { read($0) }
    return figures(of: token, settings, spread)
  }

  private func figures(
    of token: Int, _ settings: SamplerSettings, _ spread: LiltSpread
  ) -> SampledToken {
    let likelier = chances.withUnsafeBufferPointer {
      kernels.pointer.pointee.likelier($0.baseAddress, Int32(size), Int32(token))
    }
    return SampledToken(
      token: token, bits: bits(of: token, spread), rank: Int(likelier) + 1,
      entropyBits: Self.entropyBits(spread),
      temperature: settings.temperature(ofGroup: groups.isEmpty ? 0 : Int(groups[token])))
  }

  /// log2 e
  private static let bitsPerUnit = 1.4426950408889634
  /// What is said of tokens whose probability is 0: that of the smallest number there is.
  private static let mostBits = 1074.0

  private static func entropyBits(_ spread: LiltSpread) -> Double {
    guard spread.total > 0 else { return 0 }
    let total = Double(spread.total)
    return max(0, (log(total) - Double(spread.expected) / total) * bitsPerUnit)
  }

  private func bits(of token: Int, _ spread: LiltSpread) -> Double {
    let logarithm = spread.total > 0 ? log(Double(spread.total)) : 0
    return min(Self.mostBits, max(0, (logarithm - Double(scores[token])) * Self.bitsPerUnit))
  }

  /// The probability of a token that was read, but for a factor.
  func chance(of token: Int) -> Float { chances[token] }

  /// Fills `scores` and `chances`.
  mutating func read(_ logits: UnsafeBufferPointer<Float>) -> LiltSpread {
    scores.withUnsafeMutableBufferPointer { scores in
      chances.withUnsafeMutableBufferPointer { chances in
        kernels.pointer.pointee.spread(
          logits.baseAddress, Int32(min(logits.count, size)), Int32(size), scores.baseAddress,
          chances.baseAddress)
      }
    }
  }

  private mutating func choose(
    _ settings: SamplerSettings, uniform: Double, allowed: [Bool]
  ) -> Int {
    let hasGroups = !groups.isEmpty && !settings.groupTemperatures.isEmpty
    if hasGroups {
      for group in temperatures.indices {
        temperatures[group] = Float(settings.temperature(ofGroup: group))
      }
    }
    return scores.withUnsafeBufferPointer { scores in
      chances.withUnsafeBufferPointer { chances in
        weights.withUnsafeMutableBufferPointer { weights in
          temperatures.withUnsafeBufferPointer { temperatures in
            groups.withUnsafeBufferPointer { groups in
              allowed.withUnsafeBufferPointer { allowed in
                var choice = LiltChoice(
                  count: Int32(size), scores: scores.baseAddress, chances: chances.baseAddress,
                  weights: weights.baseAddress,
                  allowed: allowed.count == size ? allowed.baseAddress : nil,
                  temperature: Float(settings.temperature),
                  top_k: Int32(clamping: settings.topK), top_p: Float(settings.topP),
                  min_p: Float(settings.minP), groups: hasGroups ? groups.baseAddress : nil,
                  group_temperatures: temperatures.baseAddress,
                  group_count: Int32(groupCount), uniform: uniform)
                return Int(kernels.pointer.pointee.choose(&choice))
              }
            }
          }
        }
      }
    }
  }

  // MARK: Distributions

  /// Probabilities of scores, all 0 where nothing is possible.
  public mutating func probabilities(of logits: [Float]) -> [Double] {
    let spread = logits.withUnsafeBufferPointer { read($0) }
    return chances.prefix(size).map { spread.total > 0 ? Double($0) / Double(spread.total) : 0 }
  }

  /// −log2 of the probability of one token of the vocabulary.
  public mutating func bits(of token: Int, in logits: [Float]) -> Double {
    logits.withUnsafeBufferPointer { bits(of: token, in: $0) }
  }

  /// The same for scores that lie among those of other streams.
  public mutating func bits(of token: Int, in logits: UnsafeBufferPointer<Float>) -> Double {
    let spread = read(logits)
    return bits(of: token, spread)
  }

  /// Entropy of what the scores say, in bits.
  public mutating func entropyBits(of logits: [Float]) -> Double {
    Self.entropyBits(logits.withUnsafeBufferPointer { read($0) })
  }
}
