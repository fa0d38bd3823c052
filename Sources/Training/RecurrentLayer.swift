internal import TrainingKernels

/// One recurrent layer over all moments of a batch.
///
/// Gates are in PyTorch's order: input, forget, cell, output; or reset, update, candidate.
final class RecurrentLayer {
  let cell: NetworkShape.Cell
  let units: Int
  let inputs: Int
  let index: Int
  let grid: Grid
  let arithmetic: Arithmetic
  let parameters: ParameterSet
  let inputWeights: Int
  let hiddenWeights: Int
  let inputBias: Int
  let hiddenBias: Int

  /// What the layer below gives; `nil` where tokens are looked up in a table.
  let below: Activations?
  let out: Activations
  /// Numbers of all gates together.
  var width: Int { cell.gates * units }

  /// Sums, then activations, then gradients of the sums: `(steps, width)`.
  let gates: Storage
  let gatesNarrow: Storage?
  /// Gated recurrent units: the recurrent sums' gradients, which differ from `gates`.
  let recurrent: Storage?
  let recurrentNarrow: Storage?
  /// `(steps + 1, units)`: slot 0 is the moment before the first.
  let hidden: Storage
  let hiddenNarrow: Storage?
  let memory: Storage?
  let kept: Storage?
  /// Scratch: recurrent sums on the way forth, gradients of hidden and memory on the way back.
  let sums: Storage
  let hiddenGradient: Storage
  let memoryGradient: Storage

  /// What is left of the recurrent weights in a step of training, where some are dropped.
  let thinned: Storage?
  /// Which are dropped now.
  var weightDropout = LiltDropout.none

  let inputPanels: Storage
  let hiddenPanels: Storage
  let inputPanelsBack: Storage
  let hiddenPanelsBack: Storage
  let bias: Storage
  let recurrentBias: Storage
  /// Sums of the gates' gradients, one row for each group.
  let biasGradients: Storage
  let recurrentBiasGradients: Storage

  init(
    _ shape: NetworkShape, index: Int, below: Activations?, grid: Grid, arithmetic: Arithmetic,
    parameters: ParameterSet, keepsFloats: Bool
  ) throws(TrainingError) {
    cell = shape.cell
    units = shape.layerSizes[index]
    inputs = index == 0 ? shape.inputWidth : shape.layerSizes[index - 1]
    self.index = index
    self.grid = grid
    self.arithmetic = arithmetic
    self.parameters = parameters
    self.below = below
    let width = shape.cell.gates * units
    let name = shape.cell.rawValue
    inputWeights = parameters.add(
      "\(name).weight_ih_l\(index)", [width, inputs],
      .inputWeights(gates: shape.cell.gates))
    hiddenWeights = parameters.add(
      "\(name).weight_hh_l\(index)", [width, units],
      .recurrentWeights(gates: shape.cell.gates))
    let forget = shape.cell == .lstm ? units..<2 * units : nil
    inputBias = parameters.add(
      "\(name).bias_ih_l\(index)", [width], .recurrentBias(units: units, forget: forget))
    hiddenBias = parameters.add(
      "\(name).bias_hh_l\(index)", [width], .recurrentBias(units: units, forget: forget))

    let isNarrow = arithmetic.isNarrow
    let isGated = shape.cell == .gru
    out = try Activations(
      rows: grid.count, columns: units, isNarrow: isNarrow, keepsFloats: keepsFloats)
    gates = try Storage(count: grid.count * width)
    gatesNarrow = isNarrow ? try Storage(halves: grid.count * width) : nil
    recurrent = isGated ? try Storage(count: grid.count * width) : nil
    recurrentNarrow = isGated && isNarrow ? try Storage(halves: grid.count * width) : nil
    let slots = grid.batch * (grid.steps + 1)
    hidden = try Storage(count: slots * units)
    hiddenNarrow = isNarrow ? try Storage(halves: slots * units) : nil
    memory = shape.cell == .lstm ? try Storage(count: slots * units) : nil
    kept = shape.cell != .rnn ? try Storage(count: grid.count * units) : nil
    sums = try Storage(count: isGated ? grid.batch * width : 0)
    hiddenGradient = try Storage(count: grid.batch * units)
    memoryGradient = try Storage(count: grid.batch * units)
    thinned = shape.weightDropout > 0 ? try Storage(count: width * units) : nil
    inputPanels = try Storage(count: arithmetic.panelWords(depth: inputs, columns: width))
    hiddenPanels = try Storage(count: arithmetic.panelWords(depth: units, columns: width))
    inputPanelsBack = try Storage(count: arithmetic.panelWords(depth: width, columns: inputs))
    hiddenPanelsBack = try Storage(count: arithmetic.panelWords(depth: width, columns: units))
    bias = try Storage(count: width)
    recurrentBias = try Storage(count: width)
    biasGradients = try Storage(count: grid.groups * width)
    recurrentBiasGradients = try Storage(count: isGated ? grid.groups * width : 0)
  }

  /// How many pieces `prepare` comes in.
  static let preparations = 4

  /// Brings the weights into panels, after they have changed.
  func prepare(_ piece: Int) {
    let input = parameters.values(inputWeights)
    let recurrent = thinned?.floats ?? parameters.values(hiddenWeights)
    switch piece {
    case 0:
      arithmetic.packForwards(recurrent, outputs: width, inputs: units, into: hiddenPanels)
    case 1:
      arithmetic.packBackwards(recurrent, outputs: width, inputs: units, into: hiddenPanelsBack)
    case 2:
      if below != nil {
        arithmetic.packForwards(input, outputs: width, inputs: inputs, into: inputPanels)
      }
      prepareBias()
    default:
      if below != nil {
        arithmetic.packBackwards(input, outputs: width, inputs: inputs, into: inputPanelsBack)
      }
    }
  }

