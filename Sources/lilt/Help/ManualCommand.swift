import ABC
import ArgumentParser
import Compose
import TUI

/// `lilt man PAGE`: a manual page in roff, for `make install`.
struct ManualCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "man", abstract: "Print a manual page in roff.",
    discussion: "'lilt man --all FOLDER' writes every page below FOLDER/man1 and FOLDER/man5.",
    shouldDisplay: false)

  /// The pages there are.
  enum Page: Hashable {
    case program
    case keys
    case config
    /// `lilt-generate.1`, and so on.
    case command(String)

    static var allCases: [Page] {
      [.program, .keys, .config]
        + Lilt.configuration.subcommands.compactMap { $0.configuration.commandName }
        .map(Page.command)
    }

    var fileName: String {
      switch self {
      case .program: "lilt.1"
      case .keys: "lilt-keys.5"
      case .config: "lilt-config.5"
      case .command(let name): "lilt-\(name).1"
      }
    }

    /// Reads `lilt-play.1`, or `play` for short.
    init?(_ name: String) {
      let names = [name, "lilt-\(name).1", "lilt-\(name).5"]
      guard let page = Page.allCases.first(where: { names.contains($0.fileName) }) else {
        return nil
      }
      self = page
    }
  }

  @Argument(
    help: "A page: lilt.1, lilt-keys.5, lilt-config.5, or a command's, such as lilt-play.1.")
  var page: String?
  @Option(help: "Write every page below this folder instead.")
  var all: String?

  func run() throws {
    if let all {
      guard page == nil else { throw CommandFailure(.usage, "--all writes every page: name none") }
      return try writeAll(to: all)
    }
    guard let name = page else {
      throw CommandFailure(.usage, "a page is missing, such as 'lilt man lilt.1'")
    }
    guard let page = Page(name) else {
      let names = Page.allCases.map(\.fileName)
      throw CommandFailure(
        .usage, "there is no page '\(name)'" + suggestion(for: name, among: names))
    }
    StandardOutput.write(Self.text(of: page))
  }

  private func writeAll(to folder: String) throws {
    do throws(FileError) {
      for page in Page.allCases {
        let section = "man" + String(page.fileName.last ?? "1")
        let place = Paths.join(folder, section)
        try Files.makeFolder(place)
        try Files.write(
          Array(Self.text(of: page).utf8), to: Paths.join(place, page.fileName), permissions: 0o644,
          durable: false)
      }
    } catch {
      throw CommandFailure(.unwritableOutput, error.description)
    }
  }

  /// A page, made from the tables that the program itself works with.
  static func text(of page: Page) -> String {
    switch page {
    case .program: programPage()
    case .keys: keysPage()
    case .config: configPage()
    case .command(let name): commandPage(name)
    }
  }

  private static func commandPage(_ name: String) -> String {
    guard
      let command = Lilt.configuration.subcommands.first(where: {
        $0.configuration.commandName == name
      })
    else { return "" }
    let configuration = command.configuration
    var text = heading(.command(name), configuration.abstract)
    let options = CommandOptions(of: command)
    text += ".SH SYNOPSIS\n"
    for form in options?.synopses(of: configuration) ?? [] { text += "\(escaped(form))\n.br\n" }
    if !configuration.discussion.isEmpty {
      text += ".SH DESCRIPTION\n"
      text += paragraphs(configuration.discussion)
    }
    for (heading, rows) in options?.tables ?? [] {
      text += ".SH \(heading)\n"
      for row in rows { text += item(row.term, row.help) }
    }
    return text + seeAlso("lilt (1)", "lilt-config (5)", "lilt-keys (5)")
  }

  /// Paragraphs as they stand; lines that are indented or short stay lines.
  private static func paragraphs(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.isEmpty ? ".P\n" : "\(escaped(String(line)))\n.br\n"
    }.joined()
  }

  private static func seeAlso(_ pages: String...) -> String {
    ".SH SEE ALSO\n" + pages.map { ".BR \(escaped($0))" }.joined(separator: ",\n") + "\n"
  }

  private static func programPage() -> String {
    var text = heading(.program, Lilt.configuration.abstract)
    text += ".SH SYNOPSIS\n.B lilt\n[\\fIOPTION\\fR ...] [\\fIFILE.abc\\fR | \\fIDRAFT\\fR]\n.br\n"
    text += ".B lilt\n\\fICOMMAND\\fR ...\n.SH COMMANDS\n"
    for command in Lilt.configuration.subcommands where command.configuration.shouldDisplay {
      let configuration = command.configuration
      text += item("lilt \(configuration.commandName ?? "")", configuration.abstract)
    }
    text += ".P\n.B lilt help\n\\fICOMMAND\\fR explains each with its options.\n"
    text += ".SH EXIT STATUS\n"
    for outcome in Outcome.allCases { text += item("\(outcome.rawValue)", outcome.meaning) }
    text += item("130, 143, 141", "ended by SIGINT, SIGTERM, SIGPIPE")
    text += ".SH FILES\n"
    for (path, meaning) in [
      ("$XDG_CONFIG_HOME/lilt", "config.toml, keys.toml and Themes/"),
      ("$XDG_STATE_HOME/lilt", "drafts with their journals, the log"),
      ("$XDG_DATA_HOME/lilt", "checkpoints, in Models/"),
      ("$XDG_RUNTIME_DIR/lilt.DRAFT.sock", "the control socket of a running lilt"),
    ] {
      text += item(path, meaning)
    }
    let commands = Lilt.configuration.subcommands.compactMap { $0.configuration.commandName }
    let pages =
      commands.map { ".BR \(escaped("lilt-\($0) (1)"))" } + [
        ".BR lilt\\-keys (5)", ".BR lilt\\-config (5)",
      ]
    return text + ".SH SEE ALSO\n" + pages.joined(separator: ",\n") + "\n"
  }

  private static func keysPage() -> String {
    var text = heading(.keys, "keys and commands of lilt, and keys.toml")
    for mode in KeyMap.modes {
      text += ".SH \(mode.uppercased())\n"
      for row in KeyMap.standard.rows(in: mode) {
        text += item("\(row.keys)  (\(row.command))", row.help)
      }
    }
    text += ".SH COMMANDS\n"
    for name in CommandName.allCases {
      text += item("\(name.rawValue) \(name.argument)", name.help)
    }
    return text + """
      .SH KEYS.TOML
      A table for each mode; a key or a prefix with the keys after it, joined by points, names one
      command line or several in an array; "none" unbinds.
      .B lilt keys check
      checks the file.
      .nf

      [normal]
      "g"   = "gen.toggle"
      "t.q" = "temp = 0.7"

      """
  }

  private static func configPage() -> String {
    var text = heading(.config, "settings of lilt")
    for section in Setting.Section.allCases {
      text += ".SH [\(section.rawValue)]\n\(escaped(section.help))\n"
      for setting in Setting.all where setting.section == section {
        let others = [setting.variable, setting.option].compactMap { $0 }.joined(separator: ", ")
        text += item(
          "\(setting.name) = \(setting.standard.toml)",
          "\(setting.help). Must be \(setting.range). (\(others))")
      }
    }
    return text
  }

  private static func heading(_ page: Page, _ summary: String) -> String {
    let parts = page.fileName.split(separator: ".").map(String.init)
    return """
      .TH \(parts[0].uppercased()) \(parts.last ?? "1") "" "lilt \(Lilt.version)"
      .SH NAME
      \(escaped(parts[0])) \\- \(escaped(summary))

      """
  }

  private static func item(_ term: String, _ text: String) -> String {
    ".TP\n\\fB\(escaped(term))\\fR\n\(escaped(text))\n"
  }

  /// Text in which roff sees no request, escape or hyphenation.
  static func escaped(_ text: String) -> String {
    let plain = text.replacing("\\", with: "\\e").replacing("-", with: "\\-")
    return plain.hasPrefix(".") || plain.hasPrefix("'") ? "\\&" + plain : plain
  }
}
