import Testing

@testable import Neural

@Suite struct ThreadGovernorTests {
  /// Steps of a machine on which one thread and two take so many nanoseconds; how many threads each
  /// step was given.
  private static func threads(
    _ record: inout ThreadGovernor.Record, steps: Int, streams: Int = 1,
    time: (_ step: Int, _ pair: Bool) -> UInt64
  ) -> [Int] {
    (0..<steps).map { step in
      let pair = record.wantsPair
      record.note(time(step, pair), streams: streams, pair: pair, wasPair: pair)
      return pair ? 2 : 1
    }
  }

  @Test func `two threads stay where they are faster`() {
    var record = ThreadGovernor.Record()
    let threads = Self.threads(&record, steps: 2000) { _, pair in pair ? 110_000 : 200_000 }
    #expect(threads.suffix(1900).filter { $0 == 2 }.count == 1900)
  }

  @Test func `one thread stays where two are slower, and two are tried again now and then`() {
    var record = ThreadGovernor.Record()
    let threads = Self.threads(&record, steps: 10_000) { _, pair in pair ? 300_000 : 200_000 }
    let two = threads.filter { $0 == 2 }.count
    #expect(two > 12)
    #expect(two < 200)
  }

  @Test func `long steps are tried thrice each`() {
    var record = ThreadGovernor.Record()
    let threads = Self.threads(&record, steps: 150, streams: 64) { _, pair in
      pair ? 4_000_000 : 7_500_000
    }
    #expect(threads.prefix(6) == [1, 1, 1, 2, 2, 2])
    #expect(threads.filter { $0 == 1 }.count == 3)
  }

  @Test func `a delay now and then does not end what is faster all in all`() {
    var record = ThreadGovernor.Record()
    let threads = Self.threads(&record, steps: 2000) { step, pair in
      pair ? (step % 100 == 99 ? 900_000 : 110_000) : 200_000
    }
    #expect(threads.suffix(1900).filter { $0 == 2 }.count == 1900)
  }

  @Test func `two threads that lose their core again and again give way`() {
    var record = ThreadGovernor.Record()
    _ = Self.threads(&record, steps: 100) { _, pair in pair ? 110_000 : 200_000 }
    #expect(record.usesPair)
    let threads = Self.threads(&record, steps: 60) { step, pair in
      pair && step % 2 == 1 ? 4_000_000 : pair ? 110_000 : 200_000
    }
    #expect(threads.suffix(50).allSatisfy { $0 == 1 })
  }

  @Test func `streams that end one after the other are one kind of step`() throws {
    var values: [Float] = [0]
    try values.withUnsafeMutableBytes { bytes in
      let network = try #require(bytes.baseAddress)
      let kinds = [64, 60, 33].map { ThreadGovernor.Kind(network: network, streams: $0) }
      #expect(kinds.allSatisfy { $0 == kinds[0] })
      #expect(ThreadGovernor.Kind(network: network, streams: 16) != kinds[0])
      #expect(ThreadGovernor.Kind(network: network + 1, streams: 64) != kinds[0])
    }
  }
}
