import ABC
import Music

/// A musician at work with a model: the draft, the model's and the player's state, and what keys
/// mean. `handle` is the only way it changes; it reads no clock, file or random source.
///
/// Six parts keep the state, each with fields of its own that only its functions change; what needs
/// several of them stands in the extensions of this type.
public struct Session: Sendable {
  /// The text, its versions, takes and locks.
  var draft: Draft
  /// Cursor, head, selection and loop.
  var places = Places()
  /// Model, run, sampler's values, alternatives.
  var writer: Writer
  /// What the player does, and what is silenced.
  var listening = Listening()
  /// Modes, messages, arrangement.
  var screen = Screen()
  /// What the journal holds.
  var recorder: Recorder
  var registers = Registers()
  /// What the judge has said.
  var critic = Critic()
  /// A take that is being played in; `nil` most of the time.
  var recording: Recording?
  var keyboard = TypingKeyboard()
  /// Call and response, while the clock runs.
  var answering: Exchange?
  var practice: Practice?
  var habits = Habits()
  /// Whether the terminal tells when keys are let go.
  public internal(set) var reportsReleases = false
  /// Instruments, scales and moods that can be asked for by name.
  public internal(set) var catalogue = Catalogue()
  /// The tutorial, while there is one.
  public internal(set) var tutor: Tutor?
  /// How many files were written.
  private(set) var exportCount = 0

  public init(title: String, rng: UInt64, sampling: Sampling = Sampling()) {
    draft = Draft(title: title, rng: rng)
    writer = Writer(sampling: sampling)
    recorder = Recorder(sampling: sampling)
  }

  // MARK: The draft

  public var draftTitle: String { draft.title }
  public var rng: UInt64 { draft.rng }
  /// Whether the musician set the random number: new drafts then keep it.
  public var rngIsFixed: Bool { draft.rngIsFixed }
  public var history: History { draft.history }
  public var text: String { draft.text }
  public var records: [CharacterRecord] { history.current.records }
  /// Whether the disk does not take what the journal should hold.
  public var isUnsaved: Bool { recorder.isUnsaved }
  /// The text as music.
  public var score: Score { draft.score }
  public var parsed: ParsedTune { draft.score.parsed }
  /// Other continuations of the text from `takeAnchor` on, oldest first, the current one among them.
  public var takes: [History.Identifier] { draft.takes }
  /// Bytes that nothing may change, in order.
  public var locks: [Range<Int>] { draft.locks }
  /// Phrases kept by a letter, and the form that was built of them.
  public var shelf: Shelf { draft.shelf }

  // MARK: Places

  public var cursor: Int { places.cursor }
  /// Where the model writes next.
  public var head: Int { places.head }
  /// Selected bars by index into the parsed tune.
  public var selection: ClosedRange<Int>? {
    places.selection.flatMap { score.bars(inBytes: $0) }
  }
  /// Looped bars by index into the parsed tune.
  public var loop: ClosedRange<Int>? { places.loop.flatMap { score.bars(inBytes: $0) } }

  // MARK: The model

  public var model: ModelSummary? { writer.model }
  public var generator: GeneratorState { writer.state }
  public var sampling: Sampling { writer.sampling }
  /// The likeliest next characters, from the untempered distribution.
  public var nextCharacters: [NextCharacter] { writer.next }
  public var nextEntropy: Float { writer.nextEntropy }
  /// The bar in progress and those that come, as they will be unless something is changed.
  public var plannedBars: [PlannedBar] {
    let run =
      canContinueRun || writer.run != nil ? history.currentIdentifier : history.versions.count
    let growing = max(score.growingBar(atByte: head), 1)
    return writer.foreseenBars(run: run, rng: rng).filter { $0.number >= growing }
  }
  /// The tunes that the model is lent.
  public var book: LentTunes? { writer.book }
  /// Bar number at which the running phrase ends.
  public var targetBar: Int { writer.targetBar }
  /// Alternatives being heard; `nil` = none were asked for.
  public var alternatives: Alternatives? { writer.alternatives }

  // MARK: Player and screen

  public var player: PlayerReport { listening.player }
  /// What is connected through MIDI.
  public var wiring: MIDIWiring { listening.wiring }
  public var isMuted: Bool { listening.isMuted }
  /// Voices by index that are silenced.
  public var mutedVoices: Set<Int> { listening.mutedVoices }
  public var hasMetronome: Bool { listening.hasMetronome }
  public var mode: InputMode { screen.mode }
  public var view: ViewSettings { screen.view }
  public var pendingCount: Int? { screen.pendingCount }
  public var pendingPrefix: String? { screen.pendingPrefix }
  public var message: Message? { screen.message }
  public var messages: [Message] { screen.messages }
  /// How many messages there have been, those that are forgotten included.
  public var messageCount: Int { screen.messageCount }
  public var themes: [String] { screen.themes }
  public var clock: Int { screen.clock }
  /// Whether the mouse holds a note of the roll.
  public var isHoldingNote: Bool { screen.heldNote != nil }

  /// Whether something waits for the clock: then the shell sends it, otherwise it lets it be.
  public var needsClock: Bool {
    if generator == .running || generator == .priming { return true }
    if listening.isPlaying { return true }
    return message?.fades == true || screen.lastHalt != nil || pendingPrefix != nil
  }

