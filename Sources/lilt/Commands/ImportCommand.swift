import ArgumentParser
import ModelImport
import Neural

/// `lilt import`: a checkpoint of another program as one of Lilt's.
struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Turn a PyTorch, Keras or ONNX network into one that Lilt plays.",
    usage: """
      lilt import FILE [--vocabulary FILE] -o OUT.safetensors
             lilt import --systems
      """,
    discussion: """
      FILE is a state dict that torch.save wrote (.pt, .pth), a Keras model or its weights (.h5, \
      .weights.h5, .keras), an ONNX graph, or a safetensors file of another program; its first bytes \
      tell. Nothing in it is ever run. What became of each tensor, and what had to be assumed, is told on \
      standard error.

      Most files do not say which characters they know. --vocabulary names a JSON list, a dictionary \
      in either direction (JSON, or as Python prints it), or the text the model was trained on, \
      whose characters are then taken as sorted(set(text)).

      Exit status 3 when FILE cannot be imported, 4 when the vocabulary cannot be read, 6 when OUT \
      cannot be written.
      """)

  @Argument(help: "The checkpoint; - is standard input.")
  var file: String?
  @Option(name: .shortAndLong, help: "The safetensors file to write; - is standard output.")
  var output: String?
  @Option(help: "A JSON list, a dictionary or the training text.")
  var vocabulary: String?
  @Option(help: "The header lines that the model was trained with, in order, such as XTMLK.")
  var header: String?
  @Option(help: "The model's name; otherwise that of OUT.")
  var name: String?
  @Option(
    name: .customLong("hidden-activation"),
    help: "tanh or relu, for plain recurrent layers of files that do not say.")
  var hiddenActivation: String = "tanh"
  @Option(
    name: .customLong("dense-activation"),
    help: "Between the dense layers of files that do not say, such as relu, tanh or linear.")
  var denseActivation: String = "relu"
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
    if !["tanh", "relu"].contains(hiddenActivation) {
      throw ValidationError("--hidden-activation is tanh or relu")
    }
    guard ImportedNetwork.Activation(rawValue: denseActivation) != nil else {
      let names = ImportedNetwork.Activation.allCases.map(\.rawValue)
      throw ValidationError("--dense-activation is one of \(names.joined(separator: ", "))")
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
    do {
      let network = try ModelImporter(options).network(Self.read(file))
      tell(network, file: file)
      checkpoint = try network.checkpoint(labels(network, table: table, output: output))
    } catch let error as ImportError {
      let source = if case .vocabulary = error, let vocabulary { vocabulary } else { file }
      throw CommandFailure(.checkpoint, "\(source): \(error)\(hint(error))")
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
      denseActivation: ImportedNetwork.Activation(rawValue: denseActivation) ?? .relu,
      renamed: renamed)
  }

  private static func read(_ path: String) throws(CommandFailure) -> [UInt8] {
    do throws(FileError) {
      return try Files.read(path)
    } catch {
      throw CommandFailure(.checkpoint, error.description)
    }
  }

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
      headerFields: header ?? table?.headerFields ?? "XTMLK", tokens: table?.tokens)
  }

  /// What became of each tensor, and what was assumed.
  private func tell(_ network: ImportedNetwork, file: String) {
    let width = network.mapping.map { $0.foreign.count }.max() ?? 0
    for entry in network.mapping {
      let padding = String(repeating: " ", count: width - entry.foreign.count)
      let line = "\(entry.foreign)\(padding)  \(entry.shape) → \(entry.own)"
      StandardError.line(line.filter { $0 >= " " })
    }
    for remark in network.remarks { StandardError.line("assumed: \(remark)") }
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

/// A number with commas between its thousands.
private func grouped(_ number: Int) -> String {
  let digits = String(number)
  var text = ""
  for (place, digit) in digits.enumerated() {
    if place > 0, (digits.count - place) % 3 == 0 { text += "," }
    text.append(digit)
  }
  return text
}
