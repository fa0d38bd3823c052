import Foundation
import TerminalHarness
import Testing

@testable import TUI

/// The real terminal, seen from outside: the probe program in a pseudo terminal.
@Suite(.serialized) struct NCursesTerminalTests {
  func probe(
    _ arguments: [String] = [], width: Int = 60, height: Int = 12,
    environment: [String: String] = [:]
  ) throws -> TerminalProgram {
    let path = try #require(TerminalProgram.builtExecutable(named: "screenprobe"))
    return try TerminalProgram(
      path, arguments, width: width, height: height, environment: environment)
  }

  @Test func `keys arrive by their names, and the terminal is left as it was`() throws {
    let program = try probe()
    #expect(program.wait(for: "size 60x12 colors256 unicode ▀█é"))
    program.keys("a", "Enter", "Space", "Up", "PgDn", "ctrl-g", "shift-Tab", "Del", "Backspace")
    program.keys("Esc")
    program.send("é♯")
    for name in [
      "a", "Enter", "Space", "Up", "PgDn", "ctrl-g", "shift-Tab", "Del", "Backspace", "Esc", "é",
      "♯",
    ] {
      program.wait(for: "key \(name)|end")
    }
    #expect(program.wait(for: "key ♯"), "\(program.text)")
    #expect(program.wait(for: "key Esc"))
    program.keys("q")
    #expect(program.waitForExit() == 0)
    #expect(program.isCooked)
    let written = String(decoding: program.output, as: UTF8.self)
    #expect(written.contains("\u{1b}[?1049l"))
    #expect(written.contains("\u{1b}[?2004l"))
  }

  @Test(arguments: [(10, 2), (200, 60), (81, 25), (1, 1), (60, 12)])
  func `a resize is one key, and the screen has the new size`(width: Int, height: Int) throws {
    let program = try probe()
    #expect(program.wait(for: "size 60x12"))
    program.resize(width: width, height: height)
    if width >= 20 { #expect(program.wait(for: "size \(width)x\(height)")) }
    program.settle()
    #expect(program.isRunning)
    program.keys("q")
    #expect(program.waitForExit() == 0)
  }

  @Test func `a paste is one key with its line ends, whatever is in it`() throws {
    let program = try probe()
    #expect(program.wait(for: "size"))
    program.paste("X:1\rK:D\nq\u{1b}[Aqq")
    #expect(program.wait(for: #"paste\[\["X:1", "K:D", "q"#))
    program.keys("x")
    #expect(program.wait(for: "key x"))
  }

  @Test func `mouse clicks and the wheel have places`() throws {
    let program = try probe()
    #expect(program.wait(for: "size"))
    program.send("\u{1b}[<64;10;5M")
    #expect(program.wait(for: "mouse-wheelUp 4,9"))
    program.send("\u{1b}[<0;3;2M")
    #expect(program.wait(for: "mouse-press 1,2"))
    program.send("\u{1b}[<0;3;2m")
    #expect(program.wait(for: "mouse-release 1,2"))
  }

  @Test func `a crash gives the terminal back`() throws {
    let program = try probe()
    #expect(program.wait(for: "size"))
    program.keys("K")
    #expect(program.waitForExit() == 128 + SIGABRT)
    #expect(program.isCooked)
    let tail = String(decoding: program.output.suffix(400), as: UTF8.self)
    #expect(tail.contains("\u{1b}[?1049l"))
    #expect(tail.contains("\u{1b}[?25h"))
  }

  @Test(arguments: [SIGTERM, SIGHUP, SIGINT])
  func `a signal ends the program and gives the terminal back`(number: Int32) throws {
    let program = try probe()
    #expect(program.wait(for: "size"))
    program.signal(number)
    #expect(program.waitForExit() == 128 + number)
    #expect(program.isCooked)
  }

  @Test func `a closed window ends the program`() throws {
    let program = try probe()
    #expect(program.wait(for: "size"))
    program.hangUp()
    #expect(program.waitForExit() != nil)
  }

  @Test func `an editor gets a plain terminal, and the screen comes back whole`() throws {
    let program = try probe()
    #expect(program.wait(for: "size"))
    program.keys("E")
    #expect(
      program.waitUntil {
        String(decoding: program.output, as: UTF8.self).contains("editor here")
      })
    program.keys("z")
    #expect(program.wait(for: "key z"))
    #expect(program.line(1).hasPrefix("size 60x12"))
    let after =
      String(decoding: program.output, as: UTF8.self)
      .split(separator: "editor here").last ?? ""
    #expect(after.contains("\u{1b}[?2004h"))
  }

