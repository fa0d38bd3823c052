import Neural

/// Tensors that belong to one layer, not yet told apart.
struct LayerGroup {
  /// What the file calls the layer, such as `decoder.0`.
  var name: String
  var tensors: [Member]
  var layout: Layout

  struct Member {
    /// The last part of the foreign name, such as `weight_ih`.
    var role: String
    var tensor: ForeignTensor
  }

  enum Layout {
    /// `(outputs, inputs)`
    case pytorch
    /// `(inputs, outputs)`
    case keras
    /// To be told by names and shapes.
    case unknown
  }

  /// What the layer may be, best guess first, with the tensors in the order they were understood.
  struct Reading {
    var layer: ImportedNetwork.Layer
    var parts: [(tensor: ForeignTensor, part: String)]
    var remark: String?
  }

  /// Layers that say nothing of their activation have these.
  struct Assumptions {
    var hiddenActivation: ImportedNetwork.Activation = .tanh
    var denseActivation: ImportedNetwork.Activation = .relu
    var gateActivation: ImportedNetwork.Activation = .sigmoid
    /// What the file lists instead, layer by layer.
    var listed: ListedActivations?
    var normEpsilon: Double = 1e-5
  }

  /// Every way to read the group: nearly always one; a lone matrix may be an embedding or a dense
  /// layer without bias.
  func readings(_ assumptions: Assumptions) throws(ImportError) -> [Reading] {
    let matrices = tensors.filter { $0.tensor.shape.count == 2 && !isBias($0) }
    let vectors = tensors.filter { $0.tensor.shape.count == 1 || isBias($0) }
    if let odd = tensors.first(where: { ![1, 2].contains($0.tensor.shape.count) }) {
      throw .strayTensor(odd.tensor.name, shape: odd.tensor.shape)
    }
    if let empty = tensors.first(where: { $0.tensor.shape.contains(0) }) {
      throw .strayTensor(empty.tensor.name, shape: empty.tensor.shape)
    }
    switch (matrices.count, vectors.count) {
    case (2, 0...2): return [try recurrent(matrices, vectors, assumptions)]
    case (1, 0): return try lone(matrices[0])
    case (1, 1):
      let dense = try dense(matrices[0], vectors[0])
      return [dense] + (Reading(table: dense).map { [$0] } ?? [])
    case (0, 2...4): return [try norm(vectors, assumptions)]
    default:
      guard let first = tensors.first else { return [] }
      throw .strayTensor(first.tensor.name, shape: first.tensor.shape)
    }
  }

  /// Keras keeps both biases of a GRU as one matrix.
  private func isBias(_ member: Member) -> Bool {
    member.tensor.shape.count == 2 && member.tensor.shape[0] == 2 && layout == .keras
      && (member.role.hasPrefix("bias") || member.role == "2")
  }

  // MARK: Recurrent layers

