/// Reads the melody of a tune from the text that networks read, scalar by scalar: pitches, lengths,
/// bars, parts.
///
/// The text is a header whose last line is `K:`, then single-voice music. Reads whatever comes,
/// correct or not. A part ends at `:|` `::` `||` `|:` `|]`; a second ending belongs to its part.
public struct MelodyReader: Equatable, Sendable {
  /// A whole note in parts: 1/64, triplets, quintuplets and septuplets are whole numbers of them.
  public static let whole = 322_560

  /// Bars that were closed, pickups included.
  public internal(set) var bars: [MelodyBar] = []
  /// The bar in progress, without the note in progress.
  public internal(set) var bar = MelodyBar()
  /// Scalars read so far.
  public internal(set) var count = 0
  /// Length of a bar, in parts of a whole note; nil in free meter and before the music.
  public internal(set) var barLength: Int?
  /// Unit note length, in parts of a whole note.
  public internal(set) var unit = whole / 8
  /// By how much the signature raises each letter, C = 0 to B = 6.
  public internal(set) var signature = [Int](repeating: 0, count: 7)
  /// Pitch class of the key's tonic, 0 = C.
  public internal(set) var tonic = 0
  public internal(set) var isInHeader = true
  /// The header's values, and those that the music changed since.
  public internal(set) var fields: [Unicode.Scalar: String] = [:]
  /// Number of the part in progress, from 0.
  public internal(set) var part = 0
  /// 0, 1 or 2: the ending in progress.
  public internal(set) var ending = 0
  /// Whether the bar in progress has begun: something of its music was read.
  public internal(set) var hasBegun = false

  /// Parts before the one in progress that end in a repeat sign.
  public internal(set) var repeatedParts: Set<Int> = []
  /// Bar line signs since the last bar was closed.
  public internal(set) var marks = ""
  var place = Place.lineStart
  var note = NoteInProgress()
  /// Accidentals of the bar in progress, by step; a step is a letter in an octave, c = 35.
  var accidentals: [Int: Int] = [:]
  /// Length of a tuplet's notes, as a fraction, and how many it still lacks.
  var tuplet = (time: 1, count: 1, left: 0)
  /// The chord in progress: its notes so far.
  var chord: [NoteInProgress]?
  /// A chord that was closed, while its length may follow.
  var top: (pitch: Int?, length: Int)?
  /// What broken rhythm makes of the next note, in parts of `brokenWhole`.
  var broken = Self.brokenWhole
  /// The length of the note before `>`, and how many signs there were.
  var brokenBase = (length: 0, signs: 0)

  static let brokenWhole = 8

  enum Place: Equatable, Sendable {
    case lineStart
    /// A letter at a line's start that may be a field's.
    case fieldLetter(Unicode.Scalar)
    case field(Unicode.Scalar, String)
    case music
    case quote, bang, grace
    case bracket
    case inlineField(String)
    /// Signs of a bar line.
    case bar
    case paren
    case tuplet(String)
    case note
  }

  /// A note whose characters are being read.
  struct NoteInProgress: Equatable, Sendable {
    var accidental: Int?
    /// nil for a rest, and before the letter.
    var step: Int?
    var numerator = 0
    var hasSlash = false
    var denominator = 0

    func length(unit: Int) -> Int {
      let numerator = max(1, numerator)
      guard hasSlash else { return numerator * unit }
      return numerator * unit / max(1, denominator == 0 ? 2 : denominator)
    }
  }

  public init() {}

  public static func == (left: MelodyReader, right: MelodyReader) -> Bool {
    left.count == right.count && left.bars == right.bars && left.bar == right.bar
      && left.barLength == right.barLength && left.unit == right.unit
      && left.signature == right.signature && left.fields == right.fields
      && left.part == right.part && left.ending == right.ending && left.marks == right.marks
      && left.place == right.place && left.note == right.note && left.chord == right.chord
      && left.accidentals == right.accidentals && left.tuplet == right.tuplet
      && left.broken == right.broken && left.hasBegun == right.hasBegun
  }

  /// Reads a whole text, and closes its last bar.
  public init(_ text: String) {
    self.init()
    for scalar in text.unicodeScalars { read(scalar) }
    finish()
  }

  /// Closes the last bar of a tune that has ended.
  public mutating func finish() {
    settle()
    if bar.length > 0 { closeBar() }
  }

  // MARK: Where the music stands

  /// Length of the bar in progress with the note in progress.
  public var position: Int {
    guard place == .note, chord == nil else { return bar.length }
    return bar.length + sounding(note.length(unit: unit))
  }

  /// The accidental that the next letter will have; nil where none was written.
  public var pendingAccidental: Int? { place == .note ? nil : note.accidental }

  /// The note whose characters are being read: its sounding MIDI key, as far as it was read, and
  /// whether its length was begun. nil for rests and elsewhere.
  public var noteInProgress: (pitch: Int, onset: Int, hasLength: Bool)? {
    guard place == .note, let step = note.step else { return nil }
    return (
      pitch(step: step, accidental: note.accidental), bar.length,
      note.numerator > 0 || note.hasSlash
    )
  }

  /// The step of a letter, for `pitch(step:accidental:)`; nil for other scalars.
  public static func step(ofLetter scalar: Unicode.Scalar) -> Int? { step(scalar) }

  /// What the bar lines since the last closed bar mean, once they are complete.
  public var boundary: Boundary {
    guard !marks.isEmpty else { return bars.isEmpty && !hasBegun ? .part : .bar }
    if marks.contains("2") || marks.contains("3") || marks.contains("4") { return .secondEnding }
    if marks.contains("1") { return .firstEnding }
    let ends = [":|", "::", "||", "|:", "|]"].contains { marks.contains($0) }
    return ends || bars.isEmpty ? .part : .bar
  }

  /// What stands between two bars.
  public enum Boundary: Equatable, Sendable { case bar, part, firstEnding, secondEnding }

  /// Whether the signs since the last closed bar end the part in progress.
  public var boundaryEndsPart: Bool {
    !hasBegun && !bars.isEmpty && boundary == .part && !isPickupOnly
  }

  /// Whether the part in progress holds nothing but a pickup: `|:` after it ends no part.
  var isPickupOnly: Bool {
    guard let last = bars.last, last.isPickup else { return false }
    return bars.dropLast().last.map { $0.part != last.part } ?? true
  }

  /// Whether the signs since the last closed bar end a repeat.
  public var closesRepeat: Bool { marks.contains(":|") || marks.contains("::") }

  /// What a written length counts as under tuplets and broken rhythm.
  func sounding(_ length: Int) -> Int {
    var length = length
    if tuplet.left > 0 { length = length * tuplet.time / tuplet.count }
    return length * broken / Self.brokenWhole
  }
}

extension MelodyReader {
  /// A reader of the same meter and key that has read nothing of its bar.
  public var atBarStart: MelodyReader {
    var reader = MelodyReader()
    reader.barLength = barLength
    reader.unit = unit
    reader.signature = signature
    reader.tonic = tonic
    reader.fields = fields
    reader.isInHeader = false
    reader.place = .music
    reader.hasBegun = true
    return reader
  }

  /// Whether a scalar is the letter of a note or a rest.
  public static func isNote(_ scalar: Unicode.Scalar) -> Bool {
    step(scalar) != nil || scalar == "z" || scalar == "x"
  }
}
