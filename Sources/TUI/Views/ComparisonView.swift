import Compose

extension Drawing {
  /// Two texts side by side, a row for each bar; rows that differ are marked.
  mutating func drawComparison(_ comparison: Comparison) {
    let room = (layout.message ?? 0) - (layout.title?.row ?? 1) - 2
    let rows = layout.roll == nil ? surface.height : max(room, 3)
    guard
      let area = box(
        "compare: \(comparison.count.different) of \(comparison.count.all) differ",
        width: surface.width - 2, height: min(comparison.rows.count + 1, rows))
    else { return }
    let half = max((area.width - 3) / 2, 1)
    let columns = [area.column + 2, area.column + 3 + half]
    for (side, column) in zip([comparison.left, comparison.right], columns) {
      let isChosen = (column == columns[1]) == comparison.isRight
      let mark = isChosen ? ">" : " "
      surface.write(
        padded("\(mark)\(side.choice.title)  \(side.choice.detail)", half), row: area.row,
        column: column - 1, palette[isChosen ? .popupKey : .popupDim], end: area.end)
    }
    let height = max(area.height - 1, 0)
    let start = first(comparison.row, comparison.rows.count, height)
    for (offset, row) in comparison.rows.dropFirst(start).prefix(height).enumerated() {
      let line = area.row + 1 + offset
      let isSelected = start + offset == comparison.row
      let style = palette[isSelected ? .popupSelected : row.isSame ? .popupDim : .popup]
      if isSelected { surface.fill(row: line, columns: area.columns, style) }
      surface.write(
        row.isSame ? " " : "*", row: line, column: area.column, style, end: area.end)
      let bars = [
        row.left.map { comparison.left.bars[$0] }, row.right.map { comparison.right.bars[$0] },
      ]
      for (bar, column) in zip(bars, columns) {
        surface.write(
          padded(bar ?? symbols.dash, half - 1), row: line, column: column, style, end: area.end)
      }
    }
  }
}
