import ArgumentParser
import Glibc

/// `lilt ctl`: a command for a Lilt that is running, or a question about it.
struct ControlCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ctl",
    abstract: "Send a command to a running lilt, ask for its status, follow it.",
    usage: """
      lilt ctl [--draft NAME] COMMAND [ARGUMENT …]
      lilt ctl [--draft NAME] --follow
      """,
    discussion: """
      Any command of the ':' line can be sent ('lilt keys list' shows them). 'status' prints the \
      status line, 'status --json' everything about the session as one object. With --follow each \
      event is printed as one line of JSON until that lilt is left: bars as they close, beats as \
      they are heard, takes, alternatives, messages, exports. Without --draft \
      the lilt that was started last is asked. Exit status 1 when none is running or the command \
      was refused, 2 when there is no such command.
      """)

  @Option(help: "The draft whose lilt is meant.")
  var draft: String?

  @Flag(help: "Print each event as one line of JSON, until that lilt is left.")
  var follow = false

  @Argument(parsing: .captureForPassthrough, help: "The command and its argument.")
  var words: [String] = []

  func validate() throws {
    if words.first == "--help" || words.first == "-h" { throw CleanExit.helpRequest(self) }
    let asked = asked
    if asked.follows, !asked.words.isEmpty {
      throw ValidationError("--follow takes no command")
    }
    if !asked.follows, asked.words.isEmpty {
      throw ValidationError("a command is missing, such as 'lilt ctl status'")
    }
  }

  /// What was asked for: everything behind the first word belongs to the command, but options may
  /// also stand before it.
  private var asked: (draft: String?, follows: Bool, words: [String]) {
    var (draft, follows, words) = (draft, follow, words[...])
    while let first = words.first {
      if first == "--follow" {
        follows = true
      } else if first.hasPrefix("--draft=") {
        draft = String(first.dropFirst("--draft=".count))
      } else if first == "--draft", words.count >= 2 {
        words = words.dropFirst()
        draft = words.first
      } else {
        break
      }
      words = words.dropFirst()
    }
    return (draft, follows, Array(words))
  }

  func run() throws {
    let (draft, follows, words) = asked
    if follows {
      try ControlClient.newest(draft: draft, paths: .current).follow {
        StandardOutput.write(bytes: $0)
      }
      return
    }
    let client = try ControlClient.newest(draft: draft, paths: .current)
    let answer = try client.ask(words.joined(separator: " "))
    if answer.hasPrefix("error: ") {
      let sentence = answer.dropFirst("error: ".count).prefix { !$0.isNewline }
      throw CommandFailure(.checkFailed, String(sentence))
    }
    if answer.hasPrefix("usage: ") {
      let sentence = answer.dropFirst("usage: ".count).prefix { !$0.isNewline }
      throw CommandFailure(.usage, String(sentence))
    }
    StandardOutput.write(answer)
  }
}

/// The asking end of the control socket: one line to the server, any number back, then the end.
struct ControlClient {
  /// The connected socket.
  private let descriptor: Int32

  /// How long an answer may take, in milliseconds.
  static let patience: Int32 = 10_000

  /// Connects to the newest socket of a running lilt.
  ///
  /// - Parameters:
  ///   - draft: The draft it must have open; nil for any.
  /// - Throws: `CommandFailure` with outcome `checkFailed` when there is none.
  static func newest(draft: String?, paths: Paths) throws(CommandFailure) -> ControlClient {
    guard let folder = paths.runtime else {
      throw CommandFailure(
        .checkFailed, "XDG_RUNTIME_DIR is not set, so a running lilt has no control socket")
    }
    let names = Files.names(in: folder).filter { name in
      if let draft { return name == "lilt.\(draft).sock" }
      return name.hasPrefix("lilt.") && name.hasSuffix(".sock")
    }
    let candidates = names.map { Paths.join(folder, $0) }
      .sorted { (Files.modified($0) ?? 0) > (Files.modified($1) ?? 0) }
    for path in candidates {
      if let descriptor = connected(to: path) { return ControlClient(descriptor: descriptor) }
    }
    let which = draft.map { " with the draft '\($0)' open" } ?? ""
    throw CommandFailure(.checkFailed, "no lilt is running\(which)")
  }

  /// A socket connected to `path`; nil where nobody listens, as after a crash.
  private static func connected(to path: String) -> Int32? {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { return nil }
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    let status = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, size)
      }
    }
    guard status == 0 else {
      close(descriptor)
      return nil
    }
    return descriptor
  }

  /// Sends one command and returns all that comes back; the connection is used up.
  func ask(_ command: String) throws(CommandFailure) -> String {
    defer { close(descriptor) }
    try send(command)
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let ready = poll(&wait, 1, Self.patience)
      if ready < 0 && errno == EINTR { continue }
      guard ready > 0 else {
        throw CommandFailure(.checkFailed, "the running lilt did not answer within 10 s")
      }
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else {
        throw CommandFailure(.checkFailed, "control socket: \(systemSentence(errno))")
      }
      if count == 0 { return String(decoding: answer, as: UTF8.self) }
      answer += buffer[..<count]
    }
  }

  /// Hands on whole lines as they come until the other end is left.
  func follow(_ take: ([UInt8]) -> Void) throws(CommandFailure) {
    defer { close(descriptor) }
    try send(Follower.request)
    var buffer = [UInt8](repeating: 0, count: 65_536)
    var rest: [UInt8] = []
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return }
      rest += buffer[..<count]
      if let end = rest.lastIndex(of: UInt8(ascii: "\n")) {
        take(Array(rest[...end]))
        rest.removeSubrange(...end)
      }
    }
  }

  private func send(_ command: String) throws(CommandFailure) {
    guard sendAll(Array((command.replacing("\n", with: " ") + "\n").utf8), to: descriptor) else {
      throw CommandFailure(.checkFailed, "control socket: \(systemSentence(errno))")
    }
  }
}
