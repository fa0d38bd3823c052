import ArgumentParser

/// `lilt config`: what can be set, and what is.
struct ConfigCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config",
    abstract: "Show the settings and where each of them came from.",
    discussion: """
      Later wins: built in, config.toml, LILT_ variable, option. Exit status 1 when --show finds \
      something in config.toml or the environment that it cannot use.
      """)

  @Flag(help: "Print each setting's value and where it came from (the default).")
  var show = false

  @Flag(name: .customLong("default"), help: "Print a config.toml with every key commented out.")
  var printsDefault = false

  @Flag(help: "Print the path of config.toml.")
  var path = false

  func validate() throws {
    if [show, printsDefault, path].filter({ $0 }).count > 1 {
      throw ValidationError("choose one of --show, --default and --path")
    }
  }

  func run() throws {
    if path { return StandardOutput.line(Paths.current.configurationFile) }
    if printsDefault { return StandardOutput.write(Settings.commentedDefault()) }
    let settings = Settings.load()
    StandardOutput.write(settings.listing())
    for problem in settings.problems { StandardError.line(problem) }
    if !settings.problems.isEmpty { throw CommandFailure(.checkFailed, nil) }
  }
}
