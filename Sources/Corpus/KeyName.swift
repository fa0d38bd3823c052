/// A key as tune books name it: a tonic and a mode (ABC 2.1 §3.1.14).
public struct KeyName: Hashable, Sendable {
  /// Place of the tonic on the line of fifths: F −1, C 0, G 1, B♭ −2, F♯ 6.
  public var tonic: Int
  /// Short name: empty, m, dor, phr, lyd, mix or loc.
  public var mode: String

  private static let modes: [String: String] = [
    "": "", "maj": "", "ion": "", "m": "m", "min": "m", "aeo": "m", "dor": "dor", "phr": "phr",
    "lyd": "lyd", "mix": "mix", "loc": "loc",
  ]
  private static let modeSharps: [String: Int] = [
    "": 0, "m": -3, "dor": -2, "phr": -4, "lyd": 1, "mix": -1, "loc": -5,
  ]
  private static let letters = Array("FCGDAEB".utf8)

  /// Reads `G`, `Em`, `A dorian`; nil for anything else, added accidentals included.
  public init?(_ text: some StringProtocol) {
    var rest = Substring(text).utf8[...]
    while let first = rest.first, first == 0x20 || first == 0x09 { rest = rest.dropFirst() }
    guard let letter = rest.first, let place = Self.letters.firstIndex(of: letter) else {
      return nil
    }
    tonic = place - 1
    rest = rest.dropFirst()
    if rest.first == UInt8(ascii: "#") {
      tonic += 7
      rest = rest.dropFirst()
    } else if rest.first == UInt8(ascii: "b") {
      tonic -= 7
      rest = rest.dropFirst()
    }
    var name = rest.filter { $0 != 0x20 && $0 != 0x09 && $0 != 0x0d }
    guard name.allSatisfy({ (0x41...0x5a).contains($0 & 0xdf) }) else { return nil }
    name = name.map { $0 | 0x20 }
    guard let mode = Self.modes[String(decoding: name.prefix(3), as: UTF8.self)] else {
      return nil
    }
    self.mode = mode
  }

  init(tonic: Int, mode: String) {
    self.tonic = tonic
    self.mode = mode
  }

  /// Sharps of the signature, negative for flats.
  public var sharps: Int { tonic + (Self.modeSharps[mode] ?? 0) }

  /// The short name, such as `F#m` or `Ador`; nil where the tonic has no simple name.
  public var text: String? {
    Self.noteName(tonic).map { $0 + mode }
  }

  /// The name of a note on the line of fifths, F♭ −8 to B♯ 12.
  static func noteName(_ place: Int) -> String? {
    guard (-8...12).contains(place) else { return nil }
    let letter = letters[(place + 8) % 7]
    let sign = place < -1 ? "b" : place > 5 ? "#" : ""
    return String(UnicodeScalar(letter)) + sign
  }

  /// The key moved along the line of fifths.
  func moved(fifths: Int) -> KeyName { KeyName(tonic: tonic + fifths, mode: mode) }

  /// Step of the tonic's letter within the octave, C = 0.
  var tonicStep: Int { (tonic * 4 % 7 + 7) % 7 }

  /// By how much a signature raises each letter, C = 0 to B = 6.
  static func alterations(sharps: Int) -> [Int] {
    // Steps of F C G D A E B.
    let order = [3, 0, 4, 1, 5, 2, 6]
    var result = [Int](repeating: 0, count: 7)
    for (index, step) in order.enumerated() {
      if index < sharps { result[step] = 1 }
      if 6 - index < -sharps { result[step] = -1 }
    }
    return result
  }
}
