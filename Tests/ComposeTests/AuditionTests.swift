import ABC
import Compose
import Music
import Testing

/// Hearing alternatives: what loops, what is said of them, more like one, and what was heard kept.
@Suite struct AuditionTests {
  static let tune = "X:1\nT:t\nM:4/4\nL:1/4\nK:C\nCDEF|GABc|cBAG|FEDC|"

  private func filled(_ bars: String = "3-4") -> Rig {
    var rig = Rig()
    rig.send(.fileRead(path: "t.abc", text: Self.tune))
    rig.run("alt \(bars)")
    return rig
  }

  @Test func `0 brings the musician's own loop back, on the beat`() {
    var rig = AlternativesTests.rig()
    rig.press(.loop, "1-2")
    rig.press(.goTo, "1")
    rig.press(.playToggle)
    rig.press(.goTo, "end")
    rig.press(.alternatives, count: 2)
    rig.press(.alternativeHear, "1")
    #expect(rig.session.transportWords == "LOOP 3-4")
    rig.hear(quarter: 9)
    rig.effects = []
    rig.press(.alternativeHear, "0")
    #expect(rig.session.transportWords == "LOOP 1-2")
    #expect(rig.text == AlternativesTests.seed)
    #expect(
      rig.effects.contains { if case .playAtBeat(_, from: .zero) = $0 { true } else { false } })
    #expect(
      !rig.effects.contains {
        switch $0 {
        case .play, .stopPlaying: true
        default: false
        }
      })
    #expect(rig.session.player.state == .playing)
  }

  @Test func `the beats in which an alternative differs are said`() {
    var rig = Rig()
    rig.send(.fileRead(path: "t.abc", text: Self.tune))
    rig.isHolding = true
    rig.run("alt 3-4")
    let request = rig.fills[0]
    func piece(_ text: String) -> [GeneratedCharacter] {
      text.map {
        GeneratedCharacter(character: String($0), bits: 1, rank: 1, entropy: 1, temperature: 1)
      }
    }
    let pieces = [["cBAA", "FEDC"], ["cBAG", "cEEC"], ["c4", "c4"], ["GGGG", "AEAC"]]
    rig.send(
      .filled(
        FillResult(
          request: request.identifier,
          candidates: zip(request.runs, pieces).map {
            FillResult.Candidate(run: $0, pieces: $1.map(piece), bits: 1, bitsAfter: 0)
          })))
    var words: [String] = []
    for number in 1...4 {
      rig.run("alt.hear \(number)")
      words.append(rig.session.alternativeDifference)
    }
    #expect(
      words == [
        "differs in bar 3 beat 4; ends on C", "differs in bar 4 beats 1 3; ends on C",
        "differs in bars 3-4; ends on c (length 4)",
        "differs in bar 3 beats 1 2 3, bar 4 beats 1 3; ends on C",
      ])
    rig.run("alt.hear 0")
    #expect(rig.session.alternativeDifference.isEmpty)
  }

  @Test func `bars that the original does not have are new`() {
    var rig = AlternativesTests.rig()
    rig.press(.alternatives, count: 2)
    #expect(rig.session.alternativeDifference.hasPrefix("bars 3-4 are new; ends on "))
  }

  @Test func `more like one keeps its beginning, and the one itself`() throws {
    var rig = filled("1-4")
    rig.press(.alternativeHear, "2")
    let shown = rig.text
    let beginning = String(body(shown).prefix(10))
    rig.press(.alternativeMore)
    let texts = rig.alternativeTexts
    #expect(texts.count == 5)
    #expect(texts[1] == shown)
    #expect(rig.session.alternatives?.selected == 1)
    for text in texts.dropFirst() {
      #expect(String(body(text).prefix(10)) == beginning)
      #expect(Score(text: text).completeBars == 4)
    }
    #expect(Set(texts).count == 5)
    let distances = try #require(rig.session.alternatives).candidates.dropFirst().map {
      $0.distance ?? -1
    }
    #expect(distances == distances.sorted())
    #expect(distances.allSatisfy { $0 >= 0 })
    #expect(rig.rebuilt.history == rig.session.history)
    #expect(Replay(rig.journal, draw: Rig.draw).difference == nil)
  }

  /// What follows the header.
  private func body(_ text: String) -> String {
    String(text.dropFirst(Self.tune.count - "CDEF|GABc|cBAG|FEDC|".count))
  }

  @Test func `more like the next phrase keeps half of its bars`() {
    var rig = AlternativesTests.rig(phrase: 6)
    rig.press(.alternatives, count: 3)
    rig.press(.alternativeHear, "3")
    let shown = rig.text
    rig.press(.alternativeMore)
    let kept = String(shown.prefix(AlternativesTests.seed.count + 10))
    #expect(kept.hasSuffix("|"))
    for text in rig.alternativeTexts.dropFirst() {
      #expect(text.hasPrefix(kept))
      #expect(Score(text: text).completeBars == 6)
    }
    rig.press(.alternativeChoose)
    #expect(rig.text == shown)
    #expect(Replay(rig.journal, draw: Rig.draw).difference == nil)
  }

  @Test func `the original has nothing more like it`() {
    var rig = filled()
    rig.press(.alternativeHear, "0")
    rig.press(.alternativeMore)
    #expect(rig.session.message?.text.hasPrefix("that is the original") == true)
    #expect(rig.alternativeTexts.count == 5)
  }

  @Test func `what was heard, beat by beat, is kept as an alternative and a take`() throws {
    var rig = filled()
    let texts = rig.alternativeTexts
    rig.press(.alternativeHear, "1")
    for beat in 8..<10 { rig.hear(quarter: Double(beat) + 0.1) }
    // Asked for in beat 2 of bar 3, heard from beat 3 on.
    rig.press(.alternativeHear, "2")
    rig.hear(quarter: 9.6)
    for beat in 10..<13 { rig.hear(quarter: Double(beat) + 0.1) }
    rig.press(.alternativeHear, "0")
    for beat in 13..<16 { rig.hear(quarter: Double(beat) + 0.1) }
    rig.press(.alternativeComp)
    func bars(_ text: String) -> [[Character]] {
      body(text).split(separator: "|").map { Array($0).filter { $0 != " " } }
    }
    let (one, two, original) = (bars(texts[1]), bars(texts[2]), bars(texts[0]))
    let heard = bars(rig.text)
    #expect(heard[2] == Array(one[2][0..<2] + two[2][2..<4]))
    #expect(heard[3] == Array(two[3][0..<1] + original[3][1..<4]))
    #expect(heard[0] == original[0])
    #expect(rig.session.parsed.diagnostics.isEmpty)
    #expect(rig.session.message?.text.hasPrefix("what was heard is alternative 5") == true)
    let kept = rig.text
    rig.press(.alternativeChoose)
    #expect(rig.text == kept)
    #expect(rig.session.history.current.tag.hasPrefix("as heard"))
    #expect(rig.rebuilt.history == rig.session.history)
  }

  @Test func `of the next phrase only the phrase is put together`() throws {
    var rig = AlternativesTests.rig(phrase: 6)
    rig.press(.lock, "1")
    let original = rig.text
    rig.press(.alternatives, count: 3)
    let texts = rig.alternativeTexts
    // Each is as long as the tune was and what is written.
    let first = Double(4 * Score(text: original).completeBars)
    rig.press(.alternativeHear, "1")
    for beat in 0..<6 { rig.hear(quarter: first + Double(beat) + 0.1) }
    rig.press(.alternativeHear, "2")
    for beat in 6..<12 { rig.hear(quarter: first + Double(beat) + 0.1) }
    // Of the original the bars before are heard: they are nobody's choice.
    rig.press(.alternativeHear, "0")
    for beat in 0..<8 { rig.hear(quarter: Double(beat) + 0.1) }
    rig.press(.alternativeComp)
    #expect(rig.session.message?.text.hasPrefix("what was heard is alternative 4") == true)
    #expect(rig.text.hasPrefix(original))
    #expect(!texts.contains(rig.text))
    #expect(Score(text: rig.text).completeBars == Score(text: texts[1]).completeBars)
    let kept = rig.text
    rig.press(.alternativeChoose)
    #expect(rig.text == kept)
  }

  @Test func `what was let go is no model for others any more`() {
    var rig = filled()
    rig.press(.alternativeHear, "1")
    rig.press(.alternativeMore)
    let shown = rig.text
    rig.press(.alternativeHold)
    rig.press(.alternativeReroll)
    #expect(rig.session.alternatives?.candidates.allSatisfy { $0.distance == nil } == true)
    #expect(rig.fills.last?.document != shown)
  }

  @Test func `nothing is kept of what was not heard, nor of one alone`() {
    var rig = filled()
    rig.press(.alternativeComp)
    #expect(rig.session.message?.text.hasPrefix("nothing of these was heard yet") == true)
    rig.press(.alternativeHear, "1")
    rig.hear(quarter: 8.1)
    rig.hear(quarter: 9.1)
    rig.press(.alternativeComp)
    #expect(rig.session.message?.text == "only 1 was heard: nothing to put together")
    #expect(rig.alternativeTexts.count == 5)
  }
}
