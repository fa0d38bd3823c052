import Neural

/// Tensors known by names alone: a state dict, or a safetensors file of another program.
struct NamedTensors {
  /// Sorts tensors into layers by their names: what comes before the last dot or slash is a layer,
  /// and `_l0`, `_l1`… are the layers inside one of PyTorch's.
  static func groups(of tensors: [ForeignTensor]) throws(ImportError) -> [LayerGroup] {
    guard tensors.count <= 4096 else {
      throw .unsupported("it has \(tensors.count) tensors, far more than a recurrent network")
    }
    var groups: [LayerGroup] = []
    var places: [String: Int] = [:]
    for tensor in tensors {
      let (layer, role) = split(tensor.name)
      if role.hasSuffix("_reverse") {
        throw .unsupported(
          "the layer \(quoted(layer)) is bidirectional: it needs to know the end of a tune before "
            + "its beginning, so it cannot write one")
      }
      if role.hasPrefix("weight_hr") {
        throw .unsupported("the layer \(quoted(layer)) projects its output (proj_size)")
      }
      if ["weight_g", "weight_v", "original0", "original1"].contains(role) {
        throw .unsupported(
          "the layer \(quoted(layer)) uses weight normalisation; remove it before saving")
      }
      let member = LayerGroup.Member(role: role, tensor: tensor)
      if let place = places[layer] {
        groups[place].tensors.append(member)
      } else {
        places[layer] = groups.count
        let isPyTorch = ["weight", "bias", "running", "num_b"].contains { role.hasPrefix($0) }
        groups.append(
          LayerGroup(name: layer, tensors: [member], layout: isPyTorch ? .pytorch : .unknown))
      }
    }
    return groups
  }

  /// The layer and the role that a name tells.
  static func split(_ name: String) -> (layer: String, role: String) {
    var name = name[...]
    // TensorFlow counts the outputs of the operation behind a variable.
    if name.hasSuffix(":0") { name = name.dropLast(2) }
    var layer = ""
    var role = name
    if let cut = name.lastIndex(where: { $0 == "." || $0 == "/" }) {
      layer = String(name[..<cut])
      role = name[name.index(after: cut)...]
    } else if let cut = name.lastIndex(of: "_"), !name.hasPrefix("weight_"),
      !name.hasPrefix("bias_")
    {
      layer = String(name[..<cut])
      role = name[name.index(after: cut)...]
    } else if !name.hasPrefix("weight") && !name.hasPrefix("bias") {
      layer = String(name)
    }
    let isReverse = role.hasSuffix("_reverse")
    let core = isReverse ? role.dropLast("_reverse".count) : role
    if let mark = core.lastIndex(of: "_") {
      let digits = core[core.index(after: mark)...]
      if digits.first == "l", let number = Int(digits.dropFirst()) {
        return (layer + " layer \(number)", String(core[..<mark]) + (isReverse ? "_reverse" : ""))
      }
    }
    return (layer, String(role))
  }

  /// The network of a file's tensors.
  ///
  /// - Parameter listed: What the file says of its activations; one that was told counts more.
  static func network(
    _ tensors: [ForeignTensor], options: ImportOptions, listed: ListedActivations? = nil
  ) throws(ImportError) -> ImportedNetwork {
    var renamed: [ForeignTensor] = []
    var names: Set<String> = []
    for var tensor in tensors {
      tensor.name = options.renamed[tensor.name] ?? tensor.name
      if tensor.name.isEmpty { continue }
      guard names.insert(tensor.name).inserted else {
        throw .damaged(format: "list of tensors", reason: "it names \(quoted(tensor.name)) twice")
      }
      renamed.append(tensor)
    }
    var assumptions = options.assumptions(normEpsilon: 1e-5)
    assumptions.listed = listed
    if options.denseActivation != nil {
      assumptions.listed?.layers = [:]
      assumptions.listed?.shared = nil
    }
    var network = try LayerChain.network(
      of: groups(of: withoutCopies(renamed)), assumptions: assumptions)
    if let activation = options.gateActivation { network.tell(gates: activation) }
    return network
  }

  /// The tensors without what AWD-LSTM (Merity et al. 2017, and fastai) keeps twice: the recurrent
  /// weights stand under `…_raw`, and again thinned for the last step of training; the embedding
  /// stands again under the layer that drops whole tokens of it.
  private static func withoutCopies(_ tensors: [ForeignTensor]) -> [ForeignTensor] {
    let raw = tensors.filter { $0.name.hasSuffix("_raw") && $0.name.contains("weight_hh_l") }
    let dropped = ["encoder_dp.emb.weight", "encoder_with_dropout.embed.weight"]
    var kept = tensors.filter { tensor in
      guard let twin = dropped.first(where: tensor.name.hasSuffix) else { return true }
      let whole = tensor.name.dropLast(twin.count) + "encoder.weight"
      return !tensors.contains { $0.name == whole && $0.shape == tensor.shape }
    }
    guard !raw.isEmpty else { return kept }
    kept.removeAll { $0.name.hasSuffix("_raw") }
    for var tensor in raw {
      let name = String(tensor.name.dropLast("_raw".count))
      let parts = name.split(separator: ".", omittingEmptySubsequences: false)
      let inner = (parts.dropLast() + ["module"] + parts.suffix(1)).joined(separator: ".")
      // The module inside has the other weights of the layer.
      let isInside = tensors.contains { $0.name.hasPrefix(inner.dropLast("weight_hh_l0".count)) }
      tensor.name = isInside ? inner : name
      if let place = kept.firstIndex(where: { $0.name == tensor.name }) {
        kept[place] = tensor
      } else {
        kept.append(tensor)
      }
    }
    return kept
  }
}
