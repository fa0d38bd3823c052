import CPseudoTerminal
import CVTerm
import Foundation

/// A program running in a pseudo terminal, with libvterm as its screen.
///
///     let program = try TerminalProgram(path, ["--fresh"], width: 80, height: 24,
///       environment: ["HOME": home])
///     #expect(program.wait(for: "GEN idle"))
///     program.keys("Enter", "ctrl-c", "5", "G")
///     #expect(program.line(24).contains("Enter"))
///     program.keys("q")
///     #expect(program.waitForExit() == 0)
///
/// As a terminal does, it answers questions such as "what are you?", unless told not to.
///
/// The environment starts from PATH alone, TERM=xterm-256color and LANG=C.UTF-8. Reading happens
/// only inside `wait`, `waitForExit` and `settle`: everything else looks at the screen as it was
/// then. Not for several threads at once. The program is killed when the object goes away.
public final class TerminalProgram {
  public enum Failure: Error { case couldNotStart(String) }

  /// One cell of the screen.
  public struct Cell: Equatable {
    public var character: Character
    public var foreground: Ink
    public var background: Ink
    public var isBold: Bool
    public var isUnderlined: Bool
    public var isReversed: Bool
  }

  /// A colour as the program asked for it.
  public enum Ink: Equatable {
    case standard
    case palette(Int)
    case rgb(red: Int, green: Int, blue: Int)
  }

  public private(set) var width: Int
  public private(set) var height: Int
  /// Every byte the program has written.
  public private(set) var output: [UInt8] = []

  private let answers: Bool
  private let process: pid_t
  private let descriptor: Int32
  private let terminal: OpaquePointer
  private let screenHandle: OpaquePointer
  private var status: Int32?
  private var isClosed = false

  public init(
    _ executable: String, _ arguments: [String] = [], width: Int = 80, height: Int = 24,
    environment: [String: String] = [:], directory: String? = nil, answers: Bool = true
  ) throws {
    self.width = width
    self.height = height
    self.answers = answers
    var variables = [
      "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
      "TERM": "xterm-256color", "LANG": "C.UTF-8",
      "SWIFT_BACKTRACE": "interactive=no,color=no",
    ]
    // What a sanitizer is told holds for the programs that are tested, too.
    variables["ASAN_OPTIONS"] = ProcessInfo.processInfo.environment["ASAN_OPTIONS"]
    variables.merge(environment) { $1 }
    var descriptor: Int32 = -1
    process = withCStrings([executable] + arguments) { argv in
      withCStrings(variables.map { "\($0)=\($1)" }) { envp in
        pseudo_terminal_start(
          argv, envp, directory, Int32(width), Int32(height), &descriptor)
      }
    }
    guard process > 0, let terminal = vterm_new(Int32(height), Int32(width)),
      let screen = vterm_obtain_screen(terminal)
    else { throw Failure.couldNotStart(executable) }
    self.descriptor = descriptor
    self.terminal = terminal
    screenHandle = screen
    vterm_set_utf8(terminal, 1)
    vterm_screen_enable_altscreen(screen, 1)
    vterm_screen_reset(screen, 1)
  }

  deinit {
    kill()
    vterm_free(terminal)
    if !isClosed { close(descriptor) }
  }

  /// The path of a program built beside the tests; `nil` where it is not.
  public static func builtExecutable(named name: String) -> String? {
    // The test bundle and the programs lie in the same folder.
    let runner = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    var folders = [runner.deletingLastPathComponent()]
    for argument in CommandLine.arguments where argument.hasSuffix(".xctest") {
      folders.insert(
        URL(fileURLWithPath: argument).resolvingSymlinksInPath().deletingLastPathComponent(), at: 0)
    }
    if let bundle = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") {
      folders.append(URL(fileURLWithPath: bundle).deletingLastPathComponent())
    }
    return folders.map { $0.appendingPathComponent(name).path }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  // MARK: The screen

  /// The rows as text, trailing blanks removed.
  public var screen: [String] { (1...height).map(line) }
  public var text: String { screen.joined(separator: "\n") }

