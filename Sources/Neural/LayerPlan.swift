import Kernels

/// The layers of a checkpoint of format 2, packed.
///
/// The metadata's `input`, `layers` and `heads` say what there is; the tensors of layer N are called
/// `layers.N.…`, those of output N `heads.N.…`.
struct LayerPlan: Sendable {
  enum Stage: Sendable {
    /// `(tokens, width)`
    case embedding([Float], width: Int)
    case lstm(LSTMLayer)
    case recurrent(RecurrentCell)
    case dense(DenseLayer, Activation)
    case scaleAndShift([Float], [Float])
    case activation(Activation, width: Int)
  }

  struct Head: Sendable {
    var name: String
    var layer: DenseLayer
    var activation: Activation
  }

  enum Input: Sendable {
    case token
    case oneHot(Int)
    case scaledToken(Float)
    case numbers(Int)
  }

  private(set) var input: Input
  private(set) var stages: [Stage] = []
  private(set) var heads: [Head] = []
  /// nil for a network that reads numbers.
  private(set) var tokens: Int?
  /// Of what the lowest layer reads.
  private(set) var inputWidth: Int

  var inputSize: Int { if case .numbers(let count) = input { count } else { 1 } }

  private static let most = 256
  private static let largest = 1 << 20

  init(
    _ checkpoint: Checkpoint, format: LiltFormat, in store: WeightStore
  ) throws(CheckpointError) {
    let reader = Reader(checkpoint: checkpoint, format: format, store: store)
    input = try reader.input()
    inputWidth =
      switch input {
      case .token, .scaledToken: 1
      case .oneHot(let count), .numbers(let count): count
      }
    var width = inputWidth
    let layers = try reader.list("layers")
    for (place, layer) in layers.enumerated() {
      stages.append(try reader.stage(place, layer, width: &width, isFirst: place == 0))
    }
    try finish(reader, width: width)
    switch input {
    case .token:
      guard case .embedding(let values, let width)? = stages.first, width > 0 else {
        throw .metadata(key: "layers", reason: "does not begin with an embedding")
      }
      tokens = values.count / width
    case .oneHot(let count): tokens = count
    case .scaledToken: tokens = heads.first?.layer.outputSize
    case .numbers: tokens = nil
    }
    if let tokens, heads.count != 1 || heads[0].layer.outputSize != tokens {
      throw .metadata(
        key: "layers", reason: "does not end in one score for each of \(tokens) tokens")
    }
  }

  /// The outputs: those listed, or else the dense layer at the end.
  private mutating func finish(_ reader: Reader, width: Int) throws(CheckpointError) {
    if reader.checkpoint.metadata["heads"] != nil {
      for (place, head) in try reader.list("heads").enumerated() {
        guard let name = head["name"]?.string else {
          throw .metadata(key: "heads", reason: "has an entry without a name")
        }
        let layer = try reader.dense("heads.\(place)", head, width: width)
        heads.append(
          Head(name: name, layer: layer, activation: try reader.activation(head, "activation")))
      }
    } else if case .dense(let layer, let activation)? = stages.last {
      stages.removeLast()
      heads = [Head(name: "scores", layer: layer, activation: activation)]
    }
    guard !heads.isEmpty else {
      throw .metadata(key: "layers", reason: "does not end in a dense layer")
    }
    guard stages.contains(where: { $0.recurrentUnits != nil }) else {
      throw .metadata(key: "layers", reason: "has no recurrent layer")
    }
  }

  /// What the lowest layer reads, from what a step is given.
  func read(_ given: UnsafePointer<Float>, into values: UnsafeMutablePointer<Float>) {
    switch input {
    case .token: values[0] = given[0]
    case .oneHot(let count):
      for place in 0..<count { values[place] = 0 }
      let token = Int(given[0])
      precondition((0..<count).contains(token), "no such token")
      values[token] = 1
    case .scaledToken(let scale): values[0] = given[0] * scale
    case .numbers(let count): values.update(from: given, count: count)
    }
  }

  // MARK: Reading

  private struct Reader {
    let checkpoint: Checkpoint
    let format: LiltFormat
    let store: WeightStore

