import Foundation
import Testing

@testable import Analysis

@Suite struct RepertoireTests {
  private static let bytes = thirtyReels.bytes

  @Test func `a repertoire is read as it was written`() throws {
    let read = try Repertoire(bytes: Self.bytes)
    #expect(read.bytes == Self.bytes)
    #expect(read.tuneCount == 30)
    #expect(read.title(of: 29) == "Reel 29")
    #expect(read.title(of: 1000) == "untitled")
    #expect(read.dances.map(\.dance.name) == ["reel", "all"])
    let (one, other) = (judged(Reel.whole, read), judged(Reel.whole, thirtyReels))
    #expect(one.marks() == other.marks())
    #expect(one.sharedRun == other.sharedRun)
  }

  @Test func `a file that the first version wrote is read`() throws {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Fixtures/reels.repertoire")
    let repertoire = try Repertoire(bytes: Array(try Data(contentsOf: path)))
    #expect(repertoire.tuneCount == 30)
    #expect(repertoire.title(of: 2) == "Reel 2")
    #expect(repertoire.dances.map(\.tuneCount) == [30, 30])
    #expect(judged(Reel.whole, repertoire).passesAll)
    #expect(judged(Reel.whole, repertoire).sharedRun?.notes == 92)
  }

  @Test func `the same tunes give the same bytes`() {
    let tunes = (0..<5).map {
      known("T\($0)", Reel.whole([1: [Reel.a, Reel.b, Reel.c, Reel.d, Reel.e][$0]]))
    }
    #expect(Repertoire(tunes).bytes == Repertoire(tunes).bytes)
  }

  @Test func `a dance of few tunes is compared with its meter, then with all`() {
    func melody(_ rhythm: String, _ meter: String = "4/4") -> WrittenMelody {
      measures(Reel.text([Reel.part(Reel.first)], rhythm: rhythm, meter: meter)).melody
    }
    #expect(thirtyReels.statistics(for: melody("reel"))?.dance.name == "reel")
    #expect(thirtyReels.statistics(for: melody("polka"))?.dance.name == "all")
    let plain = Repertoire(
      (0..<31).map { known("\($0)", Reel.text([Reel.part(Reel.first)], rhythm: "")) })
    #expect(plain.statistics(for: melody("polka"))?.dance.name == "4/4")
    #expect(plain.statistics(for: melody("polka", "6/8"))?.dance.name == "all")
    #expect(Repertoire([known("one", Reel.whole)]).statistics(for: melody("reel")) == nil)
  }

  @Test func `usual values have a large tail and strange ones a small one`() throws {
    let spread = try #require(DanceStatistics.Spread((0...100).map(Double.init)))
    #expect(spread.twoSidedTail(50) == 1)
    #expect(abs(spread.twoSidedTail(5) - 0.1) < 1e-9)
    #expect(abs(spread.twoSidedTail(95) - 0.1) < 1e-9)
    #expect(spread.twoSidedTail(-1) == 0)
    #expect(spread.twoSidedTail(101) == 0)
    #expect(spread.middle == 5...95)
    // Of things that hold or not, what most tunes do is usual.
    let share = try #require(DanceStatistics.Spread([0] + [Double](repeating: 1, count: 19)))
    #expect(share.twoSidedTail(1) == 1)
    #expect(share.twoSidedTail(0) < 0.2)
  }

  @Test func `a file cut at any length is refused`() {
    for length in Array(0..<400) + Array(stride(from: 400, to: Self.bytes.count, by: 97)) {
      #expect(throws: RepertoireError.self) {
        try Repertoire(bytes: Array(Self.bytes.prefix(length)))
      }
    }
    #expect(throws: RepertoireError.damaged(part: "checksum")) {
      try Repertoire(bytes: Self.bytes + [0])
    }
    var other = Self.bytes
    other[8] = 2
    #expect(throws: RepertoireError.version(2)) { try Repertoire(bytes: other) }
    #expect(throws: RepertoireError.notARepertoire) {
      try Repertoire(bytes: Array("X:1\nK:G\n".utf8))
    }
  }

  @Test func `every changed byte is noticed`() {
    var random = FixedRandom(state: 5)
    for _ in 0..<300 {
      var bytes = Self.bytes
      let at = Int.random(in: 0..<bytes.count, using: &random)
      bytes[at] ^= UInt8.random(in: 1...255, using: &random)
      #expect(throws: RepertoireError.self) { try Repertoire(bytes: bytes) }
    }
  }

  @Test func `bytes changed behind the checksum's back lead nowhere outside the file`() {
    var random = FixedRandom(state: 6)
    var read = 0
    for round in 0..<1000 {
      var bytes = Self.bytes
      for _ in 0..<Int.random(in: 1...12, using: &random) {
        // Sizes and order as often as all the rest.
        let end = round % 2 == 0 ? 60 : bytes.count
        bytes[Int.random(in: 16..<end, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      let sum = Repertoire.checksum(bytes[16...])
      for index in 0..<4 {
        bytes[12 + index] = UInt8(truncatingIfNeeded: sum >> (8 * UInt32(index)))
      }
      guard let repertoire = try? Repertoire(bytes: bytes) else { continue }
      read += 1
      let judgement = judged(Reel.whole, repertoire)
      _ = judgement.sharedRun.map { repertoire.title(of: $0.melody) }
      var guarded = CopyGuard([repertoire])
      guarded.read(Reel.whole)
      for letter in "ABCDEFGabcdefg".unicodeScalars { _ = guarded.forbids(letter) }
      _ = judgement.typicality
    }
    #expect(read > 100)
  }
}
