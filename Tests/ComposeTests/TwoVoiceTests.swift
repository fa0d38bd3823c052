import ABC
import Compose
import Music
import Testing

@Suite struct TwoVoiceTests {
  static let duet =
    "X:1\nT:t\nM:4/4\nL:1/4\nK:C\nV:1\nV:2\n[V:1] CDEF|GABc|\n[V:2] C,4|D,4|\n"

  private func rig(_ text: String = TwoVoiceTests.duet, phrase: Int = 4) -> Rig {
    var sampling = Rig.fast
    sampling.phrase = phrase
    var rig = Rig(sampling: sampling)
    rig.send(.fileRead(path: "duet.abc", text: text))
    rig.press(.goTo, "end")
    return rig
  }

  @Test func `a run in the second voice ends with its phrase and says the voice`() {
    var rig = rig()
    rig.press(.generateToggle)
    #expect(rig.session.generator == .done(.phrase))
    #expect(rig.text.hasPrefix(Self.duet))
    #expect(rig.session.score.completeBars(ofVoice: 1) == 4)
    #expect(rig.session.score.completeBars(ofVoice: 0) == 2)
    #expect(rig.session.message?.text == "phrase done at bar 4 of voice 2 (Enter goes on)")
    #expect(rig.session.status(draft: "").bars == 4)
  }

  @Test func `alternatives in the second voice have the bars that were asked for`() {
    var rig = rig()
    rig.press(.alternatives)
    let texts = (rig.session.status(draft: "").alternatives?.texts ?? []).dropFirst()
    #expect(texts.count == 4)
    for text in texts {
      #expect(text.hasPrefix(Self.duet))
      #expect(Score(text: text).completeBars(ofVoice: 1) == 4)
    }
  }

  @Test func `R in the last voice writes the bars that have others beside them, and no more`() {
    var rig = rig(
      "X:1\nT:t\nM:4/4\nL:1/4\nK:C\nV:1\nV:2\n[V:1] CDEF|GABc|cBAG|FEDC|\n[V:2] C,4|D,4|E,4|F,4|\n",
      phrase: 8)
    rig.run("voice 2")
    rig.press(.goTo, "3")
    rig.run("voice 2")
    rig.press(.retryHere)
    #expect(rig.session.score.completeBars(ofVoice: 1) == 4)
    #expect(rig.text.contains("[V:1] CDEF|GABc|cBAG|FEDC|\n[V:2] C,4|D,4|"))
    #expect(!rig.text.contains("E,4|F,4|"))
  }

  @Test func `a second voice keeps the range of its own notes`() throws {
    var rig = rig(
      "X:1\nT:t\nM:4/4\nL:1/4\nK:C\nV:1\nV:2\n[V:1] CDEF|GABc|\n[V:2] C,2G,2|D,2A,2|\n")
    rig.isHolding = true
    rig.press(.generateToggle)
    let request = try #require(rig.held.first)
    // C, to A,: nine semitones, and as much on both sides as makes an octave.
    #expect(request.sampling.writing.lowest == 46)
    #expect(request.sampling.writing.highest == 59)
    var first = self.rig(Self.duet)
    first.isHolding = true
    first.press(.goTo, "1")
    first.press(.alternatives, "here")
    #expect(first.fills.last?.sampling.writing.lowest == Sampling().writing.lowest)
  }

  @Test func `Enter and a end their phrase with the same bar`() {
    let seed = "X:1\nT:t\nM:4/4\nL:1/4\nK:C\nCDEF|GABc|"
    var enter = rig(seed, phrase: 8)
    enter.press(.generateToggle)
    #expect(enter.session.score.completeBars == 8)
    var alternatives = rig(seed, phrase: 8)
    alternatives.press(.alternatives)
    #expect(alternatives.session.alternatives?.name == "bars 3-8")
    #expect(alternatives.session.score.completeBars == 8)
  }

