import ABC
import Compose
import Music

/// The music on a staff of text: a row for each step, heads with their accidentals, and the lengths
/// in a row below.
extension Drawing {
  mutating func drawStaff(_ geometry: RollGeometry) {
    guard case .staff(let top, let fifths) = geometry.rows else { return }
    let area = geometry.area
    for row in area.rows { surface.fill(row: row, columns: area.columns, palette[.background]) }
    let end = geometry.bars.last.map { min($0.column + $0.width + 2, area.end) } ?? area.end
    for step in StaffNote.lines where StaffNote.isLine(step) {
      guard let row = staffRow(step, top, area) else { continue }
      for column in area.column + 2..<max(end, area.column + 2) {
        surface.set(symbols.horizontal, row: row, column: column, palette[.barLine])
      }
    }
    drawStaffLabels(top, fifths, area)
    for columns in markedColumns(geometry) {
      for row in area.rows { surface.tint(row: row, columns: columns, palette[.selection]) }
    }
    for bar in geometry.bars { drawStaffBar(bar, geometry, top) }
    drawStaffNotes(geometry, top)
    drawEndings(geometry)
  }

  private func staffRow(_ step: Int, _ top: Int, _ area: Area) -> Int? {
    let offset = top - step
    return offset >= 0 && offset < area.height - 1 ? area.row + offset : nil
  }

  /// The names of the steps, and the key's signs behind them.
  private mutating func drawStaffLabels(_ top: Int, _ fifths: Int, _ area: Area) {
    for offset in 0..<max(area.height - 1, 0) {
      let step = top - offset
      let letter = String(StaffNote.letter(of: step))
      let isTonic = RollGeometry.tonic(of: letter) == RollGeometry.tonic(of: parsed.header.key)
      surface.write(
        letter, row: area.row + offset, column: area.column,
        isTonic ? palette[.ruler] : palette[.pitchLabel])
    }
    for (place, sign) in StaffNote.signature(fifths: fifths).enumerated() {
      guard let row = staffRow(sign.step, top, area) else { continue }
      surface.set(
        sign.accidental.sign(symbols), row: row, column: area.column + 2 + place, palette[.ruler])
    }
  }

  private mutating func drawStaffBar(
    _ bar: RollGeometry.Bar, _ geometry: RollGeometry, _ top: Int
  ) {
    let area = geometry.area
    let isClosed = parsed.bars[bar.index].isClosed
    let repeats = RollGeometry.repeats(atBar: bar.index, in: session)
    for step in StaffNote.lines {
      guard let row = staffRow(step, top, area) else { continue }
      if bar.column >= area.column + geometry.gutter {
        surface.set(symbols.vertical, row: row, column: bar.column, palette[.barLine])
      }
      let end = bar.column + bar.width + 1
      if isClosed, end < area.end {
        surface.set(symbols.vertical, row: row, column: end, palette[.barLine])
      }
      // The dots stand in the spaces beside the middle line.
      guard abs(step - StaffNote.middle) == 1 else { continue }
      if repeats.begins, bar.column + 1 < area.end {
        surface.set(":", row: row, column: bar.column + 1, palette[.ruler])
      }
      if repeats.ends, end - 1 < area.end {
        surface.set(":", row: row, column: end - 1, palette[.ruler])
      }
    }
  }

  /// Over the bar lines, so that no note hides them.
  private mutating func drawEndings(_ geometry: RollGeometry) {
    guard geometry.area.height > 2 else { return }
    for bar in geometry.bars where bar.column >= geometry.area.column + geometry.gutter {
      let ending = RollGeometry.repeats(atBar: bar.index, in: session).ending
      guard let digit = ending.unicodeScalars.first else { continue }
      surface.set(digit, row: geometry.area.row, column: bar.column, palette[.ruler])
    }
  }

  private mutating func drawStaffNotes(_ geometry: RollGeometry, _ top: Int) {
    let area = geometry.area
    let soundingSet = Set(sounding)
    var graces: [Double: Int] = [:]
    for index in parsed.notes.indices.reversed() {
      let note = parsed.notes[index]
      guard let place = geometry.column(at: note.start.value) else { continue }
      var column = Int(place + 0.001)
      guard column < area.end else { continue }
      let isCursor = note.range.contains(session.cursor) && session.player.state == .stopped
      var style = noteStyle(note, note.pitch?.key ?? 60)
      if session.isLocked(bar: note.bar) { style = style.patched(with: palette[.noteLocked]) }
      if isCursor { style = style.patched(with: palette[.noteCursor]) }
      if soundingSet.contains(index) { style = style.patched(with: palette[.notePlaying]) }
      guard let written = StaffNote(session.text.text(atBytes: note.range)), note.kind != .rest
      else {
        if note.kind == .rest, note.length.value > 0 {
          let row = staffRow(StaffNote.middle, top, area) ?? area.row
          surface.set("z", row: row, column: column, isCursor ? style : palette[.text])
          drawValue(note, column, geometry)
        }
        continue
      }
      if note.kind == .grace {
        let before = graces[note.start.value, default: 0] + 1
        graces[note.start.value] = before
        column -= before
      }
      guard column > area.column + 1 else { continue }
      drawLedgers(written.step, column, top, geometry)
      // What lies beyond the rows is told at their edge.
      let row = staffRow(written.step, top, area)
      let isAbove = written.step > top
      let edge = isAbove ? area.row : area.row + max(area.height - 2, 0)
      let outside: Unicode.Scalar = symbols == .unicode ? isAbove ? "↑" : "↓" : isAbove ? "^" : "v"
      surface.set(
        row == nil ? outside : staffHead(note), row: row ?? edge, column: column, style)
      if let accidental = written.accidental, row != nil, note.kind == .note, column > 0 {
        surface.set(
          accidental.sign(symbols), row: row ?? edge, column: column - 1, palette[.ruler])
      }
      if note.kind == .note { drawValue(note, column, geometry) }
    }
  }

  private func staffHead(_ note: ParsedTune.WrittenNote) -> Unicode.Scalar {
    if note.kind == .grace { return symbols == .unicode ? "·" : "." }
    let isOpen = note.length.value >= 0.5 - 1e-9
    return symbols == .unicode ? isOpen ? "○" : "●" : isOpen ? "o" : "*"
  }

  /// The lines that carry a note above or below the staff.
  private mutating func drawLedgers(
    _ step: Int, _ column: Int, _ top: Int, _ geometry: RollGeometry
  ) {
    let lines = StaffNote.lines
    let needed =
      step > lines.upperBound
      ? stride(from: lines.upperBound + 2, through: step, by: 2)
      : stride(from: lines.lowerBound - 2, through: step, by: -2)
    for ledger in needed {
      guard let row = staffRow(ledger, top, geometry.area), ledger != step else { continue }
      surface.set(symbols.horizontal, row: row, column: column, palette[.barLine])
    }
  }

  /// The note's value in the row below the staff, its point or its 3 where there is room.
  private mutating func drawValue(
    _ note: ParsedTune.WrittenNote, _ column: Int, _ geometry: RollGeometry
  ) {
    let row = geometry.area.row + geometry.area.height - 1
    guard geometry.area.height > 2 else { return }
    let value = StaffNote.value(of: note.length.value, symbols)
    surface.set(value.sign, row: row, column: column, palette[.pitchLabel])
    if let mark = value.mark, column + 1 < geometry.area.end,
      surface[row, column + 1].scalar == 32
    {
      surface.set(mark, row: row, column: column + 1, palette[.pitchLabel])
    }
  }
}
