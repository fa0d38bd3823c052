import Compose
import Testing

@testable import TUI

@Suite struct KeyMapTests {
  func session(_ events: [Event] = []) -> Session {
    var session = Session(title: "untitled", rng: 7)
    for event in events { _ = session.handle(event) }
    return session
  }

  @Test func `the default keys have nothing to complain about`() {
    #expect(KeyMap.standard.check() == [])
  }

  @Test func `no row of the table is written twice`() {
    let keys = KeyMap.table.map { "\($0.mode) \($0.keys)" }
    #expect(Set(keys).count == keys.count)
  }

  @Test func `every key of the table is a key and every command a command`() {
    for row in KeyMap.table + [] {
      let sequence = KeyMap.sequence(named: row.keys)
      #expect(sequence.map(KeyMap.name) == row.keys)
      #expect((try? Invocation.parse(row.command).get()) != nil)
    }
  }

  @Test(arguments: [
    ("t.q", 2), (".", 1), ("t..", 2), ("ctrl-x.ctrl-s", 2), ("g.g", 2), ("Space", 1),
  ])
  func `a sequence is keys joined by points`(name: String, count: Int) {
    #expect(KeyMap.sequence(named: name)?.count == count)
  }

  @Test(arguments: ["", "t.", "..q.", "Entr.q", "tt"])
  func `what is no sequence is none`(name: String) {
    #expect(KeyMap.sequence(named: name) == nil)
  }

