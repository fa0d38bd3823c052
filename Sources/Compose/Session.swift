import ABC
import Music

/// A musician at work with a model: the draft, the model's and the player's state, and what keys
/// mean. `handle` is the only way it changes; it reads no clock, file or random source.
public struct Session: Sendable {
  // The draft
  public internal(set) var draftTitle: String
  public internal(set) var history = History()
  /// The text as music; follows `text`.
  public internal(set) var score: Score
  /// The same text, kept so that a change reads only the bars it touches.
  private var incremental = IncrementalTune()
  /// Other continuations of the text from `takeAnchor` on, oldest first, the current one among them.
  public private(set) var takes: [History.Identifier] = [0]
  private var takesOf: TakesKey?
  public internal(set) var rng: UInt64
  /// Whether the musician set the random number: new drafts then keep it.
  public internal(set) var rngIsFixed = false

  // Where things are, in bytes of the text
  public internal(set) var cursor = 0
  /// Where the model writes next.
  public internal(set) var head = 0
  /// Bars by index into the parsed tune; the end that moves is `selectionEnd`.
  public internal(set) var selectionStart: Int?
  public internal(set) var selectionEnd: Int?
  /// Looped bars by index into the parsed tune.
  public internal(set) var loop: ClosedRange<Int>?
  var lastEdit = 0

  // The model
  public internal(set) var model: ModelSummary?
  public internal(set) var generator = GeneratorState.noModel
  public internal(set) var sampling: Sampling
  /// The likeliest next characters, from the untempered distribution.
  public internal(set) var nextCharacters: [NextCharacter] = []
  public internal(set) var nextEntropy: Float = 0
  /// Bar number at which the running phrase ends.
  public internal(set) var targetBar = 0
  var wantsToGenerate = false
  var isLoadingModel = false
  /// Alternatives being heard; `nil` = none were asked for.
  public internal(set) var alternatives: Alternatives?
  var requestCount = 0
  /// The request whose answer is awaited.
  var openRequest: GenerationRequest?
  /// What the last batch in the journal was drawn with.
  var drawnWith: Sampling?
  /// Characters due by the clock and not yet asked for, in thousandths.
  var charactersDue = 0
  var stopAfter: StopAfter?
  /// How many bytes the text may have before the run pauses by itself.
  var longestText = 0
  /// Whether the last run ended at the end of a tune: going on must then not end it again.
  var isPastEnd = false

  // The player
  public internal(set) var player = PlayerReport(
    state: .stopped, playhead: .zero, output: "", silence: "")
  public internal(set) var isMuted = false
  /// Voices by index that are silenced.
  public internal(set) var mutedVoices: Set<Int> = []
  public internal(set) var hasMetronome = false
  /// What the player was last told to loop and to silence.
  var sentLoop: Range<Tick>?
  var sentMuted: Set<Int> = []
  var taps: [Int] = []

  // The screen
  public internal(set) var mode = InputMode.normal
  public internal(set) var view = ViewSettings()
  public internal(set) var pendingCount: Int?
  public internal(set) var pendingPrefix: String?
  public internal(set) var message: Message?
  public internal(set) var messages: [Message] = []
  /// How many messages there have been, those that are forgotten included.
  public private(set) var messageCount = 0
  public internal(set) var themes: [String] = []
  public internal(set) var clock = 0
  var commandHistory: [String] = []
  var clipboard = ""
  var findText = ""
  var lastHalt: Int?
  /// Whether the current version is the one this visit to INSERT writes into.
  var isEditOpen = false

  // What the journal already holds
  var journalled: Place?
  var pendingJournal: [JournalEntry] = []
  var journalledSampling: Sampling

  typealias Place = JournalEntry.Place

  public init(title: String, rng: UInt64, sampling: Sampling = Sampling()) {
    draftTitle = title
    self.rng = rng
    self.sampling = sampling
    journalledSampling = sampling
    score = Score(text: "")
  }

  public var text: String { history.current.text }
  public var records: [CharacterRecord] { history.current.records }
  public var parsed: ParsedTune { score.parsed }

  /// Selected bars by index into the parsed tune.
  public var selection: ClosedRange<Int>? {
    guard let start = selectionStart, let end = selectionEnd else { return nil }
    return min(start, end)...max(start, end)
  }

  /// Whether something waits for the clock: then the shell sends it, otherwise it lets it be.
  public var needsClock: Bool {
    if generator == .running || generator == .priming { return true }
    if player.state != .stopped { return true }
    return message?.fades == true || lastHalt != nil || pendingPrefix != nil
  }

  public enum GeneratorState: Sendable, Equatable {
    case noModel, loading, idle, priming, running, resting, paused
    case done(End)
    case failed(String)

    public enum End: Sendable, Equatable { case phrase, tune, step }
  }

  enum StopAfter: Sendable, Equatable {
    case characters(Int)
    case bars(Int)
  }

