import Music

extension Score {
  /// Takes the meters of the performance, or the one that fits best, and finds how long the pickup
  /// is: the place of the bar lines at which notes begin, are long and are stressed.
  mutating func findMeter(in performance: Performance) {
    let last = notes.map(\.end).max() ?? 0
    var given: [Meter] = []
    for change in performance.meters where change.beats > 0 && change.unit > 0 {
      let meter = Meter(at: position(of: change.at), beats: change.beats, unit: change.unit)
      // Those of one moment: the last holds.
      if given.last?.at == meter.at { given.removeLast() }
      if meter.at < max(last, 1) { given.append(meter) }
    }
    guard !given.isEmpty else {
      estimateMeter(until: last)
      return
    }
    given[0].at = 0
    var stated: Int?
    if given.count > 1 {
      let (first, second) = (given[0], given[1])
      // A later meter stands at a bar line: it knows better than any estimate.
      stated = second.at % first.barLength
      // A short first meter of one bar is a pickup of what follows.
      if second.at <= first.barLength, second.at < second.barLength {
        stated = second.at
        given[0] = Meter(at: 0, beats: second.beats, unit: second.unit)
        given.remove(at: 1)
      }
    }
    meters = Score.joiningPartBars(given, pickup: stated ?? 0)
    pickup = stated ?? bestPickup(for: meters[0], until: last).pickup
  }

  /// Leaves out what only says where bar lines stand: a meter said again, and a bar that was cut in
  /// two where a section ends.
  private static func joiningPartBars(_ given: [Meter], pickup: Int) -> [Meter] {
    var result: [Meter] = []
    var index = 0
    func length(_ index: Int) -> Int {
      index + 1 < given.count ? given[index + 1].at - given[index].at : .max
    }
    while index < given.count {
      var meter = given[index]
      guard let inForce = result.last(where: \.isWritten) else {
        result.append(meter)
        index += 1
        continue
      }
      // Two meters of one bar each that make up a whole one, before the meter goes on.
      if index + 2 < given.count, meter.text != inForce.text,
        length(index) == meter.barLength, length(index + 1) == given[index + 1].barLength,
        meter.barLength + given[index + 1].barLength == inForce.barLength,
        given[index + 2].text == inForce.text
      {
        for part in [index, index + 1, index + 2] {
          result.append(
            Meter(
              at: given[part].at, beats: inForce.beats, unit: inForce.unit, isWritten: false))
        }
        index += 3
        continue
      }
      if meter.text == inForce.text {
        meter.isWritten = false
        // At a bar line that is there anyhow it says nothing at all.
        let origin = result.count == 1 ? pickup : result[result.count - 1].at
        if (meter.at - origin).isMultiple(of: inForce.barLength) {
          index += 1
          continue
        }
      }
      result.append(meter)
      index += 1
    }
    return result
  }

  /// The meter that fits best where the file names none.
  private mutating func estimateMeter(until last: Int) {
    let repetition = repetitionLength(until: last)
    let isEven = Set(notes.map(\.velocity)).count == 1
    let candidates = [(4, 4), (3, 4), (6, 8), (2, 4), (9, 8), (12, 8)].map {
      let meter = Meter(at: 0, beats: $0.0, unit: $0.1)
      var fit = bestPickup(for: meter, until: last)
      fit.score -= 0.002 * Double($0.0)
      if let repetition, repetition.isMultiple(of: meter.barLength) {
        // Phrases of folk music have four, eight or sixteen bars.
        let bars = repetition / meter.barLength
        if [4, 8, 16].contains(bars) {
          fit.score += 0.2
        } else if bars & 1 == 0 {
          fit.score += 0.05
        }
      }
      // Where nothing is stressed, most music is.
      if $0 == (4, 4), isEven { fit.score += 0.15 }
      return (meter: meter, fit: fit)
    }
    let best = candidates.max { $0.fit.score < $1.fit.score }
    let meter = best?.meter ?? Meter(at: 0, beats: 4, unit: 4)
    if let best,
      crossings(of: best.meter, pickup: best.fit.pickup, until: last) * 4
        >= last / best.meter.barLength, last > 3 * best.meter.barLength, trackedTempo == nil
    {
      meters = [Meter(at: 0, beats: 0, unit: 4)]
      pickup = 0
      report.append(
        "No meter is given, and every usual one would cut notes in two; none was written.")
      return
    }
    meters = [meter]
    pickup = best?.fit.pickup ?? 0
    report.append("No meter is given; \(meter.text) was estimated.")
  }

