/// What each byte of an ABC text is, for colours. Looks at letters only; whether they make sense is
/// for the parser's diagnostics to say.
enum ABCSyntax {
  static func scopes(of bytes: [UInt8]) -> [Scope] {
    var scopes = [Scope](repeating: .abcText, count: bytes.count)
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: 10) ?? bytes.count
      mark(bytes, start..<end, &scopes)
      start = end + 1
    }
    return scopes
  }

  private static func mark(_ bytes: [UInt8], _ line: Range<Int>, _ scopes: inout [Scope]) {
    guard let first = bytes[line].first else { return }
    if first == UInt8(ascii: "%") {
      for index in line { scopes[index] = .abcComment }
      return
    }
    if line.count > 1, bytes[line.lowerBound + 1] == UInt8(ascii: ":"),
      isLetter(first) || first == 43
    {
      let isWords = first == UInt8(ascii: "w") || first == UInt8(ascii: "W")
      for index in line { scopes[index] = isWords ? .abcLyric : .abcField }
      return
    }
    var index = line.lowerBound
    while index < line.upperBound {
      index = token(bytes, index, line.upperBound, &scopes)
    }
  }

  /// Marks one token and returns the byte after it.
  private static func token(
    _ bytes: [UInt8], _ start: Int, _ end: Int, _ scopes: inout [Scope]
  ) -> Int {
    func paint(_ upTo: Int, _ scope: Scope) -> Int {
      for index in start..<upTo { scopes[index] = scope }
      return upTo
    }
    func close(_ byte: UInt8) -> Int {
      (bytes[(start + 1)..<end].firstIndex(of: byte) ?? end - 1) + 1
    }
    switch bytes[start] {
    case UInt8(ascii: "A")...UInt8(ascii: "G"), UInt8(ascii: "a")...UInt8(ascii: "g"),
      UInt8(ascii: ","), UInt8(ascii: "'"):
      return paint(start + 1, .abcNote)
    case UInt8(ascii: "z"), UInt8(ascii: "Z"), UInt8(ascii: "x"), UInt8(ascii: "X"):
      return paint(start + 1, .abcRest)
    case UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "="):
      return paint(start + 1, .abcAccidental)
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "<"),
      UInt8(ascii: ">"):
      return paint(start + 1, .abcDuration)
    case UInt8(ascii: "("):
      let isTuplet = start + 1 < end && (48...57).contains(bytes[start + 1])
      return paint(start + (isTuplet ? 2 : 1), isTuplet ? .abcDuration : .abcOrnament)
    case UInt8(ascii: "|"), UInt8(ascii: ":"), UInt8(ascii: "]"):
      return paint(start + 1, .abcBar)
    case UInt8(ascii: "["):
      let isField = start + 2 < end && isLetter(bytes[start + 1]) && bytes[start + 2] == 58
      return isField ? paint(close(UInt8(ascii: "]")), .abcField) : paint(start + 1, .abcBar)
    case UInt8(ascii: "\""): return paint(close(UInt8(ascii: "\"")), .abcChord)
    case UInt8(ascii: "!"): return paint(close(UInt8(ascii: "!")), .abcOrnament)
    case UInt8(ascii: "{"): return paint(close(UInt8(ascii: "}")), .abcOrnament)
    case UInt8(ascii: "%"): return paint(end, .abcComment)
    case UInt8(ascii: "~"), UInt8(ascii: "."), UInt8(ascii: "H")...UInt8(ascii: "W"),
      UInt8(ascii: "h")...UInt8(ascii: "w"), UInt8(ascii: ")"), UInt8(ascii: "-"):
      return paint(start + 1, .abcOrnament)
    default: return start + 1
    }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (65...90).contains(byte) || (97...122).contains(byte)
  }
}
