import Neural

extension ImportedNetwork {
  /// What the file of the network should say besides its weights.
  public struct Labels: Equatable, Sendable {
    public var name: String
    public var licence: String
    public var summary: String
    /// Letters of the header lines that the network reads, in its order.
    public var headerFields: String
    /// How its text spells them; nil where that is not known.
    public var headerSpelling: HeaderSpelling?
    /// What the network reads before a tune; nil takes two line ends, or nothing where it knows none.
    public var start: String?
    public var tokens: [String]?

    public init(
      name: String = "", licence: String = "", summary: String = "", headerFields: String = "MLK",
      headerSpelling: HeaderSpelling? = nil, start: String? = nil, tokens: [String]? = nil
    ) {
      self.name = name
      self.licence = licence
      self.summary = summary
      self.headerFields = headerFields
      self.headerSpelling = headerSpelling
      self.start = start
      self.tokens = tokens
    }
  }

  /// Whether the network is tokens, LSTM layers and dense layers with ReLU between them: what every
  /// version of the checkpoint format can say, with the names of PyTorch.
  public var isPlainLSTM: Bool {
    guard heads.isEmpty else { return false }
    switch input {
    case .embedding, .oneHot: break
    case .scaledToken, .numbers: return false
    }
    var stage = 0
    for (place, layer) in layers.enumerated() {
      switch layer {
      case .embedding where place == 0: break
      case .recurrent(let layer)
      where stage == 0 && layer.cell == .lstm && layer.activation == .tanh
        && layer.gateActivation == .sigmoid:
        break
      case .dense(let dense)
      where dense.activation == (place == layers.count - 1 ? .linear : .relu):
        stage = 1
      default: return false
      }
    }
    return stage == 1
  }

  /// A checkpoint in Lilt's own format.
  ///
  /// Throws when the vocabulary is missing or does not have as many tokens as the network scores.
  public func checkpoint(_ labels: Labels) throws(ImportError) -> Checkpoint {
    var metadata = try metadata(labels)
    var tensors: [Checkpoint.NewTensor] = []
    if isPlainLSTM {
      metadata["lilt.format"] = "1"
      plainTensors(into: &tensors)
    } else {
      metadata["lilt.format"] = "2"
      metadata["layers"] = "[" + layers.map(\.json).joined(separator: ",") + "]"
      metadata["input"] = inputJSON
      if !heads.isEmpty {
        metadata["heads"] = "[" + heads.map(\.json).joined(separator: ",") + "]"
      }
      numberedTensors(into: &tensors)
    }
    do {
      return try Checkpoint(metadata: metadata, tensors: tensors)
    } catch {
      throw .checkpoint(error)
    }
  }

  private func metadata(_ labels: Labels) throws(ImportError) -> [String: String] {
    var metadata: [String: String] = [:]
    if !labels.name.isEmpty { metadata["name"] = labels.name }
    if !labels.licence.isEmpty { metadata["licence"] = labels.licence }
    if !labels.summary.isEmpty { metadata["summary"] = labels.summary }
    if let window { metadata["window"] = String(window) }
    guard let count = tokenCount else {
      metadata["encoding"] = "pitch-step-duration"
      return metadata
    }
    guard var tokens = labels.tokens ?? vocabulary else {
      throw .vocabulary(
        "the network knows \(count) characters, but the file does not say which; a list, a "
          + "dictionary or the training text tells")
    }
    guard tokens.count == count else {
      throw .vocabulary("it holds \(tokens.count) tokens, but the network knows \(count)")
    }
    let isCharacters = tokens.allSatisfy { $0.unicodeScalars.count == 1 }
    metadata["encoding"] = isCharacters ? "abc-characters" : "tokens"
    if let keys = ChordNames.keys(tokens) {
      metadata["encoding"] = "note-chords"
      tokens = keys
    }
    metadata["vocabulary"] = "[" + tokens.map(jsonText).joined(separator: ",") + "]"
    if isCharacters {
      metadata["header_fields"] = labels.headerFields
      metadata["header_spelling"] = (labels.headerSpelling ?? HeaderSpelling()).json
      let start = labels.start ?? (tokens.contains("\n") ? "\n\n" : "")
      if let unknown = start.unicodeScalars.first(where: { !tokens.contains(String($0)) }) {
        throw .vocabulary(
          "the start text has \(quoted(String(unknown))), which the network does not know")
      }
      metadata["start"] = jsonText(start)
      metadata["end"] = jsonText("\n\n")
    }
    return metadata
  }

