/// What a chord symbol such as `"F#m7/C#"` sounds like (ABC 2.1 §4.18).
struct ChordName: Hashable, Sendable {
  /// Semitones above C of the root, 0...11.
  var root: Int
  /// Semitones above C of the bass note.
  var bass: Int
  /// Semitones above the root.
  var intervals: [Int]
  /// Whether the kind was known; otherwise only the bass sounds.
  var isKnown = true

  enum Reading: Hashable, Sendable {
    case chord(ChordName)
    /// `N.C.`: nothing sounds until the next symbol.
    case silence
    /// No chord, but words above the music.
    case words
  }

  /// Reads a symbol; `named` holds kinds made by `%%MIDI chordname`.
  static func read(_ symbol: String, named: [String: [Int]] = [:]) -> Reading {
    var bytes = Array(symbol.utf8)
    if "nNtT".utf8.contains(bytes.first ?? 0) {
      switch symbol.lowercased() {
      case "n.c.", "nc", "n.c", "n. c.", "no chord", "tacet": return .silence
      default: break
      }
    }
    // "G(Em)", "G (Em/B)" and "G;Em" offer a second choice; the first is played.
    if let end = alternative(in: bytes) { bytes = Array(trimmed(bytes[..<end])) }
    guard let first = bytes.first, (0x41...0x47).contains(first) else { return .words }
    var index = 0
    guard let root = note(bytes, &index) else { return .words }
    var bass = root
    var end = bytes.count
    if let slash = bytes[index...].lastIndex(of: UInt8(ascii: "/")) {
      var after = slash + 1
      // `6/9` has a slash too.
      if after < bytes.count, letterIndex(bytes[after]) != nil,
        let found = note(bytes, &after), after == bytes.count || isEdge(bytes[after])
      {
        bass = found
        end = slash
      }
    }
    let kind = String(decoding: trimmed(bytes[index..<end]), as: UTF8.self)
    var own: [Int]?
    if !named.isEmpty {
      own = named[String(decoding: bytes[index...], as: UTF8.self)] ?? named[kind]
    }
    if let intervals = own ?? intervals(of: kind) {
      return .chord(ChordName(root: root, bass: bass, intervals: intervals))
    }
    let byte = kind.utf8.first ?? 0
    let looksLikeChord =
      (0x30...0x39).contains(byte) || "mM#b+-^".utf8.contains(byte)
      || ["sus", "add", "aug", "dim", "maj", "min", "alt"].contains { kind.hasPrefix($0) }
    guard looksLikeChord else { return .words }
    return .chord(ChordName(root: root, bass: bass, intervals: [], isKnown: false))
  }

  /// Where a second choice begins: at `;`, a line end, or a bracket around a chord of its own.
  private static func alternative(in bytes: [UInt8]) -> Int? {
    bytes.indices.first { index in
      let next = index + 1 < bytes.count ? bytes[index + 1] : 0
      switch bytes[index] {
      case UInt8(ascii: ";"), 0x0A: return true
      case UInt8(ascii: "\\"): return next == UInt8(ascii: "n")
      case UInt8(ascii: "("), UInt8(ascii: "["): return index > 0 && (0x41...0x47).contains(next)
      default: return false
      }
    }
  }

