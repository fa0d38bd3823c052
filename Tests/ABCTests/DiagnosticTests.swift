import Music
import Testing

@testable import ABC

@Suite struct DiagnosticTests {
  static let header = "X:1\nT:t\nM:4/4\nL:1/8\nK:C\n"

  @Test(arguments: [
    // Words that go on in other lines are counted together.
    ("X:1\nL:1/4\nK:C\nCDEF|GABc|\nw:one two three four\n+:five six\n+: seven eight\n", []),
    (
      "X:1\nL:1/4\nK:C\nCDEF|GABc|\nw:one two\n+:three\n",
      ["This line has 3 syllables for 8 notes."]
    ),
    // A bar line in the words leaves notes without any.
    ("X:1\nM:4/4\nL:1/4\nK:C\nCDEF|GABc|cdef|\nw:one | two three | four-- five\n", []),
    ("X:1\nL:1/4\nK:C clef=tenor8\nCDEF|\n", []),
    ("X:1\nL:1/4\nK:C clef=treb\nCDEF|\n", ["(did you mean \u{201C}clef=treble\u{201D}?)"]),
    ("X:1\nL:1/4\nK:C\nV:1 shift=CE\nCDEF|\n", ["\u{201C}shift=CE\u{201D} moves"]),
    ("X:abc\nL:1/4\nK:C\nCDEF|\n", ["X: should give the tune a number"]),
    ("X:1\nM:four\nL:1/4\nK:C\nCDEF|\n", ["the tune is read without one."]),
    ("X:1\nM:4/4\nM:four\nL:1/4\nK:C\nCDEF|\n", ["the one before it stays."]),
    ("X:1\nM:4/4\nL:big\nK:C\nCDEFGABc|\n", ["the usual one of the meter is taken."]),
    (
      "X:1\nM:6/8 (jig)\nL:1/8\nK:C\nCDEFGA|\n",
      ["read as 6/8; the rest, \u{201C}(jig)\u{201D}, is ignored."]
    ),
  ])
  func `sentences say what is so, once for each cause`(text: String, sentences: [String]) {
    let found = ParsedTune(text: text).diagnostics.map(\.sentence)
    #expect(found.count == sentences.count, "\(found)")
    for (one, wanted) in zip(found, sentences) { #expect(one.contains(wanted)) }
  }

  @Test(arguments: [
    ("C8|CDEFGAB|C8|", "6:4", "Bar 2 holds 7 eighths, but the meter asks for 8."),
    ("C8|C4C2|C8|", "6:4", "Bar 2 holds 6 eighths, but the meter asks for 8."),
    ("C8|C8C|C8|", "6:4", "Bar 2 holds 9 eighths, but the meter asks for 8."),
    ("C8|C4C/C4|C8|", "6:4", "Bar 2 holds 17 sixteenths, but the meter asks for 16."),
  ])
  func `a bar that does not add up is told in the unit of the tune, or in shorter notes`(
    music: String, place: String, sentence: String
  ) {
    let found = ParsedTune(text: DiagnosticTests.header + music).diagnostics
    #expect(found.map { "\($0.line):\($0.column)" } == [place])
    #expect(found.map(\.sentence) == [sentence])
    #expect(found.allSatisfy { $0.severity == .warning })
  }

  @Test(arguments: [
    "C2|C8|C6:|", "C8|C6:|C2|C8|", "C8|:C2|C8|C6:|", "C8|C4||C4|", "C8|C4", "C2|C8|",
    "C8|1C6:|2C8|]",
    "Z4|C8|", "[M:3/4]C6|D6|", "C4&C4|", "C8|C4&C8|",
  ])
  func `pickups, section edges and growing bars may be short`(music: String) {
    #expect(
      ParsedTune(text: DiagnosticTests.header + music).diagnostics.allSatisfy {
        !$0.sentence.contains("holds")
      } || music == "C4&C4|")
  }

  @Test(arguments: [
    ("[CE|", "not closed"), ("{gC|", "not closed"), ("\"AmC|", "not closed"),
    ("[K:D C|", "not closed"),
    ("^|", "no note after it"), ("C 7|", "belongs to no note"), ("]C|", "closes nothing"),
    ("}C|", "closes no grace"), ("(9:9:999999999C8|", "2 to 99"), ("C0|", "length of 0"),
  ])
  func `a fault of syntax is an error that says what was done instead`(
    music: String, part: String
  ) {
    let found = ParsedTune(text: DiagnosticTests.header + music).diagnostics
    #expect(found.contains { $0.severity == .error && $0.sentence.utf8Contains(part) })
  }

  @Test func `a clean tune has no diagnostics`() {
    let tune = ParsedTune(
      text: DiagnosticTests.header + "|:\"Am\"A2>B2 {c}[Ace]4|(3cBA ~e2 !trill!a4:|\n")
    #expect(tune.diagnostics.isEmpty)
  }

  @Test func `a MIDI line that is not played is named, one that is played is not`() {
    let lines =
      "%%MIDI temperament 7 100\n%%MIDI program 5\n%%MIDI gchordbars 2\n%%MIDI beat 90 80 70 1\n"
    let tune = ParsedTune(text: DiagnosticTests.header + lines + "C8|]\n")
    #expect(
      tune.diagnostics.map(\.sentence) == [
        "%%MIDI temperament is not played.", "%%MIDI gchordbars is not played.",
      ])
    #expect(tune.diagnostics.allSatisfy { $0.severity == .note })
    #expect(tune.performance().tracks[0].program == 5)
  }

  @Test func `columns count characters, offsets count bytes`() {
    let text = DiagnosticTests.header + "\"é♯\"C8| ]C8|"
    let found = ParsedTune(text: text).diagnostics
    #expect(found.first?.column == 9)
    #expect(found.first?.range.lowerBound == DiagnosticTests.header.utf8.count + 11)
  }

  @Test func `music without any header is read in C, and says so`() {
    let tune = ParsedTune(text: "CDEF GABc|")
    #expect(tune.notes.count == 8)
    #expect(tune.header.barLength == Fraction(1))
    #expect(tune.diagnostics.map(\.severity) == [.note])
  }

  @Test func `bars are numbered as a musician counts`() {
    let tune = ParsedTune(
      text: "M:4/4\nL:1/4\nK:C\nG|CDEF|GAB:|c|CDEF|Z2|C4|]\n")
    #expect(tune.bars.map(\.number) == [0, 1, 2, 2, 3, 4, 6])
    #expect(tune.bars.allSatisfy { $0.isClosed })
  }

  @Test func `the ranges of bars touch within a line`() {
    let text = "M:4/4\nL:1/4\nK:C\nG|CDEF|GAB:|\n|:c|CDEF|]"
    let tune = ParsedTune(text: text)
    let bytes = Array(text.utf8)
    #expect(
      tune.bars.map { String(decoding: bytes[$0.range], as: UTF8.self) }
        == ["G|", "CDEF|", "GAB:|", "c|", "CDEF|]"])
  }

  @Test func `syllables go to the notes of the line above`() {
    let tune = ParsedTune(
      text: "M:4/4\nL:1/4\nK:C\nCDEF|{g}G2zA|\nw:One~a two-three_|four * |five\nw:2.~Un deux\n")
    #expect(tune.lyrics.map(\.text) == ["One a", "two-", "three", "four", "2. Un", "deux"])
    #expect(tune.lyrics.map(\.verse) == [1, 1, 1, 1, 2, 2])
    #expect(tune.lyrics.map { tune.notes[$0.note].pitch?.key } == [60, 62, 64, 67, 60, 62])
  }
}
