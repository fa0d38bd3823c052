import Form

/// Where the music of a tune stands: what was just read, what the bar holds, what is still open.
struct MusicGrammar: Equatable, Sendable {
  /// Durations count in these: a whole note in enough parts for 1/64, triplets and quintuplets.
  static let whole = 322_560
  /// After so many bars a tune may end even where something is not made up for.
  static let patience = 64
  /// A first ending holds no more bars than this.
  static let longestEnding = 4

  /// Whether lengths are written in lowest terms, `1` and not `2/2`: in a gap they would be other ways
  /// to write the same.
  var isReduced = false

  /// Where a bar stands in a part that ends where it is planned to, and nowhere else.
  enum PlaceInPart: Equatable, Sendable { case inner, last }

  /// nil = the part may end with any bar.
  var placeInPart: PlaceInPart?

  // MARK: What is open

  /// What was just read.
  enum Place: Equatable, Sendable {
    /// Nothing on this line yet.
    case lineStart
    /// Something that may be followed by anything: a note that was counted, a slur's end.
    case between
    case space
    /// Something that needs a note: a decoration, grace notes, broken rhythm.
    case beforeNote
    /// The end of a chord symbol: needs a note, too.
    case chordSymbol
    case accidental(Unicode.Scalar, count: Int)
    case note
    case tie
    case paren
    /// The numbers of a tuplet, `3` or `3:2:2`.
    case tuplet(String)
    case bracket
    case quote(String)
    /// The name of a decoration, from its sign on.
    case bang(String)
    /// The characters of a bar line, and what the bar before it allows.
    case bar(String, BarClosing)
    /// The number of an ending.
    case ending
    case fieldLetter(Unicode.Scalar)
    case field(Unicode.Scalar, String)
    /// A field in brackets, from its letter on.
    case inlineField(String)
  }

  /// How a bar may be closed.
  struct BarClosing: Equatable, Sendable {
    /// By a plain bar line.
    var plain: Bool
    /// By a sign that ends a section: double bar or repeat.
    var section: Bool
    /// Whether the bar holds all that the meter asks for.
    var isFull: Bool
    /// Whether it holds nothing: two bar lines follow each other.
    var isEmpty = false
  }

  enum Enclosure: Equatable, Sendable { case none, grace, chord }

  /// A note, as far as its characters were read.
  struct Note: Equatable, Sendable {
    var letter: Unicode.Scalar
    /// Commas and apostrophes.
    var octaveMarks = 0
    var numerator = 0
    var hasSlash = false
    var denominator = 0

    var isRest: Bool { letter == "z" || letter == "x" }

    /// In parts of a whole note, tuplets and broken rhythm not counted.
    func length(unit: Int) -> Int {
      let numerator = max(1, numerator)
      guard hasSlash else { return numerator * unit }
      return numerator * unit / (denominator == 0 ? 2 : denominator)
    }
  }

  /// What the network can write: nothing is opened that it could not close.
  var known = KnownCharacters()
  var place = Place.lineStart
  var enclosure = Enclosure.none
  /// Notes in the enclosure.
  var enclosedCount = 0
  /// The note that `place` is in or, after a chord's `]`, the chord.
  var note = Note(letter: "z")
  /// Length of the first note of a chord.
  var chordLength = 0

  /// Notes that a tuplet still lacks, of how many; they count as `tupletTime / tupletCount` of their
  /// length.
  var tupletLeft = 0
  var tupletNotes = 1
  var tupletCount = 1
  var tupletTime = 1
  /// What the next note's length must be: in a tuplet, and after broken rhythm, that of the one
  /// before.
  var lengthWanted: Int?
  /// Eighths that the next note's length counts as, after broken rhythm.
  var brokenEighths = 8
  /// How many signs of broken rhythm were read: `>>` dots twice.
  var brokenSigns = 0
  /// The note that the next one continues.
  var tied: Note?
  var slurDepth = 0
  var notesInSlur = 0

  // MARK: The bar

  /// Length of a bar; nil in free meter.
  var barLength: Int?
  /// Whether beats have three parts: 5, 7 and 9 notes of a tuplet then take the time of three.
  var isCompound = false
  var unit = whole / 8
  /// Length of the bar so far, without the note in progress.
  var sum = 0
  /// Length of the note that was counted last.
  var lastLength = 0

