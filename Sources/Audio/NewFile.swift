import Glibc

/// A file that has no name until it is complete: whatever ends the program before, nothing is left.
///
/// Where the file system cannot do that (`O_TMPFILE`), it lies under a hidden name meanwhile.
struct NewFile: ~Copyable {
  let descriptor: Int32
  private let path: String
  /// The hidden name, where there is one.
  private var temporary: String?

  /// - Parameter path: The name it will have; a link is followed, so that what it names changes.
  init(at path: String) throws(AudioError) {
    var target = path
    if let resolved = realpath(path, nil) {
      target = String(cString: resolved)
      free(resolved)
    }
    let slash = target.utf8.lastIndex(of: UInt8(ascii: "/"))
    let folder = slash.map { String(target[...$0]) } ?? "."
    // Named __O_TMPFILE in C; the folder's bit differs between processors.
    let unnamed: Int32 = 0o20_000_000 | O_DIRECTORY
    var descriptor = open(folder, O_RDWR | O_CLOEXEC | unnamed, 0o666)
    var temporary: String?
    if descriptor < 0 {
      var template = Array((folder + "/.lilt.XXXXXX").utf8CString)
      descriptor = mkstemp(&template)
      temporary = String(
        decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
    guard descriptor >= 0 else {
      throw .fileNotWritten(path: path, reason: String(cString: strerror(errno)))
    }
    self.descriptor = descriptor
    self.path = target
    self.temporary = temporary
  }

  /// Gives the file its name; what had it before is replaced in one step.
  mutating func publish() throws(AudioError) {
    var status = stat()
    if stat(path, &status) == 0 { fchmod(descriptor, status.st_mode & 0o7777) }
    if temporary == nil {
      let source = "/proc/self/fd/\(descriptor)"
      if linkat(AT_FDCWD, source, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0 { return }
      guard errno == EEXIST else { throw failure() }
      // A name that is taken cannot be linked to, only renamed over.
      let beside = path + ".lilt-\(getpid())"
      unlink(beside)
      guard linkat(AT_FDCWD, source, AT_FDCWD, beside, AT_SYMLINK_FOLLOW) == 0 else {
        throw failure()
      }
      temporary = beside
    }
    if let name = temporary {
      guard rename(name, path) == 0 else { throw failure() }
      temporary = nil
    }
  }

  private func failure() -> AudioError {
    .fileNotWritten(path: path, reason: String(cString: strerror(errno)))
  }

  deinit {
    close(descriptor)
    if let temporary { unlink(temporary) }
  }
}
