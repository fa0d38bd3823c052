/// ABC as it is copied from mails, web pages and word processors: indented or quoted lines, and blanks
/// that look like others.
enum CopiedText {
  /// The text without what stands before all of its lines, where a tune begins behind that; `nil`
  /// where none does.
  static func unindented(_ bytes: [UInt8]) -> [UInt8]? {
    var plain: [UInt8] = []
    plain.reserveCapacity(bytes.count)
    var beginsTune = false
    var start = 0
    while start < bytes.count {
      var first = start
      while first < bytes.count, isMargin(bytes[first]) { first += 1 }
      let end = bytes[first...].firstIndex { $0 == 0x0A || $0 == 0x0D } ?? bytes.count
      beginsTune =
        beginsTune
        || first > start && bytes[first..<end].starts(with: [UInt8(ascii: "X"), UInt8(ascii: ":")])
      let next = min(end + 1, bytes.count)
      plain += bytes[first..<next]
      start = next
    }
    return beginsTune ? plain : nil
  }

  /// Blanks, tabs, and the sign before lines that a mail quotes.
  private static func isMargin(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == UInt8(ascii: ">")
  }

  /// The same with plain blanks and line ends for those of word processors; words, such as titles and
  /// lyrics, keep theirs.
  static func withPlainBlanks(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.contains(where: { $0 == 0xC2 || $0 == 0xE2 || $0 == 0xEF }) else { return bytes }
    var plain: [UInt8] = []
    plain.reserveCapacity(bytes.count)
    var isWords = false
    var isAtLineStart = true
    var index = 0
    while index < bytes.count {
      if isAtLineStart {
        isAtLineStart = false
        isWords =
          index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: ":")
          && wordFields.contains(bytes[index])
      }
      let rest = bytes[index...]
      if let found = replacements.first(where: { rest.starts(with: $0.written) }),
        !isWords || found.plain == [0x0A]
      {
        plain += found.plain
        index += found.written.count
        isAtLineStart = found.plain == [0x0A]
        continue
      }
      plain.append(bytes[index])
      isAtLineStart = bytes[index] == 0x0A || bytes[index] == 0x0D
      index += 1
    }
    return plain
  }

  /// Fields of words (ABC 2.1 §3.1).
  private static let wordFields = Set("ABCDFGHNORSTWZw".utf8)

  private static let replacements: [(written: [UInt8], plain: [UInt8])] = [
    ("\u{A0}", " "), ("\u{2007}", " "), ("\u{202F}", " "), ("\u{3000}", " "),
    ("\u{200B}", ""), ("\u{200C}", ""), ("\u{200D}", ""), ("\u{2060}", ""), ("\u{FEFF}", ""),
    ("\u{2028}", "\n"), ("\u{2029}", "\n"), ("\u{85}", "\n"),
  ].map { (Array($0.0.utf8), Array($0.1.utf8)) }
}
