/// A key and how it is written.
struct NamedKey: Hashable {
  var key: Int
  var name: Spelling
}

/// A note, chord or rest as it stands in one bar.
struct BarItem {
  var start: Int
  var length: Int
  /// Empty for a rest.
  var keys: [NamedKey]
  /// Whether it is held into the next bar, and from the one before.
  var isTiedOn = false
  var isTiedFromBefore = false
  /// Grace notes before it; their time is within `length`.
  var graces: [NamedKey] = []
  /// The chord symbol that comes into force with it.
  var symbol: String?
  /// Fields that stand before it, such as `[Q:1/4=60]`.
  var fields = ""
}

/// Written lengths, as multiples of the unit note length.
enum WrittenLength {
  /// `numerator/denominator` in lowest terms.
  static func fraction(_ length: Int, of unit: Int) -> (numerator: Int, denominator: Int) {
    var (a, b) = (length, unit)
    while b != 0 { (a, b) = (b, a % b) }
    return (length / max(1, a), unit / max(1, a))
  }

  /// Whether a length is written with halves only: no tuplet is needed.
  static func isPlain(_ length: Int, of unit: Int) -> Bool {
    let denominator = fraction(length, of: unit).denominator
    return denominator & (denominator - 1) == 0 && denominator <= 32
  }

  /// ABC 2.1 §4.3: nothing for one unit, `3`, `/2`, `3/2`.
  static func text(_ length: Int, of unit: Int) -> String {
    let (numerator, denominator) = fraction(length, of: unit)
    switch (numerator, denominator) {
    case (1, 1): return ""
    case (_, 1): return "\(numerator)"
    case (1, _): return "/\(denominator)"
    default: return "\(numerator)/\(denominator)"
    }
  }
}

/// Remembers the signs of a bar, so that each is written once.
struct AccidentalMemory {
  let fifths: Int
  private var byLetter: [Character: Int] = [:]
  private var byPitch: [String: Int] = [:]

  init(fifths: Int) { self.fifths = fifths }

  /// A note's text without its length.
  ///
  /// Readers disagree on whether a sign counts for other octaves (ABC 2.1 §11.3); where that
  /// would matter the sign is written again.
  mutating func text(_ note: NamedKey, isTiedFromBefore: Bool = false) -> String {
    let spelling = note.name
    let name = spelling.text(key: note.key)
    if isTiedFromBefore { return name }
    let signature = Spelling.alteration(of: spelling.letter, fifths: fifths)
    let inEveryOctave = byLetter[spelling.letter] ?? signature
    let inItsOctave = byPitch[name] ?? signature
    if inEveryOctave == spelling.alteration && inItsOctave == spelling.alteration { return name }
    byLetter[spelling.letter] = spelling.alteration
    byPitch[name] = spelling.alteration
    return spelling.accidental + name
  }
}
