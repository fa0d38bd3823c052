import Music
import Notes

extension Score {
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
      steps = BeatSteps(of: played)
      for index in notes.indices { notes[index].start = steps.place(of: played[index].start) }
    }
    if isSwung { reportSwing() }
    judgeLengths(of: played, steps: steps, in: recording)
    tellRounding(since: played, isExact: steps.isWritten)
    sortNotes()
  }

  /// The notes, sorted by their starts, and how they were played.
  private mutating func takeNotes(of recording: Recording) -> [PlayedNote] {
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
    let both = near.map { note -> (Note, PlayedNote) in
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
        PlayedNote(start: start, end: end, pedalEnd: pedal.map { min($0, start + longest) })
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
  private mutating func beginOnGrid(_ played: inout [PlayedNote], reach: Int) {
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
  private static func isOffTheGrid(_ played: [PlayedNote]) -> Bool {
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
  private mutating func tellRounding(since played: [PlayedNote], isExact: Bool) {
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
