internal import TrainingKernels

extension RecurrentLayer {
  /// Gradients of a moment's recurrent sums as the left side of a product.
  private func recurrentLeft(_ start: Int) -> Arithmetic.Left {
    if let narrow = recurrentNarrow ?? gatesNarrow {
      return Arithmetic.Left(start: UnsafeRawPointer(narrow.halves + start * width), row: width)
    }
    let wide = recurrent ?? gates
    return Arithmetic.Left(start: UnsafeRawPointer(wide.floats + start * width), row: width)
  }

  private func gatesLeft(_ start: Int) -> Arithmetic.Left {
    if let gatesNarrow {
      return Arithmetic.Left(
        start: UnsafeRawPointer(gatesNarrow.halves + start * width), row: width)
    }
    return Arithmetic.Left(start: UnsafeRawPointer(gates.floats + start * width), row: width)
  }

  /// Takes a group back through all moments: from `out.gradient` to the gradients of all sums, of
  /// the biases, and of what the layer below gave.
  func backward(_ group: Int, fresh: UnsafePointer<UInt8>?, dropout: LiltDropout) {
    let rows = grid.rows(group).count
    let base = grid.start(group, 0, slots: grid.steps)
    let own = grid.rows(group).lowerBound * units
    (hiddenGradient.floats + own).update(repeating: 0, count: rows * units)
    (memoryGradient.floats + own).update(repeating: 0, count: rows * units)
    for step in stride(from: grid.steps - 1, through: 0, by: -1) {
      let at = base + step * rows
      let slot = grid.start(group, step, slots: grid.steps + 1)
      var moment = LiltBackward(
        rows: Int32(rows), units: Int32(units), gates: gates.floats + at * width,
        gates_16: gatesNarrow.map { $0.halves + at * width },
        recurrent: recurrent.map { $0.floats + at * width },
        recurrent_16: recurrentNarrow.map { $0.halves + at * width },
        kept: kept.map { UnsafePointer($0.floats + at * units) },
        cell_before: memory.map { UnsafePointer($0.floats + slot * units) },
        hidden_before: hidden.floats + slot * units,
        fresh_after: step + 1 < grid.steps ? fresh.map { $0 + at + rows } : nil,
        out: out.gradient.floats + at * units, hidden: hiddenGradient.floats + own,
        cell: memoryGradient.floats + own,
        dropout: dropout.moment(step, grid: grid, group: group, columns: units))
      arithmetic.kernels.pointee.backward(cell.kernel, &moment)
      if step > 0 {
        arithmetic.multiply(
          rows: rows, columns: units, depth: width, left: recurrentLeft(at),
          right: hiddenPanelsBack.bytes, out: hiddenGradient.floats + own, outRow: units,
          accumulates: cell == .gru)
      }
    }
    addBias(gates, group: group, into: biasGradients)
    if let recurrent { addBias(recurrent, group: group, into: recurrentBiasGradients) }
    if let below {
      arithmetic.multiply(
        rows: rows * grid.steps, columns: inputs, depth: width, left: gatesLeft(base),
        right: inputPanelsBack.bytes, out: below.gradient.floats + base * inputs, outRow: inputs)
    }
  }

  private func addBias(_ gradients: Storage, group: Int, into sums: Storage) {
    let own = sums.floats + group * width
    own.update(repeating: 0, count: width)
    arithmetic.kernels.pointee.add_columns(
      Int32(grid.rows(group).count * grid.steps), Int32(width),
      gradients.floats + grid.start(group, 0, slots: grid.steps) * width, width, own)
  }

