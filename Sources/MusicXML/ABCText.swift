import ABC
import Music

/// Words and signs as ABC text writes them.
enum ABCText {
  /// One line without what would be read as something else.
  static func plain(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": break
      case "%": result += "\\%"
      case "&": result += "\\&"
      case "\n", "\r", "\t", "\u{0}"..<"\u{20}": result += " "
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// Words above the music.
  static func annotation(_ words: String) -> String {
    "\"^\(plain(words).replacing("\"", with: "'"))\""
  }

  static func accidental(_ alteration: Int) -> String {
    switch alteration {
    case ...(-2): "__"
    case -1: "_"
    case 0: "="
    case 1: "^"
    default: "^^"
    }
  }

  /// `c'`, `B,`.
  static func letter(_ pitch: ReadPitch) -> String {
    let name = PartReader.letters[pitch.letter]
    return pitch.octave >= 5
      ? name.lowercased() + String(repeating: "'", count: pitch.octave - 5)
      : name + String(repeating: ",", count: 4 - pitch.octave)
  }

  /// A length in units: `3/2`, nothing for one.
  static func length(_ units: Fraction) -> String {
    switch (units.numerator, units.denominator) {
    case (1, 1): ""
    case (1, 2): "/"
    case (let top, 1): "\(top)"
    case (1, let bottom): "/\(bottom)"
    case (let top, let bottom): "\(top)/\(bottom)"
    }
  }

  /// Pitch classes of a chord symbol, as it is played; nil where it is none.
  static func intervals(of symbol: String) -> [Int]? {
    ParsedTune.ChordSymbol(text: symbol, range: 0..<0, start: .zero, bar: 0).tones
  }

  /// A syllable between the signs that stand between syllables.
  static func syllable(_ text: String) -> String {
    var result = ""
    for character in plain(text) {
      switch character {
      case " ": result += "~"
      case "-": result += "\\-"
      case "_", "*", "|": break
      default: result.append(character)
      }
    }
    return result
  }
}
