import ABC
import Testing

@testable import Analysis

@Suite struct SharedPassageTests {
  private static let first = Repertoire([
    known("The Source", "X:1\nT:a\nM:4/4\nL:1/8\nK:G\nGABd gdBA|GBcd egfe|dBGA FDEF|\n")
  ])
  private static let second = Repertoire([
    known("The Other", "X:1\nT:b\nM:4/4\nL:1/8\nK:C\nCEDG ECAG|FAGE DBCE|\n")
  ])

  private func passages(_ text: String, _ repertoires: [Repertoire]) -> [SharedPassage] {
    let bytes = Array(text.utf8)
    return WrittenMelody(ParsedTune(bytes: bytes), text: bytes)
      .sharedPassages(with: repertoires)
  }

  @Test func `passages name their tune, their notes and their bytes`() throws {
    let text = "X:1\nM:4/4\nL:1/8\nK:G\nGABd gdBA|G2 zzzzzz|_A=c_B_e c_A=f_e|_d=fef c3z|\n"
    let found = passages(text, [Self.first, Self.second])
    #expect(found.map(\.title) == ["The Source", "The Other"])
    #expect(found.map(\.notes) == [9, 10])
    let bytes = Array(text.utf8)
    #expect(String(decoding: bytes[found[0].bytes], as: UTF8.self) == "GABd gdBA|G2")
    #expect(
      String(decoding: bytes[found[1].bytes], as: UTF8.self).hasPrefix("_A=c_B_e c_A=f_e|_d=f"))
  }

  @Test func `a longer run takes the place of those that lead to it, and a new one begins another`()
  {
    let text = "X:1\nM:4/4\nL:1/8\nK:G\nGABd gdBA|GBcd eA,BA,|GABd gdBA|GBcd egfe|dBGA FDEF|\n"
    let found = passages(text, [Self.first])
    #expect(found.map(\.notes) == [13, 24])
  }

  @Test func `without a repertoire, and in a tune of few notes, there are none`() {
    #expect(passages("X:1\nL:1/8\nK:G\nGABd gdBA|GBcd|\n", []).isEmpty)
    #expect(passages("X:1\nL:1/8\nK:G\nGA|\n", [Self.first]).isEmpty)
    #expect(passages("", [Self.first]).isEmpty)
  }
}
