import Music

/// A note on a time line: where it begins, how long it sounds, and its MIDI key.
public struct PlacedNote: Hashable, Sendable {
  /// Ticks, see `Tick.perQuarter`.
  public var start: Int
  public var length: Int
  /// MIDI key, 0...127.
  public var key: Int

  public var end: Int { start + length }

  public init(start: Int, length: Int, key: Int) {
    self.start = start
    self.length = length
    self.key = key
  }
}

extension Performance {
  /// Its notes in the order in which networks read them, by start and then by pitch; drums are left
  /// out.
  public var placedNotes: [PlacedNote] {
    notes.filter { note in
      !tracks.indices.contains(note.track) || tracks[note.track].role != .drums
    }.map {
      PlacedNote(
        start: $0.start.count, length: $0.end.count - $0.start.count, key: $0.pitch.key)
    }.sorted { ($0.start, $0.key) < ($1.start, $1.key) }
  }

  /// One voice that plays some notes, at 120 quarters a minute.
  public init(_ notes: [PlacedNote]) {
    self.init()
    tracks = [.init(name: "", role: .melody, channel: 0, program: 0)]
    tempos = [.init(at: .zero, quartersPerMinute: 120)]
    self.notes = notes.compactMap { note in
      Pitch(key: note.key).map {
        Note(
          start: Tick(note.start), end: Tick(note.end), pitch: $0, velocity: 80, track: 0)
      }
    }
    end = self.notes.map(\.end).max() ?? .zero
  }
}
