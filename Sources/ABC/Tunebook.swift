import Music

/// A file of tunes (ABC 2.1 §2.2): a file header whose fields every tune inherits, tunes that begin
/// with `X:` and end with an empty line, and free text between them, which is passed over.
public struct Tunebook: Sendable {
  public struct Entry: Hashable, Sendable {
    /// `X:`; `nil` when it gives no number.
    public var number: Int?
    /// The first `T:`; empty without one.
    public var title: String
    /// Bytes of `text`, from `X:` to the end of the tune's last line.
    public var range: Range<Int>
  }

  /// The whole file as UTF-8.
  public let text: String
  /// Whether the bytes were no UTF-8 and were read as Latin-1.
  public let isLatin1: Bool
  /// In the order of the file; numbers may repeat or be missing.
  public let tunes: [Entry]
  private let bytes: [UInt8]
  /// The lines before the first empty line, when they hold no tune.
  private let fileHeader: Range<Int>

  public init(text: String) {
    self.init(text: text, isLatin1: false)
  }

  /// Reads UTF-8, or Latin-1 where the bytes are no UTF-8; a byte order mark is dropped.
  public init(bytes: [UInt8]) {
    var content = bytes[...]
    if content.starts(with: [0xEF, 0xBB, 0xBF]) { content.removeFirst(3) }
    if let text = String(validating: content, as: UTF8.self) {
      self.init(text: text, isLatin1: false)
      return
    }
    var converted: [UInt8] = []
    converted.reserveCapacity(content.count + content.count / 8)
    for byte in content {
      if byte < 0x80 {
        converted.append(byte)
      } else {
        converted.append(0xC0 | byte >> 6)
        converted.append(0x80 | byte & 0x3F)
      }
    }
    self.init(text: String(decoding: converted, as: UTF8.self), isLatin1: true)
  }

  private init(text: String, isLatin1: Bool) {
    let bytes = Array(text.utf8)
    self.bytes = bytes
    self.isLatin1 = isLatin1
    self.text = text
    var tunes: [Entry] = []
    var header = 0..<0
    var headerIsOpen = true
    var current: Entry?
    var start = 0
    while start < bytes.count {
      let end = Tunebook.lineEnd(bytes, from: start)
      var next = min(end + 1, bytes.count)
      if end + 1 < bytes.count, bytes[end] == 0x0D, bytes[end + 1] == 0x0A { next = end + 2 }
      let line = bytes[start..<end]
      let isEmpty = line.allSatisfy { $0 == 0x20 || $0 == 0x09 }
      let field = line.count > 1 && line[start + 1] == UInt8(ascii: ":") ? line[start] : 0
      if field == UInt8(ascii: "X") {
        if let current { tunes.append(current) }
        let digits = trimmed(line[(start + 2)...]).prefix { (0x30...0x39).contains($0) }
        current = Entry(
          number: Int(String(decoding: digits, as: UTF8.self)), title: "", range: start..<next)
        headerIsOpen = false
      } else if isEmpty {
        if let tune = current, Tunebook.isComplete(bytes[tune.range]) {
          tunes.append(tune)
          current = nil
        }
        if start > 0 { headerIsOpen = false }
      } else if current != nil {
        let lower = current?.range.lowerBound ?? start
        current?.range = lower..<next
        if field == UInt8(ascii: "T"), current?.title.isEmpty == true {
          current?.title = decodeText(
            String(decoding: trimmed(line[(start + 2)...]), as: UTF8.self))
        }
      } else if headerIsOpen {
        header = 0..<next
      }
      start = next
    }
    if let current { tunes.append(current) }
    self.tunes = tunes
    fileHeader = tunes.isEmpty ? 0..<0 : header
  }

  private static func lineEnd(_ bytes: [UInt8], from start: Int) -> Int {
    bytes.withUnsafeBufferPointer { buffer in
      var end = start
      while end < buffer.count, buffer[end] != 0x0A, buffer[end] != 0x0D { end += 1 }
      return end
    }
  }

  /// An empty line inside a header is a slip, not the end of a tune.
  private static func isComplete(_ tune: ArraySlice<UInt8>) -> Bool {
    var isAtLineStart = true
    var index = tune.startIndex
    while index < tune.endIndex {
      if isAtLineStart, index + 1 < tune.endIndex, tune[index] == UInt8(ascii: "K"),
        tune[index + 1] == UInt8(ascii: ":")
      {
        return true
      }
      isAtLineStart = tune[index] == 0x0A || tune[index] == 0x0D
      index += 1
    }
    return false
  }

  /// The text of a tune, without the file header. `index` is a place in `tunes`; outside it, empty.
  public func text(of index: Int) -> String {
    guard tunes.indices.contains(index) else { return "" }
    return String(decoding: bytes[tunes[index].range], as: UTF8.self)
  }

  /// Reads a tune with the fields of the file header. Positions count from the tune's own text.
  public func parsedTune(_ index: Int) -> ParsedTune {
    guard tunes.indices.contains(index) else { return ParsedTune() }
    let text = Array(bytes[tunes[index].range])
    guard !fileHeader.isEmpty else { return ParsedTune(bytes: text) }
    return ParsedTune(bytes: text, fileHeader: Array(bytes[fileHeader]))
  }

  /// The first tune with this `X:` number, as a place in `tunes`.
  public func index(ofNumber number: Int) -> Int? {
    tunes.firstIndex { $0.number == number }
  }
}
