import Neural

/// Follows what is read through an ONNX graph, and collects the layers it passes.
///
/// Where the examples, the steps and the numbers of one step lie does not matter here: what moves
/// them is passed over, and every layer must fit the width of the one below.
struct ONNXNetwork {
  private struct Stream {
    var layers: [ImportedNetwork.Layer] = []
    var mapping: [ImportedNetwork.Mapping] = []

    var width: Int? { layers.reversed().lazy.compactMap(\.outputWidth).first }
  }

  private enum Value {
    case stream(Stream)
    case tensor(ONNXGraph.Tensor)
    /// What nothing is made of, the operation it came from, and whether it can only be zeros or
    /// shapes.
    case other(String, isPlain: Bool)
  }

  private var graph: ONNXGraph
  private var values: [String: Value] = [:]
  private var types: Set<Int> = []
  private static let mostLayers = 64

  static func network(_ graph: ONNXGraph) throws(ImportError) -> ImportedNetwork {
    guard graph.nodes.contains(where: { ["LSTM", "GRU", "RNN"].contains($0.operation) }) else {
      if graph.nodes.contains(where: { $0.operation.contains("Quantize") }) {
        throw .unsupported("its graph is quantized: import the one it was made from")
      }
      throw .unsupported(
        "its graph has no LSTM, GRU or RNN (PyTorch's newer exporter writes a plain RNN step by "
          + "step: export that with dynamo=False)")
    }
    var reader = ONNXNetwork(graph: graph)
    for name in graph.inputs { reader.values[name] = .stream(Stream()) }
    for tensor in graph.tensors { reader.values[tensor.name] = .tensor(tensor) }
    for node in graph.nodes {
      let value = try reader.value(of: node)
      for (place, name) in node.outputs.enumerated() where !name.isEmpty {
        // The third output of an LSTM is its cell.
        reader.values[name] = place < 2 ? value : .other(node.operation, isPlain: false)
      }
    }
    return try reader.network()
  }

  private init(graph: ONNXGraph) { self.graph = graph }

  private func input(_ node: ONNXGraph.Node, _ place: Int) -> Value? {
    guard node.inputs.indices.contains(place), !node.inputs[place].isEmpty else { return nil }
    return values[node.inputs[place]] ?? .other("", isPlain: false)
  }

  // MARK: Nodes

  private mutating func value(of node: ONNXGraph.Node) throws(ImportError) -> Value {
    if node.operation == "Constant", let tensor = node.tensor { return .tensor(tensor) }
    let inputs = node.inputs.indices.map { input(node, $0) }
    if let folded = try folded(node, inputs) { return .tensor(folded) }
    switch (node.operation, inputs.first ?? nil, inputs.dropFirst().first ?? nil) {
    case ("LSTM", let below?, _), ("GRU", let below?, _), ("RNN", let below?, _):
      return .stream(try recurrent(node, try stream(below)))
    case ("Gather", .tensor(let table)?, .stream(let stream)?)
    where table.isReal && stream.layers.isEmpty:
      return .stream(try embedding(table, stream))
    case ("MatMul", .stream(let stream)?, .tensor(let weights)?),
      ("Gemm", .stream(let stream)?, .tensor(let weights)?):
      return .stream(try dense(node, stream, weights))
    case ("Add", .stream(let stream)?, .tensor(let bias)?) where !stream.layers.isEmpty,
      ("Add", .tensor(let bias)?, .stream(let stream)?) where !stream.layers.isEmpty:
      return .stream(try biased(stream, bias))
    case ("Equal", .stream(let stream)?, .tensor(let tokens)?) where stream.layers.isEmpty:
      // One-hot, as PyTorch's newer exporter writes it.
      let numbers = try graph.values(of: tokens)
      guard tokens.type == 7, numbers.enumerated().allSatisfy({ Float($0) == $1 }) else { break }
      return .stream(stream)
    case ("OneHot", .stream(let stream)?, _) where stream.layers.isEmpty: return .stream(stream)
    case (let operation, .stream(let stream)?, _) where !stream.layers.isEmpty:
      if let activation = Self.activation(operation, node) {
        return .stream(activated(stream, activation))
      }
      fallthrough
    case (_, .stream, _), (_, .other, _):
      if Self.moves.contains(node.operation), let value = inputs[0] { return value }
    default: break
    }
    return try plain(node)
  }

