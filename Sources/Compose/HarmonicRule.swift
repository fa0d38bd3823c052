import ABC
import Form
import Music

/// Chords under a melody, found by a rule.
///
/// After D. Temperley, The Cognition of Basic Musical Structures (2001), chapter 6, on triads of the
/// key: a chord should hold the notes that sound with it (compatibility rule), the long and the
/// stressed ones above all; what it does not hold should be short and unstressed (ornamental
/// dissonance rule); changes fall on strong beats (strong beat rule); roots that follow each other lie
/// near on the line of fifths (harmonic variance rule). The best sequence is found by the Viterbi
/// algorithm; others differ from those before by a penalty on their choices (diverse M-best, Batra et
/// al. 2012).
struct HarmonicRule {
  /// A triad of a key.
  struct Chord: Hashable, Sendable {
    /// `G`, `F#m`.
    var name: String
    /// Pitch classes, the root first.
    var tones: [Int]
    /// On the line of fifths, C = 0.
    fileprivate var fifths: Int
    /// How far it is from home, in the key.
    fileprivate var distance: Double
    fileprivate var isTonic: Bool
  }

  /// A stretch of music with one chord.
  struct Span: Sendable, Equatable {
    /// Index into the tune's bars.
    var bar: Int
    /// On the written time line, in whole notes.
    var start: Fraction
    var end: Fraction
    var isBarStart: Bool
  }

  /// A chord where it begins.
  struct Placed: Sendable, Equatable {
    var span: Span
    var chord: Chord
  }

  let spans: [Span]
  private let chords: [[Chord]]
  /// How well each chord goes with each span.
  private var fit: [[Double]] = []

  /// - Parameters:
  ///   - bars: Indices of bars of one voice.
  ///   - key: The key in force at a byte, as `K:` has it.
  init(_ tune: ParsedTune, bars: [Int], key: (Int) -> String) {
    var spans: [Span] = []
    var triads: [[Chord]] = []
    let beat = tune.header.beatLength
    for bar in bars where tune.bars[bar].length > .zero {
      let written = tune.bars[bar]
      let own = Self.triads(key(written.range.lowerBound))
      let end = written.start + written.length
      let beats = beat > .zero ? Int(written.length.value / beat.value + 1e-9) : 1
      let middle = written.start + beat * (beats / 2)
      let isDivided =
        beats >= 2 && beats % 2 == 0 && tune.notes.contains { $0.bar == bar && $0.start == middle }
      let cuts = isDivided ? [written.start, middle, end] : [written.start, end]
      for (from, to) in zip(cuts, cuts.dropFirst()) {
        spans.append(Span(bar: bar, start: from, end: to, isBarStart: from == written.start))
        triads.append(own)
      }
    }
    self.spans = spans
    chords = triads
    fit = zip(spans, triads).map { span, triads in
      triads.map { Self.fit($0, span, tune, beat: beat) }
    }
  }

  // MARK: The key

  /// The major and minor triads of a key's scale, and the major dominant of a minor key.
  static func triads(_ key: String) -> [Chord] {
    var reader = MelodyReader("M:4/4\nL:1/8\nK:\(key.isEmpty ? "C" : key)\n")
    reader.finish()
    let naturals = [0, 2, 4, 5, 7, 9, 11]
    let letters = Array("CDEFGAB")
    // The place of each natural on the line of fifths.
    let fifths = [0, 2, 4, -1, 1, 3, 5]
    func pitch(_ step: Int) -> Int {
      naturals[step % 7] + reader.signature[step % 7] + 12 * (step / 7)
    }
    let home = (0..<7).first { ((pitch($0) % 12) + 12) % 12 == reader.tonic } ?? 0
    let isMinor = pitch(home + 2) - pitch(home) == 3
    var chords: [Chord] = []
    func add(_ step: Int, third: Int, distance: Double) {
      let sign = reader.signature[step % 7]
      let root = ((pitch(step % 7) % 12) + 12) % 12
      let name =
        String(letters[step % 7]) + (sign > 0 ? "#" : sign < 0 ? "b" : "") + (third == 3 ? "m" : "")
      chords.append(
        Chord(
          name: name, tones: [root, (root + third) % 12, (root + 7) % 12],
          fifths: fifths[step % 7] + 7 * sign, distance: distance, isTonic: step == home))
    }
    // I, IV and V are nearest; then what takes their place; iii is seldom.
    let distances = [0, 0.5, 0.9, 0.1, 0.1, 0.4, isMinor ? 0.3 : 0.5]
    for degree in 0..<7 {
      let step = home + degree
      let third = pitch(step + 2) - pitch(step)
      guard pitch(step + 4) - pitch(step) == 7, third == 3 || third == 4 else { continue }
      add(step, third: third, distance: distances[degree])
      if degree == 4, isMinor, third == 3 { add(step, third: 4, distance: 0.2) }
    }
    return chords
  }

