public import Compose

/// What a mouse report tells the session: a click in the text or on the roll sets the cursor, a drag
/// selects bars, the wheel moves by bars, and an entry of the help line acts as its key.
public func events(
  for mouse: KeyPress.Mouse, in session: Session, _ context: DrawContext, width: Int, height: Int
) -> [Event] {
  let drawing = Drawing(session, context, Surface(width: width, height: height))
  switch mouse.act {
  case .wheelUp: return [.commanded(Invocation(.barStart))]
  case .wheelDown: return [.commanded(Invocation(.barNext))]
  case .release: return []
  case .press, .drag: break
  }
  let (row, column) = (mouse.row, mouse.column)
  if row == drawing.layout.help, mouse.act == .press {
    let hit = drawing.placedHelpItems().first { $0.columns.contains(column) }
    return hit.flatMap(\.item.event).map { [$0] } ?? []
  }
  guard let byte = drawing.byte(atRow: row, column: column) else { return [] }
  let pointed = Event.pointed(byte: byte)
  if mouse.act == .drag, session.mode == .normal {
    return [.commanded(Invocation(.select, "bars")), pointed]
  }
  return [pointed]
}

extension Drawing {
  /// The byte of the text that stands under a cell, in the text pane or on the roll.
  func byte(atRow row: Int, column: Int) -> Int? {
    switch session.mode {
    case .normal, .select, .insert: break
    default: return nil
    }
    if let text = layout.text, text.contains(row: row, column: column) {
      return byte(atRow: row, column: column, text)
    }
    guard let roll = layout.roll, roll.contains(row: row, column: column) else { return nil }
    let geometry = RollGeometry(
      session, roll, isTall: layout.isTall, symbols: symbols, playhead: context.playhead)
    guard column >= roll.column + geometry.gutter, let time = geometry.time(at: column) else {
      return nil
    }
    let keys = geometry.keys(ofRow: row - roll.row)
    let notes = session.parsed.notes.filter { $0.kind != .grace }
    let sounding = notes.filter {
      $0.start.value <= time + 1e-9 && time < $0.start.value + $0.length.value
    }
    let hit = sounding.first { note in note.pitch.map { keys.contains($0.key) } ?? false }
    return (hit ?? sounding.first ?? notes.first { $0.start.value >= time })?.range.lowerBound
  }
}
