/// An exact ratio in lowest terms, with a positive denominator. Written lengths and positions are
/// fractions of a whole note, so that no tuplet drifts.
///
/// Numbers from a file are clamped before they get here: `numerator` and `denominator` stay below
/// 2^31, and every operation saturates instead of trapping.
public struct Fraction: Hashable, Sendable, Comparable, CustomStringConvertible {
  public let numerator: Int
  public let denominator: Int

  @inlinable public static var zero: Fraction { Fraction(lowestTerms: 0, 1) }
  @inlinable public static var one: Fraction { Fraction(lowestTerms: 1, 1) }

  @inlinable
  public init(_ numerator: Int, _ denominator: Int = 1) {
    if denominator > 0, denominator & (denominator - 1) == 0, denominator <= Fraction.limit,
      numerator.magnitude <= UInt(Fraction.limit)
    {
      // Nearly all written lengths: a power of two below, so shifting is enough.
      let shift =
        numerator == 0
        ? denominator.trailingZeroBitCount
        : min(numerator.trailingZeroBitCount, denominator.trailingZeroBitCount)
      self.init(lowestTerms: numerator >> shift, denominator >> shift)
      return
    }
    self = Fraction.reduced(numerator, denominator)
  }

  @inlinable
  init(lowestTerms numerator: Int, _ denominator: Int) {
    self.numerator = numerator
    self.denominator = denominator
  }

  @usableFromInline
  static func reduced(_ numerator: Int, _ denominator: Int) -> Fraction {
    guard denominator != 0 else { return .zero }
    // `Int.min` has no opposite.
    let numerator = max(numerator, -Int.max)
    let denominator = max(denominator, -Int.max)
    let divisor = greatestCommonDivisor(numerator.magnitude, denominator.magnitude)
    let sign = denominator < 0 ? -1 : 1
    var top = numerator / Int(divisor) * sign
    var bottom = denominator / Int(divisor) * sign
    // Past 2^31 the products below could overflow: give up exactness, keep the value.
    while bottom > limit {
      top /= 2
      bottom /= 2
    }
    return Fraction(lowestTerms: min(max(top, -limit), limit), bottom)
  }

  public var description: String {
    denominator == 1 ? "\(numerator)" : "\(numerator)/\(denominator)"
  }

  public var value: Double { Double(numerator) / Double(denominator) }

  @inlinable public static func < (left: Fraction, right: Fraction) -> Bool {
    left.numerator * right.denominator < right.numerator * left.denominator
  }

  @inlinable public static func + (left: Fraction, right: Fraction) -> Fraction {
    if left.denominator == right.denominator {
      return Fraction(left.numerator + right.numerator, left.denominator)
    }
    return Fraction(
      left.numerator * right.denominator + right.numerator * left.denominator,
      left.denominator * right.denominator)
  }

  @inlinable public static func - (left: Fraction, right: Fraction) -> Fraction {
    left + Fraction(-right.numerator, right.denominator)
  }

  @inlinable public static func * (left: Fraction, right: Fraction) -> Fraction {
    Fraction(left.numerator * right.numerator, left.denominator * right.denominator)
  }

  @inlinable public static func * (left: Fraction, right: Int) -> Fraction {
    left * Fraction(right)
  }

  /// Division by zero gives zero.
  @inlinable public static func / (left: Fraction, right: Fraction) -> Fraction {
    Fraction(left.numerator * right.denominator, left.denominator * right.numerator)
  }

  @inlinable public static func += (left: inout Fraction, right: Fraction) { left = left + right }
  @inlinable public static func -= (left: inout Fraction, right: Fraction) { left = left - right }

  @inlinable static var limit: Int { (1 << 31) - 1 }

  private static func greatestCommonDivisor(_ first: UInt, _ second: UInt) -> UInt {
    var (a, b) = (first, second)
    while b != 0 { (a, b) = (b, a % b) }
    return a == 0 ? 1 : a
  }
}
