import Compose
import Testing

@testable import TUI

/// The text pane's header and cursor, the ruler, and what stands beside them.
@Suite struct TextPaneTests {
  private func draw(_ session: Session, width: Int = 80, height: Int = 24) -> Surface {
    var surface = Surface(width: width, height: height)
    TUI.draw(session, Scene.context, on: &surface)
    return surface
  }

  private let long = Scene.reel + String(repeating: "|gfed cBAG|\nABcd efga", count: 8)

  @Test func `a header that would take the music's place is one row`() throws {
    let session = Scene.session(long, [Scene.command("goto end")])
    let folded = draw(session).lines
    #expect(!folded.contains { $0.hasPrefix(" X:3") || $0.hasPrefix(" T:") })
    // At the beginning of the tune the fields stand above its first line.
    let first = draw(Scene.session(long, [Scene.command("goto 1")])).lines
    let row = try #require(first.firstIndex { $0.contains("M:4/4 L:1/8 Q:1/4=112 K:D") })
    #expect(first[row + 1].contains("|:D2FA dAFA|B2AF E2FG|"))
    // There is room: every line as it is.
    #expect(draw(Scene.session(Scene.reel), height: 60).lines.contains { $0.hasPrefix(" X:3") })
  }

  @Test func `the header opens when the cursor is in it`() {
    let session = Scene.session(long, [.pointed(byte: 2)])
    let surface = draw(session)
    #expect(surface.lines.contains { $0.hasPrefix(" X:3") })
    let cursor = surface.cursor
    #expect(cursor.map { surface.line($0.row).hasPrefix(" X:3") } == true)
    #expect(cursor?.column == 3)
  }

  @Test func `the cursor shown is where the next letter goes, or is not shown`() throws {
    // Far from what is seen while the model writes.
    var session = Scene.writing()
    #expect(session.cursor == session.head)
    let shown = try #require(draw(session).cursor)
    #expect(draw(session).line(shown.row).prefix(shown.column).hasSuffix("c"))
    _ = session.handle(.pointed(byte: 0))
    let surface = draw(session, width: 80, height: 14)
    if let cursor = surface.cursor { #expect(surface.line(cursor.row).contains("X:3")) }
  }

  @Test func `sums of bars beside each other never run together on the ruler`() {
    let odd =
      "X:1\nM:4/4\nL:1/16\nK:C\n" + String(repeating: "C2D2E2F2G2A2B2c|C2D2E2F2G2A2B2cd|", count: 8)
    for width in [40, 60, 80, 120] {
      let session = Scene.session(odd, [Scene.command("goto 11")])
      for line in draw(session, width: width).lines.prefix(3) {
        // A sum such as -1/16 is followed by a blank or by the line's end.
        for part in line.split(separator: " ") {
          #expect(part.split(separator: "/").count <= 2, "\(line)")
          if part.hasPrefix("-") || part.hasPrefix("+"), part.contains("/") {
            #expect(part.hasSuffix("/16") || part.hasSuffix("/8"), "\(line)")
          }
        }
      }
    }
  }

  @Test(arguments: [
    ("A2", "A (length 2)"), ("^c'/2", "^c' (length /2)"), ("B", "B"), ("G,3/2", "G, (length 3/2)"),
  ])
  func `a note's length is not taken for an octave`(written: String, words: String) {
    #expect(Session.words(ofNote: written) == words)
  }

  @Test(arguments: [
    "midi", "wav", "exit", "speed", "volume", "instrument", "colour", "color", "dark", "chord",
    "seed", "import", "record",
  ])
  func `help finds what people look for`(word: String) {
    let session = Scene.session(Scene.reel, [Scene.command("help \(word)")])
    guard case .help(let list) = session.mode else {
      Issue.record("help is not open")
      return
    }
    #expect(!list.matches.isEmpty)
  }

  @Test func `bold black stays black where bold means bright`() {
    let ink = Style(foreground: .palette(0), background: .palette(2), attributes: .bold)
    for depth in [ColorDepth.colors8, .colors16] {
      #expect(ink.legible(at: depth).attributes.isEmpty)
      let light = Style(foreground: .palette(7), background: .palette(4), attributes: .bold)
      #expect(light.legible(at: depth) == light)
    }
    #expect(ink.legible(at: .colors256) == ink)
  }

  @Test func `silence and what is not saved stay in the status line`() {
    var session = Scene.session(Scene.reel)
    _ = session.handle(
      .playerChanged(
        PlayerReport(state: .stopped, playhead: .zero, output: "none: asked for", silence: "")))
    #expect(draw(session).line(0).contains("STOP  OUT none  GEN"))
    _ = session.handle(.savingFailed(reason: "no space left on device"))
    #expect(draw(session).line(0).contains("UNSAVED"))
    #expect(session.message?.text.contains("no space left on device") == true)
    _ = session.handle(.savingRestored)
    #expect(!draw(session).line(0).contains("UNSAVED"))
  }

  @Test func `a run that never stops counts bars towards nothing`() {
    var session = Scene.session(
      Scene.reel, [.modelLoaded(Scene.model), Scene.command("stop-rule never")])
    _ = session.handle(Scene.command("gen.toggle"))
    let words = session.generatorWords
    #expect(!words.contains("/"), "\(words)")
  }
}
