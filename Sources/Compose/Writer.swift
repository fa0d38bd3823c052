/// The model as the session knows it: whether one is there, what it is doing, and how it is
/// steered.
struct Writer: Sendable {
  /// Whether there is a model.
  enum Engine: Sendable, Equatable {
    case absent
    /// With the model that is used until the new one is there, and whether the musician waits.
    case loading(previous: ModelSummary?, isAwaited: Bool)
    case ready(ModelSummary)
    case failed(String)
  }

  /// What the model is doing.
  enum Phase: Sendable, Equatable {
    case idle
    case writing(Run)
    case paused
    case done(Session.GeneratorState.End)
    case failed(String)
  }

  private(set) var engine = Engine.absent
  private(set) var phase = Phase.idle
  private(set) var sampling: Sampling
  /// The bar at which the run in progress, or the last one, ends its phrase.
  private(set) var targetBar = 0
  /// Whether the last run ended at the end of a tune: going on must then not end it again.
  private(set) var isPastEnd = false
  /// The likeliest next characters, from the untempered distribution, and their entropy in bits.
  private(set) var next: [NextCharacter] = []
  private(set) var nextEntropy: Float = 0
  /// Which of `next` is chosen; `nil` = none.
  private(set) var choice: Int?
  /// The coming bars, as they were foreseen last, and what that holds for.
  private var foreseen: Foresight?
  /// Tunes that the model may be lent, by their identifiers.
  private(set) var books: [String: LentTunes] = [:]
  /// What `next` was last asked for.
  private var probe: Probe?
  private var awaited: Foresight?
  /// Characters due by the clock and not yet asked for, in thousandths.
  private(set) var due = 0
  private var requestCount = 0
  /// Alternatives being heard; `nil` = none were asked for.
  var alternatives: Alternatives?

  init(sampling: Sampling) { self.sampling = sampling }

  var model: ModelSummary? {
    switch engine {
    case .ready(let model): model
    case .loading(let previous, _): previous
    case .absent, .failed: nil
    }
  }

  /// The run in progress.
  var run: Run? {
    if case .writing(let run) = phase { run } else { nil }
  }

  /// Engine and phase as one word for the screen.
  var state: Session.GeneratorState {
    switch phase {
    case .writing(let run):
      switch run.pace {
      case .priming: return .priming
      case .running: return .running
      case .resting: return .resting
      }
    case .failed(let sentence): return .failed(sentence)
    case .done(let end): return .done(end)
    case .paused where model != nil: return .paused
    case .idle, .paused: break
    }
    switch engine {
    case .absent: return .noModel
    case .loading(nil, let isAwaited): return isAwaited ? .priming : .loading
    case .loading, .ready: return .idle
    case .failed(let sentence): return .failed(sentence)
    }
  }

  // MARK: The engine

  mutating func modelIsLoading() {
    if case .loading = engine { return }
    engine = .loading(previous: model, isAwaited: false)
  }

  /// - Returns: Whether the musician waited for it.
  mutating func modelLoaded(_ summary: ModelSummary) -> Bool {
    defer { engine = .ready(summary) }
    if case .failed = phase { phase = .idle }
    if case .loading(_, true) = engine { return true }
    return false
  }

  mutating func modelFailed(_ sentence: String) {
    engine = model.map(Engine.ready) ?? .failed(sentence)
  }

  /// The musician wants to write, and there is no model yet.
  ///
  /// - Returns: Whether one must be asked for.
  mutating func awaitModel() -> Bool {
    var mustLoad = true
    if case .loading = engine { mustLoad = false }
    engine = .loading(previous: nil, isAwaited: true)
    return mustLoad
  }

  /// The musician waits for a model that is still loading.
  var isAwaitingModel: Bool {
    if case .loading(nil, true) = engine { true } else { false }
  }

  mutating func stopAwaiting() {
    if case .loading(let previous, _) = engine {
      engine = .loading(previous: previous, isAwaited: false)
    }
  }

  // MARK: The run

  mutating func start(_ run: Run, targetBar: Int) {
    self.targetBar = targetBar
    phase = .writing(run)
    // The first character comes at once.
    due = max(due, 1000)
  }

  mutating func pause() { phase = .paused }
  mutating func finish(_ end: Session.GeneratorState.End) { phase = .done(end) }
  mutating func fail(_ sentence: String) { phase = .failed(sentence) }
  mutating func rest() { phase = .idle }

  mutating func setPace(_ pace: Run.Pace) { change { $0.pace = pace } }

  /// So many more characters of those asked for were written.
  mutating func countWritten(_ count: Int) { change { $0.goal.countWritten(count) } }

  mutating func setTargetBar(_ bar: Int) { targetBar = bar }
  mutating func setPastEnd(_ isPastEnd: Bool) { self.isPastEnd = isPastEnd }

