/// One figure of the panel that tells how a tune is made.
///
/// Judged against tunes of the same dance: near their values is good, not far above or below.
public enum Measure: String, CaseIterable, Sendable {
  case innerBarsRight = "M1"
  case rhythmKnown = "R1"
  case onFiddle = "P1"
  case onWhistle = "P2"
  case ambitus = "P3"
  case outsideKey = "K1"
  case partsOfEight = "F1"
  case partsOfFourEightSixteen = "F2"
  case wholeParts = "F3"
  case endings = "F5"
  case finalTonic = "C1"
  case tonicCadences = "C3"
  case fourthBarOpen = "C4"
  case secondPartHigher = "X1"
  case partsAlike = "X3"
  case endsRhyme = "X4"
  case fifthBarReturns = "S1"
  case likenessAfterOne = "S2.1"
  case likenessAfterTwo = "S2.2"
  case likenessAfterFour = "S2.4"
  case likenessAfterEight = "S2.8"
  case fourBarPeak = "S2"
  case barsSaidBefore = "S3"
  case distinctBars = "V1"
  case barsEqualNext = "V2"
  case sharedRun = "N1"

  /// A few words for a table's row.
  public var title: String {
    switch self {
    case .innerBarsRight: "inner bars right"
    case .rhythmKnown: "rhythm known"
    case .onFiddle: "all in G3-B5"
    case .onWhistle: "all in D4-B5"
    case .ambitus: "ambitus, semitones"
    case .outsideKey: "outside the key"
    case .partsOfEight: "every part 8 bars"
    case .partsOfFourEightSixteen: "parts of 4, 8 or 16"
    case .wholeParts: "part lengths whole"
    case .endings: "first and second endings"
    case .finalTonic: "final tonic"
    case .tonicCadences: "parts cadence on the tonic"
    case .fourthBarOpen: "bar 4 open"
    case .secondPartHigher: "second part higher, semitones"
    case .partsAlike: "first parts alike"
    case .endsRhyme: "ends rhyme"
    case .fifthBarReturns: "bars 1-2 = 5-6"
    case .likenessAfterOne: "like the bar before"
    case .likenessAfterTwo: "like 2 bars before"
    case .likenessAfterFour: "like 4 bars before"
    case .likenessAfterEight: "like 8 bars before"
    case .fourBarPeak: "peak at 4 bars"
    case .barsSaidBefore: "bars said before"
    case .distinctBars: "distinct bars"
    case .barsEqualNext: "bar equals the next"
    case .sharedRun: "longest shared run, notes"
    }
  }

  /// Whether it counts semitones or notes; all others are shares.
  public var isCount: Bool {
    switch self {
    case .ambitus, .secondPartHigher, .sharedRun: true
    default: false
    }
  }

  /// Whether it takes part in the score that ranks tunes: the four lags count once, as their peak.
  public var isRanked: Bool {
    switch self {
    case .likenessAfterOne, .likenessAfterTwo, .likenessAfterFour, .likenessAfterEight: false
    default: true
    }
  }
}

/// The panel of one tune: a value for each measure that the tune is long enough for.
public struct Panel: Hashable, Sendable {
  private var values = [Double?](repeating: nil, count: Measure.allCases.count)

  public init() {}

  public subscript(measure: Measure) -> Double? {
    get { values[Self.places[measure] ?? 0] }
    set { values[Self.places[measure] ?? 0] = newValue }
  }

  /// Whether nothing was measured.
  public var isEmpty: Bool { values.allSatisfy { $0 == nil } }

  private static let places = Dictionary(
    uniqueKeysWithValues: Measure.allCases.enumerated().map { ($1, $0) })
}
