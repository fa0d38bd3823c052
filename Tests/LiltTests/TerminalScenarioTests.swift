import Compose
import Foundation
import TerminalHarness
import Testing

@testable import lilt

/// What the terminal says is never a key, and what it says late counts all the same.
@Suite(.serialized) struct TerminalScenarioTests {
  private static let tune = "X:1\nT:Kept\nM:4/4\nL:1/8\nK:C\nCDEF GABc|cBAG FEDC|\n"
  private static let answer = "\u{1b}]11;rgb:1e1e/1e1e/2e2e\u{1b}\\\u{1b}[?62;22;52c"

  /// A composer with a tune in a terminal that answers nothing by itself.
  private func silentComposer(_ arguments: [String] = []) throws -> RunningComposer {
    let workplace = try Workplace()
    let path = try workplace.write(TerminalScenarioTests.tune, to: "kept.abc")
    return try RunningComposer([path] + arguments, in: workplace, answers: false)
  }

  /// Whether everything is as it was when the tune was opened.
  private func expectUntouched(_ composer: RunningComposer, _ comment: String = "") throws {
    let status = try composer.status()
    #expect(status.text == TerminalScenarioTests.tune, "\(comment)")
    #expect(status.mode == "normal", "\(comment)")
    #expect(status.takes.count == 1, "\(comment)")
    #expect(status.player.words == "STOP", "\(comment)")
    #expect(!["run", "prime", "pause"].contains(status.generator.state), "\(comment)")
  }

  @Test(arguments: [0, 80, 300, 2000])
  func `an answer that comes late only sets the theme`(milliseconds: Int) throws {
    let composer = try silentComposer()
    #expect(composer.program.output.contains("\u{1b}]11;?"))
    composer.pause(Double(milliseconds) / 1000)
    composer.type(TerminalScenarioTests.answer)
    // A key is read after all that came before it.
    composer.keys("l")
    _ = try composer.status { $0.cursor > 0 }
    try expectUntouched(composer)
    let dark = composer.program.cell(row: 12, column: 60).background
    composer.type("\u{1b}]11;rgb:ffff/ffff/ffff\u{07}")
    #expect(
      composer.program.waitUntil {
        composer.program.cell(row: 12, column: 60).background != dark
      })
    try expectUntouched(composer)
  }

  @Test func `no control string of any content runs a command`() throws {
    let composer = try silentComposer()
    composer.type(TerminalScenarioTests.answer)
    var random = SystemRandomNumberGenerator()
    let contents = ["qQgda:q\r", "Enter\r\r \u{3}", "11;rgb:zz", "0;i\rXYZ", "1;2Q", "\t\t?", ""]
    for _ in 0..<60 {
      let content = contents.randomElement(using: &random) ?? ""
      let string = ["]", "P", "_", "^", "X"].randomElement(using: &random) ?? "]"
      let whole =
        Bool.random(using: &random)
        ? "\u{1b}\(string)\(content)" + (Bool.random(using: &random) ? "\u{7}" : "\u{1b}\\")
        : "\u{1b}[?\(Int.random(in: 0...9999, using: &random));1$y"
      var rest = Array(whole.utf8)[...]
      // ESC and what follows in one piece: apart, ESC is a key.
      while !rest.isEmpty {
        let piece = min(Int.random(in: 2...9, using: &random), rest.count)
        composer.program.send(bytes: Array(rest.prefix(piece)))
        rest = rest.dropFirst(piece)
        if rest.first != 0x1B, Int.random(in: 0..<6, using: &random) == 0 { composer.pause(0.05) }
      }
    }
    composer.keys("l")
    _ = try composer.status { $0.cursor > 0 }
    try expectUntouched(composer)
  }

  @Test func `nothing is left for the shell when the program ends before the answer`() throws {
    let workplace = try Workplace()
    let script =
      "\"$0\" --fresh --audio none; read -r -t 0.3 -n 1 left; echo \"after: [$left]\"; sleep 9"
    let program = try TerminalProgram(
      "/bin/bash", ["-c", script, Workplace.executable], environment: workplace.environment,
      directory: workplace.directory, answers: false)
    #expect(program.wait(for: "help", seconds: 10))
    program.send("Q")
    program.settle(milliseconds: 300, seconds: 0.3)
    program.send(TerminalScenarioTests.answer)
    #expect(program.wait(for: #"after: \[\]"#, seconds: 10))
  }

  @Test func `doctor takes its answers with it`() throws {
    let workplace = try Workplace()
    let script = "\"$0\" doctor; read -r -t 0.3 -n 1 left; echo \"after: [$left]\"; sleep 9"
    let program = try TerminalProgram(
      "/bin/bash", ["-c", script, Workplace.executable], environment: workplace.environment,
      directory: workplace.directory, answers: false)
    #expect(program.waitUntil { program.output.contains("\u{1b}]11;?") })
    program.settle(milliseconds: 300, seconds: 0.3)
    program.send("\u{1b}[?2026;2$y" + TerminalScenarioTests.answer)
    #expect(program.wait(for: #"after: \[\]"#, seconds: 10))
    #expect(program.text.contains("dark background"))
    #expect(program.text.contains("whole frames"))
  }

  @Test func `the window is called as the tune, and as before in the end`() throws {
    let composer = try silentComposer()
    composer.type(TerminalScenarioTests.answer)
    #expect(
      composer.program.waitUntil { composer.program.output.contains("\u{1b}]2;Kept – lilt\u{7}") })
    composer.keys("Q")
    #expect(composer.program.waitForExit() == 0)
    #expect(composer.program.output.contains("\u{1b}[23;2t"))
    let untitled = try RunningComposer(extra: ["LILT_WINDOW_TITLE": "false"])
    untitled.keys("Q")
    #expect(untitled.program.waitForExit() == 0)
    #expect(!untitled.program.output.contains("\u{1b}]2;"))
  }

  @Test func `a title in any script leaves the rest of the screen alone`() throws {
    let workplace = try Workplace()
    let path = try workplace.write(
      "X:1\nT:さくら 🎵 e\u{301}\nM:4/4\nL:1/8\nK:C\nCDEF GABc|\n", to: "kept.abc")
    for width in [80, 41] {
      let composer = try RunningComposer([path], in: workplace, width: width)
      #expect(composer.wait("さくら"))
      let status = composer.program.line(1)
      #expect(status.contains("GEN") && status.contains("T 1.00"), "\(status)")
      composer.keys("Q")
      #expect(composer.program.waitForExit() == 0)
    }
  }

  @Test func `signals and ctl are served while the editor runs`() throws {
    let workplace = try Workplace()
    let path = try workplace.write(TerminalScenarioTests.tune, to: "kept.abc")
    let composer = try RunningComposer(
      [path], in: workplace, audio: "a.jsonl",
      extra: ["EDITOR": "touch began; sleep 30; false"])
    composer.keys("Space")
    #expect(composer.wait("PLAY"))
    composer.keys("E")
    #expect(composer.program.waitUntil { Files.exists(workplace.directory + "/began") })
    // Sound has stopped, and the program answers.
    let status = try composer.status { $0.player.state == "stopped" }
    #expect(status.text == TerminalScenarioTests.tune)
    composer.program.signal(SIGTERM)
    #expect(composer.program.waitForExit() == 128 + SIGTERM)
    #expect(composer.program.isCooked)
  }
}

extension [UInt8] {
  /// Whether the bytes of a text are somewhere in these.
  fileprivate func contains(_ text: String) -> Bool {
    firstRange(of: Array(text.utf8)) != nil
  }
}
