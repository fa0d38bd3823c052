import Music

/// A note as three numbers.
public struct TimedNote: Hashable, Sendable {
  /// MIDI key, 0...127.
  public var pitch: Int
  /// Seconds since the note before began, and until this one ends.
  public var step: Float
  public var duration: Float

  public init(pitch: Int, step: Float, duration: Float) {
    self.pitch = min(max(pitch, 0), 127)
    self.step = step
    self.duration = duration
  }

  /// The mark between pieces, in networks that were trained with one: the lowest MIDI key, which no
  /// music uses, without a length.
  public static let end = TimedNote(pitch: 0, step: 0, duration: 0)

  /// What a network reads.
  public var numbers: [Float] { [Float(pitch) / 128, step, duration] }

  /// The three numbers as one token, such as `62 0.25 0.5`; read back they are the same.
  public var token: String { "\(pitch) \(step) \(duration)" }

  /// Reads a token; nil where it holds no three numbers.
  public init?(token: String) {
    let parts = token.split(separator: " ")
    guard parts.count == 3, let pitch = Int(parts[0]), let step = Float(parts[1]),
      let duration = Float(parts[2])
    else { return nil }
    self.init(pitch: pitch, step: step, duration: duration)
  }

  /// No step and no note is longer than this many seconds.
  public static let longest: Float = 600
  /// Nothing that sounds is shorter.
  static let shortest = 0.03

  /// Seconds as they can be used: a network may say anything.
  static func usable(_ seconds: Float) -> Double {
    seconds.isFinite ? Double(min(max(seconds, 0), longest)) : 0
  }

  /// The notes of a performance as pitch, step and duration, by its own tempo; drums are left out.
  public static func notes(of performance: Performance) -> [TimedNote] {
    notes(of: performance.placedNotes, tempos: performance.tempos)
  }

  /// Notes in the order of their starts, heard at some tempos.
  public static func notes(
    of notes: [PlacedNote], tempos: [Performance.TempoChange]
  ) -> [TimedNote] {
    let tempo = TempoMap(tempos)
    var before = notes.first.map { tempo.seconds(at: Tick($0.start)) } ?? 0
    return notes.map { note in
      let start = tempo.seconds(at: Tick(note.start))
      defer { before = start }
      return TimedNote(
        pitch: note.key, step: Float(usable(Float(start - before))),
        duration: Float(usable(Float(tempo.seconds(at: Tick(note.end)) - start))))
    }
  }

  /// Notes as a performance at 120 quarters a minute; times below 0 count as 0.
  public static func performance(of notes: [TimedNote]) -> Performance {
    Performance(placed(notes, quartersPerMinute: 120))
  }

  /// Notes on a time line that begins with the first one's step.
  public static func placed(
    _ notes: [TimedNote], quartersPerMinute: Double, from start: Int = 0
  ) -> [PlacedNote] {
    let ticksPerSecond = quartersPerMinute / 60 * Double(Tick.perQuarter)
    var seconds = 0.0
    return notes.map { note in
      seconds += usable(note.step)
      let end = seconds + max(shortest, usable(note.duration))
      let begin = Int(seconds * ticksPerSecond)
      return PlacedNote(
        start: start + begin, length: Int(end * ticksPerSecond) - begin, key: note.pitch)
    }
  }
}
