import Kernels

/// Where the packed weights of one network lie, in the order in which they are asked for: memory to
/// fill, or the parts of an image that an earlier network left.
final class WeightStore {
  let kernels: UnsafeKernels
  private let image: PackedImage?
  private var next = 0
  private(set) var blocks: [WeightMemory] = []

  init(kernels: UnsafeKernels, image: PackedImage? = nil) {
    self.kernels = kernels
    self.image = image
  }

  /// The next block. Throws where an image has none of this size: it is of another network.
  func memory(size: Int) throws(CheckpointError) -> WeightMemory {
    let block: WeightMemory
    if let image {
      guard let found = image.block(next, size: size) else {
        throw .unsupported("the packed weights are of another network")
      }
      block = found
      next += 1
    } else {
      block = try WeightMemory(size: size)
    }
    blocks.append(block)
    return block
  }
}
