import ABC
import Glibc
import TUI

/// A terminal of lines: what is typed comes line by line, what is said goes out line by line, and
/// nothing is ever drawn over. Standard input and output may be pipes.
final class PlainTerminal: Terminal {
  let width = 80
  let height = 24
  let depth = ColorDepth.mono
  let showsUnicode = true
  let traits = TerminalTraits()
  /// −1 = nothing more comes.
  private(set) var fileDescriptor = STDIN_FILENO
  let inputDelay: Int? = nil
  private var pending: [UInt8] = []
  private var lines: [String] = []

  /// The most bytes of one line; more begin the next.
  private static let longest = 65_536

  /// Whether every line has been taken and no more come.
  var isAtEnd: Bool { fileDescriptor < 0 && lines.isEmpty && pending.isEmpty }

  /// Reads what has come; blocks where nothing has.
  func read() {
    guard fileDescriptor >= 0 else { return }
    var block = [UInt8](repeating: 0, count: 4096)
    let count = Glibc.read(fileDescriptor, &block, block.count)
    if count < 0, errno == EINTR || errno == EAGAIN { return }
    if count <= 0 {
      fileDescriptor = -1
      if !pending.isEmpty { takeLine(pending.count) }
      return
    }
    pending += block[..<count]
    while let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
      takeLine(end)
      if !pending.isEmpty { pending.removeFirst() }
    }
    if pending.count > PlainTerminal.longest { takeLine(pending.count) }
  }

  private func takeLine(_ count: Int) {
    var line = pending[..<count]
    if line.last == UInt8(ascii: "\r") { line.removeLast() }
    lines.append(String(decoding: line, as: UTF8.self))
    pending.removeFirst(count)
  }

  /// The next line, taken; nil where there is none yet.
  func nextLine() -> String? { lines.isEmpty ? nil : lines.removeFirst() }

  var hasLines: Bool { !lines.isEmpty }

  func say(_ lines: [String]) {
    for line in lines {
      // One event is one line, whatever it quotes.
      let single = line.split(whereSeparator: \.isNewline).joined(separator: " / ")
      StandardOutput.line(withoutControls(single))
    }
  }

  func waitForAnswers(atMost limit: Int) {}
  func readKeys() -> [KeyPress] { [] }
  func show(_ surface: Surface) {}
  func report(_ keys: KeyReports) {}
  func setTitle(_ title: String) {}
  func redraw() {}
  func copyToClipboard(_ text: String) {}
  func suspend() {}
  func pauseScreen() {}
  func resumeScreen() {}
  func leave() {}
}
