import Music
import Notes

extension Score {
  /// Writes eighths or sixteenths that are played long and short as even ones, and what is shorter
  /// in the same stretch, where nearly every divided beat is played in the same proportion.
  /// - Returns: Whether anything was swung; `swing` then says how.
  mutating func straightenSwing(_ played: inout [PlayedNote]) -> Bool {
    let starts = played.map(\.start)
    let beat = Unit.perQuarter
    let readings =
      Swing.readings(of: starts, beat: beat) + Swing.readings(of: starts, beat: beat / 2)
    let believable = readings.filter(\.isBelievable)
    guard let best = believable.max(by: { $0.swung < $1.swung }) else { return false }
    straighten(&played, best)
    end = best.straight(end)
    delay += best.straight(best.firstBeat) - best.firstBeat
    swing = best
    return true
  }

  /// A note that was held for a part of the time to the next one is so afterwards, too.
  private func straighten(_ played: inout [PlayedNote], _ swing: Swing) {
    let next = nextStarts(of: played)
    let touching = played.indices.count { abs(played[$0].end - next[$0]) <= Unit.perQuarter / 200 }
    let isHeld = touching * 2 >= played.count
    for index in played.indices {
      let note = played[index]
      played[index].move(swing.straight)
      guard !isHeld, note.end < next[index] else { continue }
      let start = played[index].start
      if next[index] == .max {
        // Whole beats are as long as before.
        if swing.isOnBeat(note.start) {
          played[index].end = start + note.end - note.start
        }
        continue
      }
      let part = Double(note.end - note.start) / Double(next[index] - note.start)
      let room = swing.straight(next[index]) - start
      played[index].end = start + max(1, Int((part * Double(room)).rounded()))
    }
  }

  /// For each note, when the next one of its track starts; `.max` after the last.
  private func nextStarts(of played: [PlayedNote]) -> [Int] {
    var next = [Int](repeating: .max, count: played.count)
    var known: [Int: (start: Int, later: Int)] = [:]
    for index in played.indices.sorted(by: { played[$0].start > played[$1].start }) {
      let before = known[notes[index].track] ?? (.max, .max)
      next[index] = before.start > played[index].start ? before.start : before.later
      known[notes[index].track] = (played[index].start, next[index])
    }
    return next
  }

  mutating func reportSwing() {
    guard let swing else { return }
    let isEighths = swing.beat == Unit.perQuarter
    report.append(
      "The \(isEighths ? "eighths" : "sixteenths") are swung \(swing.proportion) in "
        + "\(swing.swung) \(isEighths ? "beats" : "eighths") and were written straight"
        + (isEighths ? "; export with --swing to hear them so." : "."))
  }
}

/// A reading of notes as swung: each beat is divided long and short, in the same proportion.
struct Swing {
  /// The note that is divided: a quarter for swung eighths, an eighth for swung sixteenths.
  let beat: Int
  /// A moment at which a beat begins.
  let firstBeat: Int
  /// The long part of the beat, 0...1.
  private(set) var long = 0.5
  /// Beats that begin with a long note and go on with a short one.
  private(set) var swung = 0
  private var swungAtEven = 0
  /// Beats divided at places that a swung beat does not have.
  private(set) var against = 0
  /// Beats of three thirds.
  private var triplets = 0
  /// Beats whose short note is held into the next one.
  private var syncopated = 0
  /// Beats that are taken as they are.
  private var untouched: Set<Int> = []

  /// How far from its place a note may be, as a part of a beat.
  private static let reach = 0.045
  /// Long parts of swung beats; three quarters are dotted notes, which are written as such.
  private static let swingable = 0.53...0.735

  static func readings(of starts: [Int], beat: Int) -> [Swing] {
    let plain = Swing(starts, beat: beat, firstBeat: 0)
    if let plain, plain.isBelievable { return [plain] }
    // A swung pickup is a short note, less than half a beat; of two of them, a sixteenth each, the
    // first lasts a sixth. The beats are counted from its end.
    let first = starts.min() ?? 0
    guard first < beat / 8 else { return [plain].compactMap { $0 } }
    let places = Dictionary(grouping: starts.lazy.map { $0 % beat }, by: { $0 * 24 / beat })
      .values.map { (count: $0.count, place: $0.sorted()[$0.count / 2]) }
      .filter { $0.place > beat / 8 && $0.place < beat / 2 }
    let usual = places.max { ($0.count, $1.place) < ($1.count, $0.place) }?.place
    let firstBeats = [usual, beat / 3, beat / 6].compactMap { $0 }
    return ([plain] + firstBeats.map { Swing(starts, beat: beat, firstBeat: $0) })
      .compactMap { $0 }
  }

