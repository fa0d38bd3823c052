import Music
import Testing

@testable import ABC

@Suite struct TunebookTests {
  @Test func `titles above a number are the tune's`() {
    let book = Tunebook(
      text: "T:One\nX:1\nM:4/4\nL:1/8\nK:G\nGABc dedB|\n\nT:Two\nT:Zwei\nX:2\nK:D\nd4|\n")
    #expect(book.tunes.map(\.number) == [1, 2])
    #expect(book.tunes.map(\.title) == ["One", "Two"])
    #expect(book.parsedTune(0).header.titles == ["One"])
    #expect(book.parsedTune(0).notes.count == 8)
    #expect(book.parsedTune(1).header.titles == ["Two", "Zwei"])
    // In a file header a title belongs to nothing.
    let other = Tunebook(text: "T:Book\nM:4/4\n\nX:1\nT:One\nK:G\nG|\n")
    #expect(other.tunes.map(\.title) == ["One"])
  }

  @Test func `blocks of text hold no tunes`() {
    let text = "%%begintext\nX:9 is not a tune\n\nABC is text\n%%endtext\n"
    let book = Tunebook(text: "X:1\nT:One\nK:G\n" + text + "GABc|\n\nX:2\nK:C\nc|\n")
    #expect(book.tunes.map(\.number) == [1, 2])
    #expect(book.parsedTune(0).notes.count == 4)
    // One that does not end hides nothing.
    let open = Tunebook(text: "X:1\nK:G\n%%begintext\nG|\n\nX:2\nK:C\nc|\n")
    #expect(open.tunes.map(\.number) == [1, 2])
  }

  @Test(arguments: [
    "X;1\nT;Name\nM:4/4\nK:G\nGABc|", "X :1\nT : Name\nM :4/4\n L:1/8\nK : G\nGABc|",
    "X: 1\nT : Name\nM :4/4\nK ;G\nK:G\nGABc|",
  ])
  func `colons that are semicolons, or stand apart, are read and told`(text: String) throws {
    let book = Tunebook(text: text)
    #expect(book.tunes.map(\.number) == [1])
    let tune = book.parsedTune(0)
    #expect(tune.header.titles == ["Name"])
    #expect(tune.header.meter == "4/4")
    #expect(tune.notes.count == 4)
    #expect(tune.script.key.fifths == 1)
    #expect(tune.diagnostics.contains { $0.sentence.hasPrefix("A field needs a colon") })
  }

  @Test(arguments: ["  ", "\t", "> ", ">> ", " > "])
  func `a tune copied with a margin is read`(margin: String) {
    let lines = ["X:3", "T:One", "M:4/4", "L:1/8", "K:D", "DFAd fdAF|D8|"]
    let book = Tunebook(text: lines.map { margin + $0 }.joined(separator: "\n"))
    #expect(book.tunes.map(\.number) == [3])
    #expect(book.parsedTune(0).notes.count == 9)
    // Where tunes stand at the margin, what is indented is music of theirs.
    let plain = Tunebook(text: lines.dropLast().joined(separator: "\n") + "\n  DFAd|\n")
    #expect(plain.parsedTune(0).notes.count == 4)
    #expect(Tunebook(text: margin + "no tune\n" + margin + "at all").tunes.isEmpty)
  }

  @Test func `blanks and line ends of word processors are plain ones, but for those of words`() {
    let text =
      "\u{FEFF}X:1\u{2028}T:L\u{2019}\u{E9}t\u{E9}\u{A0}!\nM:\u{A0}6/8\nL:1/8\nK:D\u{200B}\n"
      + "DFA\u{A0}dAF|\u{202F}D6|\u{2029}w: la\u{A0}la la la la la la la"
    let book = Tunebook(bytes: Array(text.utf8))
    #expect(book.tunes.map(\.title) == ["L\u{2019}\u{E9}t\u{E9}\u{A0}!"])
    let tune = book.parsedTune(0)
    #expect(tune.header.meter == "6/8")
    #expect(tune.notes.count == 7)
    #expect(tune.diagnostics.isEmpty, "\(tune.diagnostics)")
  }

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

