import Music
import Notes

/// Finds the beat of music that was played without a click, from when its notes begin.
///
/// The period comes from the autocorrelation of the onsets, weighted towards tempi at which people
/// tap; the beats are the path through the music that passes the strongest onsets at the steadiest
/// pace, found by dynamic programming (Ellis, "Beat Tracking by Dynamic Programming", Journal of
/// New Music Research 36, 2007). A step is compared with the one before it, not only with the
/// period, so that the pace may drift but not jump. Onsets are weighted as Dixon does ("Automatic Extraction of Tempo
/// and Beat from Expressive Performances", JNMR 30, 2001): long, low and loud ones count more.
struct BeatTracker {
  struct Onset {
    var seconds: Double
    /// How much it stands out, about 0...3.
    var weight: Double
  }

  /// In seconds, in order; the first at or before the first onset, the last after the last.
  private(set) var beats: [Double] = []

  private static let framesPerSecond = 100.0
  /// Longer recordings are left alone: the path would take seconds to find.
  private static let longest = 1800.0
  /// What it costs to be away from the period, for the square of the logarithm.
  private static let steadiness = 15.0
  /// What it costs when a step is a frame longer or shorter than the one before, squared.
  private static let smoothness = 0.12
  /// By how many frames a step may differ from the one before.
  private static let agility = 5

  /// `nil` when there are too few onsets to hear a beat in, or it would take too long.
  init?(_ onsets: [Onset]) {
    guard onsets.count >= 8, let first = onsets.first?.seconds, let last = onsets.last?.seconds,
      last - first > 2, last - first < BeatTracker.longest
    else { return nil }
    let lead = 1.5
    let count = Int((last - first + 2 * lead) * BeatTracker.framesPerSecond) + 1
    var strength = [Double](repeating: 0, count: count)
    for onset in onsets {
      let centre = (onset.seconds - first + lead) * BeatTracker.framesPerSecond
      // Fingers are some 20 ms early and late.
      for frame in Int(centre) - 4...Int(centre) + 5 where strength.indices ~= frame {
        let distance = (Double(frame) - centre) / 2
        strength[frame] += onset.weight * BeatTracker.exponential(-distance * distance / 2)
      }
    }
    let mean = onsets.reduce(0) { $0 + $1.weight } / Double(onsets.count)
    for frame in strength.indices { strength[frame] /= mean }
    let period = BeatTracker.period(of: strength)
    let path = BeatTracker.path(through: strength, period: period)
    beats = path.map { Double($0) / BeatTracker.framesPerSecond - lead + first }
    settle(on: onsets)
    extend(from: first, to: last)
    guard beats.count >= 4 else { return nil }
  }

  /// Frames from beat to beat: where the onsets agree best with themselves, at a pace near 120.
  private static func period(of strength: [Double]) -> Double {
    var best = (period: framesPerSecond / 2, score: -Double.infinity)
    for lag in 28...110 {
      // At a pace that drifts, later beats are a few frames off.
      var sum = 0.0
      for width in -2...2 {
        var own = 0.0
        for frame in 0..<max(0, strength.count - lag - width) {
          own += strength[frame] * strength[frame + lag + width]
        }
        sum += own * (width == 0 ? 1 : abs(width) == 1 ? 0.7 : 0.3)
      }
      let octaves = logarithm(Double(lag) / (framesPerSecond * 0.5)) / logarithm(2)
      let score = sum * exponential(-octaves * octaves / (2 * 0.6 * 0.6))
      if score > best.score { best = (Double(lag), score) }
    }
    return best.period
  }

