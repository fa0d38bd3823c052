import ABC
import Compose
import Testing

/// GRAB by mouse, as the session sees it.
@Suite struct DragTests {
  private func rig(_ body: String = "D2FA dAFA|", note: Int = 1) -> Rig {
    var rig = Rig()
    rig.send(.fileRead(path: "t.abc", text: GrabTests.header + body))
    let held = rig.session.parsed.notes[note]
    rig.send(.noteHeld(byte: held.range.lowerBound, time: held.start.value + 0.01))
    return rig
  }

  private func body(_ rig: Rig) -> String { String(rig.text.dropFirst(GrabTests.header.count)) }

  private func drag(
    _ rig: inout Rig, keys: [Int], by eighths: Double = 0, chromatic: Bool = false
  ) {
    let start = 0.25 + eighths / 8 + 0.01
    rig.send(.noteDragged(NoteDrag(keys: keys, time: start, isChromatic: chromatic)))
  }

  @Test func `up and down goes by steps of the key, and only the note's own letters change`() {
    var rig = rig()
    let depth = rig.session.history.depth
    drag(&rig, keys: [67])
    #expect(body(rig) == "D2GA dAFA|")
    drag(&rig, keys: [73])
    #expect(body(rig) == "D2cA dAFA|")
    // A row that the key has no note for: the step beyond it.
    drag(&rig, keys: [63])
    #expect(body(rig) == "D2DA dAFA|")
    #expect(rig.session.mode == .grab)
    rig.send(.noteReleased)
    #expect(rig.session.mode == .normal)
    #expect(rig.session.history.depth == depth + 1)
    rig.press(.undo)
    #expect(body(rig) == "D2FA dAFA|")
  }

  @Test func `with a modifier it goes by semitones`() {
    var rig = rig()
    drag(&rig, keys: [65], chromatic: true)
    #expect(rig.session.parsed.notes[1].pitch?.key == 65)
    #expect(rig.session.parsed.notes.dropFirst(2).map(\.pitch?.key) == [69, 74, 69, 66, 69])
  }

  @Test func `to and fro goes by the unit as far as there is room, and the bar keeps its sum`() {
    var rig = rig("D2F2 A2d2|")
    drag(&rig, keys: [66], by: 1)
    #expect(body(rig) == "D3F2 Ad2|")
    drag(&rig, keys: [66], by: 9)
    #expect(body(rig) == "D3F2 Ad2|")
    drag(&rig, keys: [66], by: -1)
    #expect(body(rig) == "DF2 A3d2|")
    #expect(rig.session.parsed.bars[0].length == rig.session.parsed.header.barLength)
  }

  @Test func `a click alone changes nothing, and a locked note stays`() {
    var rig = rig()
    rig.send(.noteReleased)
    #expect(rig.session.mode == .normal)
    #expect(!rig.session.isHoldingNote)
    #expect(rig.session.cursor == rig.session.parsed.notes[1].range.lowerBound)
    rig.run("lock 1")
    let held = rig.session.parsed.notes[1]
    rig.send(.noteHeld(byte: held.range.lowerBound, time: held.start.value))
    drag(&rig, keys: [69])
    #expect(body(rig) == "D2FA dAFA|")
  }
}
