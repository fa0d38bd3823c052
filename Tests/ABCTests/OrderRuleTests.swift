import Testing

@testable import ABC

@Suite struct OrderRuleTests {
  static let repeats = [
    Rule("a repeat", "|:C:|D|", "60:1/2 60:1/2 62:1/2"),
    Rule(
      "start missing: the beginning, pickup included", "C|D:|E|",
      "60:1/2 62:1/2 60:1/2 62:1/2 64:1/2"),
    Rule("start missing: the last repeat", "C:|D:|", "60:1/2 60:1/2 62:1/2 62:1/2"),
    Rule("start missing: the last double bar", "C||D:|", "60:1/2 62:1/2 62:1/2"),
    Rule("start missing: the last |]", "C|]D:|", "60:1/2 62:1/2 62:1/2"),
    Rule("a double bar inside |: :| is no start", "|:C||D:|", "60:1/2 62:1/2 60:1/2 62:1/2"),
    Rule(
      "a pickup cut off by a double bar makes the last bar whole", "G2||C8|D6:|",
      "67:1 60:4 62:3 67:1 60:4 62:3"),
    Rule("::: is a :: with a slip", "|:C:::D:|", "60:1/2 60:1/2 62:1/2 62:1/2"),
    Rule(":: ends and starts", "|:C::D:|", "60:1/2 60:1/2 62:1/2 62:1/2"),
    Rule(":||: ends and starts", "|:C:||:D:|", "60:1/2 60:1/2 62:1/2 62:1/2"),
    Rule(":|: ends and starts", "|:C:|:D:|", "60:1/2 60:1/2 62:1/2 62:1/2"),
    Rule("|:: three times", "|::C::|D|", "60:1/2 60:1/2 60:1/2 62:1/2"),
    Rule("a last end without a bar line counts", "|:C:|D", "60:1/2 60:1/2 62:1/2"),
    Rule(
      "a repeat over a line's end", "|:C\nD:|\n|:E:|", "60:1/2 62:1/2 60:1/2 62:1/2 64:1/2 64:1/2"),
    Rule(
      "absurd colons are cut", "|:::::::::::::C:|",
      Array(repeating: "60:1/2", count: 9).joined(separator: " ")),
    Rule("an invisible bar line", "^C[|]C|", "61:1/2 60:1/2"),
    Rule("a dotted bar line", "^C.|C|", "61:1/2 60:1/2"),
  ]

  static let endings = [
    Rule("two endings", "|:C|1D:|2E|]F|", "60:1/2 62:1/2 60:1/2 64:1/2 65:1/2"),
    Rule("with brackets", "|:C[1D:|[2E|]", "60:1/2 62:1/2 60:1/2 64:1/2"),
    Rule("bracket after the bar line", "|:C|[1D:|[2E|]", "60:1/2 62:1/2 60:1/2 64:1/2"),
    Rule("without |:", "C|1D:|2E|]", "60:1/2 62:1/2 60:1/2 64:1/2"),
    Rule("a list", "|:C|[1,3D:|[2E|]", "60:1/2 62:1/2 60:1/2 64:1/2 60:1/2 62:1/2"),
    Rule("a range", "|:C|[1-2D:|[3E|]", "60:1/2 62:1/2 60:1/2 62:1/2 60:1/2 64:1/2"),
    Rule("the last one closed by :|", "|:C|1D:|2E:|F|", "60:1/2 62:1/2 60:1/2 64:1/2 65:1/2"),
    Rule("three", "|:C|1D:|2E:|3F|]", "60:1/2 62:1/2 60:1/2 64:1/2 60:1/2 65:1/2"),
    Rule("on the next line", "|:C|1D:|\n[2E|]", "60:1/2 62:1/2 60:1/2 64:1/2"),
    Rule("a number after a blank", "|:C|1D:| 2E|]", "60:1/2 62:1/2 60:1/2 64:1/2"),
    Rule(
      "several bars long", "|:C|1D|E:|2F|G||A|", "60:1/2 62:1/2 64:1/2 60:1/2 65:1/2 67:1/2 69:1/2"),
    Rule("in the second strain", "|:C:|D|1E:|2F|]", "60:1/2 60:1/2 62:1/2 64:1/2 62:1/2 65:1/2"),
    Rule("a strain after them", "|:C|1D:|2E||F:|", "60:1/2 62:1/2 60:1/2 64:1/2 65:1/2 65:1/2"),
    Rule("an ending that is still growing plays on", "|:C|1D", "60:1/2 62:1/2"),
  ]