  private static func isEdge(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "(") || byte == UInt8(ascii: ")") || byte == 0x20
  }

  /// A letter and its signs (`#`, `b`, also the printed ones), as semitones above C.
  private static func note(_ bytes: [UInt8], _ index: inout Int) -> Int? {
    guard index < bytes.count, let letter = letterIndex(bytes[index]) else { return nil }
    var semitones = naturalSemitones(letter)
    index += 1
    loop: while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "#"):
        semitones += 1
        index += 1
      case UInt8(ascii: "b"):
        semitones -= 1
        index += 1
      case 0xE2 where bytes[index...].starts(with: "♯".utf8):
        semitones += 1
        index += 3
      case 0xE2 where bytes[index...].starts(with: "♭".utf8):
        semitones -= 1
        index += 3
      default: break loop
      }
    }
    return ((semitones % 12) + 12) % 12
  }

  private static func intervals(of kind: String) -> [Int]? {
    if let found = table[kind] { return found }
    // "G(Em)": what stands before the bracket; "G7(b9)" as one word.
    if let open = kind.utf8.firstIndex(of: UInt8(ascii: "(")) {
      let joined = String(decoding: kind.utf8.filter { !" ()".utf8.contains($0) }, as: UTF8.self)
      let before = trimmed(Array(kind[..<open].utf8)[...])
      return table[joined] ?? table[String(decoding: before, as: UTF8.self)]
    }
    return nil
  }

  private static let table: [String: [Int]] = {
    let major = [0, 4, 7]
    let minor = [0, 3, 7]
    var table: [String: [Int]] = [
      "6": [0, 4, 7, 9], "7": [0, 4, 7, 10], "9": [0, 4, 7, 10, 14],
      "11": [0, 4, 7, 10, 14, 17], "13": [0, 4, 7, 10, 14, 21], "5": [0, 7],
      "m6": [0, 3, 7, 9], "m7": [0, 3, 7, 10], "m9": [0, 3, 7, 10, 14],
      "m11": [0, 3, 7, 10, 14, 17], "mM7": [0, 3, 7, 11], "m7b5": [0, 3, 6, 10],
      "maj7": [0, 4, 7, 11], "maj9": [0, 4, 7, 11, 14], "dim": [0, 3, 6], "dim7": [0, 3, 6, 9],
      "dim9": [0, 3, 6, 9, 14], "aug": [0, 4, 8], "aug7": [0, 4, 8, 10], "sus4": [0, 5, 7],
      "sus2": [0, 2, 7], "sus9": [0, 2, 7], "7sus4": [0, 5, 7, 10], "7sus2": [0, 2, 7, 10],
      "7sus9": [0, 2, 7, 10], "9sus4": [0, 5, 7, 10, 14], "7b9": [0, 4, 7, 10, 13],
      "7#9": [0, 4, 7, 10, 15], "7b5": [0, 4, 6, 10], "7#11": [0, 4, 7, 10, 18],
      "add9": [0, 4, 7, 14], "madd9": [0, 3, 7, 14], "6/9": [0, 4, 7, 9, 14],
      "7b13": [0, 4, 7, 10, 20], "maj7#11": [0, 4, 7, 11, 18],
    ]
    table[""] = major
    table["m"] = minor
    let others: [(String, [String])] = [
      ("", ["maj", "M", "major", "Δ"]), ("m", ["min", "mi", "-", "minor"]),
      ("m7", ["min7", "mi7", "-7"]), ("m6", ["min6", "-6"]), ("m9", ["min9", "-9"]),
      ("m11", ["min11"]), ("mM7", ["m#7", "mmaj7", "m(maj7)", "minmaj7", "mM7"]),
      ("m7b5", ["ø", "ø7", "min7b5", "-7b5", "m7-5", "m7(b5)"]),
      ("maj7", ["M7", "ma7", "Δ7", "7M", "j7"]), ("maj9", ["M9", "ma9"]),
      ("dim", ["°", "o", "mb5", "º"]), ("dim7", ["°7", "o7", "º7"]), ("aug", ["+", "#5"]),
      ("aug7", ["7#5", "+7", "7+", "7+5"]), ("sus4", ["sus", "4"]), ("sus2", ["2"]),
      ("7sus4", ["7sus"]), ("9sus4", ["9sus"]), ("add9", ["add2"]), ("6/9", ["69"]),
      ("7b9", ["7-9"]), ("7#9", ["7+9"]), ("7b5", ["7-5"]),
    ]
    for (kind, names) in others {
      for name in names { table[name] = table[kind] }
    }
    return table
  }()
}
