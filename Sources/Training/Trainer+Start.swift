import Neural

extension NetworkShape {
  /// The shape of a checkpoint that can be trained on: long short-term memories with one-hot or
  /// embedding input, and dense layers with ReLU between them. Nothing is dropped in it.
  ///
  /// Throws when it is of another kind, or says nothing that fits together.
  public init(of checkpoint: Checkpoint) throws(TrainingError) {
    guard checkpoint.metadata["lilt.format"] != "2" else {
      throw .impossible(
        "only networks of LSTM layers, and of dense layers with ReLU, can be trained on, and this one has "
          + "layers of other kinds")
    }
    func size(_ name: String, _ axis: Int) throws(TrainingError) -> Int {
      guard let shape = checkpoint[name]?.shape, shape.count == 2 else {
        throw .impossible("the checkpoint has no tensor \(name) of two dimensions")
      }
      return shape[axis]
    }
    var layerSizes: [Int] = []
    while checkpoint["lstm.weight_hh_l\(layerSizes.count)"] != nil {
      layerSizes.append(try size("lstm.weight_hh_l\(layerSizes.count)", 1))
    }
    var outputs: [Int] = []
    for name in Self.denseNames(in: checkpoint) { outputs.append(try size(name + ".weight", 0)) }
    guard let vocabularySize = outputs.popLast() else {
      throw .impossible("the checkpoint has no tensor head.weight")
    }
    let isEmbedded = checkpoint["embedding.weight"] != nil
    self.init(
      vocabularySize: vocabularySize,
      input: isEmbedded ? .embedding(width: try size("embedding.weight", 1)) : .oneHot,
      layerSizes: layerSizes, denseSizes: outputs)
  }

  /// The dense layers of a checkpoint, lowest first; between two of them a number may belong to a
  /// ReLU.
  static func denseNames(in checkpoint: Checkpoint) -> [String] {
    if checkpoint["head.weight"] != nil { return ["head"] }
    return (0..<64).map { "head.\($0)" }.filter { checkpoint[$0 + ".weight"] != nil }
  }
}

extension Trainer {
  /// Starts from the weights of a checkpoint instead of random ones, before the first step.
  ///
  /// Throws when it is not of the network's shape, with the first tensor that is not.
  public func start(from checkpoint: Checkpoint) throws(TrainingError) {
    let own =
      network.shape.denseSizes.isEmpty
      ? ["head"] : (0...network.shape.denseSizes.count).map { "head.\($0)" }
    let theirs = NetworkShape.denseNames(in: checkpoint)
    guard own.count == theirs.count else {
      throw .impossible(
        "the checkpoint has \(theirs.count) dense layers, the network \(own.count)")
    }
    let names = Dictionary(uniqueKeysWithValues: zip(own, theirs))
    var weights: [[Float]] = []
    for parameter in network.parameters.parameters {
      let parts = parameter.name.split(separator: ".")
      let layer = parts.dropLast().joined(separator: ".")
      let name = (names[layer] ?? layer) + "." + (parts.last ?? "")
      guard let tensor = checkpoint[name] else {
        guard name.contains("bias") else {
          throw .impossible("the checkpoint has no tensor \(name)")
        }
        weights.append([Float](repeating: 0, count: parameter.count))
        continue
      }
      guard tensor.shape == parameter.shape else {
        throw .impossible(
          "its tensor \(name) has the shape \(tensor.shape), where \(parameter.shape) is wanted")
      }
      do {
        weights.append(try tensor.floats())
      } catch {
        throw .impossible("its tensor \(name) cannot be read: \(error.description)")
      }
    }
    for (index, values) in weights.enumerated() {
      network.parameters.values(index).update(from: values, count: values.count)
    }
    network.prepare(step: step)
  }
}
