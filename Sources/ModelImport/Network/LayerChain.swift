import Neural

/// Finds out in which order layers follow each other, by what goes in and what comes out of each.
struct LayerChain {
  private var groups: [LayerGroup]
  private var readings: [[LayerGroup.Reading]]
  private let assumptions: LayerGroup.Assumptions
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
    let groups = try joiningTiedBias(inOrderOfNumbers(groups))
    var readings: [[LayerGroup.Reading]] = []
    for group in groups { readings.append(try group.readings(assumptions)) }
    guard groups.count <= mostLayers else {
      throw .unsupported("it has \(groups.count) layers; \(mostLayers) can be")
    }
    guard readings.contains(where: { $0.contains { $0.isRecurrent } }) else {
      throw .unsupported("it has no recurrent layer: no LSTM, GRU or plain RNN was found")
    }
    var chain = LayerChain(groups: groups, readings: readings, assumptions: assumptions)
    if let network = chain.network(branches: false) { return network }
    // A matrix that serves twice may stand in the file once.
    for tied in chain.tied {
      var other = chain
      other.groups.insert(tied.group, at: tied.place)
      other.readings.insert([tied.reading], at: tied.place)
      if let network = other.network(branches: false) { return network }
    }
    if let network = chain.network(branches: true) { return network }
    throw .unsupported(chain.reason)
  }

  /// One layer after the other, or several outputs above the last.
  private mutating func network(branches: Bool) -> ImportedNetwork? {
    steps = 0
    let none = Order(links: [], heads: [])
    guard let order = order(after: none, used: [], width: nil, branches: branches) else {
      return nil
    }
    var network = network(order)
    network.orderHeads()
    return network
  }

  private init(
    groups: [LayerGroup], readings: [[LayerGroup.Reading]], assumptions: LayerGroup.Assumptions
  ) {
    self.groups = groups
    self.readings = readings
    self.assumptions = assumptions
  }

  // MARK: Search

  private mutating func order(
    after order: Order, used: Set<Int>, width: Int?, branches: Bool
  ) -> Order? {
    steps += 1
    guard steps <= Self.mostSteps else { return nil }
    if used.count == groups.count { return isWhole(order, width: width) ? order : nil }
    if branches, let found = heads(order, used: used, width: width) { return found }
    for group in groups.indices where !used.contains(group) {
      for (number, reading) in readings[group].enumerated() {
        guard follows(reading.layer, width: width) else { continue }
        var longer = order
        longer.links.append((group, number))
        if let found = self.order(
          after: longer, used: used.union([group]), width: reading.layer.outputWidth ?? width,
          branches: branches)
        {
          return found
        }
      }
    }
    return nil
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

  private var tied: [Tied] { Self.tied(groups, readings) }

  private func interchangeable(_ links: [Link]) -> [String] {
    Self.interchangeable(
      links.map { (groups[$0.group].name, readings[$0.group][$0.reading].layer) })
  }

  // MARK: The network

  private func network(_ order: Order) -> ImportedNetwork {
    var layers: [ImportedNetwork.Layer] = []
    var mapping: [ImportedNetwork.Mapping] = []
    var remarks: [String] = []
    let chosen = order.links.map { readings[$0.group][$0.reading] }
    let lastDense = chosen.lastIndex { if case .dense = $0.layer { true } else { false } }
    var assumed: [ImportedNetwork.Activation] = []
    var listed: [ImportedNetwork.Activation] = []
    var due: ImportedNetwork.Activation?
    for (number, reading) in chosen.enumerated() {
      var layer = reading.layer
      let wantsActivation = order.heads.isEmpty ? number != lastDense : true
      if case .dense(var dense) = layer, wantsActivation {
        let entry = assumptions.listed?[groups[order.links[number].group].name]
        let activation = entry?.activation ?? assumptions.denseActivation
        if entry == nil { assumed.append(activation) } else { listed.append(activation) }
        let isLate =
          entry.map { $0.isAfterNorm && isNorm(order.links, number + 1) }
          ?? isActivatedAfterNorm(order.links, number)
        if isLate { due = activation } else { dense.activation = activation }
        layer = .dense(dense)
      }
      layers.append(layer)
      if case .scaleAndShift = layer, let activation = due {
        layers.append(.activation(activation))
        due = nil
      }
      if let remark = reading.remark { remarks.append(remark) }
      for part in reading.parts {
        mapping.append(
          ImportedNetwork.Mapping(
            foreign: part.tensor.name, shape: part.tensor.shape,
            own: "layer \(number + 1) (\(layer.summary)), \(part.part)"))
      }
    }
    remarks += interchangeable(order.links)
    if let activation = assumed.first {
      let name =
        activation == .relu
        ? "ReLU" : activation == .linear ? "no activation" : activation.name
      remarks.append("\(name) is assumed between the dense layers")
    }
    if !listed.isEmpty {
      remarks.append(
        "the dense layers use \(listed.map(\.name).joined(separator: ", ")), "
          + "in the order in which the file lists its modules")
    }
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

extension LayerChain {
  /// Whether the numbers of a `Sequential` leave room for an activation only behind the
  /// normalisation that follows a dense layer: `0.weight`, `1.running_mean`, `3.weight`.
  private func isActivatedAfterNorm(_ links: [Link], _ number: Int) -> Bool {
    guard number + 2 < links.count, isNorm(links, number + 1) else { return false }
    let next = links[number + 1]
    guard let own = place(links[number]), let norm = place(next),
      let above = place(links[number + 2])
    else { return false }
    return own.folder == norm.folder && norm.folder == above.folder
      && norm.number == own.number + 1 && above.number > norm.number + 1
  }

  private func isNorm(_ links: [Link], _ number: Int) -> Bool {
    guard links.indices.contains(number) else { return false }
    let link = links[number]
    if case .scaleAndShift = readings[link.group][link.reading].layer { return true }
    return false
  }

  /// `head.3` as 3 in `head`.
  private func place(_ link: Link) -> (folder: String, number: Int)? {
    let parts = groups[link.group].name.split(separator: ".")
    guard let last = parts.last, let number = Int(last), (0...4096).contains(number) else {
      return nil
    }
    return (parts.dropLast().joined(separator: "."), number)
  }
}

extension ImportedNetwork {
  /// Puts the outputs of a network of notes in the order pitch, step, duration, under those names.
  mutating func orderHeads() {
    let names = ["pitch", "step", "duration"]
    guard heads.count == names.count else { return }
    var ordered: [Head] = []
    for name in names {
      let own = heads.filter { head in
        names.filter { head.name.lowercased().contains($0) } == [name]
      }
      guard own.count == 1, var head = own.first else { return }
      head.name = name
      ordered.append(head)
    }
    heads = ordered
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
      case .rnn: "RNN \(layer.units), \(layer.activation.name)"
      }
    case .scaleAndShift(let scale, _): "batch normalisation \(scale.count)"
    case .dense(let dense):
      dense.activation == .linear
        ? "dense \(dense.weights.rows)"
        : "dense \(dense.weights.rows), \(dense.activation.name)"
    case .activation(let activation): activation.name
    }
  }
}