  /// One row, counted from 1.
  public func line(_ number: Int) -> String {
    var line = ""
    var column = 0
    while column < width {
      let cell = rawCell(row: number - 1, column: column)
      line += TerminalProgram.text(of: cell)
      column += max(1, Int(cell.width))
    }
    while line.last == " " { line.removeLast() }
    return line
  }

  /// One cell; row and column count from 1.
  public func cell(row: Int, column: Int) -> Cell {
    let cell = rawCell(row: row - 1, column: column - 1)
    return Cell(
      character: TerminalProgram.text(of: cell).first ?? " ",
      foreground: ink(cell.fg), background: ink(cell.bg), isBold: cell.attrs.bold != 0,
      isUnderlined: cell.attrs.underline != 0, isReversed: cell.attrs.reverse != 0)
  }

  /// Where the cursor stands, counted from 1.
  public var cursor: (row: Int, column: Int) {
    var position = VTermPos(row: 0, col: 0)
    vterm_state_get_cursorpos(vterm_obtain_state(terminal), &position)
    return (Int(position.row) + 1, Int(position.col) + 1)
  }

  /// Whether the program has left the terminal in line mode with echo, as a shell does.
  public var isCooked: Bool { pseudo_terminal_is_cooked(descriptor) }

  private func rawCell(row: Int, column: Int) -> VTermScreenCell {
    var cell = VTermScreenCell()
    vterm_screen_get_cell(
      screenHandle, VTermPos(row: Int32(row), col: Int32(column)), &cell)
    return cell
  }

  private static func text(of cell: VTermScreenCell) -> String {
    withUnsafeBytes(of: cell.chars) { bytes in
      var text = ""
      for code in bytes.bindMemory(to: UInt32.self) {
        guard code != 0, code != .max, let scalar = Unicode.Scalar(code) else { break }
        text.unicodeScalars.append(scalar)
      }
      return text.isEmpty ? " " : text
    }
  }

  private func ink(_ color: VTermColor) -> Ink {
    // Type bits as in vterm.h: 1 = palette index, 2 and 4 = the default foreground and background.
    if color.type & 0x06 != 0 { return .standard }
    if color.type & 0x01 != 0 { return .palette(Int(color.indexed.idx)) }
    return .rgb(
      red: Int(color.rgb.red), green: Int(color.rgb.green), blue: Int(color.rgb.blue))
  }

  // MARK: Time

  /// Reads until `pattern` (a regular expression, multi-line) is on the screen. False after
  /// `seconds`, or when the program ended without it.
  @discardableResult
  public func wait(for pattern: String, seconds: Double = 5) -> Bool {
    waitUntil(seconds: seconds) { self.shows(pattern) }
  }

  public func shows(_ pattern: String) -> Bool {
    text.range(of: pattern, options: .regularExpression) != nil
  }

  /// Reads until a condition holds.
  @discardableResult
  public func waitUntil(seconds: Double = 5, _ condition: () -> Bool) -> Bool {
    let end = Date().addingTimeInterval(seconds)
    while true {
      if condition() { return true }
      guard Date() < end else { return false }
      if !read(milliseconds: 10), isEnded { return condition() }
    }
  }

  /// Reads until nothing has been written for `milliseconds`.
  public func settle(milliseconds: Int32 = 60, seconds: Double = 3) {
    let end = Date().addingTimeInterval(seconds)
    while Date() < end, read(milliseconds: milliseconds) {}
  }

  /// The exit status, 128 + signal for a signal; `nil` when it still runs after `seconds`.
  public func waitForExit(seconds: Double = 5) -> Int32? {
    let end = Date().addingTimeInterval(seconds)
    while Date() < end {
      let didRead = read(milliseconds: 10)
      if isEnded, !didRead { return status }
    }
    return isEnded ? status : nil
  }

  private var isEnded: Bool {
    if status != nil { return true }
    var code: Int32 = 0
    if pseudo_terminal_status(process, &code) == 1 { status = code }
    return status != nil
  }

