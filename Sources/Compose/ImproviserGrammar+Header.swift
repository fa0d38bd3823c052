/// The header lines that a network writes: each field once, in its order, with a usual value.
struct HeaderGrammar: Equatable, Sendable {
  let fields: [Unicode.Scalar]
  /// What the network can write: a field is left out where it can spell none of its values.
  let known: KnownCharacters
  private(set) var values: [Unicode.Scalar: String] = [:]
  /// The only values allowed, where they are given.
  var wanted: [Unicode.Scalar: String] = [:]
  private(set) var isComplete = false
  private var line = ""

  init(fields: [Unicode.Scalar], known: KnownCharacters = KnownCharacters()) {
    // A key ends the header, whatever the order of the network's tunes (ABC 2.1 §3.1.14).
    self.fields = fields.filter { $0 != "K" } + (fields.contains("K") ? ["K"] : [])
    self.known = known
  }

  /// Whether the next character begins a line.
  var isAtLineStart: Bool { line.isEmpty }

  /// What is written of a field's value, where the line is that field's.
  func valueInProgress(of field: Character) -> Substring {
    line.hasPrefix("\(field):") ? line.dropFirst(2) : ""
  }

  mutating func read(_ character: Unicode.Scalar) {
    guard character == "\n" else {
      line.unicodeScalars.append(character)
      return
    }
    if let letter = line.unicodeScalars.first, line.dropFirst().hasPrefix(":") {
      values[letter] = String(line.dropFirst(2).drop { $0 == " " })
      isComplete = letter == "K"
    }
    line = ""
  }

  /// Begins the music without a key.
  mutating func end() { isComplete = true }

  /// Whether a character begins the music of a network that cannot write a key, the header's end.
  func endsBefore(_ character: Unicode.Scalar) -> Bool {
    line.isEmpty && !isWritable("K") && character != "\n" && !mayFollow(character)
  }

  /// Whether the network can write a line of this field.
  private func isWritable(_ field: Unicode.Scalar) -> Bool {
    guard fields.contains(field), known.contains(field), known.canSpell(":\n") else { return false }
    return wanted[field] != nil || HeaderValues.canSpell(field, with: known)
  }

  /// Whether `field` may still come after those that were read.
  func mayFollow(_ field: Unicode.Scalar) -> Bool {
    guard let place = fields.firstIndex(of: field), values[field] == nil, isWritable(field) else {
      return false
    }
    // Only the rhythm, and the fields that are not known here, may be left out.
    return fields[place...].allSatisfy { values[$0] == nil }
      && fields[..<place].allSatisfy {
        values[$0] != nil || !isWritable($0)
          || (!"ML".unicodeScalars.contains($0) && wanted[$0] == nil)
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
      return HeaderValues.allows(character, after: value, in: scalars[0], with: known) {
        fits($0, in: scalars[0])
      }
    }
  }

  // MARK: Meter and unit length

  /// The unit length where there is no `L:` (ABC 2.1 §3.1.7), in parts of a whole note.
  var impliedUnit: Int { Self.impliedUnit(values["M"] ?? "") }

  private static func impliedUnit(_ meter: String) -> Int {
    let isShort = MusicGrammar.barLength(meter).map { $0 * 4 < MusicGrammar.whole * 3 } ?? false
    return MusicGrammar.whole / (isShort ? 16 : 8)
  }

  /// Whether bars of the meter can be filled with the lengths that the network can write, if that
  /// can be had at all.
  private func fits(_ value: String, in field: Unicode.Scalar) -> Bool {
    switch field {
    case "M":
      let meters = HeaderValues.list("M", with: known).filter(known.canSpell)
      return isFillable(value) || !meters.contains(where: isFillable)
    case "L":
      let meter = MusicGrammar.barLength(values["M"] ?? "")
      func fills(_ unit: String) -> Bool {
        MusicGrammar.canFill(meter, unit: MusicGrammar.unit(unit), with: known)
      }
      let units = HeaderValues.list("L", with: known).filter(known.canSpell)
      return fills(value) || !units.contains(where: fills)
    default: return true
    }
  }

  /// Whether there is a unit length with which bars of a meter can be filled.
  private func isFillable(_ meter: String) -> Bool {
    let length = MusicGrammar.barLength(meter)
    var units = HeaderValues.list("L", with: known).filter(known.canSpell)
    if let unit = wanted["L"] ?? values["L"] { units = [unit.filter { $0 != " " }] }
    let choices =
      isWritable("L") || values["L"] != nil
      ? units.map(MusicGrammar.unit) : [Self.impliedUnit(meter)]
    return choices.contains { MusicGrammar.canFill(length, unit: $0, with: known) }
  }
}

