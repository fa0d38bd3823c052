import ABC
import Compose
import Music
import Testing

@testable import TUI

/// The music on a staff of text.
@Suite struct StaffTests {
  private static let reel =
    "X:1\nM:4/4\nL:1/8\nK:D\n|:D2FA dAFA|B2A^G E2FG|A2dc BAFA|{g}f2e2 d4:|\n"

  private func staff(_ text: String, _ width: Int = 62, _ height: Int = 24) -> Session {
    Scene.session(text, [Scene.command("pane staff")])
  }

  @Test func `a step is read with its octave and accidental`() {
    #expect(StaffNote("C")?.step == 28)
    #expect(StaffNote("b'")?.step == 48)
    #expect(StaffNote("^^F,3/2")?.step == 24)
    #expect(StaffNote("^^F,3/2")?.accidental == .doubleSharp)
    #expect(StaffNote("=e")?.accidental == .natural)
    #expect(StaffNote("z2")?.step == nil)
    #expect(StaffNote.key(of: 28, fifths: 0) == 60)
    #expect(StaffNote.key(of: 31, fifths: 2) == 66)
    #expect(StaffNote.key(of: 34, fifths: -2) == 70)
    #expect(StaffNote.key(of: 27, fifths: 0) == 59)
  }

  @Test func `four bars of a reel are legible in 62 columns`() {
    let unicode = Scene.drawn(staff(Self.reel), 62, 24).lines
    let expected = [
      "A",
      "G                                       ·",
      "F ♯──│───────────│──────────│──────────│─●──────│",
      "E    │           │          │          │   ●    │",
      "D ───│──────●────│──────────│──●───────│─────○──│",
      "C  ♯ │:          │          │   ●      │       :│",
      "B ───│───────────│●─────────│─────●────│────────│",
      "A    │:   ●  ●  ●│  ●       │●     ●  ●│       :│",
      "G ───│───────────│───♯●────●│──────────│────────│",
      "F    │   ●     ● │        ● │        ● │        │",
      "E ───│───────────│──────●───│──────────│────────│",
      "D      ●",
      "C",
      "B",
      "       ♩ ♪♪ ♪♪ ♪♪ ♩ ♪ ♪ ♩ ♪♪ ♩ ♪♪ ♪♪ ♪♪  ♩ ♩ h",
    ]
    #expect(Array(unicode[3..<18]) == expected)
    // The same in plain characters.
    var context = Scene.context
    context.symbols = .ascii
    let ascii = Scene.drawn(staff(Self.reel), 62, 24, context).lines
    let twins: [Character: Character] = [
      "·": ".", "♯": "#", "─": "-", "│": "|", "●": "*", "○": "o", "♩": "q", "♪": "e",
    ]
    #expect(Array(ascii[3..<18]) == expected.map { String($0.map { twins[$0] ?? $0 }) })
  }

  @Test func `flats, endings, chords, and what lies beyond the rows`() {
    let text =
      "X:1\nM:6/8\nL:1/8\nK:Gm\nG,|\"Gm\"G,2B d3|1 \"D\"d3 d2:|2 \"Gm\"g'3 z2|]c'6|B4-B2|\n"
    let small = Scene.drawn(staff(text), 80, 22).lines
    #expect(small[2].contains("Gm"))
    #expect(small.contains { $0.hasPrefix("B ♭") } && small.contains { $0.hasPrefix("E  ♭") })
    // An ending over its bar line, what is too high and too low at the edges.
    #expect(small[3].contains("1") && small[3].contains("2") && small[3].contains("↑"))
    #expect(small.contains { $0.contains("↓") })
    #expect(small.contains { $0.hasPrefix("B") && $0.contains("z") })
    #expect(small.contains { $0.contains("♩.") && $0.contains("h.") })
    // With room for all of it nothing lies beyond.
    let large = Scene.drawn(staff(text), 200, 60).lines
    #expect(!large.contains { $0.contains("↑") || $0.contains("↓") })
  }

  @Test(arguments: [(80, 24), (120, 40), (200, 60), (40, 12), (30, 8), (20, 4), (10, 2), (61, 18)])
  func `every size and every cut of a tune is drawn`(width: Int, height: Int) {
    for count in stride(from: 0, through: Self.reel.count, by: 3) {
      let surface = Scene.drawn(staff(String(Self.reel.prefix(count))), width, height)
      #expect(surface.lines.count == height)
    }
  }

  @Test func `the playhead, the cursor and what sounds are where the note stands`() throws {
    let session = staff(Self.reel)
    var context = Scene.context
    // The A in the middle of the second bar.
    let note = try #require(
      session.parsed.notes.firstIndex { $0.bar == 1 && $0.start.value == 1.25 })
    context.playhead = Tick(session.parsed.notes[note].start)
    var playing = session
    _ = playing.handle(
      .playerChanged(
        PlayerReport(state: .playing, playhead: context.playhead, output: "", silence: "")))
    let surface = Scene.drawn(playing, 80, 24, context)
    let column = try #require(Array(surface.lines[1]).firstIndex(of: "▼"))
    let head = try #require(surface.lines.first { $0.hasPrefix("A    │:") })
    #expect(Array(head).indices.contains(column) && Array(head)[column] == "●")
  }

  @Test func `the mouse finds the note under it`() throws {
    let session = staff(Self.reel)
    let surface = Scene.drawn(session, 80, 24)
    let row = try #require(surface.lines.firstIndex { $0.hasPrefix("B ──") })
    let column = try #require(Array(surface.lines[row]).firstIndex(of: "●"))
    let events = TUI.events(
      for: KeyPress.Mouse(.press, row: row, column: column), in: session, Scene.context, width: 80,
      height: 24)
    let held = events.compactMap { event -> Int? in
      if case .noteHeld(let place, _) = event { place } else { nil }
    }
    let note = try #require(session.parsed.notes.first { $0.bar == 1 })
    #expect(held == [note.range.lowerBound])
  }
}
