import ABC

/// Keys that are text: INSERT, the command line, prompts, lists and forms.
extension Session {
  mutating func type(_ typed: String) -> [Effect] {
    switch mode {
    case .insert:
      insertText(typed, origin: .hand)
      return playbackUpdate()
    case .commandLine(var line):
      line.insert(typed)
      screen.enter(.commandLine(line))
    case .prompt(let prompt) where prompt.command.takesOneLetter:
      screen.enter(.normal)
      return run(Invocation(prompt.command, String(typed.prefix(1))))
    case .prompt(var prompt):
      prompt.line.insert(typed)
      screen.enter(.prompt(prompt))
    case .find(var line):
      line.insert(typed)
      screen.enter(.find(line))
    case .help(var list):
      list.query.insert(typed)
      list.selected = 0
      screen.enter(.help(list))
    case .header(var form):
      guard form.fields.indices.contains(form.selected) else { return [] }
      form.fields[form.selected].value.insert(typed)
      screen.enter(.header(form))
    case .theme(var picker):
      picker.query.insert(typed)
      picker.selected = 0
      preview(picker)
    case .export(var form):
      form.path.insert(typed)
      screen.enter(.export(form))
    case .picker(let picker): return type(typed, in: picker)
    case .normal, .select, .messages, .critique, .audition, .grab, .record, .compare:
      break
    }
    return []
  }

  mutating func edit(_ key: EditKey) -> [Effect] {
    if key == .escape { return cancel() }
    switch mode {
    case .insert: return editInsert(key)
    case .commandLine(let line): return editCommandLine(line, key)
    case .prompt(var prompt):
      if key == .tab, prompt.command.takesPath {
        guard prompt.line.offers.isEmpty else {
          prompt.line.offerNext()
          screen.enter(.prompt(prompt))
          return []
        }
        return [.findFiles(matching: prompt.line.text)]
      }
      if key == .enter {
        screen.enter(.normal)
        let answer = prompt.line.text.trimmingSpaces()
        guard !answer.isEmpty else { return [] }
        if let naming = prompt.naming { return name(naming, answer) }
        let isTemperature = prompt.command == .temperature
        return run(Invocation(prompt.command, isTemperature ? "= \(answer)" : answer))
      }
      if !prompt.line.edit(key), key == .backspace {
        screen.enter(.normal)
      } else {
        screen.enter(.prompt(prompt))
      }
    case .find(var line):
      if key == .enter {
        screen.enter(.normal)
        find(line.text)
        return []
      }
      let isLeft = !line.edit(key) && key == .backspace
      screen.enter(isLeft ? .normal : .find(line))
    case .help(let list): return editHelp(list, key)
    case .header(let form): return editHeader(form, key)
    case .theme(let picker): return editTheme(picker, key)
    case .export(var form):
      switch key {
      case .enter: return export(form)
      case .tab, .down: form.choose(1)
      case .backTab, .up: form.choose(-1)
      default: _ = form.path.edit(key)
      }
      screen.enter(.export(form))
    case .picker(let picker): return edit(picker, key)
    case .compare(let comparison): return edit(comparison, key)
    case .messages(let scroll):
      switch key {
      case .up:
        screen.enter(.messages(scroll: min(scroll + 1, max(messages.count - 1, 0))))
      case .down: screen.enter(.messages(scroll: max(scroll - 1, 0)))
      case .enter: screen.enter(.normal)
      default: break
      }
    case .critique(let scroll):
      switch key {
      case .up: screen.enter(.critique(scroll: max(scroll - 1, 0)))
      case .down: screen.enter(.critique(scroll: min(scroll + 1, 30)))
      case .enter: screen.enter(.normal)
      default: break
      }
    case .normal, .select, .audition, .grab, .record: break
    }
    return []
  }

  // MARK: - The command line

  private mutating func editCommandLine(_ line: LineEditor, _ key: EditKey) -> [Effect] {
    var line = line
    switch key {
    case .enter:
      screen.enter(.normal)
      let typed = line.text.trimmingSpaces()
      guard !typed.isEmpty else { return [] }
      screen.remember(command: typed)
      return runLine(typed)
    case .tab:
      if line.offers.count > 1 {
        line.offerNext()
        break
      }
      let choices = completions(of: line.text)
      if let path = Session.path(in: line.text),
        choices.isEmpty || CommandName.named(String(line.text.prefix { $0 != " " })) != .checkpoint
      {
        return [.findFiles(matching: path)]
      }
      line.complete(choices)
    case .up:
      let commandHistory = screen.commandHistory
      guard line.recalled < commandHistory.count else { return [] }
      let back = line.recalled + 1
      line.set(commandHistory[commandHistory.count - back])
      line.recalled = back
    case .down:
      guard line.recalled > 0 else { return [] }
      let back = line.recalled - 1
      line.set(
        back == 0 ? "" : screen.commandHistory[screen.commandHistory.count - back])
      line.recalled = back
    default:
      if !line.edit(key), key == .backspace {
        screen.enter(.normal)
        return []
      }
    }
    screen.enter(.commandLine(line))
    return []
  }

