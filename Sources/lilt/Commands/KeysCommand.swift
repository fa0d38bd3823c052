import ArgumentParser
import Compose
import TUI

/// `lilt keys`: what each key does, with the user's keys.toml counted in.
struct KeysCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys",
    abstract: "List every key and command, or check keys.toml.",
    subcommands: [List.self, Check.self, Print.self],
    defaultSubcommand: List.self)

  /// `lilt keys list`.
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "List keys, commands and what they do, for reading.")

    func run() throws {
      let read = KeyTables.read(paths: .current)
      StandardOutput.write(KeyTables.listing(read.map))
      for problem in read.problems { StandardError.line(problem) }
    }
  }

  /// `lilt keys check`.
  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "check",
      abstract: "Check keys.toml; exit status 1 when something in it is wrong.")

    @Argument(help: "A keys.toml; without it, the one in use.")
    var file: String?

    func run() throws {
      let path = file ?? Paths.current.keysFile
      guard file != nil || Files.exists(path) else {
        return StandardOutput.line("there is no \(path): every key is as it was made")
      }
      let text: String
      do {
        text = try Files.readText(path)
      } catch {
        throw CommandFailure(.unreadableInput, error.description)
      }
      let read = KeyMap.reading(text, file: Paths.lastComponent(of: path))
      let problems = read.map.check()
      for sentence in read.problems { StandardOutput.line(sentence) }
      for problem in problems { StandardOutput.line(problem.description) }
      if !read.problems.isEmpty || problems.contains(where: { !$0.isWarning }) {
        throw CommandFailure(.checkFailed, nil)
      }
    }
  }

  /// `lilt keys print`.
  struct Print: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "print", abstract: "Print the tables of the manual as Markdown.")

    @Flag(help: "The commands of the ':' line instead of the keys.")
    var commands = false

    func run() throws {
      let map = KeyTables.read(paths: .current).map
      StandardOutput.write(commands ? KeyTables.commandTable(map) : KeyTables.keyTable(map))
    }
  }
}

/// Lists of keys and commands, always made from the live table.
enum KeyTables {
  /// The default keys with the user's keys.toml over them, and what is wrong in that file.
  static func read(paths: Paths) -> (map: KeyMap, problems: [String]) {
    guard Files.exists(paths.keysFile) else { return (.standard, []) }
    do {
      return KeyMap.reading(try Files.readText(paths.keysFile), file: "keys.toml")
    } catch {
      return (.standard, [error.description])
    }
  }

  /// Keys that run the same command in the same mode, in the order of the table.
  private static func grouped(_ rows: [KeyMap.Row]) -> [(row: KeyMap.Row, keys: [String])] {
    var groups: [(row: KeyMap.Row, keys: [String])] = []
    for row in rows {
      if let index = groups.firstIndex(where: { $0.row.command == row.command }) {
        groups[index].keys.append(row.keys)
      } else {
        groups.append((row, [row.keys]))
      }
    }
    return groups
  }

  /// Plain text in columns: a section for each mode, then the commands that have no key.
  static func listing(_ map: KeyMap) -> String {
    var text = ""
    for mode in KeyMap.modes {
      let groups = grouped(map.rows(in: mode))
      if groups.isEmpty { continue }
      text += (text.isEmpty ? "" : "\n") + mode.uppercased() + "\n"
      for (row, keys) in groups {
        text += columns(keys.joined(separator: " "), row.command, row.help)
      }
    }
    let keyless = CommandName.allCases.filter { name in
      !KeyMap.modes.contains { !map.keys(for: name, in: $0).isEmpty }
    }
    if !keyless.isEmpty {
      text += "\nWITHOUT A KEY (after :)\n"
      for name in keyless { text += columns("", line(name), name.help) }
    }
    return text
  }

  private static func columns(_ first: String, _ second: String, _ third: String) -> String {
    "  \(padded(first, 12)) \(padded(second, 20)) \(third)\n"
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  private static func line(_ name: CommandName) -> String {
    name.argument.isEmpty ? name.rawValue : "\(name.rawValue) \(name.argument)"
  }

  /// The README's table of keys.
  static func keyTable(_ map: KeyMap) -> String {
    var text = "| Mode | Keys | Command | What it does |\n| --- | --- | --- | --- |\n"
    for mode in KeyMap.modes {
      for (row, keys) in grouped(map.rows(in: mode)) {
        let names = keys.map(code).joined(separator: " ")
        text += "| \(mode) | \(names) | \(code(row.command)) | \(cell(row.help)) |\n"
      }
    }
    return text
  }

  /// The README's table of commands.
  static func commandTable(_ map: KeyMap) -> String {
    var text = "| Command | Keys | What it does |\n| --- | --- | --- |\n"
    for name in CommandName.allCases {
      let keys = map.keys(for: name).map(code).joined(separator: " ")
      text += "| \(code(line(name))) | \(keys) | \(cell(name.help)) |\n"
    }
    return text
  }

  private static func code(_ text: String) -> String { "`\(cell(text))`" }

  /// A bar would end the cell of a Markdown table.
  private static func cell(_ text: String) -> String { text.replacing("|", with: "\\|") }
}