  private var inputJSON: String {
    switch input {
    case .embedding: "{\"kind\":\"tokens\"}"
    case .oneHot(let count): "{\"kind\":\"one-hot\",\"count\":\(count)}"
    case .scaledToken(let scale, _): "{\"kind\":\"scaled-token\",\"scale\":\(scale)}"
    case .numbers(let count): "{\"kind\":\"numbers\",\"count\":\(count)}"
    }
  }

  // MARK: Tensors

  private func plainTensors(into tensors: inout [Checkpoint.NewTensor]) {
    let denseCount = layers.count { $0.isDense }
    var recurrentNumber = 0
    var denseNumber = 0
    for layer in layers {
      switch layer {
      case .embedding(let matrix): tensors.append(tensor("embedding.weight", matrix))
      case .recurrent(let layer):
        let end = "_l\(recurrentNumber)"
        add(layer, to: &tensors) { "lstm." + $0 + end }
        recurrentNumber += 1
      case .dense(let dense):
        let name = denseCount == 1 ? "head" : "head.\(denseNumber)"
        add(dense, name, to: &tensors)
        denseNumber += 1
      case .scaleAndShift, .activation: break
      }
    }
  }

  private func numberedTensors(into tensors: inout [Checkpoint.NewTensor]) {
    for (place, layer) in layers.enumerated() {
      let name = "layers.\(place)"
      switch layer {
      case .embedding(let matrix): tensors.append(tensor(name + ".weight", matrix))
      case .recurrent(let layer): add(layer, to: &tensors) { name + "." + $0 }
      case .dense(let dense): add(dense, name, to: &tensors)
      case .scaleAndShift(let scale, let shift):
        // Computed here, not read: they would lose by being kept in 16 bits.
        for (part, values) in [("scale", scale), ("shift", shift)] {
          tensors.append(
            Checkpoint.NewTensor(
              name: name + "." + part, shape: [values.count], format: .float32, values: values))
        }
      case .activation: break
      }
    }
    for (place, head) in heads.enumerated() { add(head.layer, "heads.\(place)", to: &tensors) }
  }

  private func add(
    _ layer: Recurrent, to tensors: inout [Checkpoint.NewTensor], named name: (String) -> String
  ) {
    tensors.append(tensor(name("weight_ih"), layer.inputWeights))
    tensors.append(tensor(name("weight_hh"), layer.recurrentWeights))
    if let bias = layer.inputBias { tensors.append(tensor(name("bias_ih"), bias)) }
    if let bias = layer.recurrentBias { tensors.append(tensor(name("bias_hh"), bias)) }
  }

  private func add(_ dense: Dense, _ name: String, to tensors: inout [Checkpoint.NewTensor]) {
    tensors.append(tensor(name + ".weight", dense.weights))
    if let bias = dense.bias { tensors.append(tensor(name + ".bias", bias)) }
  }

  private func tensor(_ name: String, _ matrix: Matrix) -> Checkpoint.NewTensor {
    Checkpoint.NewTensor(
      name: name, shape: [matrix.rows, matrix.columns], format: format, values: matrix.values)
  }

  private func tensor(_ name: String, _ values: [Float]) -> Checkpoint.NewTensor {
    Checkpoint.NewTensor(name: name, shape: [values.count], format: format, values: values)
  }
}

extension ImportedNetwork.Layer {
  /// The entry of `layers` in the metadata.
  var json: String {
    switch self {
    case .embedding(let matrix):
      "{\"kind\":\"embedding\",\"inputs\":\(matrix.rows),\"units\":\(matrix.columns)}"
    case .recurrent(let layer):
      "{\"kind\":\"\(layer.cell.rawValue)\",\"units\":\(layer.units),"
        + "\"activation\":\"\(layer.activation.name)\""
        + (layer.cell == .rnn
          ? "}" : ",\"gate_activation\":\"\(layer.gateActivation.name)\"}")
    case .scaleAndShift(let scale, _): "{\"kind\":\"scale-and-shift\",\"units\":\(scale.count)}"
    case .dense(let dense):
      "{\"kind\":\"dense\",\"units\":\(dense.weights.rows),"
        + "\"activation\":\"\(dense.activation.name)\"}"
    case .activation(let activation):
      "{\"kind\":\"activation\",\"activation\":\"\(activation.name)\"}"
    }
  }
}

extension ImportedNetwork.Head {
  var json: String {
    "{\"name\":\(jsonText(name)),\"units\":\(layer.weights.rows),"
      + "\"activation\":\"\(layer.activation.name)\"}"
  }
}

/// A text in JSON, quotes included.
func jsonText(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": result += "\\\""
    case "\\": result += "\\\\"
    case "\n": result += "\\n"
    case "\u{0}"..<" ":
      let digits = String(scalar.value, radix: 16)
      result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}
