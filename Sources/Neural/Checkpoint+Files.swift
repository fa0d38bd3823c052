import Glibc

extension Checkpoint {
  /// Reads a safetensors file of up to `largestFile` bytes.
  public init(path: String) throws(CheckpointError) {
    try self.init(bytes: Self.fileBytes(path))
  }

  private static func fileBytes(_ path: String) throws(CheckpointError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .unreadable(reason: systemReason()) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .unreadable(reason: systemReason()) }
    // A pipe or a device may have no end.
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .unreadable(reason: "it is not a regular file")
    }
    let size = Int(status.st_size)
    guard size <= largestFile else { throw .tooLarge(bytes: size, limit: largestFile) }
    var failure: CheckpointError?
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size, let start = buffer.baseAddress {
        let got = read(descriptor, start + count, size - count)
        if got > 0 {
          count += got
        } else if got == 0 {
          return
        } else if errno != EINTR {
          failure = .unreadable(reason: systemReason())
          return
        }
      }
    }
    if let failure { throw failure }
    return bytes
  }

  private static func systemReason() -> String {
    let text = String(cString: strerror(errno))
    return text.prefix(1).lowercased() + text.dropFirst()
  }
}
