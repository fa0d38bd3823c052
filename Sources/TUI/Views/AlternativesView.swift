import ABC
import Compose

extension Drawing {
  /// The alternatives in place of text, next characters and takes: one row each, the original first.
  mutating func drawAlternatives(_ alternatives: Alternatives) {
    guard let message = layout.message, let text = layout.text else { return }
    let top = layout.title?.row ?? text.row
    var area = Area(row: top, column: 0, width: surface.width, height: message - top)
    if let title = layout.title {
      let ready = alternatives.candidates.count(where: \.isReady)
      var name = "alternatives for \(alternatives.name)"
      if !alternatives.isReady { name += "   \(ready) of \(alternatives.candidates.count) written" }
      if surface.width >= 60 {
        name += "   \(StatusLine.temperatures(session.sampling))"
        if alternatives.duplicates > 0 { name += "   doubles left out: \(alternatives.duplicates)" }
      }
      rule(Area(row: title.row, column: 0, width: surface.width, height: 1), name)
      area.row += 1
      area.height -= 1
    }
    guard area.height > 0 else { return }
    let count = alternatives.candidates.count + 1
    let first = max(min(alternatives.selected - area.height / 2, count - area.height), 0)
    for number in first..<min(first + area.height, count) {
      drawAlternative(number, of: alternatives, row: area.row + number - first)
    }
    surface.cursor = Surface.Position(row: area.row + alternatives.selected - first, column: 0)
    let next = area.row + count - first + 1
    if next < area.rows.upperBound, alternatives.selected > 0 {
      surface.write(
        "    " + difference(of: alternatives), row: next, column: 0, palette[.dim])
    }
  }

  /// `> 2 playing  FADF AFdA|BABc d2ef|   ▃▅▁▃▅▃▇▅  2.0  ends on D`.
  private mutating func drawAlternative(
    _ number: Int, of alternatives: Alternatives, row: Int
  ) {
    guard let identifier = alternatives.version(number) else { return }
    let version = session.history.versions[identifier]
    let isShown = number == alternatives.selected
    let style = palette[isShown ? .takeCurrent : .take]
    let candidate = number > 0 ? alternatives.candidates[number - 1] : nil
    var word = number == 0 ? "original" : ""
    if isShown, session.player.state != .stopped {
      word = "playing"
    } else if candidate?.isHeld == true {
      word = "held"
    }
    let isNarrow = surface.width < 60
    if isNarrow { word = String(word.prefix(4)) }
    surface.fill(row: row, columns: 0..<surface.width, style)
    var column = surface.write(
      "\(isShown ? ">" : " ") \(number) \(padded(word, isNarrow ? 4 : 8)) ", row: row, column: 0,
      style)
    guard number == 0 || candidate?.isReady == true else {
      surface.write("is being written", row: row, column: column, palette[.dim])
      return
    }
    let marks = shortMarks(of: identifier)
    let length = marks.isEmpty || surface.width >= 100 ? 16 : 8
    let summary = TakeSummary(version, alternatives.start, length: length, symbols)
    let figures =
      isNarrow
      ? ""
      : (marks.isEmpty ? "" : " " + marks)
        + " \(padded(summary.contour, length)) \(padded(left: summary.bits, 4)) bits/note"
    let end = max(surface.width - TextWidth.of(figures) - 1, column)
    let range = alternatives.range(inTextOf: version.byteCount)
    let start = TakeSummary.musicStart(version, range.lowerBound)
    let music = String(
      decoding: version.text.utf8.dropFirst(start).prefix(max(range.upperBound - start, 0)),
      as: UTF8.self
    ).replacing("\n", with: " ")
    let isEnd = music.allSatisfy { $0 == " " }
    column = surface.write(
      isEnd ? "(the tune ends here)" : music, row: row, column: column, style, end: end)
    surface.write(figures, row: row, column: end, style, end: surface.width)
  }

  /// From where on the alternative that is shown differs from the original, and on what it ends.
  private func difference(of alternatives: Alternatives) -> String {
    let original = session.history.versions[alternatives.original].text.utf8
    let same = zip(original, session.text.utf8).prefix { $0 == $1 }.count
    var words: [String] = []
    if original.count > alternatives.start, let bar = session.score.bar(atByte: same) {
      words.append("differs from the original from bar \(max(parsed.bars[bar].number, 1)) on")
    }
    if let last = parsed.notes.last(where: { $0.pitch != nil }) {
      words.append("ends on \(AlternativesWords.note(session.text.text(atBytes: last.range)))")
    }
    return words.joined(separator: "; ")
  }
}

/// How the rows under the alternatives say things.
enum AlternativesWords {
  /// A note as ABC writes it, its length told apart from its pitch: `A2` is `A (length 2)`.
  static func note(_ written: String) -> String {
    guard let digit = written.firstIndex(where: { $0.isNumber || $0 == "/" }) else {
      return written
    }
    return "\(written[..<digit]) (length \(written[digit...]))"
  }
}
