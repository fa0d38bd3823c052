/// A key as a scale: its tonic, and what each letter sounds like in it (ABC 2.1 §3.1.14).
public struct KeyScale: Hashable, Sendable {
  /// Pitch class of the tonic, 0 = C to 11 = B; nil where the key names none (`none`, or only
  /// accidentals).
  public let tonic: Int?
  /// Semitones by which letters are altered, index 0 = C to 6 = B; lane 7 is unused.
  public let alterations: SIMD8<Int8>

  /// Reads the text after `K:`; nil where it names no key, as `clef=bass`.
  public init?(field text: String) {
    let field = KeyField(text)
    guard let signature = field.signature else { return nil }
    alterations = signature.alterations
    tonic = KeyScale.tonic(field.name)
  }

  /// The scale of C, in which a tune without `K:` is read.
  public init() {
    tonic = 0
    alterations = .zero
  }

  /// Bit n stands for pitch class n.
  public var pitchClasses: UInt16 {
    var set: UInt16 = 0
    for letter in 0..<7 {
      let semitones = naturalSemitones(letter) + Int(alterations[letter])
      set |= 1 << UInt16((semitones % 12 + 12) % 12)
    }
    return set
  }

  public func contains(pitchClass: Int) -> Bool { pitchClasses >> UInt16(pitchClass) & 1 == 1 }

  private static func tonic(_ name: String) -> Int? {
    // The Highland pipes play in A.
    if name.lowercased() == "hp" { return 9 }
    let bytes = Array(name.utf8)
    guard let first = bytes.first, (0x41...0x47).contains(first), let letter = letterIndex(first)
    else { return nil }
    var pitchClass = naturalSemitones(letter)
    if bytes.count > 1, bytes[1] == UInt8(ascii: "#") { pitchClass += 1 }
    if bytes.count > 1, bytes[1] == UInt8(ascii: "b") { pitchClass -= 1 }
    return (pitchClass + 12) % 12
  }
}
