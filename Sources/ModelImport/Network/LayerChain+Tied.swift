extension LayerChain {
  /// A layer whose matrix the file keeps under another layer only.
  struct Tied {
    var group: LayerGroup
    var reading: LayerGroup.Reading
    /// Where it goes among the groups.
    var place: Int
  }

  /// The embeddings and outputs that a network with tied weights may have besides the layers of its
  /// file: an output's weights `(tokens, width)` are an embedding, and the other way round.
  static func tied(
    _ groups: [LayerGroup], _ readings: [[LayerGroup.Reading]]
  ) -> [Tied] {
    var found: [Tied] = []
    for (group, choices) in zip(groups, readings) {
      for reading in choices {
        guard let tensor = reading.parts.first?.tensor else { continue }
        let name = group.name.isEmpty ? tensor.name : group.name
        let remark = "the weights of \(quoted(name)) serve twice, as embedding and as output"
        switch reading.layer {
        case .dense(let dense) where dense.weights.rows > 1:
          found.append(
            Tied(
              group: LayerGroup(name: name, tensors: [], layout: .pytorch),
              reading: .init(
                layer: .embedding(dense.weights), parts: [(tensor, "embedding")], remark: remark),
              place: 0))
        case .embedding(let matrix):
          found.append(
            Tied(
              group: LayerGroup(name: name, tensors: [], layout: .pytorch),
              reading: .init(
                layer: .dense(.init(weights: matrix, bias: nil, activation: .linear)),
                parts: [(tensor, "weights")], remark: remark),
              place: groups.count))
        default: break
        }
      }
    }
    return found
  }

  /// Gives a lone bias the weights that it belongs to: those of the embedding, where no other layer
  /// has as many outputs.
  static func joiningTiedBias(_ groups: [LayerGroup]) throws(ImportError) -> [LayerGroup] {
    groups.map { group in
      guard group.tensors.count == 1, let bias = group.tensors.first,
        bias.tensor.shape.count == 1,
        let table = groups.lazy.compactMap({ other -> LayerGroup.Member? in
          guard other.tensors.count == 1, let member = other.tensors.first,
            member.tensor.shape.count == 2, member.tensor.shape[0] == bias.tensor.shape[0]
          else { return nil }
          return member
        }).first
      else { return group }
      var joined = group
      joined.layout = .pytorch
      joined.tensors = [table, bias]
      return joined
    }
  }

  /// The groups with those whose names differ by numbers alone in the order of these: `lstm_2`
  /// before `lstm_10`, and `lstm1` before `lstm2` wherever the file has them.
  static func inOrderOfNumbers(_ groups: [LayerGroup]) -> [LayerGroup] {
    var sorted = groups
    var places: [String: [Int]] = [:]
    for (place, group) in groups.enumerated() {
      places[stem(group.name), default: []].append(place)
    }
    for own in places.values where own.count > 1 {
      let ordered = own.sorted { left, right in
        numbers(groups[left].name).lexicographicallyPrecedes(numbers(groups[right].name))
      }
      for (place, source) in zip(own, ordered) { sorted[place] = groups[source] }
    }
    return sorted
  }

  /// A name without its numbers.
  private static func stem(_ name: String) -> String {
    String(name.filter { !($0.isASCII && $0.isNumber) })
  }

  private static func numbers(_ name: String) -> [Int] {
    name.split { !($0.isASCII && $0.isNumber) }.map { Int($0) ?? .max }
  }

  /// A sentence for each two recurrent layers that could change places, where nothing but the order
  /// in the file says which is the lower one.
  static func interchangeable(_ names: [(name: String, layer: ImportedNetwork.Layer)]) -> [String] {
    var remarks: [String] = []
    for (lower, upper) in zip(names, names.dropFirst()) {
      guard case .recurrent(let below) = lower.layer, case .recurrent(let above) = upper.layer,
        below.cell == above.cell, below.units == above.units,
        below.inputWeights.columns == above.inputWeights.columns,
        stem(lower.name) != stem(upper.name) || numbers(lower.name).isEmpty
      else { continue }
      remarks.append(
        "\(quoted(lower.name)) is below \(quoted(upper.name)), as in the file: their shapes would "
          + "allow either order")
    }
    return remarks
  }
}
