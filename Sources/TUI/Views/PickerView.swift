import Compose

extension Drawing {
  /// A list below the roll, which shows what is chosen in it.
  mutating func drawPicker(_ picker: Picker) {
    let room = (layout.message ?? 0) - (layout.title?.row ?? 1) - 2
    let rows = layout.roll == nil ? surface.height : max(room, 3)
    let counted =
      picker.isWaiting
      ? "..."
      : picker.matches.count == picker.choices.count
        ? "\(picker.choices.count)" : "\(picker.matches.count) of \(picker.choices.count)"
    guard
      let area = box(
        "\(name(of: picker.kind)): \(counted)", width: surface.width - 2,
        height: min(max(picker.choices.count, 1) + 1, rows))
    else { return }
    let end = surface.write(
      " search: ", row: area.row, column: area.column, palette[.popupDim], end: area.end)
    drawEditor(
      picker.query, row: area.row, columns: end..<max(area.end, end), palette[.popup])
    let height = max(area.height - 1, 0)
    let start = first(picker.selected, picker.matches.count, height)
    let shown = picker.matches.dropFirst(start).prefix(height)
    let isShelf = picker.kind == .shelf
    let titles = shown.map { TextWidth.of(picker.choices[$0].title) + (isShelf ? 4 : 0) }
    // Ports have no music that stands behind their names.
    let share = picker.kind.isOfPorts ? area.width * 4 / 5 : area.width * 2 / 5
    let titleWidth = min(max(titles.max() ?? 0, 8), share)
    let details = shown.map { TextWidth.of(picker.choices[$0].detail) }
    let detailWidth = min(details.max() ?? 0, area.width * 2 / 5)
    for (offset, place) in shown.enumerated() {
      let choice = picker.choices[place]
      let row = area.row + 1 + offset
      let isSelected = start + offset == picker.selected
      let style = palette[isSelected ? .popupSelected : .popup]
      if isSelected { surface.fill(row: row, columns: area.columns, style) }
      let title = isShelf ? padded(choice.name, 4) + choice.title : choice.title
      let mark =
        place == picker.marked ? "=" : isSelected ? (picker.isHeard ? symbols.heard : ">") : " "
      var column = surface.write(
        "\(mark) \(padded(title, titleWidth))  ", row: row, column: area.column, style,
        end: area.end)
      column = surface.write(
        padded(choice.detail, detailWidth) + "  ", row: row, column: column,
        isSelected ? style : palette[.popupDim], end: area.end)
      surface.write(
        picker.incipit(of: choice), row: row, column: column, style, end: area.end)
    }
    if picker.matches.isEmpty, height > 0, !picker.isWaiting {
      surface.write(
        " nothing has these words; Backspace", row: area.row + 1, column: area.column,
        palette[.popupDim], end: area.end)
    }
  }

  private func name(of kind: Picker.Kind) -> String {
    switch kind {
    case .tunes(let path): path.split(separator: "/").last.map(String.init) ?? path
    case .files(let folder): folder.isEmpty ? "files here" : folder
    default: kind.name
    }
  }

  func pickerItems(_ picker: Picker) -> [HelpItem] {
    let take =
      switch picker.kind {
      case .shelf: "put in"
      case .takes, .history: "go there"
      case .drafts, .tunes, .files: "open"
      case .outputs: "send here"
      case .inputs: "listen to it"
      }
    var items = [
      HelpItem(keys: "Enter", words: take, event: .editKeyPressed(.enter)),
      HelpItem(keys: "Up Down", words: "choose", event: .editKeyPressed(.down)),
    ]
    var others = picker.kind.isOfPorts ? [] : [("hear", picker.isHeard ? "stop" : "hear")]
    if picker.kind == .drafts { others += [("rename", "rename"), ("copy", "copy")] }
    if picker.kind.mayDrop { others.append(("drop", picker.kind == .drafts ? "delete" : "drop")) }
    if picker.kind.mayCompare { others.append(("compare", "compare")) }
    for (argument, words) in others {
      guard let key = context.keys.shortKey(for: .pick, argument, in: "picker")
      else { continue }
      items.append(
        HelpItem(keys: key, words: words, event: .commanded(Invocation(.pick, argument))))
    }
    return items + [HelpItem(keys: "Esc", words: "leave", event: .editKeyPressed(.escape))]
  }
}

extension Symbols {
  /// Stands before what sounds.
  fileprivate var heard: String { self == .unicode ? "♪" : "*" }
}
