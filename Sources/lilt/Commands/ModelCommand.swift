import ArgumentParser
import Neural

/// `lilt model`: what a checkpoint is made of and what it says of itself.
struct ModelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "model",
    abstract: "Show a model's layers, parameters, text and training record.",
    discussion: """
      MODEL is a checkpoint of Lilt's: its name, a file, or default. Files of other programs become one \
      with 'lilt import'. Parameters are counted both ways: Keras keeps one bias for each gate, PyTorch \
      two.

      Exit status 3 when the model is missing, damaged or of another format.
      """)

  @Argument(help: "A model's name, a file, or default.")
  var model = "default"
  @Flag(help: "One JSON object.")
  var json = false

  func run() throws {
    let path = try CheckpointLocator().path(for: model == "default" ? nil : model)
    let sheet: ModelSheet
    do throws(CheckpointError) {
      let checkpoint = try Checkpoint(path: path)
      sheet = ModelSheet(
        checkpoint: checkpoint, layers: try LayerSummary.layers(of: checkpoint), path: path)
    } catch {
      throw CommandFailure(.checkpoint, "\(path): \(error.description)")
    }
    if json {
      StandardOutput.line(sheet.json)
    } else {
      for line in sheet.lines { StandardOutput.line(line) }
    }
  }
}

/// What there is to say of a checkpoint.
struct ModelSheet {
  let checkpoint: Checkpoint
  let layers: [LayerSummary]
  let path: String

  private var parameters: Int { layers.reduce(0) { $0 + $1.parameters } }
  private var kerasParameters: Int { layers.reduce(0) { $0 + $1.kerasParameters } }

  /// The entries of the metadata that are shown as facts, in this order.
  private static let facts = [
    ("name", "name"), ("summary", "summary"), ("licence", "licence"), ("encoding", "encoding"),
    ("header_fields", "header"), ("header_spelling", "header spelt"), ("start", "start"),
    ("end", "end"), ("window", "window"), ("voices", "voices"), ("projection", "projection"),
    ("memory", "memory"),
    ("trained_by", "trained by"), ("valid_bits_per_character", "bits a character on valid"),
    ("valid_loss", "loss on valid"), ("hyperparameters", "training"),
  ]

  /// The tokens; nil where the network reads numbers.
  private var vocabulary: [String]? { checkpoint.metadata["vocabulary"].flatMap(jsonStrings) }

  var lines: [String] {
    var lines = [path]
    for (key, name) in Self.facts {
      guard let value = checkpoint.metadata[key], !value.isEmpty else { continue }
      lines.append("\(name): \(printable(value))")
    }
    if let vocabulary {
      let shown = vocabulary.prefix(120).map { $0 == "\n" ? "¶" : $0 }
      let isCharacters = vocabulary.allSatisfy { $0.unicodeScalars.count == 1 }
      lines.append(
        "vocabulary: \(vocabulary.count) tokens: "
          + printable(shown.joined(separator: isCharacters ? "" : " "))
          + (vocabulary.count > 120 ? " …" : ""))
    }
    let formats = Set(checkpoint.tensors.map(\.format.rawValue)).sorted().joined(separator: ", ")
    lines.append(
      "tensors: \(checkpoint.tensors.count), \(formats); format \(checkpoint.metadata["lilt.format"] ?? "1")"
    )
    lines.append("reads: \(LayerSummary.input(of: checkpoint))")
    lines.append("")
    let names = layers.map { layer in (layer.head.map { $0 + ": " } ?? "") + layer.name }
    let width = max(12, names.map(\.count).max() ?? 0)
    func row(_ name: String, _ shape: String, _ keras: String, _ torch: String) -> String {
      pad(name, width) + "  " + pad(shape, 16) + right(keras, 12) + right(torch, 14)
    }
    lines.append(row("layer", "output", "Keras", "PyTorch"))
    for (layer, name) in zip(layers, names) {
      lines.append(
        row(
          name, "(steps, \(layer.width))", grouped(layer.kerasParameters),
          grouped(layer.parameters)))
    }
    lines.append(row("together", "", grouped(kerasParameters), grouped(parameters)))
    return lines
  }

  var json: String {
    let entries = layers.map { layer in
      "{\"layer\":\(jsonText(layer.name))"
        + (layer.head.map { ",\"output\":\(jsonText($0))" } ?? "")
        + ",\"width\":\(layer.width),\"parameters_keras\":\(layer.kerasParameters)"
        + ",\"parameters_pytorch\":\(layer.parameters)}"
    }
    let metadata = checkpoint.metadata.sorted { $0.key < $1.key }.map {
      "\(jsonText($0.key)):\(jsonText($0.value))"
    }
    return "{\"v\":1,\"path\":\(jsonText(path))"
      + ",\"reads\":\(jsonText(LayerSummary.input(of: checkpoint)))"
      + (vocabulary.map { ",\"tokens\":\($0.count)" } ?? "")
      + ",\"parameters_keras\":\(kerasParameters),\"parameters_pytorch\":\(parameters)"
      + ",\"layers\":[\(entries.joined(separator: ","))]"
      + ",\"metadata\":{\(metadata.joined(separator: ","))}}"
  }

  /// A text of a file, fit for one line of a terminal.
  private func printable(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { $0.value < 0x20 || (0x7f...0x9f).contains($0.value) ? "?" : $0 }))
  }

  private func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  private func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }
}

/// A number with commas between its thousands.
func grouped(_ number: Int) -> String {
  let digits = String(number)
  var text = ""
  for (place, digit) in digits.enumerated() {
    if place > 0, (digits.count - place) % 3 == 0 { text += "," }
    text.append(digit)
  }
  return text
}
