import Music
import Training

extension TimedNote {
  /// The notes of a performance as pitch, step and duration, by its own tempo; drums are left out.
  public static func notes(of performance: Performance) -> [TimedNote] {
    let tempo = TempoMap(performance.tempos)
    let notes = performance.notes.filter { note in
      !performance.tracks.indices.contains(note.track)
        || performance.tracks[note.track].role != .drums
    }.sorted { ($0.start, $0.pitch) < ($1.start, $1.pitch) }
    var before = notes.first.map { tempo.seconds(at: $0.start) } ?? 0
    return notes.map { note in
      let start = tempo.seconds(at: note.start)
      defer { before = start }
      return TimedNote(
        pitch: note.pitch.key, step: Float(min(max(start - before, 0), 8)),
        duration: Float(min(max(tempo.seconds(at: note.end) - start, 0), 8)))
    }
  }

  /// Notes as a performance; times below 0 count as 0.
  public static func performance(of notes: [TimedNote]) -> Performance {
    var performance = Performance()
    performance.tracks = [.init(name: "", role: .melody, channel: 0, program: 0)]
    performance.tempos = [.init(at: .zero, quartersPerMinute: 120)]
    // At 120 quarters a minute a quarter takes half a second.
    let ticksPerSecond = Double(2 * Tick.perQuarter)
    var seconds = 0.0
    for note in notes {
      seconds += Double(usable(note.step))
      let length = max(0.03, Double(usable(note.duration)))
      guard let pitch = Pitch(key: note.pitch) else { continue }
      performance.notes.append(
        .init(
          start: Tick(Int(seconds * ticksPerSecond)),
          end: Tick(Int((seconds + length) * ticksPerSecond)), pitch: pitch, velocity: 80,
          track: 0))
    }
    performance.end = performance.notes.map(\.end).max() ?? .zero
    return performance
  }

  private static func usable(_ seconds: Float) -> Float {
    seconds.isFinite ? min(max(seconds, 0), 8) : 0
  }
}
