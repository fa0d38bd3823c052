import ABC
import Analysis
import ArgumentParser
import Audio
import CProgram
import CTerminal
import Compose
import FoundationEssentials
import Glibc
import Logging
import MIDI
import Neural
import TUI

/// What the composer was started with and its settings do not hold.
struct ComposerOptions {
  var precision = Precision.auto
}

/// `lilt [FILE]`: opens the screen.
struct ComposerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compose",
    abstract: "Open the composer (this is what plain 'lilt' does).")

  @Argument(help: "An ABC or MIDI file to begin with, or the name of a draft.")
  var file: String?
  @Option(help: "The tune of FILE with this number (X:); otherwise the first.")
  var tune: Int?
  @Option(help: "Tracks of a MIDI file: numbers such as 1,3-4, or merge, or merge:1,3.")
  var tracks: TrackChoice?
  @Option(help: "The model: a name or a file.")
  var checkpoint: String?
  @Option(name: .customLong("seed-abc"), help: "Begin with this ABC file; - is standard input.")
  var seed: String?
  @Option(help: "Where the sound goes: auto, none, pcm:NAME, log:FILE.")
  var audio: String?
  @Option(help: "The instruments: a .sf2 file.")
  var soundfont: String?
  @Option(help: "The random number the draft starts from.")
  var rng: String?
  @Option(help: "The temperature to begin with.")
  var temperature: String?
  @Option(help: "The draft to open, by name, or to begin; FILE goes into a new or empty one.")
  var draft: String?
  @Flag(help: "Begin a new draft instead of going on with the last.")
  var fresh = false
  @Flag(
    name: .customLong("in-memory"), help: "Keep the draft in memory; it is gone with the program.")
  var inMemory = false
  @Option(help: "A theme's name.")
  var theme: String?
  @Option(help: "Colours: auto, never, 16, 256 or true.")
  var color: String?
  @Flag(
    help: """
      Lines instead of a screen: each line typed is a command, each event a line; for screen readers \
      and pipes.
      """)
  var plain = false
  @Flag(help: "Draw with ASCII only.")
  var ascii = false
  @Flag(name: .customLong("no-mouse"), help: "Leave the mouse to the terminal.")
  var noMouse = false
  @Option(help: "Arithmetic: auto, fp32, bf16 or int8.")
  var precision: String?

  /// Whether the tutorial is begun at once; 'lilt tutor' asks for it.
  @Flag(help: .hidden) var tutor = false

  func run() throws {
    program_share_arenas()
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    let start = UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    guard plain || isatty(STDOUT_FILENO) == 1 else {
      throw CommandFailure(
        .usage,
        "standard output is no terminal: the composer needs one ('lilt --plain' and 'lilt generate' "
          + "do not)")
    }
    if plain, seed == "-" {
      throw CommandFailure(
        .usage, "with --plain standard input is for commands, not for --seed-abc -")
    }
    if !plain, let term = getenv("TERM"), String(cString: term) == "dumb" {
      throw CommandFailure(
        .usage, "this terminal (TERM=dumb) cannot show a screen; 'lilt --plain' needs none")
    }
    let paths = Paths.current
    var settings = try loadSettings(paths)
    try settings.checkThemes(among: Composer.themeLibrary(paths).names)
    LogFile(path: paths.log).install(level: .notice)

    var options = ComposerOptions()
    if let precision {
      guard let named = Precision(rawValue: precision) else {
        throw CommandFailure(.usage, "--precision must be auto, fp32, bf16 or int8")
      }
      options.precision = named
    }
    let input = plain ? STDIN_FILENO : try keyboard()
    let opening = try self.opening(paths: paths, settings: settings, keyboard: input)
    let mailbox = Mailbox()
    let player = try startPlayer(settings, mailbox)

    let run = { (terminal: any Terminal, signals: Int32) -> (Int32, [String]) in
      let composer = Composer(
        options: options, settings: settings, paths: paths, terminal: terminal, signals: signals,
        mailbox: mailbox, player: player, opening: opening, start: start)
      return (composer.run(), composer.farewells)
    }
    if plain {
      let (status, farewells) = run(PlainTerminal(), terminal_signals_open())
      terminal_signals_close()
      return try leave(status, farewells)
    }
    terminal_guard_install(input)
    let signals = terminal_signals_open()
    var terminalOptions = NCursesTerminal.Options()
    terminalOptions.input = input
    terminalOptions.wish = ColorDepth.Wish(rawValue: settings.text(.color)) ?? .auto
    terminalOptions.ascii = settings.text(.symbols) == "ascii"
    terminalOptions.mouse = settings.flag(.mouse)
    terminalOptions.title = settings.flag(.windowTitle)
    terminalOptions.environment = Paths.processEnvironment()
    let terminal = try NCursesTerminal(options: terminalOptions)
    // From here on anything written to standard error would land on the screen.
    let keptError = redirectStandardError(to: paths.log)
    let (status, farewells) = run(terminal, signals)
    terminal_signals_close()
    terminal_guard_remove()
    if keptError >= 0 { dup2(keptError, STDERR_FILENO) }
    try leave(status, farewells)
  }

  private func leave(_ status: Int32, _ farewells: [String]) throws {
    for sentence in farewells { StandardError.line(sentence) }
    if status != 0 { throw ExitCode(status) }
  }

  private func loadSettings(_ paths: Paths) throws -> Settings {
    var settings = Settings.load(paths: paths)
    try settings.override(.checkpoint, with: checkpoint)
    try settings.override(.audio, with: audio)
    try settings.override(.soundFont, with: soundfont)
    try settings.override(.rng, with: rng)
    try settings.override(.temperature, with: temperature)
    try settings.override(.theme, with: theme)
    try settings.override(.color, with: color)
    if ascii { try settings.override(.symbols, with: "ascii") }
    if noMouse { try settings.override(.mouse, with: "false") }
    return settings
  }

  /// Where keys come from: the controlling terminal, when standard input is a pipe.
  private func keyboard() throws -> Int32 {
    if isatty(STDIN_FILENO) == 1 { return STDIN_FILENO }
    let terminal = Glibc.open("/dev/tty", O_RDWR | O_CLOEXEC)
    guard terminal >= 0 else {
      throw CommandFailure(.usage, "there is no terminal to take keys from")
    }
    return terminal
  }

  private func startPlayer(_ settings: Settings, _ mailbox: Mailbox) throws -> Player {
    do throws(AudioError) {
      let output = try SoundOutput(settings.text(.audio))
      return try Player(output: output, soundFont: settings.given(.soundFont)) { event in
        mailbox.post(.player(event))
      }
    } catch {
      switch error {
      case .outputNotUnderstood: throw CommandFailure(.usage, error.description)
      case .fileNotWritten: throw CommandFailure(.unwritableOutput, error.description)
      default: throw CommandFailure(.sound, error.description)
      }
    }
  }

  private func opening(paths: Paths, settings: Settings, keyboard: Int32) throws -> Opening {
    let store = DraftStore(folder: paths.drafts)
    let sampling = Sampling(settings)
    let random = UInt64(settings.text(.rng))
    func newDraft() throws(FileError) -> Opening {
      try Opening.fresh(
        store: store, settings: settings, rng: random, sampling: sampling, inMemory: inMemory)
    }
    func input(_ path: String) throws -> [UInt8] {
      do throws(FileError) {
        return try Files.read(path)
      } catch {
        throw CommandFailure(.unreadableInput, error.description)
      }
    }
    if tracks != nil, file == nil {
      throw CommandFailure(.usage, "--tracks needs a MIDI FILE whose tracks it chooses")
    }
    if tune != nil, file == nil {
      throw CommandFailure(.usage, "--tune needs a FILE whose tune it chooses")
    }
    do {
      var opening: Opening
      var content: Event?
      if let seed {
        content = .fileRead(path: seed, text: TuneFile.firstTune(of: try input(seed)))
      } else if let file, draft != nil || !Files.names(in: store.folder).contains(file) {
        if !Files.exists(file), file != "-",
          let command = nearestWord(to: file, among: Lilt.commandNames)
        {
          throw CommandFailure(
            .usage, "there is no file, draft or command '\(file)' (did you mean 'lilt \(command)'?)"
          )
        }
        do throws(FileError) {
          content = try FileWorkshop.readTune(file, number: tune, tracks: tracks)
        } catch {
          throw CommandFailure(.unreadableInput, error.description)
        }
      } else if keyboard != STDIN_FILENO {
        let bytes = try input("-")
        if !bytes.isEmpty {
          content = .fileRead(path: "standard input", text: TuneFile.firstTune(of: bytes))
        }
      }
      let name = inMemory ? nil : draft ?? (content == nil ? file : nil)
      if let name {
        if Files.exists(store.journalPath(name)) {
          if content != nil { try refuseMusic(in: name, store) }
          opening = try Opening.named(
            name, store: store, settings: settings, rng: random, sampling: sampling)
        } else {
          guard draft != nil, DraftStore.isName(name) else {
            throw CommandFailure(.unreadableInput, "there is no draft '\(name)'")
          }
          opening = try Opening.fresh(
            store: store, name: name, settings: settings, rng: random, sampling: sampling)
        }
      } else if fresh || inMemory || content != nil {
        opening = try newDraft()
      } else {
        opening = try Opening.last(
          store: store, settings: settings, rng: random, sampling: sampling)
      }
      if let content { opening.events.append(content) }
      if tutor { opening.events.append(.commanded(Invocation(.tutor))) }
      // What was asked for on the command line goes before what the draft remembers.
      let isReopened = !opening.session.text.isEmpty
      if let temperature, isReopened {
        opening.events.append(.commanded(Invocation(.temperature, "= \(temperature)")))
      }
      if let random, isReopened { opening.events.append(.commanded(Invocation(.rng, "\(random)"))) }
      return opening
    } catch let failure as FileError {
      throw CommandFailure(
        .unwritableOutput,
        "\(failure) (drafts are kept there; XDG_STATE_HOME names another folder, "
          + "--in-memory keeps none)")
    }
  }

  /// A file goes into a draft that is new or empty: it must not take the place of what was made.
  private func refuseMusic(in name: String, _ store: DraftStore) throws {
    var session = Session(title: name, rng: 1)
    session.restore(try store.entries(of: name).entries)
    guard !session.text.isEmpty else { return }
    throw CommandFailure(
      .usage,
      "the draft '\(name)' is not empty: name another with --draft, or leave it out for a new one "
        + "(:open in the draft takes a file in)")
  }

  /// Sends standard error to the log; returns a copy of where it went before.
  private func redirectStandardError(to path: String) -> Int32 {
    try? Files.makeFolder(Paths.parent(of: path))
    let log = Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard log >= 0 else { return -1 }
    let kept = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)
    dup2(log, STDERR_FILENO)
    close(log)
    return kept
  }
}

extension Sampling {
  /// What a new draft starts with.
  init(_ settings: Settings) {
    self.init()
    temperature = settings.number(.temperature)
    topK = settings.integer(.topK)
    topP = settings.number(.topP)
    minP = settings.number(.minP)
    pace = Pace(settings.text(.pace)) ?? .follow
    ahead = settings.integer(.ahead)
    phrase = settings.integer(.phrase)
    stop = StopRule(rawValue: settings.text(.stopRule)) ?? .phrase
    writing.copyGuard = CopyGuard.Rule(settings.text(.copyGuard)) ?? .default
    let wishes = SamplingValue.all.compactMap { value in
      Setting.writing(value.name).flatMap { settings.entry($0) }
        .flatMap { $0.source == .builtIn ? nil : (value, $0.value.plain) }
    }
    guard !wishes.isEmpty else { return }
    let catalogue = Catalogue.load().catalogue
    for (value, wish) in wishes { _ = value.set(&self, wish, catalogue) }
  }
}