/// Values of header fields that are known to be read everywhere.
enum HeaderValues {
  /// Whether a value may go on with a character; a newline ends it.
  ///
  /// - Parameter fits: Whether a value of a list may be taken.
  static func allows(
    _ character: Unicode.Scalar, after value: String, in field: Unicode.Scalar,
    with known: KnownCharacters, fits: (String) -> Bool = { _ in true }
  ) -> Bool {
    var value = value
    if let spelling = known.spelling, let letter = String(field).first {
      let isSpaced = spelling.spaced.contains(letter)
      // Where nothing was learnt of a text, its network decides about the blank.
      if value.isEmpty, isSpaced || (character == " " && spelling.values.isEmpty) {
        return character == " "
      }
      if value.first == " " { value.removeFirst() }
      if field == "R", let own = spelling.values["R"], !own.isEmpty {
        return allows(character, after: value, among: own, with: known)
      }
    }
    let count = value.unicodeScalars.count
    switch field {
    case "M", "L", "K", "P", "Q":
      let list = list(field, with: known)
      if character == "\n" { return list.contains(value) && fits(value) }
      let longer = value + String(Character(character))
      return list.contains { $0.hasPrefix(longer) && known.canSpell($0) && fits($0) }
    case "X":
      if character == "\n" { return count > 0 }
      return count < 5 && ("0"..."9").contains(character) && (count > 0 || character != "0")
    case "R":
      if character == "\n" { return value.unicodeScalars.last.map { $0 != " " } ?? false }
      let isLetter = ("a"..."z").contains(character)
      return count < 20 && (isLetter || (character == " " && letterMayFollow(known, count)))
    default:
      if character == "\n" { return value.unicodeScalars.last.map { $0 != " " } ?? false }
      return count < 60
        && (isText(character) || (character == " " && count > 0 && count < 59))
    }
  }

  /// Whether a value may go on towards one of a list.
  private static func allows(
    _ character: Unicode.Scalar, after value: String, among list: [String],
    with known: KnownCharacters
  ) -> Bool {
    if character == "\n" { return list.contains(value) }
    let longer = value + String(Character(character))
    return list.contains { $0.hasPrefix(longer) && known.canSpell($0) }
  }

  /// Whether every reader takes a value of a field.
  static func isReadable(_ value: String, in field: Character) -> Bool {
    switch field {
    case "K": KeySpelling(value).isExact
    case "M": MusicGrammar.barLength(value) != nil
    case "L": MusicGrammar.unit(value) != nil
    case "P": value.allSatisfy { ("A"..."Z").contains($0) }
    case "Q": tempi.contains(value)
    default: !value.contains("%") && !value.contains("\\")
    }
  }

  /// Whether a blank after so many characters does not end what a letter must end.
  private static func letterMayFollow(_ known: KnownCharacters, _ count: Int) -> Bool {
    count > 0 && count < 19 && known.containsAny(of: letters)
  }

  /// Characters of titles and names: all but controls, comments and escapes.
  private static func isText(_ character: Unicode.Scalar) -> Bool {
    switch character.value {
    case 0...0x20, 0x7F...0xA0, 0x25, 0x5C: false
    default: !character.properties.isWhitespace
    }
  }

  /// Whether a network can write a value of a field.
  static func canSpell(_ field: Unicode.Scalar, with known: KnownCharacters) -> Bool {
    switch field {
    case "M", "L", "K", "P", "Q": list(field, with: known).contains(where: known.canSpell)
    case "X": known.containsAny(of: "123456789")
    case "R": known.containsAny(of: letters)
    // What these mean reaches into the music: a value at random would change how it is read.
    case "I", "U", "V", "m", "s", "w", "r": false
    default: known.containsAny(of: letters) || known.containsAny(of: letters.uppercased())
    }
  }

  private static let letters = "abcdefghijklmnopqrstuvwxyz"

  /// All values of a field that has a list: those of the network's own text, or the usual ones.
  static func list(_ field: Unicode.Scalar, with known: KnownCharacters) -> [String] {
    if let spelling = known.spelling {
      if let own = String(field).first.flatMap({ spelling.values[$0] }), !own.isEmpty { return own }
      if field == "K" { return keys + longKeys }
    }
    return switch field {
    case "M": meters
    case "L": unitLengths
    case "K": keys
    case "P": parts
    case "Q": tempi
    default: []
    }
  }

  private static let meters = [
    "C", "C|", "4/4", "2/4", "3/4", "6/8", "9/8", "12/8", "3/8", "2/2", "3/2", "6/4", "9/4", "5/4",
    "7/8",
  ]
  private static let unitLengths = ["1/4", "1/8", "1/16"]
  private static let parts = (UInt8(ascii: "A")...UInt8(ascii: "H")).map {
    String(Character(Unicode.Scalar($0)))
  }
  private static let tempi = ["1/8", "1/4", "3/8", "1/2"].flatMap { beat in
    (40...240).map { "\(beat)=\($0)" }
  }
  /// Keys as other texts name them: `D Major`, `Ddor`, `D dorian`.
  private static let longKeys: [String] = {
    let tonics = ["C", "G", "D", "A", "E", "B", "F", "Bb", "Eb", "Ab", "F#", "C#"]
    let modes = ["major", "minor", "dorian", "phrygian", "lydian", "mixolydian"]
    return tonics.flatMap { tonic in
      modes.flatMap { mode in
        let name = mode.prefix(1).uppercased() + mode.dropFirst()
        return [
          "\(tonic) \(mode)", "\(tonic) \(name)", tonic + mode, tonic + mode.prefix(3),
          tonic + name.prefix(3),
        ]
      }
    }
  }()
  private static let keys: [String] = {
    let major = ["C", "G", "D", "A", "E", "B", "F", "Bb", "Eb", "Ab"]
    let minor = ["A", "E", "B", "D", "G", "C", "F#", "C#", "F"]
    let modal = ["A", "B", "C", "D", "E", "F", "G"]
    return major + minor.map { $0 + "m" }
      + modal.flatMap { tonic in ["dor", "phr", "lyd", "mix"].map { tonic + $0 } }
  }()
}