  @Test func `keys become commands, counts and prefixes`() {
    let map = KeyMap.standard
    let session = session()
    #expect(
      map.events(for: KeyPress("+"), in: session) == [
        .commanded(Invocation(.temperature, "+0.05"))
      ])
    #expect(map.events(for: KeyPress("3"), in: session) == [.countDigit(3)])
    #expect(map.events(for: KeyPress("0"), in: session) == [.commanded(Invocation(.lineStart))])
    #expect(map.events(for: KeyPress("t"), in: session) == [.prefixPressed("t")])
    #expect(map.events(for: KeyPress("Z"), in: session) == [.unknownKey("Z")])
    #expect(map.events(for: KeyPress(.paste("X:1")), in: session) == [.pasted("X:1")])
    let counting = self.session([.countDigit(1)])
    #expect(map.events(for: KeyPress("0"), in: counting) == [.countDigit(0)])
    let pending = self.session([.prefixPressed("t")])
    #expect(
      map.events(for: KeyPress("r"), in: pending) == [
        .commanded(Invocation(.temperatureFocus, "rhythm"))
      ])
    #expect(map.events(for: KeyPress(.escape), in: pending) == [.prefixDropped])
    #expect(map.events(for: KeyPress("Z"), in: pending) == [.unknownKey("t Z")])
  }

  @Test func `in text entry letters are text and control keys still stop`() {
    let map = KeyMap.standard
    let typing = session([.commanded(Invocation(.commandLine))])
    #expect(map.events(for: KeyPress("q"), in: typing) == [.typed("q")])
    #expect(map.events(for: KeyPress("3"), in: typing) == [.typed("3")])
    #expect(map.events(for: KeyPress(.tab), in: typing) == [.editKeyPressed(.tab)])
    #expect(
      map.events(for: KeyPress(.character("c"), .control), in: typing) == [
        .commanded(Invocation(.halt))
      ])
  }

  @Test func `an unknown Alt key is Esc and the key`() {
    let map = KeyMap.standard
    #expect(
      map.events(for: KeyPress(.character("u"), .alt), in: session()) == [
        .commanded(Invocation(.cancel)), .commanded(Invocation(.undo)),
      ])
  }

  @Test func `a keys file changes only what it names`() {
    let text = """
      [normal]
      "x" = "gen.toggle"
      "t.q" = "temp = 0.7"
      "Enter" = "none"
      "z.1" = ["loop", "play.toggle"]
      [insert]
      "ctrl-n" = "take.next"
      """
    let (map, problems) = KeyMap.reading(text, file: "keys.toml")
    #expect(problems == [])
    #expect(map.keys(for: .generateToggle) == ["x"])
    #expect(
      map.binding(for: [KeyPress("z"), KeyPress("1")], in: "normal")?.commands.map(\.line)
        == ["loop", "play.toggle"])
    #expect(map.keys(for: .temperature, "= 0.7") == ["t.q"])
    #expect(map.keys(for: .takeNext, in: "insert") == ["ctrl-n"])
    #expect(map.keys(for: .undo) == ["u"])
  }

  @Test func `a single key takes a default prefix over`() {
    let (map, problems) = KeyMap.reading("[normal]\n\"g\" = \"gen.toggle\"\n", file: "keys.toml")
    #expect(problems == [])
    #expect(
      map.events(for: KeyPress("g"), in: session()) == [.commanded(Invocation(.generateToggle))])
    #expect(map.shortKey(for: .generateToggle, in: "normal") == "g")
    #expect(map.check().filter { !$0.isWarning } == [])
  }

  @Test func `mistakes are told with file, line, column and the nearest name`() {
    let text = """
      [normal]
      "g" = "gen.tog"
      "Entr" = "undo"
      "k" = 3
      [norml]
      "a" = "undo"
      """
    #expect(
      KeyMap.reading(text, file: "keys.toml").problems == [
        "keys.toml:2:8: unknown command 'gen.tog' (did you mean 'gen.toggle'?)",
        "keys.toml:3:2: unknown key 'Entr' (did you mean 'Enter'?)",
        "keys.toml:4:2: 'k' needs a command, or \"none\"",
        "keys.toml:5:2: unknown mode 'norml' (did you mean 'normal'?)",
      ])
    #expect(KeyMap.reading("preset = \"vi\"\n", file: "k").problems.count == 1)
    #expect(KeyMap.reading("[normal\n", file: "k").problems.first?.hasPrefix("k:1:") == true)
  }

  @Test func `keys that cannot work are found`() {
    let text = """
      [normal]
      "ctrl-h" = "undo"
      "ctrl-a" = "redo"
      "@" = "gen.bar"
      "S" = "none"
      "b" = "undo"
      "b.x" = "redo"
      "u" = "none"
      "q" = "none"
      """
    let found = KeyMap.reading(text, file: "keys.toml").map.check().map(\.description)
    #expect(found.contains { $0.contains("same byte as Backspace") })
    #expect(found.contains { $0.contains("prefix of screen") })
    #expect(found.contains { $0.contains("'@' needs AltGr") })
    #expect(found.contains { $0.contains("hides the keys that begin with it") })
    #expect(found.contains { $0.contains("'quit' has no key left") })
  }

  @Test(arguments: KeyMap.presets)
  func `every preset can be used`(name: String) throws {
    let map = try #require(KeyMap.preset(name))
    #expect(map.check().filter { !$0.isWarning } == [])
  }

  @Test(arguments: [
    ("cc64", KeyPress.MIDIControl.controller(64)), ("note36", .note(36)), ("PROGRAM3", .program(3)),
  ])
  func `a key may be one of a MIDI keyboard`(name: String, control: KeyPress.MIDIControl) {
    #expect(KeyPress(name: name) == KeyPress(.midi(control)))
    #expect(KeyPress(.midi(control)).name == name.lowercased())
  }

  @Test func `pedals, pads and programs run commands in every mode, or in one`() {
    let read = KeyMap.reading(
      """
      "cc64" = "gen.toggle"
      [normal]
      note36 = ["undo", "play.toggle"]
      [insert]
      cc64 = "cancel"
      """, file: "keys.toml")
    #expect(read.problems == [])
    let pedal = KeyPress(.midi(.controller(64)))
    let normal = session()
    #expect(
      read.map.events(for: pedal, in: normal) == [.commanded(Invocation(.generateToggle))])
    #expect(
      read.map.events(for: KeyPress(.midi(.note(36))), in: normal)
        == [.commanded(Invocation(.undo)), .commanded(Invocation(.playToggle))])
    let inserting = session([.commanded(Invocation(.insert))])
    #expect(read.map.events(for: pedal, in: inserting) == [.commanded(Invocation(.cancel))])
    #expect(
      read.map.events(for: KeyPress(.midi(.note(36))), in: inserting).first
        == .commanded(Invocation(.undo)))
    #expect(read.map.events(for: KeyPress(.midi(.program(1))), in: normal) == [])
    #expect(read.map.midiControls == [.controller(64), .note(36)])
    #expect(read.map.rows.contains { $0.keys == "cc64" && $0.command == "gen.toggle" })
    #expect(!read.map.check().contains { !$0.isWarning })
  }

  @Test(arguments: [
    (
      "[normal]\ncc200 = \"undo\"", "keys.toml:2:1: unknown key 'cc200' (MIDI counts from 0 to 127)"
    ),
    ("\"note128\" = \"undo\"", "keys.toml:1:2: unknown key 'note128' (MIDI counts from 0 to 127)"),
    ("cc64 = \"undoo\"", "keys.toml:1:9: unknown command 'undoo' (did you mean 'undo'?)"),
    ("cc64 = 5", "keys.toml:1:1: 'cc64' needs a command, or \"none\""),
  ])
  func `mistakes about MIDI keys are told as others are`(text: String, problem: String) {
    #expect(KeyMap.reading(text, file: "keys.toml").problems == [problem])
  }
}
