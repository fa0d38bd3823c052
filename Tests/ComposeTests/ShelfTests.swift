import Testing

@testable import Compose

/// Phrases kept by a letter, and the tune that is made of them.
@Suite struct ShelfTests: LaneSuite {
  @Test func `K and a letter keeps the selection with its header and its recipe`() throws {
    var rig = rig()
    rig.run("select 3-4")
    rig.press(.keep)
    #expect(rig.session.mode.name == "prompt")
    rig.type("A")
    #expect(rig.session.mode.name == "normal")
    let phrase = try #require(rig.session.shelf.phrases["a"])
    #expect(phrase.text == "X:1\nT:Lane\nM:4/4\nL:1/4\nK:D\nA2d2|d4|\n")
    #expect(phrase.name == "bars 3-4 of Lane")
    #expect(phrase.recipe.contains("bars 3-4: file"))
    #expect(rig.session.selection == nil)
  }

  @Test func `the shelf survives undo, another text and a restart`() {
    var rig = kept(("1-4", "a"), ("5-8", "b"))
    rig.run("form A A B B")
    rig.press(.undo)
    #expect(rig.text == Self.tune)
    #expect(rig.session.shelf.names == ["a", "b"])
    let again = rig.rebuilt
    #expect(again.shelf.phrases == rig.session.shelf.phrases)
    #expect(again.shelf.form == "A A B B")
    #expect(again.history == rig.session.history)
  }

  @Test func `a letter used again gives back what it meant`() {
    var rig = kept(("1-2", "a"), ("3-4", "a"))
    #expect(rig.session.message?.text.contains(":keep a back") == true)
    rig.run("keep a back")
    #expect(rig.session.shelf.phrases["a"]?.name == "bars 1-2 of Lane")
    rig.run("keep a off")
    #expect(rig.session.shelf.phrases.isEmpty)
    rig.run("keep a back")
    #expect(rig.session.shelf.phrases["a"]?.name == "bars 1-2 of Lane")
    #expect(rig.rebuilt.shelf.phrases == rig.session.shelf.phrases)
  }

