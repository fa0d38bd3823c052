import Music

/// What the text of a `K:` field says: tonic and mode, accidentals of its own, and how the voice
/// sounds (ABC 2.1 §3.1.14, §4.6). Blanks between the parts may be missing, as in `Dm^c`.
struct KeyField: Hashable, Sendable {
  /// `nil` when the field names no key at all, only a clef.
  private(set) var signature: KeySignature?
  /// Tonic and mode without blanks, the mode as written.
  private(set) var name = ""
  private(set) var sound = VoiceSound()
  /// Words that mean nothing here.
  private(set) var unknown: [String] = []
  /// `exp`: the accidentals given are all there are.
  private(set) var isExplicit = false
  /// Behind the word `exp`.
  private(set) var explicitEnd: Int?
  /// The tonic with its sharp or flat: bytes of the text.
  private(set) var tonic: Range<Int>?
  private(set) var accidentals: [Accidental] = []
  /// Whether the tonic was a small letter, or its sign a word.
  private(set) var isUnusual = false

  /// `^f`: a sign for one letter, whatever the octave.
  struct Accidental: Hashable, Sendable {
    var letter: Int
    var alteration: Int8
    /// Bytes of the text.
    var range: Range<Int>
  }

  private let bytes: [UInt8]
  private var index = 0

  /// Reads the text after `K:`.
  init(_ text: String) {
    bytes = Array(text.utf8)
    skipBlanks()
    if index == bytes.count {
      signature = KeySignature.none
      return
    }
    readTonic()
    readRest()
    if isExplicit, var explicit = signature {
      explicit.alterations = .zero
      signature = explicit
    }
    if !accidentals.isEmpty {
      var changed = signature ?? .none
      for sign in accidentals { changed.alterations[sign.letter] = sign.alteration }
      signature = changed
    }
  }

  private func peek(_ offset: Int = 0) -> UInt8 {
    index + offset < bytes.count ? bytes[index + offset] : 0
  }

  private mutating func skipBlanks() {
    while peek() == 0x20 || peek() == 0x09 { index += 1 }
  }

  /// The letters from a place on, in lower case.
  private func letters(from start: Int) -> String {
    let run = bytes[min(start, bytes.count)...].prefix { (0x61...0x7A).contains($0 | 0x20) }
    return String(unsafeUninitializedCapacity: run.count) { text in
      for (place, letter) in run.enumerated() { text[place] = letter | 0x20 }
      return run.count
    }
  }

  // MARK: - Tonic and mode

  /// Modes by their first three letters, as a shift in fifths from major.
  private static let modes: [String: (shift: Int, isMinor: Bool)] = [
    "maj": (0, false), "ion": (0, false), "mix": (-1, false), "dor": (-2, true),
    "min": (-3, true), "aeo": (-3, true), "m": (-3, true), "phr": (-4, true),
    "loc": (-5, true), "lyd": (1, false),
  ]

  private static func mode(_ word: String) -> (shift: Int, isMinor: Bool)? {
    word == "m" ? modes["m"] : modes[String(word.prefix(3))]
  }

  private mutating func readTonic() {
    let start = index
    let word = letters(from: index)
    if word == "none" {
      (signature, name) = (KeySignature.none, text(start..<(start + 4)))
      index += 4
      return
    }
    if word == "hp", peek() == UInt8(ascii: "H") {
      // The Highland pipes sound F and C sharp, whether or not they are drawn.
      (signature, name) = (KeySignature(fifths: 2), text(start..<(start + 2)))
      index += 2
      return
    }
    let letter = peek() & 0xDF
    guard let place = "FCGDAEB".utf8.firstIndex(of: letter) else { return }
    let isSmall = peek() != letter
    if isSmall, !isTonic(inSmallLetters: word) { return }
    isUnusual = isSmall
    var fifths = "FCGDAEB".utf8.distance(from: "FCGDAEB".utf8.startIndex, to: place) - 1
    index += 1
    let sign = readSign()
    fifths += 7 * sign
    tonic = start..<index
    name = String(decoding: [letter], as: UTF8.self) + (sign > 0 ? "#" : sign < 0 ? "b" : "")
    var isMinor = false
    if let (mode, range) = readMode() {
      fifths += mode.shift
      isMinor = mode.isMinor
      name += text(range)
    }
    signature = KeySignature(fifths: fifths, isMinor: isMinor)
  }

