/// The sharps and flats in force, for letters C D E F G A B.
struct KeySignature: Hashable, Sendable {
  /// Semitones for each letter, index 0 = C ... 6 = B; lane 7 is unused.
  var alterations: SIMD8<Int8> = .zero
  /// Sharps (positive) or flats (negative).
  var fifths = 0
  var isMinor = false

  static let none = KeySignature()

  /// Letters in the order in which sharps appear: F C G D A E B.
  static let sharpOrder = [3, 0, 4, 1, 5, 2, 6]

  init() {}

  /// A plain signature of `fifths` sharps or flats; beyond seven, letters become double sharps.
  init(fifths: Int, isMinor: Bool = false) {
    self.fifths = fifths
    self.isMinor = isMinor
    for index in 0..<abs(fifths) {
      if fifths > 0 {
        alterations[KeySignature.sharpOrder[index % 7]] += 1
      } else {
        alterations[KeySignature.sharpOrder[6 - index % 7]] -= 1
      }
    }
  }
}

/// What the text of a `K:` field says, besides a signature (ABC 2.1 §3.1.14, §4.6).
struct KeyField: Hashable, Sendable {
  /// `nil` when the field names no key at all, only a clef.
  var signature: KeySignature?
  /// The words that name the key, as written.
  var name = ""
  var sound = VoiceSound()
  /// Words that mean nothing here.
  var unknown: [String] = []

  /// Reads the text after `K:`.
  init(_ text: String) {
    var words = fieldWords(text)
    if !words.isEmpty, let (signature, name, used) = KeyField.key(words) {
      self.signature = signature
      self.name = name
      words.removeFirst(used)
    } else if words.isEmpty {
      signature = KeySignature.none
    }
    var accidentals: [(letter: Int, alteration: Int8)] = []
    var isExplicit = false
    for word in words {
      if word.lowercased() == "exp" {
        isExplicit = true
      } else if let found = KeyField.accidentalWord(word) {
        accidentals += found
      } else if !sound.read(word) {
        unknown.append(word)
      }
    }
    if isExplicit, var explicit = signature {
      explicit.alterations = .zero
      signature = explicit
    }
    if !accidentals.isEmpty {
      var changed = signature ?? .none
      for (letter, alteration) in accidentals { changed.alterations[letter] = alteration }
      signature = changed
    }
  }

  /// Modes by their first three letters, as a shift in fifths from major.
  private static let modes: [String: (shift: Int, isMinor: Bool)] = [
    "maj": (0, false), "ion": (0, false), "mix": (-1, false), "dor": (-2, true),
    "min": (-3, true), "aeo": (-3, true), "m": (-3, true), "phr": (-4, true),
    "loc": (-5, true), "lyd": (1, false),
  ]

  /// The key named by the first words, and how many words it took.
  private static func key(_ words: [String]) -> (KeySignature, String, Int)? {
    let word = Array(words[0].utf8)
    if words[0] == "HP" { return (pipes(), "HP", 1) }
    if words[0] == "Hp" { return (pipes(), "Hp", 1) }
    if words[0].lowercased() == "none" { return (.none, words[0], 1) }
    guard let tonic = word.first, let position = "FCGDAEB".utf8.firstIndex(of: tonic) else {
      return nil
    }
    var fifths = "FCGDAEB".utf8.distance(from: "FCGDAEB".utf8.startIndex, to: position) - 1
    var index = 1
    if index < word.count, word[index] == UInt8(ascii: "#") {
      fifths += 7
      index += 1
    } else if index < word.count, word[index] == UInt8(ascii: "b") {
      fifths -= 7
      index += 1
    }
    var used = 1
    var name = words[0]
    var isMinor = false
    if index < word.count {
      let rest = String(decoding: word[index...], as: UTF8.self)
      guard let mode = mode(rest) else { return nil }
      fifths += mode.shift
      isMinor = mode.isMinor
    } else if words.count > 1, let mode = mode(words[1]) {
      fifths += mode.shift
      isMinor = mode.isMinor
      used = 2
      name += words[1]
    }
    return (KeySignature(fifths: fifths, isMinor: isMinor), name, used)
  }

  private static func mode(_ text: String) -> (shift: Int, isMinor: Bool)? {
    let lower = text.lowercased()
    guard lower.utf8.allSatisfy({ (0x61...0x7A).contains($0) }) else { return nil }
    return lower == "m" ? modes["m"] : modes[String(lower.prefix(3))]
  }

  /// The Highland pipes sound F and C sharp, whether or not they are drawn.
  private static func pipes() -> KeySignature { KeySignature(fifths: 2) }

  /// `^f`, `_b`, `=c`, `^^g`, also several in one word.
  private static func accidentalWord(_ word: String) -> [(letter: Int, alteration: Int8)]? {
    let bytes = Array(word.utf8)
    var found: [(letter: Int, alteration: Int8)] = []
    var index = 0
    while index < bytes.count {
      var alteration: Int8 = 0
      let start = index
      while index < bytes.count, letterIndex(bytes[index]) == nil {
        switch bytes[index] {
        case UInt8(ascii: "^"): alteration = min(alteration + 1, 2)
        case UInt8(ascii: "_"): alteration = max(alteration - 1, -2)
        case UInt8(ascii: "="): alteration = 0
        default: return nil
        }
        index += 1
      }
      guard index > start, index < bytes.count, let letter = letterIndex(bytes[index]) else {
        return nil
      }
      found.append((letter, alteration))
      index += 1
    }
    return found.isEmpty ? nil : found
  }
}

/// 0 for C or c ... 6 for B or b; `nil` for any other byte.
func letterIndex(_ byte: UInt8) -> Int? {
  switch byte | 0x20 {
  case UInt8(ascii: "c"): 0
  case UInt8(ascii: "d"): 1
  case UInt8(ascii: "e"): 2
  case UInt8(ascii: "f"): 3
  case UInt8(ascii: "g"): 4
  case UInt8(ascii: "a"): 5
  case UInt8(ascii: "b"): 6
  default: nil
  }
}

/// Semitones of C D E F G A B above C.
let naturalSemitones: SIMD8<Int8> = [0, 2, 4, 5, 7, 9, 11, 0]
