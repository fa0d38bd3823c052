import ArgumentParser
import Compose
import Corpus
import Neural

/// `lilt evaluate`: how good a model's tunes and forecasts are.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure a model on tune books, and the tunes it writes.",
    discussion: """
      On the files: bits per character, accuracy, macro and weighted F1. On tunes that the model \
      writes freely: how many are distinct, end on the tonic, have a melody of the corpus, and the \
      longest run of notes that one of them shares with it.
      """)

  @Option(help: "The model: a name or a file.")
  var checkpoint: String?
  @Option(help: "Tunes to write and look at; 0 is none.")
  var samples = 0
  @Option(help: "0 to 10; below 1 calmer.")
  var temperature = 0.8
  @Option(help: "Chooses among the tunes there could be.")
  var rng: UInt64 = 1
  @Option(help: "ABC files or folders that samples may have been copied from.")
  var corpus: [String] = []
  @Option(help: "Write so much music of a model of MIDI files to this .mid file.")
  var midi: String?
  @Option(help: "Tokens of the music for --midi (1 to 100000).")
  var tokens = 400
  @Flag(help: "One JSON object.")
  var json = false
  @Argument(help: "ABC files, or folders of them, to measure on.")
  var files: [String] = []

  func validate() throws {
    if files.isEmpty, samples == 0, midi == nil {
      throw ValidationError("nothing to measure: give ABC files, or --samples")
    }
    guard (0...100_000).contains(samples) else {
      throw ValidationError("--samples must be 0 to 100000")
    }
    guard (1...100_000).contains(tokens) else {
      throw ValidationError("--tokens must be 1 to 100000")
    }
    guard SamplerSettings.temperatures.contains(temperature) else {
      throw ValidationError("--temperature must be 0 to 10")
    }
  }

  func run() throws {
    let path = try CheckpointLocator().path(for: checkpoint)
    if let notes = try EvaluateNotes(path: path) {
      try notes.run(self)
      return
    }
    if let notes = try EvaluateTimedNotes(path: path) {
      try notes.run(self)
      return
    }
    guard midi == nil else {
      throw CommandFailure(.usage, "--midi is for models of MIDI files; see 'lilt generate'")
    }
    let model = try CheckpointLocator().model(for: checkpoint, precision: .float32)
    var facts: [(name: String, value: String)] = []
    if !files.isEmpty {
      let tunes = TuneCorpus(
        try CorpusFiles.books(files),
        options: .init(validPercent: 0, testPercent: 0, dropsDoubles: false)
      ).train
      guard !tunes.isEmpty else {
        throw CommandFailure(
          .unreadableInput,
          "\(files.joined(separator: ", ")): there is no tune with meter, unit length and key")
      }
      facts += EvaluateForecast(tunes, model: model).facts
    }
    if samples > 0 {
      let known = TuneCorpus(
        try CorpusFiles.books(corpus), options: .init(validPercent: 0, testPercent: 0)
      ).train
      facts +=
        EvaluateSamples(
          model: model, count: samples, temperature: temperature, rng: rng, corpus: known
        ).facts
    }
    if json {
      let members = facts.map { "\(jsonText($0.name)):\($0.value)" }
      StandardOutput.line("{\"v\":1," + members.joined(separator: ",") + "}")
    } else {
      for fact in facts {
        StandardOutput.line("\(fact.name.replacing("_", with: " ")): \(fact.value)")
      }
    }
  }
}
