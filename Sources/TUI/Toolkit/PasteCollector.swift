/// Gathers the text between the marks of a bracketed paste, `ESC [ 200 ~` and `ESC [ 201 ~`.
struct PasteCollector: Hashable, Sendable {
  private static let end: [UInt8] = Array("\u{1b}[201~".utf8)
  private var bytes: [UInt8] = []
  private var matched = 0
  private var lastWasReturn = false
  /// A paste longer than this comes in several.
  static let limit = 1 << 20

  /// Takes one byte.
  ///
  /// - Returns: Whether the paste ends with it; and a text where it ends, or has grown too long.
  mutating func append(_ byte: UInt8) -> (isOver: Bool, text: String?) {
    if byte == PasteCollector.end[matched] {
      matched += 1
      guard matched == PasteCollector.end.count else { return (false, nil) }
      matched = 0
      return (true, take())
    }
    // What looked like the end was text; no byte of the end repeats its first one.
    for other in PasteCollector.end[..<matched] { keep(other) }
    matched = byte == PasteCollector.end[0] ? 1 : 0
    if matched == 0 { keep(byte) }
    // Cut between characters.
    return (false, bytes.count >= PasteCollector.limit && byte < 0x80 ? take() : nil)
  }

  /// Line ends of every kind become `\n`; other control characters stay and are shown as such.
  private mutating func keep(_ byte: UInt8) {
    defer { lastWasReturn = byte == 13 }
    switch byte {
    case 0: break
    case 13: bytes.append(10)
    case 10: if !lastWasReturn { bytes.append(10) }
    default: bytes.append(byte)
    }
  }

  private mutating func take() -> String {
    defer { bytes = [] }
    return String(decoding: bytes, as: UTF8.self)
  }
}