  /// How many bar lines fall inside notes, with none that begin there.
  private func crossings(of meter: Meter, pickup: Int, until last: Int) -> Int {
    let bar = meter.barLength
    let begun = Set(notes.map(\.start))
    var crossed: Set<Int> = []
    for note in notes {
      let passed = note.start < pickup ? 0 : (note.start - pickup) / bar + 1
      var line = pickup + passed * bar
      while line < note.end {
        if !begun.contains(line) { crossed.insert(line) }
        line += bar
      }
    }
    return crossed.count
  }

  /// How far on the same melody sounds again, where most of it does.
  private func repetitionLength(until last: Int) -> Int? {
    guard notes.count >= 16, notes.count <= 20_000 else { return nil }
    let highest = Dictionary(grouping: notes, by: \.start).mapValues { $0.map(\.key).max() ?? 0 }
    var best: (lag: Int, share: Double)?
    let eighth = Unit.perQuarter / 2
    for lag in stride(from: 8 * eighth, through: min(last / 2 + eighth, 256 * eighth), by: eighth) {
      var (same, compared) = (0, 0)
      for (start, key) in highest where start + lag < last {
        compared += 1
        if highest[start + lag] == key { same += 1 }
      }
      let share = Double(same) / Double(max(1, compared))
      if compared >= 12, share >= 0.6, share > (best?.share ?? 0) + 0.02 { best = (lag, share) }
    }
    return best?.lag
  }

  /// The pickup at which bar lines fall on the weightiest notes, and how much weightier they are
  /// than the others, about 0...1.
  private func bestPickup(for meter: Meter, until: Int) -> (pickup: Int, score: Double) {
    let bar = meter.barLength
    let step = max(1, Unit.perWhole / max(8, meter.unit))
    guard bar > step, let loudest = notes.map(\.velocity).max() else { return (0, 0) }
    let softest = notes.map(\.velocity).min() ?? loudest
    let spread = Double(max(1, loudest - softest))
    let bass = bassTrack
    // For each place in a bar: weight that begins there, and sound that is held across it.
    var weight: [Int: Double] = [:]
    var held: [Int: Double] = [:]
    var total = 0.0
    for note in notes.prefix(20_000) where note.start < until {
      let length = min(2, Double(note.end - note.start) / Double(Unit.perQuarter))
      let stress = loudest - softest > 4 ? Double(note.velocity - softest) / spread : 0
      let heaviness = (0.3 + length * 0.5 + stress * 2) * (note.track == bass ? 1.5 : 1)
      total += heaviness
      weight[note.start % bar, default: 0] += heaviness
      var crossed = (note.start / step + 1) * step
      while crossed < note.end && crossed - note.start < bar {
        held[crossed % bar, default: 0] += 0.6
        crossed += step
      }
    }
    guard total > 0 else { return (0, 0) }
    // An accompaniment waits for the first bar line.
    var accompanied: Int?
    if let entry = notes.first(where: { $0.track == bass })?.start, entry > 0, entry < bar,
      notes[0].start == 0
    {
      accompanied = entry
    }
    var best = (pickup: 0, score: -Double.infinity, believed: -Double.infinity)
    let bars = max(1, until / bar)
    for pickup in stride(from: 0, to: bar, by: step) {
      let score = (weight[pickup] ?? 0) - (held[pickup] ?? 0)
      var believed = score
      // Few bars are weak evidence against a whole first bar.
      if pickup == 0 { believed += total * (0.03 + 2 / Double(bars)) }
      if pickup == accompanied { believed += total * (0.25 + 2 / Double(bars)) }
      if pickup > bar / 2 { believed -= total * 0.03 }
      if believed > best.believed { best = (pickup, score, believed) }
    }
    // Longer bars hold more weight for each bar line.
    return (best.pickup, best.score / total * Double(bar) / Double(Unit.perWhole))
  }

  /// The lowest of several tracks, where it is clearly below the others.
  private var bassTrack: Int? {
    let keys = Dictionary(grouping: notes.prefix(20_000), by: \.track).mapValues {
      $0.reduce(0) { $0 + $1.key } / $0.count
    }
    guard keys.count > 1, let lowest = keys.min(by: { ($0.value, $0.key) < ($1.value, $1.key) }),
      keys.values.filter({ $0 < lowest.value + 7 }).count == 1
    else { return nil }
    return lowest.key
  }

  /// Ends the music with its last note, or with the bar of that note where the recording does so:
  /// late ends of tracks and tempi after the end are no music.
  mutating func endWithLastBar(of performance: Performance) {
    guard let last = notes.map(\.end).max() else {
      end = 0
      return
    }
    let line = barLine(after: last - 1)
    let isWhole = end == line || end.isMultiple(of: Unit.perQuarter / 2)
    if !(end > last && end <= line && isWhole) { end = last }
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
