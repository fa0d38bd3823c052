import ABC
import Compose
import TOMLKit
import TUI

/// Every setting's value and where it came from.
///
/// Later wins: built in, `config.toml`, a `LILT_` variable, an option (UX 4.1). Nothing here stops
/// the program: what cannot be read falls back and leaves a sentence in `problems`.
struct Settings: Sendable {
  /// Where a value came from.
  enum Source: Equatable, Sendable, CustomStringConvertible {
    case builtIn
    case file(line: Int?)
    case variable(String)
    case option(String)

    var description: String {
      switch self {
      case .builtIn: "built in"
      case .file(let line?): "config.toml:\(line)"
      case .file(nil): "config.toml"
      case .variable(let name): name
      case .option(let name): name
      }
    }
  }

  private var values: [String: (value: SettingValue, source: Source)] = [:]
  /// Whole sentences, the place first, for the log and the message line.
  var problems: [String] {
    found.sorted { ($0.line ?? .max) < ($1.line ?? .max) }.map(\.sentence)
  }
  private var found: [(line: Int?, sentence: String)] = []

  /// What is built in.
  init() {}

  /// Reads the user's file, if there is one, and the environment.
  static func load(
    paths: Paths = .current, environment: [String: String] = Paths.processEnvironment()
  ) -> Settings {
    var settings = Settings()
    if Files.exists(paths.configurationFile) {
      do {
        settings.read(file: try Files.readText(paths.configurationFile))
      } catch {
        settings.found.append((nil, error.description))
      }
    }
    settings.read(environment: environment)
    return settings
  }

  /// The value of a setting and where it came from.
  func entry(_ setting: Setting) -> (value: SettingValue, source: Source) {
    values[setting.path] ?? (setting.standard, .builtIn)
  }

  /// A setting of kind `flag`.
  func flag(_ setting: Setting) -> Bool {
    if case .flag(let flag) = entry(setting).value { flag } else { false }
  }

  /// A setting of kind `integer`.
  func integer(_ setting: Setting) -> Int {
    if case .integer(let number) = entry(setting).value { number } else { 0 }
  }

  /// A setting of kind `number`.
  func number(_ setting: Setting) -> Double {
    if case .number(let number) = entry(setting).value { number } else { 0 }
  }

  /// A setting of any kind, as an option would say it.
  func text(_ setting: Setting) -> String { entry(setting).value.plain }

  /// A setting of text where empty means "not set".
  func given(_ setting: Setting) -> String? {
    let text = text(setting)
    return text.isEmpty ? nil : text
  }

  /// A setting of several values with commas between them.
  func list(_ setting: Setting) -> [String] {
    text(setting).split(separator: ",").compactMap {
      let entry = $0.trimmingPrefix { $0 == " " }
      return entry.isEmpty ? nil : String(entry)
    }
  }

  /// A setting that names a file or folder; `~` is the home folder.
  func path(_ setting: Setting) -> String? { given(setting).map(Paths.expandingHome) }

  /// Takes an option's value, which goes before everything else; nil changes nothing.
  ///
  /// - Throws: `CommandFailure` with the outcome `usage` when the text is no value of the setting.
  mutating func override(_ setting: Setting, with text: String?) throws(CommandFailure) {
    guard let text else { return }
    let option = setting.option ?? "--" + setting.name
    guard let value = setting.value(fromText: text) else {
      throw CommandFailure(.usage, "\(option) must be \(setting.range), not '\(text)'")
    }
    values[setting.path] = (value, .option(option))
  }

  /// Looks whether the themes that are asked for exist; one that does not falls back to the standard.
  ///
  /// - Throws: `CommandFailure` with the outcome `usage` for one named by an option.
  mutating func checkThemes(among names: [String]) throws(CommandFailure) {
    for setting in [Setting.theme, .themeDark, .themeLight] {
      let (value, source) = entry(setting)
      guard !value.plain.isEmpty, source != .builtIn, !names.contains(value.plain) else { continue }
      let sentence =
        "no theme '\(value.plain)'" + suggestion(for: value.plain, among: names)
      values[setting.path] = nil
      switch source {
      case .option(let option): throw CommandFailure(.usage, "\(option): \(sentence)")
      case .file(let line): note(sentence, at: line)
      case .variable(let name): found.append((nil, "\(name): \(sentence)"))
      case .builtIn: break
      }
    }
  }

