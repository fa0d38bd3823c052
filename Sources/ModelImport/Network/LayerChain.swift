import Neural

/// Finds out in which order layers follow each other, by what goes in and what comes out of each.
struct LayerChain {
  private let groups: [LayerGroup]
  private let readings: [[LayerGroup.Reading]]
  private var steps = 0
  private static let mostSteps = 20_000
  private static let mostLayers = 64

  /// One layer of the order found: the group and which of its readings.
  private typealias Link = (group: Int, reading: Int)

  private struct Order {
    var links: [Link]
    var heads: [Link]
  }

  /// The network that the groups make. Their order in the file is kept wherever shapes allow it.
  static func network(
    of groups: [LayerGroup], assumptions: LayerGroup.Assumptions
  ) throws(ImportError) -> ImportedNetwork {
    var readings: [[LayerGroup.Reading]] = []
    for group in groups { readings.append(try group.readings(assumptions)) }
    guard groups.count <= mostLayers else {
      throw .unsupported("it has \(groups.count) layers; \(mostLayers) can be")
    }
    guard readings.contains(where: { $0.contains { $0.isRecurrent } }) else {
      throw .unsupported("it has no recurrent layer: no LSTM, GRU or plain RNN was found")
    }
    var chain = LayerChain(groups: groups, readings: readings)
    guard let order = chain.order(after: Order(links: [], heads: []), used: [], width: nil) else {
      throw .unsupported(chain.reason)
    }
    return chain.network(order)
  }

  private init(groups: [LayerGroup], readings: [[LayerGroup.Reading]]) {
    self.groups = groups
    self.readings = readings
  }

  // MARK: Search

  private mutating func order(after order: Order, used: Set<Int>, width: Int?) -> Order? {
    steps += 1
    guard steps <= Self.mostSteps else { return nil }
    if used.count == groups.count { return isWhole(order, width: width) ? order : nil }
    for group in groups.indices where !used.contains(group) {
      for (number, reading) in readings[group].enumerated() {
        guard follows(reading.layer, width: width) else { continue }
        var longer = order
        longer.links.append((group, number))
        if let found = self.order(
          after: longer, used: used.union([group]), width: reading.layer.outputWidth ?? width)
        {
          return found
        }
      }
    }
    return heads(order, used: used, width: width)
  }

  private func follows(_ layer: ImportedNetwork.Layer, width: Int?) -> Bool {
    guard let width else {
      switch layer {
      case .embedding, .recurrent: return true
      default: return false
      }
    }
    return layer.inputWidth == width
  }

  /// All that is left may be outputs side by side.
  private func heads(_ order: Order, used: Set<Int>, width: Int?) -> Order? {
    guard let width else { return nil }
    var found = order
    for group in groups.indices where !used.contains(group) {
      guard
        let number = readings[group].firstIndex(where: {
          if case .dense = $0.layer { $0.layer.inputWidth == width } else { false }
        })
      else { return nil }
      found.heads.append((group, number))
    }
    return found.heads.count >= 2 && isRecurrentSomewhere(found) ? found : nil
  }

  private func isRecurrentSomewhere(_ order: Order) -> Bool {
    order.links.contains { readings[$0.group][$0.reading].isRecurrent }
  }

  private func isWhole(_ order: Order, width: Int?) -> Bool {
    guard isRecurrentSomewhere(order), let first = order.links.first, let last = order.links.last,
      case .dense = readings[last.group][last.reading].layer
    else { return false }
    switch readings[first.group][first.reading].layer {
    case .embedding(let matrix): return matrix.rows == width
    case .recurrent(let layer):
      return layer.inputWeights.columns == width || layer.inputWeights.columns == 1
    default: return false
    }
  }

