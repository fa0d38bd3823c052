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
  private let table: InputTable?
  private let weights: PackedMatrix

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
    _ source: Source, inputs: InputTable.Inputs?, format: LiltFormat,
    kernels: UnsafePointer<LiltKernels>
  ) throws(CheckpointError) {
    let unitsPerGroup = 2 * Int(kernels.pointee.lanes)
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
        inputs, weights: source.input, bias: source.bias, rows: rows, kernels: kernels)
      let nothing = PackedMatrix.Part(weights: [], width: 0)
      weights = try PackedMatrix(
        [nothing, source.recurrent], source: rows, vectors: 8, bias: nil, format: format,
        kernels: kernels)
    } else {
      table = nil
      weights = try PackedMatrix(
        [source.input, source.recurrent], source: rows, vectors: 8, bias: source.bias,
        format: format, kernels: kernels)
    }
  }

  /// One step.
  ///
  /// - Parameters:
  ///   - token: Read by the lowest layer only.
  ///   - below: Output of the layer below, floats or bytes; not read by the lowest layer.
  ///   - own: The layer's last output in the same form.
  ///   - hidden: Receives the new output: `paddedSize` floats, other memory than `own`.
  ///   - cell: Updated: `paddedSize` floats.
  func step(
    token: Int, below: UnsafeRawPointer, own: UnsafeRawPointer,
    hidden: UnsafeMutablePointer<Float>, cell: UnsafeMutablePointer<Float>
  ) {
    weights.withKernels { kernels, matrix in
      kernels.lstm(matrix, below, own, table?.row(token), hidden, cell)
    }
  }
}

/// What each token contributes to the lowest layer: embedding, input weights and biases in one.
struct InputTable: @unchecked Sendable {
  // @unchecked: nobody writes the memory after `init`.
  private let memory: WeightMemory
  private let rowLength: Int

  /// What a token is to the network.
  enum Inputs {
    /// `(vocabulary, width)`
    case embedding(PackedMatrix.Part)
    /// One input for each token, 1 for the token read and 0 for all others.
    case oneHot(vocabulary: Int)
  }

  static let largest = 1 << 30

  init(
    _ inputs: Inputs, weights: PackedMatrix.Part, bias: [Float], rows: [Int32],
    kernels: UnsafePointer<LiltKernels>
  ) throws(CheckpointError) {
    rowLength = rows.count
    let tokens =
      switch inputs {
      case .embedding(let embedding): embedding.weights.count / max(1, embedding.width)
      case .oneHot(let vocabulary): vocabulary
      }
    let (count, overflow) = tokens.multipliedReportingOverflow(by: 4 * rowLength)
    guard !overflow, count <= Self.largest else {
      throw .unsupported("\(tokens) characters times \(rowLength) gates are too many")
    }
    memory = try WeightMemory(size: count)
    let table = memory.start.assumingMemoryBound(to: Float.self)
    switch inputs {
    case .embedding(let embedding):
      let nothing = PackedMatrix.Part(weights: [], width: 0)
      let packed = try PackedMatrix(
        [weights, nothing], source: rows, vectors: 8, bias: bias, format: LILT_FLOAT32,
        kernels: kernels)
      embedding.weights.withUnsafeBufferPointer { vectors in
        guard let first = vectors.baseAddress else { return }
        for token in 0..<tokens {
          packed.withKernels { kernels, matrix in
            kernels.dense(
              matrix, first + token * embedding.width, 1, false, table + token * rows.count)
          }
        }
      }
    case .oneHot:
      for (row, from) in rows.enumerated() where from >= 0 {
        let from = Int(from)
        for token in 0..<tokens {
          table[token * rows.count + row] =
            weights.weights[from * weights.width + token] + bias[from]
        }
      }
    }
  }

  func row(_ token: Int) -> UnsafePointer<Float> {
    UnsafePointer(memory.start.assumingMemoryBound(to: Float.self) + token * rowLength)
  }
}
