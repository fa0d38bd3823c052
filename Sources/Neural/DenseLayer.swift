import Kernels

/// `weights * input + bias`, negative results replaced by zero in all layers but the last.
struct DenseLayer: Sendable {
  let outputSize: Int
  /// `outputSize` and its padding.
  let paddedSize: Int
  private let isRectified: Bool
  private let weights: PackedMatrix

  var weightBytes: Int { weights.weightBytes }

  init(
    _ part: PackedMatrix.Part, bias: [Float]?, isRectified: Bool, format: LiltFormat,
    kernels: UnsafePointer<LiltKernels>
  ) throws(CheckpointError) {
    let lanes = Int(kernels.pointee.lanes)
    outputSize = part.weights.count / max(1, part.width)
    // Vectors come in pairs, up to four of them in a group; groups of equal size pad least.
    let pairs = (outputSize + 2 * lanes - 1) / (2 * lanes)
    let groups = (pairs + 3) / 4
    let vectors = 2 * ((pairs + groups - 1) / groups)
    paddedSize = groups * vectors * lanes
    self.isRectified = isRectified
    let size = outputSize
    let rows = (0..<paddedSize).map { $0 < size ? Int32($0) : -1 }
    let nothing = PackedMatrix.Part(weights: [], width: 0)
    weights = try PackedMatrix(
      [part, nothing], source: rows, vectors: vectors, bias: bias, format: format,
      kernels: kernels)
  }

  /// - Parameters:
  ///   - input: Floats, or bytes worth `inputScale` each.
  ///   - output: Receives `paddedSize` floats.
  func apply(
    _ input: UnsafeRawPointer, inputScale: Float, output: UnsafeMutablePointer<Float>
  ) {
    weights.withKernels { kernels, matrix in
      kernels.dense(matrix, input, inputScale, isRectified, output)
    }
  }
}
