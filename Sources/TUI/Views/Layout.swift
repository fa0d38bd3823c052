import ABC
import Compose

/// A part of the screen.
struct Area: Equatable, Sendable {
  var row: Int
  var column: Int
  var width: Int
  var height: Int

  var rows: Range<Int> { row..<row + max(height, 0) }
  var columns: Range<Int> { column..<column + max(width, 0) }
  var end: Int { column + width }
  func contains(row: Int, column: Int) -> Bool {
    rows.contains(row) && columns.contains(column)
  }
}

/// Where each part of the screen stands at a size. Panes go in a fixed order when there is less
/// room: the staff beside the text, history, sampler, takes list, next characters, lanes, text lines,
/// roll, message.
struct Layout: Equatable, Sendable {
  var width: Int
  var height: Int
  var ruler: Area?
  /// The row of chord symbols.
  var chords: Area?
  var roll: Area?
  var lanes: [Lane] = []
  var laneRow = 0
  /// The row with the names of the lower panes.
  var title: Area?
  var text: Area?
  var next: Area?
  var nextTitle: Area?
  /// One line of takes; a list where there is room.
  var takesTitle: Area?
  var takes: Area?
  var side: Area?
  /// A staff of what the roll shows, where the takes leave room for one; the roll where the staff has
  /// its place.
  var staff: Area?
  /// The versions that led here, where they stand under the takes.
  var history: Area?
  /// The row of the judge's marks.
  var judge: Int?
  var message: Int?
  var help: Int?
  /// Whether the roll has one row for each semitone.
  var isTall = false
  /// How many lines of the tune the roll shows, one below the other.
  var rollLines = 1
  /// Rows between two of them: the ruler, and chord symbols where there are any.
  var rollGap = 1

  enum Lane: Sendable { case bits, temperature, copy }

  init(width: Int, height: Int, session: Session, symbols: Symbols) {
    self.width = width
    self.height = height
    guard width >= 20, height >= 4 else { return }
    help = height - 1
    message = height - 2
    let view = session.view
    // Its row is there from the start, so that the first tune does not move everything.
    if session.hasJudge, view.hidesJudge != true, !view.isZoomed, width >= 60,
      height >= Self.leastForJudge
    {
      judge = height - 3
    }
    if view.isZoomed {
      zoomed(on: view.focus)
    } else if height < 9 {
      text = Area(row: 1, column: 0, width: width, height: height - 3)
    } else if height < 16 || width < 60 {
      small()
    } else if height >= 36, width >= 100 {
      large(session, symbols)
    } else {
      medium(session, symbols)
    }
    if var roll, !session.parsed.chordSymbols.isEmpty, roll.height >= 9, !view.showsEngraved {
      chords = Area(row: roll.row, column: 0, width: roll.width, height: 1)
      roll.row += 1
      roll.height -= 1
      self.roll = roll
    }
    // Several voices seldom fit with a row for each semitone.
    if let roll, isTall, Layout.voicesSpan(session.parsed) > roll.height { isTall = false }
    if view.semitonesPerRow > 0, symbols == .unicode { isTall = view.semitonesPerRow == 1 }
    let isRoomy = isTall || view.showsStaff && height >= 36
    if let roll, isRoomy, Layout.mayStack(session), width >= Self.leastForLines {
      rollGap = chords == nil ? 1 : 2
      rollLines = RollGeometry.lineCount(session, roll, gap: rollGap)
      if rollLines > 1 { isTall = false }
    }
  }

  private static let leastForLines = 160

  /// Whether the roll may show several lines of the tune.
  private static func mayStack(_ session: Session) -> Bool {
    !session.view.showsEngraved && (session.view.showsStaff || session.view.semitonesPerRow == 0)
  }

  private static let leastForJudge = 20
  /// From the A below middle C to the B above the staff, and the lengths.
  private static let staffRows = 17

  /// Semitones from the lowest to the highest note of a tune of several voices; 0 for one voice.
  private static func voicesSpan(_ tune: ParsedTune) -> Int {
    guard tune.notes.contains(where: { $0.voice > 0 }) else { return 0 }
    let keys = tune.notes.compactMap { $0.pitch?.key }
    return (keys.max() ?? 0) - (keys.min() ?? 0) + 1
  }

  private mutating func zoomed(on pane: ViewSettings.Pane) {
    if pane == .text {
      title = Area(row: 1, column: 0, width: width, height: 1)
      text = Area(row: 2, column: 0, width: width, height: height - 4)
    } else {
      ruler = Area(row: 1, column: 0, width: width, height: 1)
      roll = Area(row: 2, column: 0, width: width, height: height - 4)
      isTall = height >= 36
    }
  }

  private mutating func small() {
    ruler = Area(row: 1, column: 0, width: width, height: 1)
    let titleRows = height >= 11 ? 1 : 0
    let textRows = height >= 30 ? 6 : height >= 20 ? 4 : height >= 14 ? 2 : 1
    let rollRows = height - 4 - titleRows - textRows
    roll = Area(row: 2, column: 0, width: width, height: rollRows)
    if titleRows > 0 { title = Area(row: 2 + rollRows, column: 0, width: width, height: 1) }
    text = Area(row: 2 + rollRows + titleRows, column: 0, width: width, height: textRows)
  }

