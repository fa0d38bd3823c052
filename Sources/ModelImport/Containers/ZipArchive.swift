internal import CZlib

/// The files in a zip archive, stored or deflated (APPNOTE 6.3, zip64 included).
struct ZipArchive {
  struct Entry {
    var name: String
    fileprivate var isDeflated: Bool
    fileprivate var packedSize: Int
    var size: Int
    fileprivate var checksum: UInt32
    fileprivate var header: Int
  }

  let entries: [Entry]
  private let bytes: [UInt8]
  private static let format = "zip archive"
  private static let mostEntries = 1 << 16
  /// Deflate cannot pack better than this.
  private static let bestRatio = 1032
  /// The most that one entry may hold.
  static let largestEntry = 1 << 30

  static func isArchive(_ bytes: [UInt8]) -> Bool {
    bytes.starts(with: [0x50, 0x4b, 3, 4]) || bytes.starts(with: [0x50, 0x4b, 5, 6])
  }

  init(_ bytes: [UInt8]) throws(ImportError) {
    self.bytes = bytes
    var (count, start) = try Self.directory(of: bytes)
    guard count <= Self.mostEntries else {
      throw .tooLarge(what: "the zip archive's directory", bytes: count, limit: Self.mostEntries)
    }
    var reader = ByteReader(bytes, format: Self.format)
    try reader.seek(to: start)
    var entries: [Entry] = []
    var names: Set<String> = []
    // Entries that lie on top of each other are how small archives become huge.
    var packedTotal = 0
    while count > 0 {
      let entry = try Self.entry(&reader)
      guard names.insert(entry.name).inserted else {
        throw .damaged(format: Self.format, reason: "it names \(quoted(entry.name)) twice")
      }
      packedTotal += entry.packedSize
      guard packedTotal <= bytes.count else {
        throw .damaged(format: Self.format, reason: "its entries are larger than itself")
      }
      entries.append(entry)
      count -= 1
    }
    self.entries = entries
  }

  /// The number of entries and where their directory starts.
  private static func directory(of bytes: [UInt8]) throws(ImportError) -> (count: Int, start: Int) {
    var place = bytes.count - 22
    // The end record may be followed by a comment of up to 64 KiB.
    let lowest = max(0, place - 0xffff)
    while place >= lowest, !signature(bytes, at: place, [0x50, 0x4b, 5, 6]) { place -= 1 }
    guard place >= lowest else { throw .truncated(format: format) }
    var reader = ByteReader(bytes, format: format)
    try reader.seek(to: place + 10)
    var count = try reader.number(2)
    try reader.skip(4)
    var start = try reader.number(4)
    if count == 0xffff || start == 0xffff_ffff, place >= 20,
      signature(bytes, at: place - 20, [0x50, 0x4b, 6, 7])
    {
      try reader.seek(to: place - 12)
      let record = try reader.number(8)
      guard record <= bytes.count - 56, signature(bytes, at: record, [0x50, 0x4b, 6, 6]) else {
        throw .damaged(format: format, reason: "its directory is not where it should be")
      }
      try reader.seek(to: record + 32)
      count = try reader.number(8)
      try reader.skip(8)
      start = try reader.number(8)
    }
    return (count, start)
  }

  private static func signature(_ bytes: [UInt8], at place: Int, _ expected: [UInt8]) -> Bool {
    place >= 0 && bytes.count - place >= 4 && bytes[place..<place + 4].elementsEqual(expected)
  }

  private static func entry(_ reader: inout ByteReader) throws(ImportError) -> Entry {
    guard signature(reader.bytes, at: reader.position, [0x50, 0x4b, 1, 2]) else {
      throw .damaged(format: format, reason: "an entry of its directory is not where it should be")
    }
    try reader.skip(8)
    let flags = try reader.number(2)
    let method = try reader.number(2)
    try reader.skip(4)
    let checksum = UInt32(truncatingIfNeeded: try reader.number(4))
    var packedSize = try reader.number(4)
    var size = try reader.number(4)
    let nameLength = try reader.number(2)
    let extraLength = try reader.number(2)
    let commentLength = try reader.number(2)
    try reader.skip(8)
    var header = try reader.number(4)
    let name = try reader.text(nameLength)
    var extra = ByteReader(
      reader.bytes, in: try reader.range(extraLength), format: format)
    try reader.skip(commentLength)
    while extra.remaining >= 4 {
      let kind = try extra.number(2)
      let length = try extra.number(2)
      guard kind == 1 else {
        try extra.skip(length)
        continue
      }
      if size == 0xffff_ffff { size = try extra.number(8) }
      if packedSize == 0xffff_ffff { packedSize = try extra.number(8) }
      if header == 0xffff_ffff { header = try extra.number(8) }
      break
    }
    guard flags & 1 == 0 else { throw .unsupported("it lies in an encrypted zip archive") }
    guard method == 0 || method == 8 else {
      throw .unsupported(
        "the zip archive packs with method \(method); stored and deflated are read")
    }
    guard size <= largestEntry else {
      throw .tooLarge(what: quoted(name), bytes: size, limit: largestEntry)
    }
    guard packedSize <= reader.bytes.count, method == 8 || size == packedSize,
      method == 0 || size <= packedSize * bestRatio + 64
    else {
      throw .damaged(format: format, reason: "the sizes of \(quoted(name)) cannot be")
    }
    return Entry(
      name: name, isDeflated: method == 8, packedSize: packedSize, size: size,
      checksum: checksum, header: header)
  }

  /// The entry of exactly this name.
  subscript(name: String) -> Entry? { entries.first { $0.name == name } }

  /// What an entry holds, its checksum tested.
  func contents(of entry: Entry) throws(ImportError) -> [UInt8] {
    var reader = ByteReader(bytes, format: Self.format)
    try reader.seek(to: entry.header)
    guard Self.signature(bytes, at: entry.header, [0x50, 0x4b, 3, 4]) else {
      throw .damaged(
        format: Self.format, reason: "\(quoted(entry.name)) is not where it should be")
    }
    try reader.skip(26)
    let nameLength = try reader.number(2)
    let extraLength = try reader.number(2)
    try reader.skip(nameLength + extraLength)
    let packed = try reader.slice(entry.packedSize)
    guard czlib_available() == 1 else { throw .libraryMissing("zlib", package: "zlib1g") }
    var contents: [UInt8]
    if entry.isDeflated {
      var isWhole = false
      contents = [UInt8](unsafeUninitializedCapacity: entry.size) { buffer, count in
        packed.withUnsafeBufferPointer { packed in
          isWhole =
            czlib_inflate(packed.baseAddress, packed.count, buffer.baseAddress, entry.size) == 1
        }
        count = isWhole ? entry.size : 0
      }
      guard isWhole else {
        throw .damaged(format: Self.format, reason: "\(quoted(entry.name)) cannot be unpacked")
      }
    } else {
      contents = Array(packed)
    }
    let checksum = contents.withUnsafeBufferPointer { czlib_crc32($0.baseAddress, $0.count) }
    guard checksum == entry.checksum else {
      throw .damaged(
        format: Self.format, reason: "the checksum of \(quoted(entry.name)) is not right")
    }
    return contents
  }
}
