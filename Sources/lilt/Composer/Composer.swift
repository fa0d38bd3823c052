import Audio
import CTerminal
import Compose
import FoundationEssentials
import Glibc
import Logging
import Music
import Neural
import TUI

/// The composer while its screen is open: owns the session and the terminal, waits in `poll`, gives
/// every event to the session, carries out the effects, and draws.
///
/// Everything here happens on the main thread. The generator, the player, the journal and the
/// control socket work on their own and leave word in the mailbox.
final class Composer {
  /// At most this often, in milliseconds, is the screen drawn for anything but a key.
  static let frame = 33

  let settings: Settings
  let options: ComposerOptions
  let paths: Paths
  let store: DraftStore
  let terminal: any Terminal
  /// Where the composer is lines instead of a screen.
  private var plain: PlainTerminal? { terminal as? PlainTerminal }
  var narrator = Narrator()
  var plainWait: PlainWait?
  let mailbox: Mailbox
  let generator: Generator
  let judge: JudgeQueue
  let player: Player
  let midi: MIDIClient
  /// What is asked of the MIDI ports.
  var places = SoundPlaces()
  /// Controllers of a MIDI keyboard that are held down.
  var pressedControllers: Set<Int> = []
  let workshop = FileWorkshop()
  let hooks: Hooks
  /// What hooks have been told of.
  var hooked = Hooks.State()
  let logger = Logger(label: "composer")

  var session: Session
  var journal: JournalWriter
  var control: ControlServer?
  var followers: [Follower] = []
  var feed = NewsFeed()
  /// Hears what came of the file that the command being carried out reads or writes.
  var onFile: (@Sendable (Event) -> Void)?
  /// The editor that has the terminal now.
  var editor: EditorProcess?
  var engraved = EngravedPane()
  var keys: KeyMap
  var themes: ThemeLibrary
  private var palette: Palette
  /// The theme that is shown, and its side; empty = it is to be read again.
  var paletteName = ""
  private var surface: Surface
  private let signals: Int32
  private var isDirty = true
  private var needsDrawingNow = true
  private var lastDrawing = 0
  /// What the window is called.
  private var shownTitle: String?
  /// When the first key of two was pressed: what may follow is listed after a moment.
  private var prefixSince = 0
  /// What the terminal last said of its background.
  private var knownLight: Bool?
  private var knownReleases = false
  var isLeaving = false
  var exitStatus: Int32 = 0
  /// When the program began, in nanoseconds of the monotonic clock.
  let start: UInt64
  /// Why there is no sound; empty when there is.
  private var silence = ""
  /// What is still worth saying once the terminal is back.
  var farewells: [String] = []
  var saidOnce: Set<String> = []
  /// Journals of earlier drafts that wait for the disk.
  var unfinished: [JournalWriter] = []

  init(
    options: ComposerOptions, settings: Settings, paths: Paths, terminal: any Terminal,
    signals: Int32, mailbox: Mailbox, player: Player, opening: Opening, start: UInt64
  ) {
    self.options = options
    self.settings = settings
    self.paths = paths
    self.terminal = terminal
    self.signals = signals
    self.player = player
    self.mailbox = mailbox
    midi = MIDIClient(player: player) { mailbox.post(.midi($0)) }
    hooks = Hooks(settings, log: paths.log, mailbox: mailbox)
    self.start = start
    store = DraftStore(folder: paths.drafts)
    session = opening.session
    journal = opening.journal
    judge = JudgeQueue(mailbox: mailbox)
    generator = Generator(mailbox: mailbox, judge: judge)
    let read = Composer.readKeys(paths)
    keys = read.map
    themes = Composer.themeLibrary(paths)
    surface = Surface(width: terminal.width, height: terminal.height)
    palette = themes.theme(named: ThemeLibrary.standard).theme.palette(at: terminal.depth)
    openMIDI()
    for problem in settings.problems + read.problems { perform(session.handle(.warned(problem))) }
    perform(session.handle(.themesFound(themes.names)))
    perform(session.handle(.habitsRead(settings.habits)))
    watchJournal()
    openControl()
    for event in opening.events { perform(session.handle(event)) }
  }

