import Glibc
import Kernels

/// A folder in which packed weights wait for the next start.
///
/// Nothing depends on it: what is missing, stale or damaged is packed again, and a folder that cannot
/// be written is left alone.
public struct PackedCache: Sendable {
  /// Created when the first weights are kept.
  public let folder: String
  /// Bytes that may lie there; the weights not used for longest go first.
  public var limit = 1 << 30

  public init(folder: String) { self.folder = folder }

  /// The network of a checkpoint's file, from the cache if it is there; if not, `keep` puts it there.
  ///
  /// The same file (device, number, size, times) is taken to have the same content, so that its
  /// tensors need not be read.
  public func load(
    path: String, precision: Precision
  ) throws(CheckpointError) -> LoadedNetwork {
    try load(path: path, precision: precision, kernels: .best)
  }

  func load(
    path: String, precision: Precision, kernels: UnsafeKernels
  ) throws(CheckpointError) -> LoadedNetwork {
    let checkpoint = try Checkpoint(readingLater: path)
    if let note = notePath(checkpoint), let fingerprint = fingerprint(in: note),
      let found = kept(checkpoint, fingerprint, precision, kernels)
    {
      return LoadedNetwork(checkpoint, found, fingerprint: fingerprint)
    }
    let store = WeightStore(kernels: kernels)
    let network = try RecurrentNetwork(checkpoint, precision: precision, in: store)
    return LoadedNetwork(
      checkpoint, network,
      LoadedNetwork.Unkept(
        cache: self, precision: precision, kernels: kernels, blocks: store.blocks))
  }

  /// Writes packed weights, unless they are there, and notes whose they are.
  func keep(_ loaded: LoadedNetwork, _ unkept: LoadedNetwork.Unkept) {
    makeFolder()
    // What is kept must be what was packed: the file may have been written to since.
    guard access(folder, W_OK | X_OK) == 0, let note = notePath(loaded.checkpoint),
      let fingerprint = loaded.readFingerprint, loaded.checkpoint.isUnchanged
    else { return }
    let (precision, kernels) = (unkept.precision, unkept.kernels)
    if kept(loaded.checkpoint, fingerprint, precision, kernels) == nil {
      let image = PackedImage.bytes(
        of: unkept.blocks, key: key(fingerprint, precision, kernels), kernels: kernels)
      write(image, to: path(fingerprint, precision, kernels))
    }
    write(Array(fingerprint.utf8), to: note)
    evict()
  }

  private func kept(
    _ checkpoint: Checkpoint, _ fingerprint: String, _ precision: Precision,
    _ kernels: UnsafeKernels
  ) -> RecurrentNetwork? {
    let path = self.path(fingerprint, precision, kernels)
    let key = key(fingerprint, precision, kernels)
    guard let image = PackedImage(path: path, key: key, kernels: kernels) else { return nil }
    // The time says when it was last used.
    utimensat(AT_FDCWD, path, nil, 0)
    return try? RecurrentNetwork(
      checkpoint, precision: precision, in: WeightStore(kernels: kernels, image: image))
  }

  private func name(
    _ fingerprint: String, _ precision: Precision, _ kernels: UnsafeKernels
  ) -> String {
    let set = String(cString: kernels.pointer.pointee.name)
    return "\(fingerprint)-\(precision.resolved.rawValue)-\(set)"
  }

  private func path(
    _ fingerprint: String, _ precision: Precision, _ kernels: UnsafeKernels
  ) -> String {
    folder + "/" + name(fingerprint, precision, kernels) + Self.ending
  }

  private func key(
    _ fingerprint: String, _ precision: Precision, _ kernels: UnsafeKernels
  ) -> UInt64 {
    let bytes = Array(name(fingerprint, precision, kernels).utf8)
    return lilt_hash(PackedImage.version, bytes, bytes.count)
  }

  // MARK: Notes

  // A note is called after the state of a checkpoint's file, and holds its fingerprint.

  private static let ending = ".weights"
  private static let noteEnding = ".file"

  private func notePath(_ checkpoint: Checkpoint) -> String? {
    guard var identity = checkpoint.fileIdentity else { return nil }
    identity.append(PackedImage.version)
    let value = identity.withUnsafeBytes { lilt_checksum($0.baseAddress, $0.count) }
    return folder + "/" + String(value, radix: 16) + Self.noteEnding
  }

  private func fingerprint(in note: String) -> String? {
    guard let file = try? Checkpoint.OpenFile(path: note), file.size == 16,
      let bytes = try? Checkpoint.Storage.file(file).bytes(0..<16)
    else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    return text.allSatisfy(\.isHexDigit) ? text : nil
  }

  // MARK: Files

  private func makeFolder() {
    var path = ""
    for part in folder.split(separator: "/", omittingEmptySubsequences: true) {
      path += (path.isEmpty && !folder.hasPrefix("/") ? "" : "/") + part
      mkdir(path, 0o700)
    }
  }

  /// Writes a file under a name of its own, then gives it the right one; a failure leaves nothing.
  private func write(_ bytes: [UInt8], to path: String?) {
    guard let path else { return }
    let temporary = path + ".\(getpid()).new"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return }
    var done = 0
    bytes.withUnsafeBytes { bytes in
      while done < bytes.count, let start = bytes.baseAddress {
        let written = Glibc.write(descriptor, start + done, bytes.count - done)
        if written > 0 {
          done += written
        } else if written == 0 || errno != EINTR {
          return
        }
      }
    }
    let isClosed = close(descriptor) == 0
    if done < bytes.count || !isClosed || rename(temporary, path) != 0 { unlink(temporary) }
  }

  /// Removes what was not used for longest until the rest is within the limit, and what an
  /// interrupted start left.
  private func evict() {
    var files: [(path: String, size: Int, time: Int)] = []
    for name in names() {
      let path = folder + "/" + name
      var status = stat()
      guard stat(path, &status) == 0 else { continue }
      files.append((path, Int(status.st_size), status.st_mtim.tv_sec))
    }
    files.sort { ($0.time, $0.path) > ($1.time, $1.path) }
    var total = 0
    var count = 0
    for file in files {
      total += file.size
      count += 1
      let isLeft = file.path.hasSuffix(".new") && file.time < time(nil) - 3600
      if total > limit || count > Self.mostFiles || isLeft { unlink(file.path) }
    }
  }

  private static let mostFiles = 1000

  /// The names of our files.
  private func names() -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if [Self.ending, Self.noteEnding, ".new"].contains(where: name.hasSuffix) {
        names.append(name)
      }
    }
    return names
  }

  /// How many packed networks lie there, and their bytes.
  public var content: (networks: Int, bytes: Int) {
    var content = (networks: 0, bytes: 0)
    for name in names() where name.hasSuffix(Self.ending) {
      var status = stat()
      guard stat(folder + "/" + name, &status) == 0 else { continue }
      content.networks += 1
      content.bytes += Int(status.st_size)
    }
    return content
  }
}
