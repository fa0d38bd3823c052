/// How a tune sounds in time: repeats unrolled, ties joined, ornaments and accompaniment realised.
/// Every output (sound card, MIDI file, audio file) reads this and nothing else.
public struct Performance: Hashable, Sendable {
  public var title = ""
  /// Who made the tune and who wrote it down, one sentence each.
  public var credits: [String] = []
  public var copyright = ""
  /// One for each voice, then accompaniment and percussion where there are any.
  public var tracks: [Track] = []
  /// Sorted by start, then track, then pitch.
  public var notes: [Note] = []
  /// Sorted by `at`; the first is at tick 0.
  public var tempos: [TempoChange] = []
  public var meters: [MeterChange] = []
  public var keys: [KeyChange] = []
  /// Instruments that change on the way, sorted by `at`; `Track.program` holds from the start.
  public var programs: [ProgramChange] = []
  /// Controllers set on the way, sorted by `at`.
  public var controls: [ControlChange] = []
  /// The bars in the order in which they are played, without gaps.
  public var bars: [PlayedBar] = []
  public var markers: [Marker] = []
  public var lyrics: [Marker] = []
  /// End of the last bar, or of the last note where that is later.
  public var end: Tick = .zero
  /// Whether the tune asked for more notes than are ever played, and the rest was left out.
  public var isCut = false

  public init() {}

  public struct Track: Hashable, Sendable {
    public enum Role: String, Hashable, Sendable { case melody, bass, chords, drums, drone }
    public var name: String
    public var role: Role
    /// MIDI channel 0...15; 9 is percussion.
    public var channel: Int
    /// General MIDI program 0...127.
    public var program: Int
    /// Whether the tune chose the program (`%%MIDI program`), or it is only the default.
    public var programIsExplicit: Bool

    public init(
      name: String, role: Role, channel: Int, program: Int, programIsExplicit: Bool = false
    ) {
      self.name = name
      self.role = role
      self.channel = channel
      self.program = program
      self.programIsExplicit = programIsExplicit
    }
  }

  public struct Note: Hashable, Sendable {
    public var start: Tick
    public var end: Tick
    public var pitch: Pitch
    // Kept narrow: a performance holds up to 200,000 notes.
    @usableFromInline var velocityByte: UInt8
    @usableFromInline var trackNumber: Int32
    @usableFromInline var writtenNumber: Int32

    /// 1...127.
    @inlinable public var velocity: Int {
      get { Int(velocityByte) }
      set { velocityByte = UInt8(clamping: newValue) }
    }
    /// Index into `tracks`.
    @inlinable public var track: Int {
      get { Int(trackNumber) }
      set { trackNumber = Int32(clamping: newValue) }
    }
    /// Index into the parsed tune's `notes`; `nil` for accompaniment and invented ornaments.
    @inlinable public var written: Int? {
      get { writtenNumber < 0 ? nil : Int(writtenNumber) }
      set { writtenNumber = Int32(clamping: newValue ?? -1) }
    }

    @inlinable public init(
      start: Tick, end: Tick, pitch: Pitch, velocity: Int, track: Int, written: Int? = nil
    ) {
      self.start = start
      self.end = end
      self.pitch = pitch
      velocityByte = UInt8(clamping: velocity)
      trackNumber = Int32(clamping: track)
      writtenNumber = Int32(clamping: written ?? -1)
    }
  }

  public struct TempoChange: Hashable, Sendable {
    public var at: Tick
    /// Quarter notes a minute; above 0.
    public var quartersPerMinute: Double
    public init(at: Tick, quartersPerMinute: Double) {
      self.at = at
      self.quartersPerMinute = quartersPerMinute
    }
  }

  public struct MeterChange: Hashable, Sendable {
    public var at: Tick
    public var beats: Int
    /// 1, 2, 4, 8, 16 or 32.
    public var unit: Int
    public init(at: Tick, beats: Int, unit: Int) {
      self.at = at
      self.beats = beats
      self.unit = unit
    }
  }

  public struct KeyChange: Hashable, Sendable {
    public var at: Tick
    /// Sharps (positive) or flats (negative), -7...7.
    public var fifths: Int
    public var isMinor: Bool
    public init(at: Tick, fifths: Int, isMinor: Bool) {
      self.at = at
      self.fifths = fifths
      self.isMinor = isMinor
    }
  }

  public struct ProgramChange: Hashable, Sendable {
    public var at: Tick
    /// Index into `tracks`.
    public var track: Int
    /// General MIDI program 0...127.
    public var program: Int
    public init(at: Tick, track: Int, program: Int) {
      self.at = at
      self.track = track
      self.program = program
    }
  }

  /// A MIDI controller set for all that a track plays from then on.
  public struct ControlChange: Hashable, Sendable {
    public var at: Tick
    /// Index into `tracks`.
    public var track: Int
    /// 0...127: 7 is the volume, 10 the place between left and right, 64 the pedal.
    public var controller: Int
    /// 0...127.
    public var value: Int
    public init(at: Tick, track: Int, controller: Int, value: Int) {
      self.at = at
      self.track = track
      self.controller = controller
      self.value = value
    }
  }

  public struct PlayedBar: Hashable, Sendable {
    /// Index into the parsed tune's `bars`.
    public var written: Int
    /// 1 the first time a repeated section sounds, 2 the second.
    public var pass: Int
    public var start: Tick
    public var end: Tick
    public init(written: Int, pass: Int, start: Tick, end: Tick) {
      self.written = written
      self.pass = pass
      self.start = start
      self.end = end
    }
  }

  public struct Marker: Hashable, Sendable {
    public var at: Tick
    public var text: String
    public init(at: Tick, text: String) {
      self.at = at
      self.text = text
    }
  }
}

extension Performance {
  /// Plays every melody with one instrument, whatever the tune asks for.
  ///
  /// - Parameter program: General MIDI 0...127.
  public mutating func setSound(_ program: Int) {
    for index in tracks.indices where tracks[index].role == .melody {
      tracks[index].program = program
      tracks[index].programIsExplicit = true
    }
    programs.removeAll { tracks.indices.contains($0.track) && tracks[$0.track].role == .melody }
  }
}
