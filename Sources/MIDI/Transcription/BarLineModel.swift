import Music
import Notes

/// Where bar lines stand in a melody, judged by what folk tunes have in common: long notes and the
/// tonic begin where a bar does, few notes are held across its line, the last one falls on a beat,
/// sections come back after four, eight or sixteen bars.
///
/// The weights are those of a logistic regression over the meters and pickups of 2178 tunes of
/// five tunebooks, all notes equally loud. Stress and bass, which those tunes do not have, were
/// added by hand, and three quarters, which are rare in them, raised to what they are elsewhere.
struct BarLineModel {
  private let melody: [Score.Note]
  private let bass: [Score.Note]
  private let last: Int
  private let repetition: Int?
  private let usual: Double
  private let final: Score.Note
  private let stress: [Double]
  private let lengths: [Int: Int]

  /// A meter with the length of its pickup, and how far both can be believed.
  struct Reading {
    var meter: Score.Meter
    var pickup: Int
    var belief: Double
  }

  /// `nil` without notes.
  init?(melody: [Score.Note], bass: [Score.Note]) {
    let melody = Array(melody.prefix(20_000))
    guard let final = melody.max(by: { ($0.end, -$0.key) < ($1.end, -$1.key) }) else { return nil }
    self.melody = melody
    self.bass = bass
    self.final = final
    last = final.end
    let sorted = melody.map { $0.end - $0.start }.sorted()
    usual = Double(max(1, sorted[sorted.count / 2]))
    let softest = melody.lazy.map(\.velocity).min() ?? 0
    let spread = (melody.lazy.map(\.velocity).max() ?? 0) - softest
    stress = melody.map {
      spread > 4 ? Double($0.velocity - softest) / Double(spread) : 0
    }
    lengths = Dictionary(melody.map { ($0.start, $0.end - $0.start) }) { $1 }
    repetition = BarLineModel.repetition(in: melody, until: last)
  }

  /// The most believable pickup of a meter.
  func reading(of meter: Score.Meter) -> Reading {
    let bar = meter.barLength
    let step = Unit.perWhole / max(8, meter.unit)
    guard bar > step, bar / step <= 64 else {
      return Reading(meter: meter, pickup: 0, belief: -.infinity)
    }
    let places = Places(self, bar: bar, step: step)
    let common = belief(in: meter)
    let readings = stride(from: 0, to: bar, by: step).map { pickup in
      Reading(
        meter: meter, pickup: pickup, belief: common + places.belief(in: pickup, meter: meter))
    }
    return readings.max { $0.belief < $1.belief } ?? Reading(meter: meter, pickup: 0, belief: 0)
  }

  /// What speaks for a meter wherever its bar lines stand.
  private func belief(in meter: Score.Meter) -> Double {
    let bar = meter.barLength
    var (compared, same) = (0, 0)
    for (start, length) in lengths where start + bar < last {
      compared += 1
      if lengths[start + bar] == length { same += 1 }
    }
    var belief = 1.81 * Double(same) / Double(max(1, compared))
    if let repetition {
      let bars = repetition / bar
      if !repetition.isMultiple(of: bar) {
        belief -= 0.2
      } else {
        if [4, 8, 16, 32].contains(bars) { belief += 4.28 }
        if bars.isMultiple(of: 2) { belief += 2.42 }
      }
    }
    let usual = ["4/4": 1.82, "3/4": 1.5, "6/8": 1.26, "2/4": -0.43, "9/8": 1.12, "12/8": -4.04]
    return belief + (usual[meter.text] ?? 0)
  }

  /// What there is at each place of a bar, for each bar.
  private struct Places {
    let model: BarLineModel
    let bar: Int
    let bars: Double
    private var long: [Int: Double] = [:]
    private var held: [Int: Double] = [:]
    private var home: [Int: Double] = [:]
    private var leaps: [Int: Double] = [:]
    private var begun: [Int: Double] = [:]
    private var stressed: [Int: Double] = [:]
    private var bass: [Int: Double] = [:]
    private var allStress = 0.0

    init(_ model: BarLineModel, bar: Int, step: Int) {
      self.model = model
      self.bar = bar
      bars = max(1, Double(model.last) / Double(bar))
      let one = 1 / bars
      var before: Int?
      for (note, stress) in zip(model.melody, model.stress) {
        let place = note.start % bar
        let length = Double(note.end - note.start) / model.usual - 1
        long[place, default: 0] += min(3, max(0, length)) * one
        if (note.key - model.final.key) % 12 == 0 { home[place, default: 0] += one }
        if let before {
          leaps[place, default: 0] += Double(min(7, abs(note.key - before))) / 7 * one
        }
        before = note.key
        begun[place, default: 0] += one
        stressed[place, default: 0] += stress * one
        allStress += stress * one
        var crossed = (note.start / step + 1) * step
        while crossed < note.end && crossed - note.start < bar {
          held[crossed % bar, default: 0] += one
          crossed += step
        }
      }
      for note in model.bass { bass[note.start % bar, default: 0] += one }
    }

    func belief(in pickup: Int, meter: Score.Meter) -> Double {
      let beat = meter.beatLength
      let beats = (0..<max(1, bar / beat)).map { (pickup + $0 * beat) % bar }
      func onBeats(_ values: [Int: Double]) -> Double {
        beats.reduce(0) { $0 + (values[$1] ?? 0) } / Double(beats.count)
      }
      let scale = Double(bar) / Double(Unit.perWhole)
      let longHere = long[pickup] ?? 0
      let heldHere = held[pickup] ?? 0
      let begunHere = begun[pickup] ?? 0
      var belief = longHere * (5.97 - 2.12 * scale) + heldHere * (-3.03 - 0.66 * scale)
      belief += begunHere * (8.82 - 3.12 * scale)
      belief += 0.6 * (home[pickup] ?? 0) + 0.45 * (leaps[pickup] ?? 0)
      belief += -10.39 * onBeats(held) + 4.76 * onBeats(long) - 1.14 * onBeats(home)
      belief += 2.42 * (long[(pickup + bar / 2) % bar] ?? 0)
      let final = model.final.start - pickup
      if final.isMultiple(of: bar) { belief -= 1.17 }
      if final.isMultiple(of: beat) { belief += 1.17 }
      // A whole first bar is what most programs write.
      if pickup == 0 { belief += 0.7 + 8.27 / bars }
      if pickup * 2 > bar { belief -= 4.29 }
      if [0, pickup].contains(model.last % bar) { belief += 1.56 }
      let first = model.melody[0]
      if pickup == 0 || first.end - first.start <= pickup { belief += 2.56 }
      let stress = stressed[pickup] ?? 0
      belief += 24 * stress - 8 * (allStress - stress)
      belief += 4 * (bass[pickup] ?? 0)
      // An accompaniment waits for the first bar line.
      if let entry = model.bass.first?.start, entry > 0, entry < bar, entry == pickup,
        first.start == 0
      {
        belief += 8
      }
      return belief
    }
  }

  /// How far on the same melody sounds again, where most of it does.
  private static func repetition(in notes: [Score.Note], until last: Int) -> Int? {
    guard notes.count >= 16 else { return nil }
    let highest = Dictionary(notes.map { ($0.start, $0.key) }) { max($0, $1) }
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
}
