/// A file that is no safetensors file, told by its first bytes.
public enum ForeignFile: Sendable, CaseIterable {
  case pointer, webPage, compressed, archive, hdf5, zip, pickle, empty

  /// nil where the first bytes are of none of these.
  ///
  /// - Parameter bytes: The first 64 bytes or more, where there are so many; a tar archive is told by
  ///   the first 512.
  public init?(_ bytes: some Collection<UInt8>) {
    let start = Array(bytes.prefix(64))
    let isTar = bytes.dropFirst(257).prefix(5).elementsEqual("ustar".utf8)
    func begins(_ text: String) -> Bool {
      start.starts(with: text.utf8) { $0 | 0x20 == $1 | 0x20 }
    }
    // Blanks and a byte order mark may come before a page.
    let page = start.drop { [0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf].contains($0) }
    let isPage = ["<!doctype", "<html", "<?xml", "<head"].contains {
      page.starts(with: $0.utf8) { $0 | 0x20 == $1 | 0x20 }
    }
    let packed: [[UInt8]] = [
      [0x1f, 0x8b, 8], [0xfd, 0x37, 0x7a, 0x58, 0x5a], [0x28, 0xb5, 0x2f, 0xfd],
      [0x42, 0x5a, 0x68],
    ]
    // The length of a safetensors header may look like anything.
    if start.count > 8, start[4..<8].allSatisfy({ $0 == 0 }), start[8] == UInt8(ascii: "{") {
      return nil
    }
    if start.isEmpty {
      self = .empty
    } else if begins("version https://git-lfs") {
      self = .pointer
    } else if isPage {
      self = .webPage
    } else if packed.contains(where: { start.starts(with: $0) }) {
      self = .compressed
    } else if isTar {
      self = .archive
    } else if start.starts(with: [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]) {
      self = .hdf5
    } else if start.starts(with: [0x50, 0x4b, 3, 4]) || start.starts(with: [0x50, 0x4b, 5, 6]) {
      self = .zip
    } else if start.count > 2, start[0] == 0x80, (2...5).contains(start[1]), start[2] != 0 {
      self = .pickle
    } else {
      return nil
    }
  }

  /// What it is.
  public var name: String {
    switch self {
    case .pointer: "a Git LFS pointer, not the file itself"
    case .webPage: "a web page, not the file itself"
    case .compressed: "a compressed file"
    case .archive: "a tar archive"
    case .hdf5: "a Keras (HDF5) file"
    case .zip: "a PyTorch or Keras file (a zip archive)"
    case .pickle: "a pickle, as old PyTorch files are"
    case .empty: "an empty file"
    }
  }

  /// What to do about it, for one who wants to use it as a checkpoint.
  public var advice: String {
    switch self {
    case .pointer: "'git lfs pull' fetches the file"
    case .webPage: "fetch it again, and see what the page says"
    case .compressed, .archive: "unpack it first"
    case .hdf5, .zip, .pickle: "'lilt import' brings it in"
    case .empty: "fetch it again"
    }
  }
}
