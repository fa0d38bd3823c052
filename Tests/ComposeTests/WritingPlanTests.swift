import Form
import Neural
import Testing

@testable import Compose

/// Tunes that are written with a plan, a memory and rules, by a network that knows plans and by one
/// that does not.
@Suite(.serialized) struct WritingPlanTests {
  static let planner = Result {
    try ImproviserModel(
      Checkpoint(
        path: ImproviserTests.modelPath.replacing("folk-lstm-3x512", with: "folk-lstm-3x768")),
      precision: .int8)
  }

  private static func improviser(plans: Bool) throws -> Improviser {
    var improviser = Improviser(try (plans ? planner : ImproviserTests.model).get())
    improviser.legality = .legal
    improviser.style = WritingStyle(Writing())
    return improviser
  }

  private static let settings = SamplerSettings(temperature: 0.9)

  private static func write(
    _ improviser: inout Improviser, _ range: Range<Int>, rng: UInt64 = 5
  ) -> [GeneratedCharacter] {
    var characters: [GeneratedCharacter] = []
    for index in range where !improviser.endsTune {
      characters.append(
        improviser.next(settings, rng: rng, run: 3, index: UInt64(index)))
    }
    return characters
  }

  @Test(arguments: [true, false])
  func `pausing anywhere and reading the text anew writes the same, to the bit`(
    plans: Bool
  ) throws {
    for rng in 1...2 as ClosedRange<UInt64> {
      var straight = try Self.improviser(plans: plans)
      straight.prime(with: ImproviserTests.header)
      let whole = Self.write(&straight, 0..<220, rng: rng)
      for stop in stride(from: 3, to: whole.count, by: 23) {
        // A new improviser that has read nothing but the text.
        var fresh = try Self.improviser(plans: plans)
        let text = ImproviserTests.header + whole[..<stop].map(\.character).joined()
        fresh.begin(Self.settings, rng: rng, run: 3)
        fresh.prime(with: text)
        let rest = Self.write(&fresh, stop..<min(stop + 25, whole.count), rng: rng)
        #expect(rest == Array(whole[stop..<min(stop + 25, whole.count)]), "\(rng) \(stop)")
      }
    }
  }

  @Test(arguments: [true, false])
  func `going back and something else in between leave no trace`(plans: Bool) throws {
    var straight = try Self.improviser(plans: plans)
    straight.prime(with: ImproviserTests.header)
    let whole = Self.write(&straight, 0..<160)
    var paused = try Self.improviser(plans: plans)
    for start in stride(from: 0, to: whole.count, by: 40) {
      paused.begin(Self.settings, rng: 9, run: 9)
      paused.prime(with: "M:C\nL:1/8\nK:G\nGABc|dB")
      _ = Self.write(&paused, 0..<5, rng: 9)
      paused.begin(Self.settings, rng: 5, run: 3)
      paused.prime(with: ImproviserTests.header + whole[..<start].map(\.character).joined())
      let more = Self.write(&paused, start..<min(start + 40, whole.count))
      #expect(more == Array(whole[start..<min(start + 40, whole.count)]))
    }
  }

  @Test(arguments: [true, false])
  func `each of a batch writes what it would write alone`(plans: Bool) throws {
    var batch = ImproviserBatch(try (plans ? Self.planner : ImproviserTests.model).get())
    for _ in 0..<3 {
      var improviser = try Self.improviser(plans: plans)
      improviser.prime(with: ImproviserTests.header)
      batch.append(improviser)
    }
    var written = [[GeneratedCharacter]](repeating: [], count: 3)
    for _ in 0..<140 {
      let drawn = batch.next(
        (0..<3).map {
          .init(
            settings: Self.settings, rng: 5, run: UInt64($0), index: UInt64(written[$0].count))
        })
      for (place, character) in drawn.enumerated() {
        if let character { written[place].append(character) }
      }
    }
    for run in 0..<3 {
      var alone = try Self.improviser(plans: plans)
      alone.prime(with: ImproviserTests.header)
      let characters = written[run].indices.map {
        alone.next(Self.settings, rng: 5, run: UInt64(run), index: UInt64($0))
      }
      #expect(characters == written[run])
    }
  }

  @Test func `a tune has no control characters, and its bars come back`() throws {
    var improviser = try Self.improviser(plans: true)
    improviser.prime(with: ImproviserTests.header)
    _ = Self.write(&improviser, 0..<900)
    #expect(improviser.endsTune)
    #expect(!improviser.text.unicodeScalars.contains { PlanSign($0) != nil })
    let form = TuneForm(MelodyReader(improviser.text))
    let relations = form.bars.indices.compactMap { form.relation(of: $0) }
    #expect(relations.contains { $0.target != nil })
  }

  @Test(arguments: [true, false])
  func `a shape that is given is what comes`(plans: Bool) throws {
    var improviser = try Self.improviser(plans: plans)
    var writing = Writing()
    writing.shape = "abab"
    writing.parts = .rule
    improviser.style = WritingStyle(writing)
    improviser.style.sameness = 0.9999
    improviser.prime(with: ImproviserTests.header)
    _ = Self.write(&improviser, 0..<500)
    let form = TuneForm(MelodyReader(improviser.text))
    let length = form.parts[0].length
    #expect([4, 8, 16].contains(length))
    var same = 0
    for place in length / 2..<length {
      if let bar = form.bar(place, ofPart: 0), let other = form.bar(place - length / 2, ofPart: 0),
        form.likeness(bar, other) > 0.6
      {
        same += 1
      }
    }
    #expect(same >= length / 2 - 1, "\(improviser.text)")
  }

  @Test func `what may come next adds up to one, at a bar line too`() throws {
    var improviser = try Self.improviser(plans: true)
    improviser.prime(with: ImproviserTests.header + "DFA dAF|")
    let all = improviser.distribution(top: 1000)
    #expect(abs(all.reduce(0) { $0 + $1.probability } - 1) < 1e-4)
    #expect(!all.contains { $0.character.unicodeScalars.contains { PlanSign($0) != nil } })
  }

  @Test func `bits with memory are fewer for a tune that repeats itself`() throws {
    let bars = "DFA dAF|GBd gdB|"
    let text = (beginning: ImproviserTests.header, text: bars + bars + bars + bars + "\n\n")
    for model in [try Self.planner.get(), try ImproviserTests.model.get()] {
      let scores = model.scores([text, text], memory: 1)
      #expect(scores[0] == scores[1])
      #expect(scores[0].alone.count == text.text.count)
      let alone = scores[0].alone.reduce(0, +)
      #expect(scores[0].remembered.reduce(0, +) < 0.8 * alone)
      #expect(model.score([text])[0] == scores[0].alone)
      #expect(model.scores([text], memory: 0)[0].remembered == scores[0].alone)
    }
  }

  @Test func `wishes of old drafts are none`() throws {
    #expect(WritingStyle(Writing.plain).plan == .free)
    #expect(WritingStyle(Writing.plain).memory == 0)
  }
}
