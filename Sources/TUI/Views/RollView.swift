import ABC
import Compose
import Music

extension Drawing {
  /// Ruler, chord symbols, piano roll and lanes.
  mutating func drawRoll(_ area: Area) {
    guard !session.view.showsEngraved else {
      // The terminal shows the picture over these cells.
      for row in area.rows { surface.fill(row: row, columns: area.columns, palette[.background]) }
      if session.text.isEmpty { drawHint(area) }
      return
    }
    let lines = rollLines(area)
    for geometry in lines {
      if geometry.isStaff {
        drawStaff(geometry)
      } else {
        drawRows(geometry)
        drawNotes(geometry)
      }
      if let row = geometry.rulerRow { drawRuler(geometry, row) }
      if layout.chords != nil { drawChords(geometry, geometry.area.row - 1) }
    }
    // Below several lines the lanes belong to the one with the place in question.
    let focus = RollGeometry.focus(of: session, playhead: context.playhead)
    if let geometry = lines.last(where: { $0.bars.first.map { $0.start <= focus + 1e-9 } ?? true })
      ?? lines.first
    {
      drawLanes(geometry)
    }
    if session.text.isEmpty { drawHint(area) }
  }

  // MARK: Notes

  mutating func drawNotes(_ geometry: RollGeometry) {
    guard let first = geometry.bars.first, let last = geometry.bars.last else { return }
    let (from, to) = (first.start, last.start + last.length)
    let notes = parsed.notes
    let soundingSet = Set(sounding)
    let cursor = session.cursor
    var nextSame: [Int: Double] = [:]
    // From the end, so that a note knows when its pitch is struck again.
    for index in notes.indices.reversed() {
      let note = notes[index]
      guard note.kind != .rest, let key = note.pitch?.key else { continue }
      let start = note.start.value
      let end = start + note.length.value
      guard end > from, start < to, start >= from - 1e-9 else { continue }
      let struckAgain = nextSame[key * 8 + note.voice & 7]
      nextSame[key * 8 + note.voice & 7] = start
      guard let place = geometry.place(of: key), let column = geometry.column(at: start) else {
        continue
      }
      let width = note.kind == .grace ? 0.5 : note.length.value * geometry.columnsPerWhole
      var style = noteStyle(note, key)
      let isCursor = note.range.contains(cursor) && session.player.state == .stopped
      if session.isLocked(bar: note.bar) { style = style.patched(with: palette[.noteLocked]) }
      if isCursor { style = style.patched(with: palette[.noteCursor]) }
      let isTied = note.isTiedFromBefore
      drawNote(
        geometry, place, column, width, style, level: surpriseStep(note),
        isPlaying: soundingSet.contains(index), isTied: isTied,
        isStruckAgain: struckAgain.map { $0 <= end + 1e-6 } ?? false)
    }
  }

  /// How one note is coloured in the present mode.
  func noteStyle(_ note: ParsedTune.WrittenNote, _ key: Int) -> Style {
    let record = record(of: note)
    switch session.view.noteColour {
    case .origin: return palette[Drawing.scope(of: record?.origin ?? .hand)]
    case .voice: return palette[Scope.voice(note.voice)]
    case .pitch: return palette.pitchClass[(key % 12 + 12) % 12]
    case .surprise:
      guard record?.origin == .model else { return palette[.noteHand] }
      return palette.surprise[surpriseStep(note)]
    case .temperature:
      guard let record, record.origin == .model else { return palette[.noteHand] }
      let step = Int(((Double(record.temperature) - 0.5) / 0.25).rounded())
      return palette.surprise[min(max(step, 0), 4)]
    }
  }

  static func scope(of origin: Origin) -> Scope {
    switch origin {
    case .hand: .noteHand
    case .model: .noteModel
    case .paste: .notePaste
    case .file: .noteFile
    case .shelf: .noteShelf
    }
  }

