import Compose
import Foundation
import Testing

@testable import lilt

/// Bars that are kept, and others written anew around them, as a musician's keys go.
@Suite(.serialized) struct KeepingScenarioTests {
  /// Sixteen bars and a pickup, two parts of eight with repeats.
  private static let tune =
    "X:1\nT:Sixteen\nR:jig\nM:6/8\nL:1/8\nQ:3/8=120\nK:D\n"
    + "A|:dAF DFA|ded cBA|dcd efg|fdf ece|dAF DFA|ded cBA|gfe dcB|AFE D2A:|\n"
    + "|:fef dfa|gfg ecA|fef dfa|gec d2A|fef dfa|gfg ecA|Bcd efg|fec d2A:|\n"

  private func composer(audio: String? = nil) throws -> RunningComposer {
    let place = try Workplace()
    let file = try place.write(Self.tune, to: "sixteen.abc")
    let composer = try RunningComposer([file], in: place, audio: audio)
    _ = try composer.status(within: 20) { $0.model != "" }
    return composer
  }

  /// What stands between the bar lines.
  private func parts(_ text: String) -> [Substring] {
    text.split(separator: "|", omittingEmptySubsequences: false)
  }

  @Test func `two places of a tune are written anew in thirteen keys, all else is kept`() throws {
    let composer = try composer()
    composer.keys("3", "G", "v", "w", "A")
    #expect(composer.wait("alternatives for bars 3-4", 15))
    let first = try composer.status(within: 20) { ($0.alternatives?.ready ?? 0) >= 1 }
    #expect(first.alternatives?.name == "bars 3-4")
    composer.keys("Enter")
    let once = try composer.status { $0.alternatives == nil }
    composer.keys("1", "3", "G", "v", "w", "A")
    #expect(composer.wait("alternatives for bars 13-14", 15))
    _ = try composer.status(within: 20) { ($0.alternatives?.ready ?? 0) >= 1 }
    composer.keys("Enter")
    let twice = try composer.status { $0.alternatives == nil && $0.text != once.text }

    let before = parts(Self.tune)
    let after = parts(twice.text)
    #expect(before.count == after.count)
    let changed = before.indices.filter { before[$0] != after[$0] }
    // The pickup and the repeat sign are pieces 0 and 1.
    #expect(changed.allSatisfy { [3, 4, 14, 15].contains($0) }, "\(changed)")
    #expect(changed.contains { $0 < 8 } && changed.contains { $0 > 8 })
    #expect(Score(text: twice.text).completeBars == Score(text: Self.tune).completeBars)
    #expect(twice.warnings.isEmpty, "\(twice.warnings)")
  }

  @Test func `locked bars keep every byte, and what would change them names them`() throws {
    let composer = try composer()
    composer.keys("1", "G", "v", "w", "L")
    let kept = try composer.status { $0.locks.count == 2 }.locks
    #expect(kept.map(\.bars) == ["bar 1", "bar 2"])
    // Over the lock: refused by name, and nothing is asked of the model.
    composer.keys("2", "G", "v", "w", "A")
    let refused = try composer.status { $0.message.contains("locked and stay") }
    #expect(refused.message.contains("2"), "\(refused.message)")
    #expect(refused.alternatives == nil)
    #expect(refused.text == Self.tune)
    composer.keys("Esc", "2", "G", "x")
    #expect(try composer.status { $0.message.contains("locked and stay") }.text == Self.tune)
    composer.type(":transpose 2")
    composer.keys("Enter")
    #expect(try composer.status { $0.message.contains("locked and stay") }.text == Self.tune)
    // Beside the lock: written.
    composer.keys("3", "G", "v", "w", "A")
    _ = try composer.status(within: 20) { ($0.alternatives?.ready ?? 0) >= 1 }
    composer.keys("Enter")
    let written = try composer.status { $0.alternatives == nil && $0.text != Self.tune }
    #expect(written.locks.map(\.text) == kept.map(\.text))
    for lock in kept { #expect(written.text.contains(lock.text)) }
  }

  @Test func `the candidates stand in the order that a score of the tune gives`() throws {
    let composer = try composer()
    // Fewer than eight bars follow, so that the rank counts the tune to its end.
    composer.keys("1", "1", "G", "v", "w", "A")
    let open = try composer.status(within: 30) { $0.alternatives?.ready == 4 }
    let alternatives = try #require(open.alternatives)
    let ranked = zip(alternatives.bits, alternatives.bitsAfter).map { $0 + $1 }
    #expect(ranked.count >= 2)
    #expect(ranked == ranked.sorted())
    composer.keys("Esc", "Q")
    #expect(composer.program.waitForExit() == 0)

    let totals = try alternatives.texts.dropFirst().prefix(ranked.count).map { text -> Double in
      try composer.workplace.write(text, to: "candidate.abc")
      let scored = try composer.workplace.run(
        ["score", "candidate.abc", "--json", "--precision", "auto"])
      let tune = try JSONDecoder().decode(Scored.self, from: Data(scored.output.utf8))
      return tune.bitsPerBodyCharacter * Double(tune.characters)
    }
    // The order is the same wherever two candidates are more than a bit apart.
    for (one, other) in zip(totals, totals.dropFirst()) { #expect(one <= other + 1) }
  }

  private struct Scored: Decodable {
    var bitsPerBodyCharacter: Double
    var characters: Int

    enum CodingKeys: String, CodingKey {
      case bitsPerBodyCharacter = "bits_per_body_character"
      case characters
    }
  }
}