  /// The frames of the beats: the best path through pairs of a frame and the step that led there.
  private static func path(through strength: [Double], period: Double) -> [Int] {
    let nearest = max(2, Int(period * 0.75))
    let lags = Int(period * 1.33) - nearest + 1
    let costs = (0..<lags).map { lag -> Double in
      let change = logarithm(Double(nearest + lag) / period)
      return steadiness * change * change
    }
    var scores = [Float](repeating: 0, count: strength.count * lags)
    var before = [Int8](repeating: -1, count: strength.count * lags)
    for frame in strength.indices {
      for lag in 0..<lags {
        let previous = frame - nearest - lag
        var best = (score: 0.0, lag: -1)
        if previous >= 0 {
          for other in max(0, lag - agility)...min(lags - 1, lag + agility) {
            let change = Double(lag - other)
            let score = Double(scores[previous * lags + other]) - smoothness * change * change
            if score > best.score { best = (score, other) }
          }
        }
        scores[frame * lags + lag] = Float(strength[frame] + best.score - costs[lag])
        before[frame * lags + lag] = Int8(best.lag)
      }
    }
    let end = scores.indices.suffix((nearest + lags) * lags).max { scores[$0] < scores[$1] }
    guard var place = end else { return [] }
    var path: [Int] = []
    while true {
      let (frame, lag) = (place / lags, place % lags)
      path.append(frame)
      guard before[place] >= 0 else { break }
      place = (frame - nearest - lag) * lags + Int(before[place])
    }
    return path.reversed()
  }

  /// Puts each beat on the onsets that stand for it, and those between onto the line.
  private mutating func settle(on onsets: [Onset]) {
    guard beats.count >= 2 else { return }
    let period = (beats[beats.count - 1] - beats[0]) / Double(beats.count - 1)
    var anchored: [Int] = []
    var next = 0
    for index in beats.indices {
      let reach = min(0.07, period / 6)
      while next < onsets.count, onsets[next].seconds < beats[index] - reach { next += 1 }
      var (sum, weight) = (0.0, 0.0)
      var place = next
      while place < onsets.count, onsets[place].seconds <= beats[index] + reach {
        sum += onsets[place].seconds * onsets[place].weight
        weight += onsets[place].weight
        place += 1
      }
      guard weight > 0 else { continue }
      beats[index] = sum / weight
      anchored.append(index)
    }
    for (from, to) in zip(anchored, anchored.dropFirst()) where to > from + 1 {
      for index in from + 1..<to {
        let part = Double(index - from) / Double(to - from)
        beats[index] = beats[from] + (beats[to] - beats[from]) * part
      }
    }
    // Before the first and after the last of them the pace of their neighbours goes on.
    if let first = anchored.first { beats.removeFirst(first) }
    if let last = anchored.last, let first = anchored.first {
      beats.removeLast(max(0, beats.count - 1 - (last - first)))
    }
    beats = beats.reduce(into: []) { kept, beat in
      if kept.last.map({ beat > $0 + 0.05 }) ?? true { kept.append(beat) }
    }
  }

  private mutating func extend(from first: Double, to last: Double) {
    guard beats.count >= 4 else { return }
    let opening = (beats[3] - beats[0]) / 3
    while beats[0] > first + 0.02 { beats.insert(beats[0] - opening, at: 0) }
    let closing = (beats[beats.count - 1] - beats[beats.count - 4]) / 3
    while beats[beats.count - 1] <= last + closing {
      beats.append(beats[beats.count - 1] + closing)
    }
  }

  // Small series instead of the C library, so that every machine hears the same beat.
  private static func exponential(_ x: Double) -> Double {
    guard x > -30 else { return 0 }
    let reduced = x / 64
    var power = 1 + reduced * (1 + reduced / 2 * (1 + reduced / 3 * (1 + reduced / 4)))
    for _ in 0..<6 { power *= power }
    return power
  }

  private static func logarithm(_ x: Double) -> Double {
    var (x, halves) = (x, 0.0)
    while x > 1.5 { (x, halves) = (x / 2, halves + 1) }
    while x < 0.75 { (x, halves) = (x * 2, halves - 1) }
    let ratio = (x - 1) / (x + 1)
    let square = ratio * ratio
    let series = 1 + square * (1.0 / 3 + square * (1.0 / 5 + square * (1.0 / 7 + square / 9)))
    return 2 * ratio * series + halves * 0.693_147_180_559_945_3
  }
}