  func record(of note: ParsedTune.WrittenNote) -> CharacterRecord? {
    return records.indices.contains(note.range.lowerBound) ? records[note.range.lowerBound] : nil
  }

  /// Bits of surprise in all characters of a note; `nil` for one the model did not write.
  func bits(of note: ParsedTune.WrittenNote) -> Float? {
    guard note.range.upperBound <= records.count, record(of: note)?.origin == .model else {
      return nil
    }
    return records[note.range].reduce(0) { $0 + max($1.bits, 0) }
  }

  /// 0 expected ... 4 surprising.
  func surpriseStep(_ note: ParsedTune.WrittenNote) -> Int {
    guard let bits = bits(of: note) else { return 0 }
    return bits < 1 ? 0 : bits < 2 ? 1 : bits < 3.5 ? 2 : bits < 5 ? 3 : 4
  }

  private mutating func drawNote(
    _ geometry: RollGeometry, _ place: (row: Int, isLower: Bool), _ column: Double, _ width: Double,
    _ noteStyle: Style, level: Int, isPlaying: Bool, isTied: Bool, isStruckAgain: Bool
  ) {
    let row = geometry.area.row + place.row
    let start = Int(column + 0.001)
    let limit = geometry.area.end
    var style = noteStyle
    if isPlaying {
      let playing = palette[.notePlaying]
      style.attributes.formUnion(playing.attributes.subtracting(.reverse))
      if playing.background != .unset { style.background = playing.background }
      if playing.foreground != .unset {
        style.foreground = playing.foreground
      } else if palette.depth != .mono {
        style.foreground = palette[.headPlay].foreground
        style.attributes.formUnion(.bold)
      }
    }
    let heads: [Unicode.Scalar] = ["o", "o", "o", "x", "!"]
    let showsHead = palette.depth == .mono && session.view.noteColour == .surprise
    if symbols == .ascii || showsHead || isPlaying && palette.depth == .mono {
      let cells = max(Int((column + width).rounded()) - start - (width > 2.5 ? 1 : 0), 1)
      if isPlaying { style = style.patched(with: palette[.notePlaying]) }
      for cell in 0..<cells where start + cell < limit {
        let isHead = cell == 0 && !isTied
        let body: Unicode.Scalar = symbols == .ascii ? "=" : "▒"
        // An eighth is one head, a longer note has a body.
        if cell > 0, cells <= 2, symbols == .ascii { break }
        surface.set(
          isHead ? heads[level] : body, row: row, column: start + cell, style)
      }
      return
    }
    if case .half = geometry.rows {
      var end = max(Int((column + width).rounded()), start + 1)
      if end - start > 2 || isStruckAgain && end - start > 1 { end -= 1 }
      for cell in start..<min(end, limit) {
        setHalf(row: row, column: cell, isLower: place.isLower, style)
      }
    } else {
      let length = max(width - (width > 1.2 ? 0.5 : width * 0.4), 0.25)
      let eighths = Int((length * 8).rounded())
      for cell in 0..<(eighths + 7) / 8 where start + cell < limit {
        let rest = eighths - cell * 8
        let scalar = rest >= 8 ? 0x2588 : 0x2590 - UInt32(rest)
        surface.set(Unicode.Scalar(scalar) ?? "█", row: row, column: start + cell, style)
      }
    }
  }

  /// Half a cell: two pitches share one row.
  private mutating func setHalf(row: Int, column: Int, isLower: Bool, _ style: Style) {
    let present = surface[row, column]
    let (upper, lower): (UInt32, UInt32) = (0x2580, 0x2584)
    if present.scalar == (isLower ? upper : lower) {
      if present.style.foreground == style.foreground {
        surface.set("█", row: row, column: column, style)
      } else {
        var both = isLower ? present.style : style
        both.background = isLower ? style.foreground : present.style.foreground
        both.attributes = style.attributes.union(present.style.attributes)
        surface.set("▀", row: row, column: column, both)
      }
      return
    }
    surface.set(isLower ? "▄" : "▀", row: row, column: column, style)
  }

