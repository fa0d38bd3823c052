import Music
import Testing

@testable import ABC

/// One odd part does not spoil the whole: what is read around it, and what is said.
@Suite struct LenientReadingTests {
  private static let header = "X:1\nT:t\nM:4/4\nL:1/4\nK:C\n"

  @Test(arguments: [
    Rule(
      "a spacer's width", "y0A y2 B y12 d y A|", "69:1 71:1 74:1 69:1", header: "M:4/4\nL:1/4\n"),
    Rule(
      "a spacer in a chord and in graces", "[Cy2E]2{y0g}G2|", "[60,64]:2 67:2",
      header: "M:4/4\nL:1/4\n"),
    Rule("a decoration in a chord", "[!slide!FA]4|", "[65,69]:4", header: "M:4/4\nL:1/4\n"),
    Rule(
      "an old decoration in a chord", "[+slide+FA]4|[F+trill+A]4|", "[65,69]:4 [65,69]:4",
      header: "M:4/4\nL:1/4\n"),
    Rule(
      "signs and text in a chord", "[.C\"1\"vEuG]4|[(CE]2[CE)]2|",
      "[60,64,67]:4 [60,64]:2 [60,64]:2", header: "M:4/4\nL:1/4\n"),
    Rule("graces in a chord", "[{d}CE]4|", "[60,64]:4", header: "M:4/4\nL:1/4\n"),
    Rule(
      "endings named by text", "|:CDEF|[\"first\"GABc:|[\"last\"c4|]",
      "60:1 62:1 64:1 65:1 67:1 69:1 71:1 72:1 60:1 62:1 64:1 65:1 72:4", header: "M:4/4\nL:1/4\n"),
    Rule(
      "endings named by numbers in text", "|:CDEF|[\"1.\"G4:|[\"2.\"c4|]",
      "60:1 62:1 64:1 65:1 67:4 60:1 62:1 64:1 65:1 72:4", header: "M:4/4\nL:1/4\n"),
    Rule(
      "a chord that is not closed", "[CEG2|c4|", "60:1 64:1 67:2 72:4", header: "M:4/4\nL:1/4\n"),
    Rule(
      "long numerators", "c1267/480d1613/480e4|", "72:1267/480 74:1613/480 76:4",
      header: "M:4/4\nL:1/4\n"),
    Rule(
      "accidentals for one note only", "%%MIDI nobarlines\nK:C\n^FFGF|FGFF|",
      "66:1 65:1 67:1 65:1 65:1 67:1 65:1 65:1", header: "M:4/4\nL:1/4\n"),
    Rule(
      "accidentals in bars again", "%%MIDI nobarlines\nK:C\n^FF\n%%MIDI barlines\n^FF|",
      "66:1 65:1 66:1 66:1", header: "M:4/4\nL:1/4\n"),
    Rule(
      "MIDI with an equals sign", "I:MIDI=transpose -2\nK:C\nCDEF|", "58:1 60:1 62:1 63:1",
      header: "M:4/4\nL:1/4\n"),
    Rule(
      "MIDI with an equals sign and blanks", "I:MIDI = transpose -2\nK:C\nCDEF|",
      "58:1 60:1 62:1 63:1", header: "M:4/4\nL:1/4\n"),
    Rule(
      "inline MIDI with an equals sign", "CD[I:MIDI=transpose 12]EF|", "60:1 62:1 76:1 77:1",
      header: "M:4/4\nL:1/4\n"),
  ])
  func `odd notation is played for what it says`(rule: Rule) {
    #expect(Heard(tune: ParsedTune(text: rule.text)) == Heard(expected: rule.heard))
  }

