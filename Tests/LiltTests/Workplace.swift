import Foundation
import TerminalHarness
import Testing

@testable import lilt

/// An empty home with every folder a program may write to, removed with the last reference.
final class Workplace {
  let folder: String
  let environment: [String: String]

  init() throws {
    var template = Array((NSTemporaryDirectory() + "/lilt-test-XXXXXX").utf8CString)
    guard mkdtemp(&template) != nil else { throw FileError.last("temporary folder") }
    folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    for name in ["config/lilt", "state", "data", "cache", "run", "work"] {
      try Files.makeFolder(folder + "/" + name)
    }
    var environment = [
      "HOME": folder, "XDG_CONFIG_HOME": folder + "/config", "XDG_STATE_HOME": folder + "/state",
      "XDG_DATA_HOME": folder + "/data", "XDG_CACHE_HOME": folder + "/cache",
      "XDG_RUNTIME_DIR": folder + "/run", "LC_ALL": "C.UTF-8", "TERM": "xterm-256color",
      "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
      "SWIFT_BACKTRACE": "enable=no",
    ]
    environment["ASAN_OPTIONS"] = ProcessInfo.processInfo.environment["ASAN_OPTIONS"]
    self.environment = environment
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// The paths that a program run here uses.
  var paths: Paths {
    Paths(
      environment: { environment[$0] }, passwordHome: folder, executable: Workplace.executable)
  }

  /// The folder that programs are started in.
  var directory: String { folder + "/work" }

  /// Writes a file below the work folder, or at an absolute path, and returns its path.
  @discardableResult
  func write(_ text: String, to name: String) throws -> String {
    let path = Paths.join(directory, name)
    try Files.makeFolder(Paths.parent(of: path))
    try Files.write(Array(text.utf8), to: path, durable: false)
    return path
  }

  /// The text of a file below the work folder; empty where there is none.
  func read(_ name: String) -> String {
    (try? Files.readText(Paths.join(directory, name))) ?? ""
  }

  /// The program these tests are about, beside the test bundle.
  static let executable = TerminalProgram.builtExecutable(named: "lilt") ?? ""

  /// What a run without a screen left behind.
  struct Output {
    var status: Int32
    var output: String
    var errors: String
  }

  /// Runs `lilt` to its end without a terminal. A signal's number is added to 128.
  func run(
    _ arguments: [String], input: String = "", extra: [String: String] = [:]
  ) throws -> Output {
    try run(Workplace.executable, arguments, input: input, extra: extra)
  }

  /// Runs any program to its end.
  func run(
    _ program: String, _ arguments: [String], input: String = "", extra: [String: String] = [:]
  ) throws -> Output {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.environment = environment.merging(extra) { $1 }
    process.currentDirectoryURL = URL(fileURLWithPath: directory)
    // Files rather than pipes: nothing can fill up and block.
    let names = ["in", "out", "err"].map { folder + "/\($0)-\(UUID().uuidString)" }
    try Files.write(Array(input.utf8), to: names[0], durable: false)
    for name in names.dropFirst() { try Files.write([], to: name, durable: false) }
    process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: names[0]))
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: names[1]))
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: names[2]))
    try process.run()
    process.waitUntilExit()
    let signal = process.terminationReason == .uncaughtSignal
    return Output(
      status: process.terminationStatus + (signal ? 128 : 0),
      output: try Files.readText(names[1]), errors: try Files.readText(names[2]))
  }
}