  @Test(arguments: [
    (["TERM": "xterm-256color"], "colors256"), (["TERM": "xterm"], "colors8"),
    (["TERM": "vt100"], "mono"), (["TERM": "nosuchterm"], "colors256"),
    (["NO_COLOR": "1"], "mono"), (["TERM": "linux"], "colors8"),
  ])
  func `colours are what the terminal has and the user allows`(
    environment: [String: String], depth: String
  ) throws {
    let program = try probe(environment: environment)
    #expect(program.wait(for: "size 60x12 \(depth)"))
    let written = String(decoding: program.output, as: UTF8.self)
    if depth == "mono" {
      let colour = #"\u001B\[([0-9;]*;)?(3[0-8]|4[0-8]|9[0-7]|10[0-7])[0-9;:]*m"#
      #expect(written.range(of: colour, options: .regularExpression) == nil)
      #expect(program.cell(row: 1, column: 1).isReversed)
    }
    if depth == "colors8" { #expect(!written.contains("38;5;")) }
  }

  @Test func `a terminal that promises true colour gets it where terminfo knows how`() throws {
    let program = try probe(environment: ["COLORTERM": "truecolor"])
    #expect(program.wait(for: "size 60x12 (trueColor|colors256)"))
    if program.shows("trueColor") {
      let written = String(decoding: program.output, as: UTF8.self)
      #expect(written.contains("38;2;") || written.contains("38:2:"))
    }
  }

  @Test(arguments: [
    (["LANG": "C"], [String](), "ascii"), (["LC_ALL": "POSIX", "LANG": "C.UTF-8"], [], "ascii"),
    (["LANG": "en_US.UTF-8"], [], "unicode"), (["LANG": "C.UTF-8"], ["--ascii"], "ascii"),
  ])
  func `plain characters are used where the locale has no others`(
    environment: [String: String], arguments: [String], kind: String
  ) throws {
    let program = try probe(arguments, environment: environment)
    #expect(program.wait(for: "size 60x12 colors256 \(kind)"))
  }

  @Test func `a dumb terminal and a pipe are refused in one sentence`() throws {
    let program = try probe(environment: ["TERM": "dumb"])
    #expect(program.waitForExit() == 2)
    #expect(program.text.contains("TERM=dumb has no screen"))
  }

  /// The probe once it has asked its questions, and nothing answered them.
  private func silentProbe(_ term: String = "xterm-256color") throws -> TerminalProgram {
    let path = try #require(TerminalProgram.builtExecutable(named: "screenprobe"))
    let program = try TerminalProgram(
      path, width: 60, height: 12, environment: ["TERM": term], answers: false)
    #expect(program.wait(for: "size 60x12"))
    return program
  }

  private func written(_ program: TerminalProgram) -> String {
    String(decoding: program.output, as: UTF8.self)
  }

  @Test(arguments: [0, 80, 300, 2000])
  func `the background is known whenever the terminal tells it`(delay: Int32) throws {
    let program = try silentProbe()
    #expect(written(program).contains("\u{1b}]11;?"))
    #expect(program.wait(for: "background unknown"))
    program.settle(milliseconds: max(delay, 1), seconds: Double(delay) / 1000)
    program.send("\u{1b}]11;rgb:ffff/ffff/ffff\u{1b}\\\u{1b}[?62;1c")
    #expect(program.wait(for: "background light"))
    program.send("\u{1b}[?997;1n")
    #expect(program.wait(for: "background dark"))
    #expect(!program.shows("key"))
  }

  @Test func `what the terminal can do is used, and switched off again`() throws {
    let program = try silentProbe()
    #expect(!written(program).contains("\u{1b}[?2026h"))
    program.send("\u{1b}[?2026;2$y\u{1b}[?2031;2$y\u{1b}[?0u\u{1b}[?62;1c")
    #expect(program.waitUntil { self.written(program).contains("\u{1b}[>1u") })
    #expect(written(program).contains("\u{1b}[?2031h"))
    program.send("\u{1b}[97;5u\u{1b}[27u")
    #expect(program.wait(for: "key ctrl-a"))
    #expect(program.wait(for: "key Esc"))
    #expect(written(program).contains("\u{1b}[?2026h"))
    // An editor gets the keyboard as it was, and the answers to the questions asked after it.
    program.send("E")
    #expect(program.waitUntil { self.written(program).contains("editor here") })
    let before = try #require(written(program).components(separatedBy: "editor here").first)
    #expect(before.contains("\u{1b}[<u"))
    program.send("\u{1b}[?62;1c")
    program.send("q")
    #expect(program.waitForExit() == 0)
    let after = try #require(written(program).components(separatedBy: "editor here").last)
    #expect(after.contains("\u{1b}[>1u"))
    #expect(after.contains("\u{1b}[<u"))
    #expect(after.contains("\u{1b}[?2031l"))
  }

  @Test func `a terminal that says no is sent none of it`() throws {
    let program = try silentProbe()
    program.send("\u{1b}[?2026;0$y\u{1b}[?2031;4$y\u{1b}[?62;1c")
    program.send("a")
    #expect(program.wait(for: "key a"))
    program.send("q")
    #expect(program.waitForExit() == 0)
    for sequence in ["?2026h", "?2031h", ">1u", "<u"] {
      #expect(!written(program).contains("\u{1b}[" + sequence))
    }
  }

  @Test func `a crash takes back what was switched on`() throws {
    let program = try silentProbe()
    program.send("\u{1b}[?2026;2$y\u{1b}[?2031;2$y\u{1b}[?0u\u{1b}[?62;1c")
    #expect(program.waitUntil { self.written(program).contains("\u{1b}[>1u") })
    program.send("K")
    #expect(program.waitForExit() == 128 + SIGABRT)
    for sequence in ["?2026l", "?2031l", "<u"] {
      #expect(written(program).suffix(300).contains("\u{1b}[" + sequence))
    }
  }

  @Test func `an answer that comes while the program leaves stays out of the shell`() throws {
    let path = try #require(TerminalProgram.builtExecutable(named: "screenprobe"))
    // What is left in the terminal's input is read by what comes after.
    let program = try TerminalProgram(
      "/bin/bash",
      ["-c", "\"$0\"; read -r -t 0.2 -n 1 left; echo \"after: [$left]\"", path],
      width: 60, height: 12, answers: false)
    #expect(program.wait(for: "size 60x12"))
    program.send("q")
    program.settle(milliseconds: 500, seconds: 0.5)
    program.send("\u{1b}]11;rgb:ffff/ffff/ffff\u{1b}\\")
    program.settle(milliseconds: 100, seconds: 0.1)
    program.send("\u{1b}[?62;1c")
    #expect(program.wait(for: #"after: \[\]"#))
  }

  @Test(arguments: ["linux", "vt100", "ansi", "xterm-256color"])
  func `what follows the program begins on a line of its own`(term: String) throws {
    let path = try #require(TerminalProgram.builtExecutable(named: "screenprobe"))
    let program = try TerminalProgram(
      "/bin/bash", ["-c", "\"$0\" >/dev/null </dev/tty >/dev/tty; echo PROMPT", path], width: 60,
      height: 12, environment: ["TERM": term])
    #expect(program.wait(for: "size 60x12"))
    program.send("q")
    #expect(program.wait(for: "(?m)^PROMPT$"))
  }

  @Test func `wide and combining characters keep every cell in its place`() throws {
    let program = try probe(["--text", "さくら e\u{301} 🎵|next"])
    #expect(program.wait(for: "さくら e\u{301} 🎵.next"))
    #expect(program.cell(row: 2, column: 7).character == " ")
    #expect(program.cell(row: 2, column: 8).character == "e\u{301}")
    #expect(program.cell(row: 2, column: 12).character == "|")
    #expect(program.waitUntil { program.line(12).hasSuffix("end") })
    // Half of a wide character written over leaves a blank.
    program.keys("a")
    #expect(program.wait(for: "key a"))
    #expect(program.line(2).hasPrefix("key a"))
  }
}