  /// What a node makes of tensors that are known; nil where it reads anything else.
  private mutating func folded(
    _ node: ONNXGraph.Node, _ inputs: [Value?]
  ) throws(ImportError) -> ONNXGraph.Tensor? {
    var tensors: [ONNXGraph.Tensor?] = []
    for value in inputs {
      switch value {
      case .tensor(let tensor)?: tensors.append(tensor)
      case nil: tensors.append(nil)
      default: return nil
      }
    }
    guard var result = try graph.folded(node, tensors) else { return nil }
    // People look for the names of weights, not for the numbers that exporters give what they cut.
    let sources = Set(tensors.compactMap { $0?.isReal == true ? $0?.name : nil })
    if sources.count == 1, let source = sources.first { result.name = source }
    return result
  }

  /// What changes the order or the shape of numbers, or nothing at all.
  private static let moves: Set = [
    "Identity", "Cast", "Transpose", "Reshape", "Squeeze", "Unsqueeze", "Slice", "Flatten",
    "Dropout", "Gather",
  ]
  /// What makes zeros of zeros, and shapes of shapes.
  private static let shapes: Set = [
    "Concat", "ConstantOfShape", "Expand", "Tile", "Mul", "Range",
  ]

  private mutating func plain(_ node: ONNXGraph.Node) throws(ImportError) -> Value {
    if node.operation == "Shape" { return .other("Shape", isPlain: true) }
    var isPlain = Self.moves.contains(node.operation) || Self.shapes.contains(node.operation)
    for place in node.inputs.indices where isPlain { isPlain = try isZero(input(node, place)) }
    if isPlain, let tensor = node.tensor { isPlain = try isZero(.tensor(tensor)) }
    return .other(node.operation, isPlain: isPlain)
  }

  /// Whether a state that begins with a value begins as ours does: with zeros, or with whatever is
  /// given from outside.
  private mutating func isZero(_ value: Value?) throws(ImportError) -> Bool {
    switch value {
    case nil: return true
    case .stream(let stream)?: return stream.layers.isEmpty
    case .other(_, let isPlain)?: return isPlain
    case .tensor(let tensor)?:
      guard tensor.isReal else { return true }
      return try graph.values(of: tensor).allSatisfy { $0 == 0 }
    }
  }

  private func stream(_ value: Value) throws(ImportError) -> Stream {
    switch value {
    case .stream(let stream): return stream
    case .tensor: throw .unsupported("a layer of its graph reads what is always the same")
    case .other("", _):
      throw .unsupported("a layer of its graph reads what nothing before it computes")
    case .other(let operation, _):
      throw .unsupported("its graph uses the operation \(quoted(operation)) between layers")
    }
  }

  private static func activation(
    _ operation: String, _ node: ONNXGraph.Node
  ) -> ImportedNetwork.Activation? {
    switch operation {
    case "Relu", "Tanh", "Sigmoid", "Softplus", "Softsign", "Softmax":
      ImportedNetwork.Activation(name: operation.lowercased())
    // The sampler makes probabilities of scores; of their logarithms it makes the same.
    case "LogSoftmax": .softmax
    case "LeakyRelu":
      // ONNX's default.
      (node.reals["alpha"] ?? 0.01).isFinite ? .leakyReLU(slope: node.reals["alpha"] ?? 0.01) : nil
    case "Elu" where node.reals["alpha"] ?? 1 == 1: .elu
    default: nil
    }
  }

  // MARK: Layers

  private func activated(_ stream: Stream, _ activation: ImportedNetwork.Activation) -> Stream {
    var stream = stream
    if case .dense(var dense)? = stream.layers.last, dense.activation == .linear {
      dense.activation = activation
      stream.layers[stream.layers.count - 1] = .dense(dense)
    } else {
      stream.layers.append(.activation(activation))
    }
    return stream
  }

