/// The sharps and flats in force, for letters C D E F G A B.
struct KeySignature: Hashable, Sendable {
  /// Semitones for each letter, index 0 = C ... 6 = B; lane 7 is unused.
  var alterations: SIMD8<Int8> = .zero
  /// Sharps (positive) or flats (negative).
  var fifths = 0
  var isMinor = false

  static let none = KeySignature()

  /// Letters in the order in which sharps appear: F C G D A E B.
  static let sharpOrder = [3, 0, 4, 1, 5, 2, 6]

  init() {}

  /// A plain signature of `fifths` sharps or flats; beyond seven, letters become double sharps.
  init(fifths: Int, isMinor: Bool = false) {
    self.fifths = fifths
    self.isMinor = isMinor
    for index in 0..<abs(fifths) {
      if fifths > 0 {
        alterations[KeySignature.sharpOrder[index % 7]] += 1
      } else {
        alterations[KeySignature.sharpOrder[6 - index % 7]] -= 1
      }
    }
  }
}

/// 0 for C or c ... 6 for B or b; `nil` for any other byte.
@inline(__always)
func letterIndex(_ byte: UInt8) -> Int? {
  let place = Int((byte | 0x20) &- UInt8(ascii: "a"))
  guard place < 7 else { return nil }
  return place < 2 ? place + 5 : place - 2
}

/// Semitones of C D E F G A B above C, for letters 0...6.
@inline(__always)
func naturalSemitones(_ letter: Int) -> Int {
  // A byte for each letter: looked at for every note.
  (0x0B_09_07_05_04_02_00 >> (8 * (letter & 7))) & 0xFF
}
