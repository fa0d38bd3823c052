/// A tutorial inside the composer: the first tune, step by step. A step is done when what it asks for has
/// really happened in the session, whichever key, command or program did it.
public struct Tutor: Sendable, Equatable {
  /// From 0; `lessons.count` = all are done.
  public private(set) var step = 0
  /// What was learnt last, as `it pauses`; empty before.
  public private(set) var learnt = ""
  private var start: Sight
  /// Since the step began.
  private var hasHeardAlternative = false
  private var hasWritten = false

  init(_ session: Session) { start = Sight(session) }

  public static var count: Int { lessons.count }
  public var isOver: Bool { step >= Tutor.lessons.count }

  /// What is to be done now, with the names that keys and commands have where it is read.
  ///
  /// - Parameter name: What a reference in braces is called.
  public func text(_ name: (Reference) -> String) -> String {
    let template = isOver ? Tutor.farewell : Tutor.lessons[step].text
    var text = ""
    var rest = template[...]
    while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
      text += rest[..<open]
      text += name(Reference(String(rest[rest.index(after: open)..<close])))
      rest = rest[rest.index(after: close)...]
    }
    return text + rest
  }

  /// Something that the musician does.
  public enum Reference: Sendable, Equatable {
    /// A command that has a key; in which mode, and with a count before it.
    case command(Invocation, mode: String)
    /// A line typed after a colon.
    case line(String)
    /// A key of a mode whose keys are fixed.
    case key(String)

    /// Reads `gen.toggle`, `3 goto`, `audition/alt.choose`, `:name Lane`, `'Esc`.
    init(_ text: String) {
      if text.hasPrefix(":") {
        self = .line(String(text.dropFirst()))
        return
      }
      if text.hasPrefix("'") {
        self = .key(String(text.dropFirst()))
        return
      }
      var (mode, rest) = ("normal", text[...])
      if let slash = text.firstIndex(of: "/") {
        (mode, rest) = (String(text[..<slash]), text[text.index(after: slash)...])
      }
      let digits = rest.prefix(while: \.isNumber)
      let count = Int(digits)
      if count != nil { rest = rest.dropFirst(digits.count).drop { $0 == " " } }
      switch Invocation.parse(String(rest)) {
      case .success(var invocation):
        invocation.count = count
        self = .command(invocation, mode: mode)
      case .failure: self = .line(text)
      }
    }
  }

  // MARK: Going on

  /// Looks whether the step is done.
  mutating func observe(_ session: Session) {
    guard !isOver else { return }
    if session.alternatives?.selected ?? 0 > 0 { hasHeardAlternative = true }
    let now = Sight(session)
    if now.isWriting { hasWritten = true }
    guard Tutor.lessons[step].isDone(start, now, self) else { return }
    learnt = Tutor.lessons[step].learnt
    go(to: step + 1, now)
  }

  mutating func skip(by steps: Int, _ session: Session) {
    learnt = ""
    go(to: min(max(step + steps, 0), Tutor.lessons.count), Sight(session))
  }

  private mutating func go(to step: Int, _ now: Sight) {
    self.step = step
    start = now
    hasHeardAlternative = false
    hasWritten = false
  }

  /// What of a session the lessons look at.
  struct Sight: Sendable, Equatable {
    var bars = 0
    var generator = Session.GeneratorState.noModel
    var isPlaying = false
    var temperature = 1.0
    var versions = 0
    var current = 0
    var kind = History.Version.Kind.start
    var depth = 0
    var takes: [Int] = []
    var hasAlternatives = false
    var byHand = 0
    var mode = ""
    var title = ""
    var exports = 0

    var isWriting: Bool {
      switch generator {
      case .priming, .running, .resting: true
      default: false
      }
    }

    init(_ session: Session) {
      bars = session.score.completeBars
      generator = session.generator
      isPlaying = session.player.state != .stopped
      temperature = session.sampling.temperature
      versions = session.history.versions.count
      current = session.history.currentIdentifier
      kind = session.history.current.kind
      depth = session.history.depth
      takes = session.takes
      hasAlternatives = session.alternatives != nil
      byHand = session.records.count { $0.origin == .hand }
      mode = session.mode.name
      title = session.parsed.header.titles.first ?? ""
      exports = session.exportCount
    }
  }

  private struct Lesson: Sendable {
    /// With references in braces.
    var text: String
    var learnt: String
    var isDone: @Sendable (_ start: Sight, _ now: Sight, _ tutor: Tutor) -> Bool
  }

  // MARK: The lessons

  private static let farewell =
    "That was a whole tune. {help} finds every key and command, {quit} leaves; all of it is kept. {:tutor off} puts this away."

  private static let lessons: [Lesson] = [
    Lesson(
      text: "{gen.toggle} lets the model write. Notes grow in the roll, letters below it.",
      learnt: "the model writes"
    ) { start, now, _ in now.bars >= start.bars + 2 },
    Lesson(
      text:
        "{play.toggle} plays from the cursor, also while it is still being written; again stops.",
      learnt: "it sounds"
    ) { _, now, _ in now.isPlaying },
    Lesson(
      text: "{temp +0.05} makes the model wilder. Three times: T in the line above goes up.",
      learnt: "wilder"
    ) { start, now, _ in now.temperature >= start.temperature + 0.149 },
    Lesson(
      text: "{temp -0.05} makes it calmer again. Twice.", learnt: "calmer"
    ) { start, now, _ in now.temperature <= start.temperature - 0.099 },
    Lesson(
      text:
        "{gen.toggle} pauses it in mid-bar, on the very note it is at. (After a phrase it goes on first.)",
      learnt: "it pauses"
    ) { _, now, tutor in now.generator == .paused && tutor.hasWritten },
    Lesson(
      text: "{gen.toggle} again: it goes on with exactly what would have come.",
      learnt: "it goes on"
    ) { _, _, tutor in tutor.hasWritten },
    Lesson(
      text: "{gen.bar-back} drops the last bar; each further one the bar before.",
      learnt: "a bar less"
    ) { start, now, _ in now.versions > start.versions && now.kind == .barBack },
    Lesson(
      text:
        "{3 goto} goes to bar 3; {gen.retry-here} there: another try. The old ending stays as a take.",
      learnt: "another take"
    ) { start, now, _ in
      now.versions > start.versions && now.kind == .generated && now.takes.count > 1
    },
    Lesson(
      text: "{take.prev} and {take.next} switch between the takes, also while it plays.",
      learnt: "the other take"
    ) { start, now, _ in now.current != start.current && now.current < start.versions },
    Lesson(
      text: "{undo} takes anything back, {redo} brings it again. Nothing is ever lost.",
      learnt: "a step back"
    ) { start, now, _ in now.current != start.current && now.depth != start.depth },
    Lesson(
      text:
        "{alt} offers next phrases. {'1} to {'4} are heard and seen, {audition/alt.choose} takes one.",
      learnt: "chosen"
    ) { _, now, tutor in tutor.hasHeardAlternative && !now.hasAlternatives },
    Lesson(
      text: "{insert}, then type a bar of your own, such as d2 f2 a2 |, then {'Esc}.",
      learnt: "by hand"
    ) { start, now, _ in now.byHand >= start.byHand + 3 && now.mode == "normal" },
    Lesson(
      text: "Give it a name: {:name My First Tune}.", learnt: "it has a name"
    ) { start, now, _ in !now.title.isEmpty && now.title != start.title },
    Lesson(
      text: "Take it away: {:export first.abc}; .mid, .wav and others are written the same way.",
      learnt: "a file"
    ) { start, now, _ in now.exports > start.exports },
  ]
}

extension Session {
  /// `tutor`: begins, skips, goes back, or puts the tutorial away.
  mutating func tutor(_ argument: String) {
    switch argument {
    case "", "on":
      tutor = Tutor(self)
      notice("the tutorial begins (:tutor next skips a step, :tutor off ends it)")
    case "off":
      notice(tutor == nil ? "there is no tutorial now (:tutor begins one)" : "the tutorial is over")
      tutor = nil
    case "next", "back":
      guard tutor != nil else {
        complain("there is no tutorial now (:tutor begins one)")
        return
      }
      let session = self
      tutor?.skip(by: argument == "next" ? 1 : -1, session)
    default: complain("tutor takes on, next, back or off, not '\(argument)'")
    }
  }

  mutating func observeTutor() {
    guard tutor != nil else { return }
    let session = self
    tutor?.observe(session)
  }
}
