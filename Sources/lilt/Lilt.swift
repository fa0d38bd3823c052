import ABC
import ArgumentParser
import Glibc
import Neural

/// The program: one command for the screen, and others for what needs no screen.
@main
struct Lilt: ParsableCommand {
  /// Version of the program; the checkpoint format has its own number.
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "lilt",
    abstract: "Write tunes in the terminal together with a small neural network.",
    version: version,
    subcommands: [
      ComposerCommand.self, TutorCommand.self, GenerateCommand.self, ScoreCommand.self,
      ProbabilitiesCommand.self,
      CheckCommand.self, JudgeCommand.self, PlayCommand.self, ExportCommand.self,
      ReplayCommand.self, OriginCommand.self,
      ThemeCommand.self,
      ImportCommand.self, ModelCommand.self, TrainCommand.self, CorpusCommand.self,
      RepertoireCommand.self,
      EvaluateCommand.self, ExperimentCommand.self,
      KeysCommand.self, ConfigCommand.self, ControlCommand.self,
      StatsCommand.self, DoctorCommand.self, BenchCommand.self, CompletionsCommand.self,
      ManualCommand.self,
    ],
    defaultSubcommand: ComposerCommand.self)

  static func main() {
    // A shell or a test may have left SIGPIPE ignored; headless use dies of it quietly (141).
    signal(SIGPIPE, SIG_DFL)
    Glibc.exit(run(RawPath.arguments))
  }

  /// Runs the command that `arguments` name and returns the exit status.
  static func run(_ arguments: [String]) -> Int32 {
    let arguments = joiningNegativeNumbers(arguments)
    if arguments == ["--help"] || arguments == ["-h"] || arguments == ["help"] {
      StandardOutput.write(overview())
      return Outcome.done.rawValue
    }
    if arguments == ["--version"] || arguments == ["-V"] {
      StandardOutput.line(versionLine())
      return Outcome.done.rawValue
    }
    KernelSpeeds.prefer(from: Paths.current.kernelSpeeds)
    do {
      if arguments.count == 2, arguments[0] == "help", !commandNames.contains(arguments[1]) {
        try explain(arguments[1])
        return Outcome.done.rawValue
      }
      if let name = arguments.first, name == "generate" || name == "gen",
        let request = GenerateRequest(plain: Array(arguments.dropFirst()))
      {
        try request.run()
        return Outcome.done.rawValue
      }
      var command = try quickly(arguments) ?? parseAsRoot(arguments)
      try command.run()
      return Outcome.done.rawValue
    } catch let failure as CommandFailure {
      if let sentence = failure.sentence { StandardError.line(sentence) }
      return failure.outcome.rawValue
    } catch {
      if let name = arguments.first, !name.hasPrefix("-"), !commandNames.contains(name),
        !Files.exists(name), let command = nearestWord(to: name, among: commandNames)
      {
        StandardError.line(
          "there is no file or command '\(name)' (did you mean 'lilt \(command)'?)")
        return Outcome.usage.rawValue
      }
      return report(error)
    }
  }

  /// `--bars -3` as `--bars=-3`: a number is never an option of its own, and the command can then
  /// say which numbers it takes.
  static func joiningNegativeNumbers(_ arguments: [String]) -> [String] {
    var joined: [String] = []
    for argument in arguments {
      if let last = joined.last, last.hasPrefix("--"), last.count > 2, !last.contains("="),
        argument.hasPrefix("-"), Double(argument) != nil
      {
        joined[joined.count - 1] = "\(last)=\(argument)"
      } else {
        joined.append(argument)
      }
    }
    return joined
  }

  /// Names of the commands, their other names included.
  static var commandNames: [String] {
    configuration.subcommands.flatMap {
      [$0.configuration.commandName ?? ""] + $0.configuration.aliases
    }
  }

  /// Prints what there is to say of a word that is no command.
  ///
  /// - Throws: `CommandFailure` with outcome `usage` where nothing has that name.
  private static func explain(_ word: String) throws(CommandFailure) {
    guard let lines = try HelpTopics.lines(of: word) else {
      throw CommandFailure(
        .usage,
        "there is no command or topic '\(word)'"
          + suggestion(for: word, among: commandNames + HelpTopics.words))
    }
    for line in lines { StandardOutput.line(line) }
  }

  /// The command that the first argument names, read without a look at all the others; nil for what
  /// is not understood, so that its message is that of the whole program.
  private static func quickly(_ arguments: [String]) -> (any ParsableCommand)? {
    guard let name = arguments.first else { return try? ComposerCommand.parse([]) }
    let command = configuration.subcommands.first {
      $0.configuration.commandName == name || $0.configuration.aliases.contains(name)
    }
    guard let command, let read = try? command.parseAsRoot(Array(arguments.dropFirst())) else {
      return nil
    }
    // Asked for help, ArgumentParser answers with a command of its own.
    let isOurs = ([command] + command.configuration.subcommands).contains { $0 == type(of: read) }
    return isOurs ? read : nil
  }

  /// Says what stopped a command, and finds the exit status that UX 4.3 gives it.
  private static func report(_ error: any Error) -> Int32 {
    let code = exitCode(for: error)
    if error is CleanExit || code.isSuccess {
      StandardOutput.line(fullMessage(for: error))
      return Outcome.done.rawValue
    }
    if error is ExitCode { return code.rawValue }
    if code == .validationFailure {
      StandardError.line(message(for: error))
      StandardError.line("try 'lilt --help' or 'lilt help COMMAND'")
      return Outcome.usage.rawValue
    }
    StandardError.line(message(for: error))
    return Outcome.checkFailed.rawValue
  }
}
