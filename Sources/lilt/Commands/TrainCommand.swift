import ArgumentParser
import Corpus
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
      beside it as NAME.last.safetensors, and what --resume needs as NAME.resume. Ctrl-C saves and \
      says how to go on. On a terminal a live view is shown, otherwise one JSON object a line.

      Exit status 3 when --resume does not fit, 4 when the corpus cannot be read, 6 when a \
      checkpoint cannot be written.
      """)

  @Argument(help: "ABC files, or folders of them.")
  var corpus: [String]
  @Option(name: .shortAndLong, help: "The checkpoint to write, NAME.safetensors.")
  var output = "my.safetensors"
  @Option(help: "ABC files or folders to measure on (may be given more than once).")
  var valid: [String] = []
  @Option(
    help:
      "Start from a known recipe: \(TrainPreset.allCases.map(\.rawValue).joined(separator: ", ")).")
  var preset: TrainPreset?
  @OptionGroup(title: "Network") var network: NetworkOptions
  @OptionGroup(title: "Training") var training: TrainingOptions
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
    try network.check()
    try training.check()
  }

  func run() throws {
    if (encoding ?? preset?.encoding) == .pitchStepDuration {
      guard !resume else {
        throw CommandFailure(.usage, "--resume is not for pitch-step-duration, which is quick")
      }
      try TrainNotes(command: self).run()
      return
    }
    let material = try material()
    if compare {
      try TrainComparison(command: self, material: material).run()
      return
    }
    let shape = network.shape(preset: preset, vocabularySize: material.vocabulary.count)
    let settings = training.settings(preset: preset)
    let folder = Paths.parent(of: output)
    guard Files.isFolder(folder) else {
      throw CommandFailure(.unwritableOutput, "\(folder): there is no such folder")
    }
    let signals = AwaitedSignals([SIGINT, SIGTERM, SIGHUP])
    let trainer: Trainer
    do throws(TrainingError) {
      trainer = try Trainer(shape, text: material.train, settings: settings)
    } catch {
      throw CommandFailure(.usage, error.description)
    }
    var run = TrainRun(
      trainer: trainer, material: material, output: output, limits: training.limits(preset: preset),
      format: format.format, name: name ?? "", licence: licence,
      view: TrainView(isLive: isatty(STDOUT_FILENO) == 1 && !training.json), signals: signals)
    run.reportPath = report
    run.resumeLine = resumeLine
    if resume { try run.resume() }
    try run.run()
  }

  /// What is typed to go on.
  private var resumeLine: String {
    var words = Array(CommandLine.arguments.dropFirst())
    if !words.contains("--resume") { words.append("--resume") }
    return "lilt " + words.map { $0.contains(" ") ? "'\($0)'" : $0 }.joined(separator: " ")
  }

  /// Reads the corpus and says on standard error what was left out.
  private func material() throws -> TrainMaterial {
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
    let keys = corpus.train.map { transpose ? $0.inAllKeys : [$0] }
    guard let vocabulary = Vocabulary(of: keys) else {
      throw CommandFailure(
        .unreadableInput, "\(self.corpus.joined(separator: ", ")): there is no tune to train on")
    }
    return TrainMaterial(
      vocabulary: vocabulary.characters.map { String(Character($0)) },
      train: TrainingText(keys, vocabulary: vocabulary),
      valid: TrainingText(corpus.valid.map { [$0] }, vocabulary: vocabulary),
      tunes: corpus.train)
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
    let notes = NoteCorpus(
      try CorpusFiles.pieces(corpus), encoding: encoding, transposes: transpose)
    guard !notes.train.items.isEmpty else {
      throw CommandFailure(
        .unreadableInput, "\(corpus.joined(separator: ", ")): there are no notes to train on")
    }
    StandardError.line(
      "\(notes.train.items.count) pieces, \(notes.tokenCount) tokens, "
        + "vocabulary \(notes.vocabulary.count)")
    return TrainMaterial(
      vocabulary: notes.vocabulary, train: notes.train, valid: notes.valid, tunes: [],
      encoding: encoding.rawValue)
  }
}

/// What a network is trained and measured on.
struct TrainMaterial {
  /// The texts of the tokens.
  var vocabulary: [String]
  var train: TrainingText
  var valid: TrainingText
  /// The tunes as they were written.
  var tunes: [ModelTune]
  var encoding = "abc-characters"
}

/// Tune books among files and folders.
enum CorpusFiles {
  /// The texts of ABC files, and of those in folders.
  static func books(_ paths: [String]) throws(CommandFailure) -> [TuneCorpus.Book] {
    var books: [TuneCorpus.Book] = []
    for path in paths {
      var files = [path]
      if Files.isFolder(path) {
        files = Files.names(in: path).filter { $0.lowercased().hasSuffix(".abc") }
          .map { Paths.join(path, $0) }
        if files.isEmpty {
          throw CommandFailure(.unreadableInput, "\(path): there are no .abc files in this folder")
        }
      }
      for file in files {
        do throws(FileError) {
          books.append(
            .init(name: Paths.lastComponent(of: file), text: try Files.readText(file)))
        } catch {
          throw CommandFailure(.unreadableInput, error.description)
        }
      }
    }
    return books
  }

  /// The performances of MIDI files, and of those in folders; what is no MIDI file is told and left
  /// out.
  static func pieces(_ paths: [String]) throws(CommandFailure) -> [NoteCorpus.Piece] {
    var pieces: [NoteCorpus.Piece] = []
    for path in paths {
      let files =
        Files.isFolder(path)
        ? Files.names(in: path).filter {
          $0.lowercased().hasSuffix(".mid") || $0.lowercased().hasSuffix(".midi")
        }.map { Paths.join(path, $0) } : [path]
      for file in files {
        let bytes: [UInt8]
        do throws(FileError) {
          bytes = try Files.read(file)
        } catch {
          throw CommandFailure(.unreadableInput, error.description)
        }
        do throws(MIDIError) {
          pieces.append(
            (Paths.lastComponent(of: file), try MIDIFile(bytes: bytes).performance))
        } catch {
          StandardError.line("\(file): left out: \(error)")
        }
      }
    }
    return pieces
  }
}
