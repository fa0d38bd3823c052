import ABC
import Compose

/// The lines of a text as a pane of some width shows them: long ones wrapped.
struct TextLines {
  /// Byte ranges, without the newline.
  private(set) var rows: [Range<Int>] = []
  /// What the first row says in place of the whole header; `nil` where every line is shown.
  private(set) var summary: String?

  /// - Parameter header: The bytes of a header to be shown as one row.
  init(_ bytes: [UInt8], width: Int, folding header: Range<Int>? = nil) {
    var start = 0
    let width = max(width, 1)
    if let header {
      rows.append(header.lowerBound..<max(header.upperBound - 1, header.lowerBound))
      summary = TextLines.summary(bytes[header])
      start = header.upperBound
    }
    while start <= bytes.count {
      let end = bytes[start...].firstIndex(of: 10) ?? bytes.count
      var from = start
      repeat {
        var to = from
        var cells = 0
        while to < end {
          let size = TextLines.cells(bytes, to)
          guard cells + size.cells <= width else { break }
          cells += size.cells
          to += size.bytes
        }
        if to == from, to < end { to += TextLines.cells(bytes, to).bytes }
        rows.append(from..<min(to, end))
        from = to
      } while from < end
      start = end + 1
    }
  }

  /// Meter, unit length, tempo and key as a header has them: `M:6/8 L:1/8 Q:80 K:D`.
  static func summary(_ header: ArraySlice<UInt8>) -> String {
    let lines = String(decoding: header, as: UTF8.self).split(separator: "\n")
    return ["M:", "L:", "Q:", "K:"].compactMap { field in
      lines.first { $0.hasPrefix(field) }.map { field + $0.dropFirst(2).drop { $0 == " " } }
    }.joined(separator: " ")
  }

  /// The row that shows a byte; the one it would start, at a wrapped line's edge.
  func row(of byte: Int) -> Int { rows.lastIndex { $0.lowerBound <= byte } ?? 0 }

  /// How many bytes the character at `index` has, and how many cells it takes.
  static func cells(_ bytes: [UInt8], _ index: Int) -> (
    bytes: Int, cells: Int, scalar: Unicode.Scalar
  ) {
    let lead = bytes[index]
    if lead < 0x80 {
      return (1, lead < 32 || lead == 127 ? 2 : 1, Unicode.Scalar(lead))
    }
    let count = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2
    let end = min(index + count, bytes.count)
    let scalar =
      String(decoding: bytes[index..<end], as: UTF8.self).unicodeScalars.first ?? "?"
    return (end - index, TextWidth.of(String(scalar)), scalar)
  }
}

extension Drawing {
  mutating func drawTextTitle(_ area: Area) {
    var name = "ABC"
    if session.view.noteColour != .origin {
      name += "  notes by \(session.view.noteColour.rawValue)"
    }
    if let bar = session.score.bar(atByte: session.cursor) {
      name += "  bar \(parsed.bars[bar].number)"
    }
    let plan = session.planWords
    if !plan.isEmpty, area.width >= 60 { name += " \(symbols.dash) plan \(plan)" }
    if parsed.voices.count > 1 { name += " \(symbols.dash) voice \(session.cursorVoiceName)" }
    if takes.count > 1, let here = takes.firstIndex(of: session.history.currentIdentifier) {
      name += " \(symbols.dash) take \(here + 1)/\(takes.count)"
    }
    if let lyric = lyricAtCursor { name += " \(symbols.dash) \"\(lyric)\"" }
    let warnings = parsed.diagnostics.filter { $0.severity != .note && !$0.mayPass }.count
    if warnings > 0, area.width >= 60 {
      name += " \(symbols.dash) \(warnings) warning\(warnings == 1 ? "" : "s") (gw)"
    }
    let order = session.score.playedOrder
    if !order.isEmpty, area.width >= 60 { name += " \(symbols.dash) plays \(order)" }
    rule(area, name, isFocused: session.view.focus == .text || session.mode == .insert)
    if let next = layout.nextTitle ?? layout.takesTitle, next.row == area.row, next.column > 0 {
      surface.set(symbols.teeDown, row: area.row, column: next.column, palette[.border])
    }
  }

  private var lyricAtCursor: String? {
    guard !parsed.lyrics.isEmpty,
      let note = parsed.notes.firstIndex(where: { $0.range.contains(session.cursor) })
    else { return nil }
    return parsed.lyrics.first { $0.note == note }?.text
  }

  /// The byte that must be seen in the text.
  private var textFocus: Int {
    if session.mode == .insert || session.mode == .select { return session.cursor }
    let isWriting = session.generator == .running || session.generator == .resting
    switch session.view.follow {
    case .playhead where session.player.state != .stopped:
      if let note = sounding.first { return parsed.notes[note].range.lowerBound }
      if let played = session.score.playedBar(at: context.playhead),
        parsed.bars.indices.contains(played.written)
      {
        return parsed.bars[played.written].range.lowerBound
      }
      return session.cursor
    case .playhead where isWriting, .head where isWriting: return session.head
    default: return session.cursor
    }
  }

  /// The first row of the text pane, so that the focus is inside it.
  func textScroll(_ lines: TextLines, height: Int) -> Int {
    let focus = lines.row(of: textFocus)
    let most = max(lines.rows.count - height, 0)
    guard most > 0 else { return 0 }
    // Two thirds down: what comes before matters more, but a line of what follows is seen.
    let scroll = focus - max(height * 2 / 3, height - 2)
    return min(max(scroll, 0), most)
  }

  /// Column 1 on roomy screens, 0 on narrow ones.
  var textIndent: Int { surface.width >= 60 ? 1 : 0 }

