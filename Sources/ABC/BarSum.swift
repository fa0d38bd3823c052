import Music

/// The sentence about a bar that does not add up.
public struct BarSum: Sendable {
  /// `Bar 7 of voice “Bass” holds 7 eighths, but the meter asks for 8.`
  public let sentence: String

  private static let names = [
    1: "whole note", 2: "half", 4: "quarter", 8: "eighth", 16: "sixteenth",
    32: "thirty-second", 64: "sixty-fourth",
  ]

  /// The lengths are in whole notes. `bar` is the name that the sentence begins with, `unit` the
  /// tune's unit length: it is counted in, or in shorter notes where it is too long for that.
  public init(_ length: Fraction, of expected: Fraction, bar: String, unit: Fraction) {
    let part = max(unit.denominator, length.denominator, expected.denominator)
    guard let name = BarSum.names[part], part % length.denominator == 0,
      part % expected.denominator == 0
    else {
      sentence =
        "\(bar) holds \(length) of a whole note, but the meter asks for \(expected)."
      return
    }
    let held = length.numerator * (part / length.denominator)
    let asked = expected.numerator * (part / expected.denominator)
    sentence =
      "\(bar) holds \(held) \(BarSum.name(name, held)), but the meter asks for \(asked)."
  }

  private static func name(_ name: String, _ count: Int) -> String {
    count == 1 ? name : name == "half" ? "halves" : name + "s"
  }

  /// For a tune without any bar line.
  static func noLines(meter: Fraction, unit: Fraction) -> String {
    let part = max(unit.denominator, meter.denominator)
    guard let name = names[part], part % meter.denominator == 0 else {
      return "There are no bar lines, though the tune has a meter."
    }
    let count = meter.numerator * (part / meter.denominator)
    let notes = self.name(name, count)
    return "There are no bar lines; the meter asks for one after every \(count) \(notes)."
  }

  /// For a bar that was full where its line ended.
  static func overrun(bar: String) -> String {
    "\(bar) is full where its line ends, and goes on in the next: a bar line is missing there."
  }
}
