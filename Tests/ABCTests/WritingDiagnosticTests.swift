import Music
import Testing

@testable import ABC

/// What is said about texts that are not as they were meant: a sentence for each cause.
@Suite struct WritingDiagnosticTests {
  static let header = "X:1\nT:t\nM:4/4\nL:1/4\nK:C\n"

  private func said(_ body: String, header: String = header) -> [String] {
    ParsedTune(text: header + body).diagnostics.map {
      "\($0.line):\($0.column) \($0.severity.rawValue): \($0.sentence)"
    }
  }

  @Test(arguments: [
    ("(CDEF|GABc|\n", "6:1 warning: This ( opens a slur that is not closed."),
    ("CDEF)|GABc|\n", "6:5 warning: This ) closes no slur; it is ignored."),
    ("((CDEF)|GABc|\n", "6:1 warning: This ( opens a slur that is not closed."),
    ("[(CE]DEF|GABc|\n", "6:2 warning: This ( opens a slur that is not closed."),
    ("|:CDEF|GABc|\n", "6:1 warning: This |: is not closed by :|; its section is played once."),
    (
      "|:CDEF|\n|:GABc:|\n", "6:1 warning: This |: is not closed by :|; its section is played once."
    ),
    (
      "|::CDEF:|\n",
      "6:8 note: A section ends with as many colons as it begins with; this one is played 3 times."
    ),
    ("|:CDEF|1 GABc:|cBAG|\n", "6:8 warning: No second ending follows this first one."),
    ("|:CDEF|[1 GABc:|cBAG|\n", "6:8 warning: No second ending follows this first one."),
    ("|:CDEF|2 GABc:|\n", "6:8 warning: The section has no ending 1 before this one."),
    ("|:CDEF|1 GABc:|3 cBAG|]\n", "6:16 warning: The section has no ending 2 before this one."),
    ("|:CDEF|1 GABc:|1 cBAG:|2 GABc|]\n", "6:16 warning: The section has ending 1 already."),
    ("(3CD|EFGA|\n", "6:1 warning: This triplet has two of its three notes before the bar line."),
    ("CDE(5FG|ABcd|\n", "6:4 warning: This tuplet has two of its five notes before the bar line."),
    ("C#DEF|GABc|\n", "6:2 warning: A sharp stands before its note, as ^C; this # is ignored."),
    ("C♯DEF|GABc|\n", "6:2 warning: A sharp stands before its note, as ^C; this ♯ is ignored."),
    ("#CDEF|G#ABc|\n", "6:1 warning: A sharp stands before its note, as ^C; this # is ignored."),
    ("CDEB♭|GA♭Bc|\n", "6:5 warning: A flat stands before its note, as _B; this ♭ is ignored."),
    ("!bwo!CDEF|!bwo!G3A|\n", "6:1 note: !bwo! is no known decoration; it is ignored."),
    (
      "C\u{0}DEF|GABc|\n",
      "6:2 warning: \u{201C}<NUL>\u{201D} means nothing in music; it is ignored."
    ),
    (
      "C\u{1B}DEF|GABc|\n",
      "6:2 warning: \u{201C}<ESC>\u{201D} means nothing in music; it is ignored."
    ),
    (
      "C\u{9B}DEF|GABc|\n",
      "6:2 warning: \u{201C}<U+009B>\u{201D} means nothing in music; it is ignored."
    ),
    (
      "!tril!CDEF|\n",
      "6:1 note: !tril! is no known decoration (did you mean !trill!?); it is ignored."
    ),
    ("%%MIDI progam 40\nCDEF|\n", "6:1 note: %%MIDI progam (did you mean program?) is not played."),
    ("CDEF|GA|GABc|\n", "6:6 warning: Bar 2 holds 2 quarters, but the meter asks for 4."),
    ("CDEF|GABcd|\n", "6:6 warning: Bar 2 holds 5 quarters, but the meter asks for 4."),
    ("CDEFG|CDEF|\n", "6:1 warning: Bar 1 holds 5 quarters, but the meter asks for 4."),
    ("CDEF|G/A|GABc|\n", "6:6 warning: Bar 2 holds 3 eighths, but the meter asks for 8."),
    (
      "CDEFGABc\ncBAGFEDC\nCDEFGABc\n",
      "6:1 warning: There are no bar lines; the meter asks for one after every 4 quarters."
    ),
    (
      "CDEF|GABc\ncBAG|FEDC|\n",
      "6:6 warning: Bar 2 is full where its line ends, and goes on in the next: a bar line is missing there."
    ),
    (
      "V:1\nCDEF|GABc|\nV:2\nC3|D4|\n",
      "9:1 warning: The pickup of voice “2” does not end together with a bar of the first voice; nothing is filled in."
    ),
    (
      "V:1\nCDEF|GABc|\nV:2\nCDEF|\n",
      "9:1 warning: The voices are not equally long: “2” ends after 1 bar, “1” after 2 bars."
    ),
  ])
  func `each fault is told once, where it stands`(body: String, sentence: String) {
    #expect(said(body) == [sentence])
  }

