import Music

/// A tune read from ABC text: what is written, where it stands in the text, and what was wrong.
///
/// Every position is a UTF-8 byte offset into the text that was read, always on a character
/// boundary, so that text, piano roll and player speak of the same thing.
public struct ParsedTune: Sendable {
  /// The tune's fields as they stand at the end of its header.
  public var header = Header()
  /// The bytes after the newline of the header's `K:` line.
  public var body: Range<Int> = 0..<0
  /// Every note, chord member, rest and grace note, in text order.
  public var notes: [WrittenNote] = []
  /// Every bar of every voice, in text order. `number` counts from 1 within a voice; a pickup is 0.
  public var bars: [WrittenBar] = []
  public var chordSymbols: [ChordSymbol] = []
  public var lyrics: [Lyric] = []
  public var diagnostics: [Diagnostic] = []
  /// In order of appearance; a tune without `V:` has one, without a name.
  public var voices: [Voice] = []
  /// What `performance` plays.
  var script = Script()

  public init() {}

  public struct Voice: Hashable, Sendable {
    /// As after `V:`; empty without one.
    public var id: String
    /// `name=`, otherwise the id.
    public var name: String
    /// Whether its clef is that of percussion.
    public var isPercussion = false
    /// Half tones by which clef, `octave=` and `transpose=` move what is written.
    public var semitones = 0
    public init(id: String, name: String) {
      self.id = id
      self.name = name
    }
  }

  public struct Header: Hashable, Sendable {
    /// `X:`; `nil` when the field is missing.
    public var number: Int?
    /// Every `T:` line.
    public var titles: [String] = []
    public var composer = ""
    public var rhythm = ""
    /// Every `Z:` line: who wrote the tune down.
    public var transcriptions: [String] = []
    /// `%%abc-copyright`.
    public var copyright = ""
    /// As written (`6/8`, `C|`, `none`); empty when the field is missing.
    public var meter = ""
    /// In whole notes: 1/8. Derived from the meter when `L:` is missing.
    public var unitLength = Fraction(1, 8)
    /// Quarter notes a minute; `nil` when no `Q:` gives a number.
    public var quartersPerMinute: Double?
    /// As written (`D`, `Edor`); empty when there is none.
    public var key = ""
    /// One bar in whole notes; `nil` in free meter.
    public var barLength: Fraction?
    /// One beat in whole notes: 1/4 in 4/4, 3/8 in 6/8.
    public var beatLength = Fraction(1, 4)
    public init() {}
  }

  public struct WrittenNote: Hashable, Sendable {
    public enum Kind: UInt8, Hashable, Sendable { case note, rest, grace }
    public var kind: Kind
    /// Whether it is held over from the note before by a tie.
    public var isTiedFromBefore = false
    /// Why the pitch is what it is, as a phrase: `F sharp by the key D`, `natural by = in this bar`.
    public var pitchReason: PitchReason = .none
    /// Sounding pitch before `%%MIDI transpose`; `nil` for a rest.
    public var pitch: Pitch?
    // Kept narrow: a tune may hold a hundred thousand notes.
    private var lower: Int32
    private var upper: Int32
    private var voiceNumber: Int32
    private var barNumber: Int32
    /// Where it stands on the written time line of its voice (repeats not unrolled), in whole notes.
    public var start: Fraction
    /// Sounding length in whole notes, tuplets and broken rhythm applied; grace notes 0.
    public var length: Fraction

    /// The bytes of this note in the text, accidental to length; without decorations.
    public var range: Range<Int> {
      get { Int(lower)..<Int(upper) }
      set {
        (lower, upper) = (
          Int32(clamping: newValue.lowerBound), Int32(clamping: newValue.upperBound)
        )
      }
    }
    /// Index into `voices` order of appearance; 0 for a tune without `V:`.
    public var voice: Int {
      get { Int(voiceNumber) }
      set { voiceNumber = Int32(clamping: newValue) }
    }
    /// Index into `bars`.
    public var bar: Int {
      get { Int(barNumber) }
      set { barNumber = Int32(clamping: newValue) }
    }

    public enum PitchReason: UInt8, Hashable, Sendable {
      case none, asWritten, keySignature, earlierInBar, tie
    }
    public init(
      kind: Kind, range: Range<Int>, voice: Int, pitch: Pitch?, start: Fraction, length: Fraction,
      bar: Int
    ) {
      self.kind = kind
      lower = Int32(truncatingIfNeeded: range.lowerBound)
      upper = Int32(truncatingIfNeeded: range.upperBound)
      voiceNumber = Int32(truncatingIfNeeded: voice)
      self.pitch = pitch
      self.start = start
      self.length = length
      barNumber = Int32(truncatingIfNeeded: bar)
    }

