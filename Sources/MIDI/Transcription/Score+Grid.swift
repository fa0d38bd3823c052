import Music
import Notes

extension Score {
  /// How a note was played, on the time line on which it will be written but not yet in its place.
  struct Played {
    var start: Int
    var end: Int
    /// When the sustain pedal that holds it is let go.
    var pedalEnd: Int?

    mutating func move(_ place: (Int) -> Int) {
      start = place(start)
      end = max(place(end), start + 1)
      pedalEnd = pedalEnd.map(place)
    }
  }

  /// Finds where the notes of a performance are written. Each stage only looks at what the one
  /// before has settled: the file's own grid or, where the notes pay it no heed, the beat that is
  /// heard; swing; the places of the starts; and last the lengths, against the next start.
  init(_ recording: Recording) {
    let performance = recording.performance
    end = max(0, performance.end.count) * Unit.perTick
    notes = []
    var played = takeNotes(of: recording)
    let reach = recording.reach * Unit.perTick
    beginOnGrid(&played, reach: reach)
    let isCompound = performance.meters.contains {
      Meter(at: 0, beats: $0.beats, unit: max(1, $0.unit)).isCompound
    }
    var isSwung = !isCompound && straightenSwing(&played)
    let steps: BeatSteps
    if let places = WrittenPlaces(played, tracks: notes.map(\.track), reach: reach) {
      steps = .written
      for index in notes.indices { notes[index].start = places.place(of: played[index].start) }
    } else {
      if Score.isOffTheGrid(played), trackBeats(&played, recording) {
        isSwung = !isCompound && straightenSwing(&played)
      }
      steps = roundToBeats(played)
    }
    if isSwung { reportSwing() }
    judgeLengths(of: played, steps: steps, in: recording)
    tellRounding(since: played, isExact: steps.isWritten)
    sortNotes()
  }

  /// The notes, sorted by their starts, and how they were played.
  private mutating func takeNotes(of recording: Recording) -> [Played] {
    // Silence of days is a damaged file, and nobody reads four thousand bars of one note.
    let limit = 4096 * Unit.perWhole
    let longest = 64 * Unit.perWhole
    let performance = recording.performance
    let near = performance.notes.filter { $0.start.count * Unit.perTick < limit }
    if near.count < performance.notes.count {
      report.append(
        "\(performance.notes.count - near.count) notes after 4,096 bars of 4/4 were left out.")
    }
    var endless = 0
    let both = near.map { note -> (Note, Played) in
      let start = max(0, note.start.count) * Unit.perTick
      var end = max(note.end.count * Unit.perTick, start + Unit.perTick)
      if end - start > longest {
        endless += 1
        end = start + longest
      }
      let pedal = recording.pedalEnd(of: note).map { min($0.count, Int.max >> 8) * Unit.perTick }
      return (
        Note(
          start: start, end: end, key: note.pitch.key, velocity: note.velocity, track: note.track),
        Played(start: start, end: end, pedalEnd: pedal.map { min($0, start + longest) })
      )
    }.sorted {
      ($0.0.start, $0.0.track, -$0.0.key, $0.0.end) < ($1.0.start, $1.0.track, -$1.0.key, $1.0.end)
    }
    if endless > 0 {
      report.append("\(endless) notes of more than 64 bars of 4/4 were shortened to that.")
    }
    notes = both.map(\.0)
    end = min(end, limit + longest)
    return both.map(\.1)
  }

  /// A recording may begin at any moment: where all starts lie the same way beside the grid, they
  /// are moved onto it.
  private mutating func beginOnGrid(_ played: inout [Played], reach: Int) {
    let sixteenth = Unit.perQuarter / 4
    guard played.count >= 4 else { return }
    func share(movedBy shift: Int) -> Double {
      let fitting = played.count {
        let start = $0.start + shift
        return [Unit.perQuarter / 16, Unit.perQuarter / 12].contains {
          abs(start - (start + $0 / 2) / $0 * $0) <= reach
        }
      }
      return Double(fitting) / Double(played.count)
    }
    guard share(movedBy: 0) < 0.5 else { return }
    let bucket = reach / 2 + 1
    let residues = Dictionary(grouping: played) { $0.start % sixteenth / bucket }
    guard let most = residues.max(by: { ($0.value.count, $1.key) < ($1.value.count, $0.key) })
    else { return }
    let residue = most.value[most.value.count / 2].start % sixteenth
    let shift = residue > sixteenth / 2 ? sixteenth - residue : -residue
    guard share(movedBy: shift) >= 0.9 else { return }
    for index in played.indices { played[index].move { max(0, $0 + shift) } }
    delay += shift
    end = max(0, end + shift)
    report.append(
      "Everything was moved by \(abs(shift) * 1000 / Unit.perQuarter) thousandths of a quarter "
        + "note, onto the beat.")
  }

