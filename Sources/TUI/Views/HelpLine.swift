import Compose

/// One entry of the help line: keys, a word, and what a click on it does.
struct HelpItem: Equatable {
  var keys: String
  var words: String
  var event: Event?
}

extension Drawing {
  mutating func drawHelpLine() {
    guard let row = layout.help else { return }
    surface.fill(row: row, columns: 0..<surface.width, palette[.help])
    for (item, columns) in placedHelpItems() {
      let end = surface.write(
        item.keys, row: row, column: columns.lowerBound, palette[.helpKey], end: surface.width)
      surface.write(" " + item.words, row: row, column: end, palette[.help], end: surface.width)
    }
  }

  /// The entries that fit, with their columns. The last one, help, always does.
  func placedHelpItems() -> [(item: HelpItem, columns: Range<Int>)] {
    let isShort = surface.width < 60
    var items = helpItems(for: session.mode, isShort: isShort, all: surface.width >= 100)
    let gap = isShort ? 1 : 2
    func size(_ item: HelpItem) -> Int {
      TextWidth.of(item.keys) + (item.words.isEmpty ? 0 : 1 + TextWidth.of(item.words))
    }
    func total() -> Int { items.reduce(1 - gap) { $0 + size($1) + gap } }
    while items.count > 2, total() > surface.width {
      items.remove(at: items.count - 2)
    }
    var placed: [(HelpItem, Range<Int>)] = []
    var column = isShort ? 0 : 1
    for item in items {
      placed.append((item, column..<column + size(item)))
      column += size(item) + gap
    }
    return placed
  }

  func helpItems(for mode: InputMode, isShort: Bool, all: Bool) -> [HelpItem] {
    if let prefix = session.pendingPrefix, let sequence = KeyMap.sequence(named: prefix) {
      return context.keys.continuations(of: sequence, in: mode.name).map {
        HelpItem(keys: "\(prefix)\($0.keys)", words: shortWords($0.command), event: nil)
      } + [HelpItem(keys: "Esc", words: "leave", event: .prefixDropped)]
    }
    switch mode {
    case .normal: return normalItems(isShort: isShort, all: all)
    case .select:
      return [
        item(.barNext, "extend"), item(.copy, "copy"), item(.cut, "cut"), item(.loop, "loop"),
        item(.playToggle, "play"), item(.export, "export"), item(.cancel, "end"),
        item(.help, "help"),
      ].compactMap(\.self)
    case .insert:
      return [
        HelpItem(keys: "Esc", words: "done", event: .editKeyPressed(.escape)),
        item(.generateToggle, "generate"),
        HelpItem(keys: "^w", words: "delete to the bar line", event: .editKeyPressed(.wordBack)),
        HelpItem(keys: "^u", words: "to the line's start", event: .editKeyPressed(.clear)),
      ].compactMap(\.self)
    case .commandLine:
      return edits([("Enter", "run", .enter), ("Tab", "complete", .tab), ("Up", "earlier", .up)])
    case .prompt, .find:
      return edits([("Enter", mode == .find(LineEditor()) ? "find" : "ok", .enter)])
    case .help:
      return edits([("Enter", "run it", .enter), ("Up Down", "choose", .down)])
    case .header:
      return edits([
        ("Enter", "keep", .enter), ("Tab", "next field", .tab),
        ("PgDn", "known values", .pageDown),
      ])
    case .theme:
      return edits([("Enter", "keep", .enter), ("Up Down", "choose", .down)])
    case .export: return edits([("Enter", "write", .enter), ("Tab", "what", .tab)])
    case .grab:
      return [
        HelpItem(keys: "j k", words: "step", event: nil),
        HelpItem(keys: "J K", words: "semitone", event: nil),
        HelpItem(keys: "h l", words: "earlier, later", event: nil),
        HelpItem(keys: "< >", words: "length", event: nil),
        HelpItem(keys: "Tab", words: "next note", event: nil),
        item(.undo, "undo"), item(.cancel, "done"),
      ].compactMap(\.self)
    case .record:
      return [
        HelpItem(keys: "z..,q..p", words: "piano", event: nil),
        item(.record, "go", session.isClockRunning ? "stop" : "clock"),
        HelpItem(keys: "Up Down", words: "octave", event: nil),
        HelpItem(keys: "Left Right . /", words: "length", event: nil),
        item(.record, "rest", "rest"), item(.record, "back", "back one"), item(.cancel, "keep"),
      ].compactMap(\.self)
    case .picker(let picker): return pickerItems(picker)
    case .compare:
      return edits([
        ("Left Right", "side", .right), ("Up Down", "bar", .down), ("Tab", "hear", .tab),
        ("Enter", "take it", .enter),
      ])
    case .audition:
      return [
        HelpItem(keys: "0-9", words: "hear", event: nil),
        item(.alternativeChoose, "choose"), item(.alternativeReroll, "others"),
        item(.alternativeMore, "more like it"), item(.alternativeHold, "hold"),
        item(.alternativeDrop, "drop"), item(.alternativeComp, "as heard"),
        item(.playToggle, session.player.state == .stopped ? "play" : "stop"),
        temperatureItem(isShort), item(.cancel, "original"),
      ].compactMap(\.self)
    case .critique: return edits([("Up Down", "scroll", .down)])
    case .messages:
      return edits([("Up Down", "older, newer", .up)])
    }
  }

