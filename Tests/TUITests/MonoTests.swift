import Compose
import Music
import Testing

@testable import TUI

/// Nothing is told by colour alone: without colours, attributes or characters tell it.
@Suite struct MonoTests {
  /// What is told apart by style, and has no character of its own.
  private static let distinctions: [(name: String, scopes: [Scope])] = [
    ("who wrote a note", [.noteHand, .noteModel, .notePaste, .noteFile, .noteShelf]),
    ("which voice", [.voice1, .voice2, .voice3, .voice4, .voice5, .voice6]),
    ("mistakes and warnings", [.abcText, .abcError]),
    ("warnings", [.abcText, .abcWarning]),
    ("messages", [.message, .messageError]),
    ("the state of the model", [.statusRunning, .statusFailed, .text]),
    ("the entry that is chosen", [.popup, .popupSelected]),
    ("the take that is shown", [.take, .takeCurrent]),
    ("the pane with the keys", [.title, .titleFocus]),
    ("a key and what it does", [.help, .helpKey]),
  ]

  @Test(arguments: ThemeTests.names)
  func `styles that differ in meaning differ without colours`(name: String) {
    let palette = ThemeLibrary(folders: [themesFolder]).theme(named: name).theme.palette(at: .mono)
    for (meaning, scopes) in Self.distinctions {
      let attributes = scopes.map { palette[$0].attributes }
      #expect(Set(attributes).count == scopes.count, "\(meaning): \(attributes)")
      #expect(scopes.allSatisfy { palette[$0].foreground == .unset })
    }
  }

  private func drawn(_ session: Session, playhead: Tick = .zero) -> Surface {
    var context = DrawContext(palette: Scene.palette(.mono))
    context.playhead = playhead
    return Scene.drawn(session, 80, 24, context)
  }

  @Test func `what has a place is shown by characters: cursor, lock, selection, loop`() {
    let plain = Scene.session(Scene.reel, [Scene.command("goto 3")])
    #expect(drawn(plain).lines[1].contains("▲"))
    let locked = Scene.session(Scene.reel, [Scene.command("goto 3"), Scene.command("lock")])
    #expect(drawn(locked).lines[1].contains("3L"))
    for line in ["select 3-4", "loop 3-4"] {
      let marked = drawn(Scene.session(Scene.reel, [Scene.command(line)])).lines[1]
      #expect(marked.contains("[") && marked.contains("]"), "\(marked)")
    }
  }

  @Test func `what sounds has another texture than what does not`() {
    var session = Scene.session(Scene.reel, [Scene.command("play.toggle")])
    let tick = Tick(Tick.perQuarter / 4)
    _ = session.handle(
      .playerChanged(
        PlayerReport(state: .playing, playhead: tick, output: "silent", silence: "")))
    let playing = drawn(session, playhead: tick)
    let heads = (2..<12).flatMap { row in (5..<80).map { playing[row, $0] } }
      .filter { $0.style.attributes.contains(.reverse) }
    #expect(!heads.isEmpty)
    #expect(playing.lines[1].contains("▼"))
  }

  @Test func `surprise, temperature and pitch are told by heads, lane and row`() {
    var session = Scene.writing()
    _ = session.handle(Scene.command("colour surprise"))
    let surprise = drawn(session)
    let heads = Set((2..<12).flatMap { row in surprise.lines[row] })
    #expect(heads.contains("o") && heads.contains("!"))
    // A change of colours alone leaves every character where it is.
    _ = session.handle(Scene.command("colour pitch"))
    let pitch = drawn(session)
    _ = session.handle(Scene.command("colour voice"))
    let voice = drawn(session)
    for row in 2..<12 { #expect(pitch.lines[row] == voice.lines[row]) }
  }
}
