/// The settings as text for people.
extension Settings {
  /// A `config.toml` in which every key is commented out and holds its default.
  static func commentedDefault() -> String {
    var text = """
      # Lilt's settings. Every key may be left out. The file belongs in
      # $XDG_CONFIG_HOME/lilt/config.toml (~/.config/lilt/config.toml).
      # A LILT_ variable goes before this file, and an option before both.

      """
    for section in Setting.Section.allCases {
      text += "\n# \(section.help)\n[\(section.rawValue)]\n"
      for setting in Setting.all where setting.section == section {
        let others = [setting.variable, setting.option].compactMap { $0 }.joined(separator: ", ")
        text += "\n# \(setting.help)\n# \(setting.range)  (\(others))\n"
        text += "# \(setting.name) = \(setting.standard.toml)\n"
      }
    }
    return text
  }

  /// One line for each setting: its path, its value as TOML, and where that came from.
  func listing() -> String {
    let rows = Setting.all.map { setting in
      let entry = entry(setting)
      return ("\(setting.path) = \(entry.value.toml)", entry.source.description)
    }
    let width = rows.map(\.0.count).max() ?? 0
    return rows.map { row in
      row.0 + String(repeating: " ", count: width - row.0.count + 2) + row.1 + "\n"
    }.joined()
  }

  /// The README's table of settings, in Markdown.
  static func table() -> String {
    var text = """
      | Setting | Default | Variable, option | What it does |
      | --- | --- | --- | --- |

      """
    for setting in Setting.all {
      let others = [setting.variable, setting.option].compactMap { $0 }.map { "`\($0)`" }
      let standard = setting.standard == .text("") ? "" : "`\(setting.standard.plain)`"
      text += "| `\(setting.path)` | \(standard) | \(others.joined(separator: ", ")) |"
      text += " \(setting.help) |\n"
    }
    return text
  }
}