    func list(_ key: String) throws(CheckpointError) -> [JSONValue] {
      guard let text = checkpoint.metadata[key],
        let list = (try? JSONValue(bytes: Array(text.utf8)[...]))?.array, list.count <= most
      else { throw .metadata(key: key, reason: "is not a JSON list of at most \(most) layers") }
      return list
    }

    func input() throws(CheckpointError) -> Input {
      let text = checkpoint.metadata["input"] ?? ""
      let value = try? JSONValue(bytes: Array(text.utf8)[...])
      let count = value?["count"]?.integer ?? 0
      switch value?["kind"]?.string {
      case "tokens": return .token
      case "one-hot" where (1...largest).contains(count): return .oneHot(count)
      case "numbers" where (1...largest).contains(count): return .numbers(count)
      case "scaled-token":
        if let scale = value?["scale"]?.real { return .scaledToken(Float(scale)) }
      default: break
      }
      throw .metadata(key: "input", reason: "does not say what the network reads")
    }

    func activation(_ layer: JSONValue, _ key: String) throws(CheckpointError) -> Activation {
      guard let name = layer[key]?.string else { return .linear }
      guard let activation = Activation(name: name) else {
        throw .unsupported("the activation \(name.prefix(40)) is not known")
      }
      return activation
    }

    private func units(_ layer: JSONValue, _ place: String) throws(CheckpointError) -> Int {
      guard let units = layer["units"]?.integer, (1...largest).contains(units) else {
        throw .metadata(key: "layers", reason: "does not say how many units \(place) has")
      }
      return units
    }

    private func floats(_ name: String, _ shape: [Int]) throws(CheckpointError) -> [Float] {
      try tensor(name, shape).floats()
    }

    private func part(
      _ name: String, _ shape: [Int]
    ) throws(CheckpointError) -> PackedMatrix.Part {
      PackedMatrix.Part(try tensor(name, shape))
    }

    private func tensor(
      _ name: String, _ shape: [Int]
    ) throws(CheckpointError) -> Checkpoint.Tensor {
      guard let tensor = checkpoint[name] else { throw .missingTensor(name) }
      guard tensor.shape == shape else {
        throw .wrongShape(tensor: name, expected: "\(shape)", found: tensor.shape)
      }
      return tensor
    }

    private func optional(_ name: String, _ shape: [Int]) throws(CheckpointError) -> [Float]? {
      checkpoint[name] == nil ? nil : try floats(name, shape)
    }

    func dense(
      _ name: String, _ layer: JSONValue, width: Int
    ) throws(CheckpointError) -> DenseLayer {
      let units = try units(layer, name)
      return try DenseLayer(
        part(name + ".weight", [units, width]), outputs: units,
        bias: try optional(name + ".bias", [units]), isRectified: false, format: format,
        in: store)
    }

    /// One layer that reads `width` numbers; `width` becomes what it gives.
    func stage(
      _ place: Int, _ layer: JSONValue, width: inout Int, isFirst: Bool
    ) throws(CheckpointError) -> Stage {
      let name = "layers.\(place)"
      guard let kind = layer["kind"]?.string else {
        throw .metadata(key: "layers", reason: "has a layer without a kind")
      }
      if kind == "activation" {
        return .activation(try activation(layer, "activation"), width: width)
      }
      let units = try units(layer, name)
      let below = width
      width = units
      switch kind {
      case "embedding":
        guard isFirst, let shape = checkpoint[name + ".weight"]?.shape, shape.count == 2,
          shape[0] > 0
        else { throw .missingTensor(name + ".weight") }
        return .embedding(try floats(name + ".weight", [shape[0], units]), width: units)
      case "dense":
        return .dense(
          try dense(name, layer, width: below), try activation(layer, "activation"))
      case "scale-and-shift":
        return .scaleAndShift(
          try floats(name + ".scale", [below]), try floats(name + ".shift", [below]))
      default: break
      }
      guard let kind = RecurrentCell.Kind(rawValue: kind) else {
        throw .unsupported("layers of the kind \(kind.prefix(40)) are not known")
      }
      return try recurrent(kind, name, layer, units: units, below: below)
    }

