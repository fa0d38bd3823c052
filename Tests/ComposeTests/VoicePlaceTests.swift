import ABC
import Music
import Testing

@testable import Compose

/// Several voices: what is typed, looped, gone to and played belongs to the cursor's.
@Suite struct VoicePlaceTests {
  static let blocks =
    "X:1\nT:t\nM:4/4\nL:1/4\nK:C\nV:1\ncdef|gabc'|bagf|\nV:2\nC,4|D,4|E,4|\n"
  static let lines =
    "X:1\nT:t\nM:4/4\nL:1/4\nK:C\nV:1\nV:2\n[V:1] cdef|gabc'|\n[V:2] C,4|D,4|\n"
    + "[V:1] bagf|\n[V:2] E,4|\n"

  private func notes(_ session: Session, _ voice: Int) -> [Int?] {
    session.parsed.notes.filter { $0.voice == voice }.map { $0.pitch?.key }
  }

  @Test(arguments: [blocks, lines])
  func `what is typed anywhere lands in the voice that is shown, and in no other`(tune: String) {
    let body = Session.bodyStart(of: tune)
    var typed = [0, 0]
    for place in body...tune.utf8.count {
      var rig = Rig(withModel: false)
      rig.send(.fileRead(path: "t.abc", text: tune))
      // Inside the name of a voice the name is typed.
      let bytes = Array(tune.utf8)
      let line = bytes[..<place].lastIndex(of: 10).map { $0 + 1 } ?? 0
      let before = String(decoding: bytes[line..<place], as: UTF8.self)
      let rest = String(decoding: bytes[place...].prefix { $0 != 10 }, as: UTF8.self)
      if (before + rest).hasPrefix("V:") { continue }
      if before.hasPrefix("["), !before.contains("]") { continue }
      rig.send(.pointed(byte: place))
      let voice = rig.session.cursorVoice
      let other = notes(rig.session, 1 - voice)
      let own = notes(rig.session, voice).count
      rig.press(.insert)
      rig.type("B")
      #expect(notes(rig.session, 1 - voice) == other, "\(place): \(rig.text)")
      #expect(notes(rig.session, voice).count == own + 1, "\(place): \(rig.text)")
      typed[voice] += 1
    }
    #expect(typed.allSatisfy { $0 > 10 })
  }

  @Test(arguments: [blocks, lines])
  func `bars are counted, looped and played in the cursor's voice`(tune: String) throws {
    var rig = Rig(withModel: false)
    rig.send(.fileRead(path: "t.abc", text: tune))
    rig.run("voice 2")
    rig.press(.goTo, "2")
    #expect(rig.text.text(atBytes: rig.session.cursor..<rig.session.cursor + 2) == "D,")
    #expect(rig.session.status(draft: "").voice == 2)
    rig.run("loop 2-3")
    let loop = try #require(rig.session.loop)
    #expect(rig.session.parsed.bars[loop.lowerBound].voice == 1)
    #expect(
      rig.effects.contains(.setLoop(Tick(4 * Tick.perQuarter)..<Tick(12 * Tick.perQuarter))))
    rig.press(.playToggle)
    #expect(
      rig.effects.contains {
        if case .play(_, let start) = $0 { start.count == 4 * Tick.perQuarter } else { false }
      })
    rig.run("lock 3")
    #expect(rig.session.locks.map { rig.text.text(atBytes: $0) }.joined().contains("E,4"))
    #expect(!rig.session.locks.map { rig.text.text(atBytes: $0) }.joined().contains("bagf"))
  }

  @Test func `a rest of the second voice is played from its own place`() {
    let score = Score(
      text: "X:1\nT:t\nM:4/4\nL:1/4\nK:C\nV:1\ncdef|gabc'|\nV:2\nC,4|z2 D,2|\n")
    let rest = score.parsed.notes.last { $0.kind == .rest }
    #expect(score.tick(atByte: rest?.range.lowerBound ?? 0).count == 4 * Tick.perQuarter)
  }
}

extension Session {
  fileprivate static func bodyStart(of text: String) -> Int {
    ParsedTune(text: text).body.lowerBound
  }
}
