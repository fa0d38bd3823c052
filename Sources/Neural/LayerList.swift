/// One layer of a checkpoint, for people: what it is, what comes out, how many numbers were learnt.
public struct LayerSummary: Hashable, Sendable {
  /// Such as `LSTM 512`.
  public var name: String
  /// What is before the layers, for those of a network with several outputs, such as `pitch`.
  public var head: String?
  /// Numbers that come out at each step.
  public var width: Int
  /// Parameters as PyTorch counts them: recurrent layers have two biases for each gate.
  public var parameters: Int
  /// Parameters as Keras counts them: one bias, except where a GRU resets after its product.
  public var kerasParameters: Int
}

extension LayerSummary {
  /// The layers of a checkpoint, lowest first, its outputs last.
  ///
  /// Throws where tensors that a layer needs are missing.
  public static func layers(of checkpoint: Checkpoint) throws(CheckpointError) -> [LayerSummary] {
    checkpoint.metadata["lilt.format"] == "2"
      ? try described(checkpoint) : try named(checkpoint)
  }

  /// What the network reads, in words.
  public static func input(of checkpoint: Checkpoint) -> String {
    guard checkpoint.metadata["lilt.format"] == "2" else {
      return checkpoint["embedding.weight"] == nil ? "tokens, one-hot" : "tokens"
    }
    let text = checkpoint.metadata["input"] ?? ""
    let value = try? JSONValue(bytes: Array(text.utf8)[...])
    switch value?["kind"]?.string {
    case "one-hot": return "tokens, one-hot"
    case "scaled-token": return "tokens, each as one number"
    case "numbers": return "\(value?["count"]?.integer ?? 0) numbers"
    default: return "tokens"
    }
  }

  /// Format 1: names and shapes tell the layers.
  private static func named(_ checkpoint: Checkpoint) throws(CheckpointError) -> [LayerSummary] {
    var layers: [LayerSummary] = []
    if let table = checkpoint["embedding.weight"], table.shape.count == 2 {
      layers.append(embedding(table))
    }
    var index = 0
    while checkpoint["lstm.weight_hh_l\(index)"] != nil {
      layers.append(
        try recurrent("lstm", in: checkpoint) { "lstm.\($0)_l\(index)" })
      index += 1
    }
    let architecture = try Architecture(checkpoint)
    for (place, name) in architecture.heads.enumerated() {
      let isLast = place == architecture.heads.count - 1
      layers.append(
        try dense(name, activation: isLast ? "linear" : "relu", in: checkpoint))
    }
    return layers
  }

  /// Format 2: the metadata lists them.
  private static func described(
    _ checkpoint: Checkpoint
  ) throws(CheckpointError) -> [LayerSummary] {
    func list(_ key: String) throws(CheckpointError) -> [JSONValue] {
      guard let text = checkpoint.metadata[key] else { return [] }
      guard let list = (try? JSONValue(bytes: Array(text.utf8)[...]))?.array else {
        throw .metadata(key: key, reason: "is not a JSON list")
      }
      return list
    }
    var layers: [LayerSummary] = []
    for (place, entry) in try list("layers").enumerated() {
      let name = "layers.\(place)"
      let kind = entry["kind"]?.string ?? ""
      let activation = entry["activation"]?.string ?? "linear"
      switch kind {
      case "embedding":
        guard let table = checkpoint[name + ".weight"], table.shape.count == 2 else {
          throw .missingTensor(name + ".weight")
        }
        layers.append(embedding(table))
      case "dense": layers.append(try dense(name, activation: activation, in: checkpoint))
      case "scale-and-shift":
        let units = checkpoint[name + ".scale"]?.count ?? 0
        layers.append(
          .init(
            name: "batch normalisation \(units)", width: units, parameters: 2 * units,
            kerasParameters: 2 * units))
      case "activation":
        layers.append(
          .init(name: activation, width: layers.last?.width ?? 0, parameters: 0, kerasParameters: 0)
        )
      default:
        layers.append(
          try recurrent(kind, activation: activation, in: checkpoint) { "\(name).\($0)" })
      }
    }
    for (place, entry) in try list("heads").enumerated() {
      var head = try dense(
        "heads.\(place)", activation: entry["activation"]?.string ?? "linear", in: checkpoint)
      head.head = entry["name"]?.string
      layers.append(head)
    }
    return layers
  }

  private static func embedding(_ table: Checkpoint.Tensor) -> LayerSummary {
    .init(
      name: "embedding \(table.shape[0]) → \(table.shape[1])", width: table.shape[1],
      parameters: table.count, kerasParameters: table.count)
  }

  private static func dense(
    _ name: String, activation: String, in checkpoint: Checkpoint
  ) throws(CheckpointError) -> LayerSummary {
    guard let weights = checkpoint[name + ".weight"], weights.shape.count == 2 else {
      throw .missingTensor(name + ".weight")
    }
    let count = weights.count + (checkpoint[name + ".bias"]?.count ?? 0)
    return .init(
      name: "dense \(weights.shape[0])" + (activation == "linear" ? "" : ", \(activation)"),
      width: weights.shape[0], parameters: count, kerasParameters: count)
  }

  private static func recurrent(
    _ kind: String, activation: String = "tanh", in checkpoint: Checkpoint,
    _ tensor: (String) -> String
  ) throws(CheckpointError) -> LayerSummary {
    guard let input = checkpoint[tensor("weight_ih")], let own = checkpoint[tensor("weight_hh")],
      own.shape.count == 2
    else { throw .missingTensor(tensor("weight_hh")) }
    let (rows, units) = (own.shape[0], own.shape[1])
    let weights = input.count + own.count
    let hasBias = checkpoint[tensor("bias_ih")] != nil || checkpoint[tensor("bias_hh")] != nil
    let names = ["lstm": "LSTM", "gru": "GRU", "gru-reset-before": "GRU", "rnn": "RNN"]
    return .init(
      name: "\(names[kind] ?? kind) \(units)" + (activation == "tanh" ? "" : ", \(activation)"),
      width: units, parameters: weights + (hasBias ? 2 * rows : 0),
      kerasParameters: weights + (hasBias ? (kind == "gru" ? 2 : 1) * rows : 0))
  }
}