  /// Drops recurrent weights for a step; before the pieces of `prepare`.
  func thin(_ dropout: LiltDropout) {
    guard let thinned else { return }
    weightDropout = dropout
    thinned.floats.update(from: parameters.values(hiddenWeights), count: width * units)
    guard dropout.threshold != 0 else { return }
    weightDropout.row_stride = UInt32(truncatingIfNeeded: units)
    withUnsafePointer(to: weightDropout) {
      arithmetic.kernels.pointee.drop(Int32(width), Int32(units), $0, thinned.floats)
    }
  }

  private func prepareBias() {
    let first = parameters.values(inputBias)
    let second = parameters.values(hiddenBias)
    // The candidate of a gated recurrent unit takes its recurrent bias inside the reset gate.
    let shared = cell == .gru ? 2 * units : width
    for gate in 0..<width {
      bias.floats[gate] = gate < shared ? first[gate] + second[gate] : first[gate]
      recurrentBias.floats[gate] = gate < shared ? 0 : second[gate]
    }
  }

  /// Sets the moment before the first: what the last sequence ended with, or zeros.
  func carry(_ group: Int, keeps: Bool, fresh: UnsafePointer<UInt8>?) {
    let rows = grid.rows(group).count
    let first = grid.start(group, 0, slots: grid.steps + 1) * units
    let last = grid.start(group, grid.steps, slots: grid.steps + 1) * units
    for row in 0..<rows {
      let isFresh = !keeps || (fresh.map { $0[row] != 0 } ?? false)
      let at = row * units
      if isFresh {
        (hidden.floats + first + at).update(repeating: 0, count: units)
        if let memory { (memory.floats + first + at).update(repeating: 0, count: units) }
      } else {
        (hidden.floats + first + at).update(from: hidden.floats + last + at, count: units)
        if let memory {
          (memory.floats + first + at).update(from: memory.floats + last + at, count: units)
        }
      }
    }
    if let hiddenNarrow {
      arithmetic.kernels.pointee.narrow(
        hidden.floats + first, rows * units, hiddenNarrow.halves + first)
    }
  }

  /// The hidden outputs of a moment as the left side of a product.
  func hiddenLeft(_ start: Int) -> Arithmetic.Left {
    if let hiddenNarrow {
      return Arithmetic.Left(
        start: UnsafeRawPointer(hiddenNarrow.halves + start * units), row: units)
    }
    return Arithmetic.Left(start: UnsafeRawPointer(hidden.floats + start * units), row: units)
  }

  /// Runs a group through all moments. `gates` must hold the part of the layer below where that is
  /// a table; `fresh` says for each row at each moment whether it starts there.
  func forward(_ group: Int, fresh: UnsafePointer<UInt8>?, dropout: LiltDropout) {
    let rows = grid.rows(group).count
    let base = grid.start(group, 0, slots: grid.steps)
    if let below {
      arithmetic.multiply(
        rows: rows * grid.steps, columns: width, depth: inputs, left: below.left(base),
        right: inputPanels.bytes, out: gates.floats + base * width, outRow: width,
        bias: bias.floats)
    }
    let sums = cell == .gru ? self.sums.floats + grid.rows(group).lowerBound * width : nil
    for step in 0..<grid.steps {
      let at = base + step * rows
      let slot = grid.start(group, step, slots: grid.steps + 1)
      arithmetic.multiply(
        rows: rows, columns: width, depth: units, left: hiddenLeft(slot),
        right: hiddenPanels.bytes, out: sums ?? gates.floats + at * width, outRow: width,
        accumulates: sums == nil, bias: sums == nil ? nil : recurrentBias.floats)
      let next = slot + rows
      var moment = LiltForward(
        rows: Int32(rows), units: Int32(units), gates: gates.floats + at * width,
        recurrent: sums, cell_before: memory.map { UnsafePointer($0.floats + slot * units) },
        cell_after: memory.map { $0.floats + next * units },
        kept: kept.map { $0.floats + at * units }, hidden_before: hidden.floats + slot * units,
        hidden_after: hidden.floats + next * units,
        hidden_after_16: hiddenNarrow.map { $0.halves + next * units },
        fresh_after: step + 1 < grid.steps ? fresh.map { $0 + at + rows } : nil,
        out: out.floats.map { $0.floats + at * units },
        out_16: out.halves.map { $0.halves + at * units },
        dropout: dropout.moment(step, grid: grid, group: group, columns: units))
      arithmetic.kernels.pointee.forward(cell.kernel, &moment)
    }
  }
}

extension NetworkShape.Cell {
  var kernel: LiltCell {
    switch self {
    case .lstm: LILT_LSTM
    case .gru: LILT_GRU
    case .rnn: LILT_RNN
    }
  }
}

extension LiltDropout {
  /// Nothing is dropped.
  static let none = LiltDropout(threshold: 0, key: 0, position: 0, row_stride: 0, scale: 1)

  /// For a layer in a step of training. `position` holds 1 where the same outputs are dropped at
  /// every moment.
  init(share: Float, key: UInt32, isLocked: Bool) {
    self.init(
      threshold: UInt32(Double(share) * 4_294_967_295), key: key, position: isLocked ? 1 : 0,
      row_stride: 0, scale: 1 / (1 - share))
  }

  /// The same at one moment of a group, so that it does not depend on how a batch is grouped.
  func moment(_ step: Int, grid: Grid, group: Int, columns: Int) -> LiltDropout {
    var moment = self
    let row = (position == 1 ? 0 : step * grid.batch) + grid.rows(group).lowerBound
    moment.position = UInt32(truncatingIfNeeded: row * columns)
    moment.row_stride = UInt32(truncatingIfNeeded: columns)
    return moment
  }
}
