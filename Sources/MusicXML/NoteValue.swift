import Music

/// How a length is written: a note type with dots, perhaps in a tuplet.
struct NoteValue: Hashable {
  /// As `<type>` names it.
  var type: String
  var dots: Int
  /// Whole notes, as it sounds.
  var length: Fraction
  /// So many notes in the time of `normal`: 3 and 2 in a triplet; both 1 outside of tuplets.
  var actual = 1
  var normal = 1

  /// Longest first; the first is eight whole notes.
  static let types = [
    "maxima", "long", "breve", "whole", "half", "quarter", "eighth", "16th", "32nd", "64th",
    "128th", "256th", "512th", "1024th",
  ]

  /// Whole notes of a type; nil for an unknown one.
  static func length(ofType type: String) -> Fraction? {
    types.firstIndex(of: type).map { Fraction(8, 1 << $0) }
  }

  /// The value of a length, or several to be tied, longest first; empty where nothing can write it.
  static func all(of length: Fraction) -> [NoteValue] {
    let (actual, normal) = tuplet(of: length)
    var rest = length * Fraction(actual, normal)
    var values: [NoteValue] = []
    while rest > .zero, values.count < 8 {
      guard let (place, dots, written) = longest(within: rest) else { return [] }
      values.append(
        NoteValue(
          type: types[place], dots: dots, length: written * Fraction(normal, actual),
          actual: actual, normal: normal))
      rest -= written
    }
    return rest == .zero ? values : []
  }

  /// The nearest value that one note can have, for a grace note.
  static func nearest(to length: Fraction) -> NoteValue {
    all(of: length).first
      ?? NoteValue(type: "eighth", dots: 0, length: Fraction(1, 8))
  }

  private static func longest(within rest: Fraction) -> (Int, Int, Fraction)? {
    for place in types.indices {
      let plain = Fraction(8, 1 << place)
      guard plain <= rest else { continue }
      for dots in [3, 2, 1, 0] {
        let dotted = plain * Fraction((2 << dots) - 1, 1 << dots)
        // Three dots only where that is the whole of it.
        if dotted == rest || dots < 2 && dotted < rest { return (place, dots, dotted) }
      }
    }
    return nil
  }

  /// 3:2 for thirds, 5:4 for fifths, 7:4 for sevenths: the odd part of the denominator.
  static func tuplet(of length: Fraction) -> (actual: Int, normal: Int) {
    var odd = length.denominator
    while odd > 1, odd.isMultiple(of: 2) { odd /= 2 }
    guard odd > 1 else { return (1, 1) }
    var normal = 1
    while normal * 2 < odd { normal *= 2 }
    return (odd, normal)
  }
}
