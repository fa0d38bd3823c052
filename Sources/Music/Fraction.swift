/// An exact ratio in lowest terms, with a positive denominator. Written lengths and positions are
/// fractions of a whole note, so that no tuplet drifts.
///
/// Numbers from a file are clamped before they get here: `numerator` and `denominator` stay below
/// 2^31, and every operation saturates instead of trapping.
public struct Fraction: Hashable, Sendable, Comparable, CustomStringConvertible {
  // Half as wide as what is computed with: thousands of notes hold some each.
  @usableFromInline let top: Int32
  @usableFromInline let bottom: Int32

  @inlinable public var numerator: Int { Int(top) }
  @inlinable public var denominator: Int { Int(bottom) }

  @inlinable public static var zero: Fraction { Fraction(lowestTerms: 0, 1) }
  @inlinable public static var one: Fraction { Fraction(lowestTerms: 1, 1) }

  @inlinable @inline(__always)
  public init(_ numerator: Int, _ denominator: Int = 1) {
    self = Fraction.shifted(numerator, denominator) ?? Fraction.reduced(numerator, denominator)
  }

  /// Nearly all written lengths have a power of two below, so that shifting is enough; `nil` for
  /// any other, and for what is past `limit`.
  @inlinable @inline(__always)
  static func shifted(_ numerator: Int, _ denominator: Int) -> Fraction? {
    guard denominator > 0, denominator & (denominator - 1) == 0 else { return nil }
    return shifted(numerator, powerOfTwo: denominator)
  }

  @inlinable @inline(__always)
  static func shifted(_ numerator: Int, powerOfTwo denominator: Int) -> Fraction? {
    let shift = (numerator | denominator).trailingZeroBitCount
    let (above, below) = (numerator &>> shift, denominator &>> shift)
    guard above.magnitude | below.magnitude <= UInt(limit) else { return nil }
    return Fraction(lowestTerms: above, below)
  }

  @inlinable @inline(__always)
  init(lowestTerms numerator: Int, _ denominator: Int) {
    top = Int32(truncatingIfNeeded: numerator)
    bottom = Int32(truncatingIfNeeded: denominator)
  }

  @usableFromInline @inline(never)
  static func reduced(_ numerator: Int, _ denominator: Int) -> Fraction {
    guard denominator != 0 else { return .zero }
    // `Int.min` has no opposite.
    let numerator = max(numerator, -Int.max)
    let denominator = max(denominator, -Int.max)
    let divisor = greatestCommonDivisor(numerator.magnitude, denominator.magnitude)
    let sign = denominator < 0 ? -1 : 1
    var above = numerator / Int(divisor) * sign
    var below = denominator / Int(divisor) * sign
    // Past 2^31 the products below could overflow: give up exactness, keep the value.
    while below > limit {
      above /= 2
      below /= 2
    }
    return Fraction(lowestTerms: min(max(above, -limit), limit), below)
  }

  public var description: String {
    denominator == 1 ? "\(numerator)" : "\(numerator)/\(denominator)"
  }

  public var value: Double { Double(numerator) / Double(denominator) }

  @inlinable @inline(__always)
  public static func < (left: Fraction, right: Fraction) -> Bool {
    left.numerator * right.denominator < right.numerator * left.denominator
  }

  @inlinable @inline(__always)
  public static func == (left: Fraction, right: Fraction) -> Bool {
    left.top == right.top && left.bottom == right.bottom
  }

  @inlinable @inline(__always)
  public static func + (left: Fraction, right: Fraction) -> Fraction {
    // A product is a power of two when both its factors are, which are positive.
    let denominator = left.denominator &* right.denominator
    guard denominator & (denominator &- 1) == 0,
      let sum = shifted(
        left.numerator &* right.denominator &+ right.numerator &* left.denominator,
        powerOfTwo: denominator)
    else { return slowSum(left, right) }
    return sum
  }

  @usableFromInline @inline(never)
  static func slowSum(_ left: Fraction, _ right: Fraction) -> Fraction {
    if left.bottom == right.bottom {
      return reduced(left.numerator + right.numerator, left.denominator)
    }
    return reduced(
      left.numerator * right.denominator + right.numerator * left.denominator,
      left.denominator * right.denominator)
  }

  @inlinable @inline(__always)
  public static func - (left: Fraction, right: Fraction) -> Fraction {
    left + Fraction(lowestTerms: 0 &- right.numerator, right.denominator)
  }

  @inlinable @inline(__always)
  public static func * (left: Fraction, right: Fraction) -> Fraction {
    Fraction(left.numerator &* right.numerator, left.denominator &* right.denominator)
  }

  @inlinable public static func * (left: Fraction, right: Int) -> Fraction {
    left * Fraction(right)
  }

  /// Division by zero gives zero.
  @inlinable public static func / (left: Fraction, right: Fraction) -> Fraction {
    Fraction(left.numerator * right.denominator, left.denominator * right.numerator)
  }

  @inlinable @inline(__always)
  public static func += (left: inout Fraction, right: Fraction) { left = left + right }
  @inlinable @inline(__always)
  public static func -= (left: inout Fraction, right: Fraction) { left = left - right }

  @inlinable static var limit: Int { (1 << 31) - 1 }

  private static func greatestCommonDivisor(_ first: UInt, _ second: UInt) -> UInt {
    var (a, b) = (first, second)
    while b != 0 { (a, b) = (b, a % b) }
    return a == 0 ? 1 : a
  }
}