  private mutating func change(_ change: (inout Run) -> Void) {
    guard case .writing(var run) = phase else { return }
    change(&run)
    phase = .writing(run)
  }

  // MARK: Requests

  /// A number that no request had before.
  mutating func newRequest() -> Int {
    requestCount += 1
    return requestCount
  }

  var lastRequest: Int { requestCount }

  /// Goes on counting where another draft stopped, so that the generator never takes a new request
  /// for an old one.
  mutating func continueRequests(of other: Writer) { requestCount = other.requestCount }

  mutating func ask(_ request: GenerationRequest) { change { $0.request = request } }

  /// The request that an answer belongs to; it is no longer open.
  mutating func answered(_ identifier: Int) -> GenerationRequest? {
    guard let open = run?.request, open.identifier == identifier else { return nil }
    change { $0.request = nil }
    return open
  }

  /// A place in a version, whose text is as long and as often changed as it was then.
  struct Probe: Sendable, Equatable {
    var version: History.Identifier
    var changes: Int
    var count: Int
    var place: Int
    var sampling: Sampling
  }

  /// Bars that were foreseen for a run that goes on undisturbed.
  struct Foresight: Sendable, Equatable {
    var request: Int
    /// The version that is written, the number it has or will have.
    var run: History.Identifier
    var rng: UInt64
    var sampling: Sampling
    /// The bar that was growing then.
    var bar: Int
    var bars: [PlannedBar] = []
  }

  /// Remembers what the plan is asked for; the answer comes later.
  mutating func foresee(_ foresight: Foresight) { awaited = foresight }

  mutating func foresaw(_ bars: [PlannedBar], request: Int) {
    guard awaited?.request == request else { return }
    foreseen = awaited
    foreseen?.bars = bars
    awaited = nil
  }

  /// The foreseen bars of a run, where nothing has changed since.
  func foreseenBars(run: History.Identifier, rng: UInt64) -> [PlannedBar] {
    guard let foreseen, foreseen.run == run, foreseen.rng == rng, foreseen.sampling == sampling
    else { return [] }
    return foreseen.bars
  }

  /// Whether the plan was already asked for while this bar grew.
  func hasForeseen(bar: Int, run: History.Identifier, rng: UInt64) -> Bool {
    [foreseen, awaited].contains {
      $0?.run == run && $0?.rng == rng && $0?.bar == bar && $0?.sampling == sampling
    }
  }

  mutating func forgetForesight() { (foreseen, awaited) = (nil, nil) }

  mutating func keep(_ book: LentTunes) { books[book.identifier] = book }

  /// The tunes that the model is lent now.
  var book: LentTunes? { books[sampling.writing.book] }

  /// - Returns: Whether this has not been asked for last.
  mutating func ask(about probe: Probe) -> Bool {
    defer { self.probe = probe }
    return self.probe != probe
  }

  mutating func choose(_ index: Int?) { choice = index }

  mutating func setNext(_ next: [NextCharacter], entropy: Float) {
    choice = nil
    self.next = next
    nextEntropy = entropy
  }

  // MARK: Pace

  /// Counts what a time makes due; never more than a quarter of a second, so that the model does
  /// not catch up in a burst.
  mutating func pass(milliseconds: Int, charactersEachSecond speed: Double) {
    let limit = max(Int(speed * 250), 1000)
    due = min(due + Int(speed * Double(milliseconds)), limit)
  }

  /// Takes the whole characters that are due.
  mutating func takeDue() -> Int {
    let count = due / 1000
    due -= count * 1000
    return count
  }

  mutating func steer(_ change: (inout Sampling) -> Void) { change(&sampling) }

  mutating func restore(isDone: Bool, isPastEnd: Bool) {
    phase = isDone ? .done(.phrase) : .idle
    self.isPastEnd = isPastEnd
  }
}

/// The model writing into the current version of the draft, until its goal is reached.
struct Run: Sendable, Equatable {
  enum Pace: Sendable, Equatable {
    /// Reading what stands before the place.
    case priming
    case running
    /// Far enough ahead of the playhead.
    case resting
  }

  /// Where it stops.
  enum Goal: Sendable, Equatable {
    /// As the stop rule says: at the target bar, at the end of the tune, or never.
    case rule
    /// When a voice has so many bars before the write point.
    case bars(Int)
    case characters(Int)
    /// When every gap of the version is filled.
    case gaps

    mutating func countWritten(_ count: Int) {
      if case .characters(let left) = self { self = .characters(max(left - count, 0)) }
    }
  }

  var pace = Pace.priming
  var goal: Goal
  /// The voice it writes, as an index into the tune's voices.
  var voice: Int
  /// How many bytes the text may have before it pauses by itself.
  var longestText: Int
  /// The request whose answer is awaited.
  var request: GenerationRequest?
}
