import ArgumentParser
import Compose
import TUI

/// `lilt man PAGE`: a manual page in roff, for `make install`.
struct ManualCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "man", abstract: "Print a manual page in roff.", shouldDisplay: false)

  /// The pages there are.
  enum Page: String, CaseIterable, ExpressibleByArgument {
    case program = "lilt.1"
    case keys = "lilt-keys.5"
    case config = "lilt-config.5"
  }

  @Argument(help: "lilt.1, lilt-keys.5 or lilt-config.5.")
  var page: Page

  func run() throws {
    StandardOutput.write(Self.text(of: page))
  }

  /// A page, made from the tables that the program itself works with.
  static func text(of page: Page) -> String {
    switch page {
    case .program: programPage()
    case .keys: keysPage()
    case .config: configPage()
    }
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
    return text + ".SH SEE ALSO\n.BR lilt-keys (5),\n.BR lilt-config (5)\n"
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
    let parts = page.rawValue.split(separator: ".").map(String.init)
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
