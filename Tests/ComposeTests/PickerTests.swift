import ABC
import Testing

@testable import Compose

/// Choosing from a list: letters filter, Tab hears, Enter takes.
@Suite struct PickerTests {
  private func picker(_ rig: Rig) -> Picker? {
    if case .picker(let picker) = rig.session.mode { picker } else { nil }
  }

  /// A tune by hand, and two phrases that the model wrote behind it.
  private func rig() -> Rig {
    var rig = Rig()
    rig.send(.fileRead(path: "a.abc", text: "X:1\nT:Lane\nM:4/4\nL:1/4\nK:D\nABcd|dcBA|\n"))
    rig.press(.goTo, "end")
    rig.press(.generateToggle)
    rig.press(.retry)
    rig.effects = []
    return rig
  }

  private func edit(_ rig: inout Rig, _ keys: EditKey...) {
    for key in keys { rig.send(.editKeyPressed(key)) }
  }

  @Test func `takes are listed, seen, heard on Tab and taken on Enter`() throws {
    var rig = rig()
    let takes = rig.session.takes
    #expect(takes.count == 2)
    let here = rig.text
    rig.press(.takeList)
    #expect(picker(rig)?.choices.map(\.title) == ["take 1", "take 2"])
    #expect(picker(rig)?.chosen?.name == "\(takes[1])")
    edit(&rig, .up)
    let first = rig.session.history.versions[takes[0]].text
    #expect(rig.session.shown.text == first)
    #expect(rig.text == here)
    rig.press(.pick, "hear")
    let plan = try #require(
      rig.effects.compactMap { if case .play(let plan, _) = $0 { plan } else { nil } }.last)
    #expect(plan.performance == Score(text: first).performance)
    // What the player then reports must not bring the draft's own music back.
    rig.effects = []
    rig.send(
      .playerChanged(PlayerReport(state: .playing, playhead: .zero, output: "log", silence: "")))
    #expect(!rig.effects.contains { if case .updatePlayback = $0 { true } else { false } })
    edit(&rig, .down)
    #expect(rig.effects.contains { if case .play = $0 { true } else { false } })
    edit(&rig, .up, .enter)
    #expect(rig.effects.contains(.stopPlaying))
    #expect(rig.text == first)
    #expect(rig.session.mode == .normal)
    #expect(rig.rebuilt.text == first)
  }

  @Test func `Esc leaves a list, stops what is heard of it and changes nothing`() {
    var rig = rig()
    let (text, journal) = (rig.text, rig.journal.count)
    rig.press(.history)
    edit(&rig, .down, .down)
    #expect(rig.session.shown.text != text)
    rig.press(.pick, "hear")
    edit(&rig, .escape)
    #expect(rig.effects.contains(.stopPlaying))
    #expect(rig.session.shown.text == text)
    #expect(rig.text == text)
    #expect(rig.journal.count == journal)
  }

  @Test func `the history holds every version and goes back to any`() {
    var rig = rig()
    rig.press(.history)
    #expect(picker(rig)?.choices.count == rig.session.history.versions.count)
    #expect(picker(rig)?.chosen?.name == "\(rig.session.history.currentIdentifier)")
    rig.type("a file")
    #expect(picker(rig)?.matches.count == 1)
    edit(&rig, .enter)
    #expect(rig.text == "X:1\nT:Lane\nM:4/4\nL:1/4\nK:D\nABcd|dcBA|\n")
    rig.press(.redo)
    #expect(rig.text.hasPrefix("X:1\nT:Lane\nM:4/4\nL:1/4\nK:D\nABcd|dcBA|"))
    #expect(rig.text.count > 60)
  }

  @Test func `a version whose locked bars are others is not gone back to`() {
    var rig = rig()
    let text = rig.text
    rig.press(.lock, "3")
    rig.press(.history)
    rig.type("a file")
    edit(&rig, .enter)
    #expect(rig.text == text)
    #expect(rig.session.message?.text.contains("bar 3 is locked") == true)
  }

  @Test func `words filter in any order, and what matches nothing is said`() {
    let names = ["The Lane", "The Hill", "Hill End"]
    var picker = Picker(
      .takes,
      names.enumerated().map { place, name in
        Picker.Choice(name: "\(place)", title: name, detail: place == 1 ? "G 4/4" : "D 4/4")
      }, selected: 9)
    #expect(picker.chosen?.title == "Hill End")
    picker.type("hill")
    #expect(picker.matches == [1, 2])
    picker.type(" d 4/4")
    #expect(picker.matches == [2])
    picker.type("zz")
    #expect(picker.matches.isEmpty)
    #expect(picker.chosen == nil)
    for _ in 0..<12 { _ = picker.edit(.backspace) }
    #expect(picker.matches == [0, 1, 2])
    picker.choose(-4)
    #expect(picker.selected == 0)

    var rig = rig()
    rig.press(.history)
    rig.type("zz")
    edit(&rig, .enter)
    #expect(rig.session.message?.kind == .error)
    #expect(self.picker(rig) != nil)
    rig.press(.pick, "hear")
    #expect(!rig.effects.contains { if case .play = $0 { true } else { false } })
    edit(&rig, .backspace, .backspace, .backspace)
    #expect(rig.session.mode == .normal)
    rig.press(.pick, "hear")
    #expect(rig.session.message?.text.contains("no list is open") == true)
  }

  // MARK: Books, files, drafts

  private static let book = (1...3).map {
    "X:\($0)\nT:\(["The Lane", "The Hill", "Hill End"][$0 - 1])\nM:4/4\nL:1/4\nK:\($0 == 2 ? "G" : "D")\n"
      + "ABcd|d\($0)|]\n"
  }.joined(separator: "\n")

  @Test func `a book is listed by its headers, one tune is looked at, Enter opens it`() {
    var rig = Rig()
    rig.send(.choicesFound(Picker(book: Tunebook(text: Self.book), path: "b.abc")))
    #expect(picker(rig)?.choices.map(\.detail) == ["X:1  4/4  D", "X:2  4/4  G", "X:3  4/4  D"])
    #expect(rig.session.shown.text.contains("T:The Lane"))
    rig.type("end d")
    #expect(rig.session.shown.text == "X:3\nT:Hill End\nM:4/4\nL:1/4\nK:D\nABcd|d3|]\n")
    #expect(picker(rig)?.incipit(of: picker(rig)!.chosen!) == "ABcd|d3|]")
    edit(&rig, .enter)
    #expect(rig.session.mode == .normal)
    #expect(rig.text == "X:3\nT:Hill End\nM:4/4\nL:1/4\nK:D\nABcd|d3|]\n")
    #expect(rig.session.message?.text == "opened b.abc: 2 bars; tune 3")
  }

  @Test func `what is typed before a list is there filters it and is no command`() {
    var rig = Rig()
    rig.press(.drafts)
    #expect(rig.effects.contains(.draft(.list)))
    rig.type("hill")
    edit(&rig, .enter)
    #expect(rig.session.message?.text == "the list is still being read")
    let choices = ["lane", "hill"].map {
      Picker.Choice(name: $0, title: $0, detail: "", text: "X:1\nT:\($0)\nK:D\nA4|\n")
    }
    rig.send(.choicesFound(Picker(.drafts, choices)))
    #expect(picker(rig)?.chosen?.name == "hill")
    #expect(rig.session.shown.text.contains("T:hill"))
    edit(&rig, .enter)
    #expect(rig.effects.contains(.draft(.open("hill"))))
    // A list that nobody waits for any more is not opened.
    rig.send(.choicesFound(Picker(.drafts, choices)))
    #expect(rig.session.mode == .normal)
  }

  @Test func `drafts are renamed, copied, deleted and brought back out of their list`() {
    var rig = Rig()
    func list() {
      rig.press(.drafts)
      rig.send(
        .choicesFound(
          Picker(.drafts, [Picker.Choice(name: "my lane", title: "x", detail: "", text: "")])))
    }
    list()
    rig.press(.pick, "rename")
    rig.type("hill")
    edit(&rig, .enter)
    #expect(rig.effects.contains(.draft(.rename("my lane", to: "hill"))))
    list()
    rig.press(.pick, "copy")
    rig.type("two")
    edit(&rig, .enter)
    #expect(rig.effects.contains(.draft(.copy("my lane", to: "two"))))
    list()
    rig.effects = []
    rig.press(.pick, "drop")
    #expect(
      rig.effects.filter { $0 == .draft(.delete("my lane")) || $0 == .draft(.list) }.count == 2)
    rig.press(.pick, "back")
    #expect(rig.effects.contains(.draft(.restore(nil))))
  }

  @Test(
    arguments: [
      ("drafts open a", DraftTask.open("a")), ("drafts a", .open("a")),
      ("drafts copy a \"b c\"", .copy("a", to: "b c")),
      ("drafts rename a b", .rename("a", to: "b")),
      ("drafts delete a", .delete("a")), ("drafts restore a", .restore("a")),
      ("drafts restore", .restore(nil)), ("drafts compare a b", .compare("a", "b")),
    ])
  func `each word of drafts asks for its task`(line: String, task: DraftTask) {
    var rig = Rig()
    rig.run(line)
    #expect(rig.effects.contains(.draft(task)))
  }

  @Test func `a word of drafts that lacks a name is answered with how it is written`() {
    var rig = Rig()
    for line in ["drafts open", "drafts rename a", "drafts burn a", "drafts compare a"] {
      rig.effects = []
      rig.run(line)
      #expect(rig.session.message?.text.contains("rename or copy NAME NEW") == true)
      #expect(!rig.effects.contains { if case .draft = $0 { true } else { false } })
    }
  }

  @Test func `files are looked at, folders looked into, and any path can be typed`() {
    var rig = Rig()
    rig.press(.open)
    #expect(rig.effects.contains(.listFiles(folder: "")))
    let choices = ["lane.abc", "../", "tunes/"].map {
      Picker.Choice(name: $0, title: $0, detail: "")
    }
    rig.send(.choicesFound(Picker(.files(folder: ""), choices)))
    #expect(rig.effects.contains(.preview(path: "lane.abc")))
    rig.send(.previewFound(path: "lane.abc", text: "X:1\nK:D\nABcd|\n"))
    #expect(rig.session.shown.text == "X:1\nK:D\nABcd|\n")
    edit(&rig, .down, .down)
    // A late answer is not shown for another entry.
    rig.send(.previewFound(path: "lane.abc", text: "X:1\nK:D\nABcd|\n"))
    #expect(rig.session.shown.text.isEmpty)
    edit(&rig, .enter)
    #expect(rig.effects.contains(.listFiles(folder: "tunes/")))
    rig.type("~/music/re")
    #expect(rig.effects.contains(.listFiles(folder: "~/music/")))
    rig.send(
      .choicesFound(
        Picker(
          .files(folder: "~/music/"),
          ["air.abc", "reel.abc"].map { Picker.Choice(name: $0, title: $0, detail: "") })))
    edit(&rig, .enter)
    #expect(rig.effects.contains(.readFile(path: "~/music/reel.abc")))
    rig.press(.open)
    rig.type("none.abc")
    edit(&rig, .enter)
    #expect(rig.effects.contains(.readFile(path: "none.abc")))
  }

  // MARK: Side by side

  @Test func `two texts stand side by side, bars that both have in one row`() {
    func comparison(_ left: String, _ right: String) -> Comparison {
      let head = "X:1\nM:4/4\nL:1/4\nK:D\n"
      func choice(_ name: String) -> Picker.Choice {
        Picker.Choice(name: name, title: name, detail: "")
      }
      return Comparison((choice("a"), head + left), (choice("b"), head + right), kind: .takes)
    }
    let inserted = comparison("ABcd|dcBA|d4|]", "AB cd|eeee|dcBA:|\nd4|]")
    #expect(inserted.rows.map(\.left) == [0, nil, 1, 2])
    #expect(inserted.rows.map(\.right) == [0, 1, 2, 3])
    #expect([inserted.count.all, inserted.count.different] == [4, 1])
    #expect(inserted.row == 1)
    let changed = comparison("ABcd|dcBA|d4|]", "ABcd|ddBA|d4|]")
    #expect(changed.rows.map(\.isSame) == [true, false, true])
    #expect(comparison("", "").rows.isEmpty)
    // A pickup is a part of the bar that it leads to.
    let led = comparison("A|ABcd|dcB||\nc|d4|d3|]", "B|ABcd|dcB||\nc|e4|d3|]")
    #expect([led.count.all, led.count.different] == [4, 2])
  }

  @Test func `a comparison is heard on either side and switched on the beat, Enter takes one`()
    throws
  {
    var rig = rig()
    rig.press(.takeList)
    rig.press(.pick, "compare")
    edit(&rig, .up)
    rig.press(.pick, "compare")
    guard case .compare(let comparison) = rig.session.mode else {
      Issue.record("nothing is compared")
      return
    }
    // The one that was marked stands on the left.
    #expect(comparison.left.text == rig.text)
    #expect(comparison.rows.prefix(2).map(\.isSame) == [true, true])
    #expect(comparison.row == 2)
    rig.effects = []
    edit(&rig, .tab)
    #expect(
      rig.effects.contains { if case .play(_, let tick) = $0 { tick.count == 7680 } else { false } }
    )
    rig.send(
      .playerChanged(
        PlayerReport(state: .playing, playhead: .init(8000), output: "log", silence: "")))
    edit(&rig, .right)
    #expect(rig.session.shown.text == comparison.right.text)
    #expect(rig.effects.contains { if case .updatePlayback(_, true) = $0 { true } else { false } })
    edit(&rig, .enter)
    #expect(rig.effects.contains(.stopPlaying))
    #expect(rig.text == comparison.right.text)
    #expect(rig.session.mode == .normal)
  }

  @Test func `an incipit is the first line of music`() {
    let incipit = Picker.Choice.incipit
    #expect(incipit("X:1\nT:A\nK:D\n% words\nV:1\n|:ABcd|d4|\nefga|") == "|:ABcd|d4|")
    #expect(incipit("X:1\nK:C") == "")
    #expect(incipit("") == "")
  }

  @Test func `a list that waits for a name chooses it, or the next that is there`() {
    var rig = rig()
    rig.send(.draftsAsked(choosing: ["gone", "two"]))
    let choices = ["one", "two", "three"].map {
      Picker.Choice(name: $0, title: $0, detail: "", text: "K:C\nC|")
    }
    rig.send(.choicesFound(Picker(.drafts, choices)))
    #expect(picker(rig)?.chosen?.name == "two")
    // The wish is for the first time only.
    rig.send(.choicesFound(Picker(.drafts, [choices[1], choices[0]])))
    #expect(picker(rig)?.chosen?.name == "one")
  }
}
