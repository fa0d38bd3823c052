import ArgumentParser
import ModelImport
import Neural

/// `lilt import`: a checkpoint of another program as one of Lilt's.
struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Turn a network of PyTorch, Keras, TensorFlow … into one of Lilt.",
    usage: """
      lilt import FILE [--vocabulary FILE] -o OUT.safetensors
             lilt import --systems
      """,
    discussion: """
      FILE is a state dict that torch.save wrote (.pt, .pth), a Keras model or its weights (.h5, \
      .weights.h5, .keras), a TensorFlow checkpoint (its folder, the name its files have in common, or \
      one of them) or SavedModel, an ONNX graph with its numbers in it or beside it, a safetensors file \
      of another program, or matrices under the letters of the formulas (W U b V c) in an archive of \
      NumPy (.npz) or a MATLAB file (.mat); its first bytes tell. Nothing in it is ever run. What became \
      of each tensor, and what had to be assumed, is told on standard error.

      Most files do not say which characters they know. --vocabulary names a list or a dictionary in \
      either direction (JSON, as Python prints it, or a pickle), the list of all notes of the training \
      pieces, or the text the model was trained on; from the text are also learnt the header lines and \
      what the network reads before a tune.

      Exit status 3 when FILE cannot be imported, 4 when the vocabulary cannot be read, 6 when OUT \
      cannot be written.
      """)

  @Argument(help: "The checkpoint; - is standard input.")
  var file: String?
  @Option(name: .shortAndLong, help: "The safetensors file to write; - is standard output.")
  var output: String?
  @Option(help: "A list or a dictionary (JSON, Python, pickle), or the training text.")
  var vocabulary: String?
  @Option(help: "The header lines that the model was trained with, in order, such as XTMLK.")
  var header: String?
  @Option(
    help: """
      What the network reads before a tune, \\n for a line end; otherwise what stands between the tunes \
      of the training text, or two line ends.
      """)
  var start: String?
  @Flag(
    name: .customLong("random-start"),
    help: "Start with a character drawn at random now, as some programs do; it is told.")
  var randomStart = false
  @Option(help: "The model's name; otherwise that of OUT.")
  var name: String?
  @Option(
    name: .customLong("hidden-activation"),
    help: "tanh or relu, for plain recurrent layers of files that do not say; otherwise tanh.")
  var hiddenActivation: String?
  @Option(
    name: .customLong("dense-activation"),
    help: """
      Between the dense layers of files that do not say, such as relu, leaky-relu=0.2, tanh or linear; \
      otherwise relu, and linear (Keras's default) for weights of Keras. leaky-relu alone has the slope of \
      the framework's layer: 0.01 in PyTorch, 0.3 in Keras.
      """)
  var denseActivation: String?
  @Option(
    name: .customLong("recurrent-activation"),
    help: """
      Of the gates of files that do not say: sigmoid, hard-sigmoid or hard-sigmoid-6; otherwise sigmoid, \
      and hard-sigmoid for weights of Keras before 2.3.
      """)
  var recurrentActivation: String?
  @Option(
    help: """
      The order in which files whose names do not say it keep an LSTM's gates, as letters of input, \
      forget, new and output: ifgo (the default), iofg …
      """)
  var gates: String?
  @Option(
    name: .customLong("rename"), parsing: .singleValue,
    help: """
      THEIRS=NEW: another name for a tensor, where the guess goes wrong; THEIRS= leaves it out; can \
      be repeated.
      """)
  var renames: [String] = []
  @Flag(help: "Print the six published systems and how their parameters are counted.")
  var systems = false

  func validate() throws {
    if systems { return }
    if file == nil { throw ValidationError("a checkpoint is missing") }
    if output == nil { throw ValidationError("-o is missing: the safetensors file to write") }
    if let hiddenActivation, !["tanh", "relu"].contains(hiddenActivation) {
      throw ValidationError("--hidden-activation is tanh or relu")
    }
    if let denseActivation, Activation(argument: denseActivation) == nil {
      let names = Activation.names
      throw ValidationError("--dense-activation is one of \(names.joined(separator: ", "))")
    }
    if let recurrentActivation {
      guard let found = Activation(argument: recurrentActivation),
        Self.gateActivations.contains(found)
      else {
        let names = Self.gateActivations.map(\.name)
        throw ValidationError("--recurrent-activation is one of \(names.joined(separator: ", "))")
      }
    }
    if let gates, ImportOptions.GateOrder(gates) == nil {
      throw ValidationError("--gates is an order of the letters i, f, g and o, such as ifgo")
    }
    if start != nil, randomStart {
      throw ValidationError("--start and --random-start say two things: give one of them")
    }
    if let header,
      header.isEmpty || !header.allSatisfy({ $0.isASCII && $0.isLetter })
        || Set(header).count != header.count
    {
      throw ValidationError("--header is a list of different letters, such as XTMLK")
    }
    if renames.contains(where: { !$0.contains("=") }) {
      throw ValidationError("--rename is THEIRS=NEW")
    }
  }

  func run() throws {
    guard !systems else { return Self.printSystems() }
    guard let file, let output else { return }
    let table = try vocabulary.map { try Self.table($0) }
    let checkpoint: Checkpoint
    let source = try ImportSource(file)
    do throws(ImportError) {
      let network = try ModelImporter(options, companion: source.companion)
        .network(source.bytes, name: source.name)
      tell(network)
      checkpoint = try network.checkpoint(labels(network, table: table, output: output))
    } catch {
      let place = if case .vocabulary = error, let vocabulary { vocabulary } else { source.path }
      throw CommandFailure(.checkpoint, "\(place): \(error)\(hint(error))")
    }
    do throws(FileError) {
      try Files.write(checkpoint.bytes, to: output)
    } catch {
      throw CommandFailure(.unwritableOutput, error.description)
    }
  }

  /// What to do about an error, where the command line can.
  private func hint(_ error: ImportError) -> String {
    switch error {
    case .vocabulary where vocabulary == nil: " Give it with --vocabulary."
    default: ""
    }
  }

  private var options: ImportOptions {
    var renamed: [String: String] = [:]
    for pair in renames {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      renamed[String(parts[0])] = String(parts[1])
    }
    return ImportOptions(
      hiddenActivation: hiddenActivation == "relu" ? .relu : .tanh,
      denseActivation: denseActivation.flatMap(Activation.init(argument:)),
      leavesSlopeOpen: ["leaky-relu", "leaky_relu"].contains(denseActivation),
      gateActivation: recurrentActivation.flatMap(Activation.init(argument:)),
      gateOrder: gates.flatMap(ImportOptions.GateOrder.init), renamed: renamed)
  }

  private static let gateActivations: [ImportedNetwork.Activation] = [
    .sigmoid, .hardSigmoid, .hardSigmoidSixth,
  ]

  private static func table(_ path: String) throws(CommandFailure) -> VocabularyTable {
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try Files.read(path)
    } catch {
      throw CommandFailure(.unreadableInput, error.description)
    }
    do throws(ImportError) {
      return try VocabularyTable(bytes, isJSON: path.hasSuffix(".json"))
    } catch {
      throw CommandFailure(.unreadableInput, "\(path): \(error)")
    }
  }

  private func labels(
    _ network: ImportedNetwork, table: VocabularyTable?, output: String
  ) -> ImportedNetwork.Labels {
    var stem = Paths.lastComponent(of: output == "-" ? file ?? "" : output)
    if let dot = stem.lastIndex(of: "."), dot != stem.startIndex { stem = String(stem[..<dot]) }
    let layers = network.layers.map(\.summary).joined(separator: ", ")
    return ImportedNetwork.Labels(
      name: name ?? stem, summary: "Imported: \(layers)",
      headerFields: header ?? table?.headerFields ?? "XTMLK",
      headerSpelling: table?.headerSpelling,
      start: startText(of: table?.tokens ?? network.vocabulary, learnt: table?.start),
      tokens: table?.tokens)
  }

  /// What the network reads before a tune; nil where nothing says.
  private func startText(of tokens: [String]?, learnt: String?) -> String? {
    if let start { return start.replacing("\\n", with: "\n") }
    if randomStart, let drawn = tokens?.randomElement() {
      StandardError.line("start text, drawn at random: \(jsonText(drawn))")
      return drawn
    }
    guard let learnt, learnt != "\n\n",
      learnt.unicodeScalars.allSatisfy({ tokens?.contains(String($0)) == true })
    else { return nil }
    StandardError.line("start text, learnt from the training text: \(jsonText(learnt))")
    return learnt
  }

  /// What became of each tensor, and what was assumed.
  private func tell(_ network: ImportedNetwork) {
    let width = network.mapping.map { $0.foreign.count }.max() ?? 0
    for entry in network.mapping {
      let padding = String(repeating: " ", count: width - entry.foreign.count)
      let line = "\(entry.foreign)\(padding)  \(entry.shape) → \(entry.own)"
      StandardError.line(line.filter { $0 >= " " })
    }
    for remark in network.remarks { StandardError.line("assumed: \(remark)") }
    let told = network.remarks.joined(separator: "\n")
    for (option, isGiven, word) in [
      ("--dense-activation", denseActivation != nil, "between the dense layers"),
      ("--recurrent-activation", recurrentActivation != nil, "the gates use"),
      ("--hidden-activation", hiddenActivation != nil, "is taken to use"),
    ] where isGiven && !told.contains(word) {
      StandardError.line("\(option) was not needed: the file itself says what its layers use")
    }
    if !network.remarks.isEmpty {
      StandardError.line("'lilt help import' lists the options that say otherwise")
    }
    if !network.isPlainLSTM {
      StandardError.line(
        "this is more than LSTM and dense layers: the file is of checkpoint format 2")
    }
    let count = network.parameterCount
    let published = Preset.matching(count).map { ", as published for \($0.name)" } ?? ""
    StandardError.line("\(grouped(count)) parameters\(published)")
  }

  private static func printSystems() {
    for preset in Preset.all {
      let published = preset.publishedCount == nil ? "" : ", as published"
      StandardOutput.line("\(preset.system)  \(preset.name): \(preset.summary)")
      for share in preset.shares() {
        StandardOutput.line("     \(share.layer): \(share.formula) = \(grouped(share.count))")
      }
      StandardOutput.line(
        "     together \(grouped(preset.parameterCount()))\(published); "
          + "in PyTorch \(grouped(preset.parameterCountInPyTorch()))")
    }
  }
}
