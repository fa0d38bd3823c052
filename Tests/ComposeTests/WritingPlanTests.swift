import Form
import Foundation
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

  @Test(arguments: [true, false], ["rule", "8", "4|16"])
  func `parts are as long as the rule says`(plans: Bool, parts: String) throws {
    let wanted = try #require(PartLengths(parts))
    for rng in 1...4 as ClosedRange<UInt64> {
      var improviser = try Self.improviser(plans: plans)
      var writing = Writing()
      writing.parts = wanted
      improviser.style = WritingStyle(writing)
      improviser.prime(with: ImproviserTests.header + "A|")
      _ = Self.write(&improviser, 0..<700, rng: rng)
      let form = TuneForm(MelodyReader(improviser.text))
      #expect(form.parts.count > 1 || wanted.bars.isEmpty, "\(improviser.text)")
      for (number, part) in form.parts.enumerated() where part.isClosed {
        #expect(
          wanted.lengths(ofPart: number).contains(part.length),
          "part \(number + 1) has \(part.length) bars: \(improviser.text)")
      }
    }
  }

  @Test func `a tune has as many parts as its shape`() throws {
    for plans in [true, false] {
      var improviser = try Self.improviser(plans: plans)
      var writing = Writing()
      writing.shape = "abac|dedc|fg"
      improviser.style = WritingStyle(writing)
      improviser.prime(with: ImproviserTests.header)
      _ = Self.write(&improviser, 0..<2500)
      #expect(improviser.endsTune)
      #expect(TuneForm(MelodyReader(improviser.text)).parts.count >= 3, "\(improviser.text)")
    }
  }

  @Test func `lengths of parts are one word`() throws {
    for (text, bars, again) in [
      ("off", [], "off"), ("Rule", [], "rule"), ("8", [8], "8"), ("8|16", [8, 16], "8|16"),
      ("8 16 8", [8, 16, 8], "8|16|8"),
    ] {
      let parts = try #require(PartLengths(text))
      #expect((parts.bars, parts.description) == (bars, again))
      let data = try JSONEncoder().encode([parts])
      #expect(try JSONDecoder().decode([PartLengths].self, from: data) == [parts])
    }
    for text in ["", "0", "17", "8|", "|8", "8||8", "eight", "-8", "8.5", "99999999999999999999"] {
      #expect(PartLengths(text) == nil, "\(text)")
    }
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

  /// Texts as other networks and musicians leave them: without a plan, cut off, with odd bars.
  private static let foreign = [
    "", "A", "A|", "A|:dAF DFA|ded cBA|", "dAF DFA|ded cBA:|", "|:dAF DFA:|:fef:|",
    "A|:dAF|1 DFA:|2 ded||", "d|d|d|d|d|d|d|d|d|d|d|d|d|d|d|d|d|d|d|d|d|d|d|d|d|d|d|d|d|d|d|d|d|d|",
    "dAF DFA|\ndAF DFA|\n\n", "|||:|:::|[1[2",
  ]

  @Test(.timeLimit(.minutes(5)), arguments: ["auto", "free", "abac", "aabb"])
  func `a plan that changes in any text ends in characters`(shape: String) throws {
    for text in Self.foreign {
      var improviser = try Self.improviser(plans: true)
      improviser.begin(Self.settings, rng: 4, run: 1)
      for (place, plan) in [shape, "free", "auto", shape].enumerated() {
        var writing = Writing()
        writing.shape = plan
        if place > 1 { writing.memory = 0 }
        improviser.style = WritingStyle(writing)
        improviser.legality = place.isMultiple(of: 2) ? .legal : .free
        if place == 0 { improviser.prime(with: ImproviserTests.header + text) }
        for index in 0..<12 {
          _ = improviser.next(
            Self.settings, rng: 4, run: 1, index: UInt64(place * 12 + index))
        }
      }
      #expect(improviser.text.count > 48)
    }
  }

  @Test func `without a plan the network reads nothing twice but a pickup`() throws {
    var improviser = try Self.improviser(plans: true)
    improviser.style = WritingStyle(Writing.plain)
    improviser.begin(Self.settings, rng: 5, run: 3)
    improviser.prime(with: ImproviserTests.header)
    let (read, kept) = (improviser.readCount, improviser.tokens.count)
    #expect(Self.write(&improviser, 0..<300).count > 150)
    #expect(improviser.readCount - read <= improviser.tokens.count - kept + 12)
  }

  @Test func `wishes of old drafts are none`() throws {
    #expect(WritingStyle(Writing.plain).plan == .free)
    #expect(WritingStyle(Writing.plain).memory == 0)
  }

  @Test func `the coming bars are foreseen as they will be written`() throws {
    var improviser = try Self.improviser(plans: true)
    improviser.begin(Self.settings, rng: 7, run: 3)
    improviser.prime(with: ImproviserTests.header)
    var foresight = Foresight(improviser, Self.settings, rng: 7, run: 3, index: 0)
    while !foresight.isComplete { foresight.advance(by: 9) }
    let foreseen = foresight.bars
    #expect(foreseen.count >= 4)
    #expect(foreseen.first?.number == 1 && foreseen.first?.wish == .new)
    var seen: [PlannedBar] = []
    for index in 0..<360 where !improviser.endsTune {
      let drawn = improviser.draw(Self.settings, rng: 7, run: 3, index: UInt64(index))
      if let bar = improviser.plannedBar, seen.last?.number != bar.number { seen.append(bar) }
      improviser.hear(drawn.token)
    }
    #expect(Array(seen.prefix(foreseen.count)) == foreseen)
  }

  @Test func `a bar that is wished like another is, and one that is wished new is not`() throws {
    for (wish, isSame) in [("5=1", true), ("5 new", false)] {
      var improviser = try Self.improviser(plans: true)
      improviser.style.bars = try #require(BarWish.bars(wish))
      improviser.style.sameness = 0.9999
      improviser.prime(with: ImproviserTests.header)
      _ = Self.write(&improviser, 0..<160, rng: 4)
      let form = TuneForm(improviser.reader)
      let (first, fifth) = (form.numbered[0], form.numbered[4])
      #expect((form.likeness(first, fifth) == 1) == isSame, "\(wish)")
    }
  }

  @Test func `a variant of a bar is a variant`() throws {
    var counts = (same: 0, varied: 0)
    for rng in 1...6 as ClosedRange<UInt64> {
      var improviser = try Self.improviser(plans: true)
      improviser.style.bars = try #require(BarWish.bars("3~1,4~2,5~1,6~2"))
      improviser.prime(with: ImproviserTests.header)
      _ = Self.write(&improviser, 0..<180, rng: rng)
      let form = TuneForm(improviser.reader)
      guard form.numbered.count >= 6 else { continue }
      for (bar, like) in [(2, 0), (3, 1), (4, 0), (5, 1)] {
        let likeness = form.likeness(form.numbered[bar], form.numbered[like])
        if likeness == 1 { counts.same += 1 } else if likeness >= 0.5 { counts.varied += 1 }
      }
    }
    #expect(counts.varied > 2 * counts.same)
  }

  @Test(arguments: [true, false])
  func `tunes that are lent are remembered, and given back without a trace`(plans: Bool) throws {
    let tune = "M:6/8\nL:1/8\nK:G\nGbG GbG|cac cac|GbG GbG|cac cac:|\n\n"
    var plain = try Self.improviser(plans: plans)
    plain.prime(with: ImproviserTests.header)
    var lent = plain
    lent.style.memory = 0.6
    plain.style.memory = 0.6
    lent.lend(LentTunes(name: "own", texts: [String](repeating: tune, count: 4)))
    #expect(lent.text == plain.text)
    let bits = lent.copyScore("GbG GbG|cac cac|")
    #expect(bits < plain.copyScore("GbG GbG|cac cac|") * 0.7)
    // What is likely comes from them, and it is told.
    lent.prime(with: ImproviserTests.header + "GbG Gb")
    #expect(lent.distribution(top: 4).first { $0.character == "G" }?.source == .book)
    lent.lend(nil)
    lent.prime(with: ImproviserTests.header)
    #expect(Self.write(&lent, 0..<60) == Self.write(&plain, 0..<60))
  }

  @Test func `music behind a gap is remembered in it`() throws {
    let rest = "|c'bg' fa'c'|d'2e' f'g'e'|c'bg' fa'c'|d'3 d'3|]"
    var improviser = try Self.improviser(plans: true)
    improviser.style.memory = 0.5
    improviser.prime(with: ImproviserTests.header + "FAA FAd|BdB AFA|")
    let alone = improviser.copyScore("c'bg' fa'c'")
    improviser.lend(nil, following: rest)
    #expect(improviser.copyScore("c'bg' fa'c'") < alone * 0.8)
    improviser.lend(nil)
    #expect(improviser.copyScore("c'bg' fa'c'") == alone)
  }

  @Test func `a second network is blended in as much as is asked for, whatever its vocabulary`()
    throws
  {
    let other = try ImproviserTests.model.get()
    var first = try Self.improviser(plans: true)
    first.style = WritingStyle()
    first.prime(with: ImproviserTests.header + "GAB")
    var second = Improviser(other)
    second.prime(with: ImproviserTests.header + "GAB")
    let own = first.chances
    var mixed = first
    mixed.mix(with: other, share: 0)
    #expect(zip(mixed.chances, own).allSatisfy { abs($0 - $1) < 1e-5 })
    mixed.mix(with: other, share: 1)
    let theirs = second.chances
    for letter in "ABcd".unicodeScalars {
      let token = try #require(first.model.description.vocabulary.token(letter))
      let theirToken = try #require(other.description.vocabulary.token(letter))
      #expect(abs(mixed.chances[token] - theirs[theirToken]) < 0.03)
    }
    mixed.mix(with: other, share: 0.3)
    let token = try #require(first.model.description.vocabulary.token("A"))
    let theirToken = try #require(other.description.vocabulary.token("A"))
    #expect(abs(mixed.chances[token] - (0.7 * own[token] + 0.3 * theirs[theirToken])) < 0.01)
    // Going back and reading anew gives the same.
    var again = try Self.improviser(plans: true)
    again.style = WritingStyle()
    again.mix(with: other, share: 0.3)
    again.prime(with: ImproviserTests.header + "GABd|e")
    again.prime(with: ImproviserTests.header + "GAB")
    #expect(again.chances == mixed.chances)
    mixed.mix(with: nil, share: 0)
    #expect(mixed.chances == own)
  }
}

extension Improviser {
  /// Probabilities of the next token.
  fileprivate var chances: [Double] {
    var copy = self
    return copy.probabilities(of: copy.rememberedScores())
  }

  /// Bits of a text that a copy reads.
  fileprivate func copyScore(_ text: String) -> Float {
    var copy = self
    return copy.score(text).reduce(0, +)
  }
}
