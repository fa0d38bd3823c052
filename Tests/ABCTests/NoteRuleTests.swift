import Testing

@testable import ABC

@Suite struct NoteRuleTests {
  static let pitches = [
    Rule("octave marks mix", "C'c,C,',c'", "72:1/2 60:1/2 48:1/2 84:1/2"),
    Rule(
      "an accidental holds for every octave of the bar", "^FfF,|f", "66:1/2 78:1/2 54:1/2 77:1/2"),
    Rule("a natural cancels and holds", "K:D\nF=FF|F", "66:1/2 65:1/2 65:1/2 66:1/2"),
    Rule("double accidentals", "__B^^C_B", "69:1/2 62:1/2 70:1/2"),
    Rule("a line's end is no bar line", "^F\nF|F", "66:1/2 66:1/2 65:1/2"),
    Rule("a repeat sign clears accidentals", "|:^F F:|F", "66:1/2 66:1/2 66:1/2 66:1/2 65:1/2"),
    Rule("an accidental in a chord holds", "[^FA]F|", "[66,69]:1/2 66:1/2"),
    Rule(
      "accidentals may hold in their octave only", "%%propagate-accidentals octave\n^FfF|",
      "66:1/2 77:1/2 66:1/2"),
    Rule(
      "accidentals may hold for their note only", "%%propagate-accidentals not\n^FFf|",
      "66:1/2 65:1/2 77:1/2"),
    Rule("an accidental stays in its voice", "V:1\n^F2F2|\nV:2\nF4|", "66:1 66:1 & 65:2"),
    Rule("a quarter tone is played on the natural", "^/FF|", "65:1/2 65:1/2"),
    Rule("notes far outside are left out", "C,,,,,,,,,,D|", "r:1/2 62:1/2"),
  ]

  static let ties = [
    Rule("a tie joins over the bar line", "^F4-|F2F2|", "66:3 65:1"),
    Rule("a tie needs no contact", "C2 -C2 D2", "60:2 62:1"),
    Rule("chord members tie one by one", "[C-E][CG]|", "60:1 & 64:1/2 67:1/2"),
    Rule("a chord ties as a whole", "[CE]2-[CE]2|", "[60,64]:2"),
    Rule("a tie to another pitch is none", "C2-D2|", "60:1 62:1"),
    Rule("a tie to another accidental is none", "F2-^F2|", "65:1 66:1"),
    Rule("a tie into a repeat", "|:C2D2-:|D4|", "60:1 62:1 60:1 62:3"),
    Rule("a tie into a second ending", "|:C2 D2-|1D4:|2D2E2|", "60:1 62:3 60:1 62:2 64:1"),
    Rule("three notes in a row", "C-C-C|", "60:3/2"),
    Rule("a tie after broken rhythm", "G>-G A2|", "67:1 69:1"),
    Rule("a tie into a tuplet", "C2-(3CDE|", "60:4/3 62:1/3 64:1/3"),
    Rule("a dotted tie", "C2.-C2|", "60:2"),
  ]

  static let rests = [
    Rule("rests visible and not", "Cz2Cx2C|", "60:1/2 r:1 60:1/2 r:1 60:1/2"),
    Rule("Z counts bars of the meter in force", "C8|[M:3/4]Z2|D6|", "60:4 r:6 62:3"),
    Rule("X is Z unseen", "X|D8|", "r:4 62:4"),
    Rule("a spacer takes no time", "Cy3D|", "60:1/2 62:1/2"),
  ]

  static let chords = [
    Rule("outer and inner lengths multiply", "[C2E2]3/2 D", "[60,64]:3/2 62:1/2"),
    Rule("the first note leads on", "[C2E]D|", "60:1 62:1/2 & 64:1/2"),
    Rule("a unison is two notes", "[CC]D|", "60:1/2 62:1/2 & 60:1/2"),
    Rule("a unison keeps both lengths", "[C2C]D2|", "60:1 62:1 & 60:1/2"),
    Rule("+ marks an old chord", "+CEG+2 D|", "[60,64,67]:1 62:1/2"),
    Rule("a chord in a tuplet is one member", "(3[CE]DE F|", "[60,64]:1/3 62:1/3 64:1/3 65:1/2"),
    Rule("slurs and decorations inside", "[(C!trill!E)].[DF]|", "[60,64]:1/2 [62,65]:1/2"),
    Rule("a bracket that is not closed is no chord", "[CE|D|", "60:1/2 64:1/2 62:1/2"),
  ]

  static let lengths = [
    Rule("fractions", "C3/2D/E//F/4G3|", "60:3/4 62:1/4 64:1/8 65:1/8 67:3/2"),
    Rule("a length of 0 is 1", "C0D|", "60:1/2 62:1/2"),
    Rule("L:1 is legal", "C|", "60:4", header: "M:4/4\nL:1\n"),
    Rule("3/4 has eighths", "C|", "60:1/2", header: "M:3/4\n"),
    Rule("2/4 has sixteenths", "C|", "60:1/4", header: "M:2/4\n"),
    Rule("M:none has eighths", "C|", "60:1/2", header: "M:none\n"),
    Rule("a later M: keeps the unit", "M:2/4\nC|", "60:1/2", header: "M:4/4\n"),
  ]

  @Test(arguments: pitches + ties + rests + chords + lengths)
  func `a note is heard as written`(rule: Rule) {
    #expect(Heard(tune: ParsedTune(text: rule.text)) == Heard(expected: rule.heard))
  }

  @Test(arguments: [
    ("K:D\nF^GG|", [ParsedTune.WrittenNote.PitchReason.keySignature, .asWritten, .earlierInBar]),
    ("K:C\n^F-|F|", [.asWritten, .tie]), ("K:C\nC|", [.none]),
  ])
  func `a note says why it has its pitch`(
    text: String, reasons: [ParsedTune.WrittenNote.PitchReason]
  ) {
    #expect(ParsedTune(text: text).notes.map(\.pitchReason) == reasons)
  }
}
