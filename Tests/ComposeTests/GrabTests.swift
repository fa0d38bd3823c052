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
    var rig = rig("D2FA dAFA|")
    rig.press(.grab)
    rig.press(.grab, "longer")
    #expect(body(rig) == "D2FA dAFA|")
    #expect(rig.session.message?.text == "its neighbours in the bar have no room for that")
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
}
