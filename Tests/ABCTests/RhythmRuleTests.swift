import Music
import Testing

@testable import ABC

@Suite struct RhythmRuleTests {
  static let broken = [
    Rule("two signs", "C>>D C<<D|", "60:7/8 62:1/8 60:1/8 62:7/8"),
    Rule("with a rest", "C>z D|", "60:3/4 r:1/4 62:1/2"),
    Rule("across graces, sign before", "A>{g}B c|", "69:3/4 71:1/4 72:1/2"),
    Rule("across graces, sign after", "A{g}>B c|", "69:3/4 71:1/4 72:1/2"),
    Rule("between unequal lengths it changes nothing", "C2>D E|", "60:1 62:1/2 64:1/2"),
    Rule("unequal by a tuplet", "(3CDE>F G|", "60:1/3 62:1/3 64:1/3 65:1/2 67:1/2"),
    Rule("the second of two in a row", "C>D>E F|", "60:3/4 62:1/4 64:1/2 65:1/2"),
    Rule("over a bar line", "C>|D E|", "60:3/4 62:1/4 64:1/2"),
    Rule("inside a tuplet", "(3A>BC D|", "69:1/2 71:1/6 60:1/3 62:1/2"),
    Rule("%%MIDI ratio", "%%MIDI ratio 2 1\nA>B|", "69:2/3 71:1/3"),
    Rule("without a note before it is nothing", ">C D|", "60:1/2 62:1/2"),
  ]

  static let tuplets = [
    Rule("(3", "(3CDE F|", "60:1/3 62:1/3 64:1/3 65:1/2"),
    Rule("(4 is 4 in the time of 3", "(4CDEF G|", "60:3/8 62:3/8 64:3/8 65:3/8 67:1/2"),
    Rule(
      "(5 in 6/8 is 5 in the time of 3", "(5CDEFG A|",
      "60:3/10 62:3/10 64:3/10 65:3/10 67:3/10 69:1/2", header: "M:6/8\nL:1/8\n"),
    Rule(
      "(5 after a change of meter", "[M:6/8](5CDEFG A|",
      "60:3/10 62:3/10 64:3/10 65:3/10 67:3/10 69:1/2"),
    Rule("(7 in 4/4", "(7CCCCCCC D|", "60:1/7 60:1/7 60:1/7 60:1/7 60:1/7 60:1/7 60:1/7 62:1/2"),
    Rule("(p:q", "(3:4CDE F|", "60:2/3 62:2/3 64:2/3 65:1/2"),
    Rule("(p::r", "(3::2CD E|", "60:1/3 62:1/3 64:1/2"),
    Rule("(p:q:r", "(3:2:4CDEF G|", "60:1/3 62:1/3 64:1/3 65:1/3 67:1/2"),
    Rule("(p:q:", "(3:2:CDE F|", "60:1/3 62:1/3 64:1/3 65:1/2"),
    Rule("a rest is a member", "(3CzE F|", "60:1/3 r:1/3 64:1/3 65:1/2"),
    Rule("graces and spacers are none", "(3C{g}Dy E F|", "60:1/3 62:1/3 64:1/3 65:1/2"),
    Rule("absurd numbers are ignored", "(9:9:999999999CD|", "60:1/2 62:1/2"),
    Rule("a blank before its notes", "(3 CDE F|", "60:1/3 62:1/3 64:1/3 65:1/2"),
  ]

  static let graces = [
    Rule("graces take no time", "{gf}C2{/d}D2|", "60:1 62:1"),
    Rule("an unclosed brace leaves plain notes", "{gC|D", "79:1/2 60:1/2 62:1/2"),
    Rule("an accidental in a grace holds", "{^f}e2 f2|", "76:1 78:1"),
  ]

  @Test(arguments: broken + tuplets + graces)
  func `a rhythm is heard as written`(rule: Rule) {
    #expect(Heard(tune: ParsedTune(text: rule.text)) == Heard(expected: rule.heard))
  }

  @Test func `a grace is a quarter of its written length, taken from its host`() {
    let tune = ParsedTune(text: "M:4/4\nL:1/8\nK:C\n{g}C2|")
    let notes = tune.performance(.plain).notes
    #expect(notes.map(\.start.count) == [0, 120])
    #expect(notes.map(\.end.count) == [120, 960])
  }