  /// So many rows are enough to show a header field by field.
  private static let roomyRows = 12

  /// The lines of the text pane. A header that would take the music's place is one row, and it always is
  /// in a low pane, unless the cursor is in it or the model writes it.
  func textLines(_ area: Area) -> TextLines {
    let width = area.width - textIndent - 1
    let all = TextLines(bytes, width: width)
    let header = 0..<min(parsed.body.lowerBound, bytes.count)
    let fields = bytes[header].count { $0 == 10 }
    guard all.rows.count > area.height || area.height < Self.roomyRows && !parsed.bars.isEmpty,
      fields >= 2, session.cursor >= header.upperBound,
      session.head >= header.upperBound, textFocus >= header.upperBound
    else { return all }
    return TextLines(bytes, width: width, folding: header)
  }

  mutating func drawText(_ area: Area) {
    let lines = textLines(area)
    let scroll = textScroll(lines, height: area.height)
    let (from, styles) = textStyles(lines, scroll, area.height)
    for offset in 0..<area.height where scroll + offset < lines.rows.count {
      let range = lines.rows[scroll + offset]
      let row = area.row + offset
      var column = area.column + textIndent
      if scroll + offset == 0, let summary = lines.summary {
        surface.write(summary, row: row, column: column, palette[.abcField], end: area.end)
        continue
      }
      var index = range.lowerBound
      while index < range.upperBound {
        let character = TextLines.cells(bytes, index)
        let style = styles[index - from]
        if character.scalar.value >= 32, character.scalar.value < 127 {
          surface.set(character.scalar, row: row, column: column, style)
        } else {
          surface.write(String(character.scalar), row: row, column: column, style, end: area.end)
        }
        column += character.cells
        index += character.bytes
      }
    }
    drawTextHead(area, lines, scroll)
    // Out of sight it is shown nowhere: what is typed goes where the cursor is.
    if surface.cursor == nil { surface.cursor = place(of: session.cursor, area, lines, scroll) }
    for row in area.rows where area.end < surface.width {
      surface.set(symbols.vertical, row: row, column: area.end, palette[.border])
    }
  }

  /// Styles of the visible bytes, and the first of those.
  private func textStyles(
    _ lines: TextLines, _ scroll: Int, _ height: Int
  ) -> (from: Int, styles: [Style]) {
    let visible = lines.rows.dropFirst(scroll).prefix(height)
    guard let from = visible.first?.lowerBound, let to = visible.last?.upperBound, from <= to else {
      return (0, [])
    }
    // Syntax depends on the line alone, so that reading may begin at any line's start.
    let start = bytes[..<from].lastIndex(of: 10).map { $0 + 1 } ?? 0
    let scopes = ABCSyntax.scopes(of: Array(bytes[start..<to]))
    var cache: [Scope: Style] = [:]
    var styles: [Style] = scopes[(from - start)...].map { scope in
      if let style = cache[scope] { return style }
      let style = palette[scope]
      cache[scope] = style
      return style
    }
    func patch(_ range: Range<Int>, _ style: Style) {
      for index in range.clamped(to: from..<to) {
        styles[index - from] = styles[index - from].patched(with: style)
      }
    }
    for diagnostic in parsed.diagnostics where diagnostic.severity != .note && !diagnostic.mayPass {
      let range = diagnostic.range
      let seen = range.isEmpty ? range.lowerBound..<range.lowerBound + 1 : range
      patch(seen, palette[diagnostic.severity == .error ? .abcError : .abcWarning])
    }
    for lock in session.locks { patch(lock, palette[.noteLocked]) }
    if let selection = session.selection {
      patch(session.score.bytes(ofBars: selection), palette[.selection])
    }
    for note in sounding { patch(parsed.notes[note].range, palette[.abcPlaying]) }
    return (from, styles)
  }

  /// The generation head as a block behind the last character.
  private mutating func drawTextHead(_ area: Area, _ lines: TextLines, _ scroll: Int) {
    guard session.head == bytes.count, session.model != nil, !bytes.isEmpty else { return }
    switch session.generator {
    case .running, .resting, .paused, .priming: break
    default: return
    }
    guard let place = place(of: session.head, area, lines, scroll),
      place.row != surface.cursor?.row || place.column != surface.cursor?.column
    else { return }
    surface.set(symbols.textHead, row: place.row, column: place.column, palette[.abcHead])
  }

  /// Where a byte stands on the screen.
  func place(of byte: Int, _ area: Area, _ lines: TextLines, _ scroll: Int) -> Surface.Position? {
    let row = lines.row(of: byte)
    guard lines.rows.indices.contains(row), row >= scroll, row < scroll + area.height else {
      return nil
    }
    var column = area.column + textIndent
    var index = lines.rows[row].lowerBound
    while index < min(byte, lines.rows[row].upperBound) {
      let character = TextLines.cells(bytes, index)
      column += character.cells
      index += character.bytes
    }
    return Surface.Position(row: area.row + row - scroll, column: min(column, surface.width - 1))
  }

  /// The byte under a cell of the text pane, for the mouse.
  func byte(atRow row: Int, column: Int, _ area: Area) -> Int {
    let lines = textLines(area)
    let line = textScroll(lines, height: area.height) + row - area.row
    guard lines.rows.indices.contains(line) else { return bytes.count }
    var at = area.column + textIndent
    var index = lines.rows[line].lowerBound
    while index < lines.rows[line].upperBound {
      let character = TextLines.cells(bytes, index)
      guard at + character.cells <= column else { break }
      at += character.cells
      index += character.bytes
    }
    return index
  }
}
