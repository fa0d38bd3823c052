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

  @Test func `an incipit is the first line of music`() {
    let incipit = Picker.Choice.incipit
    #expect(incipit("X:1\nT:A\nK:D\n% words\nV:1\n|:ABcd|d4|\nefga|") == "|:ABcd|d4|")
    #expect(incipit("X:1\nK:C") == "")
    #expect(incipit("") == "")
  }
}
