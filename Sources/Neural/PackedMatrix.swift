import Kernels

/// Memory for weights: aligned, in large pages where it is large, freed with its last owner.
final class WeightMemory: @unchecked Sendable {
  // @unchecked: written only while its one `PackedMatrix` or table is being made.
  let start: UnsafeMutableRawPointer
  let size: Int

  init(size: Int) throws(CheckpointError) {
    guard let start = lilt_allocate(max(size, 1)) else { throw .noMemory(bytes: size) }
    self.start = start
    self.size = max(size, 1)
  }

  deinit { lilt_release(start, size) }
}

/// A weight matrix in the order in which the kernels read it.
struct PackedMatrix: @unchecked Sendable {
  // @unchecked: `matrix` holds pointers into `memory`, which nobody writes after `init`.
  private let matrix: LiltMatrix
  private let memory: WeightMemory
  private let kernels: UnsafePointer<LiltKernels>

  /// One part of the inputs and its weights, `(rows, width)` row by row.
  struct Part {
    var weights: [Float]
    var width: Int
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
    _ parts: [Part], source: [Int32], vectors: Int, bias: [Float]?, format: LiltFormat,
    kernels: UnsafePointer<LiltKernels>
  ) throws(CheckpointError) {
    let set = kernels.pointee
    rows = source.count
    self.kernels = kernels
    let strides = [parts.first?.width ?? 0, parts.count > 1 ? parts[1].width : 0]
    let depths = strides.map { format == LILT_INT8 ? ($0 + 3) / 4 * 4 : $0 }
    let (weightCount, overflow) = rows.multipliedReportingOverflow(by: depths[0] + depths[1])
    guard !overflow, weightCount < 1 << 32, rows > 0 else {
      throw .unsupported("a layer of \(source.count) rows is too large")
    }
    weightBytes = lilt_packed_size(format, Int32(rows), Int32(depths[0] + depths[1]))
    // The weights first, then bias, scale and offset, each on a cache line of its own.
    let vectorBytes = (rows * 4 + 63) / 64 * 64
    let weightsEnd = (weightBytes + 63) / 64 * 64
    let memory = try WeightMemory(size: weightsEnd + 3 * vectorBytes)
    self.memory = memory
    let biasStart = (memory.start + weightsEnd).assumingMemoryBound(to: Float.self)
    let scaleStart = (memory.start + weightsEnd + vectorBytes).assumingMemoryBound(to: Float.self)
    let offsetStart = (memory.start + weightsEnd + 2 * vectorBytes)
      .assumingMemoryBound(to: Int32.self)
    if let bias {
      for (row, from) in source.enumerated() where from >= 0 { biasStart[row] = bias[Int(from)] }
    }
    var scratch = [Float](repeating: 0, count: depths[0] + depths[1])
    let groups = rows / (vectors * Int(set.lanes))
    let depths32 = depths.map(Int32.init)
    let strides32 = strides.map(Int32.init)
    let second = parts.count > 1 ? parts[1].weights : []
    (parts.first?.weights ?? []).withUnsafeBufferPointer { first in
      second.withUnsafeBufferPointer { second in
        set.pack(
          format, Int32(groups), Int32(vectors), source, first.baseAddress, second.baseAddress,
          depths32, strides32, memory.start, scaleStart, offsetStart, &scratch)
      }
    }
    matrix = LiltMatrix(
      format: format, groups: Int32(groups), vectors: Int32(vectors),
      depth: (depths32[0], depths32[1]), weights: UnsafeRawPointer(memory.start),
      bias: UnsafePointer(biasStart), scale: UnsafePointer(scaleStart),
      offset: UnsafePointer(offsetStart))
  }

  /// Calls `body` with the kernels and the matrix; the memory stays alive meanwhile.
  func withKernels<Result>(
    _ body: (LiltKernels, UnsafePointer<LiltMatrix>) -> Result
  ) -> Result {
    withExtendedLifetime(memory) {
      withUnsafePointer(to: matrix) { body(kernels.pointee, $0) }
    }
  }
}
