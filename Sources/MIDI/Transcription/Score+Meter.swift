import Music

extension Score {
  /// Takes the meters of the performance, or the one that fits best, and finds how long the pickup
  /// is: the place of the bar lines at which notes begin, are long and are stressed.
  mutating func findMeter(in performance: Performance) {
    for change in performance.meters where change.beats > 0 && change.unit > 0 {
      let at = position(of: change.at)
      if at < max(end, 1) {
        meters.append(Meter(at: at, beats: change.beats, unit: change.unit))
      }
    }
    if meters.isEmpty {
      let candidates = [(4, 4), (3, 4), (6, 8), (2, 4), (9, 8), (12, 8)]
      let meter =
        candidates.map { Meter(at: 0, beats: $0.0, unit: $0.1) }
        .map {
          (meter: $0, score: bestPickup(for: $0, until: end).score - 0.002 * Double($0.beats))
        }
        .max { $0.score < $1.score }?.meter ?? Meter(at: 0, beats: 4, unit: 4)
      meters = [meter]
      report.append("No meter is given; \(meter.beats)/\(meter.unit) was estimated.")
    }
    meters[0].at = 0
    let until = meters.count > 1 ? meters[1].at : end
    // A later change of meter stands at a bar line: it knows better than any estimate.
    let phaseOfChange = meters.count > 1 ? until % meters[0].barLength : 0
    pickup =
      phaseOfChange > 0 ? phaseOfChange : bestPickup(for: meters[0], until: until).pickup
  }

  /// The pickup at which bar lines fall on the weightiest notes, and how much weightier they are
  /// than the others, about 0...1.
  private func bestPickup(for meter: Meter, until: Int) -> (pickup: Int, score: Double) {
    let bar = meter.barLength
    let step = max(1, Unit.perWhole / max(8, meter.unit))
    guard bar > step, let loudest = notes.map(\.velocity).max() else { return (0, 0) }
    let softest = notes.map(\.velocity).min() ?? loudest
    let spread = Double(max(1, loudest - softest))
    // For each place in a bar: weight that begins there, and sound that is held across it.
    var weight: [Int: Double] = [:]
    var held: [Int: Double] = [:]
    var total = 0.0
    for note in notes.prefix(20_000) where note.start < until {
      let length = min(2, Double(note.end - note.start) / Double(Unit.perQuarter))
      let stress = loudest - softest > 4 ? Double(note.velocity - softest) / spread : 0
      let heaviness = 0.3 + length * 0.5 + stress * 2
      total += heaviness
      weight[note.start % bar, default: 0] += heaviness
      var crossed = (note.start / step + 1) * step
      while crossed < note.end && crossed - note.start < bar {
        held[crossed % bar, default: 0] += 0.6
        crossed += step
      }
    }
    guard total > 0 else { return (0, 0) }
    var best = (pickup: 0, score: -Double.infinity, believed: -Double.infinity)
    let bars = max(1, until / bar)
    for pickup in stride(from: 0, to: bar, by: step) {
      let score = (weight[pickup] ?? 0) - (held[pickup] ?? 0)
      var believed = score
      // Few bars are weak evidence against a whole first bar.
      if pickup == 0 { believed += total * (0.03 + 2 / Double(bars)) }
      if pickup > bar / 2 { believed -= total * 0.03 }
      if believed > best.believed { best = (pickup, score, believed) }
    }
    // Longer bars hold more weight for each bar line.
    return (best.pickup, best.score / total * Double(bar) / Double(Unit.perWhole))
  }

  /// Every place where a bar line stands after `moment`, at most up to `end`.
  func barLine(after moment: Int) -> Int {
    let index = meters.lastIndex { $0.at <= moment } ?? 0
    let meter = meters[index]
    let origin = index == 0 ? pickup : meter.at
    let next: Int
    if moment < origin {
      next = origin
    } else {
      next = origin + ((moment - origin) / meter.barLength + 1) * meter.barLength
    }
    return index + 1 < meters.count ? min(next, meters[index + 1].at) : next
  }

  func meter(at moment: Int) -> Meter {
    meters.last { $0.at <= moment } ?? meters[0]
  }
}
