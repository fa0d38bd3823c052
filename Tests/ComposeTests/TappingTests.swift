import Compose
import Music
import Testing

@Suite struct TappingTests {
  static let tune = "X:1\nT:t\nM:4/4\nL:1/8\nK:D\nD2E2F2G2|A2B2c2d2|\n"
  typealias Stroke = TypingMusician.Stroke

  @Test(arguments: [true, false])
  func `a tapped rhythm keeps the pitches that are selected`(releases: Bool) {
    var player = TypingMusician(Self.tune, at: "1", releases: releases)
    player.rig.press(.select)
    player.rig.run("tap")
    // Any key will do.
    player.play([
      Stroke("k", 0, 1.4), Stroke("1", 1.5, 0.45), Stroke("k", 2, 0.95), Stroke("x", 3, 0.95),
    ])
    player.wait(until: 3.9)
    player.rig.press(.cancel)
    #expect(player.body.hasPrefix(releases ? "D3E F2G2|" : "D3E F2G"), "\(player.body)")
    #expect(player.body.hasSuffix("|A2B2c2d2|\n"))
    player.rig.press(.undo)
    #expect(player.rig.text == Self.tune)
  }

  @Test func `notes that were not tapped follow as they were`() {
    var player = TypingMusician(Self.tune, at: "1", releases: true)
    player.rig.run("tap")
    player.play([Stroke("k", 0, 2.9), Stroke("k", 3, 0.95)])
    player.wait(until: 4.1)
    player.rig.press(.cancel)
    #expect(player.body == "D6E2|F2G2 A2B2|c2d2 z4|\n")
  }

  @Test func `a tap too many ends it`() {
    var player = TypingMusician(Self.tune, at: "2", releases: true)
    player.rig.run("tap")
    player.wait(until: 3.9)
    player.play((0..<5).map { Stroke("k", 4 + Double($0), 0.95) })
    #expect(player.rig.session.mode == .normal)
    #expect(player.body == "D2E2F2G2|A2B2 c2d2|\n")
  }

  @Test func `the tempo can be tapped, too`() {
    var player = TypingMusician(Self.tune)
    player.rig.run("tap tempo")
    player.rig.wait(milliseconds: 600)
    player.rig.run("tap tempo")
    #expect(player.rig.text.contains("Q:1/4=1"))
  }
}
