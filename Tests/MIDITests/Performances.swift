import MIDI
import Music

/// A one-voice performance in 4/4 at 120 from (key, start, length), in ticks of 1/960 quarter.
func performance(
  _ notes: [(key: Int, start: Int, length: Int)], end: Int? = nil
) -> Performance {
  var performance = Performance()
  performance.title = "Test"
  performance.tracks = [.init(name: "Melody", role: .melody, channel: 0, program: 0)]
  performance.notes = notes.compactMap { note in
    Pitch(key: note.key).map {
      .init(
        start: Tick(note.start), end: Tick(note.start + note.length), pitch: $0, velocity: 80,
        track: 0)
    }
  }
  performance.tempos = [.init(at: .zero, quartersPerMinute: 120)]
  performance.meters = [.init(at: .zero, beats: 4, unit: 4)]
  performance.keys = [.init(at: .zero, fifths: 0, isMinor: false)]
  performance.end = Tick(end ?? performance.notes.map(\.end.count).max() ?? 0)
  return performance
}

/// What sounds, one line a note: key, start and length in ticks of 1/960 quarter.
func sounds(_ performance: Performance) -> [String] {
  performance.notes.map { "\($0.pitch.key)@\($0.start)+\($0.end - $0.start)" }
}
