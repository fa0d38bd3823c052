import ABC
import Compose
import Testing

@Suite struct SelectionTransformTests {
  static let header = "X:1\nT:Eight Bars\nM:4/4\nL:1/8\nK:D\n"
  static let reel =
    header + "|:D2FA d2AF|E2GB e2BG|FADF AdfA|c2BA G2FE|\n"
    + "D2FA d2AF|E2GB egfe|dcBA GFEG|F2D2 D4:|\n"

  private func rig(_ text: String = SelectionTransformTests.reel, select bars: String) -> Rig {
    var rig = Rig()
    rig.send(.pasted(text))
    rig.press(.select, bars)
    return rig
  }

  @Test func `retrograde turns the selected bars round and no others`() {
    var rig = rig(select: "3-4")
    rig.press(.retrograde)
    #expect(
      rig.text
        == Self.reel.replacing("FADF AdfA|c2BA G2FE|", with: "EFG2ABc2|AfdAFDAF|"))
    #expect(rig.session.score.completeBars == 8)
    #expect(rig.session.parsed.diagnostics.isEmpty)
  }

  @Test func `bars are turned round over a line end, in the key that holds there`() {
    let text = Self.header + "DEFG ABcd|[K:C]f4 e4|\nc4 d4|]\n"
    var rig = rig(text, select: "2-3")
    rig.press(.retrograde)
    // The change of key stays where it is.
    #expect(rig.text == Self.header + "DEFG ABcd|[K:C]d4c4|\ne4f4|]\n")
  }

  @Test func `each voice of a selection is turned round by itself`() {
    let text =
      "X:1\nT:t\nM:4/4\nL:1/4\nK:C\nV:1\nV:2\n[V:1] CDEF|GABc|\n[V:2] C,D,E,F,|G,4|\n"
    var rig = rig(text, select: "all")
    rig.press(.retrograde)
    #expect(rig.text.hasSuffix("[V:1] cBAG|FEDC|\n[V:2] G,4|F,E,D,C,|\n"))
  }

  @Test func `a repeat that begins before the selection is not written out`() {
    var rig = rig(select: "7-8")
    rig.press(.unfold)
    #expect(rig.text == Self.reel)
    #expect(
      rig.session.message?.text
        == "unfold: the repeat begins before the selection: select bars 1-8, or end it (Esc)")
  }

  @Test func `the whole strain is written out, and sounds as before`() {
    let text = Self.reel + "|:d4 e4|f8:|\n"
    var rig = rig(text, select: "1-8")
    let before = rig.session.score.performance.notes.map(\.pitch)
    rig.press(.unfold)
    #expect(rig.session.score.completeBars == 18)
    #expect(rig.text.hasSuffix("|:d4 e4|f8:|\n"))
    #expect(rig.session.score.performance.notes.map(\.pitch) == before)
    #expect(rig.session.parsed.diagnostics.isEmpty)
  }

  @Test func `steps and inversion change the selected bars only`() {
    var steps = rig(select: "2")
    steps.press(.transpose, "1 steps")
    #expect(steps.text == Self.reel.replacing("|E2GB e2BG|", with: "|F2Ac f2cA|"))
    var inverted = rig(select: "2")
    inverted.press(.invert)
    #expect(inverted.text == Self.reel.replacing("|E2GB e2BG|", with: "|E2CA, E,2A,C|"))
  }

  @Test func `what would break the bars is refused for a selection`() {
    for (command, argument) in [(CommandName.double, ""), (.halve, ""), (.transpose, "2")] {
      var rig = rig(select: "3-4")
      rig.press(command, argument)
      #expect(rig.text == Self.reel)
      #expect(rig.session.message?.kind == .error)
    }
  }
}
