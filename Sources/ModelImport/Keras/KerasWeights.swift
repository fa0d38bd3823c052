import Neural

/// The weights of a Keras model, layer by layer: those in an HDF5 file, in one of its three layouts,
/// or the variables of a TensorFlow checkpoint.
struct KerasWeights {
  /// Empty where the weights are variables.
  private let file: HDF5File
  private let layout: Layout

  private enum Layout {
    /// Keras 1 and 2: groups named after layers, with lists of names as attributes.
    case named(root: String)
    /// Keras 3: `layers/lstm/cell/vars/0`.
    case numbered(root: String)
    /// Of each layer, in Keras's order.
    case variables([TensorFlowNetwork.Layer])
  }

  init(variables layers: [TensorFlowNetwork.Layer]) {
    file = HDF5File()
    layout = .variables(layers)
  }

  init(_ file: HDF5File) throws(ImportError) {
    self.file = file
    for root in ["/model_weights", ""] where file.texts("layer_names", of: root) != nil {
      layout = .named(root: root)
      return
    }
    for root in ["/layers", "/_layer_checkpoint_dependencies"] where file.groups[root] != nil {
      layout = .numbered(root: root)
      return
    }
    // A class of one's own keeps its layers under the names of its attributes.
    if file.groups.keys.contains(where: Self.isLayer) {
      layout = .numbered(root: "")
      return
    }
    throw .unsupported("the HDF5 file holds no weights of Keras: neither layer_names nor layers")
  }

  /// The weights of a layer in Keras's order.
  ///
  /// - Parameters:
  ///   - name: As the configuration calls the layer.
  ///   - number: How many layers of its class come before it.
  func tensors(
    name: String, className: String, number: Int
  ) throws(ImportError) -> [ForeignTensor] {
    switch layout {
    case .named(let root): return try named(root + "/" + name)
    case .variables(let layers):
      // A layer may be in the scope of its model.
      return layers.first { $0.name == name || $0.name.hasSuffix("/" + name) }?.tensors ?? []
    case .numbered(let root):
      // Newer files say which layer a group is; in older ones classes are counted.
      let known = file.groups.first { path, attributes in
        path.hasPrefix(root + "/") && path.hasSuffix("/vars")
          && path.dropFirst(root.count + 1).filter { $0 == "/" }.count == 1
          && attributes["name"] == .texts([name])
      }
      let counted = root + "/" + Self.snakeCase(className) + (number > 0 ? "_\(number)" : "")
      let path = known.map { String($0.key.dropLast("/vars".count)) } ?? counted
      for inside in ["/cell/vars", "/layer/vars", "/vars"] {
        let found = numbered(path + inside)
        if !found.isEmpty { return found }
      }
      return []
    }
  }

  /// Layers without a configuration, as far as possible in order.
  func groups() throws(ImportError) -> [LayerGroup] {
    var groups: [LayerGroup] = []
    func add(_ name: String, _ tensors: [ForeignTensor], numbered: Bool) {
      guard !tensors.isEmpty else { return }
      let members = tensors.enumerated().map { place, tensor in
        LayerGroup.Member(
          role: numbered ? String(place) : NamedTensors.split(tensor.name).role, tensor: tensor)
      }
      groups.append(LayerGroup(name: name, tensors: members, layout: .keras))
    }
    switch layout {
    case .variables(let layers): groups = layers.map { $0.group }
    case .named(let root):
      for name in file.texts("layer_names", of: root) ?? [] {
        let tensors = try named(root + "/" + name)
        guard !tensors.contains(where: { $0.name.contains("/backward_") }) else {
          throw .bidirectional(name)
        }
        add(name, tensors, numbered: false)
      }
    case .numbered(let root):
      let paths = file.groups.keys.filter { $0.hasPrefix(root + "/") && Self.isLayer($0) }
        .sorted(by: Self.comesBefore)
      // Names do not tell the order: dense layers come after all recurrent ones where they can.
      let isCell = { (path: String) in path.hasSuffix("/cell/vars") }
      for path in paths.filter(isCell) + paths.filter({ !isCell($0) }) {
        guard !path.contains("/backward_layer") else { throw .bidirectional(path) }
        var name = path.dropFirst(root.count + 1).dropLast("/vars".count)
        for inner in ["/cell", "/layer"] where name.hasSuffix(inner) {
          name = name.dropLast(inner.count)
        }
        // `dense_1` may be called `pitch` by its model.
        if case .texts(let own)? = file.groups[path]?["name"], own.count == 1,
          !path.hasSuffix("/cell/vars"), !own[0].isEmpty
        {
          name = own[0][...]
        }
        add(String(name), numbered(path), numbered: true)
      }
    }
    return groups
  }

  /// Whether a group is the variables of a layer, not those of an optimizer or a metric.
  private static func isLayer(_ path: String) -> Bool {
    let aside = ["/optimizer", "/metrics", "/seed_generator", "/loss"]
    return path.hasSuffix("/vars") && path != "/vars" && !aside.contains { path.hasPrefix($0) }
  }

  /// `lstm_2` before `lstm_10`.
  private static func comesBefore(_ left: String, _ right: String) -> Bool {
    func key(_ path: String) -> (String, Int, String) {
      let name = path.dropLast("/vars".count)
      guard let end = name.lastIndex(where: { $0 == "_" }) else { return (path, 0, "") }
      let digits = name[name.index(after: end)...].prefix { $0.isASCII && $0.isNumber }
      guard let number = Int(digits) else { return (path, 0, "") }
      return (String(name[..<end]) + "/vars", number, path)
    }
    return key(left) < key(right)
  }