  private mutating func medium(_ session: Session, _ symbols: Symbols) {
    let view = session.view
    let rest = height - 5 - (judge == nil ? 0 : 1)
    let needsRows = view.showsStaff || view.showsEngraved
    // In plain characters the heads of the notes say what the lane would.
    // A staff needs its rows.
    if view.showsLanes, height >= 18, symbols == .unicode, !needsRows { lanes = [.bits] }
    if view.showsLanes, session.hasJudge, height >= Self.leastForJudge { lanes.append(.copy) }
    // One ending is in the text; a strip of them begins with the second. The roll keeps its rows then, a
    // staff uses them.
    let strip = view.showsTakes && height >= 20 ? 2 : 0
    let takesRows = session.takes.count > 1 ? strip : 0
    let shared = rest - lanes.count - (needsRows ? takesRows : strip)
    let most = needsRows ? max(shared - Self.staffRows, 3) : shared * 2 / 5
    let textRows = max(min(most, shared * 2 / 5, shared - 4), 1)
    let free = needsRows ? 0 : strip - takesRows
    place(rollRows: shared - textRows, textRows: textRows + free, takesRows: takesRows)
    guard let text, view.showsNext, width >= 72 else { return }
    let nextWidth = 24
    self.text?.width = width - nextWidth - 1
    nextTitle = Area(
      row: text.row - 1, column: width - nextWidth - 1, width: nextWidth + 1, height: 1)
    next = Area(
      row: text.row, column: width - nextWidth, width: nextWidth, height: text.height)
  }

  private mutating func large(_ session: Session, _ symbols: Symbols) {
    let view = session.view
    isTall = symbols == .unicode
    if view.showsLanes { lanes = symbols == .unicode ? [.bits, .temperature] : [.temperature] }
    if view.showsLanes, session.hasJudge { lanes.append(.copy) }
    let rest = height - 5 - lanes.count - (judge == nil ? 0 : 1)
    var rollRows = height >= 54 ? rest * 27 / 50 : rest * 3 / 5
    if width >= Self.leastForLines, symbols == .unicode, Layout.mayStack(session) {
      // A few rows more, where they give the tune a second line.
      let gap = session.parsed.chordSymbols.isEmpty ? 1 : 2
      let wanted = RollGeometry.rowsNeeded(session) * 2 + gap * 2 - 1
      let room = Area(row: 0, column: 0, width: width - Self.sideWidth - 1, height: wanted)
      if wanted > rollRows, wanted <= rest * 7 / 10,
        RollGeometry.lineCount(session, room, gap: gap) > 1
      {
        rollRows = wanted
      }
    }
    place(rollRows: rollRows, textRows: rest - rollRows, takesRows: 0)
    guard let text else { return }
    let isWide = width >= 160
    let rightWidth = isWide ? width / 2 - 1 : min(45, width * 3 / 8)
    if isWide {
      let lower = text.row - 1
      roll?.width = width - Self.sideWidth - 1
      ruler?.width = width - Self.sideWidth - 1
      side = Area(row: 1, column: width - Self.sideWidth, width: Self.sideWidth, height: lower - 1)
    }
    guard view.showsNext || view.showsTakes || isWide else { return }
    self.text?.width = width - rightWidth - 1
    let column = width - rightWidth
    var row = text.row
    if view.showsNext, !isWide {
      nextTitle = Area(row: row - 1, column: column - 1, width: rightWidth + 1, height: 1)
      let rows = view.showsTakes ? min(6, text.height / 2) : text.height
      next = Area(row: row, column: column, width: rightWidth, height: rows)
      row += rows + 1
    }
    let below = text.rows.upperBound
    if view.showsTakes, below > row {
      takesTitle = Area(row: row - 1, column: column - 1, width: rightWidth + 1, height: 1)
      // As many rows as there are takes; what is left shows something else.
      let left = below - row
      let isStaff = isWide && left >= Self.leastTakes + 1 + Self.leastStaff
      let most = left - (isStaff ? 1 + Self.leastStaff : Self.leastHistory + 1)
      let wanted = max(session.takes.count, Self.leastTakes)
      let rows = most >= Self.leastTakes ? min(wanted, most) : left
      takes = Area(row: row, column: column, width: rightWidth, height: rows)
      row += rows + 1
      guard below > row else { return }
      let rest = Area(row: row, column: column, width: rightWidth, height: below - row)
      if isStaff { staff = rest } else if !isWide { history = rest }
    }
  }

  private static let sideWidth = 53
  private static let leastTakes = 3
  /// From the E of the lowest line to the A above the highest, and the lengths.
  private static let leastStaff = 9
  private static let leastHistory = 2

  /// From the top: status, ruler, roll, lanes, names, text, takes, message, help.
  private mutating func place(rollRows: Int, textRows: Int, takesRows: Int) {
    ruler = Area(row: 1, column: 0, width: width, height: 1)
    roll = Area(row: 2, column: 0, width: width, height: rollRows)
    laneRow = 2 + rollRows
    let titleRow = laneRow + lanes.count
    title = Area(row: titleRow, column: 0, width: width, height: 1)
    text = Area(row: titleRow + 1, column: 0, width: width, height: textRows)
    if takesRows > 0 {
      takesTitle = Area(row: titleRow + 1 + textRows, column: 0, width: width, height: 1)
      takes = Area(row: titleRow + 2 + textRows, column: 0, width: width, height: 1)
    }
  }
}

extension Drawing {
  /// Draws what the layout has placed. It stands here so that a pane is placed and drawn in one file.
  mutating func drawPanes() {
    if let roll = layout.roll { drawRoll(roll) }
    if let side = layout.side { drawSide(side) }
    if let judge = layout.judge { drawJudge(judge) }
    if let alternatives = session.alternatives {
      drawAlternatives(alternatives)
      return
    }
    if let title = layout.title { drawTextTitle(title) }
    if let text = layout.text { drawText(text) }
    if let next = layout.next { drawNext(next) }
    if let takes = layout.takes { drawTakes(takes) }
    if let staff = layout.staff { drawSecondView(staff) }
    if let history = layout.history { drawHistoryPane(history) }
  }
}
