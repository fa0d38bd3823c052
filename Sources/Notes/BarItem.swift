/// A key and how it is written.
package struct NamedKey: Hashable {
  package var key: Int
  package var name: Spelling
  /// Whether it alone of a chord is held into what follows.
  package var isTiedOn: Bool
  /// Whether its sign is written even where it holds already.
  package var isSigned: Bool

  package init(key: Int, name: Spelling, isTiedOn: Bool = false, isSigned: Bool = false) {
    self.key = key
    self.name = name
    self.isTiedOn = isTiedOn
    self.isSigned = isSigned
  }
}

/// A note, chord or rest as it stands in one bar.
package struct BarItem {
  package var start: Int
  package var length: Int
  /// Empty for a rest.
  package var keys: [NamedKey]
  /// Whether it is held into the next bar, and from the one before.
  package var isTiedOn = false
  package var isTiedFromBefore = false
  /// Grace notes before it; their time is within `length`.
  package var graces: [NamedKey] = []
  /// The chord symbol that comes into force with it.
  package var symbol: String?
  /// Fields that stand before it, such as `[Q:1/4=60]`.
  package var fields = ""

  package init(
    start: Int, length: Int, keys: [NamedKey], isTiedOn: Bool = false,
    isTiedFromBefore: Bool = false, graces: [NamedKey] = [], symbol: String? = nil,
    fields: String = ""
  ) {
    self.start = start
    self.length = length
    self.keys = keys
    self.isTiedOn = isTiedOn
    self.isTiedFromBefore = isTiedFromBefore
    self.graces = graces
    self.symbol = symbol
    self.fields = fields
  }
}

/// Written lengths, as multiples of the unit note length.
package enum WrittenLength {
  /// `numerator/denominator` in lowest terms.
  package static func fraction(_ length: Int, of unit: Int) -> (numerator: Int, denominator: Int) {
    var (a, b) = (length, unit)
    while b != 0 { (a, b) = (b, a % b) }
    return (length / max(1, a), unit / max(1, a))
  }

  /// Whether a length is written with halves only: no tuplet is needed.
  package static func isPlain(_ length: Int, of unit: Int) -> Bool {
    let denominator = fraction(length, of: unit).denominator
    return denominator & (denominator - 1) == 0 && denominator <= 32
  }

  /// ABC 2.1 §4.3: nothing for one unit, `3`, `/2`, `3/2`.
  package static func text(_ length: Int, of unit: Int) -> String {
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
package struct AccidentalMemory {
  package let fifths: Int
  /// Whether it has seen the bar from its first note on; otherwise every sign is written.
  private let knowsBar: Bool
  private var byLetter: [Character: Int] = [:]
  private var byPitch: [String: Int] = [:]

  package init(fifths: Int, knowsBar: Bool = true) {
    self.fifths = fifths
    self.knowsBar = knowsBar
  }

  /// A note's text without its length.
  ///
  /// Readers disagree on whether a sign counts for other octaves (ABC 2.1 §11.3); where that
  /// would matter the sign is written again.
  package mutating func text(_ note: NamedKey, isTiedFromBefore: Bool = false) -> String {
    let spelling = note.name
    let name = spelling.text(key: note.key)
    if isTiedFromBefore { return name }
    let signature =
      knowsBar ? Spelling.alteration(of: spelling.letter, fifths: fifths) : nil
    let inEveryOctave = byLetter[spelling.letter] ?? signature
    let inItsOctave = byPitch[name] ?? signature
    if !note.isSigned, inEveryOctave == spelling.alteration,
      inItsOctave == spelling.alteration
    {
      return name
    }
    byLetter[spelling.letter] = spelling.alteration
    byPitch[name] = spelling.alteration
    return spelling.accidental + name
  }
}