  /// The numbers of a tensor that must have a shape; -1 stands for any size.
  private mutating func take(
    _ tensor: ONNXGraph.Tensor, _ part: String, _ shape: [Int], _ stream: inout Stream
  ) throws(ImportError) -> [Float] {
    let fits =
      tensor.isReal && tensor.shape.count == shape.count
      && zip(tensor.shape, shape).allSatisfy { $0 == $1 || ($1 == -1 && $0 > 0) }
    guard fits else {
      let sizes = shape.map { $0 == -1 ? "any" : String($0) }
      throw .wrongShape(
        tensor: tensor.name, expected: "[\(sizes.joined(separator: ", "))]", found: tensor.shape)
    }
    guard stream.layers.count < Self.mostLayers else {
      throw .unsupported("it has more than \(Self.mostLayers) layers")
    }
    types.insert(tensor.type)
    stream.mapping.append(
      ImportedNetwork.Mapping(
        foreign: tensor.name, shape: tensor.shape, own: "layer \(stream.layers.count), \(part)"))
    return try graph.values(of: tensor)
  }

  private mutating func embedding(
    _ table: ONNXGraph.Tensor, _ stream: Stream
  ) throws(ImportError) -> Stream {
    var stream = stream
    let values = try take(table, "embedding", [-1, -1], &stream)
    stream.layers.append(
      .embedding(
        ImportedNetwork.Matrix(rows: table.shape[0], columns: table.shape[1], values: values)))
    return stream
  }

  private mutating func dense(
    _ node: ONNXGraph.Node, _ stream: Stream, _ weights: ONNXGraph.Tensor
  ) throws(ImportError) -> Stream {
    guard node.integers["transA"] ?? 0 == 0, node.reals["alpha"] ?? 1 == 1,
      node.reals["beta"] ?? 1 == 1
    else { throw .unsupported("its graph multiplies in a way that no dense layer does") }
    var stream = stream
    let isTurned = node.integers["transB"] ?? 0 != 0
    let width = stream.width ?? -1
    let values = try take(weights, "weights", isTurned ? [-1, width] : [width, -1], &stream)
    let matrix = ImportedNetwork.Matrix(
      rows: weights.shape[0], columns: weights.shape[1], values: values)
    stream.layers.append(
      .dense(
        ImportedNetwork.Dense(
          weights: isTurned ? matrix : matrix.transposed, bias: nil, activation: .linear)))
    switch node.operation == "Gemm" ? input(node, 2) : nil {
    case nil: return stream
    case .tensor(let bias)?: return try biased(stream, bias)
    default: throw .unsupported("its graph adds to a dense layer what is not known")
    }
  }

  private mutating func biased(
    _ stream: Stream, _ bias: ONNXGraph.Tensor
  ) throws(ImportError) -> Stream {
    guard case .dense(var dense)? = stream.layers.last, dense.bias == nil,
      dense.activation == .linear
    else { throw .unsupported("its graph uses the operation \"Add\" where no dense layer is") }
    var stream = stream
    stream.layers.removeLast()
    dense.bias = try take(bias, "bias", [dense.weights.rows], &stream)
    stream.layers.append(.dense(dense))
    return stream
  }