  private func normalItems(isShort: Bool, all: Bool) -> [HelpItem] {
    let isWriting: Bool
    switch session.generator {
    case .running, .resting, .priming: isWriting = true
    default: isWriting = false
    }
    let isPlaying = session.player.state != .stopped
    let think = isWriting ? "pause" : isShort ? "gen" : session.text.isEmpty ? "begin" : "generate"
    var items = [
      item(.generateToggle, think), item(.playToggle, isPlaying ? "stop" : "play"),
      temperatureItem(isShort), item(.barBack, isShort ? "" : "bar back"),
      item(.insert, isShort ? "" : "edit"), item(.alternatives, isShort ? "" : "alts"), takesItem,
      item(.retry, "retry"), item(.undo, "undo"),
    ]
    if all {
      items += [
        item(.retryHere, "retry here"), item(.select, "select"), item(.loop, "loop"),
        item(.header, "header"), item(.editor, "editor"), item(.follow, "follow"),
        item(.colour, "colours"), item(.export, "export"), item(.commandLine, "command"),
      ]
    }
    items.append(item(.help, "help"))
    return items.compactMap(\.self)
  }

  private func temperatureItem(_ isShort: Bool) -> HelpItem? {
    let mode = session.mode.name
    guard let up = context.keys.shortKey(for: .temperature, "+0.05", in: mode),
      let down = context.keys.shortKey(for: .temperature, "-0.05", in: mode)
    else { return item(.temperature, "temp") }
    return HelpItem(
      keys: up + down, words: isShort ? "" : "temp",
      event: .commanded(Invocation(.temperature, "+0.05")))
  }

  private var takesItem: HelpItem? {
    let mode = session.mode.name
    guard let previous = context.keys.shortKey(for: .takePrevious, in: mode),
      let next = context.keys.shortKey(for: .takeNext, in: mode)
    else { return nil }
    return HelpItem(
      keys: "\(previous) \(next)", words: "takes", event: .commanded(Invocation(.takeNext)))
  }

  /// An entry from the live bindings; none for a command without a key.
  private func item(_ name: CommandName, _ words: String) -> HelpItem? {
    guard let key = context.keys.shortKey(for: name, in: session.mode.name) else { return nil }
    return HelpItem(keys: key, words: words, event: .commanded(Invocation(name)))
  }

  private func item(_ name: CommandName, _ argument: String, _ words: String) -> HelpItem? {
    guard let key = context.keys.shortKey(for: name, argument, in: session.mode.name) else {
      return nil
    }
    return HelpItem(keys: key, words: words, event: .commanded(Invocation(name, argument)))
  }

  private func edits(_ list: [(String, String, EditKey)]) -> [HelpItem] {
    list.map { HelpItem(keys: $0.0, words: $0.1, event: .editKeyPressed($0.2)) } + [
      HelpItem(keys: "Esc", words: "leave", event: .editKeyPressed(.escape))
    ]
  }

  /// The last words of a command line, for a popup: `melody` for `temp.focus melody`.
  func shortWords(_ command: String) -> String {
    command.split(separator: " ").last.map(String.init) ?? command
  }
}
