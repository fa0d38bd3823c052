import ArgumentParser
import CProgram
import Compose
import Neural

/// What `lilt --help` and `lilt --version` print.
extension Lilt {
  /// Commands that are named in the overview without a line of their own.
  private static let further: [any ParsableCommand.Type] = [
    ReplayCommand.self, OriginCommand.self, ThemeCommand.self, RepertoireCommand.self,
    ExperimentCommand.self, ConfigCommand.self, BenchCommand.self, CompletionsCommand.self,
    ManualCommand.self,
  ]

  /// The whole program in fewer than 24 lines, made from the commands' own descriptions.
  static func overview() -> String {
    // Two lines above the commands: all of it must fit on a screen of 24 rows.
    var text = """
      lilt [OPTION …] [FILE.abc | DRAFT]   write tunes with a small neural network
      lilt COMMAND …                       without a screen ('lilt help COMMAND'):

      """
    for command in configuration.subcommands {
      let settings = command.configuration
      // The composer is the line above.
      guard command != ComposerCommand.self,
        !further.contains(where: { $0 == command })
      else { continue }
      let name = settings.commandName ?? ""
      let padding = String(repeating: " ", count: max(1, 12 - name.count))
      text += "  \(name)\(padding)\(settings.abstract)\n"
    }
    let names = further.compactMap { $0.configuration.commandName }
    text += "  also        \(names.prefix(5).joined(separator: ", ")),\n"
    text += "              \(names.dropFirst(5).joined(separator: ", "))\n"
    let pages = HelpTopics.pages.map(\.name)
    text += "lilt help   \(pages.prefix(6).joined(separator: ", ")),\n"
    text += "            \(pages.dropFirst(6).joined(separator: ", "))\n"
    return text
  }

  /// Name, version, commit, how it was built, and which formats it writes.
  static func versionLine() -> String {
    #if DEBUG
      let build = "debug"
    #else
      let build = "release"
    #endif
    let commit = String(cString: program_commit())
    let origin = commit.isEmpty ? "" : "commit \(commit), "
    return "lilt \(version) (\(origin)\(build) build; writes checkpoint format "
      + "\(ModelDescription.formatVersion), draft format \(JournalEntry.format))"
  }
}
