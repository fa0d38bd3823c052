/// The layers of a Keras model, from the JSON that describes it (Keras 1 to 3).
struct KerasConfiguration {
  struct Layer {
    var className: String
    var name: String
    var settings: Literal
    /// How many layers of the same class come before it.
    var number = 0

    /// What `TimeDistributed` applies at each step; the layer itself for any other class.
    var inner: (className: String, settings: Literal) {
      if className == "TimeDistributed", let layer = settings["layer"],
        let name = layer["class_name"]?.text, let settings = layer["config"]
      {
        return (name, settings)
      }
      return (className, settings)
    }
  }

  /// From the input up to where the network ends or branches.
  private(set) var trunk: [Layer] = []
  /// For each of several outputs the layers that lead to it.
  private(set) var branches: [[Layer]] = []
  let majorVersion: Int

  private static let most = 256

  init(_ bytes: [UInt8], majorVersion: Int) throws(ImportError) {
    self.majorVersion = majorVersion
    let format = "description of the Keras model"
    let root = try Literal(bytes, format: format)
    guard let className = root["class_name"]?.text, let config = root["config"] else {
      throw .damaged(format: format, reason: "it names no class")
    }
    guard let list = config.list ?? config["layers"]?.list, list.count <= Self.most else {
      throw .unsupported(
        "it is a \(quoted(className)) without a list of at most \(Self.most) layers")
    }
    var layers: [Layer] = []
    var parents: [String: [String]] = [:]
    var counts: [String: Int] = [:]
    for entry in list {
      guard let className = entry["class_name"]?.text, let settings = entry["config"] else {
        throw .damaged(format: format, reason: "one of its layers names no class")
      }
      let name = settings["name"]?.text ?? entry["name"]?.text ?? className
      guard parents.updateValue(Self.inbound(entry["inbound_nodes"]), forKey: name) == nil else {
        throw .damaged(format: format, reason: "it names the layer \(quoted(name)) twice")
      }
      layers.append(
        Layer(
          className: className, name: name, settings: settings,
          number: counts[className, default: 0]))
      counts[className, default: 0] += 1
    }
    if className == "Sequential" {
      trunk = layers
    } else {
      try follow(layers, parents: parents)
    }
  }

  /// Whether a description names its layers; that of a class of one's own does not.
  static func listsLayers(_ bytes: [UInt8]) throws(ImportError) -> Bool {
    let root = try Literal(bytes, format: "description of the Keras model")
    guard let config = root["config"] else { return true }
    return config.list != nil || config["layers"] != nil
  }

  /// Follows a graph of layers from its one input.
  private mutating func follow(
    _ layers: [Layer], parents: [String: [String]]
  ) throws(ImportError) {
    var children: [String: [Layer]] = [:]
    var inputs: [Layer] = []
    for layer in layers {
      let above = parents[layer.name] ?? []
      guard above.count <= 1 else {
        throw .unsupported("the layer \(quoted(layer.name)) joins several others")
      }
      if let parent = above.first {
        children[parent, default: []].append(layer)
      } else {
        inputs.append(layer)
      }
    }
    guard inputs.count == 1, var place = inputs.first else {
      throw .unsupported("it has \(inputs.count) inputs; one is wanted")
    }
    func next(_ layer: Layer) -> [Layer] { children[layer.name] ?? [] }
    trunk = [place]
    // A damaged description may run in circles.
    while next(place).count == 1, trunk.count <= layers.count {
      place = next(place)[0]
      trunk.append(place)
    }
    for start in next(place) {
      var branch = [start]
      while let above = next(branch[branch.count - 1]).first, branch.count <= layers.count {
        guard next(branch[branch.count - 1]).count == 1 else {
          throw .unsupported("its layers branch more than once")
        }
        branch.append(above)
      }
      branches.append(branch)
    }
  }

  /// The names of the layers that a layer reads: Keras 2 keeps `[[["lstm", 0, 0, {}]]]`, Keras 3
  /// objects with a `keras_history`.
  private static func inbound(_ nodes: Literal?) -> [String] {
    guard let node = nodes?.list?.first else { return [] }
    if let calls = node.list {
      return calls.compactMap { $0.list?.first?.text }
    }
    var names: [String] = []
    for argument in node["args"]?.list ?? [] {
      for tensor in argument.list ?? [argument] {
        if let name = tensor["config"]?["keras_history"]?.list?.first?.text { names.append(name) }
      }
    }
    return names
  }
}
