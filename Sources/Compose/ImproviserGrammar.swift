import Neural

/// Where a tune stands, character by character, as far as that decides what may come next.
///
/// Reads whatever a person or a network writes, correct or not; `allows` says what would be correct.
/// The rules are a narrow, safe part of ABC: the one form in which networks are shown tunes.
public struct TuneGrammar: Equatable, Sendable {
  /// The header while it is read.
  var header: HeaderGrammar
  /// The music after it.
  var music = MusicGrammar()

  public init(_ description: ModelDescription) {
    header = HeaderGrammar(fields: description.headerFields.flatMap(\.unicodeScalars))
  }

  /// Whether the header's `K:` line has not ended yet.
  public var isInHeader: Bool { !header.isComplete }

  /// Makes the network write these values into the header, if it writes one.
  mutating func wantHeader(_ values: [Character: String]) {
    header.wanted = [:]
    for (field, value) in values {
      if let letter = field.unicodeScalars.first { header.wanted[letter] = value }
    }
  }

  /// Bars that were closed so far, pickups left out. The first character of a bar line closes one.
  public var barCount: Int { music.barCount }

  /// Whether a repeat is open that was written as `|:`.
  public var isRepeatOpen: Bool { music.isRepeatOpen }

  /// Whether a first ending still lacks its repeat sign.
  public var isInFirstEnding: Bool { music.ending == 1 }

  /// Whether first and second endings may be written.
  public var allowsEndings: Bool {
    get { music.allowsEndings }
    set { music.allowsEndings = newValue }
  }

  public mutating func read(_ character: Unicode.Scalar) {
    guard header.isComplete else {
      header.read(character)
      if header.isComplete {
        music.setMeter(header.values["M"] ?? "")
        music.setUnitLength(header.values["L"] ?? "1/8")
      }
      return
    }
    music.read(character)
  }

  /// Whether a character can come next in correct ABC.
  public func allows(_ character: Unicode.Scalar) -> Bool {
    header.isComplete ? music.allows(character) : header.allows(character)
  }
}

/// The header lines that a network writes: each field once, in its order, with a usual value.
struct HeaderGrammar: Equatable, Sendable {
  let fields: [Unicode.Scalar]
  private(set) var values: [Unicode.Scalar: String] = [:]
  /// The only values allowed, where they are given.
  var wanted: [Unicode.Scalar: String] = [:]
  private(set) var isComplete = false
  private var line = ""

  init(fields: [Unicode.Scalar]) { self.fields = fields }

  /// Whether the next character begins a line.
  var isAtLineStart: Bool { line.isEmpty }

  mutating func read(_ character: Unicode.Scalar) {
    guard character == "\n" else {
      line.unicodeScalars.append(character)
      return
    }
    if let letter = line.unicodeScalars.first, line.dropFirst().hasPrefix(":") {
      values[letter] = String(line.dropFirst(2))
      isComplete = letter == "K"
    }
    line = ""
  }

  /// Whether `field` may still come after those that were read.
  func mayFollow(_ field: Unicode.Scalar) -> Bool {
    guard let place = fields.firstIndex(of: field), values[field] == nil else { return false }
    // Only the rhythm, and the fields that are not known here, may be left out.
    return fields[place...].allSatisfy { values[$0] == nil }
      && fields[..<place].allSatisfy {
        values[$0] != nil || (!"ML".unicodeScalars.contains($0) && wanted[$0] == nil)
      }
  }

  func allows(_ character: Unicode.Scalar) -> Bool {
    let scalars = Array(line.unicodeScalars)
    switch scalars.count {
    case 0: return mayFollow(character)
    case 1: return character == ":"
    default:
      let value = String(line.dropFirst(2))
      if let wanted = wanted[scalars[0]] {
        return (wanted + "\n").hasPrefix(value + String(Character(character)))
      }
      return HeaderValues.allows(character, after: value, in: scalars[0])
    }
  }
}

/// Values of header fields that are known to be read everywhere.
enum HeaderValues {
  /// Whether a value may go on with a character; a newline ends it.
  static func allows(
    _ character: Unicode.Scalar, after value: String, in field: Unicode.Scalar
  ) -> Bool {
    let list: [String]
    switch field {
    case "M": list = meters
    case "L": list = unitLengths
    case "K": list = keys
    case "P": list = parts
    default:
      if character == "\n" { return value.unicodeScalars.last.map { $0 != " " } ?? false }
      let isLetter = ("a"..."z").contains(character)
      return value.utf8.count < 20 && (isLetter || (character == " " && !value.isEmpty))
    }
    if character == "\n" { return list.contains(value) }
    let longer = value + String(Character(character))
    return list.contains { $0.hasPrefix(longer) }
  }

  private static let meters = [
    "C", "C|", "4/4", "2/4", "3/4", "6/8", "9/8", "12/8", "3/8", "2/2", "3/2", "6/4", "9/4", "5/4",
    "7/8",
  ]
  private static let unitLengths = ["1/4", "1/8", "1/16"]
  private static let parts = (UInt8(ascii: "A")...UInt8(ascii: "H")).map {
    String(Character(Unicode.Scalar($0)))
  }
  private static let keys: [String] = {
    let major = ["C", "G", "D", "A", "E", "B", "F", "Bb", "Eb", "Ab"]
    let minor = ["A", "E", "B", "D", "G", "C", "F#", "C#", "F"]
    let modal = ["A", "B", "C", "D", "E", "F", "G"]
    return major + minor.map { $0 + "m" }
      + modal.flatMap { tonic in ["dor", "phr", "lyd", "mix"].map { tonic + $0 } }
  }()
}
