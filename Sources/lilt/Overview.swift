import ArgumentParser
import Neural

/// What `lilt --help` and `lilt --version` print.
extension Lilt {
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
      guard settings.shouldDisplay, command != ComposerCommand.self else { continue }
      let name = settings.commandName ?? ""
      let padding = String(repeating: " ", count: max(1, 12 - name.count))
      text += "  \(name)\(padding)\(settings.abstract)\n"
    }
    return text
  }

  /// Name, version, how it was built, and which checkpoints it writes.
  static func versionLine() -> String {
    #if DEBUG
      let build = "debug"
    #else
      let build = "release"
    #endif
    return "lilt \(version) (\(build) build, checkpoint format \(ModelDescription.formatVersion))"
  }
}
