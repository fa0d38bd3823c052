import Compose
import Dispatch
import Glibc

/// Hooks: commands of the musician's own settings that run when something has happened, with a file
/// of it. Never from a draft or a tune.
final class Hooks: Sendable {
  enum Moment: String, CaseIterable, Sendable {
    /// A file was exported.
    case export = "on-export"
    /// What stood here became a take, as an ABC file.
    case take = "on-take"
    /// The model came to the end of a phrase, as an ABC file.
    case phrase = "on-phrase"
  }

  private let commands: [Moment: String]
  private let log: String
  private let mailbox: Mailbox
  /// One command after another.
  private let queue = DispatchQueue(label: "hooks", qos: .utility)

  init(_ settings: Settings, log: String, mailbox: Mailbox) {
    var commands: [Moment: String] = [:]
    for moment in Moment.allCases {
      let command = settings.text(.hook(moment))
      if !command.isEmpty { commands[moment] = command }
    }
    self.commands = commands
    self.log = log
    self.mailbox = mailbox
  }

  func has(_ moment: Moment) -> Bool { commands[moment] != nil }

  /// Runs a hook on a file that stays.
  func run(_ moment: Moment, on path: String) {
    guard let command = commands[moment] else { return }
    queue.async { self.perform(moment, command, on: path) }
  }

  /// Runs a hook on a tune, as a file that is gone afterwards.
  func run(_ moment: Moment, onTune text: String) {
    guard let command = commands[moment] else { return }
    queue.async {
      let name = "/lilt-\(moment.rawValue)-\(getpid()).abc"
      let path = (Paths.processEnvironment()["TMPDIR"] ?? "/tmp") + name
      do throws(FileError) {
        try Files.write(Array(text.utf8), to: path, durable: false)
      } catch {
        self.mailbox.post(.event(.warned("\(moment.rawValue): \(error)")))
        return
      }
      self.perform(moment, command, on: path)
      unlink(path)
    }
  }

  /// Waits for what has begun, at most so many seconds.
  func finish(within seconds: Int) {
    let done = DispatchSemaphore(value: 0)
    queue.async { done.signal() }
    _ = done.wait(timeout: .now() + .seconds(seconds))
  }

  private func perform(_ moment: Moment, _ command: String, on path: String) {
    let nothing = open("/dev/null", O_RDWR | O_CLOEXEC)
    let told = open(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
    defer {
      close(nothing)
      if told >= 0 { close(told) }
    }
    let output = told >= 0 ? told : nothing
    guard let process = ShellCommand.start(command, on: path, input: nothing, output: output) else {
      mailbox.post(.event(.warned("\(moment.rawValue) could not be started: \(command)")))
      return
    }
    let status = ShellCommand.wait(for: process)
    if status != 0 {
      mailbox.post(
        .event(.warned("\(moment.rawValue) ended with \(status); what it said is in \(log)")))
    }
  }
}

extension Hooks {
  /// What of a draft was known when it was last looked at.
  struct State {
    var draft = ""
    var takes = 0
    var generator = Session.GeneratorState.noModel
  }
}

extension Composer {
  /// Runs the hooks of what is new in the draft.
  func runHooks() {
    let before = hooked
    hooked = Hooks.State(
      draft: journal.name, takes: session.takes.count, generator: session.generator)
    // What another draft has was there before.
    guard before.draft == hooked.draft else { return }
    if hooks.has(.phrase), hooked.generator != before.generator {
      switch hooked.generator {
      case .done(.phrase), .done(.tune): hooks.run(.phrase, onTune: session.text)
      default: break
      }
    }
    if hooks.has(.take), hooked.takes > max(before.takes, 1) {
      // The newest is written now; the one before it has become a take.
      let texts = session.status(draft: "").takes.texts
      if let take = texts.dropLast().last { hooks.run(.take, onTune: take) }
    }
  }
}
