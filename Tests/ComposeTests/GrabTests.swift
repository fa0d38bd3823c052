import ABC
import Compose
import Testing

@Suite struct GrabTests {
  static let header = "X:1\nT:t\nM:4/4\nL:1/8\nK:D\n"

  private func rig(_ body: String, at note: Int = 0) -> Rig {
    var rig = Rig()
    rig.send(.pasted(Self.header + body))
    rig.press(.goTo, "1")
    if note > 0 { rig.press(.move, "right", count: note) }
    return rig
  }

  private func body(_ rig: Rig) -> String { String(rig.text.dropFirst(Self.header.count)) }

  @Test(arguments: [
    ("up", "D2G2 A2d2|"), ("down", "D2E2 A2d2|"), ("sharp", "D2G2 A2d2|"),
    ("flat", "D2=F2 A2d2|"), ("longer", "D2F3 Ad2|"), ("shorter", "D2F A3d2|"),
    ("later", "D3F2 Ad2|"), ("earlier", "DF2 A3d2|"),
  ])
  func `a note moves and its bar keeps its sum`(way: String, result: String) {
    var rig = rig("D2F2 A2d2|", at: 1)
    rig.press(.grab)
    #expect(rig.session.mode == .grab)
    rig.press(.grab, way)
    #expect(body(rig) == result)
    #expect(rig.session.parsed.diagnostics.isEmpty)
    #expect(rig.session.parsed.bars[0].length == rig.session.parsed.header.barLength)
    rig.press(.cancel)
    #expect(rig.session.mode == .normal)
  }

  @Test func `a visit is one undo step, and the cursor stays with the note`() {
    var rig = rig("D2FA dAFA|")
    let depth = rig.session.history.depth
    rig.press(.grab)
    for way in ["up", "up", "sharp", "shorter"] { rig.press(.grab, way) }
    #expect(body(rig) == "GF2A dAFA|")
    #expect(rig.text.text(atBytes: rig.session.cursor..<rig.session.cursor + 1) == "G")
    rig.press(.cancel)
    #expect(rig.session.history.depth == depth + 1)
    rig.press(.undo)
    #expect(body(rig) == "D2FA dAFA|")
  }

  @Test func `a length that would leave a neighbour nothing is refused`() {
    var rig = rig("D2F/4A7/4 dAFA|")
    rig.press(.grab)
    rig.press(.grab, "longer")
    #expect(body(rig) == "D2F/4A7/4 dAFA|")
    #expect(rig.session.message?.text == "its neighbours in the bar have no room for that")
    rig.press(.grab, "earlier")
    #expect(rig.session.message?.text == "it has no neighbour in the bar to give or take time")
    rig.press(.grab, "sideways")
    #expect(rig.session.message?.kind == .error)
  }

  @Test func `a semitone changes no other note`() {
    var rig = rig("F2FA dAFA|")
    let before = rig.session.parsed.notes.dropFirst().map(\.pitch)
    rig.press(.grab, "up")
    rig.press(.grab, "sharp")
    let notes = rig.session.parsed.notes
    #expect(notes[0].pitch?.key == 68)
    #expect(notes.dropFirst().map(\.pitch) == before)
  }

  @Test func `a locked note stays`() {
    var rig = rig("D2FA dAFA|F2FA dAFA|")
    rig.press(.lock, "1")
    rig.press(.grab, "up")
    #expect(body(rig) == "D2FA dAFA|F2FA dAFA|")
    #expect(rig.session.message?.text.hasPrefix("bar 1 is locked") == true)
  }

  @Test(arguments: [
    ("longer", "DF3/2A/ dAFA|"), ("shorter", "DF/A3/2 dAFA|"), ("later", "D3/2FA/ dAFA|"),
    ("earlier", "D/FA3/2 dAFA|"),
  ])
  func `where a neighbour is one unit long the grid gets finer`(way: String, result: String) {
    var rig = rig("DFA dAFA|", at: 1)
    rig.press(.grab)
    rig.press(.grab, way)
    #expect(body(rig) == result)
    let length = rig.session.parsed.bars[0].length
    rig.press(.grab, way)
    #expect(body(rig).contains("/4"))
    #expect(rig.session.parsed.bars[0].length == length)
  }

  @Test func `grace notes are no neighbours`() {
    var rig = rig("e2 {=fe}d2 A4|")
    rig.press(.grab)
    rig.press(.grab, "longer")
    #expect(body(rig) == "e3 {=fe}d A4|")
  }

  @Test func `notes behind one that moves keep their pitch`() {
    var rig = rig("efgg abag|", at: 2)
    rig.press(.grab, "sharp")
    #expect(body(rig) == "ef^g=g abag|")
    rig = self.rig("ef_ag a2_bb|", at: 3)
    let pitches = rig.session.parsed.notes.map(\.pitch?.key)
    // To the scale's own note, whatever sign stands before it in the bar.
    rig.press(.grab, "up")
    #expect(rig.session.parsed.notes[3].pitch?.key == 81)
    let others = rig.session.parsed.notes.map(\.pitch?.key)
    #expect(zip(pitches, others).enumerated().allSatisfy { $0 == 3 || $1.0 == $1.1 })
    // A sign that moves away is written where it was meant, too.
    rig = self.rig("_b2ba b4|")
    let before = rig.session.parsed.notes.map(\.pitch?.key)
    rig.press(.grab, "down")
    let after = rig.session.parsed.notes.map(\.pitch?.key)
    #expect(after.dropFirst() == before.dropFirst())
    #expect(body(rig) == "_a2_b=a b4|")
  }
}
