import Music
import Testing

@testable import ABC

@Suite struct MeterAndTempoTests {
  @Test(arguments: [
    ("2/4 3/4", 2, 4, "3/4"), ("6/8 8", 6, 8, "8"), ("6/8 jig", 6, 8, "jig"),
    ("4/4jig", 4, 4, "jig"),
    ("C| 2/2", 2, 2, "2/2"), ("C 4/4", 4, 4, "4/4"), ("(2+3)/8 slow", 5, 8, "slow"),
    ("6/8", 6, 8, ""), (" 6 / 8 ", 6, 8, ""), ("(2+3+2)/8", 7, 8, ""), ("3/4 + 2/4", 5, 4, ""),
    ("2 + 3/8", 5, 8, ""), ("C |", 2, 2, ""), ("cut", 2, 2, ""), ("common", 4, 4, ""),
  ])
  func `the first meter of a field decides`(text: String, beats: Int, unit: Int, rest: String) {
    let found = Meter.read(text)
    #expect(found?.meter == Meter(beats: beats, unit: unit))
    #expect(found?.rest == rest)
  }

  @Test(arguments: ["x", "4", "4 4", "0/4", "4/0", "4//4", "/4", "+", "1/4+", "(", "9999/4"])
  func `what is no meter is none`(text: String) {
    #expect(Meter.read(text) == nil || Meter.read(text)?.rest.isEmpty == false)
  }

  private func remarks(_ header: String, _ body: String = "CDEF|") -> [Diagnostic] {
    ParsedTune(text: "X:1\nT:t\n" + header + "K:C\n" + body + "\n").diagnostics
  }

  @Test(arguments: [
    ("M:2/4 3/4\nL:1/4\n", "CD|CD|", "M: is read as 2/4; the rest, “3/4”, is ignored."),
    ("M:6/8 8\nL:1/8\n", "CDEFGA|", "M: is read as 6/8; the rest, “8”, is ignored."),
    (
      "M:4/4\nL:1/7\n", "C4C3|",
      "There is no note length 1/7 (did you mean 1/8?); it is taken as written."
    ),
    (
      "M:4/4\nL:8\n", "CDEFGABc|",
      "L:8 would be 8 whole notes (did you mean 1/8?); it is read as 1/8."
    ),
    ("M:4/4\nL:1/8 1/4\n", "CDEFGABc|", "L: is read as 1/8; the rest, “1/4”, is ignored."),
    (
      "M:4/4\nL:quaver\n", "CDEFGABc|",
      "“quaver” is no note length such as 1/8; the usual one of the meter is taken."
    ),
    ("M:four\nL:1/4\n", "CDEF|", "“four” is no meter such as 4/4; the tune is read without one."),
  ])
  func `a field that is odd is told where it stands, and read as far as it is clear`(
    header: String, body: String, sentence: String
  ) {
    let found = remarks(header, body)
    #expect(found.map(\.sentence) == [sentence])
    #expect(found.map(\.severity) == [.warning])
    #expect(found.first.map { $0.line <= 4 } == true)
  }

  @Test func `a meter of thirds is told at M:`() {
    let found = remarks("M:2/3\nL:1/4\n", "CD|EF|")
    #expect(found.first?.line == 3)
    #expect(found.first.map { $0.sentence.utf8Contains("did you mean 2/4?") } == true)
  }

  @Test(arguments: [
    ("1/4=120", 120.0), ("3/8=60", 90), ("1/8=120", 60), ("1/4 3/8 1/4 3/8=40", 200),
    ("\"Allegro\" 1/4=132", 132), ("1/4=132 \"Allegro\"", 132), ("\"Andante\"", 79),
    ("Presto", 184),
    ("1/4 = 96", 96), ("120=1/4", 120), ("1/4=ca. 80", 80), ("1/4=100-110", 100),
    ("1/4=62.5", 62.5),
    ("C=120", 60), ("C3=40", 60), ("c2=50", 50), ("C3/2=40", 30), ("♩=72", 72), ("♩.=72", 108),
    ("1/4 120", 120), ("240", 120), ("120", 60), ("120 bpm", 60), ("40", 40), ("2000", 1000),
  ])
  func `every form of Q: gives its quarters a minute`(text: String, quarters: Double) {
    #expect(TempoField(text, unit: Fraction(1, 8)).quartersPerMinute == quarters)
  }

  @Test(arguments: ["1/4", "1/4=", "=120", "x", "1/4=1/8", "0", "1/0=120", "\"fast\"", "half=60"])
  func `a tempo without a number has none`(text: String) {
    #expect(TempoField(text, unit: Fraction(1, 8)).isUnknown)
  }

  @Test(arguments: [
    // Fields in either order; the unit of 2/4 without L: is a sixteenth.
    ("M:2/4\nQ:112\n", 112.0, "quarters a minute"), ("Q:112\nM:2/4\n", 112, "quarters a minute"),
    ("M:4/4\nQ:112\n", 56, "counts notes of the length 1/8"),
    ("M:4/4\nQ:112\nL:1/4\n", 112, "counts notes of the length 1/4"),
    ("M:4/4\nQ:400\nL:1/4\n", 400, "counts notes of the length 1/4"),
    ("M:4/4\nQ:120\nL:1\n", 120, "too fast"),
  ])
  func `a bare number counts unit lengths unless nobody plays so`(
    header: String, quarters: Double, part: String
  ) {
    let tune = ParsedTune(text: "X:1\nT:t\n" + header + "K:G\nG|\n")
    #expect(tune.header.quartersPerMinute == quarters)
    let told = tune.diagnostics.filter { $0.sentence.utf8Contains("tempo") }
    #expect(told.map(\.severity) == [.note])
    #expect(told.first.map { $0.sentence.utf8Contains(part) } == true, "\(told)")
  }

  @Test func `a bare number in the music is read in the same way`() {
    let tune = ParsedTune(text: "X:1\nM:2/4\nL:1/16\nK:G\nG8|[Q:112]A8|\n")
    #expect(tune.performance().tempos.map(\.quartersPerMinute) == [120, 112])
    #expect(tune.diagnostics.map(\.severity) == [.note])
  }
}