  @Test(arguments: [
    "y0A y2 B y12 d y A|", "[+slide+FA]4|[!slide!FA]4|", "[CyE]4|", "c1267/480d1613/480e4|",
  ])
  func `and nothing is said where nothing is wrong`(body: String) {
    let text = body.hasPrefix("c1267") ? "X:1\nL:1/4\nM:none\nK:C\n" : Self.header
    #expect(
      ParsedTune(text: text + body + "\n").diagnostics.filter { $0.severity != .note }.isEmpty)
  }

  @Test func `a named ending is told once for each, as a note`() {
    let found = ParsedTune(text: Self.header + "|:CDEF|[\"first\"GABc:|[\"last\"c4|]\n").diagnostics
    #expect(found.map(\.severity) == [.note, .note])
  }

  @Test(arguments: [
    "X:1\nT:Four notes\nM:4/4\nfound beside a bag\nL:1/4\nK:D\nDEFA|\n",
    "X:1\nT:Four notes\nof several\nM:4/4\nL:1/4\nK:D\nDEFA|\n",
    "X:1\nT:Four notes\nM:4/4\nL:1/4\nQ:1/4=90\nadd a bagged cafe\n%%titleleft 1\nK:D\nDEFA|\n",
  ])
  func `a line of text in a header is passed over with a word`(text: String) {
    let tune = ParsedTune(text: text)
    #expect(Heard(tune: tune) == Heard(expected: "62:1 64:1 66:1 69:1"))
    #expect(tune.diagnostics.map(\.severity) == [.warning])
    #expect(
      tune.diagnostics.first?.sentence
        == "This line of the header is no field; it is passed over as text.")
  }

  @Test(arguments: ["Z:a note about the tune \\\nthat goes on here\n", "N:one \\\ntwo \\\nthree\n"])
  func `a field of text may go on after a backslash`(field: String) {
    let tune = ParsedTune(text: "X:1\nT:t\n" + field + "M:4/4\nL:1/4\nK:D\nDEFA|f4|\n")
    #expect(Heard(tune: tune) == Heard(expected: "62:1 64:1 66:1 69:1 78:4"))
    #expect(tune.diagnostics.allSatisfy { $0.severity == .note })
    #expect(tune.diagnostics.count <= 2)
  }

  @Test func `a title that goes on is one title`() {
    let tune = ParsedTune(text: "X:1\nT:The Long \\\nTitle\nM:4/4\nL:1/4\nK:D\nDEFA|\n")
    #expect(tune.header.titles == ["The Long  Title"] || tune.header.titles == ["The Long Title"])
  }

  @Test(arguments: [
    ("X1\nT:a\nM:4/4\nL:1/4\nK:C\nCDEF|\n", "“X1” is read as X:1"),
    ("X:1\nM4/4\nL:1/4\nK:C\nCDEF|\n", "“M4/4” is read as M:4/4"),
    ("X:1\nM 4/4\nL:1/4\nK:C\nCDEF|\n", "“M 4/4” is read as M:4/4"),
    ("X:1\nM:4/4\nL1/4\nK:C\nCDEF|\n", "“L1/4” is read as L:1/4"),
    ("X:1\nM:4/4\nL:1/4\nQ1/4=120\nK:C\nCDEF|\n", "“Q1/4=120” is read as Q:1/4=120"),
    ("X:1\nM:4/4\nL:1/4\nKC\nCDEF|\n", "“KC” is read as K:C"),
  ])
  func `a field without its colon is read, and told`(text: String, part: String) {
    let tune = ParsedTune(text: text)
    #expect(tune.header.number == 1)
    #expect(tune.header.unitLength == Fraction(1, 4))
    #expect(tune.header.barLength == Fraction(1))
    #expect(Heard(tune: tune) == Heard(expected: "60:1 62:1 64:1 65:1"))
    #expect(tune.diagnostics.map(\.severity) == [.warning])
    #expect(tune.diagnostics.first.map { $0.sentence.utf8Contains(part) } == true)
  }

  @Test(arguments: ["CDEF GABc|", "CDEF\nGABc\n", "X:1\nT:t\nCDEF|GABc|\nK:G\nF4|\n"])
  func `music without a key is still music`(text: String) {
    #expect(
      ParsedTune(text: text).notes.prefix(4).compactMap { $0.pitch?.key } == [60, 62, 64, 65])
  }

  @Test(arguments: [
    ("“Am”CDEF|GABc|", "Am"), ("„Am”CDEF|GABc|", "Am"), ("“Am\"CDEF|“G7”GABc|", "Am"),
  ])
  func `printed quotation marks are read, and told once`(body: String, chord: String) {
    let tune = ParsedTune(text: Self.header + body + "\n")
    #expect(tune.chordSymbols.first?.text == chord)
    #expect(tune.diagnostics.count == 1)
    #expect(
      tune.diagnostics.first.map { $0.sentence.utf8Contains("straight quotation marks") } == true)
  }

  @Test(arguments: [
    ("\"D (D/G)\"d4|", [38, 50, 54, 57]), ("\"Em (C)\"e4|", [40, 52, 55, 59]),
    ("\"G(D)\"g4|", [43, 55, 59, 62]), ("\"G;Em\"g4|", [43, 55, 59, 62]),
    ("\"G[Em]\"g4|", [43, 55, 59, 62]),
    ("\"G\\nEm\"g4|", [43, 55, 59, 62]), ("\"D/F# (G)\"d4|", [42, 50, 54, 57]),
    ("\"G7(b9)\"g4|", [43, 55, 59, 62, 65, 68]), ("\"Em (maj7)\"e4|", [40, 52, 55, 59, 63]),
    ("\"Dm (or F)\"d4|", [38, 50, 53, 57]),
  ])
  func `what stands in brackets is the other choice`(body: String, keys: [Int]) {
    let tune = ParsedTune(text: "X:1\nM:4/4\nL:1/4\nK:Em\n" + body + "\n")
    let heard = tune.performance()
    let first = heard.notes.filter {
      heard.tracks[$0.track].role != .melody && $0.start.count < 2 * Tick.perQuarter
    }
    #expect(first.map(\.pitch.key).sorted() == keys)
    #expect(tune.diagnostics.isEmpty)
  }
}
