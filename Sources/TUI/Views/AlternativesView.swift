import ABC
import Compose
import Music

extension Drawing {
  /// The alternatives in place of text, next characters and takes: one row each, the original first.
  mutating func drawAlternatives(_ alternatives: Alternatives) {
    guard let message = layout.message, let text = layout.text else { return }
    let top = layout.title?.row ?? text.row
    let bottom = min(layout.judge ?? message, message)
    var area = Area(row: top, column: 0, width: surface.width, height: bottom - top)
    if let title = layout.title {
      let ready = alternatives.candidates.count(where: \.isReady)
      var name = "alternatives for \(alternatives.name)"
      if !alternatives.isReady { name += "   \(ready) of \(alternatives.wanted) written" }
      if let passed = alternatives.passed {
        // Of music that goes on some marks are open still.
        name += "   \(passed) of \(alternatives.drawn) drawn fail no mark"
      }
      if surface.width >= 60 {
        name +=
          "   \(StatusLine.temperatures(session.sampling, writing: session.model?.writing ?? .characters))"
        if alternatives.duplicates > 0 { name += "   doubles left out: \(alternatives.duplicates)" }
      }
      rule(Area(row: title.row, column: 0, width: surface.width, height: 1), name)
      area.row += 1
      area.height -= 1
    }
    guard area.height > 0 else { return }
    let count = alternatives.candidates.count + 1
    // Where there is room each has a row for its incipit.
    let isRoomy =
      surface.width >= Self.leastForIncipits && area.height >= count * 2 + 2
      && !alternatives.isOfChords
    let step = isRoomy ? 2 : 1
    let first =
      isRoomy ? 0 : max(min(alternatives.selected - area.height / 2, count - area.height), 0)
    for number in first..<min(first + area.height, count) {
      drawAlternative(
        number, of: alternatives, row: area.row + (number - first) * step, hasIncipit: !isRoomy)
      if isRoomy { drawIncipit(number, of: alternatives, row: area.row + number * 2 + 1) }
    }
    surface.cursor = Surface.Position(
      row: area.row + (alternatives.selected - first) * step, column: 0)
    let below = area.row + (count - first) * step
    // A row below the list if there is room, or the next one.
    let next = min(below + (isRoomy ? 0 : 1), area.rows.upperBound - 1)
    let rest = area.rows.upperBound - next - 2
    if isRoomy, rest >= Self.leastForStaff {
      // The one that is shown, as it is written.
      drawSecondView(
        Area(row: next + 2, column: 0, width: surface.width, height: rest), isFramed: false)
    }
    if next >= below, alternatives.selected > 0 {
      surface.fill(row: next, columns: 0..<surface.width, palette[.dim])
      surface.write(
        "    " + session.alternativeDifference, row: next, column: 0, palette[.dim])
    }
  }

  /// `> 2 playing  FADF AFdA|BABc d2ef|   ▃▅▁▃▅▃▇▅  2.0  ends on D`.
  private mutating func drawAlternative(
    _ number: Int, of alternatives: Alternatives, row: Int, hasIncipit: Bool
  ) {
    guard let identifier = alternatives.version(number) else { return }
    let version = session.history.versions[identifier]
    let isShown = number == alternatives.selected
    let style = palette[isShown ? .takeCurrent : .take]
    let candidate = number > 0 ? alternatives.candidates[number - 1] : nil
    var word = number == 0 ? "original" : ""
    if isShown, session.player.state != .stopped {
      word = "playing"
    } else if !version.tag.isEmpty {
      word = version.tag
    } else if candidate?.isComp == true {
      word = "as heard"
    } else if candidate?.isHeld == true {
      word = "held"
    }
    word = TextWidth.clip(word, to: 8)
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
    let summary = TakeSummary(
      version, alternatives.start, length: length, kept: alternatives.kept, symbols)
    let figures =
      isNarrow
      ? ""
      : (marks.isEmpty ? "" : " " + marks)
        + " \(padded(summary.contour, length)) \(padded(left: summary.bits, 4)) bits/note"
    let end = max(surface.width - TextWidth.of(figures) - 1, column)
    let music = self.music(of: version, alternatives)
    if alternatives.isOfChords {
      surface.write(
        withEnding(chords(of: music), width: end - column), row: row, column: column, style,
        end: end)
      surface.write(figures, row: row, column: end, style, end: surface.width)
      return
    }
    let isEnd = music.allSatisfy { $0 == " " }
    column = surface.write(
      isEnd ? "(the tune ends here)" : withEnding(music, width: end - column), row: row,
      column: column, style, end: end)
    surface.write(figures, row: row, column: end, style, end: surface.width)
    guard hasIncipit, surface.width >= Self.leastForIncipits, !isEnd else { return }
    // In one column for all candidates, where the music of none reaches.
    let incipit = self.incipit(of: music, width: surface.width / 3)
    let place = max(end - 2 - surface.width / 3, 0)
    if column + 2 <= place { surface.write(incipit, row: row, column: place, style, end: end - 1) }
  }

