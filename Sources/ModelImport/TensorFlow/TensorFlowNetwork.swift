import Neural

/// Builds the network of a TensorFlow checkpoint or of a SavedModel's variables.
struct TensorFlowNetwork {
  private var bundle: TensorBundle
  private let options: ImportOptions

  /// - Parameter metadata: `keras_metadata.pb` of a SavedModel, which describes the layers.
  static func network(
    _ bundle: TensorBundle, metadata: [UInt8]?, options: ImportOptions
  ) throws(ImportError) -> ImportedNetwork {
    var reader = TensorFlowNetwork(bundle: bundle, options: options)
    let layers = try reader.layers()
    if let metadata, let description = try Self.description(metadata),
      try KerasConfiguration.listsLayers(Array(description.utf8))
    {
      let configuration = try KerasConfiguration(Array(description.utf8), majorVersion: 2)
      return try KerasModel.network(configuration, KerasWeights(variables: layers))
    }
    return try KerasWeights.network(
      of: layers.map { $0.group }, version: nil, options: options)
  }

  /// The variables of one layer under the layer's name.
  struct Layer {
    var name: String
    var tensors: [ForeignTensor]

    var group: LayerGroup {
      LayerGroup(
        name: name,
        tensors: tensors.map { tensor in
          LayerGroup.Member(role: NamedTensors.split(tensor.name).role, tensor: tensor)
        }, layout: .keras)
    }
  }

  private mutating func layers() throws(ImportError) -> [Layer] {
    let graph = try bundle.text("_CHECKPOINTABLE_OBJECT_GRAPH").map {
      (bytes) throws(ImportError) in try ObjectGraph(bytes)
    }
    var layers: [Layer] = []
    for variables in graph?.layers ?? [] {
      let names = variables.map { Self.layerName($0) }
      layers.append(Layer(name: names.first ?? "", tensors: try tensors(of: variables)))
    }
    if layers.isEmpty {
      let variables =
        graph?.variables
        ?? bundle.entries.map { ObjectGraph.Variable(fullName: $0.name, key: $0.name) }
      var groups: [(name: String, variables: [ObjectGraph.Variable])] = []
      var places: [String: Int] = [:]
      for variable in variables {
        let name = Self.layerName(variable)
        if let place = places[name] {
          groups[place].variables.append(variable)
        } else {
          places[name] = groups.count
          groups.append((name, [variable]))
        }
      }
      for (name, variables) in groups {
        layers.append(Layer(name: name, tensors: try tensors(of: variables)))
      }
    }
    layers = layers.filter { !$0.tensors.isEmpty }
    guard layers.count <= 256 else {
      throw .unsupported("it has \(layers.count) layers, far more than a recurrent network")
    }
    if layers.contains(where: { layer in layer.tensors.contains { $0.name.contains("/backward_") } }
    ) {
      throw .bidirectional(layers.first?.name ?? "")
    }
    for (place, layer) in layers.enumerated() {
      if let split = try OneKernelLSTM.layer(layer) { layers[place] = split }
    }
    return layers
  }

  /// What stands in a path for the cell, not for the layer.
  private static func layerName(_ variable: ObjectGraph.Variable) -> String {
    let name = variable.fullName.isEmpty ? variable.key : variable.fullName
    var parts = name.split(separator: "/").prefix { $0 != ".ATTRIBUTES" }
    // `softmax_w` is the weights of the layer `softmax`.
    if parts.count == 1 { return NamedTensors.split(name).layer }
    parts = parts.dropLast()
    if parts.count > 1, let last = parts.last, last == "cell" || last.contains("_cell") {
      // `lstm_cell_3` is in the layer before it.
      parts = parts.dropLast()
    }
    return parts.joined(separator: "/")
  }

  /// In Keras's order of weights.
  private static let roles = [
    "embeddings", "kernel", "recurrent_kernel", "bias", "gamma", "beta", "moving_mean",
    "moving_variance",
  ]

