import Compose
import Testing

/// Random edits, runs, fills, undo and restarts.
@Suite struct SessionPropertyTests {
  fileprivate struct Random {
    var state: UInt64
    mutating func next(_ count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % max(count, 1)
    }
  }

  static let duet = """
    X:1
    T:t
    M:4/4
    L:1/4
    K:C
    V:1
    V:2
    [V:1] cdef|gabc'|bagf|edcd|
    [V:2] C,4|D,4|E,4|F,4|

    """

  /// What a voice says, without what the other one does.
  private func music(_ rig: Rig, ofVoice voice: Int) -> [String] {
    rig.session.parsed.bars.filter { $0.voice == voice }.map {
      rig.text.text(atBytes: $0.range).filter { !"[V:12] \n".contains($0) }
    }
  }

  @Test(arguments: 0..<10)
  func `whatever the model writes in one voice, the other keeps every note`(round: UInt64) {
    var random = Random(state: round &* 77_777 &+ 5)
    var sampling = Rig.fast
    sampling.phrase = 4
    var rig = Rig(sampling: sampling)
    rig.send(.pasted(Self.duet))
    for _ in 0..<12 {
      let bars = rig.session.parsed.bars
      guard let bar = bars.indices.randomElement(using: &random) else { break }
      rig.send(.pointed(byte: bars[bar].range.upperBound - 1))
      let voice = bars[bar].voice
      let other = music(rig, ofVoice: 1 - voice)
      switch random.next(3) {
      case 0: rig.press(.retryHere)
      case 1: rig.press(.alternatives, "here", count: 2)
      default: rig.press(.alternatives, "note", count: 2)
      }
      if rig.session.alternatives != nil { rig.press(.alternativeHear, "1") }
      rig.press(.alternativeChoose)
      #expect(music(rig, ofVoice: 1 - voice) == other)
      if random.next(4) == 0 { rig.press(.undo) }
    }
    #expect(rig.rebuilt.history == rig.session.history)
    #expect(Replay(rig.journal, draw: Rig.draw).difference == nil)
  }

  @Test(arguments: 0..<12)
  func `every position stays with its music through edits, runs, fills, undo and restarts`(
    round: UInt64
  ) {
    var random = Random(state: round &* 31_337 &+ 11)
    var rig = Rig()
    rig.send(.pasted("X:1\nT:t\nM:4/4\nL:1/4\nK:C\nCDEF|GABc|cBAG|FEDC|CEGc|BdBd|cGEC|FAFA|"))
    // What nothing changes tells where positions went.
    rig.run("lock 6")
    rig.run("loop 6")
    for _ in 0..<40 {
      switch random.next(9) {
      case 0:
        rig.send(.pointed(byte: random.next(rig.text.utf8.count)))
        rig.press(.insert)
        rig.type(["a", "zz|", "é", " ", "B2|"][random.next(5)])
        rig.send(.editKeyPressed(.escape))
      case 1:
        rig.press(.goTo, "\(1 + random.next(8))")
        rig.press(.delete)
      case 2:
        rig.press(.goTo, "\(1 + random.next(4))")
        rig.press(.alternatives, "here", count: 2)
        rig.press(.alternativeChoose)
      case 3:
        rig.press(.goTo, "\(1 + random.next(8))")
        rig.press(.retryHere)
      case 4: rig.press(.undo)
      case 5: rig.press(.redo)
      case 6: rig.press(.takeNext)
      case 7:
        let loop = rig.session.loop
        rig.session = rig.rebuilt
        rig.send(.modelLoaded(Rig.model))
        // Where the sound loops is no part of a draft.
        if let loop { rig.run("loop \(rig.session.parsed.bars[loop.lowerBound].number)") }
      default:
        rig.press(.goTo, "\(1 + random.next(8))")
        rig.press(.copy)
        rig.press(.paste)
      }
      let session = rig.session
      #expect(session.locks.map { rig.text.text(atBytes: $0) } == ["BdBd|"])
      let looped = session.loop.map { rig.text.text(atBytes: session.score.bytes(ofBars: $0)) }
      #expect(looped?.contains("BdBd|") == true)
      #expect((0...rig.text.utf8.count).contains(session.cursor))
      #expect((0...rig.text.utf8.count).contains(session.head))
      #expect(session.records.count == rig.text.utf8.count)
    }
    #expect(rig.rebuilt.history == rig.session.history)
  }
}

extension SessionPropertyTests.Random: RandomNumberGenerator {
  mutating func next() -> UInt64 {
    UInt64(next(1 << 30)) << 34 ^ UInt64(next(1 << 30)) << 17 ^ UInt64(next(1 << 30))
  }
}