  private func recurrent(
    _ matrices: [Member], _ vectors: [Member], _ assumptions: Assumptions
  ) throws(ImportError) -> Reading {
    var candidates:
      [(input: Member, recurrent: Member, cell: ImportedNetwork.Recurrent.Cell, isKeras: Bool)] = []
    for (input, recurrent) in [(matrices[0], matrices[1]), (matrices[1], matrices[0])] {
      for isKeras in [false, true] where layout == .unknown || (layout == .keras) == isKeras {
        let (units, rows) =
          isKeras
          ? (recurrent.tensor.shape[0], recurrent.tensor.shape[1])
          : (recurrent.tensor.shape[1], recurrent.tensor.shape[0])
        let inputRows = input.tensor.shape[isKeras ? 1 : 0]
        guard inputRows == rows, rows % units == 0, let cell = Self.cell(gates: rows / units) else {
          continue
        }
        candidates.append((input, recurrent, cell, isKeras))
      }
    }
    guard !candidates.isEmpty else {
      let shape = matrices[1].tensor.shape
      throw .wrongShape(
        tensor: matrices[1].tensor.name,
        expected: layout == .keras ? "[units, 4, 3 or 1 × units]" : "[4, 3 or 1 × units, units]",
        found: shape)
    }
    // Where shapes leave a choice, names decide, and then the usual order: inputs first.
    let best = candidates.enumerated().max { left, right in
      (score(left.element.input, left.element.recurrent, left.element.isKeras), -left.offset)
        < (
          score(right.element.input, right.element.recurrent, right.element.isKeras), -right.offset
        )
    }
    guard let chosen = best?.element else { return try dense(matrices[0], matrices[1]) }
    let isKeras = chosen.isKeras
    var input = try matrix(chosen.input)
    var recurrent = try matrix(chosen.recurrent)
    if isKeras { (input, recurrent) = (input.transposed, recurrent.transposed) }
    var cell = chosen.cell
    var biases: [[Float]] = []
    let rows = input.rows
    for vector in vectors {
      let shape = vector.tensor.shape
      if shape == [2, rows] || shape == [2 * rows] && isKeras && vectors.count == 1 {
        biases = [Array(vector.tensor.values[..<rows]), Array(vector.tensor.values[rows...])]
      } else if shape == [rows] {
        biases.append(vector.tensor.values)
      } else {
        throw .wrongShape(tensor: vector.tensor.name, expected: "[\(rows)]", found: shape)
      }
    }
    // Biases of the recurrent part are named so, whatever their order.
    if biases.count == 2, vectors.count == 2,
      Self.hint(vectors[0].role) > Self.hint(vectors[1].role)
    {
      biases.swapAt(0, 1)
    }
    let isCuDNN = isKeras && vectors.first?.tensor.shape == [2 * rows]
    if isCuDNN {
      input = ImportedNetwork.Matrix(cuDNN: chosen.input.tensor, gates: cell.gates)
      recurrent = ImportedNetwork.Matrix(cuDNN: chosen.recurrent.tensor, gates: cell.gates)
    }
    if isKeras, cell == .gru {
      if biases.count < 2, !biases.isEmpty { cell = .gruResetBefore }
      input = input.swappingFirstGates
      recurrent = recurrent.swappingFirstGates
      biases = biases.map(ImportedNetwork.Matrix.swappingFirstGates)
    }
    let listed = assumptions.listed?.hidden(of: name)
    let layer = ImportedNetwork.Recurrent(
      cell: cell, inputWeights: input, recurrentWeights: recurrent, inputBias: biases.first,
      recurrentBias: biases.count > 1 ? biases[1] : nil,
      activation: cell == .rnn ? listed ?? assumptions.hiddenActivation : .tanh,
      gateActivation: isCuDNN || cell == .rnn ? .sigmoid : assumptions.gateActivation)
    var parts = [
      (tensor: chosen.input.tensor, part: "input weights"),
      (tensor: chosen.recurrent.tensor, part: "recurrent weights"),
    ]
    parts += vectors.map { (tensor: $0.tensor, part: "bias") }
    var remark: String?
    if cell == .rnn, listed == nil {
      remark = "the layer \(quoted(name)) is taken to use \(assumptions.hiddenActivation.name)"
    } else if cell != .rnn, layout == .unknown {
      let order =
        cell == .lstm
        ? "input, forget, new, output"
        : isKeras ? "update, reset, new" : "reset, update, new"
      remark =
        "the gates of \(quoted(name)) are in the order \(order), as "
        + (isKeras ? "Keras" : "PyTorch") + " keeps them"
    }
    return Reading(layer: .recurrent(layer), parts: parts, remark: remark)
  }

  private static func cell(gates: Int) -> ImportedNetwork.Recurrent.Cell? {
    switch gates {
    case 4: .lstm
    case 3: .gru
    case 1: .rnn
    default: nil
    }
  }

  /// How well names agree with a choice.
  private func score(_ input: Member, _ recurrent: Member, _ isKeras: Bool) -> Int {
    let order = Self.hint(recurrent.role) - Self.hint(input.role)
    let namedAsKeras =
      input.role.hasPrefix("kernel") || recurrent.role.hasPrefix("recurrent_kernel")
    return 2 * order + (namedAsKeras == isKeras ? 1 : 0)
  }

  /// 1 where a name says that it belongs to the recurrent part, -1 to the inputs, 0 neither.
  private static func hint(_ role: String) -> Int {
    let role = role.lowercased()
    let recurrent = ["hh", "recurrent", "h2h", "hidden", "w_h", "wh", "b_h", "bh", "whh"]
    if role == "u" || role.hasPrefix("u_") || role == "r"
      || recurrent.contains(where: role.contains)
    {
      return 1
    }
    let input = ["ih", "i2h", "input", "w_x", "wx", "b_x", "bx", "kernel", "w_i", "wi"]
    return role == "w" || input.contains(where: role.contains) ? -1 : 0
  }

  // MARK: Other layers

  private func matrix(_ member: Member) throws(ImportError) -> ImportedNetwork.Matrix {
    ImportedNetwork.Matrix(
      rows: member.tensor.shape[0], columns: member.tensor.shape[1], values: member.tensor.values)
  }

  private func dense(_ weights: Member, _ bias: Member) throws(ImportError) -> Reading {
    let shape = weights.tensor.shape
    let count = bias.tensor.values.count
    let isKeras =
      layout == .keras || (layout == .unknown && (shape[0] != count || weights.role == "kernel"))
    guard bias.tensor.shape == [shape[isKeras ? 1 : 0]] else {
      throw .wrongShape(
        tensor: bias.tensor.name, expected: "[\(shape[isKeras ? 1 : 0])]", found: bias.tensor.shape)
    }
    let matrix = try matrix(weights)
    return Reading(
      layer: .dense(
        ImportedNetwork.Dense(
          weights: isKeras ? matrix.transposed : matrix, bias: bias.tensor.values,
          activation: .linear)),
      parts: [(weights.tensor, "weights"), (bias.tensor, "bias")])
  }

