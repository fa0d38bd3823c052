/// What the judge has said of the versions of a draft, and what it has still to be asked.
struct Critic: Sendable {
  /// A version as it was when it was judged: a text that grew or changed is another edition.
  struct Edition: Sendable, Hashable {
    var version: History.Identifier
    var changes: Int
    var count: Int

    init(_ version: History.Version) {
      self.version = version.identifier
      changes = version.shifts.count
      count = version.byteCount
    }
  }

  private struct Known: Sendable {
    var edition: Edition
    var bars: Int
    var critique: Critique
  }

  /// Whether there is a judge: one that knows tunes to judge by.
  private(set) var isPresent = false
  private var known: [History.Identifier: Known] = [:]
  /// The request that is not answered yet, with the bars of its texts.
  private var open: (identifier: Int, bars: [History.Identifier: Int])?
  private var requestCount = 0
  /// Of which known tunes the musician was warned.
  private var warned: Set<String> = []
  /// Whether the musician has asked why, and waits for the first answer about the text.
  var isExplanationDue = false

  /// A model came, with or without tunes to judge by: what was said before no longer counts.
  mutating func begin(isPresent: Bool) {
    self.isPresent = isPresent
    known = [:]
    open = nil
  }

  /// Goes on counting where another draft's critic stopped, so that an answer to it is not taken for
  /// one's own.
  mutating func continueRequests(of other: Critic) { requestCount = other.requestCount }

  var isIdle: Bool { open == nil }

  /// What was said of a version when it was judged last.
  func critique(of version: History.Identifier) -> Critique? { known[version]?.critique }

  func isKnown(_ edition: Edition) -> Bool { known[edition.version]?.edition == edition }

  /// How many bars a version had when it was judged last.
  func bars(of version: History.Identifier) -> Int? { known[version]?.bars }

  mutating func ask(_ subjects: [CritiqueRequest.Subject], bars: [History.Identifier: Int])
    -> CritiqueRequest
  {
    requestCount += 1
    open = (requestCount, bars)
    return CritiqueRequest(identifier: requestCount, subjects: subjects)
  }

  /// Takes in an answer.
  ///
  /// - Returns: Whether it was waited for.
  mutating func receive(_ report: CritiqueReport) -> Bool {
    guard let open, open.identifier == report.identifier else { return false }
    self.open = nil
    for (edition, critique) in zip(report.editions, report.critiques) {
      known[edition.version] = Known(
        edition: edition, bars: open.bars[edition.version] ?? 0, critique: critique)
    }
    return true
  }

  /// - Returns: Whether the musician has not been warned of this tune yet.
  mutating func warn(of title: String) -> Bool { warned.insert(title).inserted }
}

/// Asks the judge about some texts.
public struct CritiqueRequest: Sendable, Equatable {
  public struct Subject: Sendable, Equatable {
    let edition: Critic.Edition
    public let text: String
    /// Whether the tune is at its end.
    public let isComplete: Bool
  }

  public let identifier: Int
  public let subjects: [Subject]

  /// The answer.
  public func report(_ critiques: [Critique]) -> CritiqueReport {
    CritiqueReport(
      identifier: identifier, editions: subjects.map(\.edition), critiques: critiques)
  }
}

/// What the judge says of the texts of a request.
public struct CritiqueReport: Sendable, Equatable {
  let identifier: Int
  let editions: [Critic.Edition]
  let critiques: [Critique]
}
