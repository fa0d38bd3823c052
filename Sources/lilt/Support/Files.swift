import ABC
import Glibc

/// A file or folder that could not be read or written.
struct FileError: Error, Equatable, CustomStringConvertible {
  /// As the user wrote it, or `standard input`.
  var path: String
  /// What the system said, such as `permission denied`.
  var reason: String

  var description: String { "\(RawPath.shown(path)): \(reason)" }

  /// The error behind the present `errno`.
  static func last(_ path: String) -> FileError {
    FileError(path: path, reason: systemSentence(errno))
  }
}

/// Whole files in and out, without Foundation's start-up cost.
enum Files {
  /// Largest file that is read into memory: anything beyond is not music.
  static let largestInput = 256 << 20

  /// All bytes of a file; `-` is standard input.
  static func read(_ path: String) throws(FileError) -> [UInt8] {
    if path == "-" { return try readAll(STDIN_FILENO, path: "standard input") }
    let descriptor = open(RawPath.bytes(of: path), O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .last(path) }
    defer { close(descriptor) }
    return try readAll(descriptor, path: path)
  }

  /// A file's text, in any of the encodings that ABC collections come in.
  static func readText(_ path: String) throws(FileError) -> String {
    String(decoding: DecodedText(try read(path)).bytes, as: UTF8.self)
  }

  /// A tunebook.
  static func readTunes(_ path: String) throws(FileError) -> Tunebook {
    let bytes = try read(path)
    guard !DecodedText.isBinary(bytes) else {
      throw FileError(path: path, reason: "this is not ABC text")
    }
    return Tunebook(bytes: bytes)
  }

