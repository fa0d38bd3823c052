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
    #expect(rig.session.message?.text == "ta  tb.abc")
    // A late answer to what is no longer typed changes nothing.
    rig.type("x")
    rig.send(.filesFound(["ta/"], matching: "t"))
    guard case .prompt(let prompt) = rig.session.mode else {
      Issue.record("no prompt")
      return
    }
    #expect(prompt.line.text == "tx")
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
