import ArgumentParser
import Neural

/// What `lilt --help` and `lilt --version` print.
extension Lilt {
  /// The whole program in fewer than 24 lines, made from the commands' own descriptions.
  static func overview() -> String {
    var text = """
      lilt: \(configuration.abstract.lowercasedFirst)
      lilt [OPTION …] [FILE.abc | DRAFT]   open the screen ('lilt help compose')
      lilt COMMAND …                       without a screen:

      """
    for command in configuration.subcommands {
      let settings = command.configuration
      // The composer is the line above.
      guard settings.shouldDisplay, command != ComposerCommand.self else { continue }
      let name = settings.commandName ?? ""
      let padding = String(repeating: " ", count: max(1, 12 - name.count))
      text += "  \(name)\(padding)\(settings.abstract)\n"
    }
    return text + """
      'lilt help COMMAND' explains one; 'lilt keys' and 'lilt config' list the rest.

      """
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

extension String {
  fileprivate var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}
