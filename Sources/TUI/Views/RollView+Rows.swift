import ABC
import Compose
import Music

/// The rows of the piano roll: their ground, keys, bar lines and beats.
extension Drawing {
  mutating func drawRows(_ geometry: RollGeometry) {
    let area = geometry.area
    let usesFlats = (session.score.performance.keys.first?.fifths ?? 0) < 0
    let (white, black, tonic) = (palette[.rowWhite], palette[.rowBlack], palette[.rowTonic])
    let (line, beat, label) = (palette[.barLine], palette[.beat], palette[.pitchLabel])
    let heat = layout.isTall ? nextNoteHeat() : [:]
    let marked = markedColumns(geometry)
    let scale = session.scaleNotes
    for offset in 0..<area.height {
      let row = area.row + offset
      let keys = geometry.keys(ofRow: offset)
      guard let first = keys.first else { continue }
      let isTonic = keys.contains { ($0 % 12 + 12) % 12 == geometry.tonic }
      let hasBlack = keys.contains(where: RollGeometry.isBlack)
      let isOut = scale.map { scale in
        keys.allSatisfy { scale.directions(of: $0) == (false, false) }
      }
      let ground = isTonic ? tonic : isOut ?? (hasBlack && keys.count == 1) ? black : white
      surface.tint(row: row, columns: area.column + geometry.gutter..<area.end, ground)
      drawKey(geometry, row: row, keys: keys, first: first, label, usesFlats, heat)
      if let scale {
        surface.set(scaleMark(scale, keys), row: row, column: area.column + 3, label)
      }
      for bar in geometry.bars {
        if bar.column >= area.column + geometry.gutter {
          surface.set(symbols.vertical, row: row, column: bar.column, line)
        }
        let end = bar.column + bar.width + 1
        if end < area.end { surface.set(symbols.vertical, row: row, column: end, line) }
        if isTonic, symbols == .unicode { drawBeats(geometry, bar, row, beat) }
      }
      for columns in marked { surface.tint(row: row, columns: columns, palette[.selection]) }
    }
  }

  private mutating func drawBeats(
    _ geometry: RollGeometry, _ bar: RollGeometry.Bar, _ row: Int, _ style: Style
  ) {
    let beat = parsed.header.beatLength.value
    guard beat > 0, beat * geometry.columnsPerWhole >= 2 else { return }
    var time = 0.0
    while time < bar.length - 1e-9 {
      let column = bar.column + 1 + Int((time * geometry.columnsPerWhole).rounded())
      if column >= geometry.area.column + geometry.gutter, column < geometry.area.end {
        surface.set(symbols.beat, row: row, column: column, style)
      }
      time += beat
    }
  }

  /// The label and the key of a row; on tall rolls how likely the key is next.
  private mutating func drawKey(
    _ geometry: RollGeometry, row: Int, keys: [Int], first: Int, _ label: Style, _ usesFlats: Bool,
    _ heat: [Int: Double]
  ) {
    let column = geometry.area.column
    switch geometry.rows {
    case .degrees:
      let name = RollGeometry.name(of: first, usesFlats: usesFlats)
      surface.write(padded(left: name, 3), row: row, column: column, label)
    case .half, .semitones, .staff:
      let named = keys.first {
        let pitch = ($0 % 12 + 12) % 12
        return pitch == geometry.tonic || pitch == 0
      }
      if let named, named == first || (named % 12 + 12) % 12 == geometry.tonic {
        let name = RollGeometry.name(of: named, usesFlats: usesFlats)
        surface.write(" " + name, row: row, column: column, label)
      }
      let hasBlack = keys.contains(where: RollGeometry.isBlack)
      if layout.isTall {
        drawPiano(row: row, column: column + 4, isBlack: hasBlack, isHalf: false)
        if let likely = heat[first], likely >= 0.02 {
          let level = min(Int((likely * 16).rounded(.up)), 8)
          surface.set(
            symbols.level(level), row: row, column: column + 5,
            palette.heat(min(0.35 + likely * 1.3, 1)))
        }
      } else {
        drawPiano(row: row, column: column + 4, isBlack: hasBlack, isHalf: true)
      }
    }
  }

  /// A cell of the keyboard beside the rows: white and black as on a piano, whatever the theme's ground
  /// is. Of two keys in one row the black one is half a cell.
  private mutating func drawPiano(row: Int, column: Int, isBlack: Bool, isHalf: Bool) {
    let (white, black) = (palette[.keyWhite], palette[.keyBlack])
    guard isBlack else {
      surface.set(" ", row: row, column: column, white)
      return
    }
    guard white.background != .unset, black.background != .unset else {
      // Without colours a white key is a reversed cell.
      surface.set(isHalf ? "▌" : " ", row: row, column: column, isHalf ? white : black)
      return
    }
    var style = white
    style.foreground = black.background
    surface.set(isHalf ? "▌" : "█", row: row, column: column, style)
  }

  /// Which keys of a row belong to the scale: of two the upper, the lower or both, of one upwards,
  /// downwards or both.
  private func scaleMark(_ scale: ScaleNotes, _ keys: [Int]) -> Unicode.Scalar {
    let belongs = keys.map { scale.directions(of: $0) != (false, false) }
    if keys.count == 2 {
      return belongs[0] ? belongs[1] ? "█" : "▀" : belongs[1] ? "▄" : " "
    }
    let isUnicode = symbols == .unicode
    switch keys.first.map(scale.directions) ?? (false, false) {
    case (true, true): return isUnicode ? "•" : "*"
    case (true, false): return isUnicode ? "↑" : "^"
    case (false, true): return isUnicode ? "↓" : "v"
    default: return " "
    }
  }

  /// Columns of the selected or looped bars.
  func markedColumns(_ geometry: RollGeometry) -> [Range<Int>] {
    guard let range = session.selection ?? session.loop else { return [] }
    return geometry.bars.filter { $0.voices.contains(where: range.contains) }.map {
      let start = max($0.column + 1, geometry.area.column + geometry.gutter)
      return start..<max(start, $0.column + 1 + $0.width)
    }
  }
}