  /// What is wrong when no order fits: every layer with what it takes and gives.
  private var reason: String {
    let list = groups.indices.map { index in
      let layer = readings[index].first?.layer
      let from = layer?.inputWidth.map(String.init) ?? "tokens"
      let to = layer?.outputWidth.map(String.init) ?? "as many"
      return "\(quoted(groups[index].name)) \(from) to \(to)"
    }
    return "its layers do not fit together: " + list.prefix(12).joined(separator: ", ")
  }

  // MARK: The network

  private func network(_ order: Order) -> ImportedNetwork {
    var layers: [ImportedNetwork.Layer] = []
    var mapping: [ImportedNetwork.Mapping] = []
    var remarks: [String] = []
    let chosen = order.links.map { readings[$0.group][$0.reading] }
    let lastDense = chosen.lastIndex { if case .dense = $0.layer { true } else { false } }
    var isActivationAssumed = false
    for (number, reading) in chosen.enumerated() {
      var layer = reading.layer
      let wantsActivation = order.heads.isEmpty ? number != lastDense : true
      if case .dense(var dense) = layer, wantsActivation {
        dense.activation = .relu
        layer = .dense(dense)
        isActivationAssumed = true
      }
      layers.append(layer)
      if let remark = reading.remark { remarks.append(remark) }
      for part in reading.parts {
        mapping.append(
          ImportedNetwork.Mapping(
            foreign: part.tensor.name, shape: part.tensor.shape,
            own: "layer \(number + 1) (\(layer.summary)), \(part.part)"))
      }
    }
    if isActivationAssumed { remarks.append("ReLU is assumed between the dense layers") }
    var heads: [ImportedNetwork.Head] = []
    for link in order.heads {
      let reading = readings[link.group][link.reading]
      guard case .dense(let dense) = reading.layer else { continue }
      let name = groups[link.group].name.split(separator: ".").last.map(String.init) ?? "output"
      heads.append(ImportedNetwork.Head(name: name, layer: dense))
      for part in reading.parts {
        mapping.append(
          ImportedNetwork.Mapping(
            foreign: part.tensor.name, shape: part.tensor.shape,
            own: "output \(quoted(name)), \(part.part)"))
      }
    }
    let outputs = order.heads.isEmpty ? layers.last { $0.isDense }?.outputWidth : nil
    var input = ImportedNetwork.Input.embedding
    if case .recurrent(let first)? = layers.first {
      let width = first.inputWeights.columns
      if let outputs, width == outputs {
        input = .oneHot(width)
      } else if let outputs, width == 1 {
        input = .scaledToken(scale: 1 / Double(outputs), tokens: outputs)
        remarks.append("a token is read as the one number token ÷ \(outputs)")
      } else {
        input = .numbers(width)
      }
    }
    let formats = Set(groups.flatMap { $0.tensors.map(\.tensor.format) })
    var network = ImportedNetwork(
      input: input, layers: layers, heads: heads,
      format: formats.count == 1 ? formats.first ?? .float32 : .float32)
    network.mapping = mapping
    network.remarks = remarks
    return network
  }
}

extension LayerGroup.Reading {
  var isRecurrent: Bool { if case .recurrent = layer { true } else { false } }
}

extension ImportedNetwork.Layer {
  var isDense: Bool { if case .dense = self { true } else { false } }

  /// A few words for people: `LSTM 256`.
  public var summary: String {
    switch self {
    case .embedding(let matrix): "embedding \(matrix.rows) → \(matrix.columns)"
    case .recurrent(let layer):
      switch layer.cell {
      case .lstm: "LSTM \(layer.units)"
      case .gru: "GRU \(layer.units)"
      case .gruResetBefore: "GRU \(layer.units), reset before"
      case .rnn: "RNN \(layer.units), \(layer.activation.rawValue)"
      }
    case .scaleAndShift(let scale, _): "batch normalisation \(scale.count)"
    case .dense(let dense):
      dense.activation == .linear
        ? "dense \(dense.weights.rows)"
        : "dense \(dense.weights.rows), \(dense.activation.rawValue)"
    case .activation(let activation): activation.rawValue
    }
  }
}
