import Neural

/// Builds the network of a Keras model from its description and its weights.
struct KerasModel {
  private let configuration: KerasConfiguration
  private let weights: KerasWeights
  private var layers: [ImportedNetwork.Layer] = []
  private var heads: [ImportedNetwork.Head] = []
  private var mapping: [ImportedNetwork.Mapping] = []
  private var remarks: [String] = []
  private var formats: Set<Checkpoint.Format> = []
  private var window: Int?
  /// How many numbers the next layer reads; nil before the first.
  private var width: Int?

  static func network(
    _ configuration: KerasConfiguration, _ weights: KerasWeights
  ) throws(ImportError) -> ImportedNetwork {
    var model = KerasModel(configuration: configuration, weights: weights)
    return try model.network()
  }

  private init(configuration: KerasConfiguration, weights: KerasWeights) {
    self.configuration = configuration
    self.weights = weights
  }

  private mutating func network() throws(ImportError) -> ImportedNetwork {
    for layer in configuration.trunk {
      readShape(layer)
      if let next = try read(layer) { append(next) }
    }
    guard layers.contains(where: { if case .recurrent = $0 { true } else { false } }) else {
      throw .unsupported("it has no recurrent layer: no LSTM, GRU or SimpleRNN was found")
    }
    let trunkWidth = width
    for branch in configuration.branches {
      width = trunkWidth
      try readHead(branch)
    }
    let outputs = heads.isEmpty ? layers.last { $0.isDense }?.outputWidth : nil
    if heads.isEmpty { dropLastSoftmax() }
    var network = ImportedNetwork(
      input: try input(outputs: outputs), layers: layers, heads: heads,
      format: formats.count == 1 ? formats.first ?? .float32 : .float32)
    network.orderHeads()
    network.window = window
    network.mapping = mapping
    network.remarks = remarks
    return network
  }

  /// Steps of one example: `[batch, steps, …]`.
  private mutating func readShape(_ layer: KerasConfiguration.Layer) {
    let shape = layer.settings["batch_input_shape"] ?? layer.settings["batch_shape"]
    if window == nil, let steps = shape?.list?.dropFirst().first?.integer, steps > 1 {
      window = steps
    }
  }

  /// Scores are what is wanted; their softmax is the sampler's business.
  private mutating func dropLastSoftmax() {
    guard let last = layers.last else { return }
    if case .activation(.softmax) = last { layers.removeLast() }
    if case .dense(var dense) = last, dense.activation == .softmax {
      dense.activation = .linear
      layers[layers.count - 1] = .dense(dense)
    }
  }

  private mutating func input(outputs: Int?) throws(ImportError) -> ImportedNetwork.Input {
    if case .embedding(let matrix)? = layers.first {
      if let outputs, matrix.rows != outputs {
        throw .unsupported(
          "it reads \(matrix.rows) different tokens but scores \(outputs); both must be the same")
      }
      return .embedding
    }
    guard let read = layers.lazy.compactMap(\.inputWidth).first else {
      throw .unsupported("nothing tells what it reads")
    }
    guard let outputs else { return .numbers(read) }
    if read == outputs { return .oneHot(read) }
    guard read == 1 else {
      throw .unsupported(
        "it reads \(read) numbers at a step but scores \(outputs) characters; one number, or as "
          + "many as characters, are understood")
    }
    remarks.append("a token is read as the one number token ÷ \(outputs)")
    return .scaledToken(scale: 1 / Double(outputs), tokens: outputs)
  }

  private mutating func append(_ layer: ImportedNetwork.Layer) {
    if case .activation(let activation) = layer {
      if activation == .linear { return }
      if case .dense(var dense)? = layers.last, dense.activation == .linear {
        dense.activation = activation
        layers[layers.count - 1] = .dense(dense)
        return
      }
    }
    layers.append(layer)
    width = layer.outputWidth ?? width
  }

  private mutating func readHead(_ branch: [KerasConfiguration.Layer]) throws(ImportError) {
    var dense: ImportedNetwork.Dense?
    for layer in branch {
      switch try read(layer) {
      case .dense(let next)? where dense == nil: dense = next
      case .activation(let activation)? where dense?.activation == .linear:
        dense?.activation = activation
      case nil: break
      default: throw .unsupported("the output \(quoted(layer.name)) is more than one dense layer")
      }
    }
    guard var dense else { throw .unsupported("an output of it has no dense layer") }
    if dense.activation == .softmax { dense.activation = .linear }
    heads.append(ImportedNetwork.Head(name: branch[0].name, layer: dense))
  }

