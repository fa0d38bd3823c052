public import Music

/// How ornaments and grace notes are played: for each sign the notes it stands for, and how long
/// grace notes are.
public struct OrnamentStyle: Hashable, Sendable {
  /// The signs that are played with notes of their own, by their names in ABC (ABC 2.1 §4.14).
  public enum Sign: String, CaseIterable, Sendable {
    case trill, roll
    case lowerMordent = "lowermordent"
    case upperMordent = "uppermordent"
    case turn
    case invertedTurn = "invertedturn"
  }

  public var name: String
  /// One sentence: whose manner it is, and where that stands.
  public var about: String
  public var patterns: [Sign: OrnamentPattern]
  /// The part of its written length that a grace note lasts; above 0, at most 1.
  public var graces: Fraction

  public init(
    name: String, about: String = "", patterns: [Sign: OrnamentPattern], graces: Fraction
  ) {
    self.name = name
    self.about = about
    self.patterns = patterns
    self.graces = graces
  }

  /// How Lilt plays where nothing else is asked for.
  public static let standard = OrnamentStyle(
    name: "standard",
    about: "rolls of five notes with cuts and tips of a 32nd at most; trills from the note itself",
    patterns: [
      .trill: "repeat note=1/32 above=1/32",
      .roll: "note:3 above:1<1/32 note:4 below:1<1/32 note:3",
      .lowerMordent: "note:1<1/32 below:1<1/32 note:2",
      .upperMordent: "note:1<1/32 above:1<1/32 note:2",
      .turn: "above note below note",
      .invertedTurn: "below note above note",
    ].compactMapValues { OrnamentPattern($0) }, graces: Fraction(1, 4))
}

/// The notes that an ornament is played with: `note:3 above:1<1/32 note:4`.
///
/// Each is the note itself or its neighbour in the scale, and behind `:` its share of the written
/// length (1 where nothing is said), behind `<` how long it lasts at most, in whole notes; what that
/// leaves over goes to the others. After `repeat` two notes alternate as often as their lengths (`=`)
/// fit in.
public struct OrnamentPattern: Hashable, Sendable, CustomStringConvertible {
  /// Which note, seen from the written one.
  public enum Degree: String, Hashable, Sendable { case note, above, below }

  public struct Part: Hashable, Sendable {
    public var degree: Degree
    /// Of the written length, 1...99.
    public var share: Int
    /// In whole notes; `nil` = as long as its share.
    public var longest: Fraction?
  }

  public let parts: [Part]
  /// How long each note of those that alternate is, in whole notes; `nil` where each comes once.
  public let repeated: Fraction?
  public let description: String

  private static let mostParts = 16
  private static let mostNotes = 64

  /// Reads a pattern; `nil` where it is none.
  public init?(_ text: String) {
    var words = text.split(separator: " ").map(String.init)
    description = words.joined(separator: " ")
    let repeats = words.first == "repeat"
    if repeats { words.removeFirst() }
    var parts: [Part] = []
    var length: Fraction?
    for word in words {
      let name = word.prefix { $0.isLetter }
      guard let degree = Degree(rawValue: String(name)) else { return nil }
      var part = Part(degree: degree, share: 1, longest: nil)
      var rest = word.dropFirst(name.count)
      if repeats {
        guard rest.first == "=", let own = Self.length(rest.dropFirst()),
          length == nil || length == own
        else { return nil }
        length = own
        rest = ""
      }
      if rest.first == ":" {
        let digits = rest.dropFirst().prefix { $0.isASCII && $0.isNumber }
        guard let share = Int(digits), (1...99).contains(share) else { return nil }
        part.share = share
        rest = rest.dropFirst(1 + digits.count)
      }
      if rest.first == "<" {
        guard let longest = Self.length(rest.dropFirst()) else { return nil }
        part.longest = longest
        rest = ""
      }
      guard rest.isEmpty else { return nil }
      parts.append(part)
    }
    guard !parts.isEmpty, parts.count <= Self.mostParts, repeats == (length != nil),
      repeats || parts.contains(where: { $0.longest == nil })
    else { return nil }
    self.parts = parts
    repeated = length
  }

  /// `1/32`, from 1/256 to 1.
  public static func length(_ text: Substring) -> Fraction? {
    let numbers = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.count <= 2, let above = numbers[0],
      let below = numbers.count == 2 ? numbers[1] : 1,
      (1...256).contains(above), (1...256).contains(below), above <= below
    else { return nil }
    return Fraction(above, below)
  }

  /// The notes, which fill `length` exactly.
  func notes(for length: Fraction) -> [(degree: Degree, length: Fraction)] {
    if let repeated {
      let fitting = Int((length / repeated).value)
      let count = min(max(fitting, parts.count), Self.mostNotes)
      return (0..<count).map { (parts[$0 % parts.count].degree, length / Fraction(count)) }
    }
    let shares = parts.reduce(0) { $0 + $1.share }
    let own = parts.map { length * Fraction($0.share, shares) }
    let capped = zip(parts, own).map { part, own in
      part.longest.flatMap { $0 < own ? $0 : nil }
    }
    let taken = capped.reduce(Fraction.zero) { $0 + ($1 ?? .zero) }
    let free = zip(parts, capped).reduce(0) { $0 + ($1.1 == nil ? $1.0.share : 0) }
    return zip(parts, capped).map { part, capped in
      (part.degree, capped ?? (length - taken) * Fraction(part.share, max(free, 1)))
    }
  }
}
