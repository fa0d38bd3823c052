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
    #expect(program.wait(for: "key ♯"))
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

  @Test func `the background is asked for, and no answer is an answer`() throws {
    let program = try probe(["--ask-background"])
    #expect(
      program.waitUntil {
        String(decoding: program.output, as: UTF8.self).contains("\u{1b}]11;?")
      })
    program.send("\u{1b}]11;rgb:ffff/ffff/ffff\u{1b}\\\u{1b}[?62;1c")
    #expect(program.wait(for: "background light"))
    let silent = try probe(["--ask-background"])
    #expect(silent.wait(for: "background unknown", seconds: 5))
    #expect(silent.waitForExit() == 0)
    #expect(silent.isCooked)
  }
}

@Suite struct TerminalAnswerTests {
  @Test(arguments: [
    ("\u{1b}]11;rgb:ffff/ffff/ffff\u{07}", true), ("\u{1b}]11;rgb:00/00/00\u{1b}\\", false),
    ("\u{1b}]11;rgb:f/f/e\u{07}", true), ("\u{1b}]11;rgb:1d1d/2020/2222\u{07}", false),
  ])
  func `a background is light or dark`(answer: String, isLight: Bool) {
    #expect(TerminalAnswer.backgroundIsLight(Array(answer.utf8)) == isLight)
  }

  @Test func `a cut answer is no answer`() {
    let whole = Array("\u{1b}]11;rgb:ffff/ffff/ffff".utf8)
    for end in 0..<17 {
      #expect(TerminalAnswer.backgroundIsLight(Array(whole.prefix(end))) == nil)
    }
  }
}
