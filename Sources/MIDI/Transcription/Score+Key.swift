import Music
import Notes

extension Score {
  /// Takes the key signatures of the performance where the notes agree with them, else finds the
  /// key in which the notes are at home (Krumhansl and Kessler 1982, by correlation).
  mutating func findKey(in performance: Performance) {
    let drums = Set(performance.tracks.indices.filter { performance.tracks[$0].role == .drums })
    let pitched = notes.filter { !drums.contains($0.track) }
    var weights = [Double](repeating: 0, count: 12)
    for note in pitched {
      let length = Double(note.end - note.start) / Double(Unit.perQuarter)
      weights[note.key % 12] += min(length, 4)
    }
    let final = pitched.max { ($0.start, -$0.key) < ($1.start, -$1.key) }?.key
    var estimate = Score.estimatedKey(weights: weights, final: final.map { $0 % 12 })
    // Where every second or third note is outside the best of scales, as in a chromatic run, the
    // notes are at home nowhere: their accidentals are read most easily in C.
    let isAtHome = Score.share(of: weights, in: estimate.fifths) >= Score.leastShareOfAKey
    if !isAtHome { estimate = KeyEstimate(at: 0, fifths: 0, isMinor: false, isStated: true) }
    var given = performance.keys.map {
      KeyEstimate(
        at: position(of: $0.at), fifths: $0.fifths, isMinor: $0.isMinor, isStated: true)
    }.filter { $0.at < max(end, 1) }
    if given.count <= 1 {
      let said = given.first ?? KeyEstimate(at: 0, fifths: 0, isMinor: false)
      let loss =
        Score.share(of: weights, in: estimate.fifths) - Score.share(of: weights, in: said.fifths)
      // Programs that know nothing of keys write C major.
      let isDoubtful =
        isAtHome && pitched.count >= 16 && (loss > 0.08 || said.fifths == 0 && loss > 0.03)
      if given.isEmpty || isDoubtful {
        given = [estimate]
        if !pitched.isEmpty {
          report.append(
            isAtHome
              ? "The key \(Score.name(estimate, weights: weights, final: final)) was found from "
                + "the notes." : "The notes are at home in no key; K:C was written.")
        }
      }
    }
    given[0].at = 0
    keys = given.enumerated().map { index, key in
      KeySignature(
        at: key.at, fifths: key.fifths, isMinor: key.isMinor,
        name: Score.name(key, weights: weights, final: given.count == 1 && isAtHome ? final : nil))
    }
  }

  /// Of the sounding time, what at least lies in the scale of a key that was found.
  private static let leastShareOfAKey = 0.7

  private struct KeyEstimate {
    var at: Int
    var fifths: Int
    var isMinor: Bool
    /// Whether the file says so.
    var isStated = false
    /// Pitch class of the tonic: seven semitones a fifth, minor three below.
    var tonic: Int { ((fifths * 7 + (isMinor ? 9 : 0)) % 12 + 12) % 12 }
  }

  private static let majorProfile = [
    6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88,
  ]
  private static let minorProfile = [
    6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17,
  ]

  private static func estimatedKey(weights: [Double], final: Int?) -> KeyEstimate {
    var best = (key: KeyEstimate(at: 0, fifths: 0, isMinor: false), score: -Double.infinity)
    // -5...6: each pitch class once, in its simpler spelling.
    for fifths in -5...6 {
      for isMinor in [false, true] {
        let key = KeyEstimate(at: 0, fifths: fifths, isMinor: isMinor)
        let profile = isMinor ? minorProfile : majorProfile
        let turned = (0..<12).map { profile[($0 - key.tonic + 12) % 12] }
        var score = correlation(weights, turned) + share(of: weights, in: fifths)
        // Tunes end at home.
        if final == key.tonic { score += 0.15 }
        if score > best.score { best = (key, score) }
      }
    }
    return best.key
  }

  private static func correlation(_ left: [Double], _ right: [Double]) -> Double {
    let leftMean = left.reduce(0, +) / Double(left.count)
    let rightMean = right.reduce(0, +) / Double(right.count)
    var (product, leftSquares, rightSquares) = (0.0, 0.0, 0.0)
    for (a, b) in zip(left, right) {
      product += (a - leftMean) * (b - rightMean)
      leftSquares += (a - leftMean) * (a - leftMean)
      rightSquares += (b - rightMean) * (b - rightMean)
    }
    let scale = (leftSquares * rightSquares).squareRoot()
    return scale > 0 ? product / scale : 0
  }

  /// How much of the sounding time needs no accidental, 0...1.
  private static func share(of weights: [Double], in fifths: Int) -> Double {
    let total = weights.reduce(0, +)
    guard total > 0 else { return 1 }
    let scale = (-1...5).map { (($0 + fifths) * 7 % 12 + 12) % 12 }
    return scale.reduce(0) { $0 + weights[$1] } / total
  }

  /// The key's ABC name: major and minor as flagged, or the mode whose tonic the tune ends on.
  private static func name(_ key: KeyEstimate, weights: [Double], final: Int?) -> String {
    // Steps along the fifths from the signature's major tonic, as ABC 2.1 §3.1.14 lists modes.
    var modes: [(steps: Int, suffix: String)] =
      key.isMinor
      ? [(3, "m"), (2, "dor"), (4, "phr")] : [(0, ""), (1, "mix"), (2, "dor"), (3, "m")]
    // Who says D major means no minor key; only C major may have been written by a program that
    // knows nothing of keys.
    let isSure = key.isStated && (key.isMinor || key.fifths != 0)
    if isSure && !key.isMinor { modes.removeLast(2) }
    func tonicClass(_ steps: Int) -> Int { ((key.fifths + steps) * 7 % 12 + 12) % 12 }
    let home = final.flatMap { final in modes.first { tonicClass($0.steps) == final % 12 } }
    let mode: (steps: Int, suffix: String)
    let doubt = isSure ? 1 : 0.5
    if let home, weights[tonicClass(home.steps)] > weights[tonicClass(modes[0].steps)] * doubt {
      mode = home
    } else {
      mode = modes[0]
    }
    let letter = Spelling(lineOfFifths: key.fifths + mode.steps)
    let sign = letter.alteration > 0 ? "#" : letter.alteration < 0 ? "b" : ""
    guard abs(letter.alteration) <= 1 else { return "none" }
    return "\(letter.letter)\(sign)\(mode.suffix)"
  }
}