  // MARK: The tune

  var barCount = 0
  /// Whether a key or a part was named since the last bar; each comes once.
  var hasKeyLine = false
  var hasPartLine = false
  /// Whether grace notes and a chord symbol stand before the next note already.
  var hasGraceNotes = false
  var hasChordSymbol = false
  var isRepeatOpen = false
  /// 0 = none, 1 or 2.
  var ending = 0
  var barsInEnding = 0
  var allowsEndings = true
  var sectionCount = 0
  var isFirstBarOfSection = true
  /// Length of the section's pickup; 0 = none.
  var pickup = 0
  /// What the last bar of the section before lacks.
  var lackBefore = 0
  var lastClosedLength = 0
  var lastBarWasPickup = false

  /// Free meter, where bars are as long as they like, up to this.
  static let longestBar = 8 * whole

  mutating func setMeter(_ text: String) {
    let value = text.split(separator: "%").first.map(String.init) ?? ""
    barLength = Self.barLength(value)
    let meter = MelodyReader.ratio(ofMeter: value)
    isCompound = meter.map { [6, 9, 12].contains($0.beats) && [8, 16].contains($0.unit) } ?? false
  }

  /// Length of a bar in a meter; nil in free meter.
  static func barLength(_ meter: String) -> Int? {
    switch meter {
    case "C", "C|": return whole
    default: return MelodyReader.ratio(ofMeter: meter).map { whole / $0.unit * $0.beats }
    }
  }

  mutating func setUnitLength(_ text: String) {
    unit = Self.unit(text) ?? unit
  }

  /// A unit length in parts of a whole note.
  static func unit(_ text: String) -> Int? {
    let parts = text.split(separator: "/").map { Int($0) }
    guard parts.count == 2, let count = parts[0], let beat = parts[1], (1...16).contains(count),
      (1...64).contains(beat)
    else { return nil }
    return whole / beat * count
  }

  /// Whether notes that a network can write fill bars of a length.
  static func canFill(_ length: Int?, unit: Int?, with known: KnownCharacters) -> Bool {
    guard let length, let unit else { return true }
    return length % shortest(unit, with: known) == 0
  }

  /// The shortest note that a network can write: all others are multiples of it.
  private static func shortest(_ unit: Int, with known: KnownCharacters) -> Int {
    guard known.contains("/") else { return unit }
    return unit / (known.contains("8") ? 8 : known.contains("4") ? 4 : 2)
  }

  var shortestLength: Int { Self.shortest(unit, with: known) }

  /// Bars that the network cannot fill with its lengths, or cannot close, are not asked for.
  mutating func dropImpossibleMeter() {
    if !Self.canFill(barLength, unit: unit, with: known) { barLength = nil }
  }

  // MARK: Lengths

  /// What a note of a length adds to the bar.
  func counted(_ length: Int) -> Int {
    var length = length
    if tupletLeft > 0 { length = length * tupletTime / tupletCount }
    return length * brokenEighths / 8
  }

  /// Length of the bar with the note in progress.
  var sumWithNote: Int {
    place == .note && enclosure == .none ? sum + counted(noteLength) : sum
  }

  /// Length of the note in progress; of a chord, its first note times what follows the bracket.
  var noteLength: Int {
    let length = note.length(unit: unit)
    return chordLength > 0 ? length * chordLength / max(1, unit) : length
  }

  /// Counts the note in progress, as something else follows it.
  mutating func settleNote() {
    guard place == .note else { return }
    switch enclosure {
    case .grace: enclosedCount += 1
    case .chord:
      if enclosedCount == 0 { chordLength = note.length(unit: unit) }
      enclosedCount += 1
    case .none:
      lastLength = counted(noteLength)
      sum += lastLength
      if tupletLeft > 0 {
        lengthWanted = tupletLeft > 1 ? noteLength : nil
        tupletLeft -= 1
      } else {
        lengthWanted = nil
      }
      brokenEighths = 8
      brokenSigns = 0
      hasGraceNotes = false
      hasChordSymbol = false
      chordLength = 0
      tied = nil
      if slurDepth > 0 { notesInSlur += 1 }
    }
    place = .between
  }
}
