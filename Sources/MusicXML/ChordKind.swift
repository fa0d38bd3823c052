/// A kind of chord as chord symbols write it, and as MusicXML does: a kind with degrees.
struct ChordKind {
  /// After the root: `m7`.
  var symbol: String
  /// Semitones above the root, as chord symbols are played.
  var intervals: [Int]
  /// `<kind>`.
  var value: String
  var degrees: [Degree] = []

  struct Degree: Hashable {
    var value: Int
    var alter = 0
  }

  init(_ symbol: String, _ intervals: [Int], _ value: String, _ degrees: [Degree] = []) {
    self.symbol = symbol
    self.intervals = intervals
    self.value = value
    self.degrees = degrees
  }

  /// The kinds that chord symbols can name, the plainest of each value first.
  static let all = [
    ChordKind("", [0, 4, 7], "major"),
    ChordKind("m", [0, 3, 7], "minor"),
    ChordKind("7", [0, 4, 7, 10], "dominant"),
    ChordKind("maj7", [0, 4, 7, 11], "major-seventh"),
    ChordKind("m7", [0, 3, 7, 10], "minor-seventh"),
    ChordKind("dim", [0, 3, 6], "diminished"),
    ChordKind("dim7", [0, 3, 6, 9], "diminished-seventh"),
    ChordKind("aug", [0, 4, 8], "augmented"),
    ChordKind("aug7", [0, 4, 8, 10], "augmented-seventh"),
    ChordKind("m7b5", [0, 3, 6, 10], "half-diminished"),
    ChordKind("mM7", [0, 3, 7, 11], "major-minor"),
    ChordKind("6", [0, 4, 7, 9], "major-sixth"),
    ChordKind("m6", [0, 3, 7, 9], "minor-sixth"),
    ChordKind("9", [0, 4, 7, 10, 14], "dominant-ninth"),
    ChordKind("maj9", [0, 4, 7, 11, 14], "major-ninth"),
    ChordKind("m9", [0, 3, 7, 10, 14], "minor-ninth"),
    ChordKind("11", [0, 4, 7, 10, 14, 17], "dominant-11th"),
    ChordKind("m11", [0, 3, 7, 10, 14, 17], "minor-11th"),
    ChordKind("13", [0, 4, 7, 10, 14, 21], "dominant-13th"),
    ChordKind("sus2", [0, 2, 7], "suspended-second"),
    ChordKind("sus4", [0, 5, 7], "suspended-fourth"),
    ChordKind("5", [0, 7], "power"),
    ChordKind("7sus4", [0, 5, 7, 10], "suspended-fourth", [Degree(value: 7, alter: -1)]),
    ChordKind(
      "9sus4", [0, 5, 7, 10, 14], "suspended-fourth",
      [Degree(value: 7, alter: -1), Degree(value: 9)]),
    ChordKind("7b9", [0, 4, 7, 10, 13], "dominant", [Degree(value: 9, alter: -1)]),
    ChordKind("7#9", [0, 4, 7, 10, 15], "dominant", [Degree(value: 9, alter: 1)]),
    ChordKind("7#11", [0, 4, 7, 10, 18], "dominant", [Degree(value: 11, alter: 1)]),
    ChordKind("7b13", [0, 4, 7, 10, 20], "dominant", [Degree(value: 13, alter: -1)]),
    ChordKind("maj7#11", [0, 4, 7, 11, 18], "major-seventh", [Degree(value: 11, alter: 1)]),
    ChordKind("add9", [0, 4, 7, 14], "major", [Degree(value: 9)]),
    ChordKind("madd9", [0, 3, 7, 14], "minor", [Degree(value: 9)]),
    ChordKind("6/9", [0, 4, 7, 9, 14], "major-sixth", [Degree(value: 9)]),
  ]

  /// What has these tones; nil for chords that MusicXML can only give as `other`.
  static func kind(intervals: [Int]) -> ChordKind? {
    all.first { $0.intervals == intervals }
  }

  /// What a file's kind is called after its root; nil where it is none that is known. Degrees that
  /// no symbol has are left out.
  static func symbol(value: String, degrees: [Degree]) -> String? {
    let same = all.filter { $0.value == value }
    if let exact = same.first(where: { Set($0.degrees) == Set(degrees) }) { return exact.symbol }
    if let plain = same.first(where: \.degrees.isEmpty) { return plain.symbol }
    switch value {
    case "major-11th", "major-13th": return "maj9"
    case "minor-13th": return "m11"
    default: return nil
    }
  }
}

/// A chord symbol taken apart: `F#m7/C#`.
struct ChordSymbolText {
  var root: Character
  var rootAlteration: Int
  var kind: String
  var bass: (letter: Character, alteration: Int)?

  init?(_ symbol: String) {
    var text = Substring(symbol)
    guard let root = Self.pitch(&text) else { return nil }
    (self.root, rootAlteration) = root
    if let slash = text.lastIndex(of: "/") {
      var after = text[text.index(after: slash)...]
      if let bass = Self.pitch(&after), after.isEmpty {
        self.bass = bass
        text = text[..<slash]
      }
    }
    kind = String(text)
  }

  private static func pitch(_ text: inout Substring) -> (Character, Int)? {
    guard let letter = text.first, "ABCDEFG".contains(letter) else { return nil }
    text.removeFirst()
    var alteration = 0
    while let sign = text.first, "#b♯♭".contains(sign) {
      alteration += "#♯".contains(sign) ? 1 : -1
      text.removeFirst()
    }
    return (letter, alteration)
  }
}
