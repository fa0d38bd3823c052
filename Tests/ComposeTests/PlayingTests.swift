import ABC
import Compose
import Music
import Testing

@Suite struct PlayingTests {
  private func rig(_ body: String) -> Rig {
    var rig = Rig()
    rig.send(.pasted("X:1\nT:t\nM:4/4\nL:1/4\nK:C\n\(body)"))
    return rig
  }

  private func playStart(_ rig: Rig) -> Tick? {
    for effect in rig.effects.reversed() {
      if case .play(_, let from) = effect { return from }
    }
    return nil
  }

  @Test func `Space plays from the cursor and stops`() {
    var rig = rig("CDEF|GABc|")
    rig.press(.goTo, "2")
    rig.press(.playToggle)
    #expect(playStart(rig) == Tick(4 * Tick.perQuarter))
    #expect(rig.session.transportWords == "PLAY 2.1")
    rig.press(.playToggle)
    #expect(rig.effects.last == .stopPlaying)
    #expect(rig.session.transportWords == "STOP")
  }

  @Test func `Space at the very end plays from the start`() {
    var rig = rig("CDEF|GABc|\n")
    rig.press(.goTo, "end")
    rig.press(.playToggle)
    #expect(playStart(rig) == .zero)
  }

  @Test func `Space in an empty draft says what to press`() {
    var rig = Rig()
    rig.press(.playToggle)
    #expect(playStart(rig) == nil)
    #expect(rig.session.message?.text.contains("Enter") == true)
  }

  @Test func `while the model writes the player may go to the last closed bar`() {
    var sampling = Rig.fast
    sampling.pace = .type(30)
    var rig = Rig(sampling: sampling)
    rig.press(.generateToggle)
    rig.wait(milliseconds: 1200)
    rig.press(.playToggle)
    guard
      case .play(let plan, _) = rig.effects.last(where: {
        if case .play = $0 { true } else { false }
      })
    else {
      Issue.record("nothing plays")
      return
    }
    #expect(plan.isGrowing)
    let bars = rig.session.score.completeBars
    #expect(plan.readyUntil == Tick(bars * 4 * Tick.perQuarter))
  }

  @Test func `the position knows which bar of the text sounds on the second pass`() {
    let rig = rig("|:CDEF|GABc:|cBAG|")
    let score = rig.session.score
    #expect(score.position(at: Tick(0)).bar == 1)
    #expect(score.position(at: Tick(5 * Tick.perQuarter)).bar == 2)
    #expect(score.position(at: Tick(5 * Tick.perQuarter)).beat == 2)
    #expect(score.position(at: Tick(8 * Tick.perQuarter)).bar == 1)
    #expect(score.position(at: Tick(16 * Tick.perQuarter)).bar == 3)
  }

  @Test func `o loops the selected bars and ends the loop`() {
    var rig = rig("CDEF|GABc|cBAG|FEDC|")
    rig.press(.goTo, "2")
    rig.press(.select)
    rig.press(.barNext)
    rig.press(.loop)
    let quarter = Tick.perQuarter
    #expect(
      rig.effects.last { if case .setLoop = $0 { true } else { false } }
        == .setLoop(Tick(4 * quarter)..<Tick(12 * quarter)))
    rig.press(.loop)
    #expect(rig.effects.last { if case .setLoop = $0 { true } else { false } } == .setLoop(nil))
  }

  @Test func `the first reason for silence is said once`() {
    var rig = rig("CDEF|")
    let report = PlayerReport(
      state: .stopped, playhead: .zero, output: "silent", silence: "no sound device")
    rig.send(.playerChanged(report))
    rig.send(.playerChanged(report))
    #expect(rig.session.messages.filter { $0.text.hasSuffix("no sound device") }.count == 1)
  }

  @Test func `a recovered draft is said beside the missing sound`() {
    var rig = Rig()
    rig.send(.recovered("untitled-1 is back"))
    rig.send(
      .playerChanged(
        PlayerReport(
          state: .stopped, playhead: .zero, output: "silent", silence: "no sound device")))
    #expect(rig.session.message?.text == "untitled-1 is back; no sound device")
  }

  @Test func `Ctrl-C stops everything and twice offers to quit`() {
    var rig = rig("CDEF|GABc|")
    rig.press(.playToggle)
    rig.press(.halt)
    #expect(rig.effects.contains(.stopPlaying))
    #expect(rig.session.player.state == .stopped)
    rig.press(.halt)
    #expect(rig.session.message?.text == "q quits; the draft is saved")
    #expect(!rig.effects.contains(.quit))
  }

  @Test func `an excerpt holds the header and the bars asked for`() {
    let text = "X:1\nT:t\nM:4/4\nL:1/4\nK:C\nCDEF|GABc|cBAG|\n"
    let excerpt = Session.excerpt(of: text, bars: 1...1)
    #expect(excerpt == "X:1\nT:t\nM:4/4\nL:1/4\nK:C\nGABc|\n")
  }

  @Test func `what is played on a keyboard sounds, unless it does already`() throws {
    var rig = Rig()
    var event = PlayedEvent(
      .noteOn(pitch: try #require(Pitch(key: 60)), velocity: 80), time: 1.5)
    rig.send(.played(event))
    #expect(rig.effects.contains(.soundPlayed(event)))
    event.isHeard = true
    rig.send(.played(event))
    #expect(!rig.effects.contains(.soundPlayed(event)))
  }

  @Test func `another's clock starts the tune where it says, and stops it`() {
    var rig = rig("CDEF|GABc|\n")
    rig.send(.transported(.play(from: Tick(2 * Tick.perQuarter))))
    #expect(playStart(rig) == Tick(2 * Tick.perQuarter))
    rig.send(.transported(.stop))
    #expect(rig.effects.last == .stopPlaying)
    // Behind the end there is nothing to play.
    let before = rig.effects.count
    rig.send(.transported(.play(from: Tick(100 * Tick.perQuarter))))
    #expect(!rig.effects.dropFirst(before).contains { if case .play = $0 { true } else { false } })
  }

  @Test func `a MIDI port that is not there is said, stands in the status line, and comes back`() {
    var rig = Rig()
    var wiring = MIDIWiring()
    wiring.missing = ["FLUID Synth:Synth input port"]
    rig.send(.wired(wiring))
    #expect(rig.session.message?.text.contains("is not there; it is connected as soon") == true)
    #expect(StatusLine.text(of: rig.session).contains("MIDI? FLUID Synth:Synt"))
    wiring.missing = []
    wiring.outputs = ["FLUID Synth:Synth input port"]
    rig.send(.wired(wiring))
    #expect(rig.session.message?.text == "FLUID Synth:Synth input port is connected")
    #expect(!StatusLine.text(of: rig.session).contains("MIDI?"))
  }
}
