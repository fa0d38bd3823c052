import ArgumentParser
import Corpus
import Glibc
import MIDI
import Neural
import Notes
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

      A recipe (--preset) is the published one; 'lilt train --presets' lists them, with what Lilt advises.

      Exit status 3 when --resume does not fit, 4 when the corpus cannot be read, 6 when a \
      checkpoint cannot be written.
      """)

  @Argument(help: "ABC files, or folders of them.")
  var corpus: [String] = []
  @Option(name: .shortAndLong, help: "The checkpoint to write, NAME.safetensors.")
  var output = "my.safetensors"
  @Option(
    help: "ABC files (MIDI files) or folders to measure on (may be given more than once).")
  var valid: [String] = []
  @Option(
    help:
      "Start from a known recipe: \(TrainPreset.allCases.map(\.rawValue).joined(separator: ", ")).")
  var preset: TrainPreset?
  @Flag(help: "Print the recipes as they were published, and what Lilt advises beside.")
  var presets = false
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
      midi-sixteenths (the same on a finer grid), note-chords or pitch-step-duration.
      """)
  var encoding: TrainEncoding?
  @Flag(
    inversion: .prefixedNo,
    help: """
      Read a mark before and behind each piece of notes, so that beginnings and ends are learnt \
      (default: --marks, but --no-marks with --preset, as published).
      """)
  var marks: Bool?
  /// Whether pieces of notes have marks.
  var setsMarks: Bool { marks ?? (preset == nil) }
  @Option(help: "Tracks of the MIDI files: numbers such as 1,3-4; otherwise all of them.")
  var tracks: TrackChoice?
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
  @Flag(
    inversion: .prefixedNo, help: "Read each tune in all playable keys (default: --transpose).")
  var transpose: Bool?
  /// Whether tunes are read in all keys.
  var transposes: Bool { transpose ?? true }
  @Flag(help: "Let the model plan: each tune is read with its plan as control characters.")
  var plan = false
  @Flag(
    help: """
      Read the ABC files as they stand, character by character, as the published systems do: nothing is \
      cleaned, left out or transposed.
      """)
  var raw = false
  @Option(
    name: .customLong("data-size"),
    help: "Train on the first N characters, tokens or notes only.")
  var dataSize: Int?
  @Option(
    name: .customLong("save-every"),
    help: "Keep a checkpoint of every Nth epoch beside the output, as NAME.epoch-0001.safetensors.")
  var saveEvery: Int?

  /// Refuses options that would change nothing, beside others.
  private func refuseIdleOptions(_ reads: TrainEncoding) throws {
    let shape = network.shape(preset: preset, vocabularySize: 1)
    let rule = training.settings(preset: preset, shape: shape).optimizer.rule
    if training.momentum != nil, rule != .sgd, rule != .rmsprop {
      throw ValidationError(
        "--momentum is of sgd and rmsprop; \(rule.rawValue) has means of its own")
    }
    if from == nil, training.forgetBias != nil, shape.cell != .lstm {
      throw ValidationError(
        "--forget-bias is of LSTM cells; \(shape.cell.rawValue) has no forget gate")
    }
    if network.lockedDropout, shape.dropout == 0, from == nil {
      throw ValidationError("--locked-dropout needs --dropout")
    }
    if transpose == true, reads == .pitchStepDuration {
      throw ValidationError(
        "--transpose is for tokens: a network of pitch-step-duration reads pieces as they are")
    }
    if transpose == true, raw {
      throw ValidationError("--raw reads the text as it stands: leave out --transpose")
    }
    if training.originalShare != nil, raw || transpose == false {
      throw ValidationError(
        "--original-share is for tunes in all keys: leave out \(raw ? "--raw" : "--no-transpose")")
    }
  }

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
    if presets { return }
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
            + "--layers, --embedding, --dense, --dense-activation and --batch-norm")
      }
    }
    let reads = encoding ?? preset?.encoding ?? .abc
    if raw || plan, reads != .abc {
      throw ValidationError("--raw and --plan are for ABC, not for --encoding \(reads.rawValue)")
    }
    if marks != nil, reads == .abc {
      throw ValidationError("--marks is for notes; tunes in ABC end with an empty line already")
    }
    if tracks != nil, reads == .abc {
      throw ValidationError("--tracks chooses from MIDI files, which --encoding or --preset reads")
    }
    if raw, plan || from != nil {
      throw ValidationError("--raw reads the text as it stands: leave out --plan and --from")
    }
    if let saveEvery, !(1...1_000_000).contains(saveEvery) {
      throw ValidationError("--save-every must be 1 to 1000000")
    }
    if let dataSize, dataSize < 2 { throw ValidationError("--data-size must be 2 or more") }
    if reads == .pitchStepDuration {
      if network.embedding != nil {
        throw ValidationError(
          "--embedding is for tokens: a network of pitch-step-duration reads three numbers")
      }
      if training.precision == .bf16 {
        throw ValidationError(
          "--precision bf16 is for tokens: a network of pitch-step-duration is trained in fp32")
      }
      if training.originalShare != nil {
        throw ValidationError(
          "--original-share is for tunes in all keys: pitch-step-duration reads them as they are")
      }
    }
    try refuseIdleOptions(reads)
    if network.denseActivation != nil,
      network.shape(preset: preset, vocabularySize: 1).denseSizes.isEmpty
    {
      throw ValidationError(
        "--dense-activation is for dense layers, of which this network has none: give --dense, too")
    }
    try network.check()
    try training.check()
  }

  func run() throws {
    if presets { return TrainPreset.printAll() }
    if (encoding ?? preset?.encoding) == .pitchStepDuration {
      guard !compare else {
        throw CommandFailure(.usage, "--compare is not for pitch-step-duration")
      }
      var notes = try TrainNotes(command: self)
      try notes.run()
      return
    }
    let start = try from.map { try TrainStart($0) }
    let material = try TrainMaterial(self, vocabulary: start?.vocabulary)
    if compare {
      try TrainComparison(command: self, material: material).run()
      return
    }
    let shape =
      start.map { network.shape(from: $0.shape) }
      ?? network.shape(preset: preset, vocabularySize: material.vocabulary.count)
    let settings = training.settings(preset: preset, shape: shape, isStarted: start != nil)
    let limits = training.limits(
      preset: preset, shape: shape, tokens: material.train.tokenCount)
    try checkFolder()
    preset?.tell(limits)
    let signals = AwaitedSignals([SIGINT, SIGTERM, SIGHUP])
    let trainer: Trainer
    do throws(TrainingError) {
      trainer = try Trainer(
        shape, text: material.train, settings: settings,
        isStateful: !training.readsWindows(preset: preset))
      if let start, !resume { try trainer.start(from: start.checkpoint) }
    } catch {
      throw CommandFailure(.usage, error.description)
    }
    var run = TrainRun(
      trainer: trainer, material: material, output: output, limits: limits,
      format: format.format, name: name ?? "", licence: licence,
      view: TrainView(
        isLive: isLive, unit: material.notes == nil ? "bits a character" : "bits a token"),
      signals: signals)
    run.reportPath = report
    run.resumeLine = resumeLine
    run.saveEvery = saveEvery
    run.refusal = refusal
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

  /// What is said of a resume file that cannot be used, with the line that goes on where there is one.
  func refusal(_ path: String, _ error: TrainingError) -> CommandFailure {
    var sentence = "\(path): \(error.description)"
    if case .differs(let list) = error {
      var arguments = Array(CommandLine.arguments.dropFirst())
      for difference in list { Self.set(difference, in: &arguments) }
      sentence += " Go on with: \(Self.resumeLine(arguments))"
    }
    return CommandFailure(.checkpoint, sentence)
  }

  /// Puts a value back to what it was, as an option.
  private static func set(_ difference: TrainingError.Difference, in arguments: inout [String]) {
    let option = "--" + difference.name
    arguments.removeAll { $0.hasPrefix(option + "=") }
    if let place = arguments.firstIndex(of: option) {
      let isFlag = ["true", "false"].contains(difference.kept)
      arguments.removeSubrange(place..<min(arguments.count, place + (isFlag ? 1 : 2)))
    }
    switch difference.kept {
    case "true": arguments.append(option)
    case "false": break
    case "float32": arguments += [option, "fp32"]
    case "bfloat16": arguments += [option, "bf16"]
    default: arguments += [option, difference.kept]
    }
  }

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
  case midiSixteenths = "midi-sixteenths"
  case noteChords = "note-chords"
  case pitchStepDuration = "pitch-step-duration"

  var notes: NoteEncoding? {
    switch self {
    case .abc, .pitchStepDuration: nil
    case .midiCharacters: .midiCharacters
    case .midiSixteenths: .midiSixteenths
    case .noteChords: .noteChords
    }
  }
}
