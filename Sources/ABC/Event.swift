import Music

/// One thing the music says, in text order within its voice. Holds no text of its own, so that
/// thousands copy cheaply: `text` indexes a list beside it.
///
/// The note stands beside `content`, not inside it: nearly every event is one, and its parts are
/// read and changed where they are.
struct Event: Hashable, Sendable {
  /// While reading: whole notes after the start of the bar. In a finished tune: after the start
  /// of the voice, repeats not unrolled.
  var start: Fraction
  /// Bytes: relative to the chunk while reading, to the text in a finished tune.
  var lower: Int32
  var upper: Int32
  /// Of a note, its index into the finished tune's `notes`.
  var written: Int32 = -1
  var content: Content
  /// What a `.note` says; of no meaning in any other event.
  var note: NoteEvent

  init(
    start: Fraction, lower: Int32, upper: Int32, content: Content, note: NoteEvent = .silence
  ) {
    self.start = start
    self.lower = lower
    self.upper = upper
    self.content = content
    self.note = note
  }

  /// Whether it is a note, rest or grace note.
  var isNote: Bool { if case .note = content { true } else { false } }

  /// Whether it is a note with a time of its own.
  var sounds: Bool { isNote && note.kind == .note }

  /// Whether words and signs below the line count it.
  var isSung: Bool { sounds && !note.flags.contains(.continuesChord) }

  var range: Range<Int> { Int(lower)..<Int(upper) }

  /// Turns an event of a chunk into one of the tune.
  @inline(__always)
  mutating func place(base: Int32, barStart: Fraction) {
    lower &+= base
    upper &+= base
    start = barStart + start
  }

  enum Content: Hashable, Sendable {
    case note
    case bar(BarSign)
    /// The endings that start here: bit n - 1 for pass n.
    case ending(UInt64)
    case chordSymbol(text: Int)
    /// Back by so many bar lines (`&`, `&&`).
    case overlay(Int)
    /// Quarter notes a minute; 0 when the field only gives text.
    case tempo(Double, text: Int)
    case meter(Meter)
    case key(fifths: Int8, isMinor: Bool)
    case part(UInt8)
    case jump(Jump)
    /// A `%%MIDI` line that changes how things sound.
    case midi(text: Int)
    case words(text: Int)
    case symbols(text: Int)
    case lineEnd(isContinued: Bool)
    case hairpin(isLouder: Bool, isStart: Bool)
    case slur(isStart: Bool)
    /// `%%score` or `%%staves` within the music: all voices begin together here.
    case staves
  }
}

/// Decorations that send the player somewhere else.
enum Jump: UInt8, Hashable, Sendable {
  case segno, coda, fine, toCoda, daCapo, daCapoAlFine, daCapoAlCoda, dalSegno, dalSegnoAlFine,
    dalSegnoAlCoda
}

/// A note, rest or grace note with everything that the text says about it.
struct NoteEvent: Hashable, Sendable {
  struct Flags: OptionSet, Hashable, Sendable {
    let rawValue: UInt16
    /// A tie starts here.
    static let tie = Flags(rawValue: 1)
    static let isTied = Flags(rawValue: 2)
    static let hasAccidental = Flags(rawValue: 4)
    /// A member of a chord after its first.
    static let continuesChord = Flags(rawValue: 8)
    /// `x` or `X`.
    static let isInvisible = Flags(rawValue: 16)
    /// `Z` or `X`: whole bars.
    static let isBars = Flags(rawValue: 32)
    static let isSlurred = Flags(rawValue: 64)
    static let opensGrace = Flags(rawValue: 256)
    /// The last note of the outermost slur.
    static let endsSlur = Flags(rawValue: 512)
  }

  /// A rest of no length.
  static let silence = NoteEvent(kind: .rest, length: .zero, unit: .one)

  var kind: ParsedTune.WrittenNote.Kind
  var reason: ParsedTune.WrittenNote.PitchReason = .none
  var flags: Flags = []
  /// Letter and octave as written: 7 × octave + letter, 28 = middle C. Ties look at this.
  var staff: Int16 = 0
  /// Sounding MIDI key, possibly outside 0...127; meaningless for rests.
  var key: Int16 = 0
  /// Semitones of `%%MIDI transpose`.
  var shift: Int16 = 0
  var decorations: Decorations = []
  var loudness = Loudness()
  /// Sharps or flats of the key in force.
  var fifths: Int8 = 0
  /// Semitones by which the letter is altered.
  var alteration: Int8 = 0
  /// Whole notes; of a grace note, the written length.
  var length: Fraction
  /// `L:` in force.
  var unit: Fraction
}

/// Velocities as `%%MIDI beat` counts them, or a dynamic mark.
struct Loudness: Hashable, Sendable {
  var first: UInt8 = 105
  var strong: UInt8 = 95
  var other: UInt8 = 80
  /// Every so many beats is strong.
  var every: UInt8 = 1
}

struct Decorations: OptionSet, Hashable, Sendable {
  let rawValue: UInt32
  static let staccato = Decorations(rawValue: 1)
  static let tenuto = Decorations(rawValue: 2)
  static let accent = Decorations(rawValue: 4)
  static let fermata = Decorations(rawValue: 8)
  static let trill = Decorations(rawValue: 16)
  static let roll = Decorations(rawValue: 32)
  static let lowerMordent = Decorations(rawValue: 64)
  static let upperMordent = Decorations(rawValue: 128)
  static let turn = Decorations(rawValue: 256)
  static let wedge = Decorations(rawValue: 512)
  static let arpeggio = Decorations(rawValue: 1024)
  static let sforzando = Decorations(rawValue: 2048)
  static let invertedTurn = Decorations(rawValue: 4096)
}

/// A bar line with what it repeats (ABC 2.1 §4.8).
struct BarSign: Hashable, Sendable {
  /// Colons before the bar: `:|` 1, `::|` 2.
  var ends: UInt8 = 0
  /// Colons after it: `|:` 1, `|::` 2.
  var starts: UInt8 = 0
  /// `||`, `|]`, `[|`: a strain ends here.
  var isDouble = false

  var isPlain: Bool { ends == 0 && starts == 0 && !isDouble }
}

/// What one stretch of text (a line, or one bar of it) says. Positions are relative, so a chunk
/// stays true when text before it changes.
struct Chunk: Sendable {
  var byteCount = 0
  /// Bytes after the chunk's end that were looked at to decide where it ends and what it says.
  var lookahead = 0
  var voice = 0
  /// Whether it stands before the music: its `%%MIDI` lines then hold for every voice.
  var isHeader = false
  var events: [Event] = []
  var texts: [String] = []
  var remarks: [Remark] = []

  /// Empties it for the next stretch of text and keeps its memory.
  mutating func clear() {
    byteCount = 0
    lookahead = 0
    voice = 0
    isHeader = false
    events.removeAll(keepingCapacity: true)
    if !texts.isEmpty { texts.removeAll(keepingCapacity: true) }
    if !remarks.isEmpty { remarks.removeAll(keepingCapacity: true) }
  }

  struct Remark: Hashable, Sendable {
    /// Of all remarks with one cause, a tune tells the first.
    enum Cause: UInt8, Hashable, Sendable {
      /// Each is told.
      case itself
      /// The same sentence again is left out.
      case sameSentence
      case signAfterNote, curlyQuotes
      /// The bars beside it do not add up, either: that is not told.
      case tuplet
    }

    var severity: Diagnostic.Severity
    var lower: Int32
    var upper: Int32
    var sentence: String
    var cause = Cause.itself
    var subject = Diagnostic.Subject.sound
  }
}
