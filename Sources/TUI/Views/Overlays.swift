import Compose

extension Drawing {
  /// What lies over the panes: lists, forms and popups.
  mutating func drawOverlay() {
    switch session.mode {
    case .commandLine(let line): drawCompletions(line)
    case .prompt(let prompt) where prompt.line.offers.count > 1: drawCompletions(prompt.line)
    case .help(let list): drawHelpList(list)
    case .header(let form): drawHeaderForm(form)
    case .theme(let picker): drawThemePicker(picker)
    case .export(let form): drawExportForm(form)
    case .picker(let picker): drawPicker(picker)
    case .compare(let comparison): drawComparison(comparison)
    case .messages(let scroll): drawMessages(scroll)
    case .critique(let scroll): drawCritique(scroll)
    case .normal, .select, .insert, .prompt, .find, .audition, .grab, .record: break
    }
    if let prefix = session.pendingPrefix, context.prefixAge >= 300 { drawPrefixPopup(prefix) }
  }

  /// A box of at most `width` by `height`, above the message line. Returns the area inside; `nil`
  /// when there is no room for any.
  mutating func box(
    _ name: String, width: Int, height: Int, isRight: Bool = false
  ) -> Area? {
    guard let message = layout.message else { return nil }
    let outer = Area(
      row: max(message - height - 2, 1),
      column: isRight ? max(surface.width - width - 2, 0) : 0,
      width: min(width + 2, surface.width), height: min(height + 2, message - 1))
    guard outer.height >= 1, outer.width >= 8 else { return nil }
    let style = palette[.popup]
    for row in outer.rows { surface.fill(row: row, columns: outer.columns, style) }
    // On the smallest screens the frame goes first.
    guard outer.height >= 4 else { return outer }
    let border = palette[.popupBorder]
    let corners = symbols.corners
    for row in [outer.row, outer.rows.upperBound - 1] {
      surface.fill(row: row, columns: outer.columns, with: symbols.horizontal, border)
    }
    for row in outer.rows.dropFirst().dropLast() {
      surface.set(symbols.vertical, row: row, column: outer.column, border)
      surface.set(symbols.vertical, row: row, column: outer.end - 1, border)
    }
    surface.set(corners[0], row: outer.row, column: outer.column, border)
    surface.set(corners[1], row: outer.row, column: outer.end - 1, border)
    surface.set(corners[2], row: outer.rows.upperBound - 1, column: outer.column, border)
    surface.set(corners[3], row: outer.rows.upperBound - 1, column: outer.end - 1, border)
    surface.write(
      " \(name) ", row: outer.row, column: outer.column + 2, palette[.popupKey],
      end: outer.end - 2)
    return Area(
      row: outer.row + 1, column: outer.column + 1, width: outer.width - 2,
      height: outer.height - 2)
  }

  /// The first entry of a list to show, so that the selected one is seen.
  func first(_ selected: Int, _ count: Int, _ height: Int) -> Int {
    max(min(selected - height / 2, count - height), 0)
  }

  // MARK: Command line

  private mutating func drawCompletions(_ line: LineEditor) {
    let choices = line.offers.isEmpty ? session.completions(of: line.text) : line.offers
    guard !choices.isEmpty, choices != [line.text] else { return }
    let rows = min(choices.count, 8)
    guard let area = box("commands", width: min(74, surface.width - 2), height: rows) else {
      return
    }
    // Those around the one that Tab has come to.
    let here = choices.firstIndex(of: line.text) ?? 0
    let start = first(here, choices.count, area.height)
    for (index, choice) in choices.dropFirst(start).prefix(area.height).enumerated() {
      let row = area.row + index
      let word = String(choice.prefix { $0 != " " })
      let command = CommandName.named(word)
      let style = palette[choice == line.text ? .popupSelected : .popupKey]
      surface.write(" " + choice, row: row, column: area.column, style, end: area.end)
      if let command, !choice.contains(" ") {
        let argument = command.argument
        surface.write(
          argument, row: row, column: area.column + 2 + choice.utf8.count, palette[.popupDim],
          end: area.column + 27)
        surface.write(
          command.help, row: row, column: area.column + 28, palette[.popup], end: area.end)
      }
    }
    if choices.count > area.height {
      surface.write(
        "\(choices.count - area.height) more", row: area.rows.upperBound, column: area.end - 10,
        palette[.popupDim], end: area.end)
    }
  }