  /// `nil` when no beat is divided so.
  init?(_ starts: [Int], beat: Int, firstBeat: Int) {
    self.beat = beat
    self.firstBeat = firstBeat
    var places: [Int: [Double]] = [:]
    for start in Set(starts) {
      var index = shifted(start) / beat
      var place = Double(shifted(start) % beat) / Double(beat)
      // A little early for the next beat.
      if place > 1 - Swing.reach { (index, place) = (index + 1, 0) }
      places[index, default: []].append(place)
    }
    let long = places.values.compactMap(Swing.longPart).sorted()
    guard !long.isEmpty else { return nil }
    self.long = long[long.count / 2]
    if abs(self.long - 2.0 / 3) < 0.004 { self.long = 2.0 / 3 }
    for (index, own) in places {
      count(own, at: index)
      let next = places[index + 1, default: []].min() ?? 1
      if Swing.isNear(own.max() ?? 0, self.long), next > Swing.reach { syncopated += 1 }
    }
  }

  /// Where a beat of a long and a short note is divided.
  private static func longPart(_ places: [Double]) -> Double? {
    let inside = places.filter { $0 > reach }
    guard inside.count < places.count, inside.count == 1, swingable.contains(inside[0]) else {
      return nil
    }
    return inside[0]
  }

  private mutating func count(_ places: [Double], at index: Int) {
    func has(_ place: Double) -> Bool { places.contains { abs($0 - place) <= Swing.reach } }
    let inside = places.filter { $0 > Swing.reach }
    guard !inside.isEmpty else { return }
    let isThirds = abs(long - 2.0 / 3) < Swing.reach
    if isThirds, has(1.0 / 3) {
      untouched.insert(index)
      if inside.allSatisfy({ abs($0 - 1.0 / 3) <= Swing.reach || abs($0 - long) <= Swing.reach }),
        has(long)
      {
        triplets += 1
      } else {
        against += 1
      }
      return
    }
    // Halves of the long and the short note are written as sixteenths.
    let usual = [long, long / 2, (1 + long) / 2, long / 4, long * 3 / 4]
    guard inside.allSatisfy({ place in usual.contains { abs(place - $0) <= Swing.reach } }) else {
      untouched.insert(index)
      against += 1
      return
    }
    guard has(long) else { return }
    guard places.contains(where: { $0 <= Swing.reach }) else { return }
    swung += 1
    if index.isMultiple(of: 2) { swungAtEven += 1 }
  }

  private static func isNear(_ place: Double, _ other: Double) -> Bool {
    abs(place - other) <= reach
  }

  /// A few long and short triplets among others are triplets. Where the beats are counted from
  /// elsewhere, short notes that are held over most of them are long ones of two beats; and
  /// sixteenths are swung in both halves of a beat.
  var isBelievable: Bool {
    swung >= 4 && swung >= against * 4 && swung >= triplets && Swing.swingable.contains(long)
      && (firstBeat == 0 || syncopated <= swung / 3)
      && (beat == Unit.perQuarter || min(swungAtEven, swung - swungAtEven) * 4 >= swung)
  }

  /// Such as `2:1`.
  var proportion: String {
    let ratio = long / (1 - long)
    let usual: [(Double, String)] = [(2, "2:1"), (1.5, "3:2"), (5.0 / 3, "5:3"), (4.0 / 3, "4:3")]
    if let near = usual.first(where: { abs($0.0 - ratio) < 0.04 }) { return near.1 }
    return "\(Int((long * 100).rounded())):\(Int(((1 - long) * 100).rounded()))"
  }

  /// Where a moment is written.
  func straight(_ moment: Int) -> Int { max(0, written(shifted(moment)) - origin) }

  func isOnBeat(_ moment: Int) -> Bool {
    let place = shifted(moment) % beat
    return min(place, beat - place) * 20 <= beat
  }

  /// Where the tune begins within the beat of its pickup.
  private var origin: Int {
    // As much as the proportion is uncertain, the pickup is, too.
    let place = written(shifted(0))
    let step = beat / 4
    let nearest = (place + step / 2) / step * step
    return abs(nearest - place) * 20 < beat ? nearest : place
  }

  /// Counted from the beat in which the pickup lies, which begins before the tune.
  private func shifted(_ moment: Int) -> Int {
    firstBeat == 0 ? moment : moment - firstBeat + beat
  }

  private func written(_ moment: Int) -> Int {
    let index = moment / beat
    guard !untouched.contains(index) else { return moment }
    let place = moment % beat
    // Thirds are exact, so that what was written comes back.
    if long == 2.0 / 3 {
      let two = beat * 2 / 3
      return index * beat + (place <= two ? place * 3 / 4 : beat / 2 + (place - two) * 3 / 2)
    }
    let part = Double(place) / Double(beat)
    let straight = part <= long ? part / long / 2 : 0.5 + (part - long) / (1 - long) / 2
    return index * beat + Int((straight * Double(beat)).rounded())
  }
}
