import Neural

/// States kept at bar lines and line ends, so that going back is instant.
///
/// Memory is bounded: when there are too many, every second of the older ones goes.
struct Snapshots: Sendable {
  struct Snapshot: Sendable {
    /// How many tokens had been read.
    var position: Int
    var state: RecurrentNetwork.State
    var logits: [Float]
    /// How many characters the tune's memory held.
    var remembered = 0
    /// What a second network remembers.
    var partner: Partner.Memory?
  }

  /// Sorted by position; the first is the start of the tune and is never dropped.
  private(set) var kept: [Snapshot] = []
  static let most = 256

  mutating func keep(
    _ state: RecurrentNetwork.State, _ logits: [Float], at position: Int, isStart: Bool,
    remembered: Int = 0, partner: Partner.Memory? = nil
  ) {
    while let last = kept.last, last.position >= position, kept.count > 1 { kept.removeLast() }
    kept.append(
      Snapshot(
        position: position, state: state, logits: logits, remembered: remembered, partner: partner))
    guard kept.count > Self.most else { return }
    let recent = kept.count / 2
    kept = kept.enumerated().filter { place, _ in
      place == 0 || place >= recent || place % 2 == 0
    }.map(\.element)
  }

  /// The memory has so many characters more before those of the text.
  mutating func shiftMemory(by count: Int) {
    for index in kept.indices { kept[index].remembered += count }
  }

  /// The last one at or before a position, which must not lie before the start of the tune.
  mutating func last(atMost position: Int) -> Snapshot {
    while kept.count > 1, let last = kept.last, last.position > position { kept.removeLast() }
    return kept[kept.count - 1]
  }
}
