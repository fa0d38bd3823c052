import ABC
public import Compose
import Music

/// Draws the whole screen: a function of the session and the context, and of nothing else. Any size
/// will do.
public func draw(_ session: Session, _ context: DrawContext, on surface: inout Surface) {
  let strip = Drawing.tutorRows(session, context, width: surface.width, height: surface.height)
  guard strip > 0 else {
    var drawing = Drawing(session.shown, context, surface)
    drawing.drawAll()
    surface = drawing.surface
    return
  }
  let rows = surface.height - strip
  var drawing = Drawing(session.shown, context, Surface(width: surface.width, height: rows))
  drawing.drawAll()
  surface = Surface(
    width: surface.width, height: surface.height, style: drawing.surface[0, 0].style)
  surface.copy(drawing.surface)
  Drawing.drawTutor(session, context, below: rows, on: &surface)
}

/// The cells that engraved notation is shown over: those of the roll; `nil` where there are none.
public func engravedPlace(
  of session: Session, _ context: DrawContext, width: Int, height: Int
) -> (row: Int, column: Int, width: Int, height: Int)? {
  let strip = Drawing.tutorRows(session, context, width: width, height: height)
  let layout = Layout(
    width: width, height: height - strip, session: session.shown,
    symbols: context.symbols)
  guard let roll = layout.roll, roll.width > 20, roll.height > 3 else { return nil }
  return (roll.row, roll.column, roll.width, roll.height)
}

/// One drawing in progress, with what several panes need.
struct Drawing {
  let session: Session
  let context: DrawContext
  let palette: Palette
  let symbols: Symbols
  let layout: Layout
  let parsed: ParsedTune
  let records: [CharacterRecord]
  let takes: [History.Identifier]
  let bytes: [UInt8]
  /// Bars that are about to be written.
  let planned: [PlannedBar]
  /// Indices into the parsed tune's notes.
  let sounding: [Int]
  var surface: Surface

  init(_ session: Session, _ context: DrawContext, _ surface: Surface) {
    self.session = session
    self.context = context
    palette = context.palette
    symbols = context.symbols
    self.surface = Surface(
      width: surface.width, height: surface.height,
      style: context.palette[.background].patched(
        with: Style(foreground: context.palette[.text].foreground)))
    layout = Layout(
      width: surface.width, height: surface.height, session: session, symbols: context.symbols)
    parsed = session.parsed
    records = session.records
    takes = layout.help == nil ? [] : session.takes
    bytes = Array(session.text.utf8)
    planned = session.plannedBars
    sounding =
      session.player.state == .stopped ? [] : session.score.soundingNotes(at: context.playhead)
  }

  mutating func drawAll() {
    guard surface.width > 0, surface.height > 0 else { return }
    drawStatus()
    guard layout.help != nil else { return }
    drawPanes()
    drawMessage()
    drawHelpLine()
    drawOverlay()
  }

  /// A rule with a name in it: `─ ABC  bar 5 ─────`.
  mutating func rule(
    _ area: Area, _ name: String, isFocused: Bool = false, start: Unicode.Scalar? = nil
  ) {
    surface.fill(row: area.row, columns: area.columns, with: symbols.horizontal, palette[.border])
    var column = area.column
    if let start {
      surface.set(start, row: area.row, column: column, palette[.border])
      column += 1
    }
    surface.write(
      " " + name + " ", row: area.row, column: column + 1,
      palette[isFocused ? .titleFocus : .title], end: area.end)
  }
}

/// Text of exactly `width` cells, cut or filled on the right.
func padded(_ text: String, _ width: Int) -> String {
  let clipped = TextWidth.clip(text, to: width)
  return clipped + String(repeating: " ", count: max(width - TextWidth.of(clipped), 0))
}

/// Text of at least `width` cells, filled on the left.
func padded(left text: String, _ width: Int) -> String {
  String(repeating: " ", count: max(width - TextWidth.of(text), 0)) + text
}