  private static func readAll(_ descriptor: Int32, path: String) throws(FileError) -> [UInt8] {
    let chunk = 1 << 16
    // A file that says how large it is is read in one go: growing costs more than reading.
    var status = stat()
    let isKnown = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    let size = isKnown ? min(max(Int(status.st_size), 0), largestInput) : 0
    var bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let got = Glibc.read(descriptor, buffer.baseAddress.map { $0 + count }, size - count)
        if got < 0 && errno == EINTR { continue }
        guard got > 0 else { return }
        count += got
      }
    }
    while true {
      var failed = false
      let before = bytes.count
      let part = [UInt8](unsafeUninitializedCapacity: chunk) { buffer, count in
        var got = Glibc.read(descriptor, buffer.baseAddress, chunk)
        while got < 0 && errno == EINTR { got = Glibc.read(descriptor, buffer.baseAddress, chunk) }
        failed = got < 0
        count = max(0, got)
      }
      if failed { throw .last(path) }
      if part.isEmpty { return bytes }
      bytes += part
      if before + part.count > largestInput {
        throw FileError(path: path, reason: "larger than \(largestInput >> 20) MiB")
      }
    }
  }

  /// Replaces a file as one step: a reader sees the old bytes or all of the new ones.
  ///
  /// - Parameters:
  ///   - bytes: The whole new content.
  ///   - path: The file; `-` is standard output. A link is followed, so that what it names changes.
  ///   - permissions: For a new file, before the user's mask; a file that exists keeps its own.
  ///   - durable: Whether to wait until the disk has it.
  static func write(
    _ bytes: [UInt8], to path: String, permissions: mode_t = 0o666, durable: Bool = true
  ) throws(FileError) {
    if path == "-" {
      StandardOutput.write(bytes: bytes)
      return
    }
    var target = path
    if let resolved = realpath(RawPath.bytes(of: path), nil) {
      target = RawPath.text(of: resolved)
      free(resolved)
    }
    var status = stat()
    let exists = stat(RawPath.bytes(of: target), &status) == 0
    // A pipe, a terminal or /dev/null cannot be replaced, only written to.
    if exists && status.st_mode & S_IFMT != S_IFREG {
      try overwrite(bytes, at: target, shownAs: path)
      return
    }
    // Until it is complete it has no name, where the file system can do that: a program that is
    // killed leaves nothing behind.
    var temporary: [CChar]?
    var descriptor = unnamed(in: Paths.parent(of: target))
    if descriptor < 0 {
      var template = RawPath.bytes(of: target + ".XXXXXX")
      descriptor = mkstemp(&template)
      temporary = template
    }
    guard descriptor >= 0 else { throw .last(path) }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    let mode = exists ? status.st_mode & 0o7777 : permissions & ~currentMask
    var failure = fchmod(descriptor, mode) == 0 ? 0 : errno
    if failure == 0 { failure = bytes.withUnsafeBufferPointer { writeAll($0, to: descriptor) } }
    if failure == 0 && durable && fsync(descriptor) != 0 { failure = errno }
    if failure == 0 && temporary == nil {
      (failure, temporary) = name(descriptor, target, exists: exists)
    }
    if close(descriptor) != 0 && failure == 0 { failure = errno }
    if let temporary {
      if failure == 0 && rename(temporary, RawPath.bytes(of: target)) != 0 { failure = errno }
      if failure != 0 { unlink(temporary) }
    }
    if failure != 0 { throw FileError(path: path, reason: systemSentence(failure)) }
  }

  /// Gives a file without a name its own, or, where that is taken, one beside it to rename from.
  private static func name(
    _ descriptor: Int32, _ target: String, exists: Bool
  ) -> (failure: Int32, beside: [CChar]?) {
    let source = "/proc/self/fd/\(descriptor)"
    if !exists {
      if linkat(AT_FDCWD, source, AT_FDCWD, RawPath.bytes(of: target), AT_SYMLINK_FOLLOW) == 0 {
        return (0, nil)
      }
      guard errno == EEXIST else { return (errno, nil) }
    }
    let beside = RawPath.bytes(of: target + ".lilt-\(getpid())")
    unlink(beside)
    guard linkat(AT_FDCWD, source, AT_FDCWD, beside, AT_SYMLINK_FOLLOW) == 0 else {
      return (errno, nil)
    }
    return (0, beside)
  }

  /// Opens a new file that has no name in a folder (`O_TMPFILE`): it is gone with the program.
  ///
  /// - Returns: A descriptor for reading and writing; -1 and `errno` where that cannot be.
  static func unnamed(in folder: String, permissions: mode_t = 0o600) -> Int32 {
    // Named __O_TMPFILE in C; the folder's bit differs between processors.
    open(
      RawPath.bytes(of: folder), O_RDWR | O_CLOEXEC | 0o20_000_000 | O_DIRECTORY, permissions)
  }

  private static func overwrite(
    _ bytes: [UInt8], at target: String, shownAs path: String
  ) throws(FileError) {
    let descriptor = open(RawPath.bytes(of: target), O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .last(path) }
    defer { close(descriptor) }
    let failure = bytes.withUnsafeBufferPointer { writeAll($0, to: descriptor) }
    if failure != 0 { throw FileError(path: path, reason: systemSentence(failure)) }
  }

  /// The user's file mask. `umask` can only be read by setting it, so `/proc` is asked instead.
  private static let currentMask: mode_t = {
    guard let bytes = try? read("/proc/self/status") else { return 0o022 }
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      let text = String(decoding: line, as: UTF8.self)
      if text.hasPrefix("Umask:") {
        return mode_t(text.dropFirst(6).filter(\.isNumber), radix: 8) ?? 0o022
      }
    }
    return 0o022
  }()

  /// Makes a folder and those above it; it is no error when it exists.
  static func makeFolder(_ path: String, permissions: mode_t = 0o700) throws(FileError) {
    if isFolder(path) || path == "/" || path == "." { return }
    try makeFolder(Paths.parent(of: path), permissions: permissions)
    if mkdir(RawPath.bytes(of: path), permissions) != 0 && errno != EEXIST { throw .last(path) }
  }

  /// Whether something that can be opened is there.
  static func exists(_ path: String) -> Bool { access(RawPath.bytes(of: path), F_OK) == 0 }

  /// Whether a folder is there.
  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(RawPath.bytes(of: path), &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Whether a path names a regular file.
  static func isFile(_ path: String) -> Bool {
    var status = stat()
    return stat(RawPath.bytes(of: path), &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  /// Names in a folder, sorted, without hidden ones; empty where there is no such folder.
  static func names(in folder: String) -> [String] {
    guard let handle = opendir(RawPath.bytes(of: folder)) else { return [] }
    defer { closedir(handle) }
    var names: [String] = []
    while let entry = readdir(handle) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { RawPath.text(of: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }

  /// When a file was last changed, in seconds since 1970; nil where there is none.
  static func modified(_ path: String) -> Double? {
    var status = stat()
    guard stat(RawPath.bytes(of: path), &status) == 0 else { return nil }
    return Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) / 1e9
  }
}
