import ABC
import Analysis
import Compose
import Testing

@testable import TUI

/// The judge's line, its explanation, the marks beside takes and alternatives, and the copy lane.
@Suite struct JudgeViewTests {
  private static let header = "X:1\nT:t\nR:reel\nM:4/4\nL:1/8\nK:G\n"
  private static let known = "GABd gdBA|GBcd egfe|dBGA FDEF|"

  private static func session(
    _ text: String = header + known + "G2BG d2BG|\n", _ commands: [String] = []
  ) -> Session {
    let bytes = Array((header + known + "\n").utf8)
    let repertoire = Repertoire([
      Repertoire.Tune(title: "The Source", parsed: ParsedTune(bytes: bytes), text: bytes)
    ])
    var model = Scene.model
    model.repertoires = [repertoire.fingerprint]
    var session = Session(title: "t", rng: 7)
    var effects = session.handle(.modelLoaded(model)) + session.handle(.pasted(text))
    for command in commands { effects += session.handle(Scene.command(command)) }
    while let request = effects.compactMap({
      if case .judge(let request) = $0 { request } else { nil }
    }).last {
      effects = session.handle(
        .judged(
          request.report(
            request.subjects.map {
              Critique($0.text, isComplete: $0.isComplete, repertoires: [repertoire])
            })))
    }
    return session
  }

  private static func drawn(
    _ session: Session, _ width: Int = 80, _ height: Int = 24, _ symbols: Symbols = .unicode
  ) -> [String] {
    var surface = Surface(width: width, height: height)
    draw(session, DrawContext(palette: Scene.palette(.colors256), symbols: symbols), on: &surface)
    return surface.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  @Test(arguments: [(80, 24, 21), (120, 40, 37), (200, 60, 57)])
  func `all nine marks stand in one line`(width: Int, height: Int, row: Int) {
    let line = Self.drawn(Self.session(), width, height)[row]
    for gate in Gate.allCases { #expect(line.contains(gate.rawValue), "\(gate) \(line)") }
    #expect(line.contains(width >= 100 ? "range ✓" : "range✓"))
    #expect(line.contains(width >= 100 ? "cadence ·" : "cadence·"))
    if width >= 120 { #expect(line.contains("24 notes as in The Source")) }
  }

  @Test func `plain characters have plain marks`() {
    let line = Self.drawn(Self.session(), 80, 24, .ascii)[21]
    #expect(line.contains("range+"))
    #expect(line.contains("cadence."))
    #expect(!line.contains { !$0.isASCII })
  }

  @Test func `where there is no room, what failed counts more than what passed`() {
    let high = Self.header + "GABd gdBA|GBcd egfe|dBGA f'2g'2|a'4 b'4|\n"
    let line = Self.drawn(Self.session(high), 60, 24)[21]
    #expect(line.contains("range✗"))
    #expect(!line.contains("✓"))
  }

  @Test func `a tune of no judge, and a short screen, have no line`() {
    var session = Session(title: "t", rng: 7)
    _ = session.handle(.pasted(Self.header + Self.known))
    #expect(!Self.drawn(session).joined().contains("cadence"))
    #expect(!Self.drawn(Self.session(), 80, 18).joined().contains("cadence"))
    var hidden = Self.session()
    _ = hidden.handle(Scene.command("pane judge"))
    #expect(!Self.drawn(hidden).joined().contains("cadence"))
    _ = hidden.handle(Scene.command("pane judge"))
    #expect(Self.drawn(hidden).joined().contains("cadence"))
  }

  @Test func `takes have their marks beside them`() throws {
    let session = Self.session(
      Self.header + Self.known + "G2BG d2BG|\n",
      [
        "goto 4", "select bars", "invert", "undo", "goto 4", "select bars", "retrograde", "undo",
        "goto 4",
      ])
    #expect(session.takes.count == 3)
    let strip = Self.drawn(session)[20]
    let passed = try #require(session.critique).passedCount
    #expect(strip.contains(" \(passed)✓"), "\(strip)")
    let list = Self.drawn(session, 120, 40).filter { $0.contains("✓") && $0.contains("│") }
    #expect(list.count == 3, "\(list)")
    #expect(!Self.drawn(session, 120, 40, .ascii).joined().contains("✓"))
  }

  @Test func `the lane shows how long what is shared is, and its tune at the cursor`() throws {
    var session = Self.session()
    _ = session.handle(Scene.command("goto start"))
    let lane = try #require(Self.drawn(session).first { $0.hasPrefix("copy") })
    #expect(lane.contains("24 notes as in The Source"))
    // All of the first bar is part of the run, which is as long as is forbidden.
    #expect(lane.contains("████████"))
    _ = session.handle(Scene.command("goto end"))
    let end = try #require(Self.drawn(session).first { $0.hasPrefix("copy") })
    #expect(!end.contains("The Source"))
    #expect(end.contains("█"))
    let plain = try #require(
      Self.drawn(session, 80, 24, .ascii).first { $0.hasPrefix("copy") })
    #expect(plain.contains("8888"))
  }

  @Test(arguments: [(80, 24), (120, 40), (40, 12)])
  func `the explanation has a sentence for every mark`(width: Int, height: Int) {
    var session = Self.session()
    _ = session.handle(Scene.command("judge"))
    #expect(session.mode == .critique(scroll: 0))
    let text = Self.drawn(session, width, height).joined(separator: "\n")
    #expect(text.contains("meter"))
    guard height > 20 else {
      _ = session.handle(.editKeyPressed(.down))
      #expect(Self.drawn(session, width, height).joined(separator: "\n") != text)
      return
    }
    for gate in Gate.allCases { #expect(text.contains(gate.rawValue)) }
    #expect(text.contains("It lies between"))
    #expect(text.contains("24 notes as in The Source, bars 1-3."))
    _ = session.handle(.editKeyPressed(.enter))
    #expect(session.mode == .normal)
  }
}
