import ABC
import Analysis
import ArgumentParser
import Corpus
import Form
import Glibc
import MIDI
import Neural
import Training

/// `lilt train`: from tune books to a checkpoint.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a model on tune books.",
    discussion: """
      CORPUS is ABC files (or MIDI files, see --encoding), or folders of them. Tunes are cleaned, doubles left out, and each is read \
      in all playable keys. Without --valid a tenth of the melodies is kept back to measure on.

      After every epoch the model is measured; the best so far is written to the output, the last \
      beside it as NAME.last.safetensors, and what --resume needs as NAME.resume. NAME.repertoire holds \
      the tunes' melodies and what is usual in each dance, for the copy guard and 'lilt judge'. Ctrl-C saves and \
      says how to go on. On a terminal a live view is shown, otherwise one JSON object a line.

      Exit status 3 when --resume does not fit, 4 when the corpus cannot be read, 6 when a \
      checkpoint cannot be written.
      """)

  @Argument(help: "ABC files, or folders of them.")
  var corpus: [String]
  @Option(name: .shortAndLong, help: "The checkpoint to write, NAME.safetensors.")
  var output = "my.safetensors"
  @Option(
    help: "ABC files (MIDI files) or folders to measure on (may be given more than once).")
  var valid: [String] = []
  @Option(
    help:
      "Start from a known recipe: \(TrainPreset.allCases.map(\.rawValue).joined(separator: ", ")).")
  var preset: TrainPreset?
  @OptionGroup(title: "Network") var network: NetworkOptions
  @OptionGroup(title: "Training") var training: TrainingOptions
  @Option(
    help: """
      Start from a model (a name, a file, or default), its network and characters: a little training turns \
      it towards these tunes.
      """)
  var from: String?
  @Flag(help: "Go on from where training to this output stopped.")
  var resume = false
  @Option(
    help: """
      What the network reads: abc (characters of tunes), or MIDI files as midi-characters, \
      note-chords or pitch-step-duration.
      """)
  var encoding: TrainEncoding?
  @Flag(
    help: """
      Instead of writing a checkpoint, fill a table: every optimizer, three values of dropout and \
      three sizes, one changed at a time.
      """)
  var compare = false
  @Option(help: "The model's name, kept in the checkpoint.")
  var name: String?
  @Option(help: "Its licence, kept in the checkpoint.")
  var licence = ""
  @Option(help: "Numbers in the checkpoint: f16, bf16 or f32.")
  var format = CheckpointFormat.f16
  @Option(help: "Write loss curves and counts of pitches and lengths to FILE.html or FILE.svg.")
  var report: String?
  @Flag(inversion: .prefixedNo, help: "Read each tune in all playable keys.")
  var transpose = true
  @Flag(help: "Let the model plan: each tune is read with its plan as control characters.")
  var plan = false

  enum CheckpointFormat: String, CaseIterable, ExpressibleByArgument {
    case f16, bf16, f32

    var format: Checkpoint.Format {
      switch self {
      case .f16: .float16
      case .bf16: .bfloat16
      case .f32: .float32
      }
    }
  }

  func validate() throws {
    if corpus.isEmpty { throw ValidationError("a corpus is missing: ABC files or folders") }
    guard output.hasSuffix(".safetensors") else {
      throw ValidationError("-o must end in .safetensors")
    }
    if let report, !report.hasSuffix(".html"), !report.hasSuffix(".svg") {
      throw ValidationError("--report must end in .html or .svg")
    }
    if from != nil {
      guard preset == nil, !compare, encoding ?? .abc == .abc, !network.namesNetwork else {
        throw ValidationError(
          "--from brings its own network: leave out --preset, --encoding, --compare, --cell, "
            + "--layers, --embedding, --dense and --batch-norm")
      }
    }
    try network.check()
    try training.check()
  }

  func run() throws {
    if (encoding ?? preset?.encoding) == .pitchStepDuration {
      guard !compare else {
        throw CommandFailure(.usage, "--compare is not for pitch-step-duration")
      }
      var notes = try TrainNotes(command: self)
      try notes.run()
      return
    }
    let start = try from.map { try TrainStart($0) }
    let material = try material(vocabulary: start?.vocabulary)
    if compare {
      try TrainComparison(command: self, material: material).run()
      return
    }
    let shape =
      start.map { network.shape(from: $0.shape) }
      ?? network.shape(preset: preset, vocabularySize: material.vocabulary.count)
    let settings = training.settings(preset: preset, isStarted: start != nil)
    try checkFolder()
    let signals = AwaitedSignals([SIGINT, SIGTERM, SIGHUP])
    let trainer: Trainer
    do throws(TrainingError) {
      trainer = try Trainer(
        shape, text: material.train, settings: settings, isStateful: !training.windows)
      if let start, !resume { try trainer.start(from: start.checkpoint) }
    } catch {
      throw CommandFailure(.usage, error.description)
    }
    var run = TrainRun(
      trainer: trainer, material: material, output: output, limits: training.limits(preset: preset),
      format: format.format, name: name ?? "", licence: licence,
      view: TrainView(
        isLive: isLive, unit: material.notes == nil ? "bits a character" : "bits a token"),
      signals: signals)
    run.reportPath = report
    run.resumeLine = resumeLine
    if resume { try run.resume() }
    try run.run()
  }

  var isLive: Bool { isatty(STDOUT_FILENO) == 1 && !training.json }

  /// Throws when there is no folder to write to, before anything is computed.
  func checkFolder() throws(CommandFailure) {
    let folder = Paths.parent(of: output)
    guard Files.isFolder(folder) else {
      throw CommandFailure(.unwritableOutput, "\(folder): there is no such folder")
    }
  }

  /// What is typed to go on.
  var resumeLine: String { Self.resumeLine(Array(CommandLine.arguments.dropFirst())) }

  /// Some arguments with `--resume`, as a shell wants them.
  static func resumeLine(_ arguments: [String]) -> String {
    var words = arguments
    if !words.contains("--resume") { words.append("--resume") }
    let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./,=:+@%")
    let quoted = words.map { word in
      !word.isEmpty && word.allSatisfy(plain.contains)
        ? word : "'" + word.replacing("'", with: "'\\''") + "'"
    }
    return (["lilt"] + quoted).joined(separator: " ")
  }

  /// Reads the corpus and says on standard error what was left out.
  private func material(vocabulary known: Vocabulary?) throws -> TrainMaterial {
    if let notes = (encoding ?? preset?.encoding ?? .abc).notes { return try material(notes) }
    let books = try CorpusFiles.books(corpus)
    let options = TuneCorpus.Options(
      validPercent: valid.isEmpty ? 10 : 0, testPercent: 0, salt: training.seed)
    var corpus = TuneCorpus(books, options: options)
    if !valid.isEmpty {
      corpus.valid =
        TuneCorpus(
          try CorpusFiles.books(valid),
          options: .init(validPercent: 100, testPercent: 0, dropsDoubles: false)
        ).valid
    }
    for line in corpus.report.lines { StandardError.line(line) }
    let plans = known.map { PlanProjection.characters.allSatisfy($0.contains) } ?? plan
    func projected(_ tunes: [ModelTune]) -> [ModelTune] { plans ? tunes.map(\.planned) : tunes }
    let keys = corpus.train.map { projected(transpose ? $0.inAllKeys : [$0]) }
    guard var found = Vocabulary(of: keys) else {
      throw CommandFailure(
        .unreadableInput, "\(self.corpus.joined(separator: ", ")): there is no tune to train on")
    }
    if plans { found = found.withPlan }
    let unknown = found.characters.filter { known?.contains($0) == false }
    if !unknown.isEmpty {
      let list = unknown.prefix(20).map { String(Character($0)) }.joined(separator: " ")
      StandardError.line(
        "left out, because the model does not know them: \(list)\(unknown.count > 20 ? " …" : "")")
    }
    let vocabulary = known ?? found
    return TrainMaterial(
      vocabulary: vocabulary.characters.map { String(Character($0)) },
      train: TrainingText(keys, vocabulary: vocabulary),
      valid: TrainingText(corpus.valid.map { projected([$0]) }, vocabulary: vocabulary),
      music: report == nil ? nil : NoteDistributions(tunes: corpus.train),
      repertoire: compare ? nil : Repertoire(corpus.train.map(Repertoire.Tune.init)))
  }
}