  @Test func `a tune that leaves its book takes along what it inherits`() {
    let book = Tunebook(
      text: "%abc-2.1\n% a book\nM:3/4\nL:1/4\nQ:1/4=90\nC:Trad.\nU:T=!trill!\n"
        + "%%MIDI program 73\n\nX:1\nT:One\nM:6/8\nK:D\nABc|d2e|\n\nX:2\nT:Two\nK:G\nTfed|c2B|\n")
    #expect(book.tunes.count == 2)
    for index in book.tunes.indices {
      let alone = ParsedTune(text: book.wholeText(of: index))
      #expect(alone.performance() == book.parsedTune(index).performance())
      #expect(alone.header.titles == book.parsedTune(index).header.titles)
      #expect(alone.diagnostics == [])
    }
    #expect(
      book.wholeText(of: 0)
        == "X:1\nT:One\nL:1/4\nQ:1/4=90\nC:Trad.\nU:T=!trill!\n%%MIDI program 73\nM:6/8\nK:D\n"
        + "ABc|d2e|\n")
    // Without a file header nothing is added.
    let plain = Tunebook(text: "X:1\nK:D\nABc|\n")
    #expect(plain.wholeText(of: 0) == plain.text(of: 0))
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
    #expect(book.encoding == .windows1252)
    #expect(book.tunes.first?.title == "Café")
    #expect(Tunebook(bytes: Array("X:1\nT:Café\nK:C\n".utf8)).encoding == .utf8)
  }

  @Test func `the upper controls of old files are those of Windows, line by line`() {
    var bytes = Array("X:1\nT:Café\nK:C\n".utf8)
    bytes += [0x93] + Array("Am".utf8) + [0x94] + Array("CDEF|\n".utf8)
    let book = Tunebook(bytes: bytes)
    #expect(book.encoding == .windows1252)
    #expect(book.text == "X:1\nT:Café\nK:C\n\u{201C}Am\u{201D}CDEF|\n")
  }

  private static func pitches(_ book: Tunebook, _ index: Int) -> [Int?] {
    book.parsedTune(index).notes.map { $0.pitch?.key }
  }

  @Test func `music after an empty line goes on with the tune, and it is said`() {
    let book = Tunebook(
      text:
        "X:1\nT:Gap\nM:4/4\nL:1/4\nK:C\n\nCDEF|\n\nGABc|\n\nwords about it\n\ncBAG|\n\nX:2\nK:C\ncccc|\n"
    )
    #expect(book.tunes.count == 2)
    #expect(Self.pitches(book, 0) == [60, 62, 64, 65, 67, 69, 71, 72, 72, 71, 69, 67])
    #expect(Self.pitches(book, 1) == [72, 72, 72, 72])
    let said = book.parsedTune(0).diagnostics.map(\.sentence)
    #expect(said.count { $0.hasPrefix("An empty line ends a tune; the music after") } == 1)
    #expect(said.count { $0.hasPrefix("An empty line ends a tune; before the first note") } == 1)
    #expect(said.count { $0.hasPrefix("The tune ended at the empty line") } == 1)
  }

  @Test(
    arguments: [
      (
        "X:1\nT:Gap under the key\nM:4/4\nL:1/4\nK:C\n\nCDEF|GABc|\n",
        [[60, 62, 64, 65, 67, 69, 71, 72]]
      ),
      (
        "X:1\nM:4/4\nL:1/4\nK:C\n\nCDEF|\n\nX:2\nM:4/4\nL:1/4\nK:C\ncccc|\n",
        [[60, 62, 64, 65], [72, 72, 72, 72]]
      ),
      ("M:4/4\nK:C\nC4|\n\nM:3/4\nK:G\nG4|\n", [[60], [67]]),
      ("X:1\nK:C\nC4|\n\nT:Two\nK:G\nF4|\n", [[60], [66]]),
      ("X:1\nK:C\nC4|\n\nK:G\nFFFF|\n", [[60, 66, 66, 66, 66]]),
      ("X:1\nK:C\nC4|\n\nF4|\n", [[60]]),
      ("X:1\nK:C\nC4|\n\nThe tune is also known as Cabbage | Leek.\nK:G\n", [[60]]),
    ] as [(String, [[Int]])])
  func `tunes are told apart with and without numbers and empty lines`(
    text: String, pitches: [[Int]]
  ) {
    let book = Tunebook(text: text)
    #expect(book.tunes.indices.map { Self.pitches(book, $0) } == pitches)
  }

  @Test(arguments: [
    ("CDEF|GABc|", true), ("\"Am\"A2 {ab}cd|", true), ("[V:1]~A2 uBvc !trill!d|", true),
    ("(3abc d>e f/g/|] % words", true), ("|:G3 A3 B2 c2:|", true), ("efga bagf edcB", true),
    ("The next tune | the last", false), ("A bad cab", false), ("see http://a.b/c|d", false),
    ("Play AABB|", false), ("|", false), ("", false), ("C|D|", false), ("\"unclosed|A", false),
    ("12|34", false),
  ])
  func `music is told from words`(line: String, isMusic: Bool) {
    #expect(MusicLine.isMusic(Array(line.utf8)) == isMusic)
  }

  @Test(arguments: ["X1", "X 1", "X1 "])
  func `a number whose colon was forgotten begins a tune, and it is said`(line: String) {
    let book = Tunebook(text: line + "\nT:a\nM:4/4\nL:1/4\nK:C\nCDEF|\n\nX:2\nT:b\nK:G\nGABc|\n")
    #expect(book.tunes.map(\.number) == [1, 2])
    #expect(book.tunes.map(\.title) == ["a", "b"])
    let tune = book.parsedTune(0)
    #expect(tune.notes.compactMap { $0.pitch?.key } == [60, 62, 64, 65])
    #expect(tune.header.unitLength == Fraction(1, 4))
    #expect(tune.diagnostics.map(\.line) == [1])
    #expect(tune.diagnostics.first?.sentence.hasPrefix("A field needs a colon") == true)
    #expect(book.parsedTune(1).diagnostics.isEmpty)
  }

  @Test func `a page keeps its lines and columns`() {
    let text = "<pre>X:1\nK:C\nA&gt;B c<d|<br>\n</pre>\n"
    let book = Tunebook(text: text)
    #expect(book.text == "X:1     \nK:C\nA>   B c<d|    \n      \n")
    #expect(Tunebook(text: "X:1\nK:C\nA<B>c d<a>b|").text.contains("d<a>b"))
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
