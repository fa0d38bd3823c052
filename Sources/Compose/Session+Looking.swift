/// How the musician arranges the screen.
extension Session {
  mutating func changeView(_ name: CommandName, _ argument: String) -> [Effect] {
    switch name {
    case .follow:
      if let new = chosen(argument, view.follow, "the view follows") {
        screen.arrange { $0.follow = new }
      }
    case .colour:
      if let new = chosen(argument, view.noteColour, "notes by") {
        screen.arrange { $0.noteColour = new }
      }
    case .zoom: zoom(argument)
    case .theme:
      guard !argument.isEmpty else {
        let selected = themes.firstIndex(of: view.theme) ?? 0
        screen.enter(.theme(ThemePicker(selected: selected, before: view.theme, names: themes)))
        return [.findThemes(chosen: nil)]
      }
      // Its file may have been written while the program runs.
      guard themes.contains(argument) else { return [.findThemes(chosen: argument)] }
      screen.arrange { $0.theme = argument }
      notice("theme \(argument)")
    case .motion:
      guard let moves = onOff(argument, now: !view.isCalm) else { return [] }
      screen.arrange { $0.motion = moves ? nil : false }
      notice(moves ? "the view moves with the music" : "the view goes by the page")
    case .focus: screen.arrange { $0.focus = $0.focus == .roll ? .text : .roll }
    case .pane:
      guard let pane = ViewSettings.Toggle(rawValue: argument.isEmpty ? "full" : argument) else {
        let names = ViewSettings.Toggle.allCases.map(\.rawValue).joined(separator: ", ")
        complain("no pane '\(argument)' (\(names))")
        return []
      }
      screen.arrange { $0.toggle(pane) }
    case .messages: screen.enter(.messages(scroll: 0))
    default: break
    }
    return []
  }

  /// The value named, or the one after the present.
  private mutating func chosen<Value>(_ argument: String, _ present: Value, _ words: String)
    -> Value?
  where Value: RawRepresentable<String> & CaseIterable & Equatable {
    let all = Array(Value.allCases)
    let value: Value
    if argument.isEmpty {
      let here = all.firstIndex(of: present) ?? 0
      value = all[(here + 1) % all.count]
    } else if let named = Value(rawValue: argument) {
      value = named
    } else {
      complain("'\(argument)' is none of \(all.map(\.rawValue).joined(separator: ", "))")
      return nil
    }
    notice("\(words) \(value.rawValue)")
    return value
  }

  private mutating func zoom(_ argument: String) {
    switch argument {
    case "in", "": screen.arrange { $0.columnsPerUnit = min($0.columnsPerUnit * 2, 16) }
    case "out": screen.arrange { $0.columnsPerUnit = max($0.columnsPerUnit / 2, 1) }
    case "up": screen.arrange { $0.scrollPitch += 2 }
    case "down": screen.arrange { $0.scrollPitch -= 2 }
    case "centre":
      let bar = score.bar(atByte: cursor) ?? 0
      screen.arrange { ($0.scrollPitch, $0.scrollBar) = (0, bar) }
    case "fit":
      screen.arrange { ($0.columnsPerUnit, $0.scrollPitch, $0.scrollBar) = (1, 0, 0) }
    default: complain("'\(argument)' is no zoom (in, out, up, down, centre, fit)")
    }
  }
}
