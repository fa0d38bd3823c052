import ABC

/// Pickups go along with the bars that they lead to, and with no others.
extension Session {
  private var strains: Strains { Strains(text, parsed) }

  /// Bars with the pickup that leads to the first of them.
  func withPickup(_ bars: ClosedRange<Int>) -> ClosedRange<Int> { strains.withPickup(bars) }

  /// Bars without a pickup at their end, which belongs to what follows; a pickup alone is itself.
  func withoutNextPickup(_ bars: ClosedRange<Int>) -> ClosedRange<Int> {
    strains.withoutNextPickup(bars)
  }

  /// The name of bars by those that are whole.
  func wholeBarNames(_ bars: ClosedRange<Int>) -> String {
    guard bars.count > 1, strains.isPickup(bars.lowerBound) else { return barNames(bars) }
    return barNames(bars.lowerBound + 1...bars.upperBound)
  }
}
