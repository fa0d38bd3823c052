/// A file that is no repertoire, or a damaged one.
public enum RepertoireError: Error, Hashable, CustomStringConvertible {
  case notARepertoire
  /// A version that this program does not know.
  case version(Int)
  /// A part does not fit the file.
  case damaged(part: String)

  public var description: String {
    switch self {
    case .notARepertoire: "this is no repertoire as 'lilt repertoire' writes it"
    case .version(let version):
      "the repertoire has the format \(version); this lilt reads \(Repertoire.formatVersion)"
    case .damaged(let part): "the repertoire is damaged: its \(part) cannot be read"
    }
  }
}

/// The file: little-endian numbers of four bytes.
///
/// | bytes | what |
/// | --- | --- |
/// | 8 | `lilt.rep` |
/// | 4 | format version, 1 |
/// | 4 | checksum of all that follows |
/// | 4 × 5 | bytes of the five parts |
/// | … | melodies: one byte an interval, one more before each melody |
/// | … | order: places in the melodies, three bytes each, sorted by what leads to them |
/// | … | starts: where each melody begins, four bytes each |
/// | … | titles: UTF-8, a line for each melody |
/// | … | dances: UTF-8, as `DanceStatistics.lines` writes them |
extension Repertoire {
  public static let formatVersion = 1
  private static let magic = Array("lilt.rep".utf8)
  private static let partNames = ["melodies", "order", "starts", "titles", "dances"]
  private static let headerSize = 36

  public var bytes: [UInt8] {
    let parts: [[UInt8]] = [
      Array(melodies.bytes[melodies.text]), Array(melodies.bytes[melodies.order]),
      Array(melodies.bytes[melodies.starts]), titles, danceText,
    ]
    var rest: [UInt8] = []
    for part in parts { Self.append(part.count, to: &rest) }
    for part in parts { rest += part }
    var bytes = Self.magic
    Self.append(Self.formatVersion, to: &bytes)
    Self.append(Int(Self.checksum(rest[...])), to: &bytes)
    return bytes + rest
  }

  /// Reads a file. Whatever its bytes are, nothing outside them is ever looked at.
  public convenience init(bytes: [UInt8]) throws(RepertoireError) {
    guard bytes.count >= Self.headerSize, bytes.starts(with: Self.magic) else {
      throw .notARepertoire
    }
    let version = Self.number(bytes, 8)
    guard version == Self.formatVersion else { throw .version(version) }
    var ranges: [Range<Int>] = []
    var start = Self.headerSize
    for index in 0..<5 {
      let size = Self.number(bytes, 16 + 4 * index)
      guard size <= bytes.count - start else { throw .damaged(part: Self.partNames[index]) }
      ranges.append(start..<start + size)
      start += size
    }
    guard start == bytes.count, Int(Self.checksum(bytes[16...])) == Self.number(bytes, 12) else {
      throw .damaged(part: "checksum")
    }
    let melodies = MelodyIndex(bytes: bytes, text: ranges[0], order: ranges[1], starts: ranges[2])
    if let part = melodies.damagedPart { throw .damaged(part: part) }
    self.init(
      melodies: melodies, titles: Array(bytes[ranges[3]]), danceText: Array(bytes[ranges[4]]))
  }

  private static func number(_ bytes: [UInt8], _ at: Int) -> Int {
    (0..<4).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) }
  }

  private static func append(_ number: Int, to bytes: inout [UInt8]) {
    for shift in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
  }

  /// Of eight bytes at a time, so that two megabytes cost less than a millisecond.
  static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.withUnsafeBytes { bytes in
      var sum: UInt64 = 0xcbf2_9ce4_8422_2325
      let words = bytes.count / 8
      for word in 0..<words {
        let value = bytes.loadUnaligned(fromByteOffset: 8 * word, as: UInt64.self)
        sum = (sum ^ UInt64(littleEndian: value)) &* 0x9e37_79b9_7f4a_7c15
        sum ^= sum >> 32
      }
      for at in 8 * words..<bytes.count {
        sum = (sum ^ UInt64(bytes[at])) &* 0x9e37_79b9_7f4a_7c15
        sum ^= sum >> 32
      }
      return UInt32(truncatingIfNeeded: sum)
    }
  }
}

extension MelodyIndex {
  /// The part whose size cannot be; nil when searching stays inside the bytes.
  var damagedPart: String? {
    guard [text, order, starts].allSatisfy({ $0.upperBound <= bytes.count }) else {
      return "melodies"
    }
    guard order.count.isMultiple(of: 3), order.count / 3 <= text.count else { return "order" }
    guard starts.count.isMultiple(of: 4), order.isEmpty || !starts.isEmpty,
      starts.count / 4 <= text.count
    else { return "starts" }
    return nil
  }
}