  private func lone(_ member: Member) throws(ImportError) -> [Reading] {
    let matrix = try matrix(member)
    let name = member.tensor.name.lowercased()
    let embedding = Reading(
      layer: .embedding(matrix), parts: [(member.tensor, "embedding")])
    let dense = Reading(
      layer: .dense(
        ImportedNetwork.Dense(
          weights: layout == .keras ? matrix.transposed : matrix, bias: nil, activation: .linear)),
      parts: [(member.tensor, "weights")])
    if ["emb", "wte", "encoder", "lookup"].contains(where: name.contains) { return [embedding] }
    if ["decoder", "out", "head", "fc", "proj", "dense", "linear"].contains(where: name.contains) {
      return [dense]
    }
    return [embedding, dense] + (Reading(table: dense).map { [$0] } ?? [])
  }

  private func norm(
    _ vectors: [Member], _ assumptions: Assumptions
  ) throws(ImportError) -> Reading {
    func vector(_ names: [String], place: Int) -> [Float]? {
      if let named = vectors.first(where: { names.contains($0.role) }) {
        return named.tensor.values
      }
      // Keras 3 numbers them.
      let isNumbered = vectors.count == 4 && vectors.allSatisfy { Int($0.role) != nil }
      return isNumbered ? vectors.first { $0.role == String(place) }?.tensor.values : nil
    }
    guard let mean = vector(["running_mean", "moving_mean"], place: 2),
      let variance = vector(["running_var", "moving_variance", "running_std"], place: 3)
    else {
      throw .unsupported(
        "the layer \(quoted(name)) looks like a layer normalisation; batch normalisation is known")
    }
    let gain = vector(["weight", "gamma"], place: 0)
    let bias = vector(["bias", "beta"], place: 1)
    for member in vectors where member.tensor.values.count != mean.count {
      throw .wrongShape(
        tensor: member.tensor.name, expected: "[\(mean.count)]", found: member.tensor.shape)
    }
    return Reading(
      layer: try .norm(
        name: name, mean: mean, variance: variance, gain: gain, bias: bias,
        epsilon: assumptions.normEpsilon),
      parts: vectors.map { ($0.tensor, "normalisation") })
  }
}

extension LayerGroup.Reading {
  /// A dense layer that reads one-hot tokens, as the table of what it makes of each; nil for any other.
  fileprivate init?(table dense: Self) {
    guard case .dense(let layer) = dense.layer, layer.weights.rows != layer.weights.columns else {
      return nil
    }
    var table = layer.weights.transposed
    if let bias = layer.bias {
      for place in table.values.indices { table.values[place] += bias[place % table.columns] }
    }
    self.init(
      layer: .embedding(table), parts: dense.parts,
      remark:
        "the first dense layer reads tokens one-hot, and nothing is applied to what it makes of them"
    )
  }
}

extension ImportedNetwork.Layer {
  /// Batch normalisation as it is once training is over.
  static func norm(
    name: String, mean: [Float], variance: [Float], gain: [Float]?, bias: [Float]?, epsilon: Double
  ) throws(ImportError) -> ImportedNetwork.Layer {
    var scale: [Float] = []
    var shift: [Float] = []
    for index in mean.indices {
      let spread = (Double(variance[index]) + epsilon).squareRoot()
      let factor = Double(gain?[index] ?? 1) / spread
      let offset = Double(bias?[index] ?? 0) - Double(mean[index]) * factor
      guard Float(factor).isFinite, Float(offset).isFinite else {
        throw .damaged(format: "layer \(quoted(name))", reason: "its variance is not positive")
      }
      scale.append(Float(factor))
      shift.append(Float(offset))
    }
    return .scaleAndShift(scale: scale, shift: shift)
  }
}

extension ImportedNetwork.Matrix {
  /// The kernel of a Keras layer for NVIDIA cards, `(inputs, gates * units)`, in PyTorch's layout:
  /// the block of each gate, read row by row, is already the weights of its units.
  init(cuDNN tensor: ForeignTensor, gates: Int) {
    let inputs = tensor.shape[0]
    let columns = tensor.shape[1]
    let units = columns / gates
    var values: [Float] = []
    values.reserveCapacity(tensor.values.count)
    for gate in 0..<gates {
      for row in 0..<inputs {
        let start = row * columns + gate * units
        values += tensor.values[start..<start + units]
      }
    }
    self.init(rows: columns, columns: inputs, values: values)
  }

  /// Keras's update, reset, new in PyTorch's order: reset, update, new.
  var swappingFirstGates: ImportedNetwork.Matrix {
    ImportedNetwork.Matrix(
      rows: rows, columns: columns, values: Self.swappingFirstGates(values))
  }

  static func swappingFirstGates(_ values: [Float]) -> [Float] {
    let third = values.count / 3
    return Array(values[third..<2 * third] + values[..<third] + values[(2 * third)...])
  }
}