  /// `am`, `g`, `bb dorian`, but not `bass` or `alto`.
  private func isTonic(inSmallLetters word: String) -> Bool {
    let rest = word.dropFirst()
    if rest.isEmpty || KeyField.mode(String(rest)) != nil { return true }
    return rest.first == "b" && (rest.count == 1 || KeyField.mode(String(rest.dropFirst())) != nil)
  }

  /// `#`, `b`, the printed signs, or the words; -1, 0 or 1.
  private mutating func readSign() -> Int {
    switch peek() {
    case UInt8(ascii: "#"):
      index += 1
      return 1
    case UInt8(ascii: "b"):
      // `Bbass` is B in the bass clef.
      if VoiceSound.clefs.contains(letters(from: index)) { return 0 }
      index += 1
      return -1
    case 0xE2 where bytes[index...].starts(with: "♯".utf8):
      index += 3
      return 1
    case 0xE2 where bytes[index...].starts(with: "♭".utf8):
      index += 3
      return -1
    default:
      var start = index
      while start < bytes.count, bytes[start] == 0x20 { start += 1 }
      // Most keys end here: neither word fits in.
      guard start + 3 < bytes.count else { return 0 }
      for (word, sign) in [("sharp", 1), ("flat", -1)]
      where letters(from: start).hasPrefix(word) {
        index = start + word.utf8.count
        isUnusual = true
        return sign
      }
      return 0
    }
  }

  /// The mode at or after the blanks here, also with a clef glued to it (`Dmixclef=bass`).
  private mutating func readMode() -> (mode: (shift: Int, isMinor: Bool), place: Range<Int>)? {
    var start = index
    while start < bytes.count, bytes[start] == 0x20 || bytes[start] == 0x09 { start += 1 }
    let word = letters(from: start)
    guard !word.isEmpty else { return nil }
    let count = word.utf8.count
    for length in 1..<max(count, 1) where VoiceSound.isKnown(String(word.dropFirst(length))) {
      guard let mode = KeyField.mode(String(word.prefix(length))) else { continue }
      index = start + length
      return (mode, start..<index)
    }
    // `D m=B` names the middle line, `Dm=B` a natural.
    let isMiddle = word == "m" && start > index && bytes[start + 1..<bytes.count].first == 0x3D
    guard !isMiddle, let mode = KeyField.mode(word) else { return nil }
    index = start + count
    return (mode, start..<index)
  }

  // MARK: - What follows

  private mutating func readRest() {
    while index < bytes.count {
      skipBlanks()
      guard index < bytes.count else { break }
      if readAccidental() { continue }
      let word = readWord()
      if word.lowercased() == "exp" {
        isExplicit = true
        explicitEnd = index
      } else if !sound.read(word) {
        unknown.append(word)
      }
    }
  }

  /// `^f`, `_b`, `=c`, `^^g`, each perhaps glued to the next.
  private mutating func readAccidental() -> Bool {
    let start = index
    var place = index
    var alteration: Int8 = 0
    scan: while place < bytes.count {
      switch bytes[place] {
      case UInt8(ascii: "^"): alteration = min(alteration + 1, 2)
      case UInt8(ascii: "_"): alteration = max(alteration - 1, -2)
      case UInt8(ascii: "="): alteration = 0
      default: break scan
      }
      place += 1
    }
    guard place > start, place < bytes.count, let letter = letterIndex(bytes[place]) else {
      return false
    }
    index = place + 1
    accidentals.append(Accidental(letter: letter, alteration: alteration, range: start..<index))
    return true
  }

  /// Up to the next blank outside quotation marks; `exp^f` ends before its accidental.
  private mutating func readWord() -> String {
    let start = index
    var isQuoted = false
    let isExplicit = letters(from: index) == "exp"
    while index < bytes.count {
      let byte = bytes[index]
      if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
      if !isQuoted, byte == 0x20 || byte == 0x09 { break }
      if isExplicit, index == start + 3 { break }
      index += 1
    }
    return text(start..<index)
  }

  private func text(_ range: Range<Int>) -> String {
    String(decoding: bytes[range], as: UTF8.self)
  }
}
