/// A Standard MIDI File as a value: what its chunks say, before anyone asks how it sounds.
///
/// `MIDIFile(performance:)` makes one to write, `MIDIFile(bytes:)` reads one, `bytes` and
/// `performance` lead back.
public struct MIDIFile: Hashable, Sendable {
  /// 0 (one track), 1 (tracks that sound together) or 2 (each track a song of its own).
  public var format: Int
  public var division: Division
  public var tracks: [Track]
  /// What a reader had to put right, one sentence each; empty for a sound file. At most 32.
  public var repairs: [String] = []

  public init(format: Int, division: Division, tracks: [Track]) {
    self.format = format
    self.division = division
    self.tracks = tracks
  }

  /// What one tick of the file lasts.
  public enum Division: Hashable, Sendable {
    /// Ticks in a quarter note, 1...32767.
    case ticksPerQuarter(Int)
    /// Absolute time: frames a second (24, 25, 29 or 30; 29 means 30 drop-frame, 29.97) and
    /// ticks in a frame, 1...255.
    case frames(perSecond: Int, ticksPerFrame: Int)
  }

  /// One `MTrk` chunk.
  public struct Track: Hashable, Sendable {
    /// Sorted by `at`; events of one moment in the order in which they are written.
    public var events: [TimedEvent] = []
    /// Where the track ends, in ticks of the file.
    public var end = 0

    public init() {}
  }

  public struct TimedEvent: Hashable, Sendable {
    /// In ticks of the file, from its start.
    public var at: Int
    public var event: Event

    public init(at: Int, _ event: Event) {
      self.at = at
      self.event = event
    }
  }

  /// Channels are 0...15, keys and values 0...127.
  public enum Event: Hashable, Sendable {
    case noteOff(channel: Int, key: Int)
    case noteOn(channel: Int, key: Int, velocity: Int)
    case programChange(channel: Int, program: Int)
    /// Controller 64 is the sustain pedal, down from 64 on.
    case controlChange(channel: Int, controller: Int, value: Int)
    /// Text of the meta types 1...15: 1 text, 2 copyright, 3 name, 5 lyric, 6 marker.
    case text(TextKind, String)
    /// Microseconds in a quarter note, 1...16777215.
    case tempo(microsecondsPerQuarter: Int)
    /// `unit` is 1, 2, 4, 8, ...; `clocksPerBeat` counts 24 to the quarter.
    case meter(beats: Int, unit: Int, clocksPerBeat: Int)
    /// Sharps (positive) or flats (negative), -7...7.
    case key(fifths: Int, isMinor: Bool)
  }

  /// What a text event is for; the raw value is its meta type.
  public enum TextKind: UInt8, Hashable, Sendable {
    case text = 1
    case copyright = 2
    case name = 3
    case instrument = 4
    case lyric = 5
    case marker = 6
    case cue = 7
  }
}