  static let parts = [
    Rule("an order", "K:C\nP:A\nC|\nP:B\nD|", "60:1/2 60:1/2 62:1/2", header: "P:AAB\nL:1/8\n"),
    Rule(
      "counts and brackets", "K:C\nP:A\nC|\nP:B\nD|", "60:1/2 62:1/2 62:1/2 60:1/2 62:1/2 62:1/2",
      header: "P:(AB2)2\nL:1/8\n"),
    Rule("dots", "K:C\nP:A\nC|\nP:B\nD|", "60:1/2 62:1/2 60:1/2", header: "P:A.B.A\nL:1/8\n"),
    Rule("no order: as written", "P:B\nC|\nP:A\nD|", "60:1/2 62:1/2"),
    Rule(
      "words: as written", "K:C\nP:A\nC|\nP:B\nD|", "60:1/2 62:1/2",
      header: "P:A twice, then B\nL:1/8\n"),
    Rule(
      "an unknown part is passed over", "K:C\nP:A\nC|", "60:1/2 60:1/2", header: "P:AXA\nL:1/8\n"),
    Rule(
      "repeats inside a part", "K:C\nP:A\n|:C:|\nP:B\nD|", "60:1/2 60:1/2 62:1/2 60:1/2 60:1/2",
      header: "P:ABA\nL:1/8\n"),
    Rule(
      "endings by the passes of the part", "K:C\nP:A\nC|[1D:|[2E:|[3F:|[4G|]",
      "60:1/2 62:1/2 60:1/2 64:1/2 60:1/2 65:1/2 60:1/2 67:1/2", header: "P:A4\nL:1/8\n"),
    Rule(
      "for all voices", "K:C\nP:A\nV:1\nC|\nV:2\nC,|\nP:B\nV:1\nD|\nV:2\nD,|",
      "60:1/2 62:1/2 60:1/2 & 48:1/2 50:1/2 48:1/2", header: "P:ABA\nL:1/8\n"),
  ]

  static let jumps = [
    Rule("D.C. al fine", "C|D!fine!|E!D.C.!|]", "60:1/2 62:1/2 64:1/2 60:1/2 62:1/2"),
    Rule("D.S.", "C|!segno!D!fine!|E!D.S.!|]", "60:1/2 62:1/2 64:1/2 62:1/2"),
    Rule(
      "D.C. without inner repeats", "|:C:|D!fine!|E!dacapo!|]",
      "60:1/2 60:1/2 62:1/2 64:1/2 60:1/2 62:1/2"),
    Rule("coda", "C!dacoda!|D!D.C.!|!coda!E|", "60:1/2 62:1/2 60:1/2 64:1/2"),
    Rule(
      "only the last ending comes again", "|:C|1D:|2E!fine!|]F!D.C.!|]",
      "60:1/2 62:1/2 60:1/2 64:1/2 65:1/2 60:1/2 64:1/2"),
    Rule("D.C. with no fine plays to the end", "C|D!D.C.!|]", "60:1/2 62:1/2 60:1/2 62:1/2"),
  ]

  @Test(arguments: repeats + endings + parts + jumps)
  func `the tune is heard in the order that is written`(rule: Rule) {
    #expect(Heard(tune: ParsedTune(text: rule.text)) == Heard(expected: rule.heard))
  }

  @Test func `jumps are followed only when asked for`() {
    var options = PlaybackOptions.plain
    options.followsJumps = false
    let tune = ParsedTune(text: "K:C\nC|D!fine!|E!D.C.!|]")
    #expect(tune.performance(options).notes.count == 3)
  }

  @Test func `a repeat goes back to the tempo, meter and key of its start`() {
    let performance = ParsedTune(
      text: "M:4/4\nL:1/4\nQ:1/4=100\nK:C\n|:CDEF|[Q:1/4=60][M:3/4][K:G]GAB:|C|"
    ).performance(.plain)
    #expect(performance.tempos.map(\.quartersPerMinute) == [100, 60, 100, 60])
    #expect(performance.meters.map(\.beats) == [4, 3, 4, 3])
    #expect(performance.keys.map(\.fifths) == [0, 1, 0, 1])
    #expect(performance.tempos.map(\.at.count) == [0, 3840, 6720, 10560])
  }

  @Test func `the bars played follow one another without gaps`() {
    let performance = ParsedTune(text: "M:4/4\nL:1/4\nK:C\nC|:DEFG|1A2B2:|2c4|]").performance()
    #expect(performance.bars.map(\.written) == [0, 1, 2, 1, 3])
    #expect(performance.bars.map(\.pass) == [1, 1, 1, 2, 2])
    #expect(zip(performance.bars, performance.bars.dropFirst()).allSatisfy { $0.end == $1.start })
    #expect(performance.bars.last?.end == performance.end)
  }
}
