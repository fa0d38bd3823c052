import Analysis
import Compose

extension Drawing {
  /// The nine marks of the text so far, and at the right what it shares with a known tune.
  mutating func drawJudge(_ row: Int) {
    surface.fill(row: row, columns: 0..<surface.width, palette[.background])
    guard let critique = session.critique else {
      surface.write("judge", row: row, column: 1, palette[.laneLabel])
      return
    }
    var column = 1
    for mark in shownMarks(critique, width: surface.width - 2) {
      column = surface.write(
        markWord(mark, gap: surface.width >= 100 ? " " : ""), row: row, column: column,
        palette[scope(of: mark.verdict)], end: surface.width)
      column += surface.width >= 100 ? 2 : 1
    }
    guard let passage = session.passageAtCursor ?? critique.longestPassage else { return }
    let words = TextWidth.clip(passage.words, to: 40)
    let start = surface.width - TextWidth.of(words) - 1
    if start > column + 1 {
      surface.write(words, row: row, column: start, palette[.dim], end: surface.width)
    }
  }

  private func markWord(_ mark: Critique.Mark, gap: String) -> String {
    mark.gate.rawValue + gap + mark.verdict.mark(isASCII: symbols == .ascii)
  }

  /// All nine; where there is no room for them those that failed, then those that are open.
  private func shownMarks(_ critique: Critique, width: Int) -> [Critique.Mark] {
    func size(_ marks: [Critique.Mark]) -> Int {
      marks.reduce(-1) { $0 + TextWidth.of(markWord($1, gap: "")) + 1 }
    }
    guard size(critique.marks) > width else { return critique.marks }
    var shown = critique.marks.filter { $0.verdict == .failed }
    shown += critique.marks.filter { $0.verdict == .open }
    while size(shown) > width, !shown.isEmpty { shown.removeLast() }
    return shown
  }

  private func scope(of verdict: Verdict) -> Scope {
    switch verdict {
    case .passed: .text
    case .failed: .rulerWarning
    case .open: .dim
    }
  }

  /// The nine marks of a version in nine cells; blank until it is judged.
  func shortMarks(of version: History.Identifier) -> String {
    guard session.hasJudge else { return "" }
    guard let critique = session.critique(of: version) else {
      return String(repeating: " ", count: Gate.allCases.count)
    }
    return critique.marks.map { $0.verdict.mark(isASCII: symbols == .ascii) }.joined()
  }

  /// How many gates a version passes: `7` and a sign; empty until it is judged.
  func passedCount(of version: History.Identifier) -> String {
    guard session.hasJudge, let critique = session.critique(of: version) else { return "" }
    return "\(critique.passedCount)" + Verdict.passed.mark(isASCII: symbols == .ascii)
  }

  // MARK: The explanation

  /// What the judge says, mark by mark, and what is shared with known tunes.
  mutating func drawCritique(_ scroll: Int) {
    guard let critique = session.critique else { return }
    let width = surface.width - 4
    let lead = 13
    var lines: [(text: String, scope: Scope)] = []
    func add(_ head: String, _ sentence: String, _ scope: Scope) {
      let wrapped = TextWidth.lines(of: sentence, width: max(width - lead, 10))
      for (index, line) in wrapped.enumerated() {
        lines.append((padded(index == 0 ? head : "", lead) + line, scope))
      }
    }
    for mark in critique.marks {
      let sign = mark.verdict.mark(isASCII: symbols == .ascii)
      add(
        "\(sign) \(mark.gate.rawValue)", mark.sentence,
        mark.verdict == .failed ? .popupKey : mark.verdict == .open ? .popupDim : .popup)
    }
    let longest = critique.passages.sorted { $0.notes > $1.notes }.prefix(4)
    if longest.isEmpty {
      add("  copied", "No nine notes in a row are those of a known tune.", .popupDim)
    }
    for (index, passage) in longest.enumerated() {
      add(
        index == 0 ? "  copied" : "", session.words(of: passage) + ".",
        passage.notes >= session.mostSharedNotes ? .popupKey : .popup)
    }
    let area = box(
      "judge: \(critique.passedCount) of \(critique.marks.count)", width: surface.width - 2,
      height: lines.count)
    guard let area else { return }
    let first = max(min(scroll, lines.count - area.height), 0)
    for (index, line) in lines.dropFirst(first).prefix(area.height).enumerated() {
      surface.write(
        " " + line.text, row: area.row + index, column: area.column, palette[line.scope],
        end: area.end)
    }
  }

  // MARK: The lane

  /// For each note how long the longest run is that it is part of, and in words what is shared at
  /// the cursor.
  mutating func drawCopyLane(_ geometry: RollGeometry, _ row: Int) {
    guard let critique = session.critique else { return }
    let most = max(session.mostSharedNotes, 1)
    for note in parsed.notes where note.kind == .note && note.voice == 0 {
      guard let column = geometry.column(at: note.start.value),
        let passage = critique.passage(atByte: note.range.lowerBound)
      else { continue }
      let level = min(max(passage.notes * 8 / most, 1), 8)
      let isTooLong = passage.notes >= most
      let start = Int(column + 0.001)
      let width = Int(geometry.columns(of: note).rounded())
      for cell in start..<min(max(start + width, start + 1), geometry.area.end) {
        surface.set(
          symbols.level(level), row: row, column: cell,
          palette[.laneCopy].with(isTooLong ? .bold : []))
      }
    }
    guard let passage = session.passageAtCursor else { return }
    let words = " " + TextWidth.clip(passage.words, to: geometry.area.width / 2) + " "
    // At the end that is further from the cursor.
    let cursor = geometry.column(at: RollGeometry.writtenTime(atByte: session.cursor, in: session))
    let middle = Double(geometry.area.column + geometry.area.width / 2)
    let isLeft = cursor ?? 0 > middle
    surface.write(
      words, row: row,
      column: isLeft
        ? geometry.area.column + geometry.gutter : geometry.area.end - TextWidth.of(words),
      palette[.laneCopy].with(.bold), end: geometry.area.end)
  }
}
