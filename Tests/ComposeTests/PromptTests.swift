import ABC
import Compose
import Testing

@Suite struct PromptTests {
  private func typed(_ line: String, in rig: inout Rig) {
    rig.press(.commandLine)
    rig.type(line)
    rig.send(.editKeyPressed(.enter))
  }

  @Test(arguments: [
    (CommandName.ahead, "=", "3", "ahead 3"), (.phrase, "=", "4", "phrase 4"),
    (.topK, "=", "12", "top-k 12"), (.temperature, "=", "0.7", "T 0.70"),
    (.rng, "=", "99", "rng 99"), (.tempo, "= 90", "", "the tempo is kept"),
  ])
  func `what is typed into a prompt takes the place of the value it shows`(
    command: CommandName, argument: String, answer: String, said: String
  ) {
    var rig = Rig()
    rig.press(command, argument)
    if !answer.isEmpty {
      guard case .prompt = rig.session.mode else {
        Issue.record("no prompt")
        return
      }
      rig.type(answer)
      rig.send(.editKeyPressed(.enter))
    }
    #expect(rig.session.message?.text.hasPrefix(said) == true)
    #expect(rig.text.isEmpty)
    #expect(rig.session.generator == .idle)
  }

  @Test func `a typed rng = asks for the number`() {
    var rig = Rig()
    typed("rng =", in: &rig)
    guard case .prompt(let prompt) = rig.session.mode else {
      Issue.record("no prompt")
      return
    }
    #expect(prompt.command == .rng)
    #expect(rig.session.rng == 7)
    rig.type("99")
    rig.send(.editKeyPressed(.enter))
    #expect(rig.session.rng == 99)
  }

  @Test func `a near word is suggested, a far one is not`() {
    var rig = Rig()
    for (line, sentence) in [
      ("tepm 1", "unknown command 'tepm' (did you mean 'temp'?)"),
      ("qqzzy", "unknown command 'qqzzy' (? lists every command)"),
      ("theme hether", "there is no theme 'hether' (did you mean 'heather'?)"),
      ("theme qqzzy", "there is no theme 'qqzzy' (C lists them)"),
      ("set phrse 4", "nothing called 'phrse' can be set (did you mean 'phrase'?)"),
      ("set qqzzy 4", "nothing called 'qqzzy' can be set"),
    ] {
      typed(line, in: &rig)
      #expect(rig.session.message?.text == sentence)
    }
  }

  @Test func `a theme whose file is new is looked for`() {
    var rig = Rig()
    typed("theme plum", in: &rig)
    #expect(rig.effects.contains(.findThemes(chosen: "plum")))
    rig.send(.themesFound(["default-dark", "plum"], chosen: "plum"))
    #expect(rig.session.view.theme == "plum")
    #expect(rig.session.message?.text == "theme plum")
  }

