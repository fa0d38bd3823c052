import Music

extension Score {
  /// Finds where the notes of a performance are written: exactly where they are when the
  /// performance came from notation, else on the nearest place of a grid chosen beat by beat.
  init(_ performance: Performance) {
    notes = performance.notes.map {
      Note(
        start: $0.start.count * Unit.perTick,
        end: max($0.end, $0.start + Tick(1)).count * Unit.perTick,
        key: $0.pitch.key, velocity: $0.velocity, track: $0.track)
    }
    end = max(0, performance.end.count) * Unit.perTick
    sortNotes()
    dropWhatIsYearsAway()
    let startsAreWritten = Score.mostlyWritten(notes.lazy.map(\.start))
    if startsAreWritten && Score.mostlyWritten(notes.lazy.map(\.end)) {
      recogniseSeptuplets()
    } else {
      let played = notes
      let isClose =
        Score.mostlyWritten(notes.lazy.map { Score.closestWritten(to: $0.start) })
        && Score.mostlyWritten(notes.lazy.map { Score.closestWritten(to: $0.end) })
      if isClose { takeClosestWritten() } else { roundToGrid(keepingStarts: startsAreWritten) }
      tellRounding(before: played)
    }
    sortNotes()
  }

  /// Silence of days is a damaged file, and nobody reads four thousand bars of one note.
  private mutating func dropWhatIsYearsAway() {
    let limit = 4096 * Unit.perWhole
    let longest = 64 * Unit.perWhole
    let kept = notes.prefix { $0.start < limit }.count
    if kept < notes.count {
      report.append("\(notes.count - kept) notes after 4,096 bars of 4/4 were left out.")
      notes.removeLast(notes.count - kept)
    }
    let endless = notes.indices.filter { notes[$0].end - notes[$0].start > longest }
    for index in endless { notes[index].end = notes[index].start + longest }
    if !endless.isEmpty {
      report.append("\(endless.count) notes of more than 64 bars of 4/4 were shortened to that.")
    }
    end = min(end, limit + longest)
  }

  /// Whether a moment is one that notation has: a 256th, a 192nd or a 160th of a whole note.
  static func isWritten(_ moment: Int) -> Bool {
    moment.isMultiple(of: 15 * Unit.perTick) || moment.isMultiple(of: 20 * Unit.perTick)
      || moment.isMultiple(of: 24 * Unit.perTick)
  }

  /// Whether three quarters of the moments are sixty-fourths, thirds of a sixteenth or fifths of a
  /// sixteenth; by chance it would be one in twenty.
  private static func mostlyWritten(_ moments: some Collection<Int>) -> Bool {
    let written = moments.count {
      $0.isMultiple(of: 60 * Unit.perTick) || $0.isMultiple(of: 80 * Unit.perTick)
        || $0.isMultiple(of: 48 * Unit.perTick)
    }
    return written * 4 >= moments.count * 3
  }

  /// Some programs begin every note a tick late and end it a tick early; that is no rhythm.
  private mutating func takeClosestWritten() {
    for index in notes.indices {
      let start = Score.closestWritten(to: notes[index].start)
      let end = Score.closestWritten(to: notes[index].end)
      if end > start { (notes[index].start, notes[index].end) = (start, end) }
    }
    end = max(Score.closestWritten(to: end), notes.map(\.end).max() ?? 0)
  }

  /// The simplest written moment within four ticks, or the moment itself.
  private static func closestWritten(to moment: Int) -> Int {
    for (step, reach) in [(60, 4), (80, 4), (30, 4), (40, 4), (24, 3), (20, 3), (15, 3)] {
      let step = step * Unit.perTick
      let place = (moment + step / 2) / step * step
      if abs(place - moment) <= reach * Unit.perTick { return place }
    }
    return moment
  }

  /// Sevenths and ninths do not fall on ticks. Where a run of odd moments between two written ones
  /// is what rounding such a tuplet gives, the exact places are taken.
  private mutating func recogniseSeptuplets() {
    for track in Set(notes.map(\.track)) {
      let own = notes.indices.filter { notes[$0].track == track }
      let moments = Set(own.flatMap { [notes[$0].start, notes[$0].end] }).sorted()
      var exact: [Int: Int] = [:]
      var index = 0
      while index < moments.count {
        guard index > 0, !Score.isWritten(moments[index]), exact[moments[index]] == nil,
          let found = Score.tuplet(in: moments, firstOdd: index)
        else {
          index += 1
          continue
        }
        exact.merge(found) { first, _ in first }
        index += 1
      }
      for index in own {
        notes[index].start = exact[notes[index].start] ?? notes[index].start
        notes[index].end = exact[notes[index].end] ?? notes[index].end
      }
    }
  }

  /// Exact places for the moments of the tuplet that begins just before `firstOdd`.
  private static func tuplet(in moments: [Int], firstOdd: Int) -> [Int: Int]? {
    let start = moments[firstOdd - 1]
    for last in firstOdd + 1..<max(firstOdd + 1, min(moments.count, firstOdd + 10)) {
      let length = moments[last] - start
      guard isWritten(moments[last]), length <= 2 * Unit.perWhole else { continue }
      for division in [7, 9] where length.isMultiple(of: division) {
        let step = length / division
        var found: [Int: Int] = [:]
        for moment in moments[firstOdd..<last] {
          let count = (moment - start + step / 2) / step
          let place = start + count * step
          let rounded = (place + Unit.perTick / 2) / Unit.perTick * Unit.perTick
          if rounded == moment { found[moment] = place }
        }
        if found.count == last - firstOdd { return found }
      }
    }
    return nil
  }
}
