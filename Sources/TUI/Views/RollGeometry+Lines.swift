import ABC
import Compose
import Music

/// A tune on several lines of the roll, one below the other, as a page of music has them.
extension RollGeometry {
  /// Rows that hold all notes of a tune: of two semitones each, or steps of a staff and its lengths.
  static func rowsNeeded(_ session: Session) -> Int {
    if session.view.showsStaff {
      let steps = session.parsed.notes.filter { $0.kind != .rest }.compactMap {
        StaffNote(session.text.text(atBytes: $0.range))?.step
      }
      guard let low = steps.min(), let high = steps.max() else { return 0 }
      let lines = StaffNote.lines
      return max(high, lines.upperBound) - min(low, lines.lowerBound) + 2
    }
    let keys = session.parsed.notes.compactMap { $0.pitch?.key }
    guard let low = keys.min(), let high = keys.max() else { return 0 }
    // Pairs begin at even keys.
    return max((high + 2) / 2 - low / 2 + 1, Self.fewestRows)
  }

  private static let fewestRows = 5

  /// How many lines of a tune stand in an area; 1 where it fits on one, or two find no room.
  ///
  /// - Parameter gap: Rows between two lines: the ruler, and chord symbols where there are any.
  static func lineCount(_ session: Session, _ area: Area, gap: Int) -> Int {
    let rows = rowsNeeded(session)
    let room = rows > 0 ? (area.height + gap) / (rows + gap) : 0
    guard room > 1 else { return 1 }
    let whole = RollGeometry(session, area, isTall: false, symbols: .unicode, playhead: .zero)
    return max(min(room, whole.lines(of: session).count), 1)
  }

  /// The bars of a tune broken into lines as wide as the roll.
  private func lines(of session: Session) -> [[Bar]] {
    let room = area.width - gutter - 1
    var lines: [[Bar]] = []
    var used = room
    var bars = allBars(of: session)
    if isStaff { spaceNotes(of: &bars, session) }
    for bar in bars {
      if used + bar.width + 1 > room {
        lines.append([])
        used = 0
      }
      lines[lines.count - 1].append(bar)
      used += bar.width + 1
    }
    return lines
  }

  /// The lines that an area shows, the one with the place in question among them.
  static func stacked(
    _ count: Int, _ session: Session, _ area: Area, ruler: Int?, gap: Int, playhead: Tick
  ) -> [RollGeometry] {
    let whole = RollGeometry(session, area, isTall: false, symbols: .unicode, playhead: playhead)
    let lines = whole.lines(of: session)
    let focus = RollGeometry.focus(of: session, playhead: playhead)
    var here = lines.lastIndex { $0[0].start <= focus + 1e-9 } ?? 0
    if session.view.follow == .off {
      here = lines.firstIndex { $0.contains { $0.index >= session.view.scrollBar } } ?? here
    }
    let isByPage = session.view.isCalm && session.view.follow != .off
    // One line back is seen where there are more than two.
    let start = isByPage ? here / count * count : here - (count > 2 ? 1 : 0)
    let first = max(min(start, lines.count - count), 0)
    let height = (area.height - (count - 1) * gap) / count
    return lines[first..<min(first + count, lines.count)].enumerated().map { place, bars in
      let row = area.row + place * (height + gap)
      let isLast = first + place + 1 == lines.count
      // What cannot be divided goes to the last one.
      let rows = place + 1 == count ? area.rows.upperBound - row : height
      var line = RollGeometry(
        session, Area(row: row, column: area.column, width: area.width, height: rows),
        isTall: false, symbols: .unicode, playhead: playhead)
      line.rulerRow = place == 0 ? ruler : row - gap
      var column = area.column + line.gutter
      line.bars = bars.map { bar in
        var bar = bar
        bar.column = column
        column += bar.width + 1
        return bar
      }
      if !isLast, let end = bars.last { line.limit = end.start + end.length }
      // Each line shows the steps that its own notes need.
      if line.isStaff {
        line.layStaff(session, fifths: session.score.performance.keys.first?.fifths ?? 0)
      }
      return line
    }
  }
}

extension Drawing {
  /// The roll as it is drawn: one line, or several.
  func rollLines(_ area: Area) -> [RollGeometry] {
    guard layout.rollLines > 1 else {
      var line = RollGeometry(
        session, area, isTall: layout.isTall, symbols: symbols, playhead: context.playhead)
      line.rulerRow = layout.ruler?.row
      return [line]
    }
    return RollGeometry.stacked(
      layout.rollLines, session, area, ruler: layout.ruler?.row, gap: layout.rollGap,
      playhead: context.playhead)
  }
}
