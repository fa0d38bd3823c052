import Music

/// The sentence about a bar that does not add up.
public struct BarSum: Sendable {
  /// `Bar 7 of voice “Bass” holds 7 eighths, but the meter asks for 8.`
  public let sentence: String

  private static let names = [
    1: "whole note", 2: "half", 4: "quarter", 8: "eighth", 16: "sixteenth",
    32: "thirty-second", 64: "sixty-fourth",
  ]

  /// The lengths are in whole notes. `bar` is the name that the sentence begins with.
  public init(_ length: Fraction, of expected: Fraction, bar: String) {
    let unit = max(length.denominator, expected.denominator)
    let name = BarSum.names[unit]
    guard let name, unit % length.denominator == 0, unit % expected.denominator == 0
    else {
      sentence =
        "\(bar) holds \(length) of a whole note, but the meter asks for \(expected)."
      return
    }
    let held = length.numerator * (unit / length.denominator)
    let asked = expected.numerator * (unit / expected.denominator)
    let plural = name == "half" ? "halves" : name + "s"
    sentence =
      "\(bar) holds \(held) \(held == 1 ? name : plural), but the meter asks for \(asked)."
  }
}
