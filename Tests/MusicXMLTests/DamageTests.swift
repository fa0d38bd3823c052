import ABC
import Testing

@testable import MusicXML

/// Scores that come from anywhere: cut, changed, hostile.
@Suite struct DamageTests {
  static let tune =
    "X:1\nT:A\nM:6/8\nL:1/8\nK:G\n|:\"G\"{c}GAB (3dBd .e|[Bd]3-[Bd]3|1 c6:|2 g6|]\nw: la li lo lu\n"
  static let document = Array(xml(tune).utf8)
  static let archive = ScoreFile.archive(xml(tune))

  /// Either a sentence, or text that a reader of ABC takes.
  private func read(_ bytes: [UInt8]) -> Bool {
    do throws(MusicXMLError) {
      let text = try ScoreFile.abc(bytes).text
      return !ParsedTune(text: text).header.key.isEmpty
    } catch {
      return !error.description.isEmpty
    }
  }

  @Test func `a compressed score is compressed`() throws {
    #expect(Self.archive.count < Self.document.count / 2)
    #expect(try ScoreFile.abc(Self.archive).text == ScoreFile.abc(Self.document).text)
  }

  @Test func `a score cut at any length is refused`() {
    for length in stride(from: 0, to: Self.document.count - 8, by: 3) {
      #expect(throws: MusicXMLError.self) { try ScoreFile.abc(Array(Self.document[..<length])) }
    }
  }

  @Test func `a compressed score cut at any length is refused`() {
    for length in stride(from: 4, to: Self.archive.count - 1, by: 3) {
      #expect(throws: MusicXMLError.self) { try ScoreFile.abc(Array(Self.archive[..<length])) }
    }
  }

  @Test func `a score with changed bytes is read or refused`() {
    var state: UInt64 = 7
    func random(_ limit: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % limit
    }
    for whole in [Self.document, Self.archive] {
      for _ in 0..<150 {
        var bytes = whole
        for _ in 0...random(4) { bytes[random(bytes.count)] = UInt8(random(256)) }
        #expect(read(bytes))
      }
      // Digits grow and shrink: numbers out of all proportion.
      for place in whole.indices where place % 5 == 0 && (0x30...0x39).contains(whole[place]) {
        var bytes = whole
        bytes.replaceSubrange(place..<place + 1, with: Array("999999999999".utf8))
        #expect(read(bytes))
        bytes = whole
        bytes.replaceSubrange(place..<place + 1, with: Array("-7".utf8))
        #expect(read(bytes))
      }
    }
  }

  @Test func `entities are never expanded, and nothing outside is read`() {
    let bomb = """
      <?xml version="1.0"?>
      <!DOCTYPE score-partwise [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>
      <score-partwise><part-list/><movement-title>&b;</movement-title></score-partwise>
      """
    #expect(throws: MusicXMLError.entities(line: 2, column: 38)) {
      try ScoreFile.abc(Array(bomb.utf8))
    }
    let outside = """
      <?xml version="1.0"?>
      <!DOCTYPE score-partwise [<!ENTITY a SYSTEM "file:///etc/passwd">]>
      <score-partwise><movement-title>&a;</movement-title></score-partwise>
      """
    #expect(throws: MusicXMLError.self) { try ScoreFile.abc(Array(outside.utf8)) }
  }

  @Test func `depth has a limit`() {
    let deep = String(repeating: "<a>", count: 10_000)
    #expect(throws: MusicXMLError.tooLarge(line: 1, column: 196)) {
      try ScoreFile.abc(Array(deep.utf8))
    }
  }

  @Test(arguments: [
    ("<html/>", "<html> is no score"), ("<score-partwise/>", "there is no part"),
    ("", "this is no XML"), ("PK\u{3}\u{4}nothing", "cannot be read"),
  ])
  func `what is no score is told in a sentence`(text: String, sentence: String) {
    #expect {
      try ScoreFile.abc(Array(text.utf8))
    } throws: {
      "\($0)".contains(sentence)
    }
  }
}
