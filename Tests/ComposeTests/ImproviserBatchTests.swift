import Neural
import Testing

@testable import Compose

@Suite struct ImproviserBatchTests {
  /// What an improviser writes by itself.
  private static func alone(_ run: UInt64, _ count: Int) throws -> [GeneratedCharacter] {
    var improviser = try start()
    return (0..<count).map {
      improviser.next(SamplerSettings(temperature: 0.8), rng: 3, run: run, index: UInt64($0))
    }
  }

  private static func start() throws -> Improviser {
    var improviser = try ImproviserTests.improviser()
    improviser.legality = .legal
    improviser.prime(with: ImproviserTests.header)
    return improviser
  }

  @Test func `each of a batch writes what it would write alone, whoever comes and goes`() throws {
    var batch = ImproviserBatch(try ImproviserTests.model.get())
    var runs: [(run: UInt64, count: Int)] = []
    var written: [UInt64: [GeneratedCharacter]] = [:]
    // A run of each length, begun when another ends.
    let lengths = [30, 5, 61, 17, 1, 44, 23, 9, 12]
    var next = 0
    while true {
      while runs.count < 4, next < lengths.count {
        batch.append(try Self.start())
        runs.append((UInt64(next), 0))
        next += 1
      }
      guard !runs.isEmpty else { break }
      let drawn = batch.next(
        runs.map {
          .init(
            settings: SamplerSettings(temperature: 0.8), rng: 3, run: $0.run,
            index: UInt64($0.count))
        })
      for (place, character) in drawn.enumerated() {
        guard let character else { continue }
        written[runs[place].run, default: []].append(character)
        runs[place].count += 1
      }
      for place in runs.indices.reversed() where runs[place].count == lengths[Int(runs[place].run)]
      {
        let last = batch.remove(at: place)
        #expect(last.text.count == ImproviserTests.header.count + runs[place].count)
        runs.swapAt(place, runs.count - 1)
        runs.removeLast()
      }
    }
    for (run, length) in lengths.enumerated() {
      #expect(try written[UInt64(run)] == Self.alone(UInt64(run), length))
    }
  }

  @Test func `many texts are scored as each is alone`() throws {
    let model = try ImproviserTests.model.get()
    let texts = (0..<7).map { index in
      (
        beginning: index == 3 ? "" : ImproviserTests.header,
        text: String("d2f afd|g2b bag|f2a d2f|e2d cBA|".prefix(index * 5))
      )
    }
    let expected = texts.map { text -> [Float] in
      var improviser = Improviser(model)
      improviser.prime(with: text.beginning)
      return improviser.score(text.text)
    }
    for streams in [1, 3, 64] {
      #expect(model.score(texts, streams: streams) == expected)
    }
    #expect(model.score([]).isEmpty)
  }
}