  /// Whether the starts fall anywhere between the beats of the file: nothing there was played to
  /// its click. For notes on eighths, sixteenths or triplets of some looseness, one of the means is
  /// near 1 (the first moment of a circular distribution, Rayleigh's test); by chance all are near 0.
  private static func isOffTheGrid(_ played: [Played]) -> Bool {
    let starts = Set(played.map(\.start))
    guard starts.count >= 12 else { return false }
    let coherence = [2, 3, 4, 6].map { parts in
      starts.reduce(0) { sum, start in
        sum + circleCosine(start * parts % Unit.perQuarter)
      } / Double(starts.count)
    }
    return (coherence.max() ?? 1) < 0.4
  }

  /// Reports how many notes were moved and how far, where it is more than a few ticks.
  private mutating func tellRounding(since played: [Played], isExact: Bool) {
    let distances = zip(played, notes).map { abs($0.start - $1.start) * 1000 / Unit.perQuarter }
    let farthest = distances.max() ?? 0
    if farthest > 5 {
      report.append(
        "\(distances.count { $0 > 0 }) of \(notes.count) notes were moved to the beat grid, at "
          + "most by \(farthest) thousandths of a quarter note.")
    }
    let lengths = zip(played, notes).map {
      abs(($0.end - $0.start) - ($1.end - $1.start)) * 1000 / Unit.perQuarter
    }
    let most = lengths.max() ?? 0
    if most > 5 {
      report.append(
        "\(lengths.count { $0 > 5 }) of \(notes.count) lengths were rounded, at most by "
          + "\(most) thousandths of a quarter note.")
    }
  }
}

/// How finely each beat is divided.
enum BeatSteps {
  /// As it stands in the file.
  case written
  /// Parts of a quarter, for the beats that have notes.
  case played([Int: Int])

  var isWritten: Bool { if case .written = self { true } else { false } }

  /// Parts of the quarter around a moment.
  func parts(around moment: Int) -> Int? {
    guard case .played(let parts) = self else { return nil }
    return parts[moment / Unit.perQuarter]
  }
}

extension Score {
  /// Ways to divide a beat, with what it costs to believe in them.
  private static let divisions: [(parts: Int, cost: Double)] = [
    (1, 0), (2, 0.3), (4, 0.9), (3, 1.4), (6, 3.2), (8, 3.6),
  ]
  /// How far from its place a played note usually is, in quarters.
  private static let looseness = 0.035

  /// Moves every start to a division of its beat, chosen for each beat from all the notes in it.
  mutating func roundToBeats(_ played: [Played]) -> BeatSteps {
    let beat = Unit.perQuarter
    var partsOfBeat: [Int: Int] = [:]
    // A note a little ahead of the beat belongs to it.
    func beatIndex(_ moment: Int) -> Int { (moment + beat / 11) / beat }
    let order = played.indices.sorted { played[$0].start < played[$1].start }
    var first = 0
    while first < order.count {
      let index = beatIndex(played[order[first]].start)
      var last = first
      while last < order.count && beatIndex(played[order[last]].start) == index { last += 1 }
      let offsets = order[first..<last].map {
        Double(played[$0].start - index * beat) / Double(beat)
      }
      let parts = Score.bestDivision(of: offsets)
      partsOfBeat[index] = parts
      for (note, offset) in zip(order[first..<last], offsets) {
        let count = Int((offset * Double(parts)).rounded())
        notes[note].start = max(0, index * beat + count * beat / parts)
      }
      first = last
    }
    return .played(partsOfBeat)
  }

  private static func bestDivision(of offsets: [Double]) -> Int {
    var best = (parts: 4, cost: Double.infinity)
    for division in divisions {
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
