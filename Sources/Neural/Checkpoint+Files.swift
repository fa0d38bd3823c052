import Glibc
import Kernels

extension Checkpoint {
  /// Reads a safetensors file of up to `largestFile` bytes.
  public init(path: String) throws(CheckpointError) {
    let file = try OpenFile(path: path)
    try self.init(storage: .memory(Storage.file(file).bytes(0..<file.size)))
  }

  /// Reads the description of a safetensors file, and its tensors only when they are asked for, so
  /// that a network whose packed weights are kept elsewhere starts without them.
  ///
  /// A file that has changed by then gives an error there.
  public init(readingLater path: String) throws(CheckpointError) {
    try self.init(storage: .file(OpenFile(path: path)))
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
      identity = [
        UInt64(status.st_dev), UInt64(status.st_ino), UInt64(size),
        UInt64(bitPattern: Int64(status.st_mtim.tv_sec)),
        UInt64(bitPattern: Int64(status.st_mtim.tv_nsec)),
        UInt64(bitPattern: Int64(status.st_ctim.tv_sec)),
        UInt64(bitPattern: Int64(status.st_ctim.tv_nsec)),
      ]
    }

    deinit { close(descriptor) }
  }

  /// Where the bytes of a checkpoint are.
  enum Storage: Sendable {
    case memory([UInt8])
    case file(OpenFile)

    var size: Int {
      switch self {
      case .memory(let bytes): bytes.count
      case .file(let file): file.size
      }
    }

    /// Copies a range, which lies within `size`.
    func read(
      _ range: Range<Int>, into target: UnsafeMutableRawPointer
    ) throws(CheckpointError) {
      switch self {
      case .memory(let bytes):
        bytes.withUnsafeBytes { bytes in
          guard let start = bytes.baseAddress, !range.isEmpty else { return }
          target.copyMemory(from: start + range.lowerBound, byteCount: range.count)
        }
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
      if case .memory(let bytes) = self, range == bytes.indices { return bytes }
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

    /// Calls `body` with one piece of a range after the other, none of them large; stops where the
    /// file cannot be read.
    func forEachPiece(of range: Range<Int>, _ body: (UnsafeRawBufferPointer) -> Void) {
      let size = 1 << 18
      if case .memory(let bytes) = self {
        bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[range])) }
        return
      }
      withUnsafeTemporaryAllocation(byteCount: size, alignment: 64) { piece in
        guard let start = piece.baseAddress else { return }
        var place = range.lowerBound
        while place < range.upperBound {
          let end = min(place + size, range.upperBound)
          guard (try? read(place..<end, into: start)) != nil else { return }
          body(UnsafeRawBufferPointer(start: start, count: end - place))
          place = end
        }
      }
    }
  }

  private static func systemReason() -> String {
    let text = String(cString: strerror(errno))
    return text.prefix(1).lowercased() + text.dropFirst()
  }
}