  // MARK: - The environment

  /// Takes the `LILT_` variables.
  mutating func read(environment: [String: String]) {
    for setting in Setting.all {
      guard let text = environment[setting.variable], !text.isEmpty else { continue }
      if let value = setting.value(fromText: text) {
        values[setting.path] = (value, .variable(setting.variable))
      } else {
        found.append((nil, "\(setting.variable): must be \(setting.range), not '\(text)'"))
      }
    }
  }

  // MARK: - The file

  /// Takes the text of a `config.toml`. One that is no TOML at all changes nothing.
  mutating func read(file text: String) {
    let source: TOMLSource
    do {
      source = try TOMLSource(text: text.replacing("\r\n", with: "\n"), file: "config.toml")
    } catch {
      found.append((error.line, error.description))
      return
    }
    let table = source.root
    for sectionName in table.keys {
      guard let section = Setting.Section(rawValue: sectionName) else {
        note(Self.stray(sectionName), at: source.line(of: [sectionName]))
        continue
      }
      guard let entries = table[sectionName]?.table else {
        note(
          "'\(sectionName)' must be a table, [\(sectionName)]", at: source.line(of: [sectionName]))
        continue
      }
      for name in entries.keys {
        guard let value = entries[name] else { continue }
        read(value, of: name, in: section, line: source.line(of: [sectionName, name]))
      }
    }
  }

  private mutating func read(
    _ value: any TOMLValueConvertible, of name: String, in section: Setting.Section, line: Int?
  ) {
    if section == .display && name == "theme", let pair = value.table {
      // theme = { dark = "plum", light = "default-light" }
      for variant in pair.keys {
        guard let theme = pair[variant] else { continue }
        read(theme, of: "theme-" + variant, in: .display, line: line)
      }
      return
    }
    guard let setting = Setting.all.first(where: { $0.section == section && $0.name == name })
    else {
      note(Self.unknown(name, in: section), at: line)
      return
    }
    guard let plain = Self.plainValue(value), let accepted = setting.value(fromFile: plain) else {
      note("'\(name)' must be \(setting.range)", at: line)
      return
    }
    values[setting.path] = (accepted, .file(line: line))
  }

  private static func plainValue(_ value: any TOMLValueConvertible) -> SettingValue? {
    switch value.type {
    case .bool: value.bool.map(SettingValue.flag)
    case .int: value.int.map(SettingValue.integer)
    case .double: value.double.map(SettingValue.number)
    case .string: value.string.map(SettingValue.text)
    default: nil
    }
  }

  private mutating func note(_ sentence: String, at line: Int?) {
    let place = line.map { "config.toml:\($0)" } ?? "config.toml"
    found.append((line, "\(place): \(sentence)"))
  }

  /// A key that its table does not have: the nearest name, in whichever table that is.
  private static func unknown(_ name: String, in section: Setting.Section) -> String {
    if let elsewhere = Setting.all.first(where: { $0.name == name }) {
      return "key '\(name)' belongs in [\(elsewhere.section.rawValue)]"
    }
    let here = Setting.all.filter { $0.section == section }
    return "unknown key '\(name)'" + suggestion(for: name, among: (here + Setting.all).map(\.name))
  }

  /// A name at the top of the file that is no table of ours.
  private static func stray(_ name: String) -> String {
    if let setting = Setting.all.first(where: { $0.name == name }) {
      return "key '\(name)' belongs in [\(setting.section.rawValue)]"
    }
    let names = Setting.Section.allCases.map(\.rawValue)
    return "unknown table '\(name)'" + suggestion(for: name, among: names)
  }
}
