/// The form of a tune, bar by bar: parts, places in them, and which bars come back.
///
/// Pickups are no bars of their own: they have a part, but neither place nor relation, and counting
/// back passes over them. Bars of endings count one after the other, as they are written.
public struct TuneForm: Equatable, Sendable {
  /// The bars, as a reader has closed them; pickups are among them.
  public let bars: [MelodyBar]
  /// For each bar its place in `numbered`; nil for pickups.
  public let numbers: [Int?]
  /// Places in `bars` of those that count.
  public let numbered: [Int]
  /// One for each part.
  public let parts: [Part]
  /// Bars of the part that are left when a bar begins, it counted; 0 for pickups.
  public let barsLeft: [Int]
  private let grids: [MelodyGrid]

  public struct Part: Equatable, Sendable {
    public var kind = PlanSign.PartKind.once
    /// Whole bars: pickup and last bar together make one; second endings left out.
    public var length = 0
    public var hasPickup = false
    /// Whether the sign that ends it was read.
    public var isClosed = false
  }

  public init(_ reader: MelodyReader) {
    bars = reader.bars
    let bars = reader.bars
    var numbers: [Int?] = []
    var numbered: [Int] = []
    for (place, bar) in bars.enumerated() {
      numbers.append(bar.isPickup ? nil : numbered.count)
      if !bar.isPickup { numbered.append(place) }
    }
    self.numbers = numbers
    self.numbered = numbered
    let full = reader.barLength
    func inBars(_ length: Int, _ count: Int) -> Int {
      guard let full, full > 0 else { return count }
      return (length + full - 1) / full
    }
    var parts = [Part](repeating: Part(), count: (bars.last?.part ?? -1) + 1)
    var lengths = [Int](repeating: 0, count: parts.count)
    var counts = lengths
    // How far each bar is from the start of its part; second endings begin where first ones did.
    var starts: [(length: Int, count: Int)] = []
    var endingStarts = [(length: Int, count: Int)](repeating: (0, 0), count: parts.count)
    var second = endingStarts
    for (place, bar) in bars.enumerated() {
      if bar.ending > 0 { parts[bar.part].kind = .endings }
      if bar.isPickup {
        parts[bar.part].hasPickup = true
        starts.append((0, 0))
        continue
      }
      let isFirstOfEnding = place == 0 || bars[place - 1].ending != bar.ending
      if bar.ending == 1, isFirstOfEnding {
        endingStarts[bar.part] = (lengths[bar.part], counts[bar.part])
      }
      if bar.ending == 2 {
        if isFirstOfEnding { second[bar.part] = endingStarts[bar.part] }
        starts.append(second[bar.part])
        second[bar.part].length += bar.length
        second[bar.part].count += 1
      } else {
        starts.append((lengths[bar.part], counts[bar.part]))
        lengths[bar.part] += bar.length
        counts[bar.part] += 1
      }
    }
    for part in parts.indices {
      parts[part].length = max(1, inBars(lengths[part], counts[part]))
      parts[part].isClosed = part < reader.part || reader.boundaryEndsPart
      if parts[part].kind == .once, reader.repeatedParts.contains(part) {
        parts[part].kind = .repeated
      }
    }
    if reader.boundaryEndsPart, reader.closesRepeat, let last = parts.indices.last,
      parts[last].kind == .once
    {
      parts[last].kind = .repeated
    }
    self.parts = parts
    barsLeft = bars.indices.map { place in
      guard !bars[place].isPickup else { return 0 }
      let passed = full.map { $0 > 0 ? starts[place].length / $0 : 0 } ?? starts[place].count
      return max(1, parts[bars[place].part].length - passed)
    }
    grids = bars.map(\.grid)
  }

  /// The bar that a target names for one, as a place in `bars`; nil where there is none.
  public func target(_ target: BarRelation.Target, of place: Int) -> Int? {
    guard let number = numbers[place] else { return nil }
    return self.target(
      target, number: number, part: bars[place].part, barsLeft: barsLeft[place])
  }

  /// The same for a bar that may not be written yet.
  ///
  /// - Parameters:
  ///   - number: Bars before it, pickups left out.
  ///   - part: Its part.
  ///   - barsLeft: Bars of the part that are left, it counted.
  public func target(
    _ target: BarRelation.Target, number: Int, part: Int, barsLeft: Int
  ) -> Int? {
    if let distance = target.distance {
      let wanted = number - distance
      return numbered.indices.contains(wanted) ? numbered[wanted] : nil
    }
    guard part > 0 else { return nil }
    return numbered.first { place in
      bars[place].part == 0 && bars[place].ending < 2 && self.barsLeft[place] == barsLeft
    }
  }

  /// How alike two bars are, by their places in `bars`.
  public func likeness(_ first: Int, _ second: Int) -> Double {
    grids[first].likeness(to: grids[second])
  }

  /// What a bar has to do with those before it; nil for pickups.
  public func relation(of place: Int) -> BarRelation? {
    guard let number = numbers[place] else { return nil }
    var best = 0.0
    var all: [Double] = []
    for other in 0..<number {
      let value = likeness(numbered[other], place)
      all.append(value)
      best = max(best, value)
    }
    guard best >= BarRelation.alike else { return .new }
    for target in BarRelation.Target.allCases {
      guard let other = self.target(target, of: place), let index = numbers[other], index < number,
        all[index] == best
      else { continue }
      return best == 1 ? .same(target) : .varied(target)
    }
    return .elsewhere
  }
}
