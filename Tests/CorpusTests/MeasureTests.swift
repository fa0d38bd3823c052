import Glibc
import Music
import Testing

@testable import Corpus

@Suite struct MeasureTests {
  private func tune(_ body: String) throws -> ModelTune {
    try ModelTune.read("X:1\nM:4/4\nL:1/8\nK:G\n" + body + "\n").get()
  }

  @Test func `shares of a 2-gram are those of Witten and Bell, by hand`() throws {
    let counts = WittenBell([try tune("GGAB|")], order: 2)
    // Alphabet: newline M : 4 / L 1 8 K G A B | and one for all others. Seen 22 times in the text
    // below, the first character has nothing before it.
    let text = Array("\n\nM:4/4\nL:1/8\nK:G\nGGAB|\n\n")
    let alphabet = Set(text).count + 1
    func share(_ character: Character, after before: Character) -> Double {
      let followers = zip(text, text.dropFirst())
      let all = text.dropFirst()
      let kinds = Double(Set(all).count)
      let single =
        (Double(all.count { $0 == character }) + kinds / Double(alphabet))
        / (Double(all.count) + kinds)
      let own = followers.filter { $0.0 == before }.map(\.1)
      guard !own.isEmpty else { return single }
      return (Double(own.count { $0 == character }) + Double(Set(own).count) * single)
        / Double(own.count + Set(own).count)
    }
    let other = Array("BAG|\n\n")
    var expected = 0.0
    var before: Character = "\n"
    for character in other {
      expected -= log2(share(character, after: before))
      before = character
    }
    let found = counts.bits(try tune("BAG|"))
    #expect(found.characters == other.count)
    #expect(abs(found.bits - expected) < 1e-9)
  }

  @Test
  func `what was counted costs less than what was not, and unknown characters cost something`()
    throws
  {
    let known = try (0..<8).map { try tune("GABc dedB|" + String(repeating: "A", count: $0 + 1)) }
    let counts = WittenBell(known)
    let own = counts.bits(known[3])
    let other = counts.bits(try tune("^f'_e,^g'|"))
    #expect(own.bits / Double(own.characters) < 1.5)
    #expect(other.bits / Double(other.characters) > 3)
    #expect(other.bits.isFinite)
    #expect(WittenBell([]).bits(known[0]).bits.isFinite)
  }

  @Test func `the longest run is found in any key, with its tune`() throws {
    let corpus = [try tune("GGGGGGGGGG|"), try tune("GABc dedB cBAG FGAB|")]
    let runs = SharedRuns(corpus)
    // The second tune from its second note on, a fifth higher.
    let match = runs.longest(with: try tune("CCCC efga bafg fed|"))
    #expect(match?.tune == 1)
    #expect(match?.notes ?? 0 >= 9)
    #expect(runs.longest(with: corpus[1]) == .init(notes: 16, tune: 1))
    #expect(runs.longest(with: try tune("GA|")) == nil)
    #expect(runs.nearest(to: corpus[1], limit: 3) == [1])
    #expect(runs.nearest(to: corpus[0], limit: 3) == [0])
    #expect(runs.nearest(to: corpus[0], limit: 0).isEmpty)
  }

  @Test func `distributions count melody notes, and their distance is 0 to 1`() throws {
    func music(_ keys: [Int], _ length: Int) throws -> Performance {
      var performance = Performance()
      performance.tracks = [
        .init(name: "", role: .melody, channel: 0, program: 0),
        .init(name: "", role: .chords, channel: 1, program: 0),
      ]
      for (index, key) in keys.enumerated() {
        let pitch = try #require(Pitch(key: key))
        let start = Tick(480 * index)
        performance.notes.append(
          .init(start: start, end: start + Tick(length), pitch: pitch, velocity: 80, track: 0))
        performance.notes.append(
          .init(start: start, end: start + Tick(1920), pitch: pitch, velocity: 80, track: 1))
      }
      return performance
    }
    var one = NoteDistributions()
    one.add(try music([60, 62, 64, 60], 480))
    #expect(one.pitches.counts == [60: 2, 62: 1, 64: 1])
    #expect(one.intervals.counts == [2: 2, -4: 1])
    #expect(one.steps.counts == [12: 3])
    #expect(one.lengths.counts == [12: 4])
    var other = NoteDistributions()
    other.add(try music([60, 70], 320))
    #expect(one.pitches.distance(to: one.pitches) == 0)
    #expect(one.pitches.distance(to: other.pitches) == 0.5)
    #expect(one.lengths.distance(to: other.lengths) == 1)
    #expect(one.lengths.distance(to: Distribution()) == nil)
    #expect(
      [0, 3, 8, 12, 24, 36].map(NoteDistributions.quarters) == [
        "0", "1/8", "1/3", "1/2", "1", "1 1/2",
      ])
  }

  @Test func `pieces are kept back whole where there are many, else their ends`() {
    let many = (0..<20).map { [$0] }
    #expect(NoteCorpus.parts(many).valid == [[9], [19]])
    #expect(NoteCorpus.parts(many).train.count == 18)
    let few = [Array(0..<30), Array(0..<5)]
    #expect(NoteCorpus.parts(few).valid == [[27, 28, 29], []])
    #expect(NoteCorpus.parts(few).train == [Array(0..<27), Array(0..<5)])
  }
}
