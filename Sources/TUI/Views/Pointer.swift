import ABC
public import Compose

/// What a mouse report tells the session: a click in the text or on the roll sets the cursor, a drag
/// selects bars, the wheel moves by bars, and an entry of the help line acts as its key. A note of the
/// roll is drawn to another place: by steps of the scale, or with Alt, Ctrl or Shift by semitones.
public func events(
  for mouse: KeyPress.Mouse, modifiers: KeyPress.Modifiers = [], in session: Session,
  _ context: DrawContext, width: Int, height: Int
) -> [Event] {
  let rows = height - Drawing.tutorRows(session, context, width: width, height: height)
  guard mouse.row < rows else { return [] }
  let drawing = Drawing(session, context, Surface(width: width, height: rows))
  switch mouse.act {
  case .wheelUp: return [.commanded(Invocation(.barStart))]
  case .wheelDown: return [.commanded(Invocation(.barNext))]
  case .release: return session.isHoldingNote ? [.noteReleased] : []
  case .press, .drag: break
  }
  let (row, column) = (mouse.row, mouse.column)
  if row == drawing.layout.help, mouse.act == .press {
    let hit = drawing.placedHelpItems().first { $0.columns.contains(column) }
    return hit.flatMap(\.item.event).map { [$0] } ?? []
  }
  if mouse.act == .drag, session.isHoldingNote {
    guard let place = drawing.rollPlace(atRow: row, column: column) else { return [] }
    return [
      .noteDragged(NoteDrag(keys: place.keys, time: place.time, isChromatic: !modifiers.isEmpty))
    ]
  }
  if mouse.act == .press, let place = drawing.rollPlace(atRow: row, column: column),
    let note = drawing.note(at: place)
  {
    return [.noteHeld(byte: note.range.lowerBound, time: place.time)]
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
    guard let place = rollPlace(atRow: row, column: column) else { return nil }
    if let hit = note(at: place) { return hit.range.lowerBound }
    let notes = session.parsed.notes.filter { $0.kind != .grace }
    let time = place.time
    let sounding = notes.filter {
      $0.start.value <= time + 1e-9 && time < $0.start.value + $0.length.value
    }
    return (sounding.first ?? notes.first { $0.start.value >= time })?.range.lowerBound
  }

  /// The moment and the keys that a cell of the roll stands for.
  func rollPlace(atRow row: Int, column: Int) -> (time: Double, keys: [Int])? {
    switch session.mode {
    case .normal, .select, .insert, .grab: break
    default: return nil
    }
    guard let roll = layout.roll, roll.contains(row: row, column: column) else { return nil }
    guard let geometry = rollLines(roll).first(where: { $0.area.rows.contains(row) }),
      column >= roll.column + geometry.gutter, let time = geometry.time(at: column)
    else { return nil }
    return (time, geometry.keys(ofRow: row - geometry.area.row))
  }

  /// The note that is drawn at a place of the roll.
  func note(at place: (time: Double, keys: [Int])) -> ParsedTune.WrittenNote? {
    session.parsed.notes.first { note in
      note.kind == .note && note.start.value <= place.time + 1e-9
        && place.time < note.start.value + note.length.value
        && note.pitch.map { place.keys.contains($0.key) } ?? false
    }
  }
}
