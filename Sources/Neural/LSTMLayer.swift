import Kernels

/// One layer of a long short-term memory, as `torch.nn.LSTM` has it.
///
/// A group of rows holds the four gates (input, forget, cell, output) of `unitsPerGroup` units, so
/// that the gates of a unit meet in registers.
struct LSTMLayer: Sendable {
  let hiddenSize: Int
  /// `hiddenSize` and its padding.
  let paddedSize: Int
  /// In the lowest layer: for each token what its input contributes, biases included.
  let table: InputTable?
  let weights: PackedMatrix
  private let kernels: UnsafeKernels

  var weightBytes: Int { weights.weightBytes }

  /// The weights of a layer, unpacked.
  struct Source {
    /// `(4 * hiddenSize, inputSize)`
    var input: PackedMatrix.Part
    /// `(4 * hiddenSize, hiddenSize)`
    var recurrent: PackedMatrix.Part
    /// `(4 * hiddenSize)`: the sum of both biases.
    var bias: [Float]
  }

  /// - Parameter inputs: In the lowest layer what the tokens are to it; nil above.
  init(
    _ source: Source, inputs: InputTable.Inputs?, format: LiltFormat, in store: WeightStore
  ) throws(CheckpointError) {
    kernels = store.kernels
    let unitsPerGroup = 2 * Int(kernels.pointer.pointee.lanes)
    hiddenSize = source.recurrent.width
    let groups = (hiddenSize + unitsPerGroup - 1) / unitsPerGroup
    paddedSize = groups * unitsPerGroup
    var rows: [Int32] = []
    rows.reserveCapacity(4 * paddedSize)
    for group in 0..<groups {
      for gate in 0..<4 {
        for unit in group * unitsPerGroup..<(group + 1) * unitsPerGroup {
          rows.append(unit < hiddenSize ? Int32(gate * hiddenSize + unit) : -1)
        }
      }
    }
    if let inputs {
      table = try InputTable(
        inputs, weights: source.input, bias: source.bias, rows: rows, in: store)
      weights = try PackedMatrix(
        (.nothing, source.recurrent), source: rows, vectors: 8, bias: nil, format: format,
        in: store)
    } else {
      table = nil
      weights = try PackedMatrix(
        (source.input, source.recurrent), source: rows, vectors: 8, bias: source.bias,
        format: format, in: store)
    }
  }

  /// One step of a layer of floats, for one stream.
  ///
  /// - Parameters:
  ///   - below: Output of the layer below.
  ///   - own: The layer's last output.
  ///   - state: Receives the new output, `paddedSize` floats, other memory than `own`; then the
  ///     cell, `paddedSize` floats, which is updated.
  func step(
    below: UnsafePointer<Float>, own: UnsafePointer<Float>, state: UnsafeMutablePointer<Float>
  ) {
    var addend: UnsafePointer<Float>?
    var state: UnsafeMutablePointer<Float>? = state
    weights.withMatrix { matrix in
      kernels.pointer.pointee.lstm(
        matrix, 0, matrix.pointee.groups, 1, LiltInputs(values: below, stride: 0),
        LiltInputs(values: own, stride: 0), &addend, &state)
    }
  }
}

/// What each token contributes to the lowest layer: embedding, input weights and biases in one.
struct InputTable: @unchecked Sendable {
  // @unchecked: nobody writes the memory after `init`.
  private let memory: WeightMemory
  let rowLength: Int

  /// What a token is to the network.
  enum Inputs {
    /// `(vocabulary, width)`
    case embedding(PackedMatrix.Part, vocabulary: Int)
    /// One input for each token, 1 for the token read and 0 for all others.
    case oneHot(vocabulary: Int)
  }

  static let largest = 1 << 30

  init(
    _ inputs: Inputs, weights: PackedMatrix.Part, bias: [Float], rows: [Int32],
    in store: WeightStore
  ) throws(CheckpointError) {
    rowLength = rows.count
    let tokens =
      switch inputs {
      case .embedding(_, let vocabulary): vocabulary
      case .oneHot(let vocabulary): vocabulary
      }
    let (count, overflow) = tokens.multipliedReportingOverflow(by: 4 * rowLength)
    guard !overflow, count <= Self.largest else {
      throw .unsupported("\(tokens) characters times \(rowLength) gates are too many")
    }
    memory = try store.memory(size: count)
    guard !memory.isFilled else { return }
    let table = memory.start.assumingMemoryBound(to: Float.self)
    switch inputs {
    case .embedding(let embedding, _):
      // The tokens are so many streams of a dense layer, which is needed only now.
      let packed = try PackedMatrix(
        (weights, .nothing), source: rows, vectors: 8, bias: bias, format: LILT_FLOAT32,
        in: WeightStore(kernels: store.kernels))
      let vectors = try embedding.weights()
      vectors.withUnsafeBufferPointer { vectors in
        packed.withMatrix { matrix in
          store.kernels.pointer.pointee.dense(
            matrix, 0, matrix.pointee.groups * 4, Int32(tokens),
            LiltInputs(values: vectors.baseAddress, stride: 4 * embedding.width), nil, false,
            table, rowLength)
        }
      }
    case .oneHot:
      let values = try weights.weights()
      for (row, from) in rows.enumerated() where from >= 0 {
        let from = Int(from)
        for token in 0..<tokens {
          table[token * rows.count + row] = values[from * weights.width + token] + bias[from]
        }
      }
    }
  }

  /// The rows, `rowLength` floats each; valid as long as this value is.
  var start: UnsafePointer<Float> {
    UnsafePointer(memory.start.assumingMemoryBound(to: Float.self))
  }
}
