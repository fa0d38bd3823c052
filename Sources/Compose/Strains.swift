import ABC

/// Which bars of a tune are pickups: notes that lead to the first whole bar of a strain.
struct Strains {
  let tune: ParsedTune
  private let bytes: [UInt8]

  init(_ text: String, _ tune: ParsedTune) {
    self.tune = tune
    bytes = Array(text.utf8)
  }

  /// Whether a bar, by place, is a pickup: shorter than its meter and than the bar behind it, at the
  /// tune's beginning or behind a double bar or repeat sign.
  func isPickup(_ bar: Int) -> Bool {
    let written = tune.bars[bar]
    guard let expected = written.expected, .zero < written.length, written.length < expected,
      written.mayDiffer || written.number == 0, closesPlainly(bar),
      let next = tune.bars.indices.first(where: { $0 > bar && tune.bars[$0].voice == written.voice }
      )
    else { return false }
    return tune.bars[next].length > written.length
  }

  /// Whether a plain bar line ends a bar: no repeat sign, no double bar.
  private func closesPlainly(_ bar: Int) -> Bool {
    let written = tune.bars[bar]
    let note = tune.notes.last { $0.bar == bar }?.range.upperBound
    let frame = BarFrame(bytes, bar: written.range, lastNote: note)
    let line = bytes[frame.music.upperBound..<max(frame.music.upperBound, written.range.upperBound)]
    return String(decoding: line, as: UTF8.self).trimmingSpaces() == "|"
  }

  /// Bars with the pickup that leads to the first of them.
  func withPickup(_ bars: ClosedRange<Int>) -> ClosedRange<Int> {
    let before = bars.lowerBound - 1
    guard before >= 0, tune.bars[before].voice == tune.bars[bars.lowerBound].voice,
      !isPickup(bars.lowerBound), isPickup(before)
    else { return bars }
    return before...bars.upperBound
  }

  /// Bars without a pickup at their end, which belongs to what follows; a pickup alone is itself.
  func withoutNextPickup(_ bars: ClosedRange<Int>) -> ClosedRange<Int> {
    guard bars.count > 1, isPickup(bars.upperBound) else { return bars }
    return bars.lowerBound...bars.upperBound - 1
  }
}
