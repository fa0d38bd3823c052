/// Tokens to train on, or to measure on: tunes, each in one or more keys.
public struct TrainingText: Sendable {
  /// A run of tokens that starts from a state of zeros.
  public struct Sequence: Hashable, Sendable {
    public var tokens: [UInt16]
    /// Predictions of this token and of those after it are measured; all are trained.
    public var scoredFrom: Int

    public init(tokens: [UInt16], scoredFrom: Int = 1) {
      self.tokens = tokens
      self.scoredFrom = max(1, scoredFrom)
    }
  }

  /// The same tune in different keys, as it was written first.
  public typealias Item = [Sequence]

  public var items: [Item]

  public init(items: [Item]) {
    self.items = items.compactMap { item in
      let usable = item.filter { $0.tokens.count >= 2 }
      return usable.isEmpty ? nil : usable
    }
  }

  /// The first tunes that have so many tokens as they were written, the last of them cut.
  public func limited(to tokens: Int) -> TrainingText {
    var left = tokens
    var kept: [Item] = []
    for item in items where left >= 2 {
      let count = min(item[0].tokens.count, left)
      left -= count
      kept.append(
        count == item[0].tokens.count
          ? item
          : item.map {
            Sequence(tokens: Array($0.tokens.prefix(count)), scoredFrom: $0.scoredFrom)
          })
    }
    return TrainingText(items: kept)
  }

  /// Tokens of all tunes as they were written.
  public var tokenCount: Int { items.reduce(0) { $0 + $1[0].tokens.count } }
  /// Tokens in all keys.
  public var variantTokenCount: Int {
    items.reduce(0) { $0 + $1.reduce(0) { $0 + $1.tokens.count } }
  }
}

/// Deals tunes to the rows of batches, each row reading one tune after the other.
struct TokenStreams {
  struct Lane: Hashable {
    var item: Int
    var variant: Int
    var position: Int
  }

  let text: TrainingText
  /// Whether it begins again, in a new order, when all tunes were dealt.
  let repeats: Bool
  let seed: UInt64
  /// How often a tune is read as it was written; else in one of its other keys.
  let originalShare: Double
  private(set) var epoch = 0
  /// Tunes of this epoch that were dealt.
  private(set) var dealt = 0
  private(set) var lanes: [Lane?]
  private var order: [Int]

  init(
    _ text: TrainingText, batch: Int, repeats: Bool, seed: UInt64, originalShare: Double
  ) {
    self.text = text
    self.repeats = repeats
    self.seed = seed
    self.originalShare = originalShare
    lanes = [Lane?](repeating: nil, count: batch)
    order = []
    order = shuffled(epoch: 0)
  }

  /// Goes on where streams over the same text stood.
  mutating func restore(epoch: Int, dealt: Int, lanes: [Lane?]) -> Bool {
    let fits = lanes.allSatisfy { lane in
      guard let lane else { return true }
      return text.items.indices.contains(lane.item)
        && text.items[lane.item].indices.contains(lane.variant)
        && text.items[lane.item][lane.variant].tokens.indices.contains(lane.position)
    }
    guard fits, lanes.count == self.lanes.count, epoch >= 0,
      (0...text.items.count).contains(dealt)
    else { return false }
    self.epoch = epoch
    self.dealt = dealt
    self.lanes = lanes
    order = shuffled(epoch: epoch)
    return true
  }

  private func shuffled(epoch: Int) -> [Int] {
    var order = Array(text.items.indices)
    guard repeats else { return order }
    var random = Numbers(seed: seed, run: 1 << 41 | UInt64(epoch))
    for index in order.indices.dropFirst().reversed() {
      order.swapAt(index, random.below(index + 1))
    }
    return order
  }

  /// How much of this epoch was dealt, 0...1.
  var progress: Double { Double(dealt) / Double(max(order.count, 1)) }

  private mutating func nextLane() -> Lane? {
    if dealt == order.count {
      guard repeats, !order.isEmpty else { return nil }
      epoch += 1
      dealt = 0
      order = shuffled(epoch: epoch)
    }
    let item = order[dealt]
    var variant = 0
    let count = text.items[item].count
    if repeats, count > 1 {
      var random = Numbers(seed: seed, run: 1 << 42 | UInt64(epoch), index: UInt64(2 * dealt))
      if random.nextUniform() >= originalShare { variant = 1 + random.below(count - 1) }
    }
    dealt += 1
    return Lane(item: item, variant: variant, position: 0)
  }

  /// Fills a batch; false when nothing is left to read. Unless `trains`, only scored tokens are
  /// asked for.
  mutating func fill(_ batch: inout Batch, trains: Bool) -> Bool {
    var hasTarget = false
    for row in lanes.indices {
      for step in 0..<batch.grid.steps {
        if lanes[row] == nil { lanes[row] = nextLane() }
        guard let lane = lanes[row] else {
          batch.set(row: row, step: step, token: 0, target: -1, isFresh: true)
          continue
        }
        let sequence = text.items[lane.item][lane.variant]
        let next = lane.position + 1
        let isScored = trains || next >= sequence.scoredFrom
        batch.set(
          row: row, step: step, token: Int32(sequence.tokens[lane.position]),
          target: isScored ? Int32(sequence.tokens[next]) : -1, isFresh: lane.position == 0)
        hasTarget = true
        lanes[row]?.position = next
        if next == sequence.tokens.count - 1 { lanes[row] = nil }
      }
    }
    return hasTarget
  }
}