  // MARK: Help

  private mutating func drawHelpList(_ list: HelpList) {
    let matches = list.matches
    guard
      let area = box(
        "every command: type to search", width: surface.width - 2, height: surface.height)
    else { return }
    let searchEnd = surface.write(
      " search: ", row: area.row, column: area.column, palette[.popupDim], end: area.end)
    drawEditor(
      list.query, row: area.row, columns: searchEnd..<max(area.end, searchEnd), palette[.popup])
    // The last row tells the chosen command in full where the list must cut it.
    let telling = area.height > 6 ? 1 : 0
    let height = area.height - 1 - telling
    guard height > 0 else { return }
    if telling > 0, matches.indices.contains(list.selected) {
      let command = matches[list.selected]
      let argument = command.argument.isEmpty ? "" : " (\(command.argument))"
      surface.write(
        " \(command.help)\(argument)", row: area.rows.upperBound - 1, column: area.column,
        palette[.popupDim], end: area.end)
    }
    let start = first(list.selected, matches.count, height)
    let keyWidth = area.width >= 60 ? 18 : 8
    for (offset, command) in matches.dropFirst(start).prefix(height).enumerated() {
      let row = area.row + 1 + offset
      let isSelected = start + offset == list.selected
      if isSelected { surface.fill(row: row, columns: area.columns, palette[.popupSelected]) }
      let base = palette[isSelected ? .popupSelected : .popup]
      let map = context.keys
      let keys =
        KeyMap.modes.lazy.map { map.keys(for: command, in: $0) }
        .first { !$0.isEmpty } ?? []
      surface.write(
        " " + keys.joined(separator: " "), row: row, column: area.column,
        isSelected ? base : palette[.popupKey], end: area.column + keyWidth)
      var column = surface.write(
        command.rawValue, row: row, column: area.column + keyWidth + 1, base.with(.bold),
        end: area.end)
      if surface.width >= 100, !command.argument.isEmpty {
        column = surface.write(
          " " + command.argument, row: row, column: column,
          isSelected ? base : palette[.popupDim], end: area.column + keyWidth + 34)
      }
      let sentence = area.column + keyWidth + (surface.width >= 100 ? 36 : 16)
      surface.write(command.help, row: row, column: sentence, base, end: area.end)
    }
    if matches.isEmpty {
      surface.write(
        " nothing has these words; Backspace", row: area.row + 1, column: area.column,
        palette[.popupDim], end: area.end)
    }
  }

  // MARK: Forms

  private mutating func drawHeaderForm(_ form: HeaderForm) {
    let name = form.fromBar.map { "header; M L Q K from bar \($0) on" } ?? "header"
    guard let area = box(name, width: min(76, surface.width - 2), height: form.fields.count + 1)
    else { return }
    let start = first(form.selected, form.fields.count, area.height)
    for (index, field) in form.fields.enumerated().dropFirst(start).prefix(area.height) {
      let row = area.row + index - start
      let isSelected = index == form.selected
      let label = palette[isSelected ? .popupKey : .popupDim]
      surface.write(
        "\(isSelected ? ">" : " ") \(field.letter): \(field.name)", row: row, column: area.column,
        label, end: area.end)
      let from = area.column + 18
      drawEditor(
        field.value, row: row, columns: from..<max(min(area.end, from + 24), from),
        isSelected ? palette[.popup].with(.bold) : palette[.popup], hasCursor: isSelected)
      let isRead = session.model?.headerFields.contains(field.letter) ?? false
      let isKnown =
        !isRead || field.known.isEmpty || field.value.text.isEmpty
        || field.known.contains(field.value.text)
      if !isKnown {
        let remark = "rare: the model may not follow"
        let room = area.end - from - 25
        surface.write(
          TextWidth.of(remark) <= room ? remark : "rare", row: row, column: from + 25,
          palette[.popupDim], end: area.end)
      }
    }
    if area.height > form.fields.count, form.fields.indices.contains(form.selected) {
      let known = form.fields[form.selected].known.joined(separator: " ")
      surface.write(
        known.isEmpty ? " any text" : " \(known)", row: area.row + form.fields.count,
        column: area.column, palette[.popupDim], end: area.end)
    }
  }

