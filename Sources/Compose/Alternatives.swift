import ABC

/// Several ways to write the same place, to be heard and chosen from.
///
/// Every one of them is a version of the draft from the moment it is asked for, so that whatever is
/// chosen, the others stay as takes. The original is number 0.
public struct Alternatives: Sendable {
  /// What is written several times.
  enum Task: Sendable, Equatable {
    /// The next bars of a voice, up to this one.
    case phrase(voice: Int, targetBar: Int)
    /// Gaps of the original, each of its own length.
    case fill([Gap])
  }

  /// What new candidates begin with.
  struct Source: Sendable {
    var version: History.Identifier
    var task: Task
    var room: Session.Room
    /// Whether they are to be like `version`: those whose contour is nearest to its come first.
    var isModel = false
  }

  /// What is written anew, which also says how more of it is found.
  enum Kind: Sendable, Equatable {
    /// The next bars.
    case phrase
    /// Bars, each of its own length.
    case bars
    /// A note or a beat.
    case notes
    /// One side of some bars.
    case variation(Variation.Aspect)
    /// Bars of a voice that goes with others.
    case voice(weight: Double)
    /// Chord symbols of some bars, found by a rule.
    case chords

    /// Whether they differ in their notes.
    var isHeard: Bool { self != .chords }
  }

  /// Whether they are chord symbols over the same notes.
  public var isOfChords: Bool { kind == .chords }

  let kind: Kind
  var source: Source
  /// What they began with before any was to be like another.
  let firstSource: Source
  var task: Task { source.task }
  var room: Session.Room { source.room }
  /// The version that was current when they were asked for.
  public let original: History.Identifier
  /// The byte from which on they differ from the original.
  public let start: Int
  /// How many bytes at the end of the text are the same in all of them.
  public let kept: Int
  /// What they are for, in words: `bars 5-6`.
  public let name: String
  /// How many were asked for; fewer once it is clear that there are no more.
  public internal(set) var wanted: Int
  /// In the order in which they are shown, from number 1: those that fill a gap with the fewest
  /// bits first, their own and those of the bars behind the gap added up.
  public internal(set) var candidates: [Candidate] = []
  /// What is seen and heard; 0 = the original.
  public internal(set) var selected = 0
  /// Versions left out because they said the same as another.
  public internal(set) var duplicates = 0
  /// How many ways to go on were drawn, and how many of those failed no gate of the judge; `nil`
  /// where nothing judges them.
  public internal(set) var drawn = 0
  public internal(set) var passed: Int?
  /// What the open request to fill is drawn with: wilder the more doubles there were.
  var fillSampling = Sampling()
  /// Versions left out because they did not fit into their place.
  public internal(set) var misfits = 0
  /// Whether the musician has looked at one; until then the first that is ready is shown.
  var isUntouched = true
  /// The open requests: for a version, or for all that fill.
  var requests: [Int: History.Identifier?] = [:]
  /// Everything in its place as it was, put back at the end.
  let placesBefore: Places
  /// Which of them sounded at each beat.
  var heard = HeardBeats()

  /// One of them.
  public struct Candidate: Sendable, Equatable {
    public var version: History.Identifier
    /// Whether it is written to its end.
    public var isReady = false
    /// Whether it stays when the others are written anew.
    public var isHeld = false
    /// Whether it was put together from what was heard of others.
    public var isComp = false
    /// How far its contour is from that of the one it is to be like, in semitones; `nil` where
    /// there is none.
    public var distance: Float?
    /// How surprising what was written is, in bits; `nil` until it is ready.
    public var bits: Float?
    /// How surprising the kept bars that follow are after it; `nil` where none do.
    public var bitsAfter: Float?

    /// What the list is ordered by; the least comes first.
    var total: Float { distance ?? (bits ?? .infinity) + (bitsAfter ?? 0) }
  }

  /// More of them were never compared by ear.
  public static let most = 9
  /// How many versions may be tried for each one wanted before doubles are let be.
  static let triesEach = 3
  /// How many ways to go on are drawn for each one wanted, of which the judge keeps the best.
  static let drawsEach = 4

  public var isReady: Bool {
    candidates.count >= wanted && candidates.allSatisfy(\.isReady)
  }

  /// Whether the one with a number is written to its end.
  func isReady(_ number: Int) -> Bool {
    candidates.indices.contains(number - 1) && candidates[number - 1].isReady
  }

  /// Whether there are as many as are wanted, written to their end or not.
  var isFull: Bool { candidates.count >= wanted }

  /// The version behind a number; `nil` where there is none.
  public func version(_ number: Int) -> History.Identifier? {
    if number == 0 { return original }
    guard candidates.indices.contains(number - 1) else { return nil }
    return candidates[number - 1].version
  }

  /// The bytes in which a version of this many bytes may differ from the original.
  public func range(inTextOf count: Int) -> Range<Int> {
    let lower = min(start, count)
    return lower..<max(lower, count - kept)
  }

  /// Whether a text has music of its own in the place: the original of a phrase may end before it.
  func hasBars(in tune: ParsedTune, _ count: Int) -> Bool {
    guard case .phrase = task else { return true }
    let range = range(inTextOf: count)
    return tune.notes.contains { range.lowerBound <= $0.range.lowerBound }
  }

  /// What more tries at filling are drawn with. Where the model is nearly sure, tries that are drawn
  /// alike say the same again.
  func sampling(after usual: Sampling) -> Sampling {
    guard duplicates > 0 else { return usual }
    var wilder = usual
    let factor = 1 + 0.5 * Double(duplicates) / Double(max(wanted, 1))
    func raised(_ temperature: Double) -> Double {
      min(temperature * factor, max(temperature, Alternatives.wildest))
    }
    wilder.temperature = raised(usual.temperature)
    wilder.melody = usual.melody.map(raised)
    wilder.rhythm = usual.rhythm.map(raised)
    wilder.writing.memory = min(usual.writing.memory, usual.writing.memory / factor)
    return wilder
  }

  /// Beyond this temperature bars fit by chance only.
  private static let wildest = 1.6

  /// Leaves only those that are held; the others are written again.
  mutating func startAnew(with held: [Candidate]) {
    candidates = held
    requests = [:]
    duplicates = 0
    misfits = 0
    drawn = 0
    passed = nil
  }

  func isAwaiting(_ request: Int) -> Bool { requests.keys.contains(request) }

  /// Whether more may be tried for those that were left out.
  var mayTryMore: Bool { duplicates + misfits < wanted * (Alternatives.triesEach - 1) }

  /// Puts the likeliest first, behind those that are held; the one that is shown stays shown.
  mutating func rank() {
    let shown = version(selected)
    func order(_ place: (offset: Int, element: Candidate)) -> (Int, Float, Int) {
      place.element.isHeld
        ? (0, 0, place.offset) : (1, place.element.total, place.offset)
    }
    candidates = candidates.enumerated().sorted { order($0) < order($1) }.map(\.element)
    if selected > 0, let place = candidates.firstIndex(where: { $0.version == shown }) {
      selected = place + 1
    }
  }
}
