import Glibc
import Kernels

extension Checkpoint {
  /// Reads a safetensors file of up to `largestFile` bytes.
  public init(path: String) throws(CheckpointError) {
    self = try Checkpoint(readingLater: path).read()
  }

  /// Reads the description of a safetensors file, and its tensors only when they are asked for, so
  /// that a network whose packed weights are kept elsewhere starts without them.
  ///
  /// A file that has changed by then gives an error there.
  public init(readingLater path: String) throws(CheckpointError) {
    try self.init(storage: .file(OpenFile(path: path)))
  }

  /// The same with all tensors in memory; the data of a file is read in one go.
  func read() throws(CheckpointError) -> Checkpoint {
    guard case .file(let file)? = tensors.first?.storage,
      let start = tensors.map(\.range.lowerBound).min()
    else { return self }
    let data = try Block(size: file.size - start)
    try Storage.file(file).read(start..<file.size, into: data.start)
    return Checkpoint(
      metadata: metadata,
      sorted: tensors.map {
        Tensor(
          name: $0.name, shape: $0.shape, format: $0.format, count: $0.count,
          storage: .memory(data),
          range: $0.range.lowerBound - start..<$0.range.upperBound - start)
      })
  }

  /// Whether the file is as it was when it was opened.
  var isUnchanged: Bool {
    guard case .file(let file)? = tensors.first?.storage else { return true }
    var status = stat()
    return fstat(file.descriptor, &status) == 0 && OpenFile.identity(status) == file.identity
  }

  /// What tells one state of a file from another, without reading it: device, number, size and time
  /// of the last change; nil when the tensors are in memory.
  var fileIdentity: [UInt64]? {
    guard case .file(let file)? = tensors.first?.storage else { return nil }
    return file.identity
  }

  /// A file that is open for reading.
  final class OpenFile: Sendable {
    let descriptor: Int32
    let size: Int
    let identity: [UInt64]

    init(path: String) throws(CheckpointError) {
      let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
      guard descriptor >= 0 else { throw .unreadable(reason: systemReason()) }
      var status = stat()
      guard fstat(descriptor, &status) == 0 else {
        let reason = systemReason()
        close(descriptor)
        throw .unreadable(reason: reason)
      }
      let size = Int(status.st_size)
      // A pipe or a device may have no end.
      guard status.st_mode & S_IFMT == S_IFREG, size <= largestFile else {
        close(descriptor)
        if status.st_mode & S_IFMT == S_IFREG {
          throw .tooLarge(bytes: size, limit: largestFile)
        }
        throw .unreadable(reason: "it is not a regular file")
      }
      self.descriptor = descriptor
      self.size = size
      identity = Self.identity(status)
    }

    static func identity(_ status: stat) -> [UInt64] {
      [
        UInt64(status.st_dev), UInt64(status.st_ino), UInt64(status.st_size),
        UInt64(bitPattern: Int64(status.st_mtim.tv_sec)),
        UInt64(bitPattern: Int64(status.st_mtim.tv_nsec)),
        UInt64(bitPattern: Int64(status.st_ctim.tv_sec)),
        UInt64(bitPattern: Int64(status.st_ctim.tv_nsec)),
      ]
    }

    deinit { close(descriptor) }
  }

  /// Bytes in memory, at a multiple of 64, in large pages where there are many.
  final class Block: @unchecked Sendable {
    // @unchecked: written only by whoever makes it, before others know it.
    let start: UnsafeMutableRawPointer
    let size: Int

    init(size: Int) throws(CheckpointError) {
      guard let start = lilt_allocate(max(1, size)) else { throw .noMemory(bytes: size) }
      self.start = start
      self.size = size
    }

    convenience init(_ bytes: [UInt8]) throws(CheckpointError) {
      try self.init(size: bytes.count)
      start.copyMemory(from: bytes, byteCount: bytes.count)
    }

    deinit { lilt_release(start, max(1, size)) }
  }

  /// Where the bytes of a checkpoint are.
  enum Storage: Sendable {
    case memory(Block)
    case file(OpenFile)

    var size: Int {
      switch self {
      case .memory(let block): block.size
      case .file(let file): file.size
      }
    }

    /// Copies a range, which lies within `size`.
    func read(
      _ range: Range<Int>, into target: UnsafeMutableRawPointer
    ) throws(CheckpointError) {
      switch self {
      case .memory(let block):
        target.copyMemory(from: block.start + range.lowerBound, byteCount: range.count)
      case .file(let file):
        var done = 0
        while done < range.count {
          let got = pread(
            file.descriptor, target + done, range.count - done, off_t(range.lowerBound + done))
          if got > 0 {
            done += got
          } else if got == 0 {
            throw .truncatedData(needed: range.upperBound, found: range.lowerBound + done)
          } else if errno != EINTR {
            throw .unreadable(reason: systemReason())
          }
        }
      }
    }

    func bytes(_ range: Range<Int>) throws(CheckpointError) -> [UInt8] {
      var failure: CheckpointError?
      let copy = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
        guard let start = buffer.baseAddress else { return }
        do throws(CheckpointError) {
          try read(range, into: UnsafeMutableRawPointer(start))
          count = range.count
        } catch {
          failure = error
        }
      }
      if let failure { throw failure }
      return copy
    }
  }

  private static func systemReason() -> String {
    let text = String(cString: strerror(errno))
    return text.prefix(1).lowercased() + text.dropFirst()
  }
}
