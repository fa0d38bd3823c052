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

  /// One part of the inputs and its weights, `(rows, width)` row by row. They are read only where
  /// they have to be packed.
  struct Part: Sendable {
    let width: Int
    private let tensor: Checkpoint.Tensor?
    private let rows: Range<Int>

    /// - Parameter tensor: Of two dimensions.
    init(_ tensor: Checkpoint.Tensor) {
      self.init(width: tensor.shape[1], tensor: tensor, rows: 0..<tensor.shape[0])
    }

    private init(width: Int, tensor: Checkpoint.Tensor?, rows: Range<Int>) {
      self.width = width
      self.tensor = tensor
      self.rows = rows
    }

    static let nothing = Part(width: 0, tensor: nil, rows: 0..<0)

    /// Some of the rows.
    subscript(range: Range<Int>) -> Part {
      Part(
        width: width, tensor: tensor,
        rows: rows.lowerBound + range.lowerBound..<rows.lowerBound + range.upperBound)
    }

    /// Copies some of the rows.
    func read(
      _ range: Range<Int>, into target: UnsafeMutablePointer<Float>
    ) throws(CheckpointError) {
      let first = rows.lowerBound + range.lowerBound
      try tensor?.read(first * width..<(first + range.count) * width, into: target)
    }

    func weights() throws(CheckpointError) -> FloatBlock {
      guard let tensor else { return FloatBlock(try Checkpoint.Block(size: 0), at: 0, count: 0) }
      return try tensor.values()[rows.lowerBound * width..<rows.upperBound * width]
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
      let shape = LiltMatrix(
        format: format, groups: Int32(groups), vectors: Int32(vectors),
        depth: (depths[0], depths[1]), weights: nil, bias: nil, scale: nil)
      try Self.pack(parts, source, shape, set, weightBytes, memory.start, scaleStart)
    }
    matrix = LiltMatrix(
      format: format, groups: Int32(groups), vectors: Int32(vectors),
      depth: (depths[0], depths[1]), weights: UnsafeRawPointer(memory.start),
      bias: UnsafePointer(biasStart), scale: UnsafePointer(scaleStart))
  }

  /// Packs a few groups at a time, whose rows are read into memory that stays in the second cache.
  private static func pack(
    _ parts: (Part, Part), _ source: [Int32], _ shape: LiltMatrix,
    _ set: UnsafePointer<LiltKernels>, _ weightBytes: Int, _ weights: UnsafeMutableRawPointer,
    _ scale: UnsafeMutablePointer<Float>
  ) throws(CheckpointError) {
    let depths = [shape.depth.0, shape.depth.1]
    let strides = [Int32(parts.0.width), Int32(parts.1.width)]
    let groups = Int(shape.groups)
    let groupRows = source.count / groups
    let groupFloats = groupRows * (parts.0.width + parts.1.width)
    let most = min(groups, max(1, 1 << 17 / max(1, groupFloats)))
    let block = try Checkpoint.Block(size: 4 * most * groupFloats)
    let first = block.start.assumingMemoryBound(to: Float.self)
    let second = first + most * groupRows * parts.0.width
    let scratch = try WeightMemory(size: lilt_pack_scratch(set, depths))
    for group in stride(from: 0, to: groups, by: most) {
      let rows = group * groupRows..<min(groups, group + most) * groupRows
      // Where each row of these groups lies in the block; rows that follow each other are read at once.
      var places = [Int32](repeating: -1, count: rows.count)
      var filled = 0
      var row = rows.lowerBound
      while row < rows.upperBound {
        let from = Int(source[row])
        var length = 0
        while row < rows.upperBound, from < 0 ? source[row] < 0 : source[row] == from + length {
          if from >= 0 { places[row - rows.lowerBound] = Int32(filled + length) }
          length += 1
          row += 1
        }
        guard from >= 0 else { continue }
        try parts.0.read(from..<from + length, into: first + filled * parts.0.width)
        try parts.1.read(from..<from + length, into: second + filled * parts.1.width)
        filled += length
      }
      withExtendedLifetime((block, scratch)) {
        set.pointee.pack(
          shape.format, Int32(rows.count / groupRows), shape.vectors, places, first, second, depths,
          strides, weights + group * (weightBytes / groups), scale + rows.lowerBound,
          scratch.start)
      }
    }
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
