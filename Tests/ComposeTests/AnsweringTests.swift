import Compose
import Music
import Testing

@Suite struct AnsweringTests {
  static let header = "X:1\nT:t\nM:4/4\nL:1/4\nK:D\n"
  typealias Stroke = TypingMusician.Stroke

  @Test func `the model answers on the next bar line, round after round`() throws {
    var player = TypingMusician(Self.header, releases: true)
    player.rig.send(.modelLoaded(Rig.model))
    player.rig.effects = []
    player.rig.run("answer 1")
    player.play((0..<4).map { Stroke("x", Double($0), 0.95) })
    player.wait(until: 3.95)
    // The answer is handed to the player before the bar line.
    let plan = try #require(
      player.rig.effects.compactMap { effect -> PlaybackPlan? in
        if case .updatePlayback(let plan, _) = effect { plan } else { nil }
      }.last)
    let answer = plan.performance.notes.filter { $0.start >= Tick(4 * Tick.perQuarter) }
    #expect(answer.first?.start == Tick(4 * Tick.perQuarter))
    #expect(answer.count == 4)
    #expect(player.body.hasPrefix("DD DD|"))
    #expect(player.rig.session.score.completeBars == 2)
    // The clock has not stopped, and the next call is written behind the answer.
    #expect(!player.rig.effects.contains(.stopPlaying))
    player.wait(until: 8.05)
    player.play([Stroke("n", 8.05, 3.8)])
    player.wait(until: 12.1)
    #expect(player.rig.session.score.completeBars == 4)
    #expect(player.body.contains("|A4|"))
    let kinds = player.rig.session.history.versions.map(\.kind).suffix(4)
    #expect(Array(kinds) == [.hand, .generated, .hand, .generated])
    player.rig.press(.cancel)
    #expect(player.rig.session.mode == .normal)
    #expect(player.rig.effects.contains(.stopPlaying))
    #expect(player.rig.rebuilt.text == player.rig.text)
  }

  @Test func `a call in which nothing is played ends the exchange`() {
    var player = TypingMusician(Self.header, releases: true)
    player.rig.send(.modelLoaded(Rig.model))
    player.rig.run("answer 1")
    player.wait(until: 4.2)
    #expect(player.rig.session.mode == .normal)
    #expect(player.rig.text == Self.header)
  }

  @Test func `without a model nobody answers`() {
    var player = TypingMusician(Self.header)
    player.rig.run("answer 2")
    #expect(player.rig.session.message?.text.contains("no model") == true)
    #expect(player.rig.session.mode == .normal)
  }
}
