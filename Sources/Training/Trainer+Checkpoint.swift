import Neural

extension Trainer {
  /// The network as it stands, as a checkpoint; see `TrainingNetwork`.
  public func checkpoint(
    metadata: [String: String], format: Checkpoint.Format = .float16
  ) throws(CheckpointError) -> Checkpoint {
    try network.checkpoint(metadata: metadata, format: format)
  }
}

extension TrainingNetwork {
  /// The network as it stands, as a checkpoint with PyTorch's names.
  ///
  /// Batch normalisation is folded into the dense layers. Networks of other cells than long
  /// short-term memories, with another activation than ReLU between dense layers, and those that
  /// read numbers, are written as format 2 of `LayeredNetwork`. Throws when a weight is not finite or too large for `format`.
  public func checkpoint(
    metadata: [String: String], format: Checkpoint.Format = .float16
  ) throws(CheckpointError) -> Checkpoint {
    let set = parameters
    var tensors: [Checkpoint.NewTensor] = []
    for parameter in set.parameters {
      switch parameter.kind {
      case .scale, .shift: continue
      default: break
      }
      tensors.append(
        Checkpoint.NewTensor(
          name: parameter.name, shape: parameter.shape, format: format,
          values: set.array(parameter.name) ?? []))
    }
    for (norm, stage) in zip(norms, dense) {
      fold(norm, into: stage, &tensors)
    }
    var metadata = metadata
    let isRectified = shape.denseSizes.isEmpty || shape.denseActivation == .relu
    if shape.cell != .lstm || numbers != nil || shape.input == .scaledToken || !isRectified {
      metadata["lilt.format"] = "2"
      describeLayers(&metadata, &tensors)
    }
    let checkpoint = try Checkpoint(metadata: metadata, tensors: tensors)
    // Reading refuses what is not finite.
    for tensor in checkpoint.tensors { _ = try tensor.floats() }
    return checkpoint
  }

  /// y = W (s (x − m) / d + t) + b is W' x + b' with W' = W s / d and b' = b + W (t − s m / d).
  private func fold(
    _ norm: BatchNormalisation, into stage: DenseStage, _ tensors: inout [Checkpoint.NewTensor]
  ) {
    let set = parameters
    let weightName = set.parameters[stage.weights].name
    let biasName = set.parameters[stage.bias].name
    guard let weights = tensors.firstIndex(where: { $0.name == weightName }),
      let bias = tensors.firstIndex(where: { $0.name == biasName })
    else { return }
    for input in 0..<stage.inputs {
      let deviation = (norm.runningVariance[input] + BatchNormalisation.epsilon).squareRoot()
      let factor = set.values(norm.scale)[input] / deviation
      let offset = set.values(norm.shift)[input] - factor * norm.runningMean[input]
      for output in 0..<stage.outputs {
        let at = output * stage.inputs + input
        tensors[bias].values[output] += tensors[weights].values[at] * offset
        tensors[weights].values[at] *= factor
      }
    }
  }

  /// Gives tensors the names of format 2, and says in the metadata what the layers are.
  private func describeLayers(
    _ metadata: inout [String: String], _ tensors: inout [Checkpoint.NewTensor]
  ) {
    var layers: [String] = []
    func rename(_ old: String, _ part: String) {
      guard let index = tensors.firstIndex(where: { $0.name == old }) else { return }
      tensors[index].name = "layers.\(layers.count).\(part)"
    }
    switch shape.input {
    case .embedding(let width):
      metadata["input"] = "{\"kind\":\"tokens\"}"
      rename("embedding.weight", "weight")
      layers.append("{\"kind\":\"embedding\",\"units\":\(width)}")
    case .oneHot:
      metadata["input"] = "{\"kind\":\"one-hot\",\"count\":\(shape.vocabularySize)}"
    case .scaledToken:
      metadata["input"] = "{\"kind\":\"scaled-token\",\"scale\":\(1 / Float(shape.vocabularySize))}"
    case .numbers(let count):
      metadata["input"] = "{\"kind\":\"numbers\",\"count\":\(count)}"
    }
    let cell = shape.cell.rawValue
    for (index, units) in shape.layerSizes.enumerated() {
      for part in ["weight_ih", "weight_hh", "bias_ih", "bias_hh"] {
        rename("\(cell).\(part)_l\(index)", part)
      }
      layers.append(
        "{\"kind\":\"\(cell)\",\"units\":\(units),\"activation\":\"tanh\""
          + ",\"gate_activation\":\"sigmoid\"}")
    }
    for (index, stage) in dense.enumerated() where stage.isHidden || numbers == nil {
      let name = shape.denseSizes.isEmpty ? "head" : "head.\(index)"
      rename("\(name).weight", "weight")
      rename("\(name).bias", "bias")
      layers.append(
        "{\"kind\":\"dense\",\"units\":\(stage.outputs),\"activation\":\""
          + stage.activation.name + "\"}")
    }
    metadata["layers"] = "[" + layers.joined(separator: ",") + "]"
    if numbers != nil { describeHeads(&metadata, &tensors) }
  }

  /// Cuts the highest layer into the outputs of a network that foretells notes.
  private func describeHeads(
    _ metadata: inout [String: String], _ tensors: inout [Checkpoint.NewTensor]
  ) {
    guard let top = dense.last else { return }
    let heads = [("pitch", top.outputs - 2), ("step", 1), ("duration", 1)]
    metadata["heads"] =
      "["
      + heads.map { "{\"name\":\"\($0.0)\",\"units\":\($0.1)}" }.joined(separator: ",") + "]"
    for (stage, part) in [(top.weights, "weight"), (top.bias, "bias")] {
      let name = parameters.parameters[stage].name
      guard let index = tensors.firstIndex(where: { $0.name == name }) else { continue }
      let whole = tensors.remove(at: index)
      let width = part == "bias" ? 1 : top.inputs
      var row = 0
      for (head, (_, units)) in heads.enumerated() {
        tensors.append(
          Checkpoint.NewTensor(
            name: "heads.\(head).\(part)", shape: part == "bias" ? [units] : [units, width],
            format: whole.format, values: Array(whole.values[row * width..<(row + units) * width])))
        row += units
      }
    }
  }
}
