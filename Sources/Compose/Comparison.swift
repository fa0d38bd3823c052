import ABC

/// Two texts side by side, bar by bar; what both have stands in one row.
public struct Comparison: Sendable, Equatable {
  /// One of the two.
  public struct Side: Sendable, Equatable {
    public let choice: Picker.Choice
    public let text: String
    /// The music of each bar as it is written, on one line.
    public let bars: [String]
    /// The bars that are pickups, by place: they count with what they lead to.
    fileprivate let pickups: Set<Int>

    init(_ choice: Picker.Choice, _ text: String) {
      self.choice = choice
      self.text = text
      let tune = ParsedTune(text: text)
      bars = tune.bars.map { bar in
        text.text(atBytes: bar.range).split(whereSeparator: \.isWhitespace).joined(separator: " ")
      }
      let strains = Strains(text, tune)
      pickups = Set(tune.bars.indices.filter(strains.isPickup))
    }
  }

  /// A bar of each, by place; `nil` where a side lacks it.
  public struct Row: Sendable, Equatable {
    public var left: Int?
    public var right: Int?
    public var isSame: Bool
  }

  /// The list they are from.
  public let kind: Picker.Kind
  public let left: Side
  public let right: Side
  public let rows: [Row]
  public private(set) var row = 0
  /// Whether the right side is chosen, which is the one seen in the roll and heard.
  public private(set) var isRight = false
  public internal(set) var isHeard = false

  /// - Parameters:
  ///   - left: What one of them is called, and its text.
  ///   - kind: What becomes of the one that is taken.
  public init(
    _ left: (Picker.Choice, String), _ right: (Picker.Choice, String), kind: Picker.Kind
  ) {
    self.kind = kind
    self.left = Side(left.0, left.1)
    self.right = Side(right.0, right.1)
    rows = Comparison.rows(self.left.bars, self.right.bars)
    row = rows.firstIndex { !$0.isSame } ?? 0
  }

  public var chosen: Side { isRight ? right : left }
  /// How many bars there are on either side, and how many of them differ; a pickup is a part of the bar
  /// that it leads to.
  public var count: (all: Int, different: Int) {
    var count = (all: 0, different: 0)
    var differs = false
    for row in rows {
      differs = differs || !row.isSame
      let isPickup =
        row.left.map(left.pickups.contains) ?? row.right.map(right.pickups.contains) ?? false
      guard !isPickup else { continue }
      count.all += 1
      if differs { count.different += 1 }
      differs = false
    }
    return count
  }

  /// The chosen side's bar in the chosen row, or the next one it has.
  var bar: Int? {
    rows.dropFirst(row).lazy.compactMap { isRight ? $0.right : $0.left }.first
  }

  /// The bar of the side that is not chosen which stands beside one of the chosen side, or behind it.
  var other: (Int) -> Int? {
    let (rows, isRight) = (rows, isRight)
    return { bar in
      guard let row = rows.firstIndex(where: { (isRight ? $0.right : $0.left) == bar }) else {
        return nil
      }
      return rows[row...].lazy.compactMap { isRight ? $0.left : $0.right }.first
    }
  }

  mutating func choose(right: Bool) { isRight = right }
  mutating func move(by step: Int) { row = max(min(row + step, rows.count - 1), 0) }

  private static func rows(_ left: [String], _ right: [String]) -> [Row] {
    // How a bar is spaced and closed makes no difference to the ear.
    func plain(_ bar: String) -> String { bar.filter { !$0.isWhitespace && !"|:]".contains($0) } }
    let (one, two) = (left.map(plain), right.map(plain))
    let difference = two.difference(from: one)
    var removed: Set<Int> = []
    var inserted: Set<Int> = []
    for change in difference {
      switch change {
      case .remove(let offset, _, _): removed.insert(offset)
      case .insert(let offset, _, _): inserted.insert(offset)
      }
    }
    var rows: [Row] = []
    var (first, second) = (0, 0)
    while first < one.count || second < two.count {
      let hasLeft = removed.contains(first)
      let hasRight = inserted.contains(second)
      let isSame = !hasLeft && !hasRight
      rows.append(
        Row(
          left: isSame || hasLeft ? first : nil, right: isSame || hasRight ? second : nil,
          isSame: isSame))
      if isSame || hasLeft { first += 1 }
      if isSame || hasRight { second += 1 }
    }
    return rows
  }
}
