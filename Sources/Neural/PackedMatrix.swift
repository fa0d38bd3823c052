import Kernels

/// Memory for weights: aligned, in large pages where it is large, freed with its last owner.
final class WeightMemory: @unchecked Sendable {
  // @unchecked: written only while its one `PackedMatrix` or table is being made.
  let start: UnsafeMutableRawPointer
  let size: Int
  /// Whether the weights are there already, from a packed image.
  let isFilled: Bool
  /// What owns the memory; nil for memory of its own.
  private let owner: AnyObject?

  init(size: Int) throws(CheckpointError) {
    guard let start = lilt_allocate(max(size, 1)) else { throw .noMemory(bytes: size) }
    self.start = start
    self.size = max(size, 1)
    isFilled = false
    owner = nil
  }

  /// A part of memory that `owner` keeps; never written.
  init(start: UnsafeMutableRawPointer, size: Int, owner: AnyObject) {
    self.start = start
    self.size = size
    self.owner = owner
    isFilled = true
  }

  deinit { if owner == nil { lilt_release(start, size) } }
}

/// A weight matrix in the order in which the kernels read it.
struct PackedMatrix: @unchecked Sendable {
  // @unchecked: `matrix` holds pointers into `memory`, which nobody writes after `init`.
  /// Valid as long as this value is.
  let matrix: LiltMatrix
  private let memory: WeightMemory

  /// One part of the inputs and its weights, `(rows, width)` row by row. They are asked for only
  /// where they have to be packed.
  struct Part {
    var width: Int
    var weights: () throws(CheckpointError) -> FloatBlock

    init(width: Int, _ weights: @escaping () throws(CheckpointError) -> FloatBlock) {
      self.width = width
      self.weights = weights
    }

    static var nothing: Part {
      Part(width: 0) { () throws(CheckpointError) in
        FloatBlock(try Checkpoint.Block(size: 0), at: 0, count: 0)
      }
    }
  }

  /// Bytes of weights that one product reads.
  let weightBytes: Int
  /// Rows after packing, those of padding included.
  let rows: Int

  /// Packs rows of up to two parts.
  ///
  /// - Parameters:
  ///   - source: For each packed row the row it comes from; negative for padding. A multiple of
  ///     `vectors` times the lanes of the kernels.
  ///   - bias: One for each row of the parts.
  init(
    _ parts: (Part, Part), source: [Int32], vectors: Int, bias: [Float]?, format: LiltFormat,
    in store: WeightStore
  ) throws(CheckpointError) {
    let set = store.kernels.pointer
    rows = source.count
    let strides = [Int32(parts.0.width), Int32(parts.1.width)]
    let depths = strides.map { lilt_packed_depth(format, $0) }
    let (weightCount, overflow) = rows.multipliedReportingOverflow(by: Int(depths[0] + depths[1]))
    guard !overflow, weightCount < 1 << 32, rows > 0 else {
      throw .unsupported("a layer of \(source.count) rows is too large")
    }
    weightBytes = lilt_packed_size(format, Int32(rows), depths[0] + depths[1])
    // The weights first, then bias and scale, each on a cache line of its own.
    let vectorBytes = (rows * 4 + 63) / 64 * 64
    let weightsEnd = (weightBytes + 63) / 64 * 64
    let memory = try store.memory(size: weightsEnd + 2 * vectorBytes)
    self.memory = memory
    let biasStart = (memory.start + weightsEnd).assumingMemoryBound(to: Float.self)
    let scaleStart = (memory.start + weightsEnd + vectorBytes).assumingMemoryBound(to: Float.self)
    let groups = rows / (vectors * Int(set.pointee.lanes))
    if !memory.isFilled {
      if let bias {
        for (row, from) in source.enumerated() where from >= 0 { biasStart[row] = bias[Int(from)] }
      }
      let first = try parts.0.weights()
      let second = try parts.1.weights()
      let scratch = try WeightMemory(size: lilt_pack_scratch(set, depths))
      first.withUnsafeBufferPointer { first in
        second.withUnsafeBufferPointer { second in
          set.pointee.pack(
            format, Int32(groups), Int32(vectors), source, first.baseAddress, second.baseAddress,
            depths, strides, memory.start, scaleStart, scratch.start)
        }
      }
    }
    matrix = LiltMatrix(
      format: format, groups: Int32(groups), vectors: Int32(vectors),
      depth: (depths[0], depths[1]), weights: UnsafeRawPointer(memory.start),
      bias: UnsafePointer(biasStart), scale: UnsafePointer(scaleStart))
  }

  /// Calls `body` with the matrix; the memory stays alive meanwhile.
  func withMatrix<Result>(_ body: (UnsafePointer<LiltMatrix>) -> Result) -> Result {
    withExtendedLifetime(memory) { withUnsafePointer(to: matrix) { body($0) } }
  }
}

/// A set of kernels.
struct UnsafeKernels: @unchecked Sendable {
  // @unchecked: the sets are constants of the program.
  let pointer: UnsafePointer<LiltKernels>

  init(_ pointer: UnsafePointer<LiltKernels>) { self.pointer = pointer }

  /// Those for this processor.
  static var best: UnsafeKernels { UnsafeKernels(lilt_kernels()) }
}
