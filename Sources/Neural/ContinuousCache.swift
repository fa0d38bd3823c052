import Kernels

/// A continuous cache (Grave, Joulin and Usunier 2016): the tune as its own memory.
///
/// For every character of a text it keeps what the top recurrent layer put out before it, as bytes,
/// and the character. Places where the layer puts out what it puts out now say what may come next.
/// A value: what it holds follows from the text that was read. The bits are the same on every kind of
/// processor.
public struct ContinuousCache: Sendable {
  public let fit: MemoryFit
  private let kernels: UnsafeKernels
  private let units: Int
  private let depth: Int
  private let vocabularySize: Int
  /// Rows of `depth` bytes.
  private var rows: [Int8] = []
  private var scales: [Float] = []
  private var tokens: [Int32] = []
  /// The bar of each.
  private var bars: [Int32] = []
  private var offsets: [Float] = []
  /// The bar for which `offsets` holds.
  private var offsetBar = Int32.min
  /// The present output: bytes, then what else `quantize` writes.
  private var present: [Int8]
  private var presentScale: Float = 0
  private var weights: [Float] = []
  private var scores: [Float]
  private var chances: [Float]
  /// What the memories together say of each token.
  public private(set) var masses: [Float]

  /// What the last `recall` did: how much memories and the network's own chances counted.
  private var influence: (own: Float, remembered: Float)?

  /// Characters that are kept of a text at most; nothing is added after so many.
  public static let most = 16_384
  /// The number of the bar in which characters of other tunes stand: far from all.
  public static let elsewhere = -1_000_000

  /// A cache for the outputs of a network's top recurrent layer.
  public init(_ network: RecurrentNetwork, fit: MemoryFit = .folk) {
    self.fit = fit
    kernels = network.kernels
    units = network.topLayer.size
    depth = (units + 63) / 64 * 64
    vocabularySize = network.vocabularySize
    present = [Int8](repeating: 0, count: lilt_input_size(LILT_INT8, Int32(units)) + 64)
    let padded = (vocabularySize + 15) / 16 * 16
    scores = [Float](repeating: 0, count: padded)
    chances = scores
    masses = scores
    reserve(512)
  }

  /// Characters that are kept.
  public var count: Int { tokens.count }

  private mutating func reserve(_ capacity: Int) {
    rows.reserveCapacity(capacity * depth)
    scales.reserveCapacity(capacity)
    tokens.reserveCapacity(capacity)
    bars.reserveCapacity(capacity)
    offsets.reserveCapacity(capacity)
    weights.reserveCapacity(capacity + 16)
  }

  /// Takes in what the network puts out now: the question of the next `recall`, and what the next
  /// `keep` keeps.
  public mutating func see(_ state: borrowing RecurrentNetwork.State, of network: RecurrentNetwork)
  {
    network.withTopOutput(of: state) { values in
      let largest = kernels.pointer.pointee.largest(values, Int32(units))
      let factor = largest > 0 ? 127 / largest : 0
      present.withUnsafeMutableBytes { bytes in
        kernels.pointer.pointee.quantize(
          values, 0, Int32(units), factor, Int32(units), bytes.baseAddress)
      }
    }
    let square = present.withUnsafeBufferPointer {
      kernels.pointer.pointee.product($0.baseAddress, $0.baseAddress, Int32(depth))
    }
    presentScale = square > 0 ? 1 / Float(square).squareRoot() : 0
    influence = nil
  }

  /// Takes in what another cache of the same network holds, in place of the first so many characters.
  public mutating func replaceFirst(_ count: Int, with other: ContinuousCache) {
    guard other.depth == depth else { return }
    let count = min(max(count, 0), self.count)
    rows.replaceSubrange(0..<count * depth, with: other.rows)
    scales.replaceSubrange(0..<count, with: other.scales)
    tokens.replaceSubrange(0..<count, with: other.tokens)
    bars.replaceSubrange(0..<count, with: other.bars)
    offsets = bars.map { offset(of: Int($0)) }
    influence = nil
  }

  /// Counts all bars from a later one on.
  public mutating func moveBars(by number: Int) {
    guard number != 0 else { return }
    for place in bars.indices { bars[place] = Int32(clamping: Int(bars[place]) + number) }
    offsetBar = .min
  }

  /// Keeps the present output with the character that followed it.
  ///
  /// - Parameter bar: Number of the bar in which the character stands.
  public mutating func keep(_ token: Int, bar: Int) {
    guard count < Self.most else { return }
    if tokens.count == tokens.capacity { reserve(2 * tokens.count) }
    rows.append(contentsOf: present.prefix(depth))
    scales.append(presentScale)
    tokens.append(Int32(token))
    bars.append(Int32(clamping: bar))
    offsets.append(offset(of: bar))
  }

  /// The logarithm of how much a character of a bar counts now.
  private func offset(of bar: Int) -> Float {
    if bar == Self.elsewhere { return Self.lent }
    return offsetBar == .min ? 0 : fit.offset(barsAway: Int(offsetBar) - bar)
  }

  /// The same for characters of other tunes: what is lent is to be heard.
  private static let lent: Float = 2.5

  /// Forgets all but the first so many characters.
  public mutating func truncate(to count: Int) {
    guard count < tokens.count else { return }
    rows.removeLast((tokens.count - count) * depth)
    for _ in count..<tokens.count {
      scales.removeLast()
      tokens.removeLast()
      bars.removeLast()
      offsets.removeLast()
    }
  }

