/// Several continuations from one place, to be heard and chosen from.
///
/// Every one of them is a version of the draft from the moment it is asked for, so that whatever is
/// chosen, the others stay as takes. The original is number 0.
public struct Alternatives: Sendable, Equatable {
  /// The version that was current when they were asked for.
  public let original: History.Identifier
  /// The byte from which on they differ from the original.
  public let start: Int
  /// The number of the bar line up to which each of them goes.
  public let targetBar: Int
  /// How many were asked for.
  public let wanted: Int
  /// In the order in which they are shown, from number 1.
  public internal(set) var candidates: [Candidate] = []
  /// What is seen and heard; 0 = the original.
  public internal(set) var selected = 0
  /// Versions left out because they said the same as another.
  public internal(set) var duplicates = 0
  /// Whether the musician has looked at one; until then the first that is ready is shown.
  var isUntouched = true
  /// Which version an open request is for.
  var requests: [Int: (version: History.Identifier, request: GenerationRequest)] = [:]
  /// What they were asked for with, put back at the end.
  let loopBefore: ClosedRange<Int>?
  let cursorBefore: Int
  let headBefore: Int

  /// One of them.
  public struct Candidate: Sendable, Equatable {
    public var version: History.Identifier
    /// Whether it is written to its end.
    public var isReady = false
    /// Whether it stays when the others are written anew.
    public var isHeld = false
  }

  /// More of them were never compared by ear.
  public static let most = 9
  /// How many versions may be tried for each one wanted before doubles are let be.
  static let triesEach = 3

  public var isReady: Bool { candidates.allSatisfy(\.isReady) }

  /// The version behind a number; `nil` where there is none.
  public func version(_ number: Int) -> History.Identifier? {
    if number == 0 { return original }
    guard candidates.indices.contains(number - 1) else { return nil }
    return candidates[number - 1].version
  }

  public static func == (one: Alternatives, other: Alternatives) -> Bool {
    one.original == other.original && one.start == other.start
      && one.candidates == other.candidates && one.selected == other.selected
      && one.requests.keys == other.requests.keys
  }
}
