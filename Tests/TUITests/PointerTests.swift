import Compose
import Music
import Testing

@testable import TUI

/// The mouse on the roll, and the roll of several voices.
@Suite struct PointerTests {
  static let tune = "X:1\nT:t\nM:4/4\nL:1/8\nK:D\nD2FA d2A2|B2AF E2FG|"

  private func geometry(_ session: Session) throws -> (RollGeometry, Area) {
    let drawing = Drawing(session, Scene.context, Surface(width: 80, height: 24))
    let roll = try #require(drawing.layout.roll)
    return (
      RollGeometry(
        session, roll, isTall: drawing.layout.isTall, symbols: drawing.symbols, playhead: .zero),
      roll
    )
  }

  /// Where a note is drawn.
  private func cell(_ session: Session, note index: Int) throws -> (row: Int, column: Int) {
    let (geometry, roll) = try geometry(session)
    let note = session.parsed.notes[index]
    let pitch = try #require(note.pitch)
    let place = try #require(geometry.place(of: pitch.key))
    let column = try #require(geometry.column(at: note.start.value))
    return (roll.row + place.row, Int(column + 0.001))
  }

  private func send(
    _ act: KeyPress.Mouse.Act, _ cell: (row: Int, column: Int), to session: inout Session,
    _ modifiers: KeyPress.Modifiers = []
  ) {
    let mouse = KeyPress.Mouse(act, row: cell.row, column: cell.column)
    let found = events(
      for: mouse, modifiers: modifiers, in: session, Scene.context, width: 80, height: 24)
    for event in found { _ = session.handle(event) }
  }

  private func body(_ session: Session) -> String { String(session.text.dropFirst(26)) }

  @Test func `a note drawn up the roll moves by a step, and with Alt by a semitone`() throws {
    for (modifiers, wanted) in [([], 76), (.alt, 75)] as [(KeyPress.Modifiers, Int)] {
      var session = Scene.session(Self.tune)
      var place = try cell(session, note: 3)
      send(.press, place, to: &session)
      #expect(session.isHoldingNote)
      place.row -= 1
      send(.drag, place, to: &session, modifiers)
      #expect(session.mode == .grab)
      #expect(session.parsed.notes[3].pitch?.key == wanted)
      #expect(
        session.parsed.bars.map(\.length) == Scene.session(Self.tune).parsed.bars.map(\.length))
      send(.release, place, to: &session)
      #expect(session.mode == .normal)
      _ = session.handle(Scene.command("undo"))
      #expect(session.text == Self.tune)
    }
  }

  @Test func `drawn to the right it begins later, and its bar keeps its sum`() throws {
    var session = Scene.session(Self.tune)
    var place = try cell(session, note: 3)
    let width = try geometry(session).0.columnsPerWhole / 8
    send(.press, place, to: &session)
    place.column += Int(width)
    send(.drag, place, to: &session)
    send(.release, place, to: &session)
    #expect(session.text.hasSuffix("D2FA2 d2A|B2AF E2FG|"))
  }

  @Test func `a click takes nothing along, and a drag beside the notes selects bars`() throws {
    var session = Scene.session(Self.tune)
    let note = try cell(session, note: 3)
    send(.press, note, to: &session)
    send(.release, note, to: &session)
    #expect(session.mode == .normal)
    #expect(session.text == Self.tune)
    #expect(session.cursor == session.parsed.notes[3].range.lowerBound)
    // Under the lowest note of the first bar nothing is drawn.
    let (_, roll) = try geometry(session)
    let empty = (row: roll.row + roll.height - 1, column: note.column)
    send(.press, empty, to: &session)
    send(.drag, (row: empty.row, column: try cell(session, note: 6).column), to: &session)
    #expect(session.mode == .select)
    #expect(session.selection == 0...1)
    #expect(session.text == Self.tune)
  }

  @Test func `every voice has its bars on the roll, also where the first has none`() throws {
    let session = Scene.session(
      "X:1\nT:t\nM:4/4\nL:1/4\nK:C\nV:1\ncdef|gabc'|\nV:2\nC4|D4|E4|F4|\n",
      [Scene.command("voice 2"), Scene.command("select bars")])
    let (geometry, _) = try geometry(session)
    #expect(geometry.bars.map(\.number) == [1, 2, 3, 4])
    #expect(
      geometry.bars.map { $0.voices.map { session.parsed.bars[$0].voice } } == [
        [0, 1], [0, 1], [1], [1],
      ])
    let surface = Scene.drawn(session, 80, 24)
    #expect(surface.lines[1].contains("]"))
    #expect(surface.text.contains("voice 2"))
  }

  @Test func `a candidate too long for its row shows how it ends`() {
    let long = Scene.reel + "BA|" + String(repeating: "D2FA dAFA|", count: 11) + "GFED C2D2|"
    var session = Scene.session(
      long, [.modelLoaded(Scene.model), Scene.command("phrase 16"), Scene.command("goto 1")])
    _ = session.handle(Scene.command("alt here"))
    let row = Scene.drawn(session, 80, 24).lines.first { $0.contains("0 original") }
    #expect(row?.contains("...") == true)
    #expect(row?.contains("C2D2|") == true)
  }

  @Test func `the list of takes says how they are called`() {
    var session = Scene.session(Self.tune, [Scene.command("goto 2")])
    for typed in ["d8|", "e8|"] {
      for event in [
        Scene.command("insert"), .typed(typed), .editKeyPressed(.escape),
        Scene.command("tag \(typed.first == "d" ? "low" : "high")"), Scene.command("undo"),
        Scene.command("goto 2"),
      ] {
        _ = session.handle(event)
      }
    }
    let screen = Scene.drawn(session, 80, 24).text
    #expect(screen.contains("low"))
    #expect(screen.contains("high"))
  }
}
