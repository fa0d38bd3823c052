internal import TrainingKernels

/// Zeroed numbers at a fixed, aligned place in memory.
///
/// Layers hand places in it to the kernels; which thread may write where follows from the order of
/// the passes in `TrainingNetwork`.
final class Storage {
  let bytes: UnsafeMutableRawPointer
  /// How many 32-bit numbers there are.
  let count: Int

  init(count: Int) throws(TrainingError) {
    let (size, overflow) = count.multipliedReportingOverflow(by: 4)
    guard !overflow, count >= 0, let memory = lilt_training_allocate(size) else {
      throw .noMemory(bytes: overflow ? .max : size)
    }
    bytes = memory
    self.count = count
  }

  /// Room for 16-bit numbers.
  convenience init(halves: Int) throws(TrainingError) {
    try self.init(count: (halves + 1) / 2)
  }

  deinit { lilt_training_release(bytes) }

  var floats: UnsafeMutablePointer<Float> { bytes.assumingMemoryBound(to: Float.self) }
  var halves: UnsafeMutablePointer<UInt16> { bytes.assumingMemoryBound(to: UInt16.self) }

  var array: [Float] { Array(UnsafeBufferPointer(start: floats, count: count)) }

  func clear() { floats.update(repeating: 0, count: count) }
}
