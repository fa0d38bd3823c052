import Kernels

/// `weights * input + bias`, negative results replaced by zero in all layers but the last.
struct DenseLayer: Sendable {
  let outputSize: Int
  /// `outputSize` and its padding.
  let paddedSize: Int
  let isRectified: Bool
  let weights: PackedMatrix
  private let kernels: UnsafeKernels

  var weightBytes: Int { weights.weightBytes }
  /// Pairs of vectors of rows: the parts that threads may share.
  var pairs: Int { Int(weights.matrix.groups) * Int(weights.matrix.vectors) / 2 }

  init(
    _ part: PackedMatrix.Part, outputs: Int, bias: [Float]?, isRectified: Bool,
    format: LiltFormat, in store: WeightStore
  ) throws(CheckpointError) {
    kernels = store.kernels
    let lanes = Int(kernels.pointer.pointee.lanes)
    outputSize = outputs
    // Vectors come in pairs, up to four of them in a group; groups of equal size pad least.
    let pairs = (outputSize + 2 * lanes - 1) / (2 * lanes)
    let groups = (pairs + 3) / 4
    let vectors = 2 * ((pairs + groups - 1) / groups)
    paddedSize = groups * vectors * lanes
    self.isRectified = isRectified
    let rows = (0..<paddedSize).map { $0 < outputs ? Int32($0) : -1 }
    weights = try PackedMatrix(
      (part, .nothing), source: rows, vectors: vectors, bias: bias, format: format, in: store)
  }

  /// One product for one stream.
  ///
  /// - Parameters:
  ///   - input: Floats, or bytes worth `inputScale` each.
  ///   - output: Receives `paddedSize` floats.
  func apply(
    _ input: UnsafeRawPointer, inputScale: Float, output: UnsafeMutablePointer<Float>
  ) {
    var scale = inputScale
    weights.withMatrix { matrix in
      kernels.pointer.pointee.dense(
        matrix, 0, Int32(pairs), 1, LiltInputs(values: input, stride: 0), &scale, isRectified,
        output, 0)
    }
  }
}
