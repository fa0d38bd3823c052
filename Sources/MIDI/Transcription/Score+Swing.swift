import Music

extension Score {
  /// Writes eighths that are played long and short in the proportion 2:1 as even ones, and what is
  /// shorter in the same stretch, where nearly every divided beat is played so.
  mutating func straightenSwing(of performance: Performance) {
    let isCompound = performance.meters.contains {
      Meter(at: 0, beats: $0.beats, unit: max(1, $0.unit)).isCompound
    }
    guard !isCompound else { return }
    // A swung pickup of one eighth lasts a third of a beat, of a sixteenth a sixth.
    let beat = Unit.perQuarter
    let readings = [0, beat / 3, beat / 6].map { Swing(notes, firstBeat: $0) }
    guard let best = readings.max(by: { $0.swung < $1.swung }), best.swung >= 8,
      best.swung >= best.against * 4
    else { return }
    for index in notes.indices {
      notes[index].start = best.straight(notes[index].start)
      notes[index].end = best.straight(notes[index].end)
    }
    end = best.straight(end)
    delay = best.straight(best.firstBeat) - best.firstBeat
    sortNotes()
    report.append(
      "The eighths are swung 2:1 in \(best.swung) beats and were written straight; export with "
        + "--swing to hear them so.")
  }
}

/// A reading of notes as swung: which beats are, when the first beat starts at `firstBeat`.
private struct Swing {
  let firstBeat: Int
  /// Beats that begin with a long note and go on with a short one.
  private(set) var swung = 0
  /// Beats divided at places that a swung beat does not have.
  private(set) var against = 0
  private var beats: Set<Int> = []

  private static let beat = Unit.perQuarter
  private static let long = Unit.perQuarter * 2 / 3

  init(_ notes: [Score.Note], firstBeat: Int) {
    self.firstBeat = firstBeat
    let beat = Swing.beat
    var begun: [Int: Set<Int>] = [:]
    var inside: [Int: Set<Int>] = [:]
    for note in notes {
      let (start, end) = (shifted(note.start), shifted(note.end))
      begun[start / beat, default: []].insert(start % beat)
      inside[start / beat, default: []].insert(start % beat)
      inside[end / beat, default: []].insert(end % beat)
    }
    // Even sixteenths and the last of them, swung, stand at a third and at five sixths.
    let usual: Set = [0, Swing.long / 2, Swing.long, beat - Swing.long / 4]
    for places in begun.values where !Swing.isTriplet(places) {
      if !places.isSubset(of: usual) {
        against += 1
      } else if places.contains(0) && places.contains(Swing.long) {
        swung += 1
      }
    }
    beats = Set(
      inside.filter { _, places in
        !Swing.isTriplet(places)
          && places.allSatisfy { Swing.straightPlace($0).isMultiple(of: beat / 16) }
      }.keys)
    // The pickup is a part of a beat that nothing else may have marked.
    if firstBeat > 0 { beats.insert(0) }
  }

  /// Where a moment is written.
  func straight(_ moment: Int) -> Int {
    written(shifted(moment)) - written(shifted(0))
  }

  /// Counted from the beat in which the pickup lies, which begins before the tune.
  private func shifted(_ moment: Int) -> Int {
    firstBeat == 0 ? moment : moment - firstBeat + Swing.beat
  }

  private func written(_ moment: Int) -> Int {
    let index = moment / Swing.beat
    guard beats.contains(index) else { return moment }
    return index * Swing.beat + Swing.straightPlace(moment % Swing.beat)
  }

  /// A beat of three thirds is a triplet, whatever the others are.
  private static func isTriplet(_ places: Set<Int>) -> Bool {
    places.subtracting([0]) == [long / 2, long]
  }

  /// A place within a swung beat as it is written: two thirds of the beat are its first half.
  private static func straightPlace(_ place: Int) -> Int {
    place <= long ? place * 3 / 4 : beat / 2 + (place - long) * 3 / 2
  }
}
