import ABC
import Analysis
import Neural
import Testing

@testable import Compose

/// Several ways to go on, drawn together, of which the judge keeps the best.
@Suite(.serialized) struct DrawTests {
  private static let document = "X:1\nT:t\nR:reel\nM:4/4\nL:1/8\nK:G\nGABd gdBA|GBcd egfe|"

  private static let judged = Result {
    let bytes = Array((document + "dBGA FDEF|G2BG d2BG|\n").utf8)
    return try ImproviserModel(
      Checkpoint(path: ImproviserTests.modelPath), precision: .int8,
      repertoires: [
        Repertoire([
          Repertoire.Tune(title: "One", parsed: ParsedTune(bytes: bytes), text: bytes)
        ])
      ])
  }

  private static func request(_ draws: Int, _ wanted: Int, bars: Int = 4) -> DrawRequest {
    DrawRequest(
      base: GenerationRequest(
        identifier: 5, text: document, rng: 3, run: 100, index: 0, count: 400,
        sampling: Sampling(), mayEnd: false),
      draws: draws, wanted: wanted, bars: bars)
  }

  @Test(arguments: [true, false])
  func `each is what would be written for its run alone`(plans: Bool) throws {
    var improviser = Improviser(
      try (plans ? WritingPlanTests.planner : ImproviserTests.model).get())
    let result = improviser.draw(Self.request(5, 3))
    #expect(result.drawn == 5)
    // Without tunes to judge by the first ones are kept.
    #expect(result.candidates.map(\.run) == [100, 101, 102])
    #expect(result.passed == nil)
    for candidate in result.candidates {
      var own = Self.request(1, 1).base
      own.run = candidate.run
      own.count = candidate.characters.count
      var alone = Improviser(improviser.model)
      #expect(alone.write(own).characters == candidate.characters)
      let tune = ParsedTune(text: Self.document + candidate.characters.map(\.character).joined())
      // Two bars there were, four are new, and the next one has begun.
      #expect(tune.bars.count { $0.isClosed } >= 6)
    }
  }

  @Test func `the best that differ are kept, and how many passed is told`() throws {
    var improviser = Improviser(try Self.judged.get())
    let all = improviser.draw(Self.request(8, 8))
    let best = improviser.draw(Self.request(8, 3))
    #expect(best.candidates == Array(all.candidates.prefix(3)))
    #expect(best.drawn == 8)
    let critiques = all.candidates.map {
      Critique(
        Self.document + $0.characters.map(\.character).joined(), isComplete: false,
        repertoires: improviser.model.repertoires)
    }
    #expect(critiques.map(\.score) == critiques.map(\.score).sorted(by: >))
    #expect(Set(critiques.map(\.intervals)).count == critiques.count)
    #expect((best.passed ?? 0) >= critiques.count { $0.failedCount == 0 })
    #expect((best.passed ?? 9) <= 8)
  }

  @Test func `what is cancelled draws nothing`() throws {
    var improviser = Improviser(try Self.judged.get())
    #expect(improviser.draw(Self.request(4, 2), isCancelled: { true }).candidates.isEmpty)
    // Asked again it comes all the same.
    #expect(improviser.draw(Self.request(4, 2)).candidates.count == 2)
  }
}
