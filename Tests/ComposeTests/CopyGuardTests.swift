import ABC
import Analysis
import Neural
import Testing

@testable import Compose

/// A network that is kept from copying a tune: one that it would write by itself.
@Suite(.serialized) struct WritingCopyGuardTests {
  private static let header = ImproviserTests.header
  private static let settings = SamplerSettings(temperature: 0.6)
  private static let most = 12

  /// What the network writes unguarded.
  private static let source = Result { () throws -> String in
    var improviser = Improviser(try ImproviserTests.model.get())
    improviser.legality = .legal
    improviser.prime(with: header)
    for index in 0..<400 where !improviser.endsTune {
      _ = improviser.next(settings, rng: 3, run: 0, index: UInt64(index))
    }
    return improviser.text
  }

  private static let guarded = Result {
    let text = "X:1\n" + (try source.get())
    let bytes = Array(text.utf8)
    return try ImproviserModel(
      Checkpoint(path: ImproviserTests.modelPath), precision: .int8,
      repertoires: [
        Repertoire([
          Repertoire.Tune(title: "The Same", parsed: ParsedTune(bytes: bytes), text: bytes)
        ])
      ])
  }

  private static func writing(_ rule: CopyGuard.Rule = .forbid(most)) throws -> Writing {
    var writing = Writing.plain
    writing.copyGuard = rule
    writing.repertoires = try guarded.get().repertoires.map(\.fingerprint)
    return writing
  }

  private static func improviser(_ writing: Writing? = nil) throws -> Improviser {
    var improviser = Improviser(try guarded.get())
    improviser.legality = .legal
    improviser.style = WritingStyle(try writing ?? Self.writing())
    improviser.prime(with: header)
    return improviser
  }

  private static func write(_ improviser: inout Improviser, _ range: Range<Int>) -> String {
    var text = ""
    for index in range where !improviser.endsTune {
      text += improviser.next(settings, rng: 3, run: 0, index: UInt64(index)).character
    }
    return text
  }

  private static func longestRun(_ text: String) throws -> Int {
    let bytes = Array(("X:1\n" + text).utf8)
    return WrittenMelody(ParsedTune(bytes: bytes), text: bytes)
      .sharedPassages(with: try guarded.get().repertoires).map(\.notes).max() ?? 0
  }

  @Test func `no run of notes becomes as long as is forbidden`() throws {
    var free = try Self.improviser(try Self.writing(.off))
    let same = Self.header + Self.write(&free, 0..<400)
    #expect(same == (try Self.source.get()))
    #expect(try Self.longestRun(same) > 40)
    var improviser = try Self.improviser()
    let text = Self.header + Self.write(&improviser, 0..<400)
    #expect(text != same)
    // It acts at the last moment: up to there it is the same tune.
    #expect(try Self.longestRun(text) == Self.most - 1)
    #expect(ParsedTune(text: "X:1\n" + text).diagnostics.allSatisfy { $0.severity == .note })
  }

  @Test(arguments: [0, 120])
  func `tunes that are lent are not copied either, whenever they are lent`(place: Int) throws {
    var improviser = Improviser(try ImproviserTests.model.get())
    improviser.legality = .legal
    var writing = Writing.plain
    writing.copyGuard = .forbid(Self.most)
    improviser.style = WritingStyle(writing)
    improviser.prime(with: Self.header)
    var text = Self.header + Self.write(&improviser, 0..<place)
    let before = try Self.longestRun(text)
    improviser.lend(LentTunes(name: "mine.abc", texts: [try Self.source.get()]))
    text += Self.write(&improviser, place..<400)
    #expect(text != (try Self.source.get()))
    #expect(try Self.longestRun(text) <= max(before, Self.most - 1))
  }

  @Test func `a warning, and a repertoire that the draft does not name, forbid nothing`() throws {
    var unnamed = try Self.writing()
    unnamed.repertoires = ["00000000"]
    for writing in [try Self.writing(.warn(12)), unnamed] {
      var improviser = try Self.improviser(writing)
      #expect(Self.header + Self.write(&improviser, 0..<400) == (try Self.source.get()))
    }
  }

  @Test func `a pause anywhere, and a guard that is set later, change nothing`() throws {
    var straight = try Self.improviser()
    let whole = Self.write(&straight, 0..<200)
    for stop in stride(from: 5, to: whole.count, by: 31) {
      let text = Self.header + String(whole.prefix(stop))
      var fresh = Improviser(try Self.guarded.get())
      fresh.legality = .legal
      fresh.prime(with: text)
      fresh.style = WritingStyle(try Self.writing())
      #expect(text + Self.write(&fresh, stop..<whole.count) == Self.header + whole, "\(stop)")
      // The same one goes back.
      straight.prime(with: text)
      #expect(text + Self.write(&straight, stop..<whole.count) == Self.header + whole, "\(stop)")
    }
  }

  @Test func `each of a batch is guarded as it would be alone`() throws {
    var alone = try Self.improviser()
    let text = Self.write(&alone, 0..<150)
    var batch = ImproviserBatch(try Self.guarded.get())
    for _ in 0..<3 { batch.append(try Self.improviser()) }
    var texts = ["", "", ""]
    for index in 0..<150 {
      let drawn = batch.next(
        (0..<3).map {
          .init(settings: Self.settings, rng: 3, run: UInt64($0), index: UInt64(index))
        })
      for place in 0..<3 { texts[place] += drawn[place]?.character ?? "" }
    }
    #expect(texts[0] == text)
    for other in texts { #expect(try Self.longestRun(Self.header + other) < Self.most) }
  }

  @Test func `what fills a gap is guarded, with the bars before it`() throws {
    let source = "X:1\n" + (try Self.source.get())
    let parsed = ParsedTune(text: source)
    let place = try #require(parsed.bars.firstIndex { $0.number == 2 })
    let notes = parsed.notes.filter { $0.bar == place }
    let range =
      try #require(notes.first).range.lowerBound..<(try #require(notes.last)).range.upperBound
    let gap = Gap(range, length: parsed.bars[place].length)
    var sampling = Sampling()
    sampling.temperature = 0.3
    func texts(_ rule: CopyGuard.Rule) throws -> [String] {
      sampling.writing = try Self.writing(rule)
      var improviser = Improviser(try Self.guarded.get())
      return improviser.fill(
        FillRequest(
          identifier: 1, document: source, gaps: [gap], rng: 1, runs: Array(1...6),
          sampling: sampling, following: 40)
      ).map { $0.pieces.joined().map(\.character).joined() }
    }
    let (free, guarded) = (try texts(.off), try texts(.forbid(10)))
    #expect(free != guarded)
    for text in guarded where !text.isEmpty {
      let tune = source.prefixBytes(gap.range.lowerBound) + text
      #expect(try Self.longestRun(String(tune.dropFirst(4))) < 10, "\(tune)")
    }
  }
}

extension String {
  fileprivate func prefixBytes(_ count: Int) -> String {
    String(decoding: utf8.prefix(count), as: UTF8.self)
  }
}
