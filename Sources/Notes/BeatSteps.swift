import Music

/// How finely each beat is divided.
package enum BeatSteps {
  /// As it stands in the file.
  case written
  /// Parts of a quarter, for the beats that have notes.
  case played([Int: Int])

  package var isWritten: Bool { if case .written = self { true } else { false } }

  /// Parts of the quarter around a moment.
  func parts(around moment: Int) -> Int? {
    guard case .played(let parts) = self else { return nil }
    return parts[moment / Unit.perQuarter]
  }

  /// Ways to divide a beat, with what it costs to believe in them.
  private static let divisions: [(parts: Int, cost: Double)] = [
    (1, 0), (2, 0.3), (4, 0.9), (3, 1.4), (6, 3.2), (8, 3.6),
  ]
  /// How far from its place a played note usually is, in quarters.
  private static let looseness = 0.035

  /// Chooses a division for each beat from all the notes in it.
  ///
  /// - Parameters:
  ///   - unit: The unit note length that is written with: half of it is the shortest note, a third
  ///     of it in triplets, which all of their notes have to show. `nil` = anything down to thirty-seconds.
  ///   - isCompound: Whether three eighths are one beat: thirds of a quarter are no places of notes
  ///     then.
  package init(of played: [PlayedNote], unit: Int? = nil, isCompound: Bool = false) {
    let beat = Unit.perQuarter
    var partsOfBeat: [Int: Int] = [:]
    let starts = played.map(\.start).sorted()
    let allowed = BeatSteps.divisions.filter { division in
      let isTriplet = division.parts.isMultiple(of: 3)
      if isTriplet, isCompound { return false }
      guard let unit, division.parts > 1 else { return true }
      return beat / division.parts >= unit / (isTriplet ? 3 : 2)
    }
    var first = 0
    while first < starts.count {
      let index = BeatSteps.beat(of: starts[first])
      var last = first
      while last < starts.count && BeatSteps.beat(of: starts[last]) == index { last += 1 }
      let offsets = starts[first..<last].map { Double($0 - index * beat) / Double(beat) }
      // Two of somebody's fingers, one of them late, are no triplet.
      let fitting = allowed.filter { division in
        unit == nil || !division.parts.isMultiple(of: 3)
          || BeatSteps.inner(offsets, parts: division.parts) >= division.parts - 1
      }
      partsOfBeat[index] = BeatSteps.bestDivision(of: offsets, among: fitting)
      first = last
    }
    self = .played(partsOfBeat)
  }

  /// At how many places within the beat something begins, where it is divided so.
  private static func inner(_ offsets: [Double], parts: Int) -> Int {
    let places = offsets.map { Int(($0 * Double(parts)).rounded()) }
    return Set(places.filter { (1..<parts).contains($0) }).count
  }

  /// The beat that a moment belongs to: a note a little ahead of the beat is meant on it.
  private static func beat(of moment: Int) -> Int {
    let early = moment + Unit.perQuarter / 11
    return early >= 0 ? early / Unit.perQuarter : -((Unit.perQuarter - 1 - early) / Unit.perQuarter)
  }

  /// Where a note that began at one of these moments is written.
  package func place(of moment: Int) -> Int {
    guard case .played(let partsOfBeat) = self else { return moment }
    let beat = Unit.perQuarter
    let index = BeatSteps.beat(of: moment)
    let parts = partsOfBeat[index] ?? 4
    let offset = Double(moment - index * beat) / Double(beat)
    return index * beat + Int((offset * Double(parts)).rounded()) * beat / parts
  }

  private static func bestDivision(
    of offsets: [Double], among allowed: [(parts: Int, cost: Double)]
  ) -> Int {
    var best = (parts: 4, cost: Double.infinity)
    for division in allowed {
      let parts = Double(division.parts)
      let error = offsets.reduce(0) { sum, offset in
        let distance = (offset - (offset * parts).rounded() / parts) / looseness
        return sum + distance * distance / 2
      }
      // Notes clearly apart must not fall on one place.
      let collisions = zip(offsets, offsets.dropFirst()).count { first, second in
        second - first > 0.08 && (first * parts).rounded() == (second * parts).rounded()
      }
      let cost = error + division.cost + Double(collisions) * 2
      if cost < best.cost { best = (division.parts, cost) }
    }
    return best.parts
  }
}
