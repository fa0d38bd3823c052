import CZlib

/// The zip archive that a compressed score (`.mxl`) is.
enum MXLArchive {
  /// No score unpacks to more.
  private static let mostBytes = 256 << 20

  static func isArchive(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x50, 0x4B, 3, 4]) }

  /// The score within, as its container names it.
  static func score(in bytes: [UInt8]) throws(MusicXMLError) -> [UInt8] {
    let entries = try directory(of: bytes)
    var wanted: String?
    if let container = entries.first(where: { $0.name == "META-INF/container.xml" }) {
      let root = try XMLElement.read(try contents(of: container, in: bytes))
      let files = root.first("rootfiles")?.all("rootfile") ?? []
      wanted =
        (files.first { ($0[attribute: "media-type"] ?? "").contains("musicxml") } ?? files.first)?[
          attribute: "full-path"]
    }
    let entry =
      entries.first { $0.name == wanted }
      ?? entries.first {
        ($0.name.hasSuffix(".xml") || $0.name.hasSuffix(".musicxml"))
          && !$0.name.hasPrefix("META-INF/")
      }
    guard let entry else { throw .damagedArchive(reason: "there is no score in it") }
    return try contents(of: entry, in: bytes)
  }

  /// A score as a compressed file: its container, then the score. Without libz nothing is packed.
  static func bytes(of score: String) -> [UInt8] {
    let container =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<container>\n <rootfiles>\n  <rootfile "
      + "full-path=\"score.musicxml\" media-type=\"application/vnd.recordare.musicxml+xml\"/>\n"
      + " </rootfiles>\n</container>\n"
    var writer = ZipWriter()
    writer.add("mimetype", Array("application/vnd.recordare.musicxml".utf8))
    writer.add("META-INF/container.xml", Array(container.utf8))
    writer.add("score.musicxml", Array(score.utf8))
    return writer.finished()
  }

  // MARK: - Reading

  private struct Entry {
    var name: String
    var method: Int
    var packed: Int
    var size: Int
    var checksum: UInt32
    var start: Int
  }

  private static func number(_ bytes: [UInt8], _ place: Int, _ count: Int) -> Int {
    guard place >= 0, place + count <= bytes.count else { return 0 }
    return (0..<count).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
  }

  /// The central directory at the end of the file.
  private static func directory(of bytes: [UInt8]) throws(MusicXMLError) -> [Entry] {
    let least = max(0, bytes.count - 22 - 0xFFFF)
    var end = bytes.count - 22
    while end >= least, number(bytes, end, 4) != 0x0605_4B50 { end -= 1 }
    guard end >= least else { throw .damagedArchive(reason: "it is cut off") }
    var place = number(bytes, end + 16, 4)
    var entries: [Entry] = []
    for _ in 0..<min(number(bytes, end + 10, 2), 1000) {
      guard number(bytes, place, 4) == 0x0201_4B50, place + 46 <= bytes.count else {
        throw .damagedArchive(reason: "its directory is damaged")
      }
      let name = number(bytes, place + 28, 2)
      guard place + 46 + name <= bytes.count else {
        throw .damagedArchive(reason: "its directory is damaged")
      }
      entries.append(
        Entry(
          name: String(decoding: bytes[place + 46..<place + 46 + name], as: UTF8.self),
          method: number(bytes, place + 10, 2), packed: number(bytes, place + 20, 4),
          size: number(bytes, place + 24, 4), checksum: UInt32(number(bytes, place + 16, 4)),
          start: number(bytes, place + 42, 4)))
      place += 46 + name + number(bytes, place + 30, 2) + number(bytes, place + 32, 2)
    }
    return entries
  }

  private static func contents(
    of entry: Entry, in bytes: [UInt8]
  ) throws(MusicXMLError) -> [UInt8] {
    let start =
      entry.start + 30 + number(bytes, entry.start + 26, 2)
      + number(bytes, entry.start + 28, 2)
    guard number(bytes, entry.start, 4) == 0x0403_4B50, entry.packed <= bytes.count,
      start + entry.packed <= bytes.count, entry.size <= mostBytes
    else { throw .damagedArchive(reason: "\(entry.name) reaches past its end") }
    let packed = Array(bytes[start..<start + entry.packed])
    let content: [UInt8]
    switch entry.method {
    case 0: content = packed
    case 8:
      guard czlib_available() != 0 else {
        throw .damagedArchive(reason: "libz is not installed; on Debian it is in zlib1g")
      }
      var inflated = [UInt8](repeating: 0, count: entry.size)
      guard czlib_inflate(packed, packed.count, &inflated, entry.size) == 1 else {
        throw .damagedArchive(reason: "\(entry.name) cannot be unpacked")
      }
      content = inflated
    default: throw .damagedArchive(reason: "\(entry.name) is packed in an unknown way")
    }
    guard czlib_available() == 0 || czlib_crc32(content, content.count) == entry.checksum else {
      throw .damagedArchive(reason: "\(entry.name) is damaged")
    }
    return content
  }
}

/// Writes a zip archive whose files are deflated where that makes them smaller.
private struct ZipWriter {
  private var bytes: [UInt8] = []
  private var directory: [UInt8] = []
  private var count = 0

  private static func little(_ number: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }

  mutating func add(_ name: String, _ content: [UInt8]) {
    let deflated = Self.deflated(content)
    let packed = deflated ?? content
    let method = deflated == nil ? 0 : 8
    // Version 2.0, no flags, 1 January 1980: the same tune is the same file.
    let common =
      Self.little(20, 2) + Self.little(0, 2) + Self.little(method, 2) + Self.little(0, 2)
      + Self.little(0x21, 2) + Self.little(Int(Self.checksum(content)), 4)
      + Self.little(packed.count, 4) + Self.little(content.count, 4)
      + Self.little(name.utf8.count, 2) + Self.little(0, 2)
    directory +=
      Self.little(0x0201_4B50, 4) + Self.little(20, 2) + common + Self.little(0, 2)
      + Self.little(0, 2) + Self.little(0, 2) + Self.little(0, 4) + Self.little(bytes.count, 4)
      + Array(name.utf8)
    bytes += Self.little(0x0403_4B50, 4) + common + Array(name.utf8) + packed
    count += 1
  }

  func finished() -> [UInt8] {
    bytes + directory + Self.little(0x0605_4B50, 4) + Self.little(0, 4) + Self.little(count, 2)
      + Self.little(count, 2) + Self.little(directory.count, 4) + Self.little(bytes.count, 4)
      + Self.little(0, 2)
  }

  /// nil where that is not shorter, or libz is missing. A file's kind must stay as it is: short.
  private static func deflated(_ content: [UInt8]) -> [UInt8]? {
    guard content.count > 100 else { return nil }
    var packed = [UInt8](repeating: 0, count: content.count)
    let count = czlib_deflate(content, content.count, &packed, packed.count)
    return count > 0 && count < content.count ? Array(packed.prefix(count)) : nil
  }

  /// CRC-32, as zip archives have it.
  private static func checksum(_ content: [UInt8]) -> UInt32 {
    if czlib_available() != 0 { return czlib_crc32(content, content.count) }
    var sum: UInt32 = 0xFFFF_FFFF
    for byte in content {
      sum ^= UInt32(byte)
      for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
    }
    return ~sum
  }
}
