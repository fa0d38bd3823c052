import ABC
import Music

/// How well a tune is made, by nine gates and a score, beside the tunes of its dance.
public struct Judgement: Sendable {
  public let measures: TuneMeasures
  /// With everything the repertoire tells.
  public let panel: Panel
  /// What is usual in the dance; nil where nothing is known of it.
  public let statistics: DanceStatistics?
  /// The longest run of notes that stands in a tune of the repertoire, too; nil where it is short,
  /// or was not looked for.
  public let sharedRun: MelodyIndex.Match?
  /// Whether the tune is at its end; while it is being written its close is not judged.
  public let isComplete: Bool
  private let verdicts: [Verdict]

  /// Judges a tune that was read.
  ///
  /// - Parameters:
  ///   - tune: A reading of `text`; its first voice is judged.
  ///   - text: UTF-8.
  ///   - repertoire: nil: only what is true of all tunes is judged.
  ///   - rhythm: The dance to judge it as, in place of its own `R:`.
  ///   - isComplete: False for a tune that is still being written.
  ///   - looksForCopies: Whether the longest shared run is looked for, about a microsecond a note.
  public init(
    _ tune: ParsedTune, text: [UInt8], repertoire: Repertoire?, rhythm: String? = nil,
    isComplete: Bool = true, looksForCopies: Bool = true
  ) {
    let melody = WrittenMelody(tune, text: text, rhythm: rhythm)
    self.init(
      TuneMeasures(melody), repertoire: repertoire, isComplete: isComplete,
      looksForCopies: looksForCopies)
  }

  /// The same for a text that nobody has read yet: a tune, or the beginning of one.
  public init(
    text: String, repertoire: Repertoire?, rhythm: String? = nil, isComplete: Bool = true
  ) {
    let bytes = Array(text.utf8)
    self.init(
      ParsedTune(bytes: bytes), text: bytes, repertoire: repertoire, rhythm: rhythm,
      isComplete: isComplete)
  }

  init(
    _ measures: TuneMeasures, repertoire: Repertoire?, isComplete: Bool, looksForCopies: Bool
  ) {
    self.measures = measures
    self.isComplete = isComplete
    let statistics = repertoire?.statistics(for: measures.melody)
    self.statistics = statistics
    var panel = measures.panel
    var run: MelodyIndex.Match?
    if !panel.isEmpty {
      panel[.rhythmKnown] = statistics?.rhythmKnown(measures)
      if looksForCopies, let repertoire {
        run = repertoire.melodies.longestMatch(measures.intervals)
        panel[.sharedRun] = Double(run?.notes ?? 0)
      }
    }
    sharedRun = run
    self.panel = panel
    verdicts = Gate.allCases.map {
      Self.verdict($0, measures, panel, statistics, isComplete: isComplete)
    }
  }

  public subscript(gate: Gate) -> Verdict {
    verdicts[Gate.allCases.firstIndex(of: gate) ?? 0]
  }

  public var passedCount: Int { verdicts.count { $0 == .passed } }
  /// Whether it passes all nine.
  public var passesAll: Bool { passedCount == Gate.allCases.count }

  /// How usual its measures are in the dance, 0 to 1: the mean of min(1, two-sided tail) of each;
  /// nil where nothing is known of the dance.
  public var typicality: Double? {
    guard let statistics else { return nil }
    let tails = Measure.allCases.filter(\.isRanked).compactMap { measure -> Double? in
      guard let value = panel[measure], let spread = statistics.spreads[measure] else { return nil }
      return spread.twoSidedTail(value)
    }
    return TuneMeasures.mean(tails)
  }

  /// Ranks tunes: the gates passed come first, then `typicality`.
  public var score: Double { Double(passedCount) + min(typicality ?? 0, 0.999) }

  /// The nine marks in one line: `meter ✓ rhythm ✓ mode ✗ …`.
  public func marks(isASCII: Bool = false) -> String {
    Gate.allCases.map { "\($0.rawValue) \(self[$0].mark(isASCII: isASCII))" }
      .joined(separator: " ")
  }

  // MARK: The gates

  static let leastKnownRhythm = 0.8
  /// What is asked where the dance is not known.
  static let plainLeastSaidBefore = 0.2
  static let plainMostOutsideKey = 0.1
  static let leastPitchClasses = 5
  static let partCounts = 2...4
  static let lowestSecondPart = -2.5
  static let mostAlike = 0.85

  private static func verdict(
    _ gate: Gate, _ measures: TuneMeasures, _ panel: Panel, _ statistics: DanceStatistics?,
    isComplete: Bool
  ) -> Verdict {
    guard !panel.isEmpty else { return .open }
    let parts = measures.melody.parts
    func decide(_ holds: Bool?) -> Verdict { holds.map { $0 ? .passed : .failed } ?? .open }
    switch gate {
    case .meter: return decide(panel[.innerBarsRight].map { $0 == 1 })
    case .rhythm:
      guard statistics != nil else { return .open }
      guard let known = panel[.rhythmKnown] else { return isComplete ? .passed : .open }
      return decide(known >= leastKnownRhythm)
    case .mode:
      guard let outside = panel[.outsideKey] else { return .open }
      let isEnough = measures.pitchClassCount >= leastPitchClasses
      if !isEnough, !isComplete { return .open }
      return decide(outside <= (statistics?.mostOutsideKey ?? plainMostOutsideKey) && isEnough)
    case .range: return decide(panel[.onFiddle].map { $0 == 1 })
    case .form:
      guard let isRight = panel[.partsOfFourEightSixteen] else { return .open }
      if isComplete { return decide(isRight == 1 && partCounts.contains(parts.count)) }
      return closedParts(measures).allSatisfy { [4, 8, 16].contains(TuneMeasures.rounded($0)) }
        && parts.count <= partCounts.upperBound ? .open : .failed
    case .pickup:
      guard let isWhole = panel[.wholeParts] else { return .open }
      if isComplete { return decide(isWhole == 1) }
      return closedParts(measures).allSatisfy { $0.denominator == 1 } ? .open : .failed
    case .cadence: return isComplete ? decide(panel[.finalTonic].map { $0 == 1 }) : .open
    case .repetition:
      let least = statistics?.leastSaidBefore ?? plainLeastSaidBefore
      // The first four bars have nothing to come back to.
      if !isComplete, measures.echoes.count < 8 { return .open }
      return decide((panel[.barsSaidBefore] ?? 0) >= least)
    case .contrast:
      if !isComplete, parts.count < 2 || parts.count == 2 && !parts[1].isClosed { return .open }
      return decide(
        panel[.secondPartHigher] ?? 0 >= lowestSecondPart && panel[.partsAlike] ?? 0 <= mostAlike)
    }
  }

  private static func closedParts(_ measures: TuneMeasures) -> [Fraction] {
    measures.melody.parts.filter(\.isClosed).map { measures.melody.length(of: $0) }
  }
}

// MARK: - Choosing

extension Judgement {
  /// The places of the best among some judged tunes, the best first; of tunes with the same melody
  /// only the first counts.
  ///
  /// - Parameter count: How many to choose at most.
  public static func best(_ count: Int, of judgements: [Judgement]) -> [Int] {
    let order = judgements.indices.sorted { first, second in
      let (one, other) = (judgements[first].score, judgements[second].score)
      return one == other ? first < second : one > other
    }
    var known: Set<[Int8]> = []
    return Array(
      order.filter { known.insert(judgements[$0].measures.intervals).inserted }.prefix(
        max(count, 0))
    )
  }
}