  private func numbered(_ path: String) -> [ForeignTensor] {
    var tensors: [ForeignTensor] = []
    while let tensor = file.dataset(path + "/\(tensors.count)") { tensors.append(tensor) }
    return tensors
  }

  private func named(_ group: String) throws(ImportError) -> [ForeignTensor] {
    guard let names = file.texts("weight_names", of: group) else { return [] }
    guard names.count <= 64 else {
      throw .unsupported("the layer \(quoted(group)) has \(names.count) weights")
    }
    var tensors: [ForeignTensor] = []
    for name in names {
      guard let tensor = file.dataset(group + "/" + name) else {
        throw .missingTensor(name, layer: "the layer \(quoted(group))")
      }
      tensors.append(tensor)
    }
    return try Self.joiningGates(tensors)
  }

  /// Keras 1 kept an LSTM as twelve arrays and a GRU as nine, gate by gate.
  private static func joiningGates(_ tensors: [ForeignTensor]) throws(ImportError)
    -> [ForeignTensor]
  {
    let gates: [Substring] = tensors.count == 12 ? ["i", "f", "c", "o"] : ["z", "r", "h"]
    guard tensors.count == 12 || tensors.count == 9 else { return tensors }
    var joined: [ForeignTensor] = []
    for (letter, role) in [("W", "kernel"), ("U", "recurrent_kernel"), ("b", "bias")] {
      var parts: [ForeignTensor] = []
      for gate in gates {
        guard let part = tensors.first(where: { $0.name.hasSuffix("_\(letter)_\(gate)") }) else {
          return tensors
        }
        parts.append(part)
      }
      let first = parts[0]
      for part in parts where part.shape != first.shape {
        throw .wrongShape(tensor: part.name, expected: "\(first.shape)", found: part.shape)
      }
      let width = first.shape.last ?? 0
      let rows = first.values.count / max(1, width)
      var values: [Float] = []
      values.reserveCapacity(first.values.count * parts.count)
      for row in 0..<rows {
        for part in parts { values += part.values[row * width..<(row + 1) * width] }
      }
      joined.append(
        ForeignTensor(
          name: first.name.dropLast(letter.count + 3) + "/" + role,
          shape: Array(first.shape.dropLast()) + [width * parts.count], values: values,
          format: first.format))
    }
    return joined
  }

  /// `TimeDistributed` as `time_distributed`, `LSTM` as `lstm`, `SimpleRNN` as `simple_rnn`.
  static func snakeCase(_ name: String) -> String {
    var result = ""
    let letters = Array(name)
    for (place, letter) in letters.enumerated() {
      let startsWord =
        letter.isUppercase && place > 0
        && (letters[place - 1].isLowercase
          || (place + 1 < letters.count && letters[place + 1].isLowercase))
      result += (startsWord ? "_" : "") + letter.lowercased()
    }
    return result
  }
}

extension KerasWeights {
  /// The network of weights without a description of their layers.
  ///
  /// What Keras takes where nothing is said is assumed: no activation between dense layers, and for
  /// gates `hard_sigmoid` up to version 2.2, `sigmoid` since 2.3.
  ///
  /// - Parameter version: Of Keras, as the file tells it; nil where it does not.
  static func network(
    of groups: [LayerGroup], version: String?, options: ImportOptions
  ) throws(ImportError) -> ImportedNetwork {
    var assumptions = options.assumptions(normEpsilon: 1e-3)
    assumptions.denseActivation =
      options.leavesSlopeOpen
      ? .leakyReLU(slope: ImportedNetwork.Activation.kerasSlope)
      : options.denseActivation ?? .linear
    var remark: String?
    if options.gateActivation == nil {
      let isOld = isBeforeSigmoid(version)
      assumptions.gateActivation = isOld ? .hardSigmoid : .sigmoid
      remark =
        isOld
        ? "the gates use hard_sigmoid, the default of Keras \(version ?? "") that wrote the file"
        : "the gates use sigmoid, Keras's default since 2.3"
    }
    var network = try LayerChain.network(of: groups, assumptions: assumptions)
    if let told = options.gateActivation { network.tell(gates: told) }
    if network.hasGates, let remark { network.remarks.append(remark) }
    return network
  }

  /// Whether a version is one of Keras alone before 2.3. TensorFlow's own Keras of that number
  /// (`2.2.4-tf`) belongs to TensorFlow 1.13 to 2.1, where both defaults are found; files of weights
  /// come mostly from its second version, whose default is `sigmoid`.
  private static func isBeforeSigmoid(_ version: String?) -> Bool {
    guard let version, !version.contains("-tf") else { return false }
    let parts = version.split(separator: ".").map { Int($0) ?? 0 }
    guard let major = parts.first, major > 0 else { return false }
    return major < 2 || major == 2 && parts.count > 1 && parts[1] < 3
  }
}

extension ImportError {
  static func bidirectional(_ layer: String) -> ImportError {
    .unsupported(
      "the layer \(quoted(layer)) is bidirectional: it needs to know the end of a tune before its "
        + "beginning, so it cannot write one")
  }
}
