import Neural

/// What a file may leave open.
public struct ImportOptions: Equatable, Sendable {
  /// Of plain recurrent layers in files that do not say: `tanh` or `relu`.
  public var hiddenActivation: ImportedNetwork.Activation
  /// Between the dense layers of files that do not say; nil takes what is usual in such files: ReLU,
  /// and nothing in those of Keras, whose default that is.
  public var denseActivation: ImportedNetwork.Activation?
  /// Whether `denseActivation` is a leaky ReLU whose slope was not said: in files of Keras it is that
  /// of the layer `LeakyReLU` then.
  public var leavesSlopeOpen: Bool
  /// Of the gates in files that do not say; nil takes the sigmoid, and in files of Keras before 2.3
  /// its default of then.
  public var gateActivation: ImportedNetwork.Activation?
  /// In which order files whose names do not say it keep the gates of an LSTM: the places of input,
  /// forget, new and output among them; nil takes that order.
  public var gateOrder: GateOrder?
  /// New names for tensors before they are sorted into layers, where the guess goes wrong; an empty
  /// one leaves the tensor out.
  public var renamed: [String: String]

  public init(
    hiddenActivation: ImportedNetwork.Activation = .tanh,
    denseActivation: ImportedNetwork.Activation? = nil, leavesSlopeOpen: Bool = false,
    gateActivation: ImportedNetwork.Activation? = nil, gateOrder: GateOrder? = nil,
    renamed: [String: String] = [:]
  ) {
    self.hiddenActivation = hiddenActivation
    self.denseActivation = denseActivation
    self.leavesSlopeOpen = leavesSlopeOpen
    self.gateActivation = gateActivation
    self.gateOrder = gateOrder
    self.renamed = renamed
  }

  func assumptions(normEpsilon: Double) -> LayerGroup.Assumptions {
    LayerGroup.Assumptions(
      hiddenActivation: hiddenActivation, denseActivation: denseActivation ?? .relu,
      gateActivation: gateActivation ?? .sigmoid, normEpsilon: normEpsilon)
  }

  /// An order of the gates of an LSTM, written as their letters: `ifgo`.
  public struct GateOrder: Equatable, Sendable {
    /// Where input, forget, new and output are.
    let places: [Int]

    /// nil where the letters are not `i`, `f`, `o`, and `g` or `c`, each once.
    public init?(_ letters: String) {
      let found = Array(letters.lowercased()).map { $0 == "c" ? "g" : $0 }
      guard found.sorted() == Array("fgio") else { return nil }
      places = "ifgo".compactMap { found.firstIndex(of: $0) }
    }
  }
}

extension ImportedNetwork {
  /// Whether it has cells with gates.
  var hasGates: Bool {
    layers.contains { if case .recurrent(let layer) = $0 { layer.cell != .rnn } else { false } }
  }

  /// Says that the activation of the gates was told, not read.
  mutating func tell(gates activation: Activation) {
    if hasGates { remarks.append("the gates use \(activation.name), as told") }
  }

  /// Puts the gates of every LSTM layer from an order into that of the network.
  mutating func sortGates(from order: ImportOptions.GateOrder) {
    func sorted(_ values: [Float]) -> [Float] {
      let part = values.count / 4
      return order.places.flatMap { values[$0 * part..<($0 + 1) * part] }
    }
    for place in layers.indices {
      guard case .recurrent(var layer) = layers[place], layer.cell == .lstm else { continue }
      layer.inputWeights.values = sorted(layer.inputWeights.values)
      layer.recurrentWeights.values = sorted(layer.recurrentWeights.values)
      layer.inputBias = layer.inputBias.map(sorted)
      layer.recurrentBias = layer.recurrentBias.map(sorted)
      layers[place] = .recurrent(layer)
    }
  }
}
