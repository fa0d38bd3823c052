import ABC
import Testing

@testable import Corpus

/// What plays is read for training, too.
@Suite struct PlayedTunesTests {
  private static func tunes(_ bytes: [UInt8]) -> (texts: [String], lines: [String]) {
    let corpus = TuneCorpus(
      [.init(name: "book", tunes: Tunebook(bytes: bytes))],
      options: .init(validPercent: 0, testPercent: 0, dropsDoubles: false))
    return (corpus.train.map(\.text), corpus.report.lines)
  }

  private static func tunes(_ text: String) -> [String] { tunes(Array(text.utf8)).texts }

  private static let jig = "M:6/8\nL:1/8\nK:G\nGAB dBG|GAB d3|\n\n"

  @Test(arguments: [
    ("X:1\nT:No unit length\nM:6/8\nK:G\nGAB dBG|GAB d3|\n", jig),
    ("X:1\nT:No meter\nL:1/8\nK:G\nGAB|\n", "M:none\nL:1/8\nK:G\nGAB|\n\n"),
    ("X:1\nT:Title and key only\nK:G\nGAB|\n", "M:none\nL:1/8\nK:G\nGAB|\n\n"),
    ("X:1\nM:2/4\nK:G\nGABc|\n", "M:2/4\nL:1/16\nK:G\nGABc|\n\n"),
    ("X:1\nM:6/8\nL:1/8\nK:G\nV:1\nGAB dBG|GAB d3|\n", jig),
    ("X:1\nM:6/8\nL:1/8\nK:G\n[V:1]GAB dBG|GAB d3|\n", jig),
    ("X:1\nM:6/8\nL:1/8\nV:fiddle name=\"Fiddle\"\nK:G\nGAB dBG|GAB d3|\n", jig),
    ("X:1\nM:6/8\nL:1/8\nK:G\n\nGAB dBG|GAB d3|\n", jig),
    (
      "X:1\nM:6/8\n\nL:1/8\nK:G major\nGAB dBG|\n\nGAB d3|\n",
      "M:6/8\nL:1/8\nK:G\nGAB dBG|\nGAB d3|\n\n"
    ),
    ("X:1\rM:6/8\rL:1/8\rK:G\rGAB dBG|GAB d3|\r", jig),
    ("X:1\r\nM:6/8\r\nL:1/8\r\nK:G\r\nGAB\tdBG|GAB d3|\t\r\n", jig),
    ("X:1\nM:6/8\nL:1/8\nK:G\nGAB\0 dBG|GAB d3|\n", jig),
    ("X:1\nM:6/8\nL:1/8\nK:G\nGAB dBG|GAB d3| % the end\nw: la la\nN:a note\n", jig),
    ("X:1\nM:6/8\nL:1/8\nK:G clef=treble\nGAB dBG|GAB d3|\n", jig),
    ("<html><body>\n<pre>\nX:1\nM:6/8\nL:1/8\nK:G\nGAB dBG|GAB d3|\n</pre></body></html>\n", jig),
    ("<pre>X:1\nM:6/8<br>\nL:1/8\nK:G\nGAB dBG|GAB d3|</pre>\n", jig),
    ("X:1\nM:6/8\nL:1/8\nK:Dm ^c\nDFA|\n", "M:6/8\nL:1/8\nK:Dm ^c\nDFA|\n\n"),
    ("X:1\nM:6/8\nL:1/8\nK:Hp\nABA|\n", "M:6/8\nL:1/8\nK:Amix\nABA|\n\n"),
    ("X:1\nM:6/8\nL:1/8\nABA|\n", "M:6/8\nL:1/8\nK:C\nABA|\n\n"),
  ])
  func `a tune that plays is read`(text: String, read: String) {
    #expect(Self.tunes(text) == [read])
  }

  @Test func `the fields of a file header hold for every tune`() {
    let tunes = Self.tunes("M:6/8\nL:1/8\n\nX:1\nK:G\nGAB dBG|GAB d3|\n\nX:2\nK:D\nFAd|\n")
    #expect(tunes == [Self.jig, "M:6/8\nL:1/8\nK:D\nFAd|\n\n"])
  }

  @Test func `paragraphs with meter and key are tunes, whatever stands between`() {
    let text =
      "</html>\nM:6/8\nL:1/8\nK:G\nGAB dBG|GAB d3|\n\n</html>\nM:4/4\nL:1/8\nK:D\nFAdf fdAF|\n"
      + "\nThe last one, from memory:\nT:Last\nK:C\nCE Gc ed|\n"
    #expect(
      Self.tunes(text) == [
        Self.jig, "M:4/4\nL:1/8\nK:D\nFAdf fdAF|\n\n", "M:none\nL:1/8\nK:C\nCE Gc ed|\n\n",
      ])
  }

  @Test func `a byte order mark hides no tune, in any encoding`() {
    let text = "X:1\nT:Café\n" + Self.jig + "X:2\n" + Self.jig
    let units = Array(text.utf16)
    let little = units.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
    let big = units.flatMap { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] }
    for bytes in [
      [0xEF, 0xBB, 0xBF] + Array(text.utf8), [0xFF, 0xFE] + little, [0xFE, 0xFF] + big, little, big,
    ] {
      #expect(Self.tunes(bytes).texts == [Self.jig, Self.jig])
    }
  }

  @Test func `what is left out is counted and its reason told`() {
    let read = Self.tunes(
      Array(
        ("X:1\nT:Duet\nK:G\nV:1\nGAB|\nV:2\nGAB|\n\nX:2\nT:Silence\nM:4/4\nK:G\nz4|\n\n"
          + "X:3\nT:Long\nK:G\n" + String(repeating: "GAB|", count: 2500) + "\n").utf8))
    #expect(read.texts.isEmpty)
    #expect(read.lines.contains("left out 1: several voices (Duet (book))"))
    #expect(read.lines.contains("left out 1: no music (Silence (book))"))
    #expect(read.lines.contains("left out 1: longer than 8000 characters (Long (book))"))
  }

  @Test(arguments: -3...4)
  func `a key with accidentals goes to every key and back`(sharps: Int) throws {
    let first = try ModelTune.read("X:1\nM:6/8\nL:1/8\nK:Dm ^c\ndcB =cBA|[K:D]fcf|\nG:|").get()
    let there = try #require(first.transposed(toSharps: sharps))
    #expect(Melody(there).intervals == Melody(first).intervals)
    if sharps == 0 { #expect(there.header.hasSuffix("K:Am ^g\n")) }
    let back = try #require(there.transposed(toSharps: first.key.sharps))
    #expect(back == first)
  }

  @Test func `a book without unit lengths trains whole`() {
    // As the collections of the first published systems were: the unit follows from the meter.
    var written = ""
    var bare = ""
    for number in 1...40 {
      let (meter, unit, bar) =
        number % 2 == 0 ? ("6/8", "1/8", "GAB dBG|") : ("2/4", "1/16", "G2AB cdef|")
      written += "X:\(number)\nM:\(meter)\nL:\(unit)\nK:G\n\(bar)\(bar)\n\n"
      bare += "X:\(number)\nM:\(meter)\nK:G\n\(bar)\(bar)\n\n"
    }
    #expect(Self.tunes(bare).count == 40)
    #expect(Self.tunes(bare) == Self.tunes(written))
  }
}