  @Test func `after a sharp written behind its note, a flat written so is told, too`() {
    #expect(
      said("C#DEF|GbAc|\n") == [
        "6:2 warning: A sharp stands before its note, as ^C; this # is ignored.",
        "6:8 note: Gb is read as the two notes G and b; a flat stands before its note, as _G.",
      ])
  }

  @Test(arguments: [
    "(CD)E(F|G)ABc|\n", "((CD)EF)|GABc|\n", "|:(CDEF|1 G)ABc:|2 G)ABd|]\n", "[(CE][DF)]EF|\n",
    "|:CDEF:|:GABc:|\n", "|:CDEF::GABc:|\n", "CDEF:|\n", "|:CDEF|1 GABc:|2 cBAG|]\n",
    "|:CDEF|[1,3 GABc:|[2 cBAG:|\n", "|:CDEF|1 GABc:|2 cBAG:|\n", "|:CDEF|1-2 GABc:|3 cBAG|]\n",
    "%%deco bow 6 pf 20 3 3 bow\n!bow!CDEF|\n", "GbAc|\n", "CDEF|GA\nBc|\n",
    "V:1\nCDEF|GABc|cdef|\nV:2\nZ2|CDEF|\n", "V:1\nZ2|CDEF|\nV:2\nCDEF|GABc|cdef|\n",
    "V:1\nZ3|\nV:2\nCDEF|Z2|\n",
    "V:1\nCDEF|GABc|\nV:2\nX2|\n", "V:1\nCDEF|GABc|\nV:2\nCDEF|GA\n",
    "|:(3C2D2E2:|\n",
  ])
  func `nothing is said where nothing is wrong`(body: String) {
    #expect(said(body) == [])
  }

  @Test func `what more text may put right is marked so`() {
    for body in ["|:CDEF|GABc|\n", "(CDEF|\n", "|:CDEF|1 GABc:|\n"] {
      let found = ParsedTune(text: Self.header + body).diagnostics
      #expect(found.count == 1 && found.allSatisfy(\.mayPass))
    }
    let closed = ParsedTune(text: Self.header + "|:CDEF|\n|:GABc:|\n").diagnostics
    #expect(closed.count == 1 && !closed[0].mayPass)
  }

  @Test func `what is not played is told apart from how the text is written`() {
    func subjects(_ body: String) -> [Diagnostic.Subject] {
      ParsedTune(text: Self.header + body).diagnostics.map(\.subject)
    }
    #expect(subjects("\"Cfoo\"CDEF|\n").isEmpty)
    #expect(subjects("\"Cm13b5x\"CDEF|\n") == [.sound])
    #expect(subjects("%%MIDI gchordbars 2\nCDEF|\n") == [.sound])
    #expect(subjects("!nosuch!CDEF|\n") == [.sound])
    #expect(subjects("[CEDEF|\n").contains(.sound))
    #expect(subjects("CDEF|GA|GABc|\n") == [.writing])
    #expect(subjects("(CDEF|\n") == [.writing])
    #expect(subjects("|:CDEF|\n") == [.writing])
  }

  @Test func `an unknown chord is told once for its name`() {
    #expect(said("\"Cm13b5x\"CDEF|\"Cm13b5x\"C4|\n").count == 1)
  }
}
