import Music

extension Performer {
  /// Plays eighths long–short: the first of each pair lasts `swing` times as long as the second.
  /// Only in meters whose beat is a quarter or a half; a compound meter swings by itself.
  mutating func apply(swing: Fraction) {
    let passages = bars
    guard !passages.isEmpty else { return }
    let share = swing / (swing + .one)
    for index in sounds.indices {
      sounds[index].start = Performer.swung(sounds[index].start, passages, share)
      sounds[index].end = Performer.swung(sounds[index].end, passages, share)
    }
  }

  private static func swung(
    _ moment: Fraction, _ passages: [BarPassage], _ share: Fraction
  ) -> Fraction {
    var low = 0
    var high = passages.count
    while low + 1 < high {
      let middle = (low + high) / 2
      if passages[middle].start <= moment { low = middle } else { high = middle }
    }
    let passage = passages[low]
    guard !passage.meter.isCompound, moment >= passage.start else { return moment }
    // Measured from the bar's end, so that a pickup's eighth is the short one it would be.
    let quarter = Fraction(1, 4)
    let length = passage.end - passage.start
    let bar = passage.meter.barLength ?? length
    let isPickup = length < bar
    let offset = moment - passage.start + (isPickup ? bar - length : .zero)
    let beats = (offset / quarter)
    let whole = Fraction(beats.numerator / beats.denominator) * quarter
    let inside = offset - whole
    let half = Fraction(1, 8)
    let long = quarter * share
    let moved =
      inside <= half
      ? inside * (long / half) : long + (inside - half) * ((quarter - long) / half)
    return passage.start + whole + moved - (isPickup ? bar - length : .zero)
  }
}
