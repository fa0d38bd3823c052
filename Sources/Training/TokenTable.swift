internal import TrainingKernels

/// What the lowest layer's gates get from each token: the product of embedding and weights, made
/// once for each token of the vocabulary and not once for each token of the text. Gradients are
/// summed by token before they become those of weights.
final class TokenTable {
  private let layer: RecurrentLayer
  private let vocabularySize: Int
  private let embeddingWidth: Int?
  private let embedding: Int?
  private let isScaled: Bool
  private let exact: Arithmetic
  private let table: Storage
  /// One for each group, then their sum's panels.
  private let gradients: Storage
  private let weightPanels: Storage
  private let gradientPanels: Storage
  private let embeddingPanels: Storage
  private let weightPanelsBack: Storage

  init(
    _ shape: NetworkShape, layer: RecurrentLayer, embedding: Int?, kernelName: String?
  ) throws(TrainingError) {
    self.layer = layer
    self.embedding = embedding
    vocabularySize = shape.vocabularySize
    if case .embedding(let width) = shape.input {
      embeddingWidth = width
    } else {
      embeddingWidth = nil
    }
    isScaled = shape.input == .scaledToken
    exact = try Arithmetic(.float32, kernelName: kernelName)
    let width = layer.width
    let inputs = layer.inputs
    table = try Storage(count: vocabularySize * width)
    gradients = try Storage(count: layer.grid.groups * vocabularySize * width)
    weightPanels = try Storage(count: exact.panelWords(depth: inputs, columns: width))
    weightPanelsBack = try Storage(count: exact.panelWords(depth: width, columns: inputs))
    gradientPanels = try Storage(
      count: exact.panelWords(depth: vocabularySize, columns: width, width: LILT_LEFT_PANEL))
    embeddingPanels = try Storage(count: exact.panelWords(depth: vocabularySize, columns: inputs))
  }

  /// Makes the table, after weights have changed and the layer's biases are prepared.
  func prepare() {
    let set = layer.parameters
    let width = layer.width
    let weights = set.values(layer.inputWeights)
    let bias = layer.bias.floats
    if isScaled {
      for token in 0..<vocabularySize {
        let row = table.floats + token * width
        let number = self.number(token)
        for gate in 0..<width { row[gate] = weights[gate] * number + bias[gate] }
      }
      return
    }
    guard let embedding, let embeddingWidth else {
      for token in 0..<vocabularySize {
        let row = table.floats + token * width
        for gate in 0..<width { row[gate] = weights[gate * vocabularySize + token] + bias[gate] }
      }
      return
    }
    exact.packForwards(weights, outputs: width, inputs: embeddingWidth, into: weightPanels)
    exact.multiply(
      rows: vocabularySize, columns: width, depth: embeddingWidth,
      left: .init(start: set.values(embedding), row: embeddingWidth), right: weightPanels.bytes,
      out: table.floats, outRow: width, bias: bias)
  }

  /// What a token is to a network that reads one number.
  private func number(_ token: Int) -> Float { Float(token) / Float(vocabularySize) }

  func forward(_ group: Int, tokens: UnsafePointer<Int32>) {
    let grid = layer.grid
    let base = grid.start(group, 0, slots: grid.steps)
    exact.kernels.pointee.look_up(
      Int32(grid.rows(group).count * grid.steps), Int32(layer.width), tokens + base,
      table.floats, nil, layer.gates.floats + base * layer.width)
  }

  func backward(_ group: Int, tokens: UnsafePointer<Int32>) {
    let grid = layer.grid
    let base = grid.start(group, 0, slots: grid.steps)
    let own = gradients.floats + group * vocabularySize * layer.width
    own.update(repeating: 0, count: vocabularySize * layer.width)
    exact.kernels.pointee.add_rows(
      Int32(grid.rows(group).count * grid.steps), Int32(layer.width), tokens + base,
      layer.gates.floats + base * layer.width, own)
  }

  /// From the table's gradients to those of the weights and of the embedding.
  func finish() {
    let set = layer.parameters
    let width = layer.width
    let count = vocabularySize * width
    let sum = gradients.floats
    for group in 1..<max(layer.grid.groups, 1) {
      exact.kernels.pointee.add_columns(1, Int32(count), sum + group * count, count, sum)
    }
    let target = set.gradients(layer.inputWeights)
    if isScaled {
      target.update(repeating: 0, count: width)
      for token in 0..<vocabularySize {
        let number = self.number(token)
        for gate in 0..<width { target[gate] += sum[token * width + gate] * number }
      }
      return
    }
    guard let embedding, let embeddingWidth else {
      for token in 0..<vocabularySize {
        for gate in 0..<width {
          target[gate * vocabularySize + token] = sum[token * width + gate]
        }
      }
      return
    }
    exact.pack(
      depth: vocabularySize, columns: width, width: LILT_LEFT_PANEL, source: sum,
      sourceRow: width, panels: gradientPanels.bytes)
    exact.pack(
      depth: vocabularySize, columns: embeddingWidth, source: set.values(embedding),
      sourceRow: embeddingWidth, panels: embeddingPanels.bytes)
    exact.multiply(
      rows: width, columns: embeddingWidth, depth: vocabularySize,
      left: .init(start: gradientPanels.bytes, row: 0), right: embeddingPanels.bytes,
      out: target, outRow: embeddingWidth)
    exact.packBackwards(
      set.values(layer.inputWeights), outputs: width, inputs: embeddingWidth,
      into: weightPanelsBack)
    exact.multiply(
      rows: vocabularySize, columns: embeddingWidth, depth: width,
      left: .init(start: sum, row: width), right: weightPanelsBack.bytes,
      out: set.gradients(embedding), outRow: embeddingWidth)
  }
}