  // MARK: Layers

  /// One layer; nil for those that do nothing once training is over.
  private mutating func read(
    _ layer: KerasConfiguration.Layer
  ) throws(ImportError) -> ImportedNetwork.Layer? {
    let (className, settings) = layer.inner
    switch className {
    case "InputLayer", "Dropout", "SpatialDropout1D", "GaussianNoise", "GaussianDropout",
      "AlphaDropout", "ActivityRegularization":
      return nil
    case "Embedding": return try embedding(layer, settings)
    case "LSTM", "GRU", "SimpleRNN", "CuDNNLSTM", "CuDNNGRU":
      return try recurrent(layer, className: className, settings)
    case "Dense", "TimeDistributedDense": return try dense(layer, settings)
    case "BatchNormalization": return try norm(layer, settings)
    case "Activation": return .activation(try activation(settings["activation"], of: layer))
    case "Bidirectional": throw .bidirectional(layer.name)
    default:
      if let activation = ImportedNetwork.Activation.kerasLayer(className, settings) {
        return .activation(activation)
      }
      throw .unsupported(
        "the layer \(quoted(layer.name)) is of the class \(quoted(className)), which is not known")
    }
  }

  private func tensors(_ layer: KerasConfiguration.Layer) throws(ImportError) -> [ForeignTensor] {
    try weights.tensors(name: layer.name, className: layer.className, number: layer.number)
  }

  /// A weight of a layer, which must have a shape; -1 stands for any size.
  private mutating func take(
    _ tensors: [ForeignTensor], _ place: Int, _ part: String, _ shape: [Int],
    of layer: KerasConfiguration.Layer
  ) throws(ImportError) -> ForeignTensor {
    guard place < tensors.count else {
      throw .missingTensor(part, layer: "the layer \(quoted(layer.name))")
    }
    let tensor = tensors[place]
    let fits =
      tensor.shape.count == shape.count
      && zip(tensor.shape, shape).allSatisfy { $0 == $1 || ($1 == -1 && $0 > 0) }
    guard fits else {
      let sizes = shape.map { $0 == -1 ? "any" : String($0) }
      throw .wrongShape(
        tensor: tensor.name, expected: "[\(sizes.joined(separator: ", "))]", found: tensor.shape)
    }
    formats.insert(tensor.format)
    mapping.append(
      ImportedNetwork.Mapping(
        foreign: tensor.name, shape: tensor.shape, own: "\(layer.name), \(part)"))
    return tensor
  }

  private func count(
    _ names: [String], in settings: Literal, of layer: KerasConfiguration.Layer
  ) throws(ImportError) -> Int {
    for name in names {
      if let count = settings[name]?.integer, (1...1 << 20).contains(count) { return count }
    }
    throw .damaged(
      format: "layer \(quoted(layer.name))", reason: "it does not say its number of \(names[0])")
  }

  private func activation(
    _ value: Literal?, of layer: KerasConfiguration.Layer
  ) throws(ImportError) -> ImportedNetwork.Activation {
    guard
      let activation = ImportedNetwork.Activation.keras(
        value, majorVersion: configuration.majorVersion)
    else {
      let name = value?.text ?? value?["config"]?.text ?? value?["class_name"]?.text ?? "?"
      throw .unsupported(
        "the layer \(quoted(layer.name)) uses the activation \(quoted(name)), which is not known")
    }
    return activation
  }

  private mutating func embedding(
    _ layer: KerasConfiguration.Layer, _ settings: Literal
  ) throws(ImportError) -> ImportedNetwork.Layer {
    guard layers.isEmpty else { throw .unsupported("an embedding is not its first layer") }
    let shape = [
      try count(["input_dim"], in: settings, of: layer),
      try count(["output_dim"], in: settings, of: layer),
    ]
    let table = try take(tensors(layer), 0, "embedding", shape, of: layer)
    if settings["mask_zero"]?.boolean == true {
      remarks.append("the network skipped token 0 in training (mask_zero); here it is read")
    }
    return .embedding(
      ImportedNetwork.Matrix(rows: shape[0], columns: shape[1], values: table.values))
  }

