import Neural
internal import TrainingKernels

/// One dense layer, over all moments or over the last one.
final class DenseStage {
  let grid: Grid
  let arithmetic: Arithmetic
  let parameters: ParameterSet
  let below: Activations
  let out: Activations
  let inputs: Int
  let outputs: Int
  /// Whether it is below the highest layer, which alone has no activation and drops nothing.
  let isHidden: Bool
  /// What hidden layers make of their sums.
  let activation: Activation
  private let kernel: (kind: LiltActivation, slope: Float)
  let moments: NetworkShape.Output
  let weights: Int
  let bias: Int
  private let panels: Storage
  private let panelsBack: Storage
  private let gradientNarrow: Storage?
  private let biasGradients: Storage
  private var paddedOutputs: Int { outputs + outputs % 2 }

  init(
    name: String, below: Activations, outputs: Int, hidden activation: Activation?,
    keepsFloats: Bool, moments: NetworkShape.Output, grid: Grid, arithmetic: Arithmetic,
    parameters: ParameterSet
  ) throws(TrainingError) {
    isHidden = activation != nil
    self.activation = activation ?? .linear
    guard let kernel = self.activation.kernel else { throw .untrainable(self.activation) }
    self.kernel = kernel
    self.grid = grid
    self.arithmetic = arithmetic
    self.parameters = parameters
    self.below = below
    self.outputs = outputs
    self.moments = moments
    inputs = below.columns
    weights = parameters.add("\(name).weight", [outputs, inputs], .denseWeights)
    bias = parameters.add("\(name).bias", [outputs], .denseBias)
    out = try Activations(
      rows: grid.count, columns: outputs, isNarrow: arithmetic.isNarrow, keepsFloats: true)
    panels = try Storage(count: arithmetic.panelWords(depth: inputs, columns: outputs))
    panelsBack = try Storage(count: arithmetic.panelWords(depth: outputs, columns: inputs))
    gradientNarrow =
      arithmetic.isNarrow
      ? try Storage(halves: grid.count * (outputs + outputs % 2)) : nil
    biasGradients = try Storage(count: grid.groups * outputs)
  }

  /// The rows of a group that take part.
  func rows(_ group: Int) -> (start: Int, count: Int) {
    let count = grid.rows(group).count
    switch moments {
    case .everyMoment: return (grid.start(group, 0, slots: grid.steps), count * grid.steps)
    case .lastMoment: return (grid.start(group, grid.steps - 1, slots: grid.steps), count)
    }
  }

  /// Results, which the loss replaces by its gradient in the highest layer.
  var values: UnsafeMutablePointer<Float> {
    guard let floats = out.floats else { preconditionFailure("dense layers keep floats") }
    return floats.floats
  }

  private var gradient: UnsafeMutablePointer<Float> {
    isHidden ? out.gradient.floats : values
  }

  func prepare() {
    let values = parameters.values(weights)
    arithmetic.packForwards(values, outputs: outputs, inputs: inputs, into: panels)
    arithmetic.packBackwards(values, outputs: outputs, inputs: inputs, into: panelsBack)
  }

  func forward(_ group: Int, dropout: LiltDropout) {
    let (start, count) = rows(group)
    let target = values + start * outputs
    arithmetic.multiply(
      rows: count, columns: outputs, depth: inputs, left: below.left(start),
      right: panels.bytes, out: target, outRow: outputs, bias: parameters.values(bias))
    guard isHidden else { return }
    arithmetic.kernels.pointee.activate(kernel.kind, kernel.slope, target, count * outputs)
    drop(target, group, dropout)
    if let halves = out.halves {
      arithmetic.narrow(
        rows: count, columns: outputs, from: target,
        to: halves.halves + start * paddedOutputs, paddedColumns: paddedOutputs)
    }
  }

  private func drop(_ values: UnsafeMutablePointer<Float>, _ group: Int, _ dropout: LiltDropout) {
    guard dropout.threshold != 0 else { return }
    let batch = grid.rows(group).count
    for step in 0..<rows(group).count / max(batch, 1) {
      var moment = dropout.moment(step, grid: grid, group: group, columns: outputs)
      arithmetic.kernels.pointee.drop(
        Int32(batch), Int32(outputs), &moment, values + step * batch * outputs)
    }
  }

  /// From the gradient of the results to that of the layer below, and to panels for
  /// `addWeightGradients`.
  func backward(_ group: Int, dropout: LiltDropout, scratch: GradientScratch) {
    let (start, count) = rows(group)
    let own = gradient + start * outputs
    if isHidden {
      drop(own, group, dropout)
      arithmetic.kernels.pointee.activate_back(
        kernel.kind, kernel.slope, dropout.scale, values + start * outputs, count * outputs, own)
    }
    var left = Arithmetic.Left(start: UnsafeRawPointer(own), row: outputs)
    if let gradientNarrow {
      let target = gradientNarrow.halves + start * paddedOutputs
      arithmetic.narrow(
        rows: count, columns: outputs, from: own, to: target, paddedColumns: paddedOutputs)
      left = Arithmetic.Left(start: UnsafeRawPointer(target), row: paddedOutputs)
    }
    if moments == .lastMoment {
      let base = grid.start(group, 0, slots: grid.steps)
      (below.gradient.floats + base * inputs).update(
        repeating: 0, count: grid.rows(group).count * grid.steps * inputs)
    }
    arithmetic.multiply(
      rows: count, columns: inputs, depth: outputs, left: left, right: panelsBack.bytes,
      out: below.gradient.floats + start * inputs, outRow: inputs)
    let sums = biasGradients.floats + group * outputs
    sums.update(repeating: 0, count: outputs)
    arithmetic.kernels.pointee.add_columns(Int32(count), Int32(outputs), own, outputs, sums)
    arithmetic.pack(
      depth: count, columns: outputs, width: LILT_LEFT_PANEL, source: left.start,
      sourceRow: left.row, isSourceNarrow: gradientNarrow != nil,
      panels: scratch.panels(group, 0))
    let input = below.left(start)
    arithmetic.pack(
      depth: count, columns: inputs, source: input.start, sourceRow: input.row,
      isSourceNarrow: below.halves != nil, panels: scratch.panels(group, 2))
  }

  /// Pieces of `addWeightGradients`.
  var gradientPieces: Int { (outputs + Self.pieceRows - 1) / Self.pieceRows }
  private static let pieceRows = 32

  func addWeightGradients(_ piece: Int, scratch: GradientScratch) {
    let first = piece * Self.pieceRows
    let rows = min(Self.pieceRows, outputs - first)
    for group in 0..<grid.groups {
      let depth = self.rows(group).count
      arithmetic.multiply(
        rows: rows, columns: inputs, depth: depth,
        left: .init(
          start: scratch.panels(group, 0) + first * arithmetic.words(depth) * 4, row: 0),
        right: scratch.panels(group, 2),
        out: parameters.gradients(weights) + first * inputs, outRow: inputs,
        accumulates: group > 0)
    }
    let target = parameters.gradients(bias)
    for output in first..<first + rows {
      var sum: Float = 0
      for group in 0..<grid.groups { sum += biasGradients.floats[group * outputs + output] }
      target[output] = sum
    }
  }
}
