import ABC

/// A reader of the melody in ABC text, one character at a time: the pitches of its notes, chords by
/// their top note, without grace notes.
///
/// It reads what networks write: header lines up to `K:`, then music with fields. A note is known
/// when its letter is read, and still changes with the octave marks that may follow.
struct MelodyReader: Hashable, Sendable {
  /// What a character would do to the melody.
  enum Change: Equatable {
    case none
    /// A note begins after the one that is being read.
    case newNote(pitch: Int)
    /// The note that is being read becomes another.
    case lastNote(pitch: Int)
  }

  private enum Place: Hashable {
    case lineStart, music
    /// A letter at the start of a line that is a field if a colon follows.
    case fieldLetter(Unicode.Scalar)
    case field(Unicode.Scalar, isInline: Bool)
    case bracket
    case inlineLetter(Unicode.Scalar)
    case quote, bang, comment
  }

  private struct Sounding: Hashable {
    var staff: Int
    var alteration: Int8
  }

  private var place = Place.lineStart
  private var isInHeader = true
  private var isGrace = false
  private var value = ""
  private var key = KeyScale()
  /// Accidentals written in this bar by letter; 127 = none.
  private var inBar = MelodyReader.noAccidentals
  private var accidental: Int8?
  /// Octaves times seven and letter, of the note being read; nil between notes.
  private var staff: Int?
  private var alteration: Int8 = 0
  /// The note a tie leads to, and how it sounds.
  private var tied: Sounding?
  private var last = Sounding(staff: 35, alteration: 0)
  private var isChord = false
  /// Of the chord being read: the note read last, and the highest of those before it.
  private var chordNote: Int?
  private var chordTop = Int.min
  private var isTuplet = false
  private var before: Unicode.Scalar = "\n"

  private static let noAccidentals = SIMD8<Int8>(repeating: 127)
  private static let semitones: SIMD8<Int8> = [0, 2, 4, 5, 7, 9, 11, 0]

  /// A reader at the start of a tune's header.
  init() {}

  /// What `character` would do, were it read now.
  func change(_ character: Unicode.Scalar) -> Change {
    guard !isGrace, !isInHeader else { return .none }
    switch place {
    case .lineStart, .music, .bracket, .fieldLetter, .inlineLetter: break
    case .field, .quote, .bang, .comment: return .none
    }
    if let note = Self.staff(of: character) {
      let pitch = pitch(note, alteration(of: note))
      guard let chordNote else { return .newNote(pitch: pitch) }
      return pitch > max(chordTop, chordNote) ? .lastNote(pitch: pitch) : .none
    }
    if let staff, character == "'" || character == "," {
      let moved = pitch(staff + (character == "'" ? 7 : -7), alteration)
      return .lastNote(pitch: chordNote == nil ? moved : max(chordTop, moved))
    }
    return .none
  }

  /// Reads a character.
  ///
  /// - Returns: What became of the melody.
  @discardableResult
  mutating func read(_ character: Unicode.Scalar) -> Change {
    let change = change(character)
    advance(character)
    before = character
    return change
  }

  private mutating func advance(_ character: Unicode.Scalar) {
    switch place {
    case .quote:
      if character == "\"" { place = .music }
      if character == "\n" { place = .lineStart }
      return
    case .bang:
      if character == "!" { place = .music }
      if character == "\n" { place = .lineStart }
      return
    case .comment:
      if character == "\n" { place = .lineStart }
      return
    case .field(let letter, let isInline):
      if character == "\n" || isInline && character == "]" {
        endField(letter)
        place = character == "\n" ? .lineStart : .music
      } else if letter == "K", value.utf8.count < 64 {
        value.unicodeScalars.append(character)
      }
      return
    case .fieldLetter(let letter):
      if character == ":" {
        value = ""
        place = .field(letter, isInline: false)
        return
      }
      place = .music
    case .inlineLetter(let letter):
      if character == ":" {
        value = ""
        isChord = false
        place = .field(letter, isInline: true)
        return
      }
      place = .music
    case .bracket:
      place = .music
      isChord = !Self.isDigit(character) && character != "|"
      if character.isASCII, character.properties.isAlphabetic, Self.staff(of: character) == nil {
        place = .inlineLetter(character)
        return
      }
    case .lineStart:
      // A sign of a plan stands before what the line says.
      if (0xe000...0xf8ff).contains(character.value) { return }
      place = .music
      if character.isASCII, character.properties.isAlphabetic,
        isInHeader || Self.staff(of: character) == nil
      {
        place = .fieldLetter(character)
        return
      }
    case .music: break
    }
    readMusic(character)
  }