  private mutating func recurrent(
    _ layer: KerasConfiguration.Layer, className: String, _ settings: Literal
  ) throws(ImportError) -> ImportedNetwork.Layer {
    guard settings["go_backwards"]?.boolean != true else {
      throw .unsupported("the layer \(quoted(layer.name)) reads backwards")
    }
    let units = try count(["units", "output_dim"], in: settings, of: layer)
    var cell: ImportedNetwork.Recurrent.Cell =
      className.hasSuffix("LSTM") ? .lstm : className.hasSuffix("GRU") ? .gru : .rnn
    let rows = cell.gates * units
    let found = try tensors(layer)
    let kernel = try take(found, 0, "kernel", [width ?? -1, rows], of: layer)
    let recurrentKernel = try take(found, 1, "recurrent kernel", [units, rows], of: layer)
    let isCuDNN = className.hasPrefix("CuDNN")
    var input = kernel.matrix.transposed
    var recurrent = recurrentKernel.matrix.transposed
    var biases: [[Float]] = []
    if isCuDNN {
      input = ImportedNetwork.Matrix(cuDNN: kernel, gates: cell.gates)
      recurrent = ImportedNetwork.Matrix(cuDNN: recurrentKernel, gates: cell.gates)
    }
    let usesBias = settings["use_bias"]?.boolean ?? true
    let isAfter = settings["reset_after"]?.boolean ?? (found.count > 2 && found[2].shape.count == 2)
    if isCuDNN {
      let both = try take(found, 2, "bias", [2 * rows], of: layer).values
      biases = [Array(both[..<rows]), Array(both[rows...])]
    } else if usesBias, cell == .gru, isAfter {
      let both = try take(found, 2, "bias", [2, rows], of: layer).values
      biases = [Array(both[..<rows]), Array(both[rows...])]
    } else if usesBias {
      biases = [try take(found, 2, "bias", [rows], of: layer).values]
    }
    if cell == .gru {
      if !isAfter && !isCuDNN { cell = .gruResetBefore }
      input = input.swappingFirstGates
      recurrent = recurrent.swappingFirstGates
      biases = biases.map(ImportedNetwork.Matrix.swappingFirstGates)
    }
    let gate = settings["recurrent_activation"] ?? settings["inner_activation"]
    return .recurrent(
      ImportedNetwork.Recurrent(
        cell: cell, inputWeights: input, recurrentWeights: recurrent, inputBias: biases.first,
        recurrentBias: biases.count > 1 ? biases[1] : nil,
        activation: isCuDNN ? .tanh : try activation(settings["activation"], of: layer),
        gateActivation: cell == .rnn || isCuDNN ? .sigmoid : try activation(gate, of: layer)))
  }

  private mutating func dense(
    _ layer: KerasConfiguration.Layer, _ settings: Literal
  ) throws(ImportError) -> ImportedNetwork.Layer {
    let units = try count(["units", "output_dim"], in: settings, of: layer)
    let found = try tensors(layer)
    let kernel = try take(found, 0, "kernel", [width ?? -1, units], of: layer)
    let usesBias = (settings["use_bias"] ?? settings["bias"])?.boolean ?? true
    let bias = usesBias ? try take(found, 1, "bias", [units], of: layer).values : nil
    return .dense(
      ImportedNetwork.Dense(
        weights: kernel.matrix.transposed, bias: bias,
        activation: try activation(settings["activation"], of: layer)))
  }

  private mutating func norm(
    _ layer: KerasConfiguration.Layer, _ settings: Literal
  ) throws(ImportError) -> ImportedNetwork.Layer {
    let found = try tensors(layer)
    let shape = [width ?? -1]
    var place = 0
    func next(_ part: String) throws(ImportError) -> [Float] {
      defer { place += 1 }
      return try take(found, place, part, shape, of: layer).values
    }
    let gain = settings["scale"]?.boolean ?? true ? try next("gamma") : nil
    let bias = settings["center"]?.boolean ?? true ? try next("beta") : nil
    let mean = try next("moving mean")
    let variance = try next("moving variance")
    guard [gain?.count, bias?.count, variance.count].allSatisfy({ $0 ?? mean.count == mean.count })
    else { throw .damaged(format: "layer \(quoted(layer.name))", reason: "its sizes differ") }
    return try .norm(
      name: layer.name, mean: mean, variance: variance, gain: gain, bias: bias,
      epsilon: settings["epsilon"]?.number ?? 1e-3)
  }
}

extension ForeignTensor {
  /// Of two dimensions.
  fileprivate var matrix: ImportedNetwork.Matrix {
    ImportedNetwork.Matrix(rows: shape[0], columns: shape[1], values: values)
  }
}
