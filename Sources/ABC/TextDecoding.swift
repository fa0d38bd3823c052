/// Text files as people have them, turned into UTF-8.
///
/// A byte order mark decides; without one, zero bytes at every other place mean UTF-16. Other lines
/// are UTF-8, and those that are not are Windows-1252, line by line, so that one old letter does not
/// spoil the rest.
public struct DecodedText: Sendable {
  public enum Encoding: String, Hashable, Sendable {
    case utf8 = "UTF-8"
    case utf16LittleEndian = "UTF-16 LE"
    case utf16BigEndian = "UTF-16 BE"
    /// At least one line is no UTF-8 and was read as Windows-1252.
    case windows1252 = "Windows-1252"
  }

  /// Valid UTF-8 without a byte order mark.
  public let bytes: [UInt8]
  public let encoding: Encoding

  /// Whether most of some bytes are no text in any encoding: controls beyond those of text files.
  public static func isBinary(_ bytes: [UInt8]) -> Bool {
    guard encoding16(bytes) == nil else { return false }
    let start = bytes.prefix(4096)
    let controls = start.count { $0 < 0x20 && !(0x09...0x0D).contains($0) && $0 != 0x1B }
    return controls * 8 > start.count
  }

  public init(_ file: [UInt8]) {
    if let encoding = Self.encoding16(file) {
      self.encoding = encoding
      bytes = CopiedText.withPlainBlanks(
        Self.decoded16(file, isBigEndian: encoding == .utf16BigEndian))
      return
    }
    let hasMark = file.starts(with: [0xEF, 0xBB, 0xBF])
    if Self.isUTF8(file[...]) {
      encoding = .utf8
      bytes = CopiedText.withPlainBlanks(hasMark ? Array(file.dropFirst(3)) : file)
      return
    }
    encoding = .windows1252
    var text: [UInt8] = []
    text.reserveCapacity(file.count + file.count / 8)
    var start = hasMark ? 3 : 0
    while start < file.count {
      var end = start
      while end < file.count, file[end] != 0x0A, file[end] != 0x0D { end += 1 }
      let line = file[start..<min(end + 1, file.count)]
      if Self.isUTF8(line) {
        text += line
      } else {
        for byte in line { Self.append(Self.windows1252(byte), to: &text) }
      }
      start = end + 1
    }
    bytes = CopiedText.withPlainBlanks(text)
  }

  private static func isUTF8(_ bytes: ArraySlice<UInt8>) -> Bool {
    bytes.withUnsafeBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return true }
      var index = 0
      // Eight plain characters at a time.
      while index + 8 <= buffer.count {
        let word = UnsafeRawPointer(start + index).loadUnaligned(as: UInt64.self)
        guard word & 0x8080_8080_8080_8080 == 0 else { break }
        index += 8
      }
      if index == buffer.count { return true }
      let rest = UnsafeBufferPointer(rebasing: buffer[index...])
      return String(validating: rest, as: UTF8.self) != nil
    }
  }

  // MARK: UTF-16

  private static func encoding16(_ file: [UInt8]) -> Encoding? {
    if file.starts(with: [0xFF, 0xFE]) { return .utf16LittleEndian }
    if file.starts(with: [0xFE, 0xFF]) { return .utf16BigEndian }
    // In plain letters every other byte is zero, and no other is.
    let start = file.prefix(256)
    guard start.count >= 4, start.count.isMultiple(of: 2) || file.count > 256 else { return nil }
    var zeros = [0, 0]
    for (place, byte) in start.enumerated() where byte == 0 { zeros[place & 1] += 1 }
    let most = start.count / 2 * 3 / 4
    if zeros[1] >= max(most, 2), zeros[0] == 0 { return .utf16LittleEndian }
    if zeros[0] >= max(most, 2), zeros[1] == 0 { return .utf16BigEndian }
    return nil
  }

  private static func decoded16(_ file: [UInt8], isBigEndian: Bool) -> [UInt8] {
    var units: [UInt16] = []
    units.reserveCapacity(file.count / 2)
    for place in stride(from: 0, to: file.count - 1, by: 2) {
      let (first, second) = (UInt16(file[place]), UInt16(file[place + 1]))
      units.append(isBigEndian ? first << 8 | second : second << 8 | first)
    }
    if units.first == 0xFEFF { units.removeFirst() }
    return Array(String(decoding: units, as: UTF16.self).utf8)
  }

  // MARK: Windows-1252

  /// The characters of the bytes 80 to 9F; the five that have none keep their number.
  private static let upperControls: [UInt16] = [
    0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039,
    0x0152, 0x8D, 0x017D, 0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
    0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D, 0x017E, 0x0178,
  ]

  private static func windows1252(_ byte: UInt8) -> UInt16 {
    (0x80...0x9F).contains(byte) ? upperControls[Int(byte) - 0x80] : UInt16(byte)
  }

  private static func append(_ character: UInt16, to text: inout [UInt8]) {
    switch character {
    case 0..<0x80: text.append(UInt8(character))
    case 0x80..<0x800:
      text.append(0xC0 | UInt8(character >> 6))
      text.append(0x80 | UInt8(character & 0x3F))
    default:
      text.append(0xE0 | UInt8(character >> 12))
      text.append(0x80 | UInt8(character >> 6 & 0x3F))
      text.append(0x80 | UInt8(character & 0x3F))
    }
  }
}
