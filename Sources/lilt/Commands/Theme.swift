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
      commandName: "list", abstract: "List the names that --theme takes, and where they come from.",
      discussion: """
        A theme with a dark side and a light one follows the terminal; NAME-dark and NAME-light stay.
        """)

    func run() {
      let library = ThemeCommand.library
      let names = library.fileNames
      let width = names.map(\.count).max() ?? 0
      for name in names {
        let theme = library.theme(named: name).theme
        let gap = String(repeating: " ", count: width - name.count + 2)
        let one = theme.variant == .dark ? "dark      " : "light     "
        let variant = theme.isPair ? "dark+light" : one
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
      for loaded in try ThemeCommand.load(theme) {
        StandardOutput.line("\(loaded.theme.name) (\(loaded.theme.variant.rawValue))")
        StandardOutput.write(loaded.theme.listing())
        for problem in loaded.problems { StandardError.line(problem.description) }
      }
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
      var problems: [ThemeProblem] = []
      // What cannot be read cannot be looked at.
      for side in try ThemeCommand.load(theme) {
        for problem in side.problems + side.theme.check() where !problems.contains(problem) {
          problems.append(problem)
        }
      }
      for problem in problems { StandardOutput.line(problem.description) }
      if problems.contains(where: { !$0.isWarning }) { throw CommandFailure(.checkFailed, nil) }
    }
  }

  /// The sides of a theme by the path of its file, or by its name: one or two.
  static func load(_ theme: String) throws -> [LoadedTheme] {
    let dark = try load(theme, for: .dark)
    guard dark.theme.isPair else { return [dark] }
    let light = try load(theme, for: .light)
    return dark.theme.variant == light.theme.variant ? [dark] : [dark, light]
  }

  private static func load(_ theme: String, for side: Theme.Variant) throws -> LoadedTheme {
    let library = ThemeCommand.library
    if theme.contains("/") || theme.hasSuffix(".toml") {
      do {
        return library.theme(text: try Files.readText(theme), file: theme, for: side)
      } catch {
        throw CommandFailure(.unreadableInput, error.description)
      }
    }
    guard library.names.contains(theme) else {
      let known = library.names.joined(separator: ", ")
      throw CommandFailure(.usage, "there is no theme '\(theme)'; there are \(known)")
    }
    return library.theme(named: theme, for: side)
  }
}
