import ABC
import Music
import Neural
import Testing

@testable import Compose

/// Key, meter, unit and tempo changed where there is music already.
@Suite struct SectionTests {
  static let header = "X:1\nT:t\nM:4/4\nL:1/4\nK:C\n"

  private func rig(_ body: String = "CDEF|GABc|", at place: String = "end") -> Rig {
    var rig = Rig()
    rig.send(.fileRead(path: "t.abc", text: Self.header + body))
    rig.press(.goTo, place)
    return rig
  }

  @Test func `at the end fields begin a section with lines of their own`() {
    var rig = rig()
    let before = rig.session.parsed.notes
    rig.run("section K:G M:3/4")
    #expect(rig.text == Self.header + "CDEF|GABc|\nM:3/4\nK:G\n")
    #expect(rig.session.message?.text == "M:3/4 K:G from bar 3 on (u takes it back)")
    #expect(rig.session.parsed.notes.map(\.pitch) == before.map(\.pitch))
    #expect(rig.session.parsed.diagnostics.isEmpty)
    #expect(rig.session.head == rig.text.utf8.count)
    rig.press(.undo)
    #expect(rig.text == Self.header + "CDEF|GABc|")
    #expect(rig.rebuilt.history == rig.session.history)
  }

  @Test func `in the middle they stand before the cursor's bar`() {
    var rig = rig("CDEF|GABc|cBAG|FEDC|\n", at: "3")
    rig.run("section Q:1/4=90")
    #expect(rig.text == Self.header + "CDEF|GABc|\nQ:1/4=90\ncBAG|FEDC|\n")
    #expect(rig.session.message?.text.hasPrefix("Q:1/4=90 from bar 3 on") == true)
  }

  @Test func `before the first bar the header says it`() {
    var rig = rig(at: "1")
    rig.run("section K:G")
    #expect(rig.text == Self.header.replacing("K:C", with: "K:G") + "CDEF|GABc|")
    #expect(rig.session.message?.text.hasPrefix("K:G from the first bar on") == true)
  }