  /// Turns the network's scores into those of network and memory together:
  /// `(a·p + m·Σ w) / (a + m·Σ w)`, as logarithms; impossible tokens stay so unless they are
  /// remembered.
  ///
  /// - Parameters:
  ///   - logits: One score for each token; replaced.
  ///   - amount: −1...1. 0 changes nothing; 1 counts memories fully; below 0 keeps away from them.
  ///   - bar: Number of the bar in which the next character stands.
  public mutating func recall(
    into logits: inout [Float], amount: Double, bar: Int
  ) {
    guard amount != 0, !tokens.isEmpty else { return }
    weigh(bar: bar)
    let size = vocabularySize
    let spread = logits.withUnsafeBufferPointer { logits in
      scores.withUnsafeMutableBufferPointer { scores in
        chances.withUnsafeMutableBufferPointer { chances in
          kernels.pointer.pointee.spread(
            logits.baseAddress, Int32(min(size, logits.count)), Int32(size), scores.baseAddress,
            chances.baseAddress)
        }
      }
    }
    guard spread.total > 0 else { return }
    let trust = Float(fit.trust) / spread.total
    let share = Float(abs(amount))
    influence = (trust, amount > 0 ? share : 0)
    for token in 0..<size {
      let own = trust * chances[token]
      let remembered = share * masses[token]
      if amount > 0 {
        logits[token] = Logarithm.natural(own + remembered)
      } else if own > 0 {
        logits[token] = Logarithm.natural(own * (own / (own + remembered)))
      }
    }
  }

  /// Fills `masses`.
  private mutating func weigh(bar: Int) {
    if Int32(clamping: bar) != offsetBar {
      offsetBar = Int32(clamping: bar)
      for place in bars.indices { offsets[place] = offset(of: Int(bars[place])) }
    }
    let padded = (tokens.count + 15) / 16 * 16
    while weights.count < padded { weights.append(0) }
    for token in masses.indices { masses[token] = 0 }
    rows.withUnsafeBufferPointer { rows in
      scales.withUnsafeBufferPointer { scales in
        offsets.withUnsafeBufferPointer { offsets in
          tokens.withUnsafeBufferPointer { tokens in
            var memory = LiltMemory(
              count: Int32(tokens.count), depth: Int32(depth), rows: rows.baseAddress,
              scales: scales.baseAddress, offsets: offsets.baseAddress,
              tokens: tokens.baseAddress, sharpness: Float(fit.sharpness))
            present.withUnsafeBufferPointer { present in
              weights.withUnsafeMutableBufferPointer { weights in
                masses.withUnsafeMutableBufferPointer { masses in
                  kernels.pointer.pointee.recall(
                    &memory, present.baseAddress, presentScale, weights.baseAddress,
                    masses.baseAddress)
                }
              }
            }
          }
        }
      }
    }
  }

  /// The share, 0…1, that memories have in a token's probability. After `recall`; 0 without it.
  public func influence(on token: Int) -> Double {
    guard let influence else { return 0 }
    let remembered = Double(influence.remembered * masses[token])
    let total = remembered + Double(influence.own * chances[token])
    return total > 0 ? remembered / total : 0
  }

  /// The number of the bar in which the character that speaks most for a token stands. After
  /// `recall`.
  public func bar(speakingFor token: Int) -> Int? {
    var best: (weight: Float, bar: Int32)?
    for place in tokens.indices where tokens[place] == Int32(token) && place < weights.count {
      if best.map({ weights[place] >= $0.weight }) ?? true { best = (weights[place], bars[place]) }
    }
    return best.map { Int($0.bar) }
  }

  /// Which kept characters speak most for a token, as places among those kept, the strongest first,
  /// with their share of all weights. After `recall`.
  public func sources(of token: Int, most: Int = 3) -> [(place: Int, share: Double)] {
    let total = Double(masses.prefix(vocabularySize).reduce(0, +))
    guard total > 0 else { return [] }
    return tokens.indices.filter { tokens[$0] == Int32(token) && $0 < weights.count }
      .map { (place: $0, share: Double(weights[$0]) / total) }
      .sorted { ($0.share, $1.place) > ($1.share, $0.place) }
      .prefix(most).map { $0 }
  }
}

/// Logarithms that are the same on every machine.
public enum Logarithm {
  /// ln x of a positive number, within a few units in the last place; −∞ for 0.
  public static func natural(_ value: Float) -> Float {
    guard value > 0 else { return -.infinity }
    guard value.isFinite else { return value }
    let x = Double(value)
    var exponent = x.exponent
    var significand = x.significand
    if significand > 1.4142135623730951 {
      significand /= 2
      exponent += 1
    }
    // ln s = 2 artanh((s − 1) / (s + 1)), where the argument is at most 0.172.
    let z = (significand - 1) / (significand + 1)
    let square = z * z
    var sum = 1.0 / 13
    sum = sum * square + 1.0 / 11
    sum = sum * square + 1.0 / 9
    sum = sum * square + 1.0 / 7
    sum = sum * square + 1.0 / 5
    sum = sum * square + 1.0 / 3
    sum = sum * square + 1
    return Float(Double(exponent) * 0.6931471805599453 + 2 * z * sum)
  }
}