  private static func fit(
    _ chord: Chord, _ span: Span, _ tune: ParsedTune, beat: Fraction
  ) -> Double {
    var sum = 0.0
    var weights = 0.0
    let voice = tune.bars[span.bar].voice
    for note in tune.notes where note.voice == voice && note.kind == .note {
      guard let key = note.pitch?.key, note.start < span.end, span.start < note.start + note.length
      else { continue }
      let from = max(note.start, span.start)
      let to = min(note.start + note.length, span.end)
      let place = (from - tune.bars[span.bar].start).value
      let beats = beat > .zero ? place / beat.value : 0
      let stress = place == 0 ? 2 : abs(beats - beats.rounded()) < 1e-9 ? 1.5 : 1
      let weight = (to - from).value * stress
      weights += weight
      switch chord.tones.firstIndex(of: key % 12) {
      case 0: sum += weight
      case 1: sum += 0.9 * weight
      case 2: sum += 0.8 * weight
      default: sum -= weight
      }
    }
    return (weights > 0 ? 3 * sum / weights : 0) - chord.distance
  }

  // MARK: Sequences

  /// The best sequences of chords, the best first, no two the same; each says its chords where they
  /// change.
  func sequences(_ count: Int) -> [[Placed]] {
    var found: [[Placed]] = []
    var used = fit.map { $0.map { _ in 0.0 } }
    for _ in 0..<3 * count where found.count < count {
      let best = sequence(less: used)
      for (place, chord) in best.enumerated() { used[place][chord] += 0.6 }
      let placed = best.enumerated().map { Placed(span: spans[$0], chord: chords[$0][$1]) }
      let changes = placed.enumerated().filter {
        $0.offset == 0 || $0.element.chord != placed[$0.offset - 1].chord
      }.map(\.element)
      if !changes.isEmpty, !found.contains(changes) { found.append(changes) }
    }
    return found
  }

  private func sequence(less used: [[Double]]) -> [Int] {
    guard !spans.isEmpty else { return [] }
    var scores = value(0, used).enumerated().map { $1 + (chords[0][$0].isTonic ? 0.5 : 0) }
    var from: [[Int]] = []
    for place in spans.indices.dropFirst() {
      let before = chords[place - 1]
      let own = value(place, used)
      var next: [Double] = []
      var best: [Int] = []
      for (index, chord) in chords[place].enumerated() {
        let steps = before.indices.map { scores[$0] - cost(before[$0], chord, at: place) }
        let choice = steps.indices.max { steps[$0] < steps[$1] } ?? 0
        best.append(choice)
        let isEnd = place == spans.count - 1
        next.append(own[index] + steps[choice] + (isEnd && chord.isTonic ? 1 : 0))
      }
      scores = next
      from.append(best)
    }
    var last = scores.indices.max { scores[$0] < scores[$1] } ?? 0
    var result = [last]
    for best in from.reversed() {
      last = best[last]
      result.append(last)
    }
    return result.reversed()
  }

  private func value(_ place: Int, _ used: [[Double]]) -> [Double] {
    zip(fit[place], used[place]).map { $0 - $1 }
  }

  private func cost(_ from: Chord, _ to: Chord, at place: Int) -> Double {
    guard from != to else { return 0 }
    let leap = Double(abs(from.fifths - to.fifths))
    return (spans[place].isBarStart ? 0.2 : 1) + 0.15 * max(leap - 1, 0)
  }
}