  @Test func `in several voices each has them at the same bar`() {
    var rig = Rig()
    let head = "X:1\nT:t\nM:4/4\nL:1/4\nK:C\nV:1\nV:2\n"
    rig.send(
      .fileRead(path: "t.abc", text: head + "[V:1] CDEF|GABc|cBAG|\n[V:2] C,4|D,4|E,4|\n"))
    rig.press(.goTo, "3")
    rig.run("section K:G")
    #expect(
      rig.text == head + "[V:1] CDEF|GABc|[K:G]cBAG|\n[V:2] C,4|D,4|[K:G]E,4|\n")
    #expect(rig.session.message?.text.hasPrefix("K:G from bar 3 on") == true)
  }

  @Test(arguments: [
    ("section X:2", "'X:' begins no section: write M:, L:, Q: or K:"),
    ("section blue", "'blue' is no field: write M:6/8, L:1/16, Q:1/4=100 or K:G"),
  ])
  func `what begins no section is refused`(line: String, sentence: String) {
    var rig = rig()
    rig.run(line)
    #expect(rig.session.message?.text == sentence)
    #expect(rig.text == Self.header + "CDEF|GABc|")
  }

  @Test func `a value that is none is refused, and so is the middle of a bar`() {
    var rig = rig()
    rig.run("section M:six")
    #expect(rig.session.message?.text.hasPrefix("M:six: ") == true)
    rig = self.rig("CDEF|GA")
    rig.run("section K:G")
    #expect(rig.session.message?.text.hasPrefix("bar 2 is not finished") == true)
    #expect(rig.text == Self.header + "CDEF|GA")
  }

  @Test func `the header form begins a section behind the first bar, and shows what holds there`() {
    var rig = rig("CDEF|GABc|\nK:G\nGABc|dcBA|\n")
    rig.press(.header)
    guard case .header(let form) = rig.session.mode else {
      Issue.record("no form is open")
      return
    }
    #expect(form.fromBar == 5)
    #expect(form.fields.first { $0.letter == "K" }?.value.text == "G")
    #expect(form.fields.first { $0.letter == "M" }?.value.text == "4/4")
    for _ in 0..<(form.fields.firstIndex { $0.letter == "M" } ?? 0) {
      rig.send(.editKeyPressed(.down))
    }
    rig.send(.editKeyPressed(.clear))
    rig.type("6/8")
    rig.send(.editKeyPressed(.enter))
    #expect(rig.text == Self.header + "CDEF|GABc|\nK:G\nGABc|dcBA|\nM:6/8\n")
    #expect(rig.session.message?.text.hasPrefix("M:6/8 from bar 5 on") == true)
  }

  @Test(arguments: ["CDEF|[M:3/4]", "CDEF|\nM:3/4\n", "CDEF|[M:3/4][L:1/8]", "CDEF|[K:D][M:6/8]"])
  func `the model follows fields inside the music`(body: String) throws {
    let model = try LegalityTests.network(LegalityTests.all, seed: 3)
    let document = Self.header + body
    let read = ModelText(
      document: document, cursor: document.utf8.count, description: model.description)
    #expect(read.text.hasSuffix(body))
    var sampling = Rig.fast
    sampling.phrase = 4
    sampling.temperature = 2
    var rig = Rig(network: model, sampling: sampling)
    rig.send(.fileRead(path: "t.abc", text: document))
    rig.press(.goTo, "end")
    rig.press(.generateToggle)
    let bars = rig.session.parsed.bars.filter(\.isClosed)
    #expect(bars.count >= 4)
    for bar in bars where !bar.mayDiffer { #expect(bar.length == bar.expected) }
    #expect(bars.dropFirst().contains { $0.expected == Fraction(3, 4) })
  }

  @Test(arguments: [
    ("section M:6/8", "M:6/8 from bar 5 on; 4 bars no longer add up: 5, 6, 7, 8 (u takes it back)"),
    ("section L:1/8", "L:1/8 from bar 5 on; 4 bars no longer add up: 5, 6, 7, 8 (u takes it back)"),
    ("section M:C", "M:C from bar 5 on (u takes it back)"),
  ])
  func `a section says which bars no longer add up`(line: String, sentence: String) {
    var rig = rig("CDEF|GABc|cBAG|FEDC|\nCDEF|GABc|cBAG|FEDC|]\n", at: "5")
    rig.run(line)
    #expect(rig.session.message?.text == sentence)
  }

  @Test func `of bars that did not add up before nothing is said`() {
    var rig = rig("CDEF|GABc|cBA|FEDC|\n", at: "2")
    rig.run("section M:3/4")
    #expect(rig.session.message?.text.contains("2 bars no longer add up: 2, 4 (") == true)
    rig = self.rig("CDEF|GABc|\n", at: "1")
    rig.run("section M:3/4")
    #expect(rig.session.message?.text.contains("2 bars no longer add up: 1, 2 (") == true)
  }

  @Test(arguments: ["2", "1"])
  func `a section in which a locked bar would sound otherwise is refused`(place: String) {
    var rig = rig("CDEF|GABc|FBAG|FEDC|\n", at: place)
    let text = rig.text
    rig.press(.lock, "3-4")
    for line in ["section K:G", "section L:1/8"] {
      rig.run(line)
      #expect(
        rig.session.message?.text
          == "bars 3-4 are locked and would sound otherwise (L there lets go)")
      #expect(rig.text == text)
    }
    // What changes no note of them is done.
    rig.run("section Q:1/4=90")
    #expect(rig.text != text)
    rig.run("section K:Am")
    #expect(rig.session.message?.text.hasPrefix("K:Am from") == true)
  }

  @Test func `the status line tells key and meter at the cursor`() {
    var rig = rig("CDEF|GABc|\nM:3/4\nK:Eb clef=treble\n[L:1/8]e2f2g2|e2f2g2|\n", at: "1")
    #expect(StatusLine.text(of: rig.session).contains("C 4/4 1/4 Q"))
    rig.press(.goTo, "4")
    #expect(StatusLine.text(of: rig.session).contains("Eb 3/4 1/8 Q"))
    rig.press(.goTo, "2")
    #expect(StatusLine.text(of: rig.session).contains("C 4/4 1/4 Q"))
  }
}
