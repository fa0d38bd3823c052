import Glibc
import Logging
import Synchronization

/// The log: a file in the state folder, because the terminal belongs to the screen.
///
/// Nothing is written, and no folder made, before the first line. At 1 MiB the file becomes
/// `log.1`, replacing the one before. A log that cannot be written is silently given up.
final class LogFile: Sendable {
  /// Size at which the log is rotated, in bytes.
  static let largest = 1 << 20

  private struct State {
    var descriptor: Int32 = -1
    var size = 0
    var isBroken = false
  }

  private let path: String
  private let state = Mutex(State())

  /// A log at `path`, which is not opened yet.
  init(path: String) {
    self.path = path
  }

  deinit {
    state.withLock { if $0.descriptor >= 0 { close($0.descriptor) } }
  }

  /// Adds one line. Never throws, and waits for nothing but the disk.
  func append(_ line: String) {
    var text = line + "\n"
    state.withLock { state in
      if state.descriptor < 0 && !state.isBroken { open(&state) }
      guard state.descriptor >= 0 else { return }
      text.withUTF8 { if writeAll($0, to: state.descriptor) != 0 { state.isBroken = true } }
      state.size += text.utf8.count
      if state.size >= LogFile.largest {
        rename(path, path + ".1")
        close(state.descriptor)
        state.descriptor = -1
      }
    }
  }

  private func open(_ state: inout State) {
    state.isBroken = true
    guard (try? Files.makeFolder(Paths.parent(of: path))) != nil else { return }
    state.descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard state.descriptor >= 0 else { return }
    state.isBroken = false
    var status = stat()
    state.size = fstat(state.descriptor, &status) == 0 ? Int(status.st_size) : 0
  }

  /// Sends every `Logger` of the program to this file.
  func install(level: Logger.Level) {
    LoggingSystem.bootstrap { label in LogFileHandler(file: self, label: label, level: level) }
  }
}

/// One logger's way into the log file.
struct LogFileHandler: LogHandler {
  let file: LogFile
  let label: String
  var logLevel: Logger.Level
  var metadata: Logger.Metadata = [:]

  init(file: LogFile, label: String, level: Logger.Level) {
    self.file = file
    self.label = label
    logLevel = level
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let all = metadata.merging(event.metadata ?? [:]) { $1 }
    let facts = all.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
    let message = "\(event.message)".replacing("\n", with: " ")
    file.append("\(Self.now()) \(event.level) \(label): \(message)\(facts)")
  }

  /// The time in UTC, ISO 8601, to the millisecond.
  private static func now() -> String {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    var parts = tm()
    gmtime_r(&time.tv_sec, &parts)
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let date = "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
    let clock = "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
    let millis = String(time.tv_nsec / 1_000_000)
    return "\(date)T\(clock).\(String(repeating: "0", count: 3 - millis.count) + millis)Z"
  }
}
