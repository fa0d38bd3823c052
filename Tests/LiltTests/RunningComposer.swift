import Compose
import Foundation
import Synchronization
import TerminalHarness
import Testing

@testable import lilt

/// The composer in a pseudo terminal, as a musician with quick fingers would meet it.
final class RunningComposer {
  let workplace: Workplace
  let program: TerminalProgram

  /// - Parameters:
  ///   - arguments: Besides `--rng 7 --fresh`, unless `fresh` is false, and `--audio`.
  ///   - answers: Whether the terminal answers the program's questions by itself.
  ///   - audio: The sound log's name in the work folder; nil = no sound at all.
  init(
    _ arguments: [String] = [], in workplace: Workplace? = nil, width: Int = 80, height: Int = 24,
    audio: String? = nil, fresh: Bool = true, extra: [String: String] = [:], answers: Bool = true
  ) throws {
    let place = try workplace ?? Workplace()
    self.workplace = place
    let sound = ["--audio", audio.map { "log:\($0)" } ?? "none"]
    program = try TerminalProgram(
      Workplace.executable, (fresh ? ["--rng", "7", "--fresh"] : []) + sound + arguments,
      width: width, height: height, environment: place.environment.merging(extra) { $1 },
      directory: place.directory, answers: answers)
    // Keys that come before the program has the terminal would be a shell's.
    _ = wait("help|q[a-z ]*quit|Esc leave", 10)
  }

  /// Any other command of the program in a terminal of its own.
  init(command: [String], in workplace: Workplace? = nil) throws {
    let place = try workplace ?? Workplace()
    self.workplace = place
    program = try TerminalProgram(
      Workplace.executable, command, environment: place.environment, directory: place.directory)
  }

  /// The composer as a job of a shell, which says `STOPPED` when it is suspended and brings it back
  /// at the next Enter: without a shell nobody could continue it, and the system would not stop it.
  init(inShellWith arguments: [String], audio: String) throws {
    workplace = try Workplace()
    let script = "set -m; \"$@\"; echo STOPPED; read; fg"
    program = try TerminalProgram(
      "/bin/bash",
      ["-c", script, "bash", Workplace.executable, "--rng", "7", "--fresh", "--audio"]
        + ["log:\(audio)"] + arguments,
      environment: workplace.environment, directory: workplace.directory)
    _ = wait("help", 10)
  }

  /// The composer as a shell's script starts it; `$0` is the program.
  init(shell script: String, in workplace: Workplace) throws {
    self.workplace = workplace
    program = try TerminalProgram(
      "/bin/bash", ["-c", script, Workplace.executable], environment: workplace.environment,
      directory: workplace.directory)
    _ = wait("help", 10)
  }

  deinit { program.kill() }

  func keys(_ names: String...) {
    for name in names { program.keys(name) }
  }

  func type(_ text: String) { program.send(text) }

  /// Waits until the screen shows something; prints the screen that never did.
  func wait(_ pattern: String, _ seconds: Double = 5) -> Bool {
    waitForScreen(seconds, "\(pattern)") { self.program.shows(pattern) }
  }

  /// Waits until a row of the screen is as wanted; prints the screen that never was.
  func waitForRow(_ seconds: Double = 5, _ isWanted: (String) -> Bool) -> Bool {
    waitForScreen(seconds, "a certain row") { self.program.screen.contains(where: isWanted) }
  }

  private func waitForScreen(_ seconds: Double, _ wanted: String, _ isThere: () -> Bool) -> Bool {
    if program.waitUntil(seconds: seconds * Self.patience, isThere) { return true }
    print("waited in vain for \(wanted) on this screen:\n" + program.text)
    return false
  }

  /// What the session says of itself over the control socket.
  func status() throws -> Status {
    let client = try ControlClient.newest(draft: nil, paths: workplace.paths)
    let answer = Answer()
    DispatchQueue.global().async {
      do {
        answer.set(.success(try client.ask("status --json")))
      } catch {
        answer.set(.failure(error))
      }
    }
    // A program that waits for someone to read its screen cannot answer.
    program.waitUntil(seconds: 15) { answer.result != nil }
    let text = try #require(answer.result).get()
    return try JSONDecoder().decode(Status.self, from: Data(text.utf8))
  }

  /// An answer that another thread brings.
  private final class Answer: Sendable {
    private let box = Mutex<Result<String, any Error>?>(nil)
    var result: Result<String, any Error>? { box.withLock { $0 } }
    func set(_ result: Result<String, any Error>) { box.withLock { $0 = result } }
  }

  /// Asks for the status until it satisfies something; the last status either way.
  func status(
    within seconds: Double = 5, until isReached: (Status) -> Bool
  ) throws -> Status {
    var status = try status()
    var failure: (any Error)?
    // Reading what the program draws keeps it from waiting for this test.
    program.waitUntil(seconds: seconds * Self.patience) {
      if isReached(status) { return true }
      do { status = try self.status() } catch { failure = error }
      return failure != nil || isReached(status)
    }
    if let failure { throw failure }
    return status
  }

  /// Lets some time pass, in seconds.
  func pause(_ seconds: Double) {
    program.waitUntil(seconds: seconds) { false }
  }

  /// Whether the program has the alternate screen: what it asked for last.
  var isAlternateScreen: Bool { isOn("?1049") }

  var isCursorVisible: Bool { isOn("?25") }

  private func isOn(_ mode: String) -> Bool {
    let written = String(decoding: program.output, as: UTF8.self)
    let on = written.range(of: "\u{1B}[\(mode)h", options: .backwards)
    let off = written.range(of: "\u{1B}[\(mode)l", options: .backwards)
    guard let off else { return on != nil }
    return on.map { $0.lowerBound > off.lowerBound } ?? false
  }

  /// The sounding notes in the sound log so far.
  func heard(_ name: String) -> [SoundEvent] { SoundEvent.read(workplace.read(name)) }

  /// The log once no note hangs in it, or as it is after a second: it is written after the sound.
  func heardWhenQuiet(_ name: String) -> [SoundEvent] {
    program.waitUntil(seconds: Self.patience) { SoundEvent.hanging(in: heard(name)).isEmpty }
    return heard(name)
  }

  /// The test machine is slower than a musician's and shared: limits that say "soon" stretch.
  /// `LILT_TEST_PATIENCE` sets how much.
  static let patience =
    ProcessInfo.processInfo.environment["LILT_TEST_PATIENCE"].flatMap(Double.init) ?? 3
}

/// One line of a sound log.
struct SoundEvent: Decodable {
  var ms: Double
  var type: String
  var ch: Int?
  var key: Int?
  var bar: Int?
  var beat: Double?

  /// Reads a log; a last line that is still being written is left out.
  static func read(_ text: String) -> [SoundEvent] {
    text.split(separator: "\n").compactMap {
      try? JSONDecoder().decode(SoundEvent.self, from: Data($0.utf8))
    }
  }

  /// Notes that were begun and never ended.
  static func hanging(in events: [SoundEvent]) -> [[Int]] {
    var sounding: [[Int]: Int] = [:]
    for event in events {
      guard let channel = event.ch, let key = event.key else {
        if event.type == "panic" { sounding = [:] }
        continue
      }
      if event.type == "on" { sounding[[channel, key], default: 0] += 1 }
      if event.type == "off" {
        sounding[[channel, key], default: 0] = max(0, sounding[[channel, key], default: 0] - 1)
      }
    }
    return sounding.filter { $0.value > 0 }.map(\.key)
  }
}
