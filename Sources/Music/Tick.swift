/// A moment on a tune's time line, counted in ticks from the start; also a span of such time.
public struct Tick: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// Ticks in one quarter note: sixty-fourths, triplets and quintuplets stay whole numbers.
  @inlinable public static var perQuarter: Int { 960 }

  public var count: Int

  @inlinable public init(_ count: Int) { self.count = count }

  /// The moment `position` whole notes after the start, rounded once from the exact value.
  @inlinable @inline(__always) public init(_ position: Fraction) {
    let scaled = position.numerator * 4 * Tick.perQuarter
    if scaled >= 0, position.denominator & (position.denominator - 1) == 0 {
      count =
        (scaled + position.denominator / 2) &>> position.denominator.trailingZeroBitCount
      return
    }
    let half = position.denominator / 2
    count = (scaled >= 0 ? scaled + half : scaled - half) / position.denominator
  }

  @inlinable public static var zero: Tick { Tick(0) }
  public var description: String { "\(count)" }
  public var quarters: Double { Double(count) / Double(Tick.perQuarter) }

  @inlinable public static func < (left: Tick, right: Tick) -> Bool { left.count < right.count }
  @inlinable public static func + (left: Tick, right: Tick) -> Tick {
    Tick(left.count + right.count)
  }
  @inlinable public static func - (left: Tick, right: Tick) -> Tick {
    Tick(left.count - right.count)
  }
  @inlinable public static func += (left: inout Tick, right: Tick) { left.count += right.count }
}
