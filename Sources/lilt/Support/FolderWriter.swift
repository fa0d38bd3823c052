import Glibc

/// Writes many files into one folder, quickly and from several threads at once.
///
/// A folder that is new appears as one step, when everything is in it. In one that exists every
/// file that is there is replaced as one step, unless it holds the same bytes already.
struct FolderWriter: ~Copyable {
  private let folder: String
  /// Where a new folder grows until it is whole; nil where `folder` exists.
  private let growing: String?
  private let descriptor: Int32
  private var isFinished = false

  private init(folder: String, growing: String?, descriptor: Int32) {
    self.folder = folder
    self.growing = growing
    self.descriptor = descriptor
  }

  /// - Throws: When the folder cannot be made or entered.
  static func opening(_ folder: String) throws(FileError) -> FolderWriter {
    var target = folder
    while target.count > 1, target.hasSuffix("/") { target.removeLast() }
    var growing: String?
    if !Files.exists(target) {
      try Files.makeFolder(Paths.parent(of: target), permissions: 0o777)
      let name = "\(target).\(getpid())"
      guard mkdir(RawPath.bytes(of: name), 0o777) == 0 else { throw .last(folder) }
      growing = name
    }
    let descriptor = open(RawPath.bytes(of: growing ?? target), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else {
      let error = FileError.last(folder)
      if let growing { rmdir(growing) }
      throw error
    }
    return FolderWriter(folder: target, growing: growing, descriptor: descriptor)
  }

  deinit {
    if !isFinished, let growing {
      for name in Files.names(in: growing) { unlinkat(descriptor, name, 0) }
      rmdir(growing)
    }
    close(descriptor)
  }

  /// Writes one file; may be called from several threads with different names.
  borrowing func write(_ bytes: [UInt8], named name: String) throws(FileError) {
    // A new file is made where it belongs: nothing is lost that was there before.
    let failure = create(name, bytes, permissions: nil)
    if failure == 0 { return }
    guard failure == EEXIST, growing == nil else { throw error(name, failure) }
    try replace(name, with: bytes)
  }

  private borrowing func replace(_ name: String, with bytes: [UInt8]) throws(FileError) {
    var permissions: mode_t?
    switch present(name, bytes) {
    case .same: return
    case .missing: break
    case .other(let mode): permissions = mode
    case .special:
      try Files.write(bytes, to: Paths.join(folder, name), durable: false)
      return
    }
    let temporary = ".\(name).\(getpid())"
    var failure = create(temporary, bytes, permissions: permissions)
    if failure == 0, renameat(descriptor, temporary, descriptor, name) != 0 { failure = errno }
    if failure != 0 {
      unlinkat(descriptor, temporary, 0)
      throw error(name, failure)
    }
  }

  /// Where files are being written: renders put theirs here themselves.
  var path: String { growing ?? folder }

  /// Gives a new folder its name.
  consuming func finish() throws(FileError) {
    if let growing, rename(RawPath.bytes(of: growing), RawPath.bytes(of: folder)) != 0 {
      throw .last(folder)
    }
    isFinished = true
  }

  private enum Presence {
    case missing, same, special
    case other(mode_t)
  }

  /// What stands under the name now, compared with the bytes to be written.
  private borrowing func present(_ name: String, _ bytes: [UInt8]) -> Presence {
    let old = openat(descriptor, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard old >= 0 else { return errno == ENOENT ? .missing : .special }
    defer { close(old) }
    var status = stat()
    guard fstat(old, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return .special }
    let mode = status.st_mode & 0o7777
    guard status.st_size == bytes.count else { return .other(mode) }
    let held = [UInt8](unsafeUninitializedCapacity: bytes.count) { buffer, count in
      count = max(0, read(old, buffer.baseAddress, bytes.count))
    }
    return held == bytes ? .same : .other(mode)
  }

  /// Makes a new file; 0, or the `errno` of what failed.
  private borrowing func create(
    _ name: String, _ bytes: [UInt8], permissions: mode_t?
  ) -> Int32 {
    let new = openat(descriptor, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard new >= 0 else { return errno }
    var failure = bytes.withUnsafeBufferPointer { writeAll($0, to: new) }
    if let permissions, failure == 0, fchmod(new, permissions) != 0 { failure = errno }
    if close(new) != 0, failure == 0 { failure = errno }
    if failure != 0 { unlinkat(descriptor, name, 0) }
    return failure
  }

  private borrowing func error(_ name: String, _ failure: Int32) -> FileError {
    FileError(path: Paths.join(folder, name), reason: systemSentence(failure))
  }
}