/// The model from which training starts.
struct TrainStart {
  var checkpoint: Checkpoint
  var shape: NetworkShape
  var vocabulary: Vocabulary

  /// Throws when there is no such model, or it cannot be trained on.
  init(_ name: String) throws {
    let path = try CheckpointLocator().path(for: name == "default" ? nil : name)
    do {
      checkpoint = try Checkpoint(path: path)
      vocabulary = try ModelDescription(checkpoint).vocabulary
      shape = try NetworkShape(of: checkpoint)
    } catch {
      throw CommandFailure(.checkpoint, "\(path): \(error)")
    }
    guard shape.vocabularySize == vocabulary.count else {
      throw CommandFailure(
        .checkpoint,
        "\(path): it has \(vocabulary.count) characters and \(shape.vocabularySize) scores")
    }
  }
}

/// What a network reads.
enum TrainEncoding: String, CaseIterable, ExpressibleByArgument {
  case abc
  case midiCharacters = "midi-characters"
  case noteChords = "note-chords"
  case pitchStepDuration = "pitch-step-duration"

  var notes: NoteEncoding? {
    switch self {
    case .abc, .pitchStepDuration: nil
    case .midiCharacters: .midiCharacters
    case .noteChords: .noteChords
    }
  }
}

extension TrainCommand {
  /// Reads MIDI files; one that cannot be read is told and left out.
  private func material(_ encoding: NoteEncoding) throws -> TrainMaterial {
    let pieces = try CorpusFiles.pieces(corpus)
    let notes = NoteCorpus(
      pieces, valid: valid.isEmpty ? nil : try CorpusFiles.pieces(valid), encoding: encoding,
      transposes: transpose)
    guard !notes.train.items.isEmpty else {
      throw CommandFailure(
        .unreadableInput, "\(corpus.joined(separator: ", ")): there are no notes to train on")
    }
    StandardError.line(
      "\(notes.train.items.count) pieces, \(notes.tokenCount) tokens, "
        + "vocabulary \(notes.vocabulary.count)"
        + (notes.replacedCount == 0
          ? "" : "; \(notes.replacedCount) unknown tokens became the nearest known"))
    return TrainMaterial(
      vocabulary: notes.vocabulary, train: notes.train, valid: notes.valid,
      music: report == nil ? nil : NoteDistributions(pieces.map(\.performance)),
      encoding: encoding.rawValue, notes: encoding)
  }
}

/// What a network is trained and measured on.
struct TrainMaterial {
  /// The texts of the tokens.
  var vocabulary: [String]
  var train: TrainingText
  var valid: TrainingText
  /// What there is to hear in it; nil where no report asks.
  var music: NoteDistributions?
  /// What judge and copy guard know of the tunes; nil where the model is not of tunes.
  var repertoire: Repertoire?
  var encoding = "abc-characters"
  /// Where it was made of MIDI files.
  var notes: NoteEncoding?
}

extension Repertoire.Tune {
  /// A tune as a network reads it.
  init(_ tune: ModelTune) {
    let text = Array(("X:1\n" + tune.text).utf8)
    self.init(title: tune.title, parsed: ParsedTune(bytes: text), text: text)
  }
}