  private mutating func recurrent(
    _ node: ONNXGraph.Node, _ below: Stream
  ) throws(ImportError) -> Stream {
    var stream = below
    let name = quoted(node.outputs.first ?? "")
    func refused(_ reason: String) -> ImportError { .unsupported("the layer \(name) \(reason)") }
    func tensor(_ place: Int) throws(ImportError) -> ONNXGraph.Tensor {
      guard case .tensor(let tensor)? = input(node, place) else {
        throw refused("has weights that the graph computes in a way that is not known")
      }
      return tensor
    }
    let direction = node.texts["direction"]?.first ?? "forward"
    guard direction != "bidirectional" else { throw refused("reads in both directions") }
    guard direction == "forward" else { throw refused("reads backwards") }
    guard node.reals["clip"] == nil, node.integers["input_forget"] ?? 0 == 0,
      input(node, 7) == nil
    else { throw refused("clips its sums, couples its gates or has peepholes") }
    for place in [5, 6] where try !isZero(input(node, place)) {
      throw refused("does not begin with a state of zeros")
    }
    var cell: ImportedNetwork.Recurrent.Cell =
      node.operation == "LSTM" ? .lstm : node.operation == "GRU" ? .gru : .rnn
    guard let units = node.integers["hidden_size"], (1...1 << 16).contains(units) else {
      throw refused("does not say its number of units")
    }
    let activations = node.texts["activations"] ?? []
    let usual = Array(
      cell == .rnn ? ["Tanh"] : ["Sigmoid", "Tanh", "Tanh"].prefix(cell == .lstm ? 3 : 2))
    let isRectified = cell == .rnn && activations == ["Relu"]
    guard activations.isEmpty || activations == usual || isRectified else {
      throw refused("uses other activations than \(usual.joined(separator: ", "))")
    }
    let rows = cell.gates * units
    let source = try (tensor(1), tensor(2))
    let weights = try take(source.0, "input weights", [1, rows, stream.width ?? -1], &stream)
    let own = try take(source.1, "recurrent weights", [1, rows, units], &stream)
    var biases: [Float]?
    if input(node, 3) != nil { biases = try take(tensor(3), "biases", [1, 2 * rows], &stream) }
    // ONNX keeps input, output, forget, cell; and update, reset, new.
    let order = cell == .lstm ? [0, 2, 3, 1] : cell == .gru ? [1, 0, 2] : [0]
    func sorted(_ values: some Collection<Float>) -> [Float] {
      let values = Array(values)
      let part = values.count / order.count
      return order.flatMap { values[$0 * part..<($0 + 1) * part] }
    }
    if cell == .gru, node.integers["linear_before_reset"] ?? 0 == 0 { cell = .gruResetBefore }
    stream.layers.append(
      .recurrent(
        ImportedNetwork.Recurrent(
          cell: cell,
          inputWeights: ImportedNetwork.Matrix(
            rows: rows, columns: source.0.shape[2], values: sorted(weights)),
          recurrentWeights: ImportedNetwork.Matrix(
            rows: rows, columns: units, values: sorted(own)),
          inputBias: biases.map { sorted($0[..<rows]) },
          recurrentBias: biases.map { sorted($0[rows...]) },
          activation: isRectified ? .relu : .tanh, gateActivation: .sigmoid)))
    return stream
  }

  // MARK: The network

  private func network() throws(ImportError) -> ImportedNetwork {
    var found: [Stream] = []
    for name in graph.outputs {
      guard case .stream(let stream)? = values[name] else { continue }
      if case .recurrent? = stream.layers.last { continue }
      if stream.layers.contains(where: { if case .recurrent = $0 { true } else { false } }) {
        found.append(stream)
      }
    }
    guard var layers = found.first?.layers, let mapping = found.first?.mapping else {
      for name in graph.outputs { if let value = values[name] { _ = try stream(value) } }
      throw .unsupported("no output of its graph comes from a dense layer above a recurrent one")
    }
    guard found.count == 1 else { throw .unsupported("its graph has several outputs of scores") }
    guard case .dense(var head)? = layers.last else {
      throw .unsupported("its graph does not end in a dense layer")
    }
    if head.activation == .softmax { head.activation = .linear }
    layers[layers.count - 1] = .dense(head)
    let scores = head.weights.rows
    var read = layers.lazy.compactMap(\.inputWidth).first ?? 0
    var input = ImportedNetwork.Input.oneHot(read)
    if case .embedding(let table)? = layers.first { (read, input) = (table.rows, .embedding) }
    guard read == scores else {
      throw .unsupported("it reads \(read) different tokens but scores \(scores)")
    }
    var network = ImportedNetwork(
      input: input, layers: layers,
      format: types == [10] ? .float16 : types == [16] ? .bfloat16 : .float32)
    network.mapping = mapping
    return network
  }
}
