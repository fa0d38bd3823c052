internal import TrainingKernels

/// How the numbers of products are kept while training. Weights, sums and the optimizer's slots are
/// 32-bit floats always.
public enum TrainingPrecision: String, CaseIterable, Sendable {
  case float32
  /// Products of 16-bit floats with 8 significant bits, where the processor has them.
  case bfloat16

  /// `bfloat16` where this processor multiplies them directly.
  public static var best: TrainingPrecision {
    lilt_training().pointee.has_bfloat16 ? .bfloat16 : .float32
  }
}

/// The kernels, spoken to in Swift's terms.
struct Arithmetic {
  let kernels: UnsafePointer<LiltTraining>
  let isNarrow: Bool

  init(_ precision: TrainingPrecision, kernelName: String? = nil) throws(TrainingError) {
    let best: UnsafePointer<LiltTraining>
    if let kernelName {
      guard let named = lilt_training_named(kernelName) else {
        throw .impossible("this processor cannot run the kernels \(kernelName)")
      }
      best = named
    } else {
      best = lilt_training()
    }
    kernels = best
    isNarrow = precision == .bfloat16
    if isNarrow, !best.pointee.has_bfloat16 {
      throw .impossible("this processor cannot multiply bfloat16; use float32")
    }
  }

  var name: String { String(cString: kernels.pointee.name) }

  /// A matrix as the left side of a product: 32-bit, or 16-bit where products are narrow.
  struct Left {
    var start: UnsafeRawPointer
    /// Numbers from row to row; 0 for panels.
    var row: Int
  }

  /// 32-bit words that `depth` numbers take in a product.
  func words(_ depth: Int) -> Int { isNarrow ? (depth + 1) / 2 : depth }

  /// - Parameter width: Columns of a panel; nil for those of the right side of a product.
  func panelWords(depth: Int, columns: Int, width: Int32? = nil) -> Int {
    Int(
      lilt_panel_words(Int32(depth), Int32(columns), width ?? kernels.pointee.panel, isNarrow))
  }

  /// `out (+)= left * right + bias`; `right` are panels.
  func multiply(
    rows: Int, columns: Int, depth: Int, left: Left, right: UnsafeRawPointer,
    out: UnsafeMutablePointer<Float>, outRow: Int, accumulates: Bool = false,
    bias: UnsafePointer<Float>? = nil
  ) {
    var product = LiltProduct(
      is_bfloat16: isNarrow, rows: Int32(rows), columns: Int32(columns),
      depth: Int32(words(depth)), left: left.start, left_row: isNarrow ? left.row / 2 : left.row,
      right: right, out: out, out_row: outRow, accumulates: accumulates, bias: bias)
    kernels.pointee.multiply(&product)
  }

  /// Brings a matrix into panels. `source` holds 16-bit numbers when `isSourceNarrow`.
  func pack(
    depth: Int, columns: Int, width: Int32? = nil, source: UnsafeRawPointer,
    sourceRow: Int, isTransposed: Bool = false, isSourceNarrow: Bool = false,
    panels: UnsafeMutableRawPointer
  ) {
    var packing = LiltPacking(
      to_bfloat16: isNarrow, from_bfloat16: isSourceNarrow, is_transposed: isTransposed,
      depth: Int32(depth), columns: Int32(columns), width: width ?? kernels.pointee.panel,
      source: source,
      source_row: sourceRow, panels: panels)
    kernels.pointee.pack(&packing)
  }

  /// The weights of a linear map, kept by row of output, ready for `x W^T`.
  func packForwards(
    _ weights: UnsafePointer<Float>, outputs: Int, inputs: Int, into panels: Storage
  ) {
    pack(
      depth: inputs, columns: outputs, source: weights, sourceRow: inputs, isTransposed: true,
      panels: panels.bytes)
  }

  /// The same weights, ready for `dy W`.
  func packBackwards(
    _ weights: UnsafePointer<Float>, outputs: Int, inputs: Int, into panels: Storage
  ) {
    pack(depth: outputs, columns: inputs, source: weights, sourceRow: inputs, panels: panels.bytes)
  }

  /// Rows of floats to rows of 16-bit floats, `paddedColumns` apart, zeros between.
  func narrow(
    rows: Int, columns: Int, from: UnsafePointer<Float>, to: UnsafeMutablePointer<UInt16>,
    paddedColumns: Int
  ) {
    if columns == paddedColumns {
      kernels.pointee.narrow(from, rows * columns, to)
      return
    }
    for row in 0..<rows {
      kernels.pointee.narrow(from + row * columns, columns, to + row * paddedColumns)
      for column in columns..<paddedColumns { to[row * paddedColumns + column] = 0 }
    }
  }
}
