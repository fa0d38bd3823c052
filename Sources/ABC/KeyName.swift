/// A key as a `K:` field names it: a tonic, a mode, and rarely other accidentals (ABC 2.1 §3.1.14).
public struct KeyName: Hashable, Sendable {
  /// Place of the tonic on the line of fifths: F −1, C 0, G 1, B♭ −2, F♯ 6.
  public var tonic: Int
  /// Sharps of the mode's own signature, negative for flats.
  public var sharps: Int
  /// Half tones by which the key moves each letter, C = 0 to B = 6, added accidentals included.
  public var alterations: [Int]

  /// A plain key of C.
  public static let c = KeyName(tonic: 0, sharps: 0, alterations: [Int](repeating: 0, count: 7))

  private init(tonic: Int, sharps: Int, alterations: [Int]) {
    self.tonic = tonic
    self.sharps = sharps
    self.alterations = alterations
  }

  /// Reads the text after `K:`; nil where it names no key, only a clef.
  ///
  /// Nothing at all and `none` are C without sharps, pipes are A with a flat seventh.
  public init?(_ text: some StringProtocol) {
    let field = KeyField(String(text))
    guard let signature = field.signature else { return nil }
    let name = Array(field.name.utf8)
    if let place = name.first.flatMap({ Self.letters.firstIndex(of: $0) }) {
      tonic = place - 1
      if name.count > 1, name[1] == UInt8(ascii: "#") { tonic += 7 }
      if name.count > 1, name[1] == UInt8(ascii: "b") { tonic -= 7 }
    } else {
      tonic = name.first == UInt8(ascii: "H") ? 3 : 0
    }
    sharps = signature.fifths
    alterations = (0..<7).map { Int(signature.alterations[$0]) }
  }

  /// Accidentals that are not those of the mode's signature, by letter, C = 0 to B = 6.
  public var added: [Int: Int] {
    let plain = KeySignature(fifths: sharps)
    var added: [Int: Int] = [:]
    for letter in 0..<7 where Int(plain.alterations[letter]) != alterations[letter] {
      added[letter] = alterations[letter]
    }
    return added
  }

  /// The mode's short name: empty, m, dor, phr, lyd, mix or loc.
  public var mode: String { Self.modes[sharps - tonic] ?? "" }

  /// The short form: `G`, `Em`, `Dm ^c`; nil where a note of it has no simple name.
  public var text: String? {
    guard var text = Self.noteName(tonic).map({ $0 + mode }) else { return nil }
    for (letter, value) in added.sorted(by: { $0.key < $1.key }) {
      guard (-2...2).contains(value) else { return nil }
      let sign = value == 0 ? "=" : String(repeating: value > 0 ? "^" : "_", count: abs(value))
      text += " " + sign + String(UnicodeScalar(Array("cdefgab".utf8)[letter]))
    }
    return text
  }

  /// The key moved along the line of fifths; what it adds keeps its distance from the signature.
  public func moved(fifths count: Int) -> KeyName {
    var moved = self
    moved.tonic += count
    moved.sharps += count
    let before = KeySignature(fifths: sharps)
    let after = KeySignature(fifths: moved.sharps)
    for letter in 0..<7 {
      let target = ((letter + 4 * count) % 7 + 7) % 7
      moved.alterations[target] =
        Int(after.alterations[target]) + alterations[letter] - Int(before.alterations[letter])
    }
    return moved
  }

  /// Step of the tonic's letter within the octave, C = 0.
  public var tonicStep: Int { (tonic * 4 % 7 + 7) % 7 }

  /// The name of a note on the line of fifths, F♭ −8 to B♯ 12.
  public static func noteName(_ place: Int) -> String? {
    guard (-8...12).contains(place) else { return nil }
    let sign = place < -1 ? "b" : place > 5 ? "#" : ""
    return String(UnicodeScalar(letters[(place + 8) % 7])) + sign
  }

  private static let letters = Array("FCGDAEB".utf8)
  private static let modes = [0: "", -1: "mix", -2: "dor", -3: "m", -4: "phr", -5: "loc", 1: "lyd"]
}