  public var isRunning: Bool { !isEnded }

  private func read(milliseconds: Int32) -> Bool {
    var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&waiting, 1, milliseconds) > 0 else { return false }
    var block = [UInt8](repeating: 0, count: 65536)
    let count = Foundation.read(descriptor, &block, block.count)
    guard count > 0 else {
      if status == nil { usleep(2000) }
      return false
    }
    output += block[..<count]
    block.withUnsafeBytes { bytes in
      _ = vterm_input_write(
        terminal, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), count)
    }
    answer()
    return true
  }

  /// Hands over what libvterm answers to the program's questions.
  private func answer() {
    var block = [CChar](repeating: 0, count: 256)
    let count = vterm_output_read(terminal, &block, block.count)
    guard answers, count > 0 else { return }
    send(bytes: block[..<count].map(UInt8.init(bitPattern:)))
  }

  // MARK: Keys

  /// Bytes as they are.
  public func send(_ text: String) { send(bytes: Array(text.utf8)) }

  /// Bytes as they are.
  public func send(bytes: [UInt8]) {
    var bytes = bytes[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        bytes = bytes.dropFirst(count)
      } else if errno == EAGAIN {
        _ = read(milliseconds: 5)
      } else if errno != EINTR {
        return
      }
    }
  }

  /// Keys by the names of keys.toml: `Enter`, `ctrl-c`, `Left`, `q`. An Esc is given the time that
  /// tells it from the start of an arrow key.
  public func keys(_ names: String...) {
    for name in names {
      send(TerminalProgram.bytes(of: name))
      if name == "Esc" { settle(milliseconds: 50, seconds: 0.1) }
    }
  }

  /// As a terminal with bracketed paste sends it.
  public func paste(_ text: String) { send("\u{1b}[200~\(text)\u{1b}[201~") }

  /// A new size; the program hears of it by SIGWINCH.
  public func resize(width: Int, height: Int) {
    self.width = width
    self.height = height
    vterm_set_size(terminal, Int32(height), Int32(width))
    _ = pseudo_terminal_resize(descriptor, Int32(width), Int32(height))
  }

  public func signal(_ number: Int32) { if !isEnded { _ = Foundation.kill(process, number) } }

  /// Closes the terminal, as a window that is shut.
  public func hangUp() {
    guard !isClosed else { return }
    isClosed = true
    close(descriptor)
  }

  public func kill() {
    guard !isEnded else { return }
    _ = Foundation.kill(process, SIGKILL)
    for _ in 0..<200 where !isEnded { usleep(1000) }
  }

  private static func bytes(of name: String) -> String {
    let named = [
      "Enter": "\r", "Tab": "\t", "Esc": "\u{1b}", "Space": " ", "Backspace": "\u{7f}",
      // In the cursor-key mode that keypad programs switch on.
      "Up": "\u{1b}OA", "Down": "\u{1b}OB", "Right": "\u{1b}OC", "Left": "\u{1b}OD",
      "Home": "\u{1b}OH", "End": "\u{1b}OF", "PgUp": "\u{1b}[5~", "PgDn": "\u{1b}[6~",
      "Del": "\u{1b}[3~", "shift-Tab": "\u{1b}[Z",
    ]
    if let bytes = named[name] { return bytes }
    if name.hasPrefix("ctrl-"), let letter = name.utf8.last {
      return String(UnicodeScalar(letter & 31))
    }
    if name.hasPrefix("alt-") { return "\u{1b}" + bytes(of: String(name.dropFirst(4))) }
    return name
  }
}

/// Calls `body` with a NULL-terminated array of C strings.
private func withCStrings<Result>(
  _ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>>) -> Result
) -> Result {
  let copies = strings.map { strdup($0) }
  defer { for copy in copies { free(copy) } }
  let pointers = copies.map { UnsafePointer($0) } + [nil]
  return pointers.withUnsafeBufferPointer { buffer in
    buffer.baseAddress!.withMemoryRebound(
      to: UnsafePointer<CChar>.self, capacity: buffer.count, body)
  }
}
