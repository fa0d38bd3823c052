import Compose

extension Drawing {
  /// Other continuations from here: a strip of contours, or a list where there is room.
  mutating func drawTakes(_ area: Area) {
    let anchor = session.takeAnchor
    let here = takes.firstIndex(of: session.history.currentIdentifier) ?? 0
    if let title = layout.takesTitle {
      let from = session.takeBar.map { "takes from bar \($0)" } ?? "takes"
      let previous = context.keys.shortKey(for: .takePrevious, in: "normal")
      let next = context.keys.shortKey(for: .takeNext, in: "normal")
      let retry = context.keys.shortKey(for: .retry, in: "normal")
      var keys = ""
      if let previous, let next { keys += "   \(previous) \(next) switch" }
      if let retry { keys += "   \(retry) another" }
      rule(title, from + keys, start: title.column > 0 ? symbols.teeRight : nil)
      if title.column > 0, title.row == layout.title?.row {
        surface.set(symbols.teeDown, row: title.row, column: title.column, palette[.border])
      }
    }
    if area.height == 1 {
      drawStrip(area, takes, here, anchor)
    } else {
      drawTakeList(area, takes, here, anchor)
    }
  }

  private mutating func drawStrip(
    _ area: Area, _ takes: [History.Identifier], _ here: Int, _ anchor: Int
  ) {
    let entryWidth = session.hasJudge ? 20 : 17
    let fitting = max(area.width / entryWidth, 1)
    let first = max(min(here - fitting / 2, takes.count - fitting), 0)
    var column = area.column + 1
    for (index, take) in takes.enumerated().dropFirst(first).prefix(fitting) {
      let version = session.history.versions[take]
      let summary = TakeSummary(version, anchor, length: 8, symbols)
      let number = index == here ? "[\(index + 1)]" : "\(index + 1)" + mark(version)
      let style = palette[index == here ? .takeCurrent : .take]
      let runs = index == here && session.generator == .running
      let name = version.tag.isEmpty ? summary.contour : TextWidth.clip(version.tag, to: 8)
      column = surface.write(
        "\(number)\(name) \(runs ? "run" : summary.bits) \(passedCount(of: take))",
        row: area.row,
        column: column, style, end: area.end)
      column = max(column + 2, area.column + 1 + (index - first + 1) * entryWidth)
    }
    if takes.count > fitting, column + 8 < area.end {
      surface.write("of \(takes.count)", row: area.row, column: column, palette[.take])
    }
  }

  private mutating func drawTakeList(
    _ area: Area, _ takes: [History.Identifier], _ here: Int, _ anchor: Int
  ) {
    let first = max(min(here - area.height / 2, takes.count - area.height), 0)
    for (index, take) in takes.enumerated().dropFirst(first).prefix(area.height) {
      let version = session.history.versions[take]
      let summary = TakeSummary(version, anchor, length: 8, symbols)
      let row = area.row + index - first
      let style = palette[index == here ? .takeCurrent : .take]
      surface.write(
        (index == here ? "> \(index + 1)" : "  \(index + 1)") + mark(version), row: row,
        column: area.column + 1, style, end: area.end)
      let marks = shortMarks(of: take)
      let textEnd = area.end - 11 - (marks.isEmpty ? 0 : marks.count + 1)
      var column = area.column + 7
      if !version.tag.isEmpty {
        column =
          surface.write(
            TextWidth.clip(version.tag, to: 12), row: row, column: column, palette[.takeCurrent],
            end: textEnd - 1) + 1
      }
      let from = bytesAfter(version, anchor, count: max(textEnd - column, 0))
      surface.write(from, row: row, column: column, style, end: textEnd - 1)
      surface.write(
        (marks.isEmpty ? "" : marks + " ")
          + "\(padded(left: summary.bits, 4)) \(padded(left: summary.temperature, 5))",
        row: row, column: textEnd, style, end: area.end)
    }
  }

  /// `x` behind the number of a take that was dropped.
  private func mark(_ version: History.Version) -> String { version.isDropped ? "x" : " " }

  /// The beginning of what a take says that others do not.
  private func bytesAfter(_ version: History.Version, _ anchor: Int, count: Int) -> String {
    let start = TakeSummary.musicStart(version, anchor)
    let bytes = version.text.utf8.dropFirst(start).prefix(count)
    return String(decoding: bytes, as: UTF8.self).replacing("\n", with: " ")
  }
}

/// A take in a few cells.
struct TakeSummary {
  /// The rise and fall of the first notes.
  var contour = ""
  /// Bits per note the model wrote; `-` where it wrote none.
  var bits = "-"
  /// Mean temperature; `-` where the model wrote nothing.
  var temperature = "-"

  /// - Parameter kept: How many bytes at the end of the text are not looked at.
  init(
    _ version: History.Version, _ anchor: Int, length: Int, kept: Int = 0, _ symbols: Symbols
  ) {
    var degrees: [Int] = []
    var notes = 0
    var drawn = 0
    var total: Float = 0
    var heat: Float = 0
    var written = 0
    let records = version.records
    var index = TakeSummary.musicStart(version, anchor)
    // It may begin within a chord symbol.
    let quotes = version.text.utf8.prefix(index).reversed().prefix { $0 != 10 }
      .count { $0 == UInt8(ascii: "\"") }
    var isQuoted = !quotes.isMultiple(of: 2)
    for byte in version.text.utf8.dropFirst(index).dropLast(kept) {
      defer { index += 1 }
      // What was put together from several takes has no figures.
      let isDrawn = records.indices.contains(index) && records[index].isDrawn
      if isDrawn {
        total += records[index].bits
        heat += records[index].temperature
        written += 1
      }
      if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
      if isQuoted { continue }
      switch byte {
      case 65...71:
        if isDrawn { drawn += 1 }
        notes += 1
        if degrees.count < length { degrees.append((Int(byte) - 67 + 7) % 7) }
      case 97...103:
        if isDrawn { drawn += 1 }
        notes += 1
        if degrees.count < length { degrees.append((Int(byte) - 99 + 7) % 7 + 7) }
      case UInt8(ascii: "'"):
        if let last = degrees.indices.last, notes == degrees.count { degrees[last] += 7 }
      case UInt8(ascii: ","):
        if let last = degrees.indices.last, notes == degrees.count { degrees[last] -= 7 }
      default: break
      }
    }
    finish(degrees, symbols)
    if written > 0, drawn > 0 {
      bits = Double(total / Float(drawn)).formatted(decimals: 1)
      temperature = Double(heat / Float(written)).formatted(decimals: 2)
    }
  }

  /// The first byte from `anchor` on that is in no header line.
  static func musicStart(_ version: History.Version, _ anchor: Int) -> Int {
    var start = min(max(anchor, 0), version.byteCount)
    let bytes = version.text.utf8.dropFirst(start)
    // Only where a take begins at the start of a line can a header follow.
    if start > 0, version.text.utf8.dropFirst(start - 1).first != 10 { return start }
    for line in bytes.split(separator: 10, omittingEmptySubsequences: false) {
      guard line.dropFirst().first == UInt8(ascii: ":"), let first = line.first,
        (65...90).contains(first)
      else { break }
      start += line.count + 1
    }
    return min(start, version.byteCount)
  }

  private mutating func finish(_ degrees: [Int], _ symbols: Symbols) {
    if let low = degrees.min(), let high = degrees.max() {
      for degree in degrees {
        let level = high == low ? 4 : 1 + (degree - low) * 7 / (high - low)
        contour.unicodeScalars.append(symbols.level(level))
      }
    }
  }
}
