/// Arrays under the letters of the formulas: `W x + U h + b` for a recurrent layer and `V h + c` for
/// the scores, gate by gate (`W_i`, `U_f`) or stacked, with numbers for several layers; or, as Karpathy's
/// `min-char-rnn` has them, `Wxh`, `Whh`, `bh`, `Why`, `by`; or MATLAB's `InputWeights`.
enum FormulaNames {
  /// What one name says.
  private struct Part: Hashable {
    enum Kind: Int {
      case embedding, input, recurrent, bias, output, outputBias
    }
    var kind: Kind
    var layer = 0
    var gate: Character?
  }

  /// The tensors by names that `NamedTensors` understands; as they are where any is not one of these.
  static func named(_ tensors: [ForeignTensor]) throws(ImportError) -> [ForeignTensor] {
    var parts: [Part: ForeignTensor] = [:]
    for tensor in tensors {
      guard let part = part(tensor.name), parts.updateValue(tensor, forKey: part) == nil else {
        return tensors
      }
    }
    guard parts.keys.contains(where: { $0.kind == .recurrent }) else { return tensors }
    var found: [ForeignTensor] = []
    func add(_ tensor: ForeignTensor, _ name: String, isBias: Bool) {
      var tensor = tensor
      tensor.name = name
      // A bias is a column or a row where the program knows nothing but matrices.
      if isBias { tensor.shape = [tensor.values.count] }
      found.append(tensor)
    }
    let layers = Set(parts.keys.map(\.layer)).sorted()
    for layer in layers {
      if let table = parts[Part(kind: .embedding, layer: layer)] {
        add(table, "embedding.E", isBias: false)
      }
      let gates = Set(parts.keys.filter { $0.layer == layer }.compactMap(\.gate))
      for kind in [Part.Kind.input, .recurrent, .bias] {
        let name = "rnn\(layer)." + (kind == .input ? "W_x" : kind == .recurrent ? "W_h" : "b")
        if gates.isEmpty {
          guard let tensor = parts[Part(kind: kind, layer: layer)] else { continue }
          add(tensor, name, isBias: kind == .bias)
          continue
        }
        guard gates == Set("ifgo") else {
          throw .unsupported(
            "its gates are \(gates.sorted().map(String.init).joined(separator: ", ")); those of an "
              + "LSTM are i, f, o and g or c")
        }
        let own = "ifgo".compactMap { parts[Part(kind: kind, layer: layer, gate: $0)] }
        if kind == .bias, own.isEmpty { continue }
        guard own.count == 4, Set(own.map(\.shape)).count == 1 else {
          throw .missingTensor(name, layer: "the layer \(layer)")
        }
        let units = parts[Part(kind: .recurrent, layer: layer, gate: "i")]?.shape.first ?? 0
        var joined = own[0]
        joined.values = own.flatMap { gate in
          kind == .bias || gate.shape.count != 2 || gate.shape[0] == units
            ? gate.values : transposed(gate)
        }
        guard kind == .bias || units > 0 && joined.values.count % (4 * units) == 0 else {
          throw .wrongShape(
            tensor: own[0].name, expected: "[\(units), inputs]", found: own[0].shape)
        }
        joined.shape =
          kind == .bias
          ? [joined.values.count] : [4 * units, joined.values.count / max(1, 4 * units)]
        add(joined, name, isBias: kind == .bias)
      }
      for (kind, name) in [(Part.Kind.output, "out.V"), (.outputBias, "out.c")] {
        if let tensor = parts[Part(kind: kind, layer: layer)] {
          add(tensor, name, isBias: kind == .outputBias)
        }
      }
    }
    return found
  }

  private static func transposed(_ tensor: ForeignTensor) -> [Float] {
    (0..<tensor.shape[1]).flatMap { column in
      (0..<tensor.shape[0]).map { tensor.values[$0 * tensor.shape[1] + column] }
    }
  }

  private static func part(_ name: String) -> Part? {
    let whole: [String: Part.Kind] = [
      "wxh": .input, "whh": .recurrent, "bh": .bias, "why": .output, "by": .outputBias,
      "inputweights": .input, "recurrentweights": .recurrent, "bias": .bias, "weights": .output,
      "e": .embedding, "emb": .embedding, "embedding": .embedding, "c": .outputBias,
    ]
    if let kind = whole[name.lowercased()], name != "C" { return Part(kind: kind) }
    let letters: [Character: Part.Kind] = [
      "W": .input, "U": .recurrent, "b": .bias, "V": .output, "c": .outputBias,
    ]
    guard let first = name.first, let kind = letters[first] else { return nil }
    var part = Part(kind: kind)
    var rest = name.dropFirst().filter { $0 != "_" }[...]
    if let gate = rest.first, "ifogcIFOGC".contains(gate) {
      guard kind != .output, kind != .outputBias else { return nil }
      let small = Character(gate.lowercased())
      part.gate = small == "c" ? "g" : small
      rest = rest.dropFirst()
    }
    if !rest.isEmpty {
      guard let layer = Int(rest), (0...63).contains(layer), kind != .output else { return nil }
      part.layer = layer
    }
    return part
  }
}
