import ArgumentParser
import TUI

/// `lilt theme`: the themes there are, how one looks, and whether it can be read.
struct ThemeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "theme",
    abstract: "List the themes, show one, or check one for mistakes.",
    subcommands: [List.self, Show.self, Check.self],
    defaultSubcommand: List.self)

  static var library: ThemeLibrary {
    ThemeLibrary(folders: Paths.current.folders(named: "Themes"))
  }

  /// `lilt theme list`.
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "List the names that --theme takes, and where they come from.")

    func run() {
      let library = ThemeCommand.library
      let names = library.names
      let width = names.map(\.count).max() ?? 0
      for name in names {
        let theme = library.theme(named: name).theme
        let gap = String(repeating: " ", count: width - name.count + 2)
        let variant = theme.variant == .dark ? "dark " : "light"
        StandardOutput.line("\(name)\(gap)\(variant)  \(library.path(of: name) ?? "built in")")
      }
    }
  }

  /// `lilt theme show NAME`.
  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show",
      abstract: "Print every scope of a theme with its colours at each depth.")

    @Argument(help: "A theme's name, or a file.")
    var theme: String

    func run() throws {
      let loaded = try ThemeCommand.load(theme)
      StandardOutput.line("\(loaded.theme.name) (\(loaded.theme.variant.rawValue))")
      StandardOutput.write(loaded.theme.listing())
      for problem in loaded.problems { StandardError.line(problem.description) }
    }
  }

  /// `lilt theme check NAME`.
  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "check",
      abstract: "Check a theme; exit status 1 when something in it is wrong or hard to read.")

    @Argument(help: "A file, or a theme's name.")
    var theme: String

    func run() throws {
      let loaded = try ThemeCommand.load(theme)
      // What cannot be read cannot be looked at.
      let problems = loaded.problems + loaded.theme.check()
      for problem in problems { StandardOutput.line(problem.description) }
      if problems.contains(where: { !$0.isWarning }) { throw CommandFailure(.checkFailed, nil) }
    }
  }

  /// A theme by the path of its file, or by its name.
  static func load(_ theme: String) throws -> LoadedTheme {
    let library = ThemeCommand.library
    if theme.contains("/") || theme.hasSuffix(".toml") {
      do {
        return library.theme(text: try Files.readText(theme), file: theme)
      } catch {
        throw CommandFailure(.unreadableInput, error.description)
      }
    }
    guard library.names.contains(theme) else {
      let known = library.names.joined(separator: ", ")
      throw CommandFailure(.usage, "there is no theme '\(theme)'; there are \(known)")
    }
    return library.theme(named: theme)
  }
}
