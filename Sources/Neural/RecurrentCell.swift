import Kernels

/// A recurrent layer of any kind: slower than `LSTMLayer`, which covers the usual one.
struct RecurrentCell: Sendable {
  enum Kind: String, Sendable {
    case lstm
    /// `n = tanh(W x + b + r (U h + c))`, as in PyTorch.
    case gru
    /// `n = tanh(W x + b + U (r h))`, as in the first Keras.
    case gruResetBefore = "gru-reset-before"
    case rnn

    var gates: Int {
      switch self {
      case .lstm: 4
      case .gru, .gruResetBefore: 3
      case .rnn: 1
      }
    }
  }

  let kind: Kind
  let units: Int
  private let activation: Activation
  private let gate: Activation
  private let input: DenseLayer
  /// Of the gates that read the layer's last output as it is.
  private let recurrent: DenseLayer
  /// Of the new output of a GRU that resets first.
  private let gated: DenseLayer?

  /// The unpacked layer.
  struct Source {
    var kind: Kind
    var activation: Activation
    var gate: Activation
    /// `(gates * units, inputs)`
    var input: PackedMatrix.Part
    /// `(gates * units, units)`
    var recurrent: PackedMatrix.Part
    var inputBias: [Float]?
    var recurrentBias: [Float]?
  }

  init(
    _ source: Source, format: LiltFormat, in store: WeightStore
  ) throws(CheckpointError) {
    kind = source.kind
    let units = source.recurrent.width
    self.units = units
    activation = source.activation
    gate = source.gate
    func layer(
      _ part: PackedMatrix.Part, _ outputs: Int, _ bias: [Float]?
    ) throws(CheckpointError) -> DenseLayer {
      try DenseLayer(
        part, outputs: outputs, bias: bias, isRectified: false, format: format, in: store)
    }
    let rows = kind.gates * units
    input = try layer(source.input, rows, source.inputBias)
    guard kind == .gruResetBefore else {
      recurrent = try layer(source.recurrent, rows, source.recurrentBias)
      gated = nil
      return
    }
    let whole = source.recurrent
    recurrent = try layer(
      whole[0..<2 * units], 2 * units, source.recurrentBias.map { Array($0[..<(2 * units)]) })
    gated = try layer(
      whole[2 * units..<rows], units, source.recurrentBias.map { Array($0[(2 * units)...]) })
  }

  /// Floats of state: the last output, and for an LSTM the cell.
  var stateSize: Int { kind == .lstm ? 2 * units : units }

  /// Floats of memory that a step needs besides.
  var scratchSize: Int {
    input.paddedSize + recurrent.paddedSize + (gated.map { $0.paddedSize + units } ?? 0)
  }

  var weightBytes: Int { input.weightBytes + recurrent.weightBytes + (gated?.weightBytes ?? 0) }

  /// One step: reads `below` and the state, updates the state, whose first `units` floats are the
  /// new output.
  func step(
    below: UnsafePointer<Float>, state: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let sums = scratch
    let own = sums + input.paddedSize
    input.apply(UnsafeRawPointer(below), inputScale: 1, output: sums)
    recurrent.apply(UnsafeRawPointer(state), inputScale: 1, output: own)
    switch kind {
    case .rnn:
      for unit in 0..<units { state[unit] = sums[unit] + own[unit] }
      activation.apply(state, units)
    case .lstm:
      for row in 0..<4 * units { sums[row] += own[row] }
      gate.apply(sums, 2 * units)
      activation.apply(sums + 2 * units, units)
      gate.apply(sums + 3 * units, units)
      let cell = state + units
      let (keep, new, out) = (sums + units, sums + 2 * units, sums + 3 * units)
      for unit in 0..<units {
        cell[unit] = keep[unit] * cell[unit] + sums[unit] * new[unit]
        state[unit] = cell[unit]
      }
      activation.apply(state, units)
      for unit in 0..<units { state[unit] *= out[unit] }
    case .gru, .gruResetBefore:
      for row in 0..<2 * units { sums[row] += own[row] }
      gate.apply(sums, 2 * units)
      let (update, new) = (sums + units, sums + 2 * units)
      var memory = own + 2 * units
      if let gated {
        let product = own + recurrent.paddedSize
        let reset = product + gated.paddedSize
        for unit in 0..<units { reset[unit] = sums[unit] * state[unit] }
        gated.apply(UnsafeRawPointer(reset), inputScale: 1, output: product)
        memory = product
      } else {
        for unit in 0..<units { memory[unit] *= sums[unit] }
      }
      for unit in 0..<units { new[unit] += memory[unit] }
      activation.apply(new, units)
      for unit in 0..<units {
        state[unit] = new[unit] + update[unit] * (state[unit] - new[unit])
      }
    }
  }
}