  /// How the music of an alternative goes, in a row below it.
  private mutating func drawIncipit(_ number: Int, of alternatives: Alternatives, row: Int) {
    guard let identifier = alternatives.version(number),
      number == 0 || alternatives.candidates[number - 1].isReady
    else { return }
    let music = self.music(of: session.history.versions[identifier], alternatives)
    guard music.contains(where: { $0 != " " }) else { return }
    let column = Self.textColumn
    surface.write(
      incipit(of: music, width: surface.width - column - 1), row: row, column: column,
      palette[number == alternatives.selected ? .takeCurrent : .take])
  }

  /// What an alternative writes, on one line.
  private func music(of version: History.Version, _ alternatives: Alternatives) -> String {
    let range = alternatives.range(inTextOf: version.byteCount)
    let start = TakeSummary.musicStart(version, range.lowerBound)
    return String(
      decoding: version.text.utf8.dropFirst(start).prefix(max(range.upperBound - start, 0)),
      as: UTF8.self
    ).replacing("\n", with: " ")
  }

  /// The chord symbols of music, bar by bar: `D A7 | Em | D`.
  private func chords(of music: String) -> String {
    music.split(separator: "|").map { bar in
      let parts = bar.split(separator: "\"", omittingEmptySubsequences: false)
      return parts.indices.filter { $0 % 2 == 1 }.map { String(parts[$0]) }
        .joined(separator: " ")
    }.joined(separator: " | ")
  }

  private static let leastForIncipits = 100
  /// `> 1 playing  ` stands before the music.
  private static let textColumn = 13
  /// A rule's row left out: from the E of the lowest line to the A above the highest, and the lengths.
  private static let leastForStaff = 9

  /// How music goes in time: a column for each unit length, as high as its note in the tune's range,
  /// with bar lines; empty for rests.
  func incipit(of music: String, width: Int) -> String {
    let header = parsed.header
    let tune = ParsedTune(
      text: "X:1\nM:\(header.meter)\nL:\(header.unitLength)\nK:\(header.key)\n\(music)\n")
    let unit = max(header.unitLength.value, 1.0 / 32)
    let keys = parsed.notes.compactMap { $0.pitch?.key } + tune.notes.compactMap { $0.pitch?.key }
    guard let low = keys.min(), let high = keys.max() else { return "" }
    var line: [Unicode.Scalar] = []
    for (index, bar) in tune.bars.enumerated() where bar.voice == 0 {
      var cells = [Unicode.Scalar](
        repeating: " ", count: min(max(Int((bar.length.value / unit).rounded(.up)), 0), width))
      for note in tune.notes where note.bar == index {
        guard note.kind == .note, let key = note.pitch?.key else { continue }
        let from = Int((note.start - bar.start).value / unit + 1e-6)
        let to = max(Int(((note.start - bar.start + note.length).value / unit).rounded()), from + 1)
        let level = 1 + (key - low) * 7 / max(high - low, 1)
        for cell in from..<to where cells.indices.contains(cell) {
          cells[cell] = symbols.level(level)
        }
      }
      line += cells
      if bar.isClosed { line.append(symbols.vertical) }
      if line.count >= width { break }
    }
    var text = ""
    text.unicodeScalars += line.prefix(width)
    return text
  }

  /// Music too long for its row: its beginning and how it ends.
  private func withEnding(_ music: String, width: Int) -> String {
    var music = music
    while music.last == " " { music.removeLast() }
    let tail = width / 3
    guard TextWidth.of(music) > width, tail >= 6 else { return music }
    var ending = ""
    for character in music.reversed() {
      guard TextWidth.of(ending) + TextWidth.of(String(character)) <= tail else { break }
      ending.insert(character, at: ending.startIndex)
    }
    return TextWidth.clip(music, to: width - tail - 3) + "..." + ending
  }
}