  /// Milliseconds since the program started.
  var now: Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    let nanoseconds = UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    return Int((nanoseconds &- start) / 1_000_000)
  }

  /// Runs until the musician leaves; returns the exit status.
  func run() -> Int32 {
    // A terminal that answers at once is drawn in its colours from the first picture on.
    terminal.waitForAnswers(atMost: 30)
    perform(session.handle(.playerChanged(report)))
    draw()
    readCatalogue()
    loadModel(settings.given(.checkpoint))
    while !isLeaving {
      wait()
      // What follows happens now, however long ago the last thing happened.
      perform(session.handle(.clockTicked(milliseconds: now)))
      handleSignals()
      var hadKey = false
      let pressed = editor == nil ? terminal.readKeys() : []
      // What the terminal has said of itself came before these keys.
      followMode()
      for key in pressed {
        hadKey = true
        handle(key)
      }
      if terminal.traits.isLight != knownLight { followBackground() }
      takeLetters()
      followMode()
      if session.needsClock { tick() }
      runHooks()
      tellFollowers()
      if editor != nil { continue }
      if let plain { readPlainLines(plain) }
      if isDirty, hadKey || needsDrawingNow || now - lastDrawing >= Composer.frame { draw() }
    }
    if let plain { finishPlain(plain) }
    leave()
    return exitStatus
  }

  func takeLetters() {
    for letter in mailbox.takeAll() { handle(letter) }
  }

  // MARK: - Waiting and reading

  private func wait() {
    var descriptors = [
      // Keys are the editor's while it runs.
      pollfd(fd: editor == nil ? terminal.fileDescriptor : -1, events: Int16(POLLIN), revents: 0),
      pollfd(fd: mailbox.descriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: signals, events: Int16(POLLIN), revents: 0),
    ]
    if let control {
      descriptors.append(pollfd(fd: control.descriptor, events: Int16(POLLIN), revents: 0))
    }
    var timeout: Int32 = -1
    if editor != nil {
      if session.needsClock { timeout = Int32(Composer.frame) }
    } else if session.needsClock || isDirty {
      timeout = Int32(max(Composer.frame - (now - lastDrawing), 1))
    }
    switch plainWait {
    case .time(let end): timeout = Int32(clamping: max(end - now, 0))
    // The files' queue says nothing when it is done.
    case .model: timeout = timeout < 0 ? 50 : min(timeout, 50)
    case nil: break
    }
    if editor == nil, let delay = terminal.inputDelay.map({ Int32($0) }) {
      timeout = timeout < 0 ? delay : min(timeout, delay)
    }
    if let plain, plain.isAtEnd, plainWait == nil { timeout = 0 }
    let count = poll(&descriptors, nfds_t(descriptors.count), timeout)
    guard count > 0 else { return }
    if let plain {
      if descriptors[0].revents != 0 { plain.read() }
    } else if descriptors[0].revents & Int16(POLLHUP | POLLERR | POLLNVAL) != 0 {
      // The terminal is gone: save and leave, as SIGHUP asks.
      isLeaving = true
      exitStatus = 128 + SIGHUP
    }
    if control != nil, descriptors[3].revents & Int16(POLLIN) != 0 {
      let mailbox = mailbox
      control?.accept { line, answer in
        mailbox.post(.control(line, answer: answer))
      } follow: {
        mailbox.post(.follower($0))
      }
    }
  }

  private func handleSignals() {
    while true {
      let signal = terminal_signals_next()
      switch signal {
      case 0: return
      // These come from the keyboard and are the editor's.
      case SIGINT where editor != nil: break
      case SIGTSTP where editor != nil: terminal_stop_self()
      case SIGTERM, SIGHUP, SIGINT:
        isLeaving = true
        exitStatus = 128 + signal
      case SIGTSTP: perform(session.handle(.commanded(Invocation(.suspend))))
      case SIGWINCH, SIGCONT: resize()
      default: break
      }
    }
  }

  private func resize() {
    isDirty = true
    needsDrawingNow = true
  }

  private func handle(_ key: KeyPress) {
    isDirty = true
    if key.key == .resize {
      resize()
      return
    }
    let hadPrefix = session.pendingPrefix
    if case .mouse(let mouse) = key.key {
      let pointed = TUI.events(
        for: mouse, modifiers: key.modifiers, in: session, context, width: terminal.width,
        height: terminal.height)
      for event in pointed { perform(session.handle(event)) }
    }
    for event in keys.events(for: key, in: session) { perform(session.handle(event)) }
    if session.pendingPrefix != hadPrefix { prefixSince = now }
  }

  private func handle(_ letter: Mailbox.Letter) {
    isDirty = true
    switch letter {
    case .event(let event):
      perform(session.handle(event))
      if case .fileWritten(let path, _) = event {
        hooks.run(.export, on: path)
        tellFollowers(ofExport: path)
      }
    case .control(let line, let answer): reply(to: line, answer)
    case .follower(let follower): follow(follower)
    case .player(let event): handle(event)
    case .midi(let event): handle(event)
    case .editorEnded(let status): editorEnded(status)
    case .picture(let answer): take(answer)
    }
  }

  private func handle(_ event: PlayerEvent) {
    switch event {
    case .playingSilently(let reason): silence = reason
    case .deviceOpened, .deviceRestored: silence = ""
    case .deviceLost(let sentence): perform(session.handle(.warned(sentence)))
    case .underrun(let total): logger.notice("underrun \(total)")
    case .stateChanged, .finished: break
    }
    perform(session.handle(.playerChanged(report)))
  }

  private var report: PlayerReport {
    PlayerReport(player.status, silence: silence)
  }

  /// Tells the session the time and where the player is.
  private func tick() {
    if session.player.state != .stopped {
      perform(session.handle(.playerChanged(report)))
      isDirty = true
    }
    let before = session.message
    perform(session.handle(.clockTicked(milliseconds: now)))
    if session.message != before || session.pendingPrefix != nil { isDirty = true }
  }

  // MARK: - Drawing

  func draw() {
    if plain != nil {
      (lastDrawing, isDirty, needsDrawingNow) = (now, false, false)
      return
    }
    let width = terminal.width
    let height = terminal.height
    if surface.width != width || surface.height != height {
      surface = Surface(width: width, height: height)
    }
    updatePalette()
    updatePicture(context)
    terminal.steadyCursor(session.view.isCalm)
    TUI.draw(session, context, on: &surface)
    terminal.show(surface)
    let title = session.parsed.header.titles.first ?? session.draftTitle
    if title != shownTitle {
      shownTitle = title
      terminal.setTitle("\(title) \(terminal.showsUnicode ? "–" : "-") lilt")
    }
    lastDrawing = now
    isDirty = false
    needsDrawingNow = false
  }

  private var context: DrawContext {
    DrawContext(
      palette: palette, symbols: terminal.showsUnicode ? .unicode : .ascii, keys: keys,
      playhead: session.player.playhead, milliseconds: now, prefixAge: now - prefixSince)
  }

  func redrawAll() {
    terminal.redraw()
    isDirty = true
    needsDrawingNow = true
  }

  /// Takes the theme that suits the terminal's background, which may have changed.
  private func followBackground() {
    knownLight = terminal.traits.isLight
    isDirty = true
    needsDrawingNow = true
  }

  /// Asks for what the mode needs to know of keys, and tells the session what there is to know.
  private func followMode() {
    terminal.report(
      session.mode == .record ? .releases : session.mode.takesText ? .text : .places)
    let hasReleases = session.mode == .record && terminal.traits.reportsReleases
    guard hasReleases != knownReleases else { return }
    knownReleases = hasReleases
    perform(session.handle(.releasesReported(hasReleases)))
  }

  private func updatePalette() {
    var name = session.view.theme
    if name.isEmpty {
      name =
        settings.given(.theme)
        ?? settings.text(terminal.traits.isLight == true ? .themeLight : .themeDark)
    }
    let side: Theme.Variant = terminal.traits.isLight == true ? .light : .dark
    guard paletteName != "\(name) \(side.rawValue)" else { return }
    paletteName = "\(name) \(side.rawValue)"
    let loaded = themes.theme(named: name, for: side)
    palette = loaded.theme.palette(at: terminal.depth)
    for problem in loaded.problems where !problem.isWarning {
      logger.warning("\(problem)")
    }
  }
}

extension PlayerReport {
  /// What the session needs of the player's status.
  init(_ status: PlayerStatus, silence: String) {
    let state: State
    switch status.state {
    case .stopped: state = .stopped
    case .playing, .looping: state = .playing
    case .waiting: state = .waiting
    }
    self.init(
      state: state, playhead: status.playhead, output: status.device, silence: silence)
  }
}