extension Score {
  /// Puts music that was played without a click on a time line of its own beats.
  /// - Returns: Whether a beat was found.
  mutating func trackBeats(_ played: inout [PlayedNote], _ recording: Recording) -> Bool {
    let performance = recording.performance
    let map = TempoMap(performance.tempos)
    func seconds(_ moment: Int) -> Double {
      // Between ticks the tempo is that of the tick.
      let tick = (moment - delay) / Unit.perTick
      return map.seconds(at: Tick(max(0, tick)))
    }
    let onsets = Score.onsets(of: played, notes: notes, seconds: seconds)
    guard let tracker = BeatTracker(onsets) else { return false }
    let beats = tracker.beats
    let parts = Score.partsOfBeat(beats, onsets)
    let length = parts == 3 ? Unit.perQuarter * 3 / 2 : Unit.perQuarter
    func place(_ moment: Int) -> Int {
      let time = seconds(moment)
      var (low, high) = (0, beats.count)
      while low < high {
        let middle = (low + high) / 2
        if beats[middle] <= time { low = middle + 1 } else { high = middle }
      }
      let index = min(max(0, low - 1), beats.count - 2)
      let part = (time - beats[index]) / (beats[index + 1] - beats[index])
      return max(0, index * length + Int((min(max(part, -1), 4096) * Double(length)).rounded()))
    }
    for index in played.indices { played[index].move(place) }
    end = played.map(\.end).max() ?? 0
    let pace = (beats[beats.count - 1] - beats[0]) / Double(beats.count - 1)
    let quarters = 60 / pace * Double(length) / Double(Unit.perQuarter)
    trackedTempo = quarters
    delay = 0
    report.append(
      "The notes keep no time with the file's beats: the beat was found by listening, about "
        + "\(Int(quarters.rounded())) quarter notes a minute.")
    return true
  }

  /// Notes that begin together are one onset.
  private static func onsets(
    of played: [PlayedNote], notes: [Note], seconds: (Int) -> Double
  ) -> [BeatTracker.Onset] {
    let order = played.indices.sorted { played[$0].start < played[$1].start }
    var groups: [(seconds: Double, key: Int, velocity: Int)] = []
    for index in order {
      let time = seconds(played[index].start)
      if let last = groups.last, time - last.seconds < 0.03 {
        groups[groups.count - 1].key = min(last.key, notes[index].key)
        groups[groups.count - 1].velocity = max(last.velocity, notes[index].velocity)
      } else {
        groups.append((time, notes[index].key, notes[index].velocity))
      }
    }
    let velocities = groups.map(\.velocity)
    let softest = velocities.min() ?? 0
    let spread = Double(max(20, (velocities.max() ?? 0) - softest))
    let middle = notes.map(\.key).sorted()[notes.count / 2]
    return groups.indices.map { index in
      let group = groups[index]
      let until = index + 1 < groups.count ? groups[index + 1].seconds - group.seconds : 0.5
      let loud = Double(group.velocity - softest) / spread
      let low = group.key < middle - 12 ? 0.5 : 0
      return .init(seconds: group.seconds, weight: 0.5 + min(until, 1) + loud + low)
    }
  }

  /// Whether the beats are divided in two or in three.
  private static func partsOfBeat(_ beats: [Double], _ onsets: [BeatTracker.Onset]) -> Int {
    var errors = (two: 0.0, three: 0.0)
    var next = 0
    for (beat, following) in zip(beats, beats.dropFirst()) {
      while next < onsets.count, onsets[next].seconds < beat { next += 1 }
      var place = next
      while place < onsets.count, onsets[place].seconds < following {
        let part = (onsets[place].seconds - beat) / (following - beat)
        let fourth = part * 4 - (part * 4).rounded()
        let third = part * 3 - (part * 3).rounded()
        errors.two += fourth * fourth / 16
        errors.three += third * third / 9
        place += 1
      }
    }
    // Fourths are closer to anything than thirds are.
    return errors.three < errors.two * 0.9 ? 3 : 2
  }
}