  /// A line for the musician.
  public struct Message: Sendable, Equatable {
    public enum Kind: String, Sendable, Equatable { case notice, error }
    public var kind: Kind
    public var text: String
    /// When it was said, in the clock's milliseconds.
    public var at: Int
    public var fades: Bool { kind == .notice }
  }

  /// Changes the session and says what the outside world should do next.
  public mutating func handle(_ event: Event) -> [Effect] {
    var effects: [Effect] = []
    switch event {
    case .commanded(let invocation):
      effects = run(invocation)
    case .countDigit(let digit):
      pendingCount = min((pendingCount ?? 0) * 10 + digit, 9999)
    case .prefixPressed(let prefix):
      pendingPrefix = prefix
    case .prefixDropped:
      pendingPrefix = nil
      pendingCount = nil
    case .typed(let text):
      effects = type(text)
    case .editKeyPressed(let key):
      effects = edit(key)
    case .pasted(let text):
      effects = paste(text)
    case .pointed(let byte):
      moveCursor(to: byte)
    case .unknownKey(let key):
      pendingPrefix = nil
      pendingCount = nil
      notice("\(key) does nothing here (? lists every key)")
    case .modelLoading, .modelLoaded, .modelFailed, .generated, .generationFailed,
      .nextCharactersFound:
      effects = handleModel(event)
    case .playerChanged(let report):
      effects = playerChanged(report)
    case .clockTicked(let milliseconds):
      effects = clockTicked(milliseconds)
    case .fileRead(let path, let text):
      effects = open(text, from: path)
    case .fileWritten(let path):
      notice("wrote \(path)")
    case .fileFailed(let sentence), .warned(let sentence):
      complain(sentence)
    case .editorReturned(let text):
      effects = replaceText(with: text, kind: .hand, origin: .hand)
    case .themesFound(let names):
      themes = names
    case .noted(let sentence), .recovered(let sentence):
      notice(sentence)
    }
    findTakes()
    effects += playerEffects()
    // What was done belongs to this draft's journal, also when the next effect opens another.
    return journalEffects() + effects
  }

  /// Loop and silence follow the text: an edit moves the looped bars, a new voice is muted, too.
  private mutating func playerEffects() -> [Effect] {
    var effects: [Effect] = []
    let range = loop.flatMap { score.ticks(ofBars: $0) }
    if range != sentLoop {
      sentLoop = range
      effects.append(.setLoop(range))
    }
    let muted = mutedTracks
    if muted != sentMuted {
      sentMuted = muted
      effects.append(.setMuted(muted))
    }
    return effects
  }

  /// Goes on counting requests where another draft's session stopped, so that the generator never
  /// takes a new request for an old one.
  public mutating func continueRequests(of other: Session) { requestCount = other.requestCount }

  /// What the list of takes depends on: a version that only grows changes nothing.
  private struct TakesKey: Equatable {
    var versions: Int
    var current: History.Identifier
    var anchor: Int
    var isGrowing: Bool
  }

  mutating func findTakes() {
    let key = TakesKey(
      versions: history.versions.count, current: history.currentIdentifier, anchor: takeAnchor,
      isGrowing: history.current.byteCount > takeAnchor)
    guard key != takesOf else { return }
    takesOf = key
    takes = history.takes(from: key.anchor)
  }

  // MARK: - Shared by the extensions

  mutating func notice(_ text: String) { say(Message(kind: .notice, text: text, at: clock)) }
  mutating func complain(_ text: String) { say(Message(kind: .error, text: text, at: clock)) }

  private mutating func say(_ message: Message) {
    self.message = message
    messages.append(message)
    messageCount += 1
    if messages.count > 200 { messages.removeFirst(messages.count - 200) }
  }

  /// Reads the text again after it has changed.
  mutating func textChanged() {
    incremental.become(text)
    score = Score(incremental.tune)
    if let bars = selection, bars.upperBound >= parsed.bars.count {
      (selectionStart, selectionEnd) = (nil, nil)
      if mode == .select { mode = .normal }
    }
    if let bars = loop, bars.upperBound >= parsed.bars.count { loop = nil }
  }

  mutating func journal(_ entry: JournalEntry) { pendingJournal.append(entry) }

  /// Everything the journal does not yet hold.
  private mutating func journalEffects() -> [Effect] {
    if sampling != journalledSampling {
      journalledSampling = sampling
      journal(.sampling(sampling))
    }
    let place = Place(of: self)
    if place != journalled, !pendingJournal.isEmpty || !isPreviewing {
      journalled = place
      journal(.place(place))
    }
    guard !pendingJournal.isEmpty else { return [] }
    defer { pendingJournal = [] }
    return [.journal(pendingJournal)]
  }

  /// Whether what is seen may still be taken back (a theme being tried).
  private var isPreviewing: Bool {
    if case .theme = mode { return true }
    return false
  }
}

extension JournalEntry.Place {
  init(of session: Session) {
    cursor = session.cursor
    head = session.head
    view = session.view
    if case .done = session.generator { isDone = true } else { isDone = false }
    isPastEnd = session.isPastEnd
  }
}
