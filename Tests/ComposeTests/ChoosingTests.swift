import ABC
import Compose
import Testing

@Suite struct ChoosingTests {
  static let tune = "X:1\nT:t\nM:4/4\nL:1/4\nK:C\nCDEF|GABc|cBAG|FEDC|"

  /// The cursor at a bar of the tune, and what is likely there told.
  private func rig(bar: String = "3") -> Rig {
    var rig = Rig()
    rig.send(.fileRead(path: "t.abc", text: Self.tune))
    rig.effects = []
    rig.press(.goTo, bar)
    answer(&rig)
    return rig
  }

  private func answer(_ rig: inout Rig) {
    let asked = rig.effects.compactMap { effect -> GenerationRequest? in
      if case .generate(let request) = effect { request } else { nil }
    }
    guard let request = asked.last(where: { $0.count == 0 }) else {
      Issue.record("what is likely was not asked for")
      return
    }
    rig.send(
      .nextCharactersFound(
        [
          NextCharacter(character: "c", probability: 0.5),
          NextCharacter(character: "e", probability: 0.25),
          NextCharacter(character: "|", probability: 0.1),
        ], entropy: 1.5, request: request.identifier))
  }

  @Test func `what is likely is asked for where the cursor comes to stand, once`() {
    var rig = Rig()
    rig.send(.fileRead(path: "t.abc", text: Self.tune))
    for bar in ["3", "2"] {
      rig.effects = []
      rig.press(.goTo, bar)
      let asked = rig.effects.compactMap { effect -> GenerationRequest? in
        if case .generate(let request) = effect { request } else { nil }
      }
      #expect(asked.map(\.count) == [0])
      #expect(asked.first?.text == rig.text.text(atBytes: 0..<rig.session.cursor))
    }
    rig.effects = []
    rig.press(.messages)
    #expect(rig.effects.allSatisfy { if case .generate = $0 { false } else { true } })
    #expect(rig.session.standingCharacter == "G")
  }

  @Test func `the likely characters are walked in a circle, and Enter forks a take with one`() {
    var rig = rig()
    let cursor = rig.session.cursor
    rig.press(.insert)
    answer(&rig)
    #expect(rig.session.chosenCharacter == nil)
    rig.press(.choose, "next")
    rig.press(.choose, "next")
    #expect(rig.session.chosenCharacter == 1)
    #expect(
      rig.session.message?.text
        == "'e' 25 % (Enter writes on from it; the old ending stays a take)")
    rig.press(.choose, "prev")
    rig.press(.choose, "prev")
    #expect(rig.session.chosenCharacter == 2)
    rig.press(.choose, "prev")
    #expect(rig.text == Self.tune)
    rig.send(.editKeyPressed(.enter))
    #expect(rig.session.mode == .normal)
    #expect(rig.text.hasPrefix(Self.tune.text(atBytes: 0..<cursor) + "e"))
    #expect(rig.session.generator == .done(.phrase))
    #expect(rig.session.score.completeBars == 8)
    #expect(rig.session.parsed.diagnostics.isEmpty)
    // The old ending is the other take from there.
    #expect(rig.session.takes.count == 2)
    rig.press(.takePrevious)
    #expect(rig.text == Self.tune)
    #expect(rig.rebuilt.history == rig.session.history)
  }

  @Test func `before locked bars only the bars between are written anew`() {
    var rig = rig()
    rig.press(.lock, "4")
    rig.press(.goTo, "3")
    answer(&rig)
    rig.press(.choose, "next")
    rig.press(.choose, "take")
    #expect(rig.text.hasPrefix("X:1\nT:t\nM:4/4\nL:1/4\nK:C\nCDEF|GABc|c"))
    #expect(rig.text.hasSuffix("|FEDC|"))
    #expect(!rig.text.contains("cBAG"))
    #expect(rig.session.score.completeBars == 4)
  }

  @Test func `any other key lets the choice go`() {
    var rig = rig()
    rig.press(.insert)
    answer(&rig)
    rig.press(.choose, "next")
    rig.send(.editKeyPressed(.left))
    #expect(rig.session.chosenCharacter == nil)
    rig.send(.editKeyPressed(.enter))
    #expect(rig.text != Self.tune)
    #expect(rig.session.mode == .insert)
    rig.press(.choose, "sideways")
    #expect(rig.session.message?.kind == .error)
  }
}
