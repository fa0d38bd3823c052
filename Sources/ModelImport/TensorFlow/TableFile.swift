/// A sorted table of keys and values in the format of LevelDB, which TensorFlow keeps the index of a
/// checkpoint in: blocks of entries that share the beginnings of their keys, an index block, a footer.
struct TableFile {
  /// In the order of their keys.
  private(set) var entries: [(key: [UInt8], value: ArraySlice<UInt8>)] = []

  private let bytes: [UInt8]
  private static let format = "index of the TensorFlow checkpoint"
  private static let magic: [UInt8] = [0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb]
  private static let footerSize = 48
  private static let mostEntries = 1 << 16
  private static let longestKey = 4096

  /// Whether the last bytes are those of such a table.
  static func isTable(_ bytes: [UInt8]) -> Bool {
    bytes.count >= footerSize && bytes.suffix(8).elementsEqual(magic)
  }

  /// Checks every block's checksum, and reads all entries.
  init(_ bytes: [UInt8]) throws(ImportError) {
    self.bytes = bytes
    guard Self.isTable(bytes) else { throw .truncated(format: Self.format) }
    var footer = ProtobufReader(
      bytes, in: bytes.count - Self.footerSize..<bytes.count, format: Self.format)
    // Filters would be named here; nothing of it is needed, but it must be whole.
    _ = try block(try handle(&footer))
    let index = try handle(&footer)
    for (_, place) in try block(index) {
      var reader = ProtobufReader(
        bytes, in: place.startIndex..<place.endIndex, format: Self.format)
      entries += try block(try handle(&reader))
      guard entries.count <= Self.mostEntries else {
        throw .unsupported("its checkpoint names more than \(Self.mostEntries) tensors")
      }
    }
  }

  /// Where a block lies, without its type and checksum.
  private func handle(_ reader: inout ProtobufReader) throws(ImportError) -> Range<Int> {
    let offset = try reader.varint()
    let size = try reader.varint()
    guard let offset = Int(exactly: offset), let size = Int(exactly: size),
      size <= bytes.count, offset <= bytes.count - size, offset + size <= bytes.count - 5
    else { throw damaged("a block of it is not inside it") }
    return offset..<offset + size
  }

  private func damaged(_ reason: String) -> ImportError {
    .damaged(format: Self.format, reason: reason)
  }

  private func block(
    _ range: Range<Int>
  ) throws(ImportError) -> [(key: [UInt8], value: ArraySlice<UInt8>)] {
    let end = range.upperBound
    var tail = ByteReader(bytes, in: end + 1..<end + 5, format: Self.format)
    let checksum = UInt32(truncatingIfNeeded: try tail.number(4))
    guard CRC32C.masked(bytes[range.lowerBound...end]) == checksum else {
      throw damaged("the checksum of a block is not right")
    }
    switch bytes[end] {
    case 0: break
    case 1: throw .unsupported("the index of its checkpoint is packed with Snappy")
    default: throw damaged("a block of it is packed in an unknown way")
    }
    guard range.count >= 4 else { throw .truncated(format: Self.format) }
    var counter = ByteReader(bytes, in: end - 4..<end, format: Self.format)
    let restarts = try counter.number(4)
    guard restarts <= (range.count - 4) / 4 else { throw damaged("a block of it has no end") }
    let stop = end - 4 - 4 * restarts
    var reader = ProtobufReader(bytes, in: range.lowerBound..<stop, format: Self.format)
    var found: [(key: [UInt8], value: ArraySlice<UInt8>)] = []
    var key: [UInt8] = []
    while !reader.isAtEnd {
      let shared = Int(clamping: try reader.varint())
      let added = Int(clamping: try reader.varint())
      let size = Int(clamping: try reader.varint())
      guard shared <= key.count, added <= Self.longestKey - shared else {
        throw damaged("a key in it is too long")
      }
      key.removeSubrange(shared...)
      key += bytes[try reader.range(added)]
      found.append((key, bytes[try reader.range(size)]))
      guard found.count <= Self.mostEntries else { throw damaged("a block of it has no end") }
    }
    return found
  }
}

/// The CRC-32C of bytes (Castagnoli), as LevelDB and TensorFlow keep it.
enum CRC32C {
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { value, _ in
      value & 1 == 1 ? value >> 1 ^ 0x82f6_3b78 : value >> 1
    }
  }

  static func checksum(_ bytes: some Collection<UInt8>) -> UInt32 {
    let found = bytes.withContiguousStorageIfAvailable { bytes in
      table.withUnsafeBufferPointer { table in
        bytes.reduce(UInt32.max) { table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ $0 >> 8 }
      }
    }
    return ~(found ?? .max)
  }

  /// Turned and shifted, so that a checksum of what holds checksums stays a good one.
  static func masked(_ bytes: some Collection<UInt8>) -> UInt32 {
    let value = checksum(bytes)
    return (value >> 15 | value << 17) &+ 0xa282_ead8
  }
}
