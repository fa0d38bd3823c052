import Music

/// How unevenly pairs of eighths are played: the share of the first one, in percent, as drum
/// machines since Linn's have it. 50 is straight, 66 (or 67) two to one as in a triplet, 75 three to
/// one.
public struct Swing: Hashable, Sendable {
  /// 50...75.
  public let percent: Int

  public static let range = 50...75

  /// `nil` outside of 50...75.
  public init?(percent: Int) {
    guard Swing.range.contains(percent) else { return nil }
    self.percent = percent
  }

  /// Reads `66`, `66%` or `off`.
  public init?(_ text: String) {
    if text == "off" {
      self.init(percent: 50)
    } else {
      let digits = text.hasSuffix("%") ? String(text.dropLast()) : text
      guard let percent = Int(digits) else { return nil }
      self.init(percent: percent)
    }
  }

  /// The first eighth's part of the pair. Two thirds lie between 66 and 67: both mean them.
  public var share: Fraction {
    percent == 66 || percent == 67 ? Fraction(2, 3) : Fraction(percent, 100)
  }
}

extension Performer {
  /// Plays eighths long–short where the options or the tune's `%%swing` lines ask for it, each from
  /// the bar on in which it stands.
  mutating func swing() {
    var shares: [(at: Fraction, share: Fraction)] = []
    if let ratio = options.swing {
      if ratio > .one { shares = [(.zero, ratio / (ratio + .one))] }
    } else {
      for directive in directives where directive.words.first == "swing" {
        guard directive.words.count > 1, let swing = Swing(directive.words[1]) else { continue }
        shares.append((directive.at, swing.share))
      }
      // Lines at one moment: the last one holds.
      shares = shares.enumerated().sorted {
        ($0.element.at, $0.offset) < ($1.element.at, $1.offset)
      }.map(\.element)
    }
    guard shares.contains(where: { $0.share > Fraction(1, 2) }), !bars.isEmpty else { return }
    let passages = bars
    let half = Fraction(1, 2)
    let ofPassages = passages.map { passage in
      shares.last { $0.at <= passage.start }?.share ?? half
    }
    for index in times.indices {
      sounds[index].start = Tick(Performer.swung(times[index].start, passages, ofPassages))
      sounds[index].end = Tick(Performer.swung(times[index].end, passages, ofPassages))
    }
  }

  /// Only in meters whose beat is a quarter or a half; a compound meter swings by itself.
  private static func swung(
    _ moment: Fraction, _ passages: [BarPassage], _ shares: [Fraction]
  ) -> Fraction {
    var low = 0
    var high = passages.count
    while low + 1 < high {
      let middle = (low + high) / 2
      if passages[middle].start <= moment { low = middle } else { high = middle }
    }
    let passage = passages[low]
    let share = shares[low]
    guard share > Fraction(1, 2), !passage.meter.isCompound, moment >= passage.start else {
      return moment
    }
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
