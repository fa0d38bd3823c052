import Compose
import Music
import Testing

@testable import TUI

/// What a screen makes of the room it has.
@Suite struct RoomTests {
  /// A session whose model says what is likely where the cursor stands.
  private static func likely(
    _ next: [NextCharacter], _ lines: [String] = ["goto end"], _ text: String = Scene.reel
  ) -> Session {
    var session = Scene.session(text, lines.map(Scene.command))
    let asked = session.handle(.modelLoaded(Scene.model)).compactMap { effect in
      if case .generate(let request) = effect { request.identifier } else { nil }
    }
    if let request = asked.last {
      _ = session.handle(.nextCharactersFound(next, entropy: 0.3, request: request))
    }
    return session
  }

  @Test(arguments: [(80, 24), (120, 40), (160, 45), (200, 60)])
  func `what rounds to no percent has no row, unless the list is walked`(width: Int, height: Int) {
    let next = [
      NextCharacter(character: "d", probability: 0.985),
      NextCharacter(character: "c", probability: 0.01),
      NextCharacter(character: "B", probability: 0.004),
      NextCharacter(character: "A", probability: 0.001),
    ]
    var session = Self.likely(next)
    #expect(!Scene.drawn(session, width, height).text.contains(" 0%"))
    #expect(Scene.drawn(session, width, height).text.contains(" 1%"))
    _ = session.handle(Scene.command("choose next"))
    #expect(
      Scene.drawn(session, width, height).lines.contains { $0.contains("B4") && $0.contains(" 0%") }
    )
  }

  @Test func `a strip of takes begins with the second, and the roll keeps its rows`() {
    let one = Scene.session(Scene.reel, [.modelLoaded(Scene.model), Scene.command("goto 3")])
    var two = one
    let asked = two.handle(Scene.command("gen.retry-here")).compactMap { effect in
      if case .generate(let request) = effect { request.identifier } else { nil }
    }
    let written = "A4 A4|".map {
      GeneratedCharacter(character: String($0), bits: 1, rank: 1, entropy: 1, temperature: 1)
    }
    _ = two.handle(
      .generated(
        GenerationResult(
          request: asked.last ?? 0, characters: written, endsTune: false, next: [], entropy: 1)))
    #expect(one.takes.count < 2 && two.takes.count == 2)
    let (before, after) = (Scene.drawn(one, 80, 24).lines, Scene.drawn(two, 80, 24).lines)
    #expect(!before.contains { $0.contains("takes") })
    #expect(after.contains { $0.contains("takes from bar 3") })
    func title(_ lines: [String]) -> Int? { lines.firstIndex { $0.contains("─ ABC") } }
    #expect(title(before) != nil && title(before) == title(after))
  }

  @Test(arguments: ["t", "g", "z", "P"])
  func `a prefix says in words what may follow`(prefix: String) {
    var session = Scene.session(Scene.reel)
    _ = session.handle(.prefixPressed(prefix))
    let text = Scene.drawn(session, 80, 24).text
    let rows = KeyMap.standard.continuations(
      of: KeyMap.sequence(named: prefix) ?? [], in: "normal")
    #expect(!rows.isEmpty)
    for row in rows {
      let words = KeyMap.words(for: row.command)
      #expect(
        words != row.command || !row.command.contains { ".- ".contains($0) }, "\(row.command)")
      #expect(text.contains(words), "\(row.command)")
    }
  }

  @Test func `a sentence longer than the screen takes the row above as well`() {
    let sentence =
      "this sentence is as long as some are that name a file, a line, and the nearest thing that could have been meant"
    var session = Scene.session(Scene.reel)
    var model = Scene.model
    // With something to judge by there is a row of marks.
    model.repertoires = ["known"]
    _ = session.handle(.modelLoaded(model))
    _ = session.handle(.warned(sentence))
    let lines = Scene.drawn(session, 80, 24).lines
    let shown = (lines[21] + lines[22]).split(separator: " ").joined(separator: " ")
    #expect(shown == sentence)
    #expect(!lines.joined().contains("..."))
  }

  @Test func `the temperature stands out as the title does`() throws {
    let surface = Scene.drawn(Scene.session(Scene.reel), 80, 24)
    let line = Array(surface.lines[0])
    let place = try #require(line.indices.first { String(line[$0...]).hasPrefix("T 1.00") })
    #expect(surface[0, place].style == Scene.context.palette[.statusTitle])
  }

  @Test func `the keyboard beside the rows is white and black as a piano is, on every ground`() {
    for name in ["default-dark", "default-light", "high-contrast-dark"] {
      let palette = ThemeLibrary(folders: [themesFolder]).theme(named: name).theme
        .palette(at: .trueColor)
      var context = Scene.context
      context.palette = palette
      let surface = Scene.drawn(Scene.session(Scene.reel), 120, 40, context)
      // D5 is white, the row above it is E flat.
      guard let row = surface.lines.firstIndex(where: { $0.hasPrefix(" D5") }) else {
        Issue.record("no D5")
        continue
      }
      let (white, black) = (surface[row, 4].style, surface[row - 1, 4].style)
      let bright = white.background.components?.luminance ?? 0
      let dark = black.foreground.components?.luminance ?? 1
      #expect(bright > 0.5 && dark < 0.2, "\(name): \(bright) \(dark)")
      #expect(surface[row - 1, 4].scalar == Unicode.Scalar("█").value)
    }
  }

  @Test func `a key on a MIDI keyboard leaves the help line as it is`() {
    var context = Scene.context
    context.keys = KeyMap.reading("\"cc64\" = \"gen.toggle\"\n", file: "keys.toml").map
    #expect(context.keys.keys(for: .generateToggle).contains("cc64"))
    let help = Scene.drawn(Scene.session(Scene.reel), 80, 24, context).lines[23]
    #expect(help.contains("Enter generate") && !help.contains("cc64"))
  }

  @Test(arguments: [(120, 40), (160, 45), (200, 60)])
  func `alternatives have their incipits below them, and the one that is heard a staff`(
    width: Int, height: Int
  ) throws {
    let lines = Scene.drawn(Scene.audition(), width, height).lines
    for (number, music) in [(1, "B2|"), (2, "d2|")] {
      let row = try #require(lines.firstIndex { $0.dropFirst(2).hasPrefix("\(number) ") })
      #expect(lines[row].contains(music))
      let below = lines[row + 1].drop { $0 == " " }
      #expect(below.first.map { "▁▂▃▄▅▆▇█".contains($0) } == true && below.contains("│"))
    }
    #expect(lines.contains { $0.contains("─ staff   bars") } == (height == 60))
  }

  /// Sixteen bars between D4 and B5.
  private static let long =
    "X:1\nM:4/4\nL:1/8\nK:D\n" + String(repeating: "DEFG ABcd|efga b4|", count: 8) + "\n"

  @Test func `a staff stands on several lines where they find room, each with its own bars`() {
    let session = Scene.session(Self.long, [Scene.command("pane staff"), Scene.command("goto 1")])
    let lines = Scene.drawn(session, 200, 60).lines
    let tops = lines.indices.filter { lines[$0].hasPrefix("F ♯") }
    #expect(tops.count == 2)
    // The ruler above each: bars are numbered through.
    let rulers = tops.compactMap { top in
      lines[..<top].lastIndex { $0.drop { $0 == " " }.first?.isNumber == true }
    }
    #expect(rulers.count == 2 && Set(rulers).count == 2)
    #expect(
      rulers.count == 2 && lines[rulers[0]].contains(" 2 ") && !lines[rulers[1]].contains(" 2 "))
    // What stands beside the text then is the roll.
    #expect(lines.contains { $0.contains("─ roll   bars") })
    let roll = Scene.drawn(Scene.session(Self.long), 200, 60).lines
    #expect(roll.contains { $0.contains("─ staff   bars") })
  }

  @Test func `a triplet keeps its written value and has a 3`() {
    #expect(StaffNote.value(of: 1.0 / 12, .unicode).sign == "♪")
    #expect(StaffNote.value(of: 1.0 / 12, .unicode).mark == "3")
    #expect(StaffNote.value(of: 3.0 / 16, .unicode).mark == ".")
    #expect(StaffNote.value(of: 1.0 / 8, .unicode).mark == nil)
    let text = "X:1\nM:4/4\nL:1/8\nK:D\n(3DEF G2 A4|\n"
    let lines = Scene.drawn(Scene.session(text, [Scene.command("pane staff")]), 80, 24).lines
    #expect(lines.contains { $0.contains("♪♪♪3♩") || $0.contains("♪♪♪3 ♩") }, "\(lines)")
  }
}
