/// Walks through the fields of a Protocol Buffers message (proto3 wire format), never past its end.
struct ProtobufReader {
  private var reader: ByteReader

  enum Value {
    case number(UInt64)
    /// A text, a packed list or a message.
    case bytes(Range<Int>)
  }

  init(_ bytes: [UInt8], in range: Range<Int>, format: String) {
    reader = ByteReader(bytes, in: range, format: format)
  }

  var isAtEnd: Bool { reader.remaining == 0 }

  /// The next field's number and value; nil at the end of the message.
  mutating func next() throws(ImportError) -> (field: Int, value: Value)? {
    guard !isAtEnd else { return nil }
    let tag = try varint()
    let field = Int(truncatingIfNeeded: tag >> 3 & 0x1fff_ffff)
    switch tag & 7 {
    case 0: return (field, .number(try varint()))
    case 1: return (field, .bytes(try reader.range(8)))
    case 2:
      guard let count = Int(exactly: try varint()) else { throw .truncated(format: reader.format) }
      return (field, .bytes(try reader.range(count)))
    case 5: return (field, .number(UInt64(try reader.number(4))))
    default: throw .damaged(format: reader.format, reason: "a field in it is of no known kind")
    }
  }

  /// The range of the next bytes, which are passed.
  mutating func range(_ count: Int) throws(ImportError) -> Range<Int> { try reader.range(count) }

  /// A number of up to ten bytes of seven bits each, the lowest first.
  mutating func varint() throws(ImportError) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: 0, to: 70, by: 7) {
      let byte = try reader.byte()
      value |= UInt64(byte & 0x7f) << UInt64(shift)
      if byte < 0x80 { return value }
    }
    throw .damaged(format: reader.format, reason: "a number in it does not end")
  }
}
