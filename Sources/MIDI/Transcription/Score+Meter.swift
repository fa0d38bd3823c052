import Music
import Notes

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
    let model = barLineModel(of: performance)
    guard !given.isEmpty else {
      estimateMeter(until: last, model)
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
    pickup = stated ?? model?.reading(of: meters[0]).pickup ?? 0
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
  private mutating func estimateMeter(until last: Int, _ model: BarLineModel?) {
    let candidates = [(4, 4), (3, 4), (6, 8), (2, 4), (9, 8), (12, 8)].map {
      Meter(at: 0, beats: $0.0, unit: $0.1)
    }
    let best = model.flatMap { model in
      candidates.map(model.reading).max { $0.belief < $1.belief }
    }
    let meter = best?.meter ?? candidates[0]
    pickup = best?.pickup ?? 0
    if last > 3 * meter.barLength, trackedTempo == nil,
      crossings(of: meter, pickup: pickup, until: last) * 4 >= last / meter.barLength
    {
      meters = [Meter(at: 0, beats: 0, unit: 4)]
      pickup = 0
      report.append(
        "No meter is given, and every usual one would cut notes in two; none was written.")
      return
    }
    meters = [meter]
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

  private func barLineModel(of performance: Performance) -> BarLineModel? {
    let bass = bassTrack
    let drums = performance.tracks.indices.filter { performance.tracks[$0].role == .drums }
    let melody = notes.filter { $0.track != bass && !drums.contains($0.track) }
    return BarLineModel(
      melody: melody.isEmpty ? notes : melody, bass: notes.filter { $0.track == bass })
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