  @Test func `graces longer than their host are halved, not dropped`() {
    let tune = ParsedTune(text: "M:4/4\nL:1/8\nK:C\n{gfed}C/|")
    let notes = tune.performance(.plain).notes
    #expect(notes.count == 5)
    #expect(notes.last?.end.count == 240)
    #expect(notes.allSatisfy { $0.end > $0.start })
  }

  @Test func `swing plays pairs of eighths long and short`() {
    var options = PlaybackOptions.plain
    options.swing = Fraction(2)
    let notes = ParsedTune(text: "M:4/4\nL:1/8\nK:C\nCDEF G2 AB|").performance(options).notes
    #expect(notes.map(\.start.count) == [0, 640, 960, 1600, 1920, 2880, 3520])
    let jig = ParsedTune(text: "M:6/8\nL:1/8\nK:C\nCDE FGA|").performance(options).notes
    #expect(jig.map(\.start.count) == [0, 480, 960, 1440, 1920, 2400])
  }

  @Test(arguments: [
    ("%%swing 66\n", [0, 640, 960, 1600]), ("%%swing 67\n", [0, 640, 960, 1600]),
    ("%%swing 75%\n", [0, 720, 960, 1680]), ("%%swing 60\n", [0, 576, 960, 1536]),
    ("%%swing 50\n", [0, 480, 960, 1440]), ("%%swing off\n", [0, 480, 960, 1440]),
    ("%%swing 60\nI:swing 75\n", [0, 720, 960, 1680]),
  ])
  func `a tune says itself how it swings`(line: String, starts: [Int]) {
    let tune = ParsedTune(text: "X:1\nM:2/4\nL:1/8\n\(line)K:C\nCDEF|\n")
    #expect(tune.performance(.plain).notes.map(\.start.count) == starts)
    #expect(tune.diagnostics.isEmpty)
  }

  @Test func `swing changes from the bar on in which it is written`() {
    let tune = ParsedTune(text: "M:2/4\nL:1/8\nK:C\nCDEF|\n%%swing 75\nCDEF|\n")
    #expect(
      tune.performance(.plain).notes.map(\.start.count)
        == [0, 480, 960, 1440, 1920, 2640, 2880, 3600])
  }

  @Test(arguments: ["%%swing", "%%swing 49", "%%swing 76", "%%swing much", "%%swing 66 75"])
  func `a swing that is none is ignored and said`(line: String) {
    let tune = ParsedTune(text: "X:1\nM:2/4\nL:1/8\n\(line)\nK:C\nCDEF|\n")
    #expect(tune.performance(.plain).notes.map(\.start.count) == [0, 480, 960, 1440])
    #expect(tune.diagnostics.contains { $0.sentence.contains("50 to 75") })
  }

  @Test(arguments: [("2", [240, 80, 320, 80, 240]), ("3", [360, 120, 480, 120, 360])])
  func `a roll is played in lengths that can be written`(length: String, ticks: [Int]) {
    let tune = ParsedTune(text: "M:4/4\nL:1/8\nK:D\n~A\(length)|")
    let notes = tune.performance().notes
    #expect(notes.map { $0.end.count - $0.start.count } == ticks)
    #expect(notes.map(\.pitch.key) == [69, 71, 69, 67, 69])
  }

  @Test func `ornaments fill exactly the time of their note`() {
    for sign in ["T", "~", "!lowermordent!", "!uppermordent!", "!turn!", "!invertedturn!"] {
      let tune = ParsedTune(text: "M:4/4\nL:1/4\nK:C\n\(sign)C D|")
      let notes = tune.performance().notes
      #expect(notes.count > 3, "\(sign)")
      #expect(zip(notes, notes.dropFirst()).allSatisfy { $0.end == $1.start }, "\(sign)")
      #expect(notes.last?.start.count == 960, "\(sign)")
      #expect(tune.performance(.plain).notes.count == 2, "\(sign)")
    }
    let short = ParsedTune(text: "L:1/4\nK:C\n.C D|").performance().notes
    #expect(short[0].end.count == 480)
  }
}