  public enum GeneratorState: Sendable, Equatable {
    case noModel, loading, idle, priming, running, resting, paused
    case done(End)
    case failed(String)

    public enum End: Sendable, Equatable { case phrase, tune, step }
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
      screen.press(digit: digit)
    case .prefixPressed(let prefix):
      screen.press(prefix: prefix)
    case .prefixDropped:
      screen.dropPending()
    case .typed(let text):
      effects = type(text)
    case .editKeyPressed(let key):
      effects = edit(key)
    case .pasted(let text):
      effects = paste(text)
    case .pointed(let byte):
      moveCursor(to: byte)
    case .noteHeld(let byte, let time): hold(noteAtByte: byte, time: time)
    case .noteDragged(let drag): effects = dragNote(to: drag)
    case .noteReleased: effects = releaseNote()
    case .unknownKey(let key):
      screen.dropPending()
      notice("\(key) does nothing here (? lists every key)")
    case .modelLoading, .modelLoaded, .modelFailed, .generated, .generationFailed,
      .nextCharactersFound, .planForeseen, .tunesLent, .filled, .ranked, .drawn:
      effects = handleModel(event)
      if alternatives?.requests.isEmpty ?? true { screen.endProgress() }
    case .judged(let report):
      receive(report)
    case .playerChanged(let report):
      effects = playerChanged(report)
    case .played(let event):
      effects = played(event)
    case .keyStruck(let stroke): effects = strike(stroke)
    case .releasesReported(let isSo): reportsReleases = isSo
    case .habitsRead(let habits): self.habits = habits
    case .wired(let wiring): wired(wiring)
    case .transported(let transport):
      effects = follow(transport)
    case .clockTicked(let milliseconds):
      effects = clockTicked(milliseconds)
    case .fileRead(let path, let text, let remark):
      effects = open(text, from: path, remark)
    case .fileWritten(let path, let remarks):
      wrote(path, remarks)
      exportCount += 1
    case .fileFailed(let sentence), .warned(let sentence):
      complain(sentence)
    case .savingFailed(let reason):
      recorder.setUnsaved(true)
      complain("the draft cannot be saved: \(reason) (:w FILE saves the tune elsewhere)")
    case .savingRestored:
      recorder.setUnsaved(false)
      notice("the draft is saved again")
    case .editorReturned(let text):
      effects = replaceText(with: text, kind: .hand, origin: .hand) ?? []
    case .choicesFound(let picker):
      effects = found(picker)
    case .comparisonFound(let comparison):
      if mode == .normal || mode.isLooking { effects = show(comparison) }
    case .draftsAsked(let names):
      effects = look(for: .drafts, choosing: names)
    case .previewFound(let path, let text):
      look(at: text, of: path)
    case .themesFound(let names, let chosen):
      themesFound(names, chosen)
    case .engravingRefused(let sentence):
      screen.arrange { ($0.engraved, $0.staff) = (nil, nil) }
      complain(sentence)
    case .filesFound(let names, let typed):
      complete(names, typed)
    case .noted(let sentence), .recovered(let sentence):
      notice(sentence)
    case .catalogueRead(let catalogue):
      self.catalogue = catalogue
    }
    effects += followCursor()
    findTakes()
    effects += askForCritique()
    observeTutor()
    effects += listening.effects(
      loop: practice?.range
        ?? (isHearing || recording != nil || answering != nil
          ? nil : loop.flatMap { score.ticks(ofBars: $0) }),
      muted: isHearing ? [] : mutedTracks,
      program: score.performance.tracks.first { $0.role == .melody }?.program ?? 0)
    // What was done belongs to this draft's journal, also when the next effect opens another.
    return journalEffects() + effects
  }

  /// Goes on counting requests where another draft's session stopped, so that the generator never
  /// takes a new request for an old one.
  public mutating func continueRequests(of other: Session) {
    writer.continueRequests(of: other.writer)
    critic.continueRequests(of: other.critic)
  }

  // MARK: - Shared by the extensions

  mutating func findTakes() { draft.findTakes(from: takeAnchor) }

  mutating func notice(_ text: String) { screen.say(text, .notice) }
  mutating func complain(_ text: String) { screen.say(text, .error) }

  /// Moves every position with the text.
  mutating func follow(_ shifts: [Shift]) {
    places.follow(shifts)
    if mode == .select, selection == nil { screen.enter(.normal) }
  }

  private mutating func journalEffects() -> [Effect] {
    var isPreviewing = false
    if case .theme = mode { isPreviewing = true }
    return recorder.effects(
      draft.takeEntries(), sampling: sampling, place: JournalEntry.Place(of: self),
      isPreviewing: isPreviewing)
  }
}

extension JournalEntry.Place {
  init(of session: Session) {
    cursor = session.cursor
    head = session.head
    view = session.view
    if case .done = session.generator { isDone = true } else { isDone = false }
    isPastEnd = session.writer.isPastEnd
    loop = session.places.loop.map {
      JournalEntry.Locked(lower: $0.lowerBound, upper: $0.upperBound)
    }
  }
}
