/// ABC that stands in a web page.
enum Markup {
  /// The text with blanks in place of tags, and with `&lt;` and its like as the characters they mean,
  /// when it is a piece of a web page. Lines and columns stay what they were, but a line that begins
  /// with a tag begins with what follows it, so that fields are found.
  static func blanked(_ text: [UInt8]) -> [UInt8] {
    guard isPage(text) else { return text }
    var text = text
    var index = 0
    var lineStart = 0
    while index < text.count {
      if text[index] == 0x0A || text[index] == 0x0D {
        index += 1
        lineStart = index
      } else if text[index] == UInt8(ascii: "<"), let end = tagEnd(text, from: index) {
        for place in index..<end {
          if text[place] == 0x0A || text[place] == 0x0D {
            lineStart = place + 1
          } else {
            text[place] = 0x20
          }
        }
        index = end
        guard text[lineStart..<end].allSatisfy({ $0 == 0x20 }) else { continue }
        var lineEnd = end
        while lineEnd < text.count, text[lineEnd] != 0x0A, text[lineEnd] != 0x0D { lineEnd += 1 }
        text.replaceSubrange(
          lineStart..<lineEnd, with: text[end..<lineEnd] + text[lineStart..<end])
        index = lineStart
      } else if text[index] == UInt8(ascii: "&"), let (byte, length) = entity(text, at: index) {
        text[index] = byte
        for place in index + 1..<index + length { text[place] = 0x20 }
        index += length
      } else {
        index += 1
      }
    }
    return text
  }

  /// Tags that no music looks like. `<b>` and `<a>` would be two notes of broken rhythm.
  private static let names: Set<String> = [
    "html", "head", "body", "pre", "p", "br", "div", "span", "title", "meta", "link", "script",
    "style", "hr", "table", "tr", "td", "th", "tbody", "ul", "li", "ol", "font", "center", "img",
    "code", "tt", "h1", "h2", "h3", "h4", "h5", "h6", "textarea", "doctype", "blockquote", "strong",
  ]
  private static let pageNames: Set<String> = ["html", "body", "pre", "doctype", "textarea"]

  /// Whether there is a tag that only pages have.
  private static func isPage(_ text: [UInt8]) -> Bool {
    text.withUnsafeBufferPointer { bytes in
      bytes.indices.contains { start in
        // Broken rhythm has the same sign: notes are told apart before a name is made of them.
        guard bytes[start] == UInt8(ascii: "<"), beginsPageName(text[(start + 1)...]),
          let name = tagName(text, from: start)
        else { return false }
        return pageNames.contains(name.text)
      }
    }
  }

  /// Whether the first two letters are those of a name that only pages have.
  private static func beginsPageName(_ text: ArraySlice<UInt8>) -> Bool {
    let isMarked = text.first == UInt8(ascii: "/") || text.first == UInt8(ascii: "!")
    let letters = text.dropFirst(isMarked ? 1 : 0).prefix(2)
    guard let first = letters.first, let second = letters.last else { return false }
    switch (first | 0x20, second | 0x20) {
    case (UInt8(ascii: "h"), UInt8(ascii: "t")), (UInt8(ascii: "b"), UInt8(ascii: "o")),
      (UInt8(ascii: "p"), UInt8(ascii: "r")), (UInt8(ascii: "d"), UInt8(ascii: "o")),
      (UInt8(ascii: "t"), UInt8(ascii: "e")):
      return true
    default: return false
    }
  }

  /// The name of the tag that begins at a byte, in small letters, and where it ends.
  private static func tagName(_ text: [UInt8], from start: Int) -> (text: String, end: Int)? {
    var index = start + 1
    guard index < text.count else { return nil }
    if text[index] == UInt8(ascii: "/") || text[index] == UInt8(ascii: "!") { index += 1 }
    var name: [UInt8] = []
    while index < text.count, name.count < 12 {
      let byte = text[index]
      guard (0x61...0x7A).contains(byte | 0x20) || (0x31...0x36).contains(byte) else { break }
      name.append(byte | 0x20)
      index += 1
    }
    guard !name.isEmpty else { return nil }
    // Digits have the bit of small letters set already.
    return (String(decoding: name, as: UTF8.self), index)
  }

  private static func tagEnd(_ text: [UInt8], from start: Int) -> Int? {
    if text[start...].starts(with: "<!--".utf8) {
      var index = start + 4
      while index + 2 < text.count {
        if text[index...].starts(with: "-->".utf8) { return index + 3 }
        index += 1
      }
      return nil
    }
    guard let name = tagName(text, from: start) else { return nil }
    let isClosing = text[start + 1] == UInt8(ascii: "/")
    let isLink = name.text == "a" && text[name.end...].starts(with: " href".utf8)
    guard isClosing || isLink || names.contains(name.text) else { return nil }
    var index = name.end
    while index < text.count, index - start < 2000 {
      if text[index] == UInt8(ascii: ">") { return index + 1 }
      if text[index] == UInt8(ascii: "<") { return nil }
      index += 1
    }
    return nil
  }

  private static func entity(_ text: [UInt8], at start: Int) -> (byte: UInt8, length: Int)? {
    for (name, byte) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")]
    where text[start...].starts(with: name.utf8) {
      return (byte.utf8.first ?? 0x20, name.utf8.count)
    }
    return nil
  }
}
