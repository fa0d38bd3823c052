/// Which object of a program a TensorFlow checkpoint's variables belong to
/// (`trackable_object_graph.proto`).
struct ObjectGraph {
  private struct Node {
    var children: [(name: String, id: Int)] = []
    var variables: [Variable] = []
  }

  struct Variable: Equatable {
    /// Such as `lstm/lstm_cell/kernel`; empty where it was not kept.
    var fullName: String
    /// The name in the index.
    var key: String
  }

  private var nodes: [Node] = []
  private static let format = "description of the TensorFlow checkpoint"
  private static let mostNodes = 1 << 16
  private static let mostLayers = 256

  init(_ bytes: [UInt8]) throws(ImportError) {
    for (field, range) in try Self.messages(bytes, 0..<bytes.count) where field == 1 {
      var node = Node()
      for (field, range) in try Self.messages(bytes, range) {
        switch field {
        case 1:
          var child = (name: "", id: 0)
          var reader = ProtobufReader(bytes, in: range, format: Self.format)
          while let (field, value) = try reader.next() {
            switch (field, value) {
            case (1, .number(let id)): child.id = Int(clamping: id)
            case (2, .bytes(let range)): child.name = try Self.text(bytes, range)
            default: break
            }
          }
          node.children.append(child)
        case 2:
          var texts: [Int: String] = [:]
          for (field, range) in try Self.messages(bytes, range) {
            texts[field] = try Self.text(bytes, range)
          }
          if texts[1] == "VARIABLE_VALUE", let key = texts[3] {
            node.variables.append(Variable(fullName: texts[2] ?? "", key: key))
          }
        default: break
        }
      }
      nodes.append(node)
      guard nodes.count <= Self.mostNodes else {
        throw .unsupported("its checkpoint keeps more than \(Self.mostNodes) objects")
      }
    }
  }

  private static func messages(
    _ bytes: [UInt8], _ range: Range<Int>
  ) throws(ImportError) -> [(field: Int, range: Range<Int>)] {
    var found: [(field: Int, range: Range<Int>)] = []
    var reader = ProtobufReader(bytes, in: range, format: format)
    while let (field, value) = try reader.next() {
      if case .bytes(let range) = value { found.append((field, range)) }
    }
    return found
  }

  private static func text(_ bytes: [UInt8], _ range: Range<Int>) throws(ImportError) -> String {
    guard let text = String(validating: bytes[range], as: UTF8.self) else {
      throw .damaged(format: format, reason: "a name in it is not UTF-8")
    }
    return text
  }

  /// The variables of each layer, lowest first, where the model says in which order its layers are:
  /// a Keras model does, a class of one's own does not.
  var layers: [[Variable]] {
    // The model itself, or what holds it, such as `tf.train.Checkpoint(model=model)`.
    let models = [0] + (nodes.first?.children.map(\.id) ?? [])
    for model in models where nodes.indices.contains(model) {
      let children = nodes[model].children
      var layers: [[Variable]] = []
      while layers.count < Self.mostLayers,
        let layer = children.first(where: { $0.name == "layer_with_weights-\(layers.count)" })
      {
        layers.append(variables(from: layer.id))
      }
      if !layers.isEmpty { return layers }
    }
    return []
  }

  /// Every variable but those of optimizers and measures.
  var variables: [Variable] { nodes.isEmpty ? [] : variables(from: 0) }

  private static let aside: Set = [
    "optimizer", "save_counter", "keras_api", "signatures", "loss_tracker", "step",
    // What Keras 3 exports has each variable twice.
    "_all_variables",
  ]

  private func variables(from start: Int) -> [Variable] {
    var found: [Variable] = []
    var seen: Set<Int> = []
    var waiting = [start]
    var next = 0
    while next < waiting.count {
      let id = waiting[next]
      next += 1
      guard nodes.indices.contains(id), seen.insert(id).inserted else { continue }
      found += nodes[id].variables
      waiting += nodes[id].children.filter { !Self.aside.contains($0.name) }.map(\.id)
    }
    return found
  }
}
