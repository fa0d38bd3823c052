import Glibc
import Kernels

/// The packed weights of a network as one run of bytes, to be kept in a file and mapped.
///
/// ```
/// 0   "LILTPACK"        16  checksum of all that follows    32  number of blocks
/// 8   version           24  length in bytes                 40  key    48… sizes of the blocks
/// ```
/// All numbers have 8 bytes in the order of the machine that wrote them. The blocks follow from the
/// next multiple of 4096 on, each at a multiple of 64.
final class PackedImage: @unchecked Sendable {
  // @unchecked: nobody writes the memory after `init`.
  private let start: UnsafeMutableRawPointer
  private let size: Int
  private let isMapped: Bool
  private let blocks: [Range<Int>]

  static let magic: UInt64 = 0x4b43_4150_544c_494c
  /// Changes with the order of packed weights, with the checksum, and with fingerprints.
  static let version: UInt64 = 3
  private static let mostBlocks = 4096

  /// Takes over a file of packed weights; nil where it is anything else, cut short, changed, or of
  /// another key.
  init?(path: String, key: UInt64, kernels: UnsafeKernels) {
    guard let file = try? Checkpoint.OpenFile(path: path), file.size >= 4096 else { return nil }
    let storage = Checkpoint.Storage.file(file)
    size = file.size
    // Pages of a file may be small ones, in which large weights are read more slowly: those go to
    // memory of their own.
    isMapped = size <= 8 << 20
    if isMapped {
      guard let memory = Self.map(file.descriptor, size) else { return nil }
      start = memory
    } else {
      guard let memory = lilt_allocate(size) else { return nil }
      start = memory
      guard (try? storage.read(0..<size, into: memory)) != nil else {
        lilt_release(memory, size)
        return nil
      }
    }
    guard let blocks = Self.blocks(start, size, key: key, kernels) else {
      Self.release(start, size, isMapped)
      return nil
    }
    self.blocks = blocks
  }

  deinit { Self.release(start, size, isMapped) }

  /// Maps a file at a multiple of the size of a large page and asks for such pages. The system then
  /// reads the file into them, and this start and those to come need five page faults, not 1,400.
  private static func map(_ descriptor: Int32, _ size: Int) -> UnsafeMutableRawPointer? {
    let page = 2 << 20
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    guard let room = mmap(nil, size + page, PROT_NONE, flags, -1, 0), room != MAP_FAILED else {
      return nil
    }
    let before = -Int(bitPattern: room) & (page - 1)
    let start = room + before
    let length = (size + 4095) / 4096 * 4096
    if before > 0 { munmap(room, before) }
    munmap(start + length, page + size - before - length)
    let memory = mmap(start, size, PROT_READ, MAP_PRIVATE | MAP_FIXED, descriptor, 0)
    guard memory != MAP_FAILED else {
      munmap(start, length)
      return nil
    }
    madvise(start, size, MADV_HUGEPAGE)
    return start
  }

  private static func release(_ start: UnsafeMutableRawPointer, _ size: Int, _ isMapped: Bool) {
    if isMapped { munmap(start, size) } else { lilt_release(start, size) }
  }

  private static func blocks(
    _ start: UnsafeMutableRawPointer, _ size: Int, key: UInt64, _ kernels: UnsafeKernels
  ) -> [Range<Int>]? {
    func number(_ place: Int) -> UInt64 { start.load(fromByteOffset: 8 * place, as: UInt64.self) }
    guard number(0) == magic, number(1) == version, number(3) == UInt64(size), number(5) == key,
      number(4) <= UInt64(mostBlocks),
      number(2) == kernels.pointer.pointee.checksum(start + 24, size - 24)
    else { return nil }
    let count = Int(number(4))
    var end = dataStart(count)
    var blocks: [Range<Int>] = []
    for index in 0..<count {
      guard let length = Int(exactly: number(6 + index)), length <= size else { return nil }
      guard end + length <= size else { return nil }
      blocks.append(end..<end + length)
      end = (end + length + 63) / 64 * 64
    }
    return blocks
  }

  private static func dataStart(_ count: Int) -> Int { (48 + 8 * count + 4095) / 4096 * 4096 }

  /// The block of a number, if it has this size.
  func block(_ index: Int, size: Int) -> WeightMemory? {
    guard blocks.indices.contains(index), blocks[index].count == max(1, size) else { return nil }
    return WeightMemory(
      start: start + blocks[index].lowerBound, size: blocks[index].count, owner: self)
  }

  /// An image of blocks.
  static func bytes(
    of blocks: [WeightMemory], key: UInt64, kernels: UnsafeKernels
  ) -> [UInt8] {
    var size = dataStart(blocks.count)
    for block in blocks { size = (size + block.size + 63) / 64 * 64 }
    return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      guard let start = UnsafeMutableRawPointer(buffer.baseAddress) else { return }
      memset(start, 0, dataStart(blocks.count))
      var numbers = [magic, version, 0, UInt64(size), UInt64(blocks.count), key]
      numbers += blocks.map { UInt64($0.size) }
      UnsafeMutableRawBufferPointer(start: start, count: 8 * numbers.count).copyBytes(
        from: numbers.withUnsafeBytes { Array($0) })
      var end = dataStart(blocks.count)
      for block in blocks {
        (start + end).copyMemory(from: block.start, byteCount: block.size)
        let next = (end + block.size + 63) / 64 * 64
        memset(start + end + block.size, 0, next - end - block.size)
        end = next
      }
      start.storeBytes(
        of: kernels.pointer.pointee.checksum(start + 24, size - 24), toByteOffset: 16,
        as: UInt64.self)
      count = size
    }
  }
}
