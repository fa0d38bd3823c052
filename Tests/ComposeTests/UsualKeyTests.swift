import ABC
import Analysis
import Neural
import Testing

@testable import Compose

/// Tunes that are begun without a key.
@Suite struct UsualKeyTests {
  /// Forty small jigs, three in four of them in D, the others in Em.
  private static let repertoire = Repertoire(
    (0..<40).map { number in
      let key = number.isMultiple(of: 4) ? "Em" : "D"
      let text = "X:1\nR:jig\nM:6/8\nL:1/8\nK:\(key)\n|:DFA dAF|GBd gdB|A2c ecA|dAF D3:|\n"
      return Repertoire.Tune(
        title: "\(number)", parsed: ParsedTune(text: text), text: Array(text.utf8))
    })

  private static let model = Result {
    try ImproviserModel(
      Checkpoint(path: ImproviserTests.modelPath), precision: .int8, repertoires: [repertoire])
  }

  private func improviser(
    rhythm: String = "jig", _ change: (inout Writing) -> Void = { _ in }
  ) throws -> Improviser {
    var improviser = Improviser(try Self.model.get())
    improviser.legality = .legal
    var writing = Writing()
    writing.repertoires = [Self.repertoire.fingerprint]
    change(&writing)
    improviser.style = WritingStyle(writing)
    improviser.wantedHeader = ["R": rhythm]
    return improviser
  }

  /// The key that is written, and the text up to there.
  private func key(
    _ improviser: inout Improviser, rng: UInt64, from start: Int = 0
  ) -> (key: String, text: String) {
    var index = UInt64(start)
    while improviser.isInHeader, index < 200 {
      _ = improviser.next(SamplerSettings(temperature: 0.8), rng: rng, run: 2, index: index)
      index += 1
    }
    let line = improviser.text.split(separator: "\n").last { $0.hasPrefix("K:") } ?? ""
    return (String(line.dropFirst(2)), improviser.text)
  }

  @Test func `keys are drawn as tunes of the dance have them`() throws {
    var counts: [String: Int] = [:]
    for rng in 1...40 as ClosedRange<UInt64> {
      var improviser = try improviser()
      counts[key(&improviser, rng: rng).key, default: 0] += 1
    }
    #expect(Set(counts.keys) == ["D", "Em"])
    #expect((20...38).contains(counts["D"] ?? 0), "\(counts)")
    // A dance that is not known has the keys of all.
    var reel = try improviser(rhythm: "reel")
    #expect(["D", "Em"].contains(key(&reel, rng: 3).key))
  }

  @Test func `a header that is read again goes on with the same key`() throws {
    for rng in 1...6 as ClosedRange<UInt64> {
      var straight = try improviser()
      let whole = key(&straight, rng: rng)
      for stop in 1..<whole.text.count {
        var paused = try improviser()
        paused.begin(SamplerSettings(temperature: 0.8), rng: rng, run: 2)
        paused.prime(with: String(whole.text.prefix(stop)))
        #expect(key(&paused, rng: rng, from: stop) == whole, "\(rng) \(stop)")
      }
    }
  }

  @Test func `a key that somebody has given or begun stays`() throws {
    for rng in 1...8 as ClosedRange<UInt64> {
      var begun = try improviser()
      begun.prime(with: "R:jig\nM:6/8\nL:1/8\nK:E")
      #expect(key(&begun, rng: rng, from: 22).key == "Em")
      var other = try improviser()
      other.prime(with: "R:jig\nM:6/8\nL:1/8\nK:B")
      #expect(key(&other, rng: rng, from: 22).key.hasPrefix("B"))
      var given = try improviser()
      given.wantedHeader = ["R": "jig", "K": "Ador"]
      #expect(key(&given, rng: rng).key == "Ador")
    }
  }

  @Test func `without the wish, or a repertoire, the network has its own keys`() throws {
    var free: Set<String> = []
    var blind: Set<String> = []
    for rng in 1...24 as ClosedRange<UInt64> {
      var one = try improviser { $0.keyChoice = .free }
      free.insert(key(&one, rng: rng).key)
      var two = try improviser { $0.repertoires = [] }
      blind.insert(key(&two, rng: rng).key)
    }
    #expect(free == blind)
    #expect(free.count > 3, "\(free)")
  }
}
