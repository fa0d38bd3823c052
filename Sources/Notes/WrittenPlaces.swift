import Music

/// The places of notes that a program has put where notation has them, give or take a tick:
/// sixty-fourths, thirds and fifths of a sixteenth, sevenths and ninths of longer notes.
package struct WrittenPlaces {
  private let exact: [Int: Int]
  private let reach: Int
  /// Whether the file counts time finely enough to be taken at its word.
  private let isPrecise: Bool

  /// Some programs begin every note a tick or two late.
  package static let leastReach = 4

  /// `nil` when the starts do not lie so: then they were played.
  package init?(_ played: [PlayedNote], tracks: [Int], reach: Int) {
    self.reach = reach
    var exact: [Int: Int] = [:]
    let slack = reach > WrittenPlaces.leastReach * Unit.perTick ? reach : Unit.perTick
    for (_, indices) in Dictionary(grouping: played.indices, by: { tracks[$0] }) {
      var moments = Set(indices.map { played[$0].start })
      if let last = indices.map({ played[$0].end }).max() { moments.insert(last) }
      let tuplets = WrittenPlaces.tuplets(in: moments.sorted(), reach: reach, slack: slack)
      exact.merge(tuplets) { first, _ in first }
    }
    self.exact = exact
    let starts = Set(played.map(\.start))
    let strict = starts.count {
      exact[$0] != nil || WrittenPlaces.usual.contains($0, within: 0)
    }
    let near = starts.count {
      exact[$0] != nil || WrittenPlaces.usual.contains($0, within: reach)
    }
    isPrecise = strict * 4 >= starts.count * 3
    // By chance a third of all moments lie within four ticks of such a place.
    guard isPrecise || near * 10 >= starts.count * 9 else { return nil }
  }

  /// Where a note that starts at `moment` is written.
  package func place(of moment: Int) -> Int {
    if let place = exact[moment] { return place }
    if isPrecise && WrittenPlaces.isWritten(moment) { return moment }
    if let place = WrittenPlaces.usual.nearest(to: moment, within: reach) { return place }
    if let place = WrittenPlaces.small.nearest(to: moment, within: reach * 3 / 4) { return place }
    // Nobody reads a place between the thirty-second notes that is no triplet's either.
    let tick = Unit.perTick
    return Grid(steps: [120 * tick, 160 * tick]).nearest(to: moment, within: 120 * tick) ?? moment
  }

  /// Steps on which moments may lie, the simplest first.
  package struct Grid {
    package let steps: [Int]

    package func contains(_ moment: Int, within reach: Int) -> Bool {
      steps.contains { abs(moment - (moment + $0 / 2) / $0 * $0) <= reach }
    }

    /// The nearest place; of two as near, that of the simpler step.
    package func nearest(to moment: Int, within reach: Int) -> Int? {
      let places = steps.map { (moment + $0 / 2) / $0 * $0 }
      let best = places.min { abs($0 - moment) < abs($1 - moment) }
      return best.flatMap { abs($0 - moment) <= reach ? $0 : nil }
    }
  }

  /// Sixty-fourths, thirds and fifths of a sixteenth: one moment in twenty.
  package static let usual = Grid(steps: [60, 80, 48].map { $0 * Unit.perTick })
  private static let small = Grid(steps: [30, 40, 24].map { $0 * Unit.perTick })

  /// Whether a moment is one that notation has: a 256th, a 192nd or a 320th of a whole note, on
  /// which trills of our own fall.
  package static func isWritten(_ moment: Int) -> Bool {
    moment.isMultiple(of: 15 * Unit.perTick) || moment.isMultiple(of: 20 * Unit.perTick)
      || moment.isMultiple(of: 12 * Unit.perTick)
  }

  /// Sevenths and ninths do not fall on ticks. Where a run of odd moments between two written ones
  /// is what rounding such a tuplet gives, the exact places are taken.
  private static func tuplets(in moments: [Int], reach: Int, slack: Int) -> [Int: Int] {
    var exact: [Int: Int] = [:]
    // No seventh or ninth comes as near as this to a usual place.
    let near = min(reach, 5 * Unit.perTick)
    func isOdd(_ moment: Int) -> Bool {
      !usual.contains(moment, within: near) && (slack > Unit.perTick || !isWritten(moment))
    }
    if slack > Unit.perTick {
      // Of a coarse clock some places look like others: only all of them together tell.
      for index in moments.indices where exact[moments[index]] == nil {
        let found = [7, 9].lazy.compactMap { division in
          coarseTuplet(in: moments, from: index, division: division, slack: slack, isOdd)
        }.first
        exact.merge(found ?? [:]) { first, _ in first }
      }
    }
    for index in moments.indices.dropFirst()
    where isOdd(moments[index]) && exact[moments[index]] == nil {
      if let found = tuplet(in: moments, firstOdd: index, isOdd: isOdd, slack: slack) {
        exact.merge(found) { first, _ in first }
      }
    }
    return exact
  }

  /// Exact places where the moments after `first` divide a plain length evenly.
  private static func coarseTuplet(
    in moments: [Int], from first: Int, division: Int, slack: Int, _ isOdd: (Int) -> Bool
  ) -> [Int: Int]? {
    guard first + division < moments.count,
      let start = usual.nearest(to: moments[first], within: slack),
      let end = usual.nearest(to: moments[first + division], within: slack),
      (end - start).isMultiple(of: Unit.perQuarter / 4)
    else { return nil }
    var found: [Int: Int] = [:]
    for count in 1..<division {
      let place = start + (end - start) * count / division
      guard abs(place - moments[first + count]) <= slack else { return nil }
      found[moments[first + count]] = place
    }
    return found.keys.count(where: isOdd) * 2 >= division ? found : nil
  }

  /// Exact places for the moments of the tuplet that begins just before `firstOdd`.
  private static func tuplet(
    in moments: [Int], firstOdd: Int, isOdd: (Int) -> Bool, slack: Int
  ) -> [Int: Int]? {
    // A coarse clock rounds the ends of the tuplet as well.
    func settled(_ moment: Int) -> Int {
      slack > Unit.perTick ? usual.nearest(to: moment, within: slack) ?? moment : moment
    }
    let start = settled(moments[firstOdd - 1])
    for last in firstOdd + 1..<max(firstOdd + 1, min(moments.count, firstOdd + 10)) {
      let length = settled(moments[last]) - start
      guard !isOdd(moments[last]), length <= 2 * Unit.perWhole, length > 0,
        length.isMultiple(of: Unit.perQuarter / 8)
      else { continue }
      for division in [7, 9] {
        let step = length / division
        var found: [Int: Int] = [:]
        for moment in moments[firstOdd..<last] {
          let place = start + (moment - start + step / 2) / step * step
          if abs(place - moment) < max(slack, Unit.perTick) { found[moment] = place }
        }
        if found.count == last - firstOdd { return found }
      }
    }
    return nil
  }
}