  /// Brings a group's gradients and inputs into panels for `addWeightGradients`.
  func packGradients(_ group: Int, scratch: GradientScratch) {
    let depth = grid.rows(group).count * grid.steps
    let base = grid.start(group, 0, slots: grid.steps)
    let slot = grid.start(group, 0, slots: grid.steps + 1)
    func pack(_ wide: Storage, _ narrow: Storage?, at start: Int, columns: Int, _ part: Int) {
      let isLeft = part < 2
      let source =
        narrow.map { UnsafeRawPointer($0.halves + start) }
        ?? UnsafeRawPointer(wide.floats + start)
      arithmetic.pack(
        depth: depth, columns: columns, width: isLeft ? LILT_LEFT_PANEL : nil,
        source: source, sourceRow: columns, isSourceNarrow: narrow != nil,
        panels: scratch.panels(group, part))
    }
    pack(gates, gatesNarrow, at: base * width, columns: width, 0)
    if let recurrent { pack(recurrent, recurrentNarrow, at: base * width, columns: width, 1) }
    if let below {
      pack(
        below.floats ?? below.gradient, below.halves, at: base * inputs, columns: inputs, 2)
    }
    pack(hidden, hiddenNarrow, at: slot * units, columns: units, 3)
  }

  /// Pieces of `addWeightGradients`.
  var gradientPieces: Int { (width + Self.pieceRows - 1) / Self.pieceRows }
  private static let pieceRows = 64

  /// Computes some rows of the weights' gradients, group after group.
  func addWeightGradients(_ piece: Int, scratch: GradientScratch) {
    let first = piece * Self.pieceRows
    let rows = min(Self.pieceRows, width - first)
    for group in 0..<grid.groups {
      let depth = grid.rows(group).count * grid.steps
      let offset = first * arithmetic.words(depth) * 4
      let left = scratch.panels(group, 0) + offset
      if below != nil {
        arithmetic.multiply(
          rows: rows, columns: inputs, depth: depth, left: .init(start: left, row: 0),
          right: scratch.panels(group, 2),
          out: parameters.gradients(inputWeights) + first * inputs, outRow: inputs,
          accumulates: group > 0)
      }
      let own = recurrent == nil ? left : scratch.panels(group, 1) + offset
      arithmetic.multiply(
        rows: rows, columns: units, depth: depth, left: .init(start: own, row: 0),
        right: scratch.panels(group, 3),
        out: parameters.gradients(hiddenWeights) + first * units, outRow: units,
        accumulates: group > 0)
    }
    guard weightDropout.threshold != 0 else { return }
    var dropout = weightDropout
    dropout.position = UInt32(truncatingIfNeeded: first * units)
    arithmetic.kernels.pointee.drop(
      Int32(rows), Int32(units), &dropout, parameters.gradients(hiddenWeights) + first * units)
  }

  /// Sums the groups' parts of the biases' gradients.
  func addBiasGradients() {
    let first = parameters.gradients(inputBias)
    let second = parameters.gradients(hiddenBias)
    for gate in 0..<width {
      var sum: Float = 0
      var recurrentSum: Float = 0
      for group in 0..<grid.groups {
        sum += biasGradients.floats[group * width + gate]
        if recurrent != nil { recurrentSum += recurrentBiasGradients.floats[group * width + gate] }
      }
      first[gate] = sum
      second[gate] = recurrent == nil ? sum : recurrentSum
    }
  }
}

/// Room for panels of gradients and inputs, used by one layer after the other.
final class GradientScratch {
  private let parts: [Storage]
  private let strides: [Int]

  /// `widths` are the widest columns of the parts 0 (gradients), 1 (recurrent gradients), 2
  /// (inputs) and 3 (recurrent inputs).
  init(grid: Grid, arithmetic: Arithmetic, widths: [Int]) throws(TrainingError) {
    let depth = grid.mostRows * grid.steps
    var parts: [Storage] = []
    var strides: [Int] = []
    for width in widths {
      let words = width == 0 ? 0 : arithmetic.panelWords(depth: depth, columns: width)
      strides.append(words)
      parts.append(try Storage(count: words * grid.groups))
    }
    self.parts = parts
    self.strides = strides
  }

  func panels(_ group: Int, _ part: Int) -> UnsafeMutableRawPointer {
    UnsafeMutableRawPointer(parts[part].floats + group * strides[part])
  }
}