  /// Runs a typed line, or says what is wrong with it.
  public mutating func runLine(_ line: String) -> [Effect] {
    switch Invocation.parse(line) {
    case .success(let invocation): return run(invocation)
    case .failure(let error):
      complain(error.description)
      return []
    }
  }

  // MARK: - Lists and forms

  private mutating func editHelp(_ list: HelpList, _ key: EditKey) -> [Effect] {
    var list = list
    let matches = list.matches
    switch key {
    case .enter:
      screen.enter(.normal)
      guard matches.indices.contains(list.selected) else { return [] }
      let command = matches[list.selected]
      // A command that needs a value asks for it.
      return run(Invocation(command))
    case .up: list.selected = max(list.selected - 1, 0)
    case .down: list.selected = min(list.selected + 1, max(matches.count - 1, 0))
    case .pageUp: list.selected = max(list.selected - 10, 0)
    case .pageDown: list.selected = min(list.selected + 10, max(matches.count - 1, 0))
    default:
      if !list.query.edit(key), key == .backspace {
        screen.enter(.normal)
        return []
      }
      list.selected = 0
    }
    screen.enter(.help(list))
    return []
  }

  private mutating func editHeader(_ form: HeaderForm, _ key: EditKey) -> [Effect] {
    var form = form
    switch key {
    case .enter: return applyHeader(form)
    case .down, .tab: form.selected = (form.selected + 1) % form.fields.count
    case .up, .backTab:
      form.selected = (form.selected + form.fields.count - 1) % form.fields.count
    case .pageDown, .pageUp:
      // Through the values that the model knows.
      let field = form.fields[form.selected]
      guard !field.known.isEmpty else { break }
      let here = field.known.firstIndex(of: field.value.text)
      let step = key == .pageDown ? 1 : field.known.count - 1
      let next = here.map { ($0 + step) % field.known.count } ?? 0
      form.fields[form.selected].value.set(field.known[next])
    default: _ = form.fields[form.selected].value.edit(key)
    }
    screen.enter(.header(form))
    return []
  }

  private mutating func editTheme(_ picker: ThemePicker, _ key: EditKey) -> [Effect] {
    var picker = picker
    switch key {
    case .enter:
      screen.enter(.normal)
      guard !picker.matches.isEmpty else {
        screen.arrange { $0.theme = picker.before }
        complain("no theme has '\(picker.query.text)' in its name; it stays as it was")
        return []
      }
      notice("theme \(view.theme.isEmpty ? "default" : view.theme)")
      return []
    case .up: picker.selected = max(picker.selected - 1, 0)
    case .down: picker.selected = min(picker.selected + 1, max(picker.matches.count - 1, 0))
    default:
      _ = picker.query.edit(key)
      picker.selected = 0
    }
    preview(picker)
    return []
  }

  /// Shows the theme under the picker's bar.
  private mutating func preview(_ picker: ThemePicker) {
    let matches = picker.matches
    let theme = matches.indices.contains(picker.selected) ? matches[picker.selected] : picker.before
    screen.arrange { $0.theme = theme }
    screen.enter(.theme(picker))
  }

  /// Takes in which themes there are, and the one that was asked for before it was known.
  mutating func themesFound(_ names: [String], _ chosen: String?) {
    screen.setThemes(names)
    if case .theme(var picker) = mode, picker.names != names {
      let selected =
        picker.matches.indices.contains(picker.selected)
        ? picker.matches[picker.selected] : nil
      picker.names = names
      picker.selected = selected.flatMap { picker.matches.firstIndex(of: $0) } ?? 0
      screen.enter(.theme(picker))
    }
    guard let chosen else { return }
    guard names.contains(chosen) else {
      let nearest = nearestWord(to: chosen, among: names)
      complain(
        "there is no theme '\(chosen)'"
          + (nearest.map { " (did you mean '\($0)'?)" } ?? " (C lists them)"))
      return
    }
    screen.arrange { $0.theme = chosen }
    notice("theme \(chosen)")
  }
}
