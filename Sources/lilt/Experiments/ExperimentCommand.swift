import ArgumentParser
import Corpus
import Glibc
import Neural
import Training

/// `lilt experiment`: the trainings behind a figure of a published article, and the figure.
struct ExperimentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "experiment",
    abstract: "Train many networks and draw a figure of an article.",
    usage: """
      lilt experiment NAME CORPUS... [-o FILE.html|FILE.svg|FILE.json]
             lilt experiment --list
      """,
    discussion: """
      Networks that differ in one thing are trained one after the other, measured after every epoch, and \
      drawn as the article draws them. CORPUS is ABC files for abc-…, MIDI files for the others, or \
      folders. The quick sizes end in minutes; --full takes those of the article, for hours.

      What is done is kept in FILE.runs: a stopped experiment goes on where it was when the same line is \
      typed again, training by training.

      Exit status 4 when the corpus cannot be read, 6 when FILE cannot be written.
      """,
    shouldDisplay: false)

  @Argument(help: "The experiment; --list names them.")
  var name: Experiment?
  @Argument(help: "ABC or MIDI files, or folders of them.")
  var corpus: [String] = []
  @Option(name: .shortAndLong, help: "The figure: a page, a picture or the numbers.")
  var output = "experiment.html"
  @Option(help: "Files or folders to measure on (may be given more than once).")
  var valid: [String] = []
  @Flag(help: "The sizes of the article.")
  var full = false
  @Option(help: "Epochs of each training, instead of those of the recipe.")
  var epochs: Int?
  @Option(
    name: .customLong("data-size"), help: "Read the first N characters, tokens or notes only.")
  var dataSize: Int?
  @Option(help: "Threads that compute.")
  var threads = 2
  @Option(help: "Chooses the first weights and the order of tunes.")
  var seed: UInt64 = 0
  @Flag(help: "Name the experiments, with what each draws.")
  var list = false

  func validate() throws {
    if list { return }
    if name == nil { throw ValidationError("an experiment is missing; --list names them") }
    if corpus.isEmpty { throw ValidationError("a corpus is missing: files or folders") }
    if !["html", "svg", "json"].contains(ExportFormat.ending(of: output)) {
      throw ValidationError("-o must end in .html, .svg or .json")
    }
    if !(1...1_000_000).contains(epochs ?? 1) {
      throw ValidationError("--epochs must be 1 or more")
    }
    if (dataSize ?? 2) < 2 { throw ValidationError("--data-size must be 2 or more") }
    if !(1...64).contains(threads) { throw ValidationError("--threads must be 1 to 64") }
  }

  func run() throws {
    guard !list, let name else {
      for experiment in Experiment.allCases {
        let padding = String(repeating: " ", count: max(1, 18 - experiment.rawValue.count))
        StandardOutput.line(experiment.rawValue + padding + experiment.summary)
      }
      return
    }
    let folder = Paths.parent(of: output)
    guard Files.isFolder(folder) else {
      throw CommandFailure(.unwritableOutput, "\(folder): there is no such folder")
    }
    let signals = AwaitedSignals([SIGINT, SIGTERM, SIGHUP])
    var run = try ExperimentRun(name, command: self, signals: signals)
    try run.run()
  }
}
