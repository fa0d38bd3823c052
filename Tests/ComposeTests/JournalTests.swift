import Compose
import Foundation
import Testing

@Suite struct JournalTests {
  /// Something of everything.
  private func busyRig() -> Rig {
    var rig = Rig()
    rig.press(.generateToggle)
    rig.run("temp +0.15")
    rig.press(.barBack)
    rig.press(.retryHere)
    rig.press(.goTo, "3")
    rig.press(.insert)
    rig.type("ab é cd|")
    rig.send(.editKeyPressed(.escape))
    rig.press(.generateToggle)
    rig.press(.undo)
    rig.press(.takePrevious)
    rig.press(.tempo, "+2")
    rig.press(.zoom, "in")
    return rig
  }

  @Test func `a journal read back gives the same draft, takes and undo tree`() {
    let rig = busyRig()
    let rebuilt = rig.rebuilt
    #expect(rebuilt.text == rig.text)
    #expect(rebuilt.history == rig.session.history)
    #expect(rebuilt.sampling == rig.session.sampling)
    #expect(rebuilt.cursor == rig.session.cursor)
    #expect(rebuilt.view == rig.session.view)
  }

  @Test func `a journal survives being written as JSON lines`() throws {
    let rig = busyRig()
    let encoder = JSONEncoder()
    let decoder = JSONDecoder()
    let again = try rig.journal.map {
      try decoder.decode(JournalEntry.self, from: encoder.encode($0))
    }
    var session = Session(title: "untitled-1", rng: 7, sampling: Rig.fast)
    session.restore(again)
    #expect(session.history == rig.session.history)
  }

  @Test func `a journal with lines missing never stops the program`() {
    let rig = busyRig()
    for missing in rig.journal.indices {
      var entries = rig.journal
      entries.remove(at: missing)
      var session = Session(title: "untitled-1", rng: 7, sampling: Rig.fast)
      session.restore(entries)
      #expect(session.records.count == session.text.utf8.count)
      #expect((0...session.text.utf8.count).contains(session.cursor))
    }
  }

  @Test func `a draft replays to the same text, live changes included`() {
    let rig = busyRig()
    let replay = Replay(rig.journal, draw: Rig.draw)
    #expect(replay.difference == nil)
    #expect(replay.characters > 60)
    #expect(replay.text == rig.text)
  }

  @Test func `a replay with another model says where it differs`() {
    let rig = busyRig()
    let replay = Replay(rig.journal) { request in
      var other = request
      other.rng += 1
      return Rig.draw(other)
    }
    #expect(replay.difference != nil)
  }
}
