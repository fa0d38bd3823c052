public import Compose

extension KeyMap {
  /// What a key tells the session. Nothing for a resize, the focus or the mouse, which the caller
  /// handles with `pointer`.
  public func events(for key: KeyPress, in session: Session) -> [Event] {
    switch key.key {
    case .paste(let text): return [.pasted(text)]
    case .resize, .focus, .mouse: return []
    case .midi: return commands(for: key, in: session.mode)
    default: break
    }
    let mode = session.mode
    if mode == .record { return strokes(of: key, in: mode) }
    if key.act == .release { return [] }
    let key = mode.takesText ? key.asPressed : latin(key.asPressed)
    if let prefix = session.pendingPrefix {
      return events(for: key, after: KeyMap.sequence(named: prefix) ?? [], in: mode)
    }
    // Among alternatives a digit is the one to hear.
    if !mode.takesText, mode != .audition, let digit = KeyMap.digit(key),
      digit > 0 || session.pendingCount != nil
    {
      return [.countDigit(digit)]
    }
    return events(for: key, after: [], in: mode)
  }

  /// A key that is no command's is a piano's.
  private func strokes(of key: KeyPress, in mode: InputMode) -> [Event] {
    let named = latin(key.asPressed)
    if key.act != .press || binding(for: [named], in: mode.name) == nil,
      case .character(let character) = named.key, key.modifiers.isSubset(of: .shift)
    {
      if binding(for: [named], in: mode.name) != nil { return [] }
      return [.keyStruck(KeyStroke(key.place ?? character, key.act))]
    }
    return key.act == .release ? [] : events(for: named, after: [], in: mode)
  }

  /// The key as a Latin keyboard has it, so that commands are where they always are: by its place
  /// where the terminal tells it, or by the table of `keys.toml`.
  private func latin(_ key: KeyPress) -> KeyPress {
    guard case .character(let character) = key.key, !character.isASCII else { return key }
    var latin = key
    if let known = layout[character] {
      latin.key = .character(known)
    } else if let place = key.place, place.isASCII {
      let isUpper = character.isUppercase || key.modifiers.contains(.shift)
      latin.key = .character(isUpper ? Character(place.uppercased()) : place)
    }
    return latin
  }

  /// What a MIDI keyboard's key does: what the mode says, or else what NORMAL says, so that a pedal
  /// works everywhere.
  private func commands(for key: KeyPress, in mode: InputMode) -> [Event] {
    let found = binding(for: [key], in: mode.name) ?? binding(for: [key], in: "normal")
    return found?.commands.map { Event.commanded($0) } ?? []
  }

  /// What of a MIDI keyboard runs commands in some mode, and therefore is not music.
  public var midiControls: Set<KeyPress.MIDIControl> {
    var found: Set<KeyPress.MIDIControl> = []
    for sequences in bindings.values {
      for case .midi(let control) in sequences.keys.compactMap(\.first?.key) {
        found.insert(control)
      }
    }
    return found
  }

  private func events(for key: KeyPress, after prefix: Sequence, in mode: InputMode) -> [Event] {
    let sequence = prefix + [key]
    let name = KeyMap.modes.contains(mode.name) ? mode.name : "insert"
    // Lists and forms share INSERT's control keys, but not what only a text can do.
    if let binding = binding(for: sequence, in: name), isAllowed(binding, in: mode) {
      return binding.commands.map { Event.commanded($0) }
    }
    if isPrefix(sequence, in: name), KeyMap.modes.contains(mode.name) {
      return [.prefixPressed(KeyMap.name(of: sequence))]
    }
    if !prefix.isEmpty {
      return key.key == .escape
        ? [.prefixDropped]
        : [.unknownKey(sequence.map(\.shortName).joined(separator: " "))]
    }
    if let plain = KeyMap.plainKey(of: key) {
      return events(for: plain, after: [], in: mode)
    }
    if key.modifiers == .alt, KeyMap.mayFollowEscape(key.key) {
      // Esc and a key in quick succession look like Alt and that key.
      return events(for: KeyPress(.escape), after: [], in: mode)
        + events(for: KeyPress(key.key), after: [], in: mode.takesText ? .normal : mode)
    }
    if mode.takesText {
      if let edit = KeyMap.editKey(key) { return [.editKeyPressed(edit)] }
      if let character = key.character { return [.typed(String(character))] }
    } else if mode.name == "messages", let edit = KeyMap.editKey(key) {
      return [.editKeyPressed(edit)]
    }
    return [.unknownKey(key.name)]
  }

  private func isAllowed(_ binding: Binding, in mode: InputMode) -> Bool {
    if KeyMap.modes.contains(mode.name) { return true }
    return binding.commands.allSatisfy { [.halt, .suspend, .redraw].contains($0.name) }
  }

  private static func digit(_ key: KeyPress) -> Int? {
    guard key.modifiers.isEmpty, case .character(let character) = key.key, character.isASCII else {
      return nil
    }
    return character.wholeNumberValue
  }

  /// Whether Alt and this key, where they mean nothing, may have been Esc and then the key.
  private static func mayFollowEscape(_ key: KeyPress.Key) -> Bool {
    switch key {
    case .character, .enter, .tab: true
    default: false
    }
  }

  /// The key that most terminals send for a chord that has no meaning here: a terminal that tells
  /// Ctrl-I from Tab must not take Ctrl-I away from those who use it.
  private static func plainKey(of key: KeyPress) -> KeyPress? {
    let plain: KeyPress.Key? =
      switch (key.key, key.modifiers) {
      case (.character("i"), .control): .tab
      case (.character("m"), .control), (.character("j"), .control): .enter
      case (.character("h"), .control): .backspace
      case (.character("["), .control): .escape
      case (.enter, _), (.escape, _), (.backspace, .shift), (.backspace, .control):
        key.modifiers.isEmpty || key.modifiers.contains(.alt) ? nil : key.key
      case (.character(" "), .shift): .character(" ")
      default: nil
      }
    return plain.map { KeyPress($0) }
  }

  /// What text entry understands of a key.
  static func editKey(_ key: KeyPress) -> EditKey? {
    switch (key.key, key.modifiers) {
    case (.enter, _): .enter
    case (.escape, _): .escape
    case (.tab, .shift): .backTab
    case (.tab, _): .tab
    case (.backspace, .alt): .wordBack
    case (.backspace, _): .backspace
    case (.delete, _): .delete
    case (.left, _): .left
    case (.right, _): .right
    case (.up, _), (.character("p"), .control): .up
    case (.down, _), (.character("n"), .control): .down
    case (.home, _): .home
    case (.end, _), (.character("e"), .control): .end
    case (.pageUp, _): .pageUp
    case (.pageDown, _): .pageDown
    case (.character("w"), .control): .wordBack
    case (.character("u"), .control): .clear
    default: nil
    }
  }
}