  @Test func `an alternative without a note is not offered, and another is asked for`() {
    var rig = rig("X:1\nT:t\nM:4/4\nL:1/4\nK:C\n|:CDEF|GABc:|", phrase: 2)
    rig.isHolding = true
    rig.press(.alternatives, count: 2)
    let first = rig.heldDraws.removeFirst()
    let newline = GeneratedCharacter(
      character: "\n", bits: 1, rank: 1, entropy: 1, temperature: 1)
    rig.send(
      .drawn(
        DrawResult(
          request: first.identifier,
          candidates: (0..<2).map {
            DrawResult.Candidate(run: first.base.run + $0, characters: [newline])
          }, drawn: 2, passed: nil)))
    #expect(rig.session.alternatives?.duplicates == 2)
    rig.isHolding = false
    rig.deliver()
    let texts = (rig.session.status(draft: "").alternatives?.texts ?? []).dropFirst()
    #expect(texts.count == 2)
    for text in texts { #expect(Score(text: text).completeBars == 4) }
  }

  @Test func `where the model is nearly sure, more tries are wilder, and replayed so`() throws {
    var rig = rig("X:1\nT:t\nM:4/4\nL:1/4\nK:C\nCDEF|GABc|CDEF|GABc|", phrase: 2)
    rig.isHolding = true
    rig.press(.alternatives, "2-2", count: 4)
    let first = try #require(rig.fills.last)
    let bar = "cBAG".map {
      GeneratedCharacter(character: String($0), bits: 0.1, rank: 1, entropy: 0.1, temperature: 1)
    }
    rig.send(
      .filled(
        FillResult(
          request: first.identifier,
          candidates: first.runs.map {
            FillResult.Candidate(run: $0, pieces: [bar], bits: 0.4, bitsAfter: 1)
          })))
    let second = try #require(rig.fills.last)
    #expect(rig.fills.count == 2)
    #expect(second.runs.count == 3)
    #expect(second.sampling.temperature > first.sampling.temperature)
    #expect(second.sampling.temperature <= 1.6)
    #expect(second.sampling.writing.memory < first.sampling.writing.memory)
    #expect(rig.session.sampling == first.sampling)
    rig.deliver()
    #expect(rig.session.alternatives?.isReady == true)
    #expect(rig.session.alternatives?.candidates.count == 4)
    let drawn = rig.journal.compactMap { entry -> Double? in
      if case .generated(let batch) = entry { batch.sampling?.temperature } else { nil }
    }
    #expect(drawn.last == second.sampling.temperature)
  }

  @Test func `a loop goes on until an alternative is chosen, which begins on a beat`() {
    var rig = rig("X:1\nT:t\nM:4/4\nL:1/4\nK:C\nCDEF|GABc|", phrase: 2)
    rig.press(.loop, "1-2")
    rig.press(.goTo, "1")
    rig.press(.playToggle)
    rig.press(.goTo, "end")
    rig.effects = []
    rig.press(.alternatives, count: 2)
    #expect(rig.session.alternatives?.isReady == true)
    #expect(rig.session.transportWords == "LOOP 1-2")
    let isDisturbed = rig.effects.contains { effect in
      switch effect {
      case .play, .playAtBeat, .updatePlayback, .setLoop, .stopPlaying: true
      default: false
      }
    }
    #expect(!isDisturbed)
    rig.press(.alternativeHear, "2")
    let starts = rig.effects.compactMap { effect -> Int? in
      if case .playAtBeat(_, let tick) = effect { tick.count } else { nil }
    }
    #expect(starts == [8 * Tick.perQuarter])
    #expect(!rig.effects.contains { if case .play = $0 { true } else { false } })
    // Back to the loop in the same way, once they sound.
    rig.send(
      .playerChanged(
        PlayerReport(
          state: .playing, playhead: Tick(9 * Tick.perQuarter), output: "", silence: "")))
    rig.effects = []
    rig.press(.cancel)
    #expect(
      rig.effects.contains { if case .playAtBeat(_, from: .zero) = $0 { true } else { false } })
    #expect(rig.session.transportWords == "LOOP 1-2")
  }
}