  // MARK: Ruler and lanes

  private mutating func drawRuler(_ geometry: RollGeometry, _ row: Int) {
    let area = geometry.area
    surface.fill(row: row, columns: area.columns, palette[.background])
    for (index, bar) in geometry.bars.enumerated()
    where bar.column >= area.column + geometry.gutter {
      var end = min(bar.column + bar.width + 1, area.end)
      if index + 1 < geometry.bars.count {
        // The next bar's number begins left of its line, after a blank.
        end = min(end, geometry.bars[index + 1].column - geometry.bars[index + 1].digits.count)
      }
      var column = bar.column
      // Two halves around a repeat sign are one bar to those who count.
      let isSecondHalf = index > 0 && geometry.bars[index - 1].number == bar.number
      if bar.number > 0, !isSecondHalf {
        // Over the bar line, so that a mark on the first note hides no digit.
        let digits =
          bar.digits + (bar.voices.contains(where: session.isLocked) ? "L" : "")
          + (bar.number == spokenFrom ? symbols.source : "")
        column = surface.write(
          digits, row: row, column: column - TextWidth.of(digits) + 1, palette[.ruler],
          end: area.end)
        // A column stays free for a mark on the first note.
        if let mark = returnMark(bar), column + 1 + mark.utf8.count < end {
          column = surface.write(mark, row: row, column: column + 1, palette[.dim], end: end)
        }
      }
      if let sum = bar.voices.compactMap({ deviation(of: parsed.bars[$0]) }).first {
        let isRoomy = column + 1 + TextWidth.of(sum) <= end
        surface.write(
          isRoomy ? " " + sum : "!", row: row, column: column, palette[.rulerWarning], end: end)
      }
    }
    drawComingBars(geometry, row)
    if let range = session.selection ?? session.loop {
      for bar in geometry.bars where bar.voices.contains(where: range.contains) {
        let style = palette[.ruler].patched(with: palette[.selection])
        if bar.voices.contains(range.lowerBound) {
          surface.set("[", row: row, column: bar.column + 1, style)
        }
        if bar.voices.contains(range.upperBound) {
          surface.set("]", row: row, column: bar.column + bar.width, style)
        }
      }
    }
    guard !session.text.isEmpty else { return }
    let edit = RollGeometry.writtenTime(atByte: session.cursor, in: session)
    let head = RollGeometry.writtenTime(atByte: session.head, in: session)
    let isWriting = session.generator == .running || session.generator == .priming
    if session.model != nil, !isWriting {
      mark(geometry, row, head, symbols.generationHead, palette[.headGenerate])
    }
    mark(geometry, row, edit, symbols.cursor, palette[.headEdit])
    if isWriting { mark(geometry, row, head, symbols.generationHead, palette[.headGenerate]) }
    if session.player.state != .stopped {
      mark(
        geometry, row, session.score.writtenTime(at: context.playhead), symbols.playhead,
        palette[.headPlay])
    }
  }

  /// The bar that makes the likeliest next character likely.
  private var spokenFrom: Int? {
    // While a calm screen is written on, nothing jumps about on it.
    guard !(session.view.isCalm && session.generator == .running) else { return nil }
    guard case .bar(let number) = session.nextCharacters.first?.source else { return nil }
    return number
  }

  /// `=1` for a bar that is the same as bar 1, `~2` for a variant of bar 2, as it is or will be.
  private func returnMark(_ bar: RollGeometry.Bar) -> String? {
    if parsed.bars[bar.index].isClosed {
      return session.score.returning(bar: bar.index)?.mark
    }
    return planned.first { $0.number == bar.number }?.wish?.mark
  }

