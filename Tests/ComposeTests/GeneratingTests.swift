import Compose
import Testing

@Suite struct GeneratingTests {
  @Test func `Enter in an empty draft writes a header and a phrase of eight bars`() {
    var rig = Rig()
    rig.press(.generateToggle)
    #expect(rig.text.hasPrefix("X:1\nT:untitled-1\nM:4/4\nL:1/4\nK:D\n"))
    #expect(rig.session.score.completeBars == 8)
    #expect(rig.session.generator == .done(.phrase))
    #expect(rig.text.hasSuffix("|"))
  }

  @Test func `Enter again goes on with the next phrase`() {
    var rig = Rig()
    rig.press(.generateToggle)
    let first = rig.text
    rig.press(.generateToggle)
    #expect(rig.text.hasPrefix(first))
    #expect(rig.session.score.completeBars == 16)
  }

  @Test(arguments: 1...9)
  func `pausing and going on gives the very text that would have come`(characters: Int) {
    var whole = Rig()
    whole.press(.generateToggle)

    var sampling = Rig.fast
    sampling.pace = .type(30)
    var paused = Rig(sampling: sampling)
    paused.press(.generateToggle)
    for _ in 0..<200 where paused.session.generator != .done(.phrase) {
      paused.wait(milliseconds: 33 * characters)
      if paused.session.generator == .running {
        paused.press(.generateToggle)
        #expect(paused.session.generator == .paused)
        let text = paused.text
        paused.wait(milliseconds: 500)
        #expect(paused.text == text)
        paused.press(.generateToggle)
      }
    }
    // A pause at the very end of the phrase goes on into the next.
    #expect(paused.text.hasPrefix(whole.text))
  }

  @Test func `what was on its way when the pause came is dropped, and comes again`() {
    var whole = Rig()
    whole.press(.generateToggle)
    var rig = Rig()
    rig.isHolding = true
    rig.press(.generateToggle)
    rig.deliver()
    let before = rig.text
    rig.press(.generateToggle)
    rig.deliver()
    #expect(rig.text == before)
    rig.isHolding = false
    rig.press(.generateToggle)
    #expect(rig.text == whole.text)
  }

  @Test func `Enter before the model is loaded waits for it`() {
    var rig = Rig(withModel: false)
    rig.send(.modelLoading)
    rig.press(.generateToggle)
    #expect(rig.session.generatorWords == "prime")
    rig.send(.modelLoaded(Rig.model))
    #expect(rig.session.score.completeBars == 8)
  }

  @Test func `s writes one character and S the rest of the bar`() {
    var rig = Rig()
    rig.press(.generateToggle)
    let start = rig.text
    rig.press(.generateStep)
    #expect(rig.text.utf8.count == start.utf8.count + 1)
    #expect(rig.session.generator == .paused)
    rig.press(.generateStep, count: 2)
    #expect(rig.text.utf8.count == start.utf8.count + 3)
    rig.press(.generateBar)
    #expect(rig.session.score.completeBars == 9)
    #expect(rig.text.hasSuffix("|"))
  }

  @Test func `a temperature changed while it runs is that of the next character`() {
    var sampling = Rig.fast
    sampling.pace = .type(30)
    var rig = Rig(sampling: sampling)
    rig.press(.generateToggle)
    rig.wait(milliseconds: 1000)
    let count = rig.text.utf8.count
    for _ in 0..<4 { rig.run("temp +0.05") }
    #expect(rig.session.sampling.temperature == 1.2)
    rig.wait(milliseconds: 1000)
    let written = rig.session.records.enumerated().filter { $0.element.origin == .model }
    #expect(rig.text.utf8.count > count)
    for (index, record) in written {
      #expect(record.temperature == (index < count ? 1.0 : 1.2))
    }
    #expect(rig.session.messages.contains { $0.text.contains("will be heard from bar") })
  }

  @Test func `one temperature can be set apart and all moves the lot`() {
    var rig = Rig()
    rig.run("temp.focus rhythm")
    rig.run("temp +0.05")
    #expect(rig.session.sampling.temperature(of: .rhythm) == 1.05)
    #expect(rig.session.sampling.temperature(of: .melody) == 1)
    rig.run("temp.focus all")
    rig.run("temp = 0.8")
    #expect(rig.session.sampling.temperature(of: .rhythm) == 0.8)
  }

  @Test(arguments: ["wild", "0", "99", "1e400", "nan"])
  func `a temperature that is none is refused with a sentence`(value: String) {
    var rig = Rig()
    rig.run("temp = \(value)")
    #expect(rig.session.sampling.temperature == 1)
    #expect(rig.session.message?.kind == .error)
  }

  @Test func `the model rests when it is far enough ahead of the playhead`() {
    var sampling = Rig.fast
    sampling.pace = .follow
    sampling.ahead = 2
    var rig = Rig(sampling: sampling)
    rig.press(.generateToggle)
    rig.wait(milliseconds: 1200)
    rig.press(.playToggle)
    rig.wait(milliseconds: 33)
    #expect(rig.session.generator == .resting)
    let bars = rig.session.score.completeBars
    // The playhead moves on by two bars: so does the model.
    var report = rig.session.player
    report.playhead = rig.session.score.performance.bars[bars - 1].start
    rig.send(.playerChanged(report))
    #expect(rig.session.score.completeBars >= bars + 2)
    #expect(rig.session.generator == .resting)
  }

  @Test func `a player that still says it waits does not let the model run to the end`() {
    var sampling = Rig.fast
    sampling.pace = .follow
    sampling.ahead = 2
    var rig = Rig(sampling: sampling)
    rig.press(.generateToggle)
    rig.press(.playToggle)
    var report = rig.session.player
    report.state = .waiting
    rig.send(.playerChanged(report))
    #expect(rig.session.generator == .resting)
    #expect(rig.session.score.completeBars == 3)
  }

  @Test func `a failed checkpoint is said and Enter tries again with another`() {
    var rig = Rig(withModel: false)
    rig.send(.modelFailed("nosuch: no such file"))
    #expect(rig.session.generatorWords == "fail")
    #expect(rig.session.message?.text == "nosuch: no such file")
    rig.send(.modelLoaded(Rig.model))
    rig.press(.generateToggle)
    #expect(rig.session.score.completeBars == 8)
  }

  @Test func `nothing the generator says late can change the text`() {
    var rig = Rig()
    rig.press(.generateToggle)
    let text = rig.text
    rig.send(
      .generated(
        GenerationResult(
          request: 1,
          characters: [
            GeneratedCharacter(character: "z", bits: 0, rank: 1, entropy: 0, temperature: 1)
          ], endsTune: false)))
    #expect(rig.text == text)
  }
}
