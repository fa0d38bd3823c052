import ABC
import Testing

@testable import lilt

@Suite struct EvaluateBarsTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var music: String
    var bars: Int
    var right: Int
    var closesRepeats = true

    init(_ music: String, _ bars: Int, _ right: Int, closesRepeats: Bool = true) {
      self.music = music
      self.bars = bars
      self.right = right
      self.closesRepeats = closesRepeats
    }

    var testDescription: String { music }
  }

  static let cases = [
    Case("ABcd efga|ABcd efga|", 2, 2),
    Case("ABcd efg|ABcd efga|ABcd e|ABcd efga|", 4, 3),
    // Pickups, and what is left of their bar at the end of the part.
    Case("A2|ABcd efga|ABcd ef:|", 3, 3),
    Case("A2|ABcd efga|ABcd e:|", 3, 2),
    Case("ABcd efga|ABcd ef:|\n|:ga|ABcd efga|ABcd ef:|", 5, 5),
    // Endings: the first with the pickup of the repeat, the second with that of the next part.
    Case("A2|ABcd efga|1 ABcd ef:|2 ABcd e3||", 4, 3),
    Case("A2|ABcd efga|1 ABcd ef:|2 ABcd ef||", 4, 4),
    Case("|:ABcd efga||ABcd efga|", 2, 2, closesRepeats: false),
    Case("|:ABcd efga|\n|:ABcd efga:|", 2, 2, closesRepeats: false),
    Case("ABcd efga:|\nP:B\n|:ABcd efga|]", 2, 2, closesRepeats: false),
    Case("|:ABcd efga::ABcd efga:|", 2, 2),
    Case("ABcd efga:|", 1, 1),
  ]

  @Test(arguments: cases)
  func `short bars are right only where another makes them whole`(_ test: Case) {
    let text = "X:1\nT:T: |:\nM:4/4\nL:1/8\nK:G\n" + test.music + "\n"
    let bars = EvaluateBars(ParsedTune(text: text), text: text)
    #expect(bars.count == test.bars)
    #expect(bars.right == test.right)
    #expect(bars.closesRepeats == test.closesRepeats)
  }
}
