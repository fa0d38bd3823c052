/// Walks through bytes from a file, little-endian, never past their end.
struct ByteReader {
  let bytes: [UInt8]
  private(set) var position: Int
  let end: Int
  /// What an error calls the bytes, such as `zip archive`.
  let format: String

  init(_ bytes: [UInt8], in range: Range<Int>? = nil, format: String) {
    self.bytes = bytes
    let whole = 0..<bytes.count
    let range = (range ?? whole).clamped(to: whole)
    position = range.lowerBound
    end = range.upperBound
    self.format = format
  }

  var remaining: Int { end - position }

  mutating func seek(to place: Int) throws(ImportError) {
    guard place >= 0, place <= end else { throw .truncated(format: format) }
    position = place
  }

  mutating func skip(_ count: Int) throws(ImportError) {
    guard count >= 0, count <= remaining else { throw .truncated(format: format) }
    position += count
  }

  mutating func byte() throws(ImportError) -> UInt8 {
    guard position < end else { throw .truncated(format: format) }
    defer { position += 1 }
    return bytes[position]
  }

  /// An unsigned number of up to 8 bytes; one that does not fit `Int` is refused.
  mutating func number(_ size: Int) throws(ImportError) -> Int {
    guard size <= remaining else { throw .truncated(format: format) }
    var value: UInt64 = 0
    for index in (0..<size).reversed() { value = value << 8 | UInt64(bytes[position + index]) }
    position += size
    guard let number = Int(exactly: value) else {
      throw .damaged(format: format, reason: "a number in it is absurdly large")
    }
    return number
  }

  /// The range of the next bytes, which are passed.
  mutating func range(_ count: Int) throws(ImportError) -> Range<Int> {
    let start = position
    try skip(count)
    return start..<position
  }

  mutating func slice(_ count: Int) throws(ImportError) -> ArraySlice<UInt8> {
    bytes[try range(count)]
  }

  mutating func text(_ count: Int) throws(ImportError) -> String {
    guard let text = String(validating: try slice(count), as: UTF8.self) else {
      throw .damaged(format: format, reason: "a name in it is not UTF-8")
    }
    return text
  }
}