  private mutating func drawThemePicker(_ picker: ThemePicker) {
    let matches = picker.matches
    let width = max(matches.map(\.count).max() ?? 0, 22) + 4
    guard
      let area = box("theme", width: width, height: min(matches.count + 1, 14), isRight: true)
    else { return }
    let end = surface.write(" ", row: area.row, column: area.column, palette[.popup])
    drawEditor(picker.query, row: area.row, columns: end..<area.end, palette[.popup])
    let height = area.height - 1
    let start = first(picker.selected, matches.count, height)
    for (offset, name) in matches.dropFirst(start).prefix(max(height, 0)).enumerated() {
      let isSelected = start + offset == picker.selected
      let row = area.row + 1 + offset
      if isSelected { surface.fill(row: row, columns: area.columns, palette[.popupSelected]) }
      surface.write(
        "\(isSelected ? ">" : " ") \(name)\(name == picker.before ? "  (as before)" : "")",
        row: row, column: area.column, palette[isSelected ? .popupSelected : .popup],
        end: area.end)
    }
  }

  private mutating func drawExportForm(_ form: ExportForm) {
    guard let area = box("export", width: min(64, surface.width - 2), height: 3) else { return }
    let choice =
      form.choices.indices.contains(form.selected) ? form.choices[form.selected].name : ""
    let more = form.choices.count > 1 ? "  (Tab: \(form.choices.count - 1) more)" : ""
    surface.write(
      " what   \(choice)\(more)", row: area.row, column: area.column, palette[.popup],
      end: area.end)
    guard area.height > 1 else { return }
    let from = surface.write(
      " file   ", row: area.row + 1, column: area.column, palette[.popupKey], end: area.end)
    drawEditor(
      form.path, row: area.row + 1, columns: from..<max(area.end, from),
      palette[.popup].with(.bold))
    guard area.height > 2 else { return }
    surface.write(
      " .abc .mid .musicxml .wav .mp3 .svg and others; a file that exists is kept",
      row: area.row + 2,
      column: area.column, palette[.popupDim], end: area.end)
  }

  private mutating func drawMessages(_ scroll: Int) {
    let width = surface.width - 6
    let shown = session.messages.dropLast(min(scroll, session.messages.count)).suffix(
      surface.height)
    let lines = shown.flatMap { message in
      TextWidth.lines(of: message.text, width: width).enumerated().map { index, line in
        (text: (index > 0 ? "  " : message.kind == .error ? "! " : "  ") + line, message.kind)
      }
    }
    guard let area = box("messages", width: surface.width - 2, height: max(lines.count, 2)) else {
      return
    }
    for (index, line) in lines.suffix(area.height).enumerated() {
      let style = palette[line.1 == .error ? .popupKey : .popup]
      surface.write(
        line.text, row: area.row + index, column: area.column, style, end: area.end)
    }
  }

  // MARK: Prefixes

  /// What may follow a first key, in columns.
  private mutating func drawPrefixPopup(_ prefix: String) {
    guard let sequence = KeyMap.sequence(named: prefix) else { return }
    let rows = context.keys.continuations(of: sequence, in: session.mode.name)
    guard !rows.isEmpty else { return }
    let words = rows.map { KeyMap.words(for: $0.command) }
    let cell = zip(rows, words).map { TextWidth.of($0.keys) + TextWidth.of($1) + 5 }.max() ?? 20
    let across = max(min((surface.width - 2) / cell, 4), 1)
    let height = (rows.count + across - 1) / across
    guard
      let area = box("\(prefix) ...", width: min(across * cell, surface.width - 2), height: height)
    else { return }
    for (index, entry) in rows.enumerated() where index / across < area.height {
      let row = area.row + index / across
      let column = area.column + index % across * cell
      let next = surface.write(
        " \(entry.keys) ", row: row, column: column, palette[.popupKey], end: area.end)
      surface.write(words[index], row: row, column: next + 1, palette[.popup], end: area.end)
    }
  }
}
