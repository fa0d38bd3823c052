import MIDI
import Music

/// A file as other programs write it: notes in quarters, put on the ticks of any division, each
/// held for a part of its length.
struct FileMaker {
  struct Note {
    var key: Int
    /// In quarters.
    var start: Double
    var length: Double
    var velocity = 80
  }

  var division = 480
  /// Voices, each on a track and a channel of its own.
  var voices: [[Note]] = []
  /// (beats, unit, quarters from the start)
  var meters: [(beats: Int, unit: Int, at: Double)] = [(4, 4, 0)]
  var key: (fifths: Int, isMinor: Bool)? = (0, false)
  var tempos: [(quartersPerMinute: Double, at: Double)] = [(120, 0)]
  /// Ticks for which a note of so many ticks is held.
  var gate: (Int) -> Int = { $0 }
  /// The last voice's channel is that of the drums.
  var endsWithDrums = false
  /// When the pedal goes down and comes up, in quarters, on the first channel.
  var pedals: [(down: Double, up: Double)] = []
  /// Ticks by which the tracks end late.
  var lateEnd = 0

  private func ticks(_ quarters: Double) -> Int { Int((quarters * Double(division)).rounded()) }

  var file: MIDIFile {
    var conductor = MIDIFile.Track()
    for meter in meters {
      conductor.events.append(
        .init(
          at: ticks(meter.at), .meter(beats: meter.beats, unit: meter.unit, clocksPerBeat: 24)))
    }
    if let key {
      conductor.events.append(.init(at: 0, .key(fifths: key.fifths, isMinor: key.isMinor)))
    }
    for tempo in tempos {
      conductor.events.append(
        .init(
          at: ticks(tempo.at),
          .tempo(microsecondsPerQuarter: Int((60_000_000 / tempo.quartersPerMinute).rounded()))))
    }
    conductor.events.sort { $0.at < $1.at }
    conductor.end = conductor.events.last?.at ?? 0
    var tracks = [conductor]
    for (index, voice) in voices.enumerated() {
      var track = MIDIFile.Track()
      let channel = endsWithDrums && index == voices.count - 1 ? 9 : index
      var events: [(at: Int, rank: Int, event: MIDIFile.Event)] = []
      for note in voice {
        let start = ticks(note.start)
        let length = ticks(note.start + note.length) - start
        events.append(
          (start, 1, .noteOn(channel: channel, key: note.key, velocity: note.velocity)))
        events.append((start + max(1, gate(length)), 0, .noteOff(channel: channel, key: note.key)))
      }
      for pedal in index == 0 ? pedals : [] {
        events.append(
          (ticks(pedal.down), 2, .controlChange(channel: channel, controller: 64, value: 127)))
        events.append(
          (ticks(pedal.up), 2, .controlChange(channel: channel, controller: 64, value: 0)))
      }
      events.sort { ($0.at, $0.rank) < ($1.at, $1.rank) }
      track.events = events.map { .init(at: $0.at, $0.event) }
      track.end = (events.last?.at ?? 0) + lateEnd
      tracks.append(track)
    }
    return MIDIFile(format: 1, division: .ticksPerQuarter(division), tracks: tracks)
  }

  /// The file as its bytes are read again.
  func reread() throws -> MIDIFile { try MIDIFile(bytes: file.bytes) }

  /// One voice of (key, length in quarters); key 0 is a rest.
  static func line(_ notes: [(Int, Double)], from start: Double = 0) -> [Note] {
    var now = start
    var line: [Note] = []
    for (key, length) in notes {
      if key > 0 { line.append(Note(key: key, start: now, length: length)) }
      now += length
    }
    return line
  }

  /// Keys of one length.
  static func even(_ keys: [Int], _ length: Double, from start: Double = 0) -> [Note] {
    line(keys.map { ($0, length) }, from: start)
  }
}

/// Lines of music: everything after the first `K:` line.
func music(_ transcription: Transcription) -> [String] {
  let lines = transcription.text.split(separator: "\n").map(String.init)
  return Array(lines.drop { !$0.hasPrefix("K:") }.dropFirst())
}
