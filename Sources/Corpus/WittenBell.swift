import Glibc
import Training

/// Counts of the characters that followed each context: how well a text is foretold without a
/// network.
///
/// Contexts of 0 to `order - 1` characters are mixed as Witten and Bell do (1991): what a context has
/// seen counts as often as it was seen, what the next shorter context says as often as the context
/// met something new. At the bottom every character of the alphabet, and one for all others, is
/// equally likely.
public struct WittenBell: Sendable {
  public let order: Int
  private var ids: [Unicode.Scalar: UInt64] = [:]
  /// For each length of context: how often it occurred, and how many characters followed it.
  private var contexts: [[UInt64: (seen: Int, kinds: Int)]]
  private var followers: [[UInt64: Int]]

  /// Bits for one character in a key of 64, so that orders up to 7 fit.
  private static let width: UInt64 = 9
  private static let other: UInt64 = 511

  /// Learns the tunes as they were written, each from its empty line on.
  ///
  /// - Parameter order: Characters of context and the one that follows, 1 to 6.
  public init(_ tunes: [ModelTune], order: Int = 6) {
    self.order = min(max(order, 1), 6)
    contexts = Array(repeating: [:], count: self.order)
    followers = Array(repeating: [:], count: self.order)
    for tune in tunes {
      let text = TrainingText.start + tune.text
      for scalar in text.unicodeScalars where ids[scalar] == nil && ids.count < 510 {
        ids[scalar] = UInt64(ids.count + 1)
      }
      let tokens = self.tokens(text)
      for at in tokens.indices.dropFirst() { learn(tokens, at) }
    }
  }

  private func tokens(_ text: String) -> [UInt64] {
    text.unicodeScalars.map { ids[$0] ?? Self.other }
  }

  private static func key(_ tokens: ArraySlice<UInt64>) -> UInt64 {
    tokens.reduce(0) { $0 << width | $1 }
  }

  private mutating func learn(_ tokens: [UInt64], _ at: Int) {
    for length in 0..<min(order, at + 1) {
      let context = Self.key(tokens[(at - length)..<at])
      let isNew = followers[length][context << Self.width | tokens[at]] == nil
      followers[length][context << Self.width | tokens[at], default: 0] += 1
      var entry = contexts[length][context] ?? (0, 0)
      entry.seen += 1
      if isNew { entry.kinds += 1 }
      contexts[length][context] = entry
    }
  }

  /// The sum of -log2 p over a tune's music, and how many characters that are.
  public func bits(_ tune: ModelTune) -> (bits: Double, characters: Int) {
    let head = tokens(TrainingText.start + tune.header)
    let tokens = head + tokens(tune.body)
    var bits = 0.0
    for at in head.count..<tokens.count { bits -= Self.log2(share(tokens, at)) }
    return (bits, tokens.count - head.count)
  }

  private func share(_ tokens: [UInt64], _ at: Int) -> Double {
    var share = 1 / Double(ids.count + 1)
    for length in 0..<min(order, at + 1) {
      let context = Self.key(tokens[(at - length)..<at])
      guard let entry = contexts[length][context] else { break }
      let count = followers[length][context << Self.width | tokens[at]] ?? 0
      share =
        (Double(count) + Double(entry.kinds) * share) / Double(entry.seen + entry.kinds)
    }
    return share
  }

  private static func log2(_ value: Double) -> Double { Glibc.log2(value) }
}