  private mutating func tensors(
    of variables: [ObjectGraph.Variable]
  ) throws(ImportError) -> [ForeignTensor] {
    var found: [(place: Int, tensor: ForeignTensor)] = []
    for variable in variables {
      let aside = ["OPTIMIZER_SLOT", "/Adam", "/RMSProp", "/Momentum", "ExponentialMoving"]
      guard !aside.contains(where: variable.key.contains),
        let entry = bundle[variable.key], entry.isReal, !entry.shape.isEmpty
      else { continue }
      var tensor = try bundle.tensor(variable.key, entry)
      tensor.name =
        variable.fullName.isEmpty
        ? variable.key.split(separator: "/").prefix { $0 != ".ATTRIBUTES" }.joined(separator: "/")
        : variable.fullName
      let role = NamedTensors.split(tensor.name).role
      found.append((Self.roles.firstIndex(of: role) ?? Self.roles.count, tensor))
    }
    return found.sorted { $0.place < $1.place }.map(\.tensor)
  }

  /// The model's description in JSON: the metadata of the first object (`SavedMetadata`).
  private static func description(_ bytes: [UInt8]) throws(ImportError) -> String? {
    let format = "description of the SavedModel"
    var reader = ProtobufReader(bytes, in: 0..<bytes.count, format: format)
    while let (field, value) = try reader.next() {
      guard field == 1, case .bytes(let range) = value else { continue }
      var path = ""
      var metadata: String?
      var object = ProtobufReader(bytes, in: range, format: format)
      while let (field, value) = try object.next() {
        guard case .bytes(let range) = value else { continue }
        if field == 3 { path = String(decoding: bytes[range], as: UTF8.self) }
        if field == 5 { metadata = String(decoding: bytes[range], as: UTF8.self) }
      }
      if path == "root" { return metadata }
    }
    return nil
  }
}

/// The LSTM cells of TensorFlow 1 (`BasicLSTMCell`, `LSTMCell`): one matrix for the input and the
/// layer's own output, `(inputs + units, 4 × units)`, in the order input, new, forget, output; 1 is
/// added to the forget gates' sums.
private enum OneKernelLSTM {
  /// The layer as Keras keeps it; nil where it is of another kind.
  static func layer(_ layer: TensorFlowNetwork.Layer) throws(ImportError) -> TensorFlowNetwork
    .Layer?
  {
    guard layer.tensors.count == 2, layer.tensors[0].name.contains("lstm_cell/kernel"),
      layer.tensors[0].shape.count == 2, layer.tensors[1].shape.count == 1
    else { return nil }
    let kernel = layer.tensors[0]
    var bias = layer.tensors[1]
    let columns = kernel.shape[1]
    let units = columns / 4
    let inputs = kernel.shape[0] - units
    guard columns % 4 == 0, units > 0, inputs > 0, bias.shape == [columns] else {
      throw .wrongShape(
        tensor: kernel.name, expected: "[inputs + units, 4 × units]", found: kernel.shape)
    }
    func sorted(_ row: ArraySlice<Float>) -> [Float] {
      [0, 2, 1, 3].flatMap { gate in
        row[row.startIndex + gate * units..<row.startIndex + (gate + 1) * units]
      }
    }
    func rows(_ range: Range<Int>, _ role: String) -> ForeignTensor {
      ForeignTensor(
        name: kernel.name + "/" + role, shape: [range.count, columns],
        values: range.flatMap { sorted(kernel.values[$0 * columns..<($0 + 1) * columns]) },
        format: kernel.format)
    }
    bias.values = sorted(bias.values[...])
    for unit in units..<2 * units { bias.values[unit] += 1 }
    return TensorFlowNetwork.Layer(
      name: layer.name,
      tensors: [
        rows(0..<inputs, "kernel"), rows(inputs..<inputs + units, "recurrent_kernel"), bias,
      ])
  }
}
