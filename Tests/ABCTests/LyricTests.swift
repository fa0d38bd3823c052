import Music
import Testing

@testable import ABC

/// Words by verse and pass (ABC 2.1 §5).
@Suite struct LyricTests {
  /// Each syllable sung and the quarter at which it is.
  private func sung(_ body: String, header: String = "X:1\nM:4/4\nL:1/4\nK:C\n") -> String {
    ParsedTune(text: header + body).performance().lyrics.map {
      "\($0.text) \($0.at.count / Tick.perQuarter)"
    }.joined(separator: ", ")
  }

  @Test func `each pass sings its verse, and nothing of another where it holds or skips`() {
    #expect(
      sung("|:CDEF|G2A2:|\nw:Oh_ sing *|one day|\nw:New words come in|two three|\n")
        == "Oh 0, sing 2, one 4, day 6, New 8, words 9, come 10, in 11, two 12, three 14")
  }

  @Test func `the second ending sings the second verse`() {
    #expect(
      sung(
        "|:CDEF|1G2A2:|2G2c2|]\nw:Oh_ sing *|one day|last day\nw:New words come in||two three|\n")
        == "Oh 0, sing 2, one 4, day 6, New 8, words 9, come 10, in 11, two 12, three 14")
  }

  @Test func `a second ending may have its words in the first verse's line`() {
    #expect(
      sung("|:CDEF|1G2A2:|2G2c2|]\nw:a b c d|one day|last day\nw:e f g h\n")
        == "a 0, b 1, c 2, d 3, one 4, day 6, e 8, f 9, g 10, h 11, last 12, day 14")
  }

  @Test func `three passes sing three verses, and one verse is sung on every pass`() {
    #expect(
      sung("|::C4::|D4|\nw:a|end\nw:b\nw:c\n") == "a 0, b 4, c 8, end 12")
    #expect(sung("|::C4::|\nw:a\n") == "a 0, a 4, a 8")
    #expect(sung("|::C4::|\nw:a\nw:b\n") == "a 0, b 4, a 8")
  }

  @Test func `a part that comes again sings the next verse`() {
    #expect(
      sung(
        "P:A\nC4|\nw:a\nw:b\nP:B\nD4|\nw:c\n", header: "X:1\nM:4/4\nL:1/4\nP:ABAB\nK:C\n")
        == "a 0, c 4, b 8, c 12")
  }

  @Test func `after D.C. the next verse is sung`() {
    #expect(
      sung("C4|D4!D.C.!|]\nw:a|b\nw:c|d\n") == "a 0, b 4, c 8, d 12")
  }

  @Test func `bars without words are skipped with bar lines`() {
    #expect(sung("CDEF|G2A2|C4|\nw:a|b\n") == "a 0, b 4")
    #expect(sung("CDEF|G2A2|C4|\nw:a||b\n") == "a 0, b 8")
    #expect(sung("CDEF|z4|C4|\nw:a b c d||e\n") == "a 0, b 1, c 2, d 3, e 8")
    #expect(sung("CD|EF|\nw:a b c|d\n") == "a 0, b 1, c 2")
  }

  @Test func `hyphens, tildes and escapes`() {
    #expect(sung("CDEF|\nw:a-b c~d e\\-f\n") == "a- 0, b 1, c d 2, e-f 3")
    #expect(sung("CDEF|\nw:time - -of\n") == "time 0, of 3")
    #expect(sung("CDEF|\nw:a--b c\n") == "a- 0, b 2, c 3")
    #expect(sung("CDEF|\nw:a b\n+:c d\n") == "a 0, b 1, c 2, d 3")
  }

  @Test(arguments: [
    ("CDEF|GABc|\nw:one two\n", ["This line has 2 syllables for 8 notes."]),
    (
      "CDEF|GABc|\nw:one two\nw:a b c d e f g h\nw:x\n",
      ["This line has 2 syllables for 8 notes.", "This line has 1 syllable for 8 notes."]
    ),
    ("CDEF|\nw:a b c d e f\n", ["This line has 6 syllables for 4 notes; the last 2 are left out."]),
    ("CDEF|\nw:a b c d e\n", ["This line has 5 syllables for 4 notes; the last one is left out."]),
    ("CDEF|\nw:a_*b\n", []), ("CDEF|\nw:a b c d\nw:\n", []), ("CDEF|GABc|\nw:a b c d||\n", []),
    ("[CE]{g}D zE|\nw:a b c\n", []),
  ])
  func `too few and too many syllables are told with both counts`(body: String, said: [String]) {
    let found = ParsedTune(text: "X:1\nT:t\nM:4/4\nL:1/4\nK:C\n" + body).diagnostics
    #expect(found.map(\.sentence) == said)
    #expect(found.allSatisfy { $0.severity == .note })
  }

  @Test func `words without any music above them are told`() {
    let found = ParsedTune(text: "X:1\nM:4/4\nL:1/4\nK:C\nw:a b\nCDEF|\n").diagnostics
    #expect(found.map(\.sentence) == ["There are no notes above these words; they are not sung."])
  }

  @Test func `signs under the notes are played`() {
    let text = "X:1\nM:4/4\nL:1/4\nK:C\nCDEF|GABc|\ns:\"Am\" * !accent!|!p! \"^slow\" !f!\nc4|\n"
    let tune = ParsedTune(text: text)
    #expect(tune.diagnostics.isEmpty)
    #expect(tune.chordSymbols.map(\.text) == ["Am"])
    let bytes = Array(text.utf8)
    #expect(
      tune.chordSymbols.map { String(decoding: bytes[$0.range], as: UTF8.self) } == ["\"Am\""])
    let heard = tune.performance()
    #expect(heard.tracks.contains { $0.role == .bass })
    let melody = heard.notes.filter { heard.tracks[$0.track].role == .melody }
    // First, beat, accent, beat; softly from the fifth on, loudly from the seventh on.
    #expect(melody.map(\.velocity) == [105, 95, 110, 95, 60, 50, 95, 95, 105])
  }
}
