import Music

/// The sentence about a bar that does not add up.
struct BarSum {
  let sentence: String

  private static let names = [
    1: "whole note", 2: "half", 4: "quarter", 8: "eighth", 16: "sixteenth",
    32: "thirty-second", 64: "sixty-fourth",
  ]

  init(_ length: Fraction, of expected: Fraction) {
    let unit = max(length.denominator, expected.denominator)
    let name = BarSum.names[unit]
    guard let name, unit % length.denominator == 0, unit % expected.denominator == 0
    else {
      sentence =
        "This bar holds \(length) of a whole note, but the meter asks for \(expected)."
      return
    }
    let held = length.numerator * (unit / length.denominator)
    let asked = expected.numerator * (unit / expected.denominator)
    let plural = name == "half" ? "halves" : name + "s"
    sentence =
      "This bar holds \(held) \(held == 1 ? name : plural), but the meter asks for \(asked)."
  }
}
