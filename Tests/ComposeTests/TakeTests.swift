import Compose
import Testing

@Suite struct TakeTests {
  @Test func `a tag names a take, is said, and leads back to it from anywhere`() {
    var rig = AlternativesTests.rig()
    rig.press(.generateToggle)
    let first = rig.text
    rig.run("tag the good one")
    #expect(rig.session.history.current.tag == "the good one")
    rig.press(.retry)
    #expect(rig.text != first)
    rig.press(.takePrevious)
    #expect(rig.session.message?.text == "take 1/2 the good one")
    #expect(rig.session.status(draft: "").takes.tags == ["the good one", ""])
    rig.press(.undo)
    rig.press(.insert)
    rig.type("cccc|")
    rig.send(.editKeyPressed(.escape))
    rig.run("take The Good One")
    #expect(rig.text == first)
  }

  @Test func `a take is found by its number, and one that is not there is refused with what is`() {
    var rig = AlternativesTests.rig()
    rig.press(.generateToggle)
    let first = rig.text
    rig.press(.retry)
    rig.run("take 1")
    #expect(rig.text == first)
    rig.run("tag opening")
    rig.run("take openign")
    #expect(
      rig.session.message?.text
        == "there is no take 'openign': 1 to 2, or opening (did you mean 'opening'?)")
    rig.run("take 7")
    #expect(rig.session.message?.kind == .error)
    #expect(rig.text == first)
  }

  @Test func `a tag says one take, goes with off, and has an end`() {
    var rig = AlternativesTests.rig()
    rig.press(.generateToggle)
    rig.run("tag a")
    let first = rig.session.history.currentIdentifier
    rig.press(.retry)
    rig.run("tag a")
    #expect(rig.session.history.versions[first].tag.isEmpty)
    #expect(rig.session.history.current.tag == "a")
    rig.run("tag off")
    #expect(rig.session.history.versions.allSatisfy { $0.tag.isEmpty })
    rig.run("tag " + String(repeating: "x", count: 41))
    #expect(rig.session.message?.kind == .error)
  }

  @Test func `tags and what was dropped come back from the journal`() {
    var rig = AlternativesTests.rig()
    rig.press(.alternatives)
    rig.press(.alternativeHear, "2")
    rig.press(.alternativeDrop)
    rig.run("tag kept")
    rig.press(.alternativeChoose)
    let status = rig.session.status(draft: "").takes
    #expect(status.dropped.count { $0 } == 1)
    #expect(status.tags.contains("kept"))
    #expect(rig.rebuilt.history == rig.session.history)
    for _ in 0..<status.count where rig.session.message?.text.hasSuffix("(dropped)") != true {
      rig.press(.takeNext)
    }
    #expect(rig.session.history.current.isDropped)
  }

  @Test(arguments: [1, 3, 4])
  func `every loser is reachable after the original was kept, wherever the cursor is`(bar: Int) {
    var rig = Rig()
    rig.send(.fileRead(path: "t.abc", text: FillTests.header + FillTests.body))
    rig.press(.goTo, "3")
    rig.press(.select, "bars")
    rig.press(.goTo, "4")
    rig.press(.alternatives, "here")
    let losers = rig.alternativeTexts.dropFirst()
    rig.press(.cancel)
    rig.press(.goTo, "\(bar)")
    var seen: Set<String> = []
    for _ in 0..<rig.session.takes.count {
      rig.press(.takeNext)
      seen.insert(rig.text)
    }
    for loser in losers { #expect(seen.contains(loser)) }
  }

  @Test func `takes and versions say how many bars they hold, and a file how many warnings`() {
    var rig = Rig()
    rig.send(
      .fileRead(path: "t.abc", text: "X:1\nT:t\nM:4/4\nL:1/4\nK:C\nG|CDEF|GABc|cBA|FED|]\n"))
    #expect(rig.session.message?.text == "opened t.abc: 4 bars, 1 warning (gw shows them)")
    rig.press(.history)
    guard case .picker(let picker) = rig.session.mode else {
      Issue.record("no list is open")
      return
    }
    #expect(picker.choices.map(\.detail) == ["here, 4 bars", "0 bars"])
  }
}