  @Test func `the list of themes says when none has the letters typed`() {
    var rig = Rig()
    rig.press(.theme)
    rig.type("zzz")
    rig.send(.editKeyPressed(.enter))
    #expect(rig.session.view.theme.isEmpty)
    #expect(
      rig.session.message?.text == "no theme has 'zzz' in its name; it stays as it was")
  }

  @Test func `Tab completes the name of a file, in the line and in a prompt`() {
    var rig = Rig()
    rig.press(.commandLine)
    rig.type("open tunes/thr")
    rig.send(.editKeyPressed(.tab))
    #expect(rig.effects.last == .findFiles(matching: "tunes/thr"))
    rig.send(.filesFound(["tunes/three-tunes.abc"], matching: "tunes/thr"))
    guard case .commandLine(let line) = rig.session.mode else {
      Issue.record("no command line")
      return
    }
    #expect(line.text == "open tunes/three-tunes.abc")
    rig.press(.cancel)
    rig.press(.checkpoint)
    rig.type("t")
    rig.send(.editKeyPressed(.tab))
    rig.send(.filesFound(["ta/", "tb.abc"], matching: "t"))
    guard case .prompt(let several) = rig.session.mode else {
      Issue.record("no prompt")
      return
    }
    #expect(several.line.text == "t")
    #expect(several.line.offers == ["ta/", "tb.abc"])
    // A late answer to what is no longer typed changes nothing.
    rig.type("x")
    rig.send(.filesFound(["ta/"], matching: "t"))
    guard case .prompt(let prompt) = rig.session.mode else {
      Issue.record("no prompt")
      return
    }
    #expect(prompt.line.text == "tx")
  }

  /// The command line after Tabs.
  private func line(_ typed: String, tabs: Int, in rig: inout Rig) -> String? {
    rig.press(.commandLine)
    rig.type(typed)
    for _ in 0..<tabs { rig.send(.editKeyPressed(.tab)) }
    defer { rig.press(.cancel) }
    if case .commandLine(let line) = rig.session.mode { return line.text }
    return nil
  }

  @Test(arguments: [
    ("swi", 1, "swing "), ("sound fl", 1, "sound flute"), ("pane ", 1, "pane next"),
    ("pane ", 2, "pane takes"), ("pane ", 7, "pane next"), ("set swi", 1, "set swing "),
    ("help orna", 1, "help ornaments "), ("theme ", 3, "theme default-light"),
    ("take be", 1, "take best "), ("shelf ", 1, "shelf a "),
    ("instrument w", 2, "instrument whistle"),
    ("ornaments i", 1, "ornaments irish "), ("checkpoint big", 1, "checkpoint big-model "),
    ("nosuch x", 1, "nosuch x"), ("record d", 3, "record drop"),
  ])
  func `Tab writes on as far as is clear and walks through what is possible`(
    typed: String, tabs: Int, result: String
  ) {
    var rig = Rig()
    var irish = OrnamentStyle.standard
    irish.name = "irish"
    rig.send(
      .catalogueRead(
        Catalogue(
          instruments: [.init(name: "whistle", lowest: 74, highest: 97)],
          ornaments: [.standard, irish], checkpoints: ["big-model", "small-model"])))
    rig.send(.themesFound(["default-dark", "default-light"], chosen: nil))
    rig.send(.pasted(SelectionTransformTests.reel))
    rig.run("tag best")
    rig.run("keep a 1-2")
    #expect(line(typed, tabs: tabs, in: &rig)?.hasPrefix(result) == true)
  }

  @Test func `what Tab offers is over once the line is edited`() {
    var rig = Rig()
    rig.press(.commandLine)
    rig.type("pane ")
    rig.send(.editKeyPressed(.tab))
    rig.send(.editKeyPressed(.backspace))
    guard case .commandLine(let line) = rig.session.mode else {
      Issue.record("no command line")
      return
    }
    #expect(line.text == "pane nex")
    #expect(line.offers.isEmpty)
  }

  @Test(arguments: [
    ("undo foo", "'undo' takes a number from 1 behind it, not 'foo'"),
    ("double 3", "'double' takes nothing behind it, not '3'"),
    ("focus text", "'focus' takes nothing behind it, not 'text'"),
    ("undo 0", "'undo' takes a number from 1 behind it, not '0'"),
  ])
  func `words behind a command that takes none are refused`(line: String, sentence: String) {
    guard case .failure(let error) = Invocation.parse(line) else {
      Issue.record("\(line) was taken")
      return
    }
    #expect("\(error)" == sentence)
  }

  @Test(arguments: [
    ("metronome foo", "'foo' is neither on nor off"), ("mute foo", "'foo' is neither on nor off"),
    ("legal foo", "'foo' is neither on nor off"),
    ("solo 9", "there is no voice '9': 1 to 1, or off"),
    ("tempo 999", "999 is no tempo: 10 to 400 beats a minute"),
    ("record 0", "record takes 1 to 256 bars, or as many as you play where none are given"),
  ])
  func `a value that a command does not know changes nothing and is named`(
    line: String, sentence: String
  ) {
    var rig = Rig()
    rig.send(.pasted(SelectionTransformTests.reel))
    let before = rig.text
    rig.run(line)
    #expect(rig.session.message?.text == sentence)
    #expect(rig.session.message?.kind == .error)
    #expect(rig.text == before && rig.session.mode == .normal)
    #expect(!rig.session.hasMetronome && !rig.session.isMuted && rig.session.sampling.isLegal)
  }

  @Test func `a number behind a command says how often`() {
    var rig = Rig()
    rig.send(.pasted(SelectionTransformTests.reel))
    let start = rig.text
    for line in ["transpose 2", "transpose 2", "transpose 2"] { rig.run(line) }
    rig.run("undo 3")
    #expect(rig.text == start)
    rig.run("tempo")
    guard case .prompt(let prompt) = rig.session.mode else {
      Issue.record("no question")
      return
    }
    #expect(prompt.line.text == "\(rig.session.tempo)")
  }

  @Test func `a new meter says which bars no longer add up`() {
    var rig = Rig()
    rig.send(.pasted(SelectionTransformTests.reel))
    rig.press(.header)
    for _ in 0..<2 { rig.send(.editKeyPressed(.tab)) }
    rig.send(.editKeyPressed(.clear))
    rig.type("6/8")
    rig.send(.editKeyPressed(.enter))
    #expect(rig.text.contains("M:6/8\n"))
    #expect(
      rig.session.message?.text
        == "bars 1-8 no longer add up in 6/8: u takes the header back, g w goes to the first")
  }

  @Test func `a file is named without its folder when it is opened`() {
    var rig = Rig()
    rig.send(.fileRead(path: "/a/very/long/way/down/reel.abc", text: SelectionTransformTests.reel))
    #expect(rig.session.message?.text == "opened reel.abc: 8 bars")
  }

  @Test func `the next characters are asked for anew after x`() {
    var rig = Rig()
    rig.send(.pasted(SelectionTransformTests.reel))
    rig.press(.goTo, "3")
    rig.effects = []
    rig.press(.delete)
    let asked = rig.effects.compactMap { effect -> GenerationRequest? in
      if case .generate(let request) = effect { request } else { nil }
    }
    #expect(rig.text.contains("|ADF AdfA|"))
    #expect(asked.last?.count == 0)
    #expect(asked.last?.text == rig.text.text(atBytes: 0..<rig.session.cursor))
    #expect(asked.last?.text.hasSuffix("e2BG|") == true)
  }
}
