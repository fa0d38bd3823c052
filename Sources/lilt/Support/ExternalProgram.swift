import CTerminal
import Glibc

/// Another program that does a piece of work: bytes in, bytes out. Run without a shell and with a
/// limit of time; what it says on standard error is kept for a message.
struct ExternalProgram {
  let name: String
  /// The Debian package it is in.
  let package: String

  static let engraver = ExternalProgram(name: "abcm2ps", package: "abcm2ps")
  static let rasterizer = ExternalProgram(name: "rsvg-convert", package: "librsvg2-bin")

  enum Trouble: Error {
    case missing
    case tooSlow(seconds: Int)
    case tooMuch
    /// What it said, or how it ended.
    case failed(String)
  }

  /// No picture is larger.
  private static let mostBytes = 256 << 20

  /// Whether it is on the path.
  var isInstalled: Bool {
    let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
    return path.split(separator: ":").contains { access("\($0)/\(name)", X_OK) == 0 }
  }

  /// Runs it to its end, or to the end of its time.
  ///
  /// - Parameter inputs: The first is standard input, the others are `/dev/fd/10`, `/dev/fd/11` ...
  /// - Returns: What it wrote to standard output.
  func run(
    _ arguments: [String], inputs: [[UInt8]], seconds: Int = 20
  ) throws(Trouble) -> [UInt8] {
    var files: [Int32] = []
    defer { for file in files { close(file) } }
    for input in inputs {
      let file = Files.unnamed(in: "/tmp")
      guard file >= 0 else { throw .failed(FileError.last("/tmp").description) }
      files.append(file)
      guard input.withUnsafeBufferPointer({ writeAll($0, to: file) }) == 0,
        lseek(file, 0, SEEK_SET) == 0
      else { throw .failed(FileError.last("/tmp").description) }
    }
    let errors = Files.unnamed(in: "/tmp")
    defer { if errors >= 0 { close(errors) } }
    var ends: (read: Int32, write: Int32) = (-1, -1)
    // A pair of sockets is closed in other programs from the first moment on; a pipe is not.
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    let isOpen = withUnsafeMutablePointer(to: &ends) {
      $0.withMemoryRebound(to: Int32.self, capacity: 2) { socketpair(AF_UNIX, kind, 0, $0) == 0 }
    }
    guard isOpen, errors >= 0 else { throw .failed(FileError.last("/tmp").description) }
    defer { close(ends.read) }
    let process = start(arguments, files, output: ends.write, errors: errors)
    close(ends.write)
    guard let process else { throw .missing }
    let read = ExternalProgram.read(ends.read, seconds: seconds)
    if case .failure = read { kill(process, SIGKILL) }
    let status = ShellCommand.wait(for: process)
    let bytes: [UInt8]
    switch read {
    case .success(let found): bytes = found
    case .failure(let trouble): throw trouble
    }
    guard status == 0, !bytes.isEmpty else {
      let said = (try? Files.readText("/proc/self/fd/\(errors)")) ?? ""
      let line = said.split(whereSeparator: \.isNewline).last.map(String.init)
      throw .failed(line ?? "it ended with \(status)")
    }
    return bytes
  }

  private func start(
    _ arguments: [String], _ files: [Int32], output: Int32, errors: Int32
  ) -> pid_t? {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (index, file) in files.enumerated() {
      posix_spawn_file_actions_adddup2(&actions, file, index == 0 ? STDIN_FILENO : Int32(9 + index))
    }
    if files.isEmpty {
      posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    }
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var all = sigset_t()
    sigfillset(&all)
    posix_spawnattr_setsigdefault(&attributes, &all)
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK))
    var words: [UnsafeMutablePointer<CChar>?] = ([name] + arguments).map { strdup($0) }
    words.append(nil)
    defer { for word in words { free(word) } }
    var process = pid_t()
    guard posix_spawnp(&process, name, &actions, &attributes, words, environ) == 0 else {
      return nil
    }
    return process
  }

  /// Everything up to where the other end is closed, in so many seconds.
  private static func read(_ pipe: Int32, seconds: Int) -> Result<[UInt8], Trouble> {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let clock = ContinuousClock()
    let end = clock.now + .seconds(seconds)
    while true {
      let left = clock.now.duration(to: end).components
      let milliseconds = left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000
      guard milliseconds > 0 else { return .failure(.tooSlow(seconds: seconds)) }
      var waiting = pollfd(fd: pipe, events: Int16(POLLIN), revents: 0)
      let ready = poll(&waiting, 1, Int32(min(milliseconds, 60_000)))
      guard ready != 0, ready > 0 || errno == EINTR else { continue }
      guard ready > 0 else { continue }
      let count = Glibc.read(pipe, &buffer, buffer.count)
      if count == 0 { return .success(bytes) }
      if count < 0 {
        if errno == EINTR || errno == EAGAIN { continue }
        return .failure(.failed(FileError.last(String(pipe)).description))
      }
      bytes += buffer[..<count]
      guard bytes.count <= mostBytes else { return .failure(.tooMuch) }
    }
  }

  /// Why something could not be drawn, as a sentence.
  ///
  /// - Parameter work: What it does: `a .png is drawn`.
  func sentence(_ trouble: Trouble, work: String, otherwise: String) -> String {
    switch trouble {
    case .missing:
      "\(work) by \(name), which is not installed; on Debian it is in the package \(package)"
        + " (\(otherwise))"
    case .tooSlow(let seconds): "\(name) was stopped: it did not end within \(seconds) seconds"
    case .tooMuch: "\(name) was stopped: its picture is larger than 256 MB"
    case .failed(let said): "\(name) could not draw the picture: \(said)"
    }
  }
}