    /// Of a finished tune's event.
    init(_ event: Event, voice: Int32, bar: Int) {
      kind = event.note.kind
      lower = event.lower
      upper = event.upper
      voiceNumber = voice
      pitch = kind == .rest ? nil : Pitch(key: Int(event.note.key))
      start = event.start
      length = kind == .grace ? .zero : event.note.length
      barNumber = Int32(truncatingIfNeeded: bar)
      isTiedFromBefore = event.note.flags.contains(.isTied)
      pitchReason = event.note.reason
    }
  }

  public struct WrittenBar: Hashable, Sendable {
    /// 1, 2, 3 ... as a musician counts; 0 for a pickup.
    public var number: Int
    public var voice: Int
    /// From the first byte after the bar line before it, to the end of its own closing bar line.
    public var range: Range<Int>
    /// On the written time line, in whole notes.
    public var start: Fraction
    public var length: Fraction
    /// What the meter asks for; `nil` in free meter.
    public var expected: Fraction?
    /// Whether a bar line closes it (the last bar of growing text has none yet).
    public var isClosed: Bool
    /// Where `length` may differ from `expected`: pickups, bars beside repeats and double bars.
    public var mayDiffer: Bool
    public init(
      number: Int, voice: Int, range: Range<Int>, start: Fraction, length: Fraction,
      expected: Fraction?, isClosed: Bool, mayDiffer: Bool
    ) {
      self.number = number
      self.voice = voice
      self.range = range
      self.start = start
      self.length = length
      self.expected = expected
      self.isClosed = isClosed
      self.mayDiffer = mayDiffer
    }

    /// - Parameter upper: The end of its bar line.
    mutating func close(number: Int, length: Fraction, upper: Int) {
      self.number = number
      self.length = length
      range = range.lowerBound..<upper
      isClosed = true
    }
  }

  public struct ChordSymbol: Hashable, Sendable {
    public var text: String
    public var range: Range<Int>
    public var start: Fraction
    public var bar: Int
    /// Pitch classes of the chord, its root first; `nil` where it is none that is known.
    public var tones: [Int]? {
      guard case .chord(let chord) = ChordName.read(text), chord.isKnown else { return nil }
      return chord.intervals.map { (chord.root + $0) % 12 }
    }
    public init(text: String, range: Range<Int>, start: Fraction, bar: Int) {
      self.text = text
      self.range = range
      self.start = start
      self.bar = bar
    }
  }

  /// One syllable of a `w:` line under the note it belongs to.
  public struct Lyric: Hashable, Sendable {
    public var text: String
    /// Index into `notes`.
    public var note: Int
    public var verse: Int
    public init(text: String, note: Int, verse: Int) {
      self.text = text
      self.note = note
      self.verse = verse
    }
  }
}

/// Something the parser wants the musician to know. Parsing goes on after every one of them.
public struct Diagnostic: Hashable, Sendable {
  public enum Severity: String, Hashable, Sendable, Codable { case error, warning, note }
  public var severity: Severity
  /// UTF-8 byte offsets into the text.
  public var range: Range<Int>
  /// Where `range` starts, counted from 1; columns count characters.
  public var line: Int
  public var column: Int
  /// One whole sentence: what is wrong and what was done instead.
  public var sentence: String
  public var subject: Subject
  /// Whether text that is still to be written may put it right, such as a repeat that is open.
  public var mayPass: Bool

  /// What a remark is about.
  public enum Subject: Hashable, Sendable {
    /// Something is not played, or had to be guessed.
    case sound
    /// How the text is written: bars that do not add up, slurs that are not closed, old forms.
    case writing

    init(usualFor severity: Severity) { self = severity == .note ? .writing : .sound }
  }

  public init(
    severity: Severity, range: Range<Int>, line: Int, column: Int, sentence: String,
    subject: Subject = .writing, mayPass: Bool = false
  ) {
    self.severity = severity
    self.range = range
    self.line = line
    self.column = column
    self.sentence = sentence
    self.subject = subject
    self.mayPass = mayPass
  }
}

/// Choices of taste in playback; the notes written are the same with all of them.
public struct PlaybackOptions: Hashable, Sendable {
  /// Bass and chords from the chord symbols.
  public var accompaniment = true
  /// Rolls, trills and staccato played; graces are always played.
  public var ornaments = true
  /// How ornaments and grace notes are played.
  public var style = OrnamentStyle.standard
  /// Eighths played long–short in this proportion (2 = 2:1), whatever the tune says; `nil` = as its
  /// `%%swing` lines say, straight where there are none.
  public var swing: Fraction?
  /// Follow D.C., D.S., fine and coda where they are written as decorations.
  public var followsJumps = true

  public init() {}
}
