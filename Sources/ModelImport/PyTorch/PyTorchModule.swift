import Neural

/// A module of PyTorch (`torch.nn.Module`) as a pickle keeps it: the name of its class and its
/// attributes. What its program does with them is not in the file.
struct PyTorchModule {
  let className: String
  private let attributes: [(key: PickleValue, value: PickleValue)]
  private let pickle: Pickle

  /// nil where a value is no module.
  init?(_ value: PickleValue, in pickle: Pickle) {
    guard let (name, attributes) = pickle.object(value) else { return nil }
    className = name
    self.attributes = attributes
    self.pickle = pickle
    guard self["_parameters"] != nil, self["_modules"] != nil else { return nil }
  }

  subscript(name: String) -> PickleValue? {
    attributes.last { $0.key == .text(name) }?.value
  }

  private func entries(_ name: String) -> [(name: String, value: PickleValue)] {
    let entries = self[name].flatMap { pickle.entries($0) } ?? []
    return entries.compactMap { entry in
      if case .text(let name) = entry.key { (name, entry.value) } else { nil }
    }
  }

  /// Weights, and buffers that a state dict has too, by their names in it.
  private var tensors: [(name: String, value: PickleValue)] {
    var aside: Set<String> = []
    if let set = self["_non_persistent_buffers_set"],
      case .call(_, let arguments, _)? = pickle.node(set)
    {
      for case .text(let name) in arguments.flatMap({ pickle.members($0) ?? [$0] }) {
        aside.insert(name)
      }
    }
    return entries("_parameters") + entries("_buffers").filter { !aside.contains($0.name) }
  }

  /// Every module inside, itself first, with its path in the order of their definition.
  func walk() -> [(path: String, module: PyTorchModule)] {
    var found: [(path: String, module: PyTorchModule)] = []
    // A damaged file may hold a module in itself, or in many places.
    var budget = 1 << 16
    func visit(_ module: PyTorchModule, _ path: String, depth: Int) {
      budget -= module.attributes.count + module.tensors.count + module.entries("_modules").count
      guard depth <= 16, budget > 0 else { return }
      found.append((path, module))
      for (name, value) in module.entries("_modules") {
        if let inner = PyTorchModule(value, in: pickle) {
          visit(inner, path.isEmpty ? name : path + "." + name, depth: depth + 1)
        }
      }
    }
    visit(self, "", depth: 0)
    return found
  }

  /// All tensors under the names of the state dict, in its order.
  var stateDict: [(name: String, value: PickleValue)] {
    walk().flatMap { path, module in
      module.tensors.map { (path.isEmpty ? $0.name : path + "." + $0.name, $0.value) }
    }
  }

  // MARK: Activations

  private static let activations = "torch.nn.modules.activation."

  private func number(_ name: String) -> Double? {
    switch self[name] {
    case .real(let number): number
    case .integer(let number): Double(number)
    default: nil
    }
  }

  /// What the module applies; nil where that is not known.
  private var activation: ImportedNetwork.Activation? {
    switch className.dropFirst(Self.activations.count) {
    case "ReLU": return .relu
    case "LeakyReLU":
      let slope = Float(number("negative_slope") ?? 0.01)
      return slope.isFinite ? .leakyReLU(slope: slope) : nil
    case "Tanh": return .tanh
    case "Sigmoid": return .sigmoid
    case "ELU" where number("alpha") ?? 1 == 1: return .elu
    case "SELU": return .selu
    case "Softplus" where number("beta") ?? 1 == 1: return .softplus
    case "Softsign": return .softsign
    case "Hardsigmoid": return .hardSigmoidSixth
    default: return nil
    }
  }

  /// What a plain recurrent layer or its cell applies; nil for every other module.
  private var hiddenActivation: ImportedNetwork.Activation? {
    guard className == "torch.nn.modules.rnn.RNN" || className == "torch.nn.modules.rnn.RNNCell"
    else { return nil }
    let kinds = [self["nonlinearity"], self["mode"]]
    if kinds.contains(.text("relu")) || kinds.contains(.text("RNN_RELU")) { return .relu }
    return kinds.contains(.text("tanh")) || kinds.contains(.text("RNN_TANH")) ? .tanh : nil
  }

  /// The activations between the dense layers, as far as the order of definition tells them.
  ///
  /// Throws where one is used that is not known.
  func activations() throws(ImportError) -> ListedActivations {
    let leaves = walk().filter { $0.module.entries("_modules").isEmpty }
    var listed = ListedActivations()
    var all: Set<ImportedNetwork.Activation> = []
    var dense: String?
    var isAfterNorm = false
    for (path, module) in leaves {
      let kind = module.className
      if kind.hasPrefix(Self.activations) {
        if kind.hasSuffix("Softmax") { continue }
        guard let activation = module.activation else {
          throw .unsupported(
            "the module \(quoted(path)) is the activation "
              + "\(quoted(String(kind.dropFirst(Self.activations.count)))), which is not known")
        }
        all.insert(activation)
        if let dense {
          listed.layers[dense] = .init(activation: activation, isAfterNorm: isAfterNorm)
        }
        dense = nil
      } else if kind == "torch.nn.modules.linear.Linear" {
        (dense, isAfterNorm) = (path, false)
      } else if kind.hasPrefix("torch.nn.modules.batchnorm.") {
        isAfterNorm = true
      } else if !["dropout.", "linear.Identity", "flatten."].contains(where: {
        kind.hasPrefix("torch.nn.modules." + $0)
      }) {
        dense = nil
      }
    }
    if all.count == 1 { listed.shared = all.first }
    for (path, module) in leaves { listed.hidden[path] = module.hiddenActivation }
    return listed
  }
}

/// What follows each dense layer of a network, and what its plain recurrent layers apply, where its
/// file lists that.
struct ListedActivations: Equatable {
  struct Entry: Equatable {
    var activation: ImportedNetwork.Activation
    /// Whether the normalisation behind the layer comes first.
    var isAfterNorm: Bool
  }

  /// By the names of dense layers.
  var layers: [String: Entry] = [:]
  /// The only activation that there is, which may be used between several layers.
  var shared: ImportedNetwork.Activation?
  /// Of plain recurrent modules, by their names.
  var hidden: [String: ImportedNetwork.Activation] = [:]

  /// Of a layer as `NamedTensors` names it: `rnn layer 0` is in the module `rnn`.
  func hidden(of layer: String) -> ImportedNetwork.Activation? {
    hidden[layer]
      ?? layer.ranges(of: " layer ").last.flatMap { hidden[String(layer[..<$0.lowerBound])] }
  }

  subscript(layer: String) -> Entry? {
    layers[layer] ?? shared.map { Entry(activation: $0, isAfterNorm: false) }
  }
}