  private mutating func readMusic(_ character: Unicode.Scalar) {
    if let staff, character == "'" || character == "," {
      let moved = staff + (character == "'" ? 7 : -7)
      self.staff = moved
      last.staff = moved
      if chordNote != nil { chordNote = pitch(moved, alteration) }
      return
    }
    let tuplet = isTuplet
    staff = nil
    isTuplet = tuplet && (character == ":" || Self.isDigit(character))
    switch character {
    case "\n": place = .lineStart
    case "%": place = .comment
    case "\"": place = .quote
    case "!": place = .bang
    case "{": isGrace = true
    case "}": isGrace = false
    case "[": place = .bracket
    case "]": endChord()
    case "(": isTuplet = true
    case "|": endBar()
    case ":":
      if !tuplet, before == ":" || before == "|" { endBar() }
    case "^", "_", "=":
      let step: Int8 = character == "^" ? 1 : character == "_" ? -1 : 0
      accidental = min(max((accidental ?? 0) + step, -2), 2)
    case "-":
      if !isGrace { tied = last }
    default:
      if let note = Self.staff(of: character) { beginNote(note) }
    }
  }

  private mutating func beginNote(_ note: Int) {
    defer { accidental = nil }
    // An accidental of a grace note holds for the bar, too.
    if let accidental { inBar[Self.letter(note)] = accidental }
    guard !isGrace else { return }
    alteration = alteration(of: note)
    tied = nil
    staff = note
    last = Sounding(staff: note, alteration: alteration)
    guard isChord else { return }
    chordTop = max(chordTop, chordNote ?? .min)
    chordNote = pitch(note, alteration)
  }

  private func alteration(of note: Int) -> Int8 {
    let letter = Self.letter(note)
    if let accidental { return accidental }
    if let tied, tied.staff == note { return tied.alteration }
    return inBar[letter] == 127 ? key.alterations[letter] : inBar[letter]
  }

  private mutating func endBar() {
    inBar = Self.noAccidentals
    accidental = nil
    endChord()
  }

  private mutating func endChord() {
    isChord = false
    chordNote = nil
    chordTop = .min
  }

  private mutating func endField(_ letter: Unicode.Scalar) {
    guard letter == "K" else { return }
    isInHeader = false
    if let scale = KeyScale(field: value) {
      key = scale
      inBar = Self.noAccidentals
    }
    value = ""
  }

  private func pitch(_ staff: Int, _ alteration: Int8) -> Int {
    let octave = (staff - Self.letter(staff)) / 7
    return 12 * octave + Int(Self.semitones[Self.letter(staff)]) + Int(alteration)
  }

  private static func letter(_ staff: Int) -> Int { ((staff % 7) + 7) % 7 }

  /// `C` is middle C: the fifth octave, as MIDI counts from key 0.
  private static func staff(of character: Unicode.Scalar) -> Int? {
    switch character {
    case "A"..."G": 35 + Int((character.value - 65 + 5) % 7)
    case "a"..."g": 42 + Int((character.value - 97 + 5) % 7)
    default: nil
    }
  }

  private static func isDigit(_ character: Unicode.Scalar) -> Bool {
    ("0"..."9").contains(character)
  }
}
