import Testing

@testable import Music

@Suite struct FractionTests {
  @Test(arguments: [
    (2, 4, 1, 2), (-2, 4, -1, 2), (2, -4, -1, 2), (0, 7, 0, 1), (7, 0, 0, 1), (6, 3, 2, 1),
  ])
  func `a fraction is kept in lowest terms with a positive denominator`(
    top: Int, bottom: Int, numerator: Int, denominator: Int
  ) {
    let fraction = Fraction(top, bottom)
    #expect(fraction.numerator == numerator)
    #expect(fraction.denominator == denominator)
  }

  @Test func `sums and products are exact`() {
    #expect(Fraction(1, 3) + Fraction(1, 6) == Fraction(1, 2))
    #expect(Fraction(3, 4) - Fraction(1, 12) == Fraction(2, 3))
    #expect(Fraction(3, 2) * Fraction(2, 9) == Fraction(1, 3))
    #expect(Fraction(3, 2) / Fraction(3, 4) == Fraction(2))
    #expect(Fraction(3, 2) / .zero == .zero)
    #expect(Fraction(1, 3) < Fraction(3, 8))
  }

  @Test func `powers of two below are added, multiplied and compared as exactly as any others`() {
    let tops = [0, 1, -1, 3, 12, -96, 1 << 20, (1 << 31) - 1, -(1 << 31) + 1]
    let bottoms = [1, 2, 8, 64, 1024, 1 << 20, 1 << 30, 3, 12, 7]
    let all = tops.flatMap { top in bottoms.map { Fraction(top, $0) } }
    for left in all {
      for right in all {
        let common = left.denominator * right.denominator
        let over = left.numerator * right.denominator + right.numerator * left.denominator
        let sum = left + right
        #expect(sum == Fraction.reduced(over, common), "\(left) + \(right)")
        let product = left.numerator * right.numerator
        #expect(left * right == Fraction.reduced(product, common), "\(left) * \(right)")
        #expect(sum == right + left)
        #expect(left * right == right * left)
        #expect(left - right == left + Fraction(-right.numerator, right.denominator))
        #expect((left < right) == (left.value < right.value), "\(left) < \(right)")
      }
    }
  }

  @Test func `huge numbers saturate and never trap`() {
    var value = Fraction(Int.max, 3)
    for _ in 0..<100 { value = value * Fraction(1_000_003, 7) + Fraction(1, 2_147_483_647) }
    #expect(value.denominator > 0)
    var tiny = Fraction(1, 3)
    for _ in 0..<100 { tiny = tiny * Fraction(1, 99_991) }
    #expect(tiny.value >= 0)
    #expect(Fraction(Int.min, Int.min).denominator > 0)
    #expect(Tick(value).count != 0)
  }

  @Test func `a septuplet's ticks do not drift`() {
    var position = Fraction.zero
    for _ in 0..<7 { position += Fraction(1, 28) }
    #expect(Tick(position).count == Tick.perQuarter)
  }
}