    private func recurrent(
      _ kind: RecurrentCell.Kind, _ name: String, _ layer: JSONValue, units: Int, below: Int
    ) throws(CheckpointError) -> Stage {
      let rows = kind.gates * units
      let source = RecurrentCell.Source(
        kind: kind, activation: try activation(layer, "activation"),
        gate: try activation(layer, "gate_activation"),
        input: try part(name + ".weight_ih", [rows, below]),
        recurrent: try part(name + ".weight_hh", [rows, units]),
        inputBias: try optional(name + ".bias_ih", [rows]),
        recurrentBias: try optional(name + ".bias_hh", [rows]))
      guard kind == .lstm, source.activation == .tanh, source.gate == .sigmoid else {
        return .recurrent(try RecurrentCell(source, format: format, in: store))
      }
      var bias = [Float](repeating: 0, count: rows)
      for part in [source.inputBias, source.recurrentBias] {
        for (row, value) in (part ?? []).enumerated() { bias[row] += value }
      }
      return .lstm(
        try LSTMLayer(
          LSTMLayer.Source(input: source.input, recurrent: source.recurrent, bias: bias),
          inputs: nil, format: format, in: store))
    }
  }
}

extension LayerPlan.Stage {
  var recurrentUnits: Int? {
    switch self {
    case .lstm(let layer): layer.hiddenSize
    case .recurrent(let cell): cell.units
    default: nil
    }
  }

  var weightBytes: Int {
    switch self {
    case .embedding, .activation: 0
    case .lstm(let layer): layer.weightBytes
    case .recurrent(let cell): cell.weightBytes
    case .dense(let layer, _): layer.weightBytes
    case .scaleAndShift(let scale, _): 8 * scale.count
    }
  }

  /// Floats that its output may take, padding included.
  var widest: Int {
    switch self {
    case .embedding(_, let width), .activation(_, let width): width
    case .lstm(let layer): layer.paddedSize
    case .recurrent(let cell): cell.units
    case .dense(let layer, _): layer.paddedSize
    case .scaleAndShift(let scale, _): scale.count
    }
  }

  var stateSize: Int {
    switch self {
    case .lstm(let layer): 2 * layer.paddedSize
    case .recurrent(let cell): cell.stateSize
    default: 0
    }
  }

  var scratchSize: Int { if case .recurrent(let cell) = self { cell.scratchSize } else { 0 } }

  /// Reads `current` and leaves its output there, swapping the buffers where that saves a copy.
  func step(
    _ current: inout UnsafeMutablePointer<Float>, _ next: inout UnsafeMutablePointer<Float>,
    state: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>
  ) {
    switch self {
    case .embedding(let values, let width):
      let token = Int(current[0])
      precondition((0..<values.count / width).contains(token), "no such token")
      for place in 0..<width { current[place] = values[token * width + place] }
    case .lstm(let layer):
      // The layer overwrites its output while it still reads the old one.
      next.update(from: state, count: layer.paddedSize)
      layer.step(below: current, own: next, state: state)
      current.update(from: state, count: layer.hiddenSize)
    case .recurrent(let cell):
      cell.step(below: current, state: state, scratch: scratch)
      current.update(from: state, count: cell.units)
    case .dense(let layer, let activation):
      layer.apply(UnsafeRawPointer(current), inputScale: 1, output: next)
      swap(&current, &next)
      activation.apply(current, layer.outputSize)
    case .scaleAndShift(let scale, let shift):
      for place in scale.indices { current[place] = current[place] * scale[place] + shift[place] }
    case .activation(let activation, let width): activation.apply(current, width)
    }
  }
}

extension JSONValue {
  /// The value of a member that occurs once.
  subscript(name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    let found = members.filter { $0.name == name }
    return found.count == 1 ? found.first?.value : nil
  }

  /// A number, whole or not.
  fileprivate var real: Double? {
    switch self {
    case .integer(let integer): Double(integer)
    case .number(let number): number
    default: nil
    }
  }
}
