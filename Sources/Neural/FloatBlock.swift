/// Floats somewhere in memory, and what keeps them there.
struct FloatBlock: @unchecked Sendable {
  // @unchecked: nobody writes the block once its floats can be read.
  /// Valid as long as this value is.
  let start: UnsafePointer<Float>
  let count: Int
  private let owner: Checkpoint.Block?

  /// - Parameter offset: Where the floats begin in the block: bytes, a multiple of 4.
  init(_ block: Checkpoint.Block, at offset: Int, count: Int) {
    precondition(offset % 4 == 0 && offset >= 0 && 4 * count <= block.size - offset)
    start = UnsafePointer((block.start + offset).assumingMemoryBound(to: Float.self))
    self.count = count
    owner = block
  }

  private init(start: UnsafePointer<Float>, count: Int, owner: Checkpoint.Block?) {
    self.start = start
    self.count = count
    self.owner = owner
  }

  subscript(place: Int) -> Float {
    precondition((0..<count).contains(place), "no such float")
    return start[place]
  }

  /// Some of them.
  subscript(range: Range<Int>) -> FloatBlock {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "no such floats")
    return FloatBlock(start: start + range.lowerBound, count: range.count, owner: owner)
  }

  /// Calls `body` with all of them; the memory stays meanwhile.
  func withUnsafeBufferPointer<Result>(
    _ body: (UnsafeBufferPointer<Float>) -> Result
  ) -> Result {
    withExtendedLifetime(owner) { body(UnsafeBufferPointer(start: start, count: count)) }
  }
}
