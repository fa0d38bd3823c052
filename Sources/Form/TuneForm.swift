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
  public private(set) var barsLeft: [Int] = []
  /// Length of a bar, in parts of a whole note; nil in free meter.
  public let barLength: Int?
  /// For each part what is written of it: of its first time, up to its first ending, and of its
  /// second ending.
  private var written: [Written]

  private struct Written: Equatable, Sendable {
    var whole = Extent()
    var firstEnding = Extent()
    var second = Extent()
  }

  private struct Extent: Equatable, Sendable {
    var length = 0
    var count = 0

    static func += (extent: inout Extent, bar: MelodyBar) {
      extent.length += bar.length
      extent.count += 1
    }
  }

  public struct Part: Equatable, Sendable {
    public var kind = PlanSign.PartKind.once
    /// Whole bars: pickup and last bar together make one; second endings left out.
    public var length = 0
    public var hasPickup = false
    /// Whether the sign that ends it was read.
    public var isClosed = false
  }

  /// - Parameters:
  ///   - reader: What was read.
  ///   - openLength: Bars that the part in progress is to have; nil = as many as it has so far.
  public init(_ reader: MelodyReader, openLength: Int? = nil) {
    bars = reader.bars
    barLength = reader.barLength
    var numbers: [Int?] = []
    var numbered: [Int] = []
    for (place, bar) in bars.enumerated() {
      numbers.append(bar.isPickup ? nil : numbered.count)
      if !bar.isPickup { numbered.append(place) }
    }
    self.numbers = numbers
    self.numbered = numbered
    let count = (bars.last?.part ?? -1) + 1
    var parts = [Part](repeating: Part(), count: count)
    written = [Written](repeating: Written(), count: count)
    var starts: [Extent] = []
    for (place, bar) in bars.enumerated() {
      if bar.ending > 0 { parts[bar.part].kind = .endings }
      if bar.isPickup {
        parts[bar.part].hasPickup = true
        starts.append(Extent())
        continue
      }
      let isFirstOfEnding = place == 0 || bars[place - 1].ending != bar.ending
      if bar.ending == 1, isFirstOfEnding {
        written[bar.part].firstEnding = written[bar.part].whole
      }
      if bar.ending == 2 {
        if isFirstOfEnding { written[bar.part].second = written[bar.part].firstEnding }
        starts.append(written[bar.part].second)
        written[bar.part].second += bar
      } else {
        starts.append(written[bar.part].whole)
        written[bar.part].whole += bar
      }
    }
    for part in parts.indices {
      let isClosed = part < reader.part || reader.boundaryEndsPart
      parts[part].isClosed = isClosed
      parts[part].length = max(1, Self.bars(in: written[part].whole, barLength, rounded: .up))
      if !isClosed, let openLength { parts[part].length = openLength }
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
    for (place, bar) in bars.enumerated() {
      let passed = Self.bars(in: starts[place], barLength, rounded: .down)
      barsLeft.append(bar.isPickup ? 0 : max(1, parts[bar.part].length - passed))
    }
  }

  private static func bars(
    in extent: Extent, _ barLength: Int?, rounded: FloatingPointRoundingRule
  ) -> Int {
    guard let barLength, barLength > 0 else { return extent.count }
    return (extent.length + (rounded == .up ? barLength - 1 : 0)) / barLength
  }

  /// Whole bars of a part that lie before a bar that comes now; second endings begin again where the
  /// first one did.
  public func barsBefore(part: Int, ending: Int) -> Int {
    guard parts.indices.contains(part) else { return 0 }
    let extent: Extent
    if ending == 2 {
      let isGoingOn = bars.last?.part == part && bars.last?.ending == 2
      extent = isGoingOn ? written[part].second : written[part].firstEnding
    } else {
      extent = written[part].whole
    }
    return Self.bars(in: extent, barLength, rounded: .down)
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
    bars[first].grid.likeness(to: bars[second].grid)
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
