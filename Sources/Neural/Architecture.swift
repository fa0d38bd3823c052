/// The layers that the tensors of a checkpoint describe, by names and shapes.
struct Architecture {
  let vocabularySize: Int
  /// Hidden units of each recurrent layer, lowest first.
  let layerSizes: [Int]
  /// Names of the dense layers, lowest first: `head`, or `head.0`, `head.1`…
  let heads: [String]
  private let embeddingWidth: Int?

  private static let mostLayers = 64
  private static let largestLayer = 1 << 16

  init(_ checkpoint: Checkpoint) throws(CheckpointError) {
    for other in ["gru", "rnn"] where checkpoint["\(other).weight_hh_l0"] != nil {
      throw .unsupported("its layers are called \(other); only lstm layers can be run")
    }
    let embedding = checkpoint["embedding.weight"]
    if let embedding, embedding.shape.count != 2 || embedding.count == 0 {
      throw .wrongShape(
        tensor: embedding.name, expected: "[characters, width]", found: embedding.shape)
    }
    embeddingWidth = embedding?.shape[1]

    var layerSizes: [Int] = []
    while let recurrent = checkpoint["lstm.weight_hh_l\(layerSizes.count)"] {
      guard recurrent.shape.count == 2, recurrent.shape[1] > 0,
        recurrent.shape[1] <= Self.largestLayer, recurrent.shape[0] == 4 * recurrent.shape[1]
      else {
        throw .wrongShape(
          tensor: recurrent.name, expected: "[4 × units, units]", found: recurrent.shape)
      }
      layerSizes.append(recurrent.shape[1])
      guard layerSizes.count <= Self.mostLayers else {
        throw .unsupported("it has more than \(Self.mostLayers) layers")
      }
    }
    guard let topSize = layerSizes.last else { throw .missingTensor("lstm.weight_hh_l0") }
    self.layerSizes = layerSizes

    var heads: [String] = []
    if checkpoint["head.weight"] != nil {
      heads = ["head"]
    } else {
      // Between two dense layers of a `Sequential` a number may belong to a ReLU.
      for index in 0..<Self.mostLayers where checkpoint["head.\(index).weight"] != nil {
        heads.append("head.\(index)")
      }
    }
    guard !heads.isEmpty else { throw .missingTensor("head.weight") }
    self.heads = heads
    var width = topSize
    for name in heads {
      guard let weights = checkpoint["\(name).weight"] else { continue }
      guard weights.shape.count == 2, weights.shape[1] == width, weights.shape[0] > 0,
        weights.shape[0] <= Self.largestLayer
      else {
        throw .wrongShape(
          tensor: weights.name, expected: "[outputs, \(width)]", found: weights.shape)
      }
      width = weights.shape[0]
    }
    vocabularySize = width
    if let embedding, embedding.shape[0] != width {
      throw .wrongShape(
        tensor: embedding.name, expected: "[\(width), width]", found: embedding.shape)
    }
  }

  /// What tokens are to the lowest layer.
  func inputs(in checkpoint: Checkpoint) throws(CheckpointError) -> InputTable.Inputs {
    guard let width = embeddingWidth else { return .oneHot(vocabulary: vocabularySize) }
    return .embedding(
      try part("embedding.weight", [vocabularySize, width], in: checkpoint),
      vocabulary: vocabularySize)
  }

  /// The weights of a recurrent layer.
  func lstm(_ index: Int, in checkpoint: Checkpoint) throws(CheckpointError) -> LSTMLayer.Source {
    let size = layerSizes[index]
    let below = index == 0 ? embeddingWidth ?? vocabularySize : layerSizes[index - 1]
    let input = try part("lstm.weight_ih_l\(index)", [4 * size, below], in: checkpoint)
    let recurrent = try part("lstm.weight_hh_l\(index)", [4 * size, size], in: checkpoint)
    var bias = [Float](repeating: 0, count: 4 * size)
    for name in ["lstm.bias_ih_l\(index)", "lstm.bias_hh_l\(index)"] {
      // PyTorch leaves both out for `bias=False`.
      guard checkpoint[name] != nil else { continue }
      let values = try floats(name, [4 * size], in: checkpoint)
      for unit in bias.indices { bias[unit] += values[unit] }
    }
    return LSTMLayer.Source(input: input, recurrent: recurrent, bias: bias)
  }

  /// The weights and the bias of a dense layer.
  func dense(
    _ index: Int, in checkpoint: Checkpoint
  ) throws(CheckpointError) -> (PackedMatrix.Part, outputs: Int, bias: [Float]?) {
    guard let shape = checkpoint["\(heads[index]).weight"]?.shape else {
      throw .missingTensor("\(heads[index]).weight")
    }
    let weights = try part("\(heads[index]).weight", shape, in: checkpoint)
    let bias = "\(heads[index]).bias"
    guard checkpoint[bias] != nil else { return (weights, shape[0], bias: nil) }
    return (weights, shape[0], bias: try floats(bias, [shape[0]], in: checkpoint))
  }

  private func part(
    _ name: String, _ shape: [Int], in checkpoint: Checkpoint
  ) throws(CheckpointError) -> PackedMatrix.Part {
    PackedMatrix.Part(try tensor(name, shape, in: checkpoint))
  }

  private func floats(
    _ name: String, _ shape: [Int], in checkpoint: Checkpoint
  ) throws(CheckpointError) -> [Float] {
    try tensor(name, shape, in: checkpoint).floats()
  }

  private func tensor(
    _ name: String, _ shape: [Int], in checkpoint: Checkpoint
  ) throws(CheckpointError) -> Checkpoint.Tensor {
    guard let tensor = checkpoint[name] else { throw .missingTensor(name) }
    guard tensor.shape == shape else {
      throw .wrongShape(tensor: name, expected: "\(shape)", found: tensor.shape)
    }
    return tensor
  }
}
