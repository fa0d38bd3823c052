import Compose
import Glibc
import TUI

/// `lilt help WORD`, for what is no command of the command line: a page of the documents, a command
/// of the composer, or a setting.
enum HelpTopics {
  /// The documents, in the order in which one reads them; each is `docs/NAME.md`.
  static let pages: [(name: String, summary: String)] = [
    ("composing", "memory, plan, rules, moods: what is wanted of a tune"),
    ("playing", "playing notes in, call and response, practising, swing"),
    ("command-line", "everything without a screen; judging tunes"),
    ("plain", "the composer as lines, for screen readers and scripts"),
    ("midi", "other synthesizers, keyboards and sequencers"),
    ("models", "other people's checkpoints, models of notes, speed"),
    ("training", "training your own, on a laptop or many machines"),
    ("settings", "settings, files, themes, sound"),
    ("extending", "keys, tables, themes, hooks, programs beside the composer"),
  ]

  /// What there is to say of `word`; nil where it names nothing.
  ///
  /// - Throws: `CommandFailure` with outcome `unreadableInput` where its page is not installed.
  static func lines(of word: String, paths: Paths = .current) throws(CommandFailure) -> [String]? {
    if pages.contains(where: { $0.name == word }) { return try page(word, paths) }
    let name = word.hasPrefix(":") ? String(word.dropFirst()) : word
    if let command = CommandName(rawValue: name) { return lines(of: command, paths) }
    let settings = Setting.all.filter { $0.path == name || $0.name == name }
    if !settings.isEmpty { return settings.flatMap { lines(of: $0) } }
    if let section = Setting.Section.allCases.first(where: { $0.rawValue == name }) {
      return ["[\(section.rawValue)]  \(section.help)", ""]
        + Setting.all.filter { $0.section == section }.flatMap { lines(of: $0) }
    }
    return list(of: word)
  }

  /// The commands that people look for by this word; nil where there are none.
  private static func list(of word: String) -> [String]? {
    var list = HelpList()
    list.query = LineEditor(word)
    guard !list.matches.isEmpty else { return nil }
    return ["nothing is called '\(word)'; it has to do with", ""]
      + list.matches.flatMap { [":\($0.rawValue)", "  \($0.help)"] }
  }

  /// Everything that `lilt help` knows a word for besides the commands of the command line.
  static var words: [String] {
    pages.map(\.name) + CommandName.allCases.map(\.rawValue) + Setting.all.map(\.path)
  }

  // MARK: Pages

  private static func page(_ name: String, _ paths: Paths) throws(CommandFailure) -> [String] {
    let candidates = paths.folders(named: "docs").map { Paths.join($0, name + ".md") }
    guard let path = candidates.first(where: { Files.exists($0) }) else {
      throw CommandFailure(
        .unreadableInput,
        "the page '\(name)' is not here: \(name).md was looked for beside the models")
    }
    do throws(FileError) {
      return MarkdownText(width: min(TerminalSize.columns, 100), isStyled: Hyperlink.isShown)
        .lines(of: try Files.readText(path))
    } catch {
      throw CommandFailure(.unreadableInput, error.description)
    }
  }

  // MARK: Commands and settings

  private static func lines(of command: CommandName, _ paths: Paths) -> [String] {
    let map = KeyTables.read(paths: paths).map
    let argument = command.argument.isEmpty ? "" : " " + command.argument
    var lines = [":\(command.rawValue)\(argument)", "  \(command.help)"]
    for mode in KeyMap.modes {
      let keys = map.keys(for: command, in: mode)
      if !keys.isEmpty { lines.append("  \(mode): \(keys.joined(separator: "  "))") }
    }
    if let setting = Setting.all.first(where: { $0.name == command.rawValue }) {
      lines.append("  setting: \(setting.path)")
    }
    return lines
  }

  private static func lines(of setting: Setting) -> [String] {
    let names = [setting.option, setting.variable].compactMap { $0 }.joined(separator: "  ")
    return [
      "\(setting.path) = \(setting.standard.toml)", "  \(setting.help).",
      "  must be \(setting.range)\(names.isEmpty ? "" : ";  \(names)")",
    ]
  }
}

/// The size of the terminal on standard output.
enum TerminalSize {
  /// 80 where it is no terminal or does not say.
  static var columns: Int {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col >= 20 else { return 80 }
    return Int(size.ws_col)
  }
}