  @Test func `a letter hears its phrase, Enter puts it in after the cursor's bar`() throws {
    var rig = kept(("3-4", "a"), ("5-6", "b"))
    rig.run("goto 1")
    rig.press(.shelf)
    #expect(rig.session.mode.name == "picker")
    #expect(rig.session.shown.text.hasSuffix("A2d2|d4|\n"))
    rig.effects = []
    rig.type("b")
    #expect(rig.session.shown.text.hasSuffix("eeff|gfed|\n"))
    let plan = try #require(
      rig.effects.compactMap { if case .play(let plan, _) = $0 { plan } else { nil } }.first)
    #expect(plan.performance.notes.map(\.pitch.key) == [76, 76, 78, 78, 79, 78, 76, 74])
    rig.send(.editKeyPressed(.enter))
    #expect(rig.session.mode.name == "normal")
    #expect(body(rig).hasPrefix("ABcd|eeff|gfed|dcBA|"))
    let place = try #require(rig.text.range(of: "eeff"))
    let byte = rig.text.utf8.distance(from: rig.text.startIndex, to: place.lowerBound)
    #expect(rig.session.records[byte].origin == .shelf)
    rig.press(.undo)
    #expect(rig.text == Self.tune)
  }

  @Test func `a phrase of another key and unit sounds as it was kept`() {
    var rig = kept(("1-2", "a"))
    let pitches = Score(text: rig.session.shelf.phrases["a"]?.text ?? "").performance.notes.map(
      \.pitch)
    let other = "X:2\nT:Other\nM:4/4\nL:1/8\nK:F\nB4A4|F8|c8|\n"
    rig.send(.editorReturned(text: other))
    let before = Score(text: other).performance.notes.map(\.pitch)
    rig.run("goto 2")
    rig.run("shelf a")
    let score = rig.session.score
    #expect(score.performance.notes.map(\.pitch) == before[..<3] + pitches + before[3...])
    #expect(score.parsed.bars.allSatisfy { $0.length == score.parsed.header.barLength })
  }

  @Test func `locked bars are not written into`() {
    var rig = kept(("1-2", "a"))
    rig.run("lock 1-8")
    for line in ["form A A", "select 3-4", "shelf a"] { rig.run(line) }
    #expect(rig.text == Self.tune)
    #expect(rig.session.message?.text.contains("locked") == true)
  }

  @Test func `a phrase takes the place of the selected bars, in any frame`() {
    var rig = rig("X:1\nT:Lane\nM:4/4\nL:1/4\nK:D\n|:ABcd|dcBA:|\nA2d2|d4|]\n")
    rig.run("keep a 1")
    rig.run("keep b 3-4 the end")
    #expect(rig.session.shelf.phrases["b"]?.name == "the end")
    rig.run("select 2")
    rig.run("shelf b")
    #expect(body(rig) == "|:ABcd|A2d2|d4:|\nA2d2|d4|]\n")
    rig.run("goto 5")
    rig.run("shelf a")
    #expect(body(rig) == "|:ABcd|A2d2|d4:|\nA2d2|d4|ABcd|]\n")
    rig.press(.undo, count: 2)
    #expect(body(rig) == "|:ABcd|dcBA:|\nA2d2|d4|]\n")
  }

  @Test func `Del drops a phrase in the list, which ends with the last one`() {
    var rig = kept(("1-2", "a"), ("3-4", "b"))
    rig.press(.shelf)
    rig.press(.pick, "drop")
    #expect(rig.session.shelf.names == ["b"])
    #expect(rig.session.mode.name == "picker")
    rig.press(.pick, "drop")
    #expect(rig.session.mode == .normal)
    rig.run("keep b back")
    #expect(rig.session.shelf.names == ["b"])
  }

  @Test func `registers and a loop are there again after a restart`() {
    var rig = rig()
    rig.run("goto 2")
    rig.press(.copy)
    rig.press(.copy, "x")
    rig.run("goto 3")
    rig.press(.cut)
    rig.run("loop 4-5")
    var again = rig
    again.session = rig.rebuilt
    #expect(again.session.loop == 3...4)
    again.send(.playerChanged(again.session.player))
    #expect(again.effects.contains { if case .setLoop(.some) = $0 { true } else { false } })
    for (register, music) in [("", "dcBA"), ("x", "dcBA"), ("-", "A2d2")] {
      again.run("goto 1")
      again.press(.paste, register)
      #expect(body(again).hasPrefix("ABcd|\(music)|"), "\(register)")
      again.press(.undo)
    }
  }

  @Test func `a loop follows what the journal holds after the last place`() {
    var rig = rig()
    rig.run("loop 4-5")
    rig.run("goto 1")
    rig.press(.cut)
    guard case .place = rig.journal.removeLast() else {
      Issue.record("the last line is no place")
      return
    }
    #expect(rig.session.loop == 2...3)
    #expect(rig.rebuilt.loop == 2...3)
  }

  @Test func `phrases and the form go out as files`() {
    var rig = kept(("1-4", "a"), ("5-8", "b"))
    rig.run("form B A")
    rig.effects = []
    rig.run("export a a.mid")
    rig.press(.undo)
    rig.run("export form form.abc")
    rig.run("export shelf lane.abc")
    let files = rig.effects.compactMap { if case .writeTune(let file) = $0 { file } else { nil } }
    #expect(files.map(\.path) == ["a.mid", "form.abc", "lane-a.abc", "lane-b.abc"])
    #expect(files[0].recipe.contains("bars 1-4: file"))
    #expect(files[3].text == rig.session.shelf.phrases["b"]?.text)
    #expect(files[0].text.hasSuffix("K:D\nABcd|dcBA|A2d2|d4|\n"))
    #expect(files[1].text.hasSuffix("eeff|gfed|e2c2|d4||\nABcd|dcBA|A2d2|d4|]\n"))
    #expect(files[1].recipe.first == "form B A")
  }

  @Test func `odd words for shelf and form are answered`() {
    var rig = Rig()
    for line in ["keep a", "keep 7", "keep ab", "shelf", "shelf a", "form A", "form 1", "form"] {
      rig.run(line)
      #expect(rig.session.message != nil, "\(line)")
      rig.send(.editKeyPressed(.escape))
    }
    #expect(rig.text.isEmpty)
  }

  @Test func `the strain behind a repeat is kept with its pickup, and a form of both fits`() {
    var rig = Rig()
    rig.send(
      .fileRead(
        path: "t.abc",
        text: "X:1\nT:t\nM:4/4\nL:1/4\nK:C\n|:G|CDEF|GABc|cBAG|FED:|\n|:B|cdef|gfed|cBAG|ABc:|\n"))
    rig.press(.keep, "a 1-4")
    rig.press(.goTo, "4")
    rig.press(.barNext, count: 2)
    rig.press(.select)
    rig.press(.barNext, count: 3)
    rig.press(.keep, "b")
    #expect(rig.session.message?.text.hasPrefix("kept bars 5-8 as b") == true)
    #expect(rig.session.shelf.phrases["b"]?.text.contains("B|cdef|gfed|cBAG|ABc") == true)
    #expect(rig.session.shelf.phrases["b"]?.name == "bars 5-8 of t")
    rig.press(.form, "A A B B")
    #expect(rig.session.message?.text.hasSuffix("every join fits") == true)
  }
}
