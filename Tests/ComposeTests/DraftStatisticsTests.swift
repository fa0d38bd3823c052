import Testing

@testable import Compose

/// What is counted of a draft.
@Suite struct DraftStatisticsTests {
  private func written(_ text: String, temperature: Float, bits: Float) -> JournalEntry {
    .generated(
      GeneratedBatch(
        text.map {
          GeneratedCharacter(
            character: String($0), bits: bits, rank: 1, entropy: 1, temperature: temperature)
        }))
  }

  @Test func `takes that the tune was made from are kept, the others passed over`() {
    let entries: [JournalEntry] = [
      .model(name: "a", hash: "1"),
      .begin(kind: .hand, head: 0, rng: 1),
      .edit(lower: 0, upper: 0, text: "K:D\n", origin: .hand),
      .begin(kind: .generated, head: 4, rng: 1), written("ABcd", temperature: 1, bits: 2),
      // Another try from there.
      .select(1), .model(name: "b", hash: "2"),
      .begin(kind: .generated, head: 4, rng: 1), written("dd", temperature: 0.5, bits: 1),
      // Two candidates; one is taken, one dropped.
      .branch(.init(from: 3, kind: .generated, head: 6, rng: 1)),
      .branch(.init(from: 3, kind: .generated, head: 6, rng: 1)),
      .generated(
        GeneratedBatch(
          [
            GeneratedCharacter(character: "|", bits: 1, rank: 1, entropy: 1, temperature: 0.5)
          ], version: 4)),
      .generated(
        GeneratedBatch(
          [
            GeneratedCharacter(character: "z", bits: 4, rank: 9, entropy: 1, temperature: 2)
          ], version: 5)),
      .mark(.init(version: 5, tag: nil, isDropped: true)),
      .select(4),
    ]
    let statistics = DraftStatistics(entries)
    #expect(statistics.takes == 4)
    #expect(statistics.keptTakes == 2)
    #expect(statistics.droppedTakes == 1)
    #expect(statistics.kept == .init(characters: 3, temperatures: 1.5, bits: 3))
    #expect(statistics.passedOver == .init(characters: 5, temperatures: 6, bits: 12))
    #expect(statistics.passedOver.temperature == 1.2)
    #expect(statistics.tune == ["hand": 4, "model": 3])
    #expect(statistics.models == ["a": 4, "b": 4])

    let tagged = DraftStatistics(entries + [.mark(.init(version: 2, tag: "first", isDropped: nil))])
    #expect(tagged.keptTakes == 3)
    #expect(tagged.taggedTakes == 1)
    var sum = statistics
    sum += tagged
    #expect(sum.takes == 8)
    #expect(sum.kept.characters + sum.passedOver.characters == 16)
  }

  @Test func `lines that make no sense in their place are passed over`() {
    let statistics = DraftStatistics([
      .select(9), .generated(GeneratedBatch([], version: 7)),
      .mark(.init(version: 3, tag: "x", isDropped: true)),
    ])
    #expect(statistics == DraftStatistics())
  }
}
