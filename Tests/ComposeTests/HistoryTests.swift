import Compose
import Testing

@Suite struct HistoryTests {
  @Test func `bar back drops the last bar and cuts at a bar line`() {
    var rig = Rig()
    rig.press(.generateToggle)
    let whole = rig.text
    rig.press(.barBack)
    rig.press(.barBack)
    #expect(whole.hasPrefix(rig.text))
    #expect(rig.text.hasSuffix("|"))
    #expect(rig.session.score.completeBars == 6)
  }

  @Test func `bar back in mid-bar drops only what is not closed yet`() {
    var rig = Rig()
    rig.press(.generateToggle)
    rig.press(.generateStep, count: 2)
    rig.press(.barBack)
    #expect(rig.session.score.completeBars == 8)
    #expect(rig.text.hasSuffix("|"))
  }

  @Test func `bar back never reaches into the header`() {
    var rig = Rig()
    rig.press(.generateToggle)
    rig.press(.barBack, count: 99)
    #expect(rig.text == "X:1\nT:untitled-1\nM:4/4\nL:1/4\nK:D\n")
    rig.press(.barBack)
    #expect(rig.text.hasSuffix("K:D\n"))
  }

  @Test func `retry makes another ending and keeps the old one as a take`() {
    var rig = Rig()
    rig.press(.generateToggle)
    let first = rig.text
    rig.press(.barBack)
    rig.press(.barBack)
    let start = rig.text
    rig.press(.retryHere)
    let second = rig.text
    #expect(second.hasPrefix(start))
    #expect(second != first)
    rig.press(.takePrevious)
    #expect(rig.text == first)
    #expect(rig.session.message?.text == "take 1/2")
    rig.press(.takeNext)
    #expect(rig.text == second)
    #expect(rig.session.message?.text == "take 2/2")
  }

  @Test func `undo walks back through everything and redo returns`() {
    var rig = Rig()
    rig.press(.generateToggle)
    let first = rig.text
    rig.press(.barBack)
    rig.press(.barBack)
    rig.press(.retryHere)
    let second = rig.text
    var seen: [String] = []
    for _ in 0..<4 {
      rig.press(.undo)
      seen.append(rig.text)
    }
    #expect(seen.contains(first))
    #expect(seen.last == "")
    for _ in 0..<4 { rig.press(.redo) }
    #expect(rig.text == second)
  }

  @Test func `undo while the model writes pauses it first`() {
    var sampling = Rig.fast
    sampling.pace = .type(30)
    var rig = Rig(sampling: sampling)
    rig.press(.generateToggle)
    rig.wait(milliseconds: 2000)
    let written = rig.text
    rig.press(.undo)
    #expect(rig.session.generator != .running)
    #expect(rig.text == "")
    rig.wait(milliseconds: 500)
    #expect(rig.text == "")
    rig.press(.redo)
    #expect(rig.text == written)
  }

  @Test func `retrying the last run three times keeps three takes`() {
    var rig = Rig()
    rig.press(.generateToggle)
    var texts: Set<String> = [rig.text]
    for _ in 0..<2 {
      rig.press(.retry)
      texts.insert(rig.text)
    }
    #expect(texts.count == 3)
    #expect(rig.session.takes.count == 3)
  }

  @Test func `a visit to INSERT is one undo step`() {
    var rig = Rig()
    rig.press(.generateToggle)
    let before = rig.text
    rig.press(.goTo, "4")
    rig.press(.insert)
    for letter in "abcd|" { rig.type(String(letter)) }
    rig.send(.editKeyPressed(.escape))
    #expect(rig.session.score.completeBars == 9)
    rig.press(.undo)
    #expect(rig.text == before)
  }

  @Test func `the model goes on from a hand edit in the middle`() {
    var rig = Rig()
    rig.press(.generateToggle)
    rig.press(.goTo, "4")
    rig.press(.insert)
    rig.type("ABcd|")
    rig.send(.editKeyPressed(.escape))
    let cursor = rig.session.cursor
    let before = rig.text
    rig.press(.generateToggle)
    #expect(rig.text.utf8.prefix(cursor).elementsEqual(before.utf8.prefix(cursor)))
    #expect(rig.text != before)
    #expect(rig.session.score.completeBars == 8)
    rig.press(.undo)
    rig.press(.undo)
    #expect(rig.session.score.completeBars == 8)
  }

  @Test func `leaving INSERT without a change is no step`() {
    var rig = Rig()
    rig.press(.generateToggle)
    let depth = rig.session.history.depth
    rig.press(.insert)
    rig.send(.editKeyPressed(.escape))
    #expect(rig.session.history.depth == depth)
  }

  @Test func `hand, paste and model are remembered for every byte`() {
    var rig = Rig()
    rig.press(.insert)
    rig.type("K:D\nDEé")
    rig.send(.editKeyPressed(.escape))
    rig.press(.generateBar)
    let session = rig.session
    #expect(session.records.count == session.text.utf8.count)
    #expect(session.records.contains { $0.origin == .hand })
    #expect(session.records.last?.origin == .model)
  }
}