  /// Right of the music: the bars that come, and what they will be.
  private mutating func drawComingBars(_ geometry: RollGeometry, _ row: Int) {
    let last = geometry.bars.last
    guard last?.index == parsed.bars.lastIndex(where: { $0.voice == 0 }) else { return }
    var column =
      last.map { $0.column + $0.width + 4 } ?? geometry.area.column + geometry.gutter + 1
    for bar in planned where bar.number > last?.number ?? 0 {
      let text = bar.description
      guard column + text.utf8.count < geometry.area.end else { return }
      column = surface.write(text, row: row, column: column, palette[.dim]) + 1
    }
  }

  private mutating func mark(
    _ geometry: RollGeometry, _ row: Int, _ time: Double, _ symbol: Unicode.Scalar, _ style: Style
  ) {
    if let column = geometry.column(at: time) {
      surface.set(symbol, row: row, column: Int(column + 0.001), style)
      return
    }
    // Just after the last note there is room behind the bar line.
    guard let last = geometry.bars.last, abs(time - last.start - last.length) < 1e-6 else { return }
    surface.set(
      symbol, row: row, column: min(last.column + last.width + 2, geometry.area.end - 1), style)
  }

  /// `+1/8` or `-1/4` for a bar that does not add up.
  private func deviation(of bar: ParsedTune.WrittenBar) -> String? {
    guard bar.isClosed, !bar.mayDiffer, let expected = bar.expected, expected != bar.length else {
      return nil
    }
    let difference = bar.length - expected
    return difference.numerator > 0 ? "+\(difference)" : "\(difference)"
  }

  private mutating func drawChords(_ geometry: RollGeometry, _ row: Int) {
    var free = geometry.area.column + geometry.gutter
    for chord in parsed.chordSymbols {
      guard let column = geometry.column(at: chord.start.value), Int(column) >= free else {
        continue
      }
      free = surface.write(chord.text, row: row, column: Int(column), palette[.chord]) + 1
    }
  }

  private mutating func drawLanes(_ geometry: RollGeometry) {
    for (index, lane) in layout.lanes.enumerated() {
      let row = layout.laneRow + index
      if lane == .copy {
        surface.write("copy", row: row, column: 0, palette[.laneLabel])
        drawCopyLane(geometry, row)
        continue
      }
      let isBits = lane == .bits
      surface.write(isBits ? "bits" : "temp", row: row, column: 0, palette[.laneLabel])
      let style = palette[isBits ? .laneBits : .laneTemperature]
      guard let from = geometry.bars.first?.start else { continue }
      for note in parsed.notes where note.kind == .note && note.start.value >= from - 1e-9 {
        guard let record = record(of: note), record.origin == .model,
          let column = geometry.column(at: note.start.value)
        else { continue }
        let level: Int
        if isBits {
          level = 1 + Int(min(bits(of: note) ?? 0, 100))
        } else {
          level = Int((Double(min(record.temperature, 100)) * 5).rounded())
        }
        let start = Int(column + 0.001)
        let width = geometry.columns(of: note)
        var end = max(start + Int(width.rounded()), start + 1)
        if end - start > 1 { end -= 1 }
        for cell in start..<min(end, geometry.area.end) {
          surface.set(symbols.level(level), row: row, column: cell, style)
        }
      }
    }
  }

  /// What an empty draft says: the next key.
  private mutating func drawHint(_ area: Area) {
    let keys = context.keys
    let begin = keys.shortKey(for: .generateToggle, in: "normal") ?? ":gen.toggle"
    let insert = keys.shortKey(for: .insert, in: "normal") ?? ":insert"
    let parts = [
      "\(begin): let the model begin", "\(insert): type a seed", ": open FILE",
    ]
    let line = parts.joined(separator: "   ")
    let lines = line.utf8.count + 2 <= area.width ? [line] : parts
    let top = area.row + max((area.height - lines.count) / 2, 0)
    for (index, text) in lines.enumerated() where index < area.height {
      let column = max((area.width - text.utf8.count) / 2, 0)
      surface.write(
        " " + text + " ", row: top + index, column: max(column - 1, 0), palette[.text])
    }
  }
}
