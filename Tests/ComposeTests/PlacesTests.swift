import Compose
import Testing

@Suite struct PlacesTests {
  @Test(arguments: [
    // In front of it, behind it, at its edges, inside it.
    (2, 2, 2), (10, 9, 9), (4, 4, 4), (8, 7, 7), (6, 4, 7),
  ])
  func `a position follows a replacement`(place: Int, before: Int, after: Int) {
    let edit = Edit(4..<8, "abc")
    #expect(edit.moved(place, .before) == before)
    #expect(edit.moved(place, .after) == after)
  }

  @Test func `a position goes to the side asked for where text is put in`() {
    let edit = Edit(4..<4, "abc")
    #expect(edit.moved(4, .before) == 4)
    #expect(edit.moved(4, .after) == 7)
    #expect(edit.moved(3, .after) == 3)
    #expect(edit.moved(5, .before) == 8)
  }

  private func rig(_ body: String) -> Rig {
    var rig = Rig()
    rig.send(.pasted("X:1\nT:t\nM:4/4\nL:1/4\nK:C\n\(body)"))
    return rig
  }

  private func looped(_ rig: Rig) -> String? {
    rig.session.loop.map {
      let bytes = rig.session.score.bytes(ofBars: $0)
      return rig.text.text(atBytes: bytes)
    }
  }

  @Test func `a loop plays the same bars when bars are put in before it`() {
    var rig = rig("CDEF|GABc|cBAG|FEDC|")
    rig.run("loop 3-4")
    rig.press(.goTo, "1")
    rig.press(.copy)
    rig.press(.paste)
    #expect(rig.text.hasSuffix("CDEF|CDEF|GABc|cBAG|FEDC|"))
    #expect(looped(rig) == "cBAG|FEDC|")
    rig.press(.undo)
    #expect(looped(rig) == "cBAG|FEDC|")
  }

  @Test func `a loop whose bars are transposed is still a loop of them`() {
    var rig = rig("CDEF|GABc|cBAG|FEDC|")
    rig.run("loop 2-3")
    rig.run("transpose 2")
    #expect(rig.session.transportWords == "STOP")
    #expect(rig.session.loop.map { rig.session.score.bytes(ofBars: $0).count } != nil)
    #expect(rig.session.loop == 1...2)
  }

  @Test func `a loop ends when its bars are deleted`() {
    var rig = rig("CDEF|GABc|cBAG|")
    rig.run("loop 2")
    rig.press(.goTo, "2")
    rig.press(.cut)
    #expect(rig.session.loop == nil)
  }

  @Test func `the cursor follows the model until the musician puts it elsewhere`() {
    var sampling = Rig.fast
    sampling.pace = .type(30)
    var rig = Rig(sampling: sampling)
    rig.press(.generateToggle)
    rig.wait(milliseconds: 1500)
    #expect(rig.session.cursor == rig.session.head)
    #expect(rig.session.head == rig.text.utf8.count)
    rig.press(.goTo, "1")
    let cursor = rig.session.cursor
    rig.wait(milliseconds: 500)
    #expect(rig.session.cursor == cursor)
  }

  @Test func `what is typed after the model wrote stands behind its last note`() {
    var rig = Rig()
    rig.press(.generateToggle)
    let written = rig.text
    rig.press(.insert)
    rig.type("zz|")
    rig.send(.editKeyPressed(.escape))
    #expect(rig.text == written + "zz|")
  }
}
