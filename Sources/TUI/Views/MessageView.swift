import Compose

extension Drawing {
  /// The message line: what is being typed, or what happened last.
  mutating func drawMessage() {
    guard let row = layout.message else { return }
    surface.fill(row: row, columns: 0..<surface.width, palette[.message])
    switch session.mode {
    case .commandLine(let line): drawLine(":", line, row)
    case .find(let line): drawLine("/", line, row)
    case .prompt(let prompt): drawLine("\(prompt.question): ", prompt.line, row)
    default:
      if let prefix = session.pendingPrefix ?? session.pendingCount.map(String.init) {
        surface.write(
          "\(prefix) ...", row: row, column: surface.width >= 60 ? 1 : 0, palette[.prompt])
        return
      }
      guard let message = session.message else { return drawQuietLine(row) }
      let isError = message.kind == .error
      let start = surface.width >= 60 ? 1 : 0
      let style = palette[isError ? .messageError : .message]
      var rest = message.text
      let lines = TextWidth.lines(of: rest, width: surface.width - start)
      if lines.count > 1, let above = layout.judge {
        // It takes the judge's row for as long as it is read.
        surface.fill(row: above, columns: 0..<surface.width, palette[.message])
        surface.write(lines[0], row: above, column: start, style)
        rest = lines.dropFirst().joined(separator: " ")
      }
      let end = surface.write(
        cut(rest, to: surface.width - start), row: row, column: start, style)
      drawQuietLine(row, after: end)
    }
  }

  /// A sentence in a line, with a sign at its end where there is more: the messages tell all of it.
  private func cut(_ sentence: String, to width: Int) -> String {
    guard TextWidth.of(sentence) > width else { return sentence }
    let key = context.keys.shortKey(for: .messages, in: "normal").map { " (\($0))" } ?? ""
    let sign = "..." + key
    return TextWidth.clip(sentence, to: max(width - TextWidth.of(sign), 0)) + sign
  }

  /// What is always true, at the right where there is room.
  private mutating func drawQuietLine(_ row: Int, after column: Int = 0) {
    guard surface.width >= 100, !session.text.isEmpty else { return }
    let depth = session.history.depth
    let words = "undo: \(depth) step\(depth == 1 ? "" : "s")"
    let start = max(surface.width - words.utf8.count - 2, column + 4)
    surface.write(words, row: row, column: start, palette[.dim])
  }

  /// One line being typed, scrolled so that its cursor is seen.
  mutating func drawLine(_ lead: String, _ line: LineEditor, _ row: Int) {
    let column = surface.write(lead, row: row, column: 0, palette[.prompt])
    drawEditor(line, row: row, columns: column..<surface.width, palette[.message])
  }

  /// The text of an editor in some columns, with the hardware cursor at its place.
  mutating func drawEditor(
    _ line: LineEditor, row: Int, columns: Range<Int>, _ style: Style, hasCursor: Bool = true
  ) {
    guard columns.count > 1 else { return }
    let before = String(decoding: line.text.utf8.prefix(line.cursor), as: UTF8.self)
    let room = columns.count - 1
    let hidden = max(TextWidth.of(before) - room, 0)
    surface.write(
      line.text, row: row, column: columns.lowerBound - hidden, style, end: columns.upperBound)
    if hidden > 0 {
      // Writing begins left of the field: put back what stood there.
      surface.set("<", row: row, column: columns.lowerBound, palette[.dim])
    }
    if hasCursor {
      surface.cursor = Surface.Position(
        row: row, column: columns.lowerBound + TextWidth.of(before) - hidden)
    }
  }
}
