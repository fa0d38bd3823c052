import Compose
import Testing

@Suite struct EditingTests {
  @Test func `bare notes typed into an empty draft get a header`() {
    var rig = Rig()
    rig.press(.insert)
    rig.type("DEFG|")
    rig.send(.editKeyPressed(.escape))
    #expect(rig.text == "X:1\nT:untitled-1\nM:4/4\nL:1/8\nK:C\nDEFG|")
    #expect(rig.session.head == rig.text.utf8.count)
  }

  @Test func `a pasted tune replaces the draft as one step`() {
    var rig = Rig()
    rig.press(.generateToggle)
    let before = rig.text
    rig.send(.pasted("X:9\r\nT:Kept\r\nM:6/8\r\nL:1/8\r\nK:G\r\nGAB cde|\r\n"))
    #expect(rig.text == "X:9\nT:Kept\nM:6/8\nL:1/8\nK:G\nGAB cde|\n")
    #expect(rig.session.records.contains { $0.origin == .paste })
    rig.press(.undo)
    #expect(rig.text == before)
  }

  @Test func `pasted control characters never reach the text`() {
    var rig = Rig()
    rig.press(.insert)
    rig.send(.pasted("A\u{1b}[31mB\u{7}\tC"))
    #expect(rig.text == "A[31mB C")
  }

  @Test func `typing pauses the model and is never refused`() {
    var sampling = Rig.fast
    sampling.pace = .type(30)
    var rig = Rig(sampling: sampling)
    rig.press(.generateToggle)
    rig.wait(milliseconds: 1500)
    rig.press(.insert)
    rig.type("z")
    let text = rig.text
    rig.wait(milliseconds: 1000)
    #expect(rig.text == text)
    #expect(rig.session.mode == .insert)
  }

  @Test func `x deletes the note at the cursor with its length`() {
    var rig = Rig()
    rig.send(.pasted("X:1\nT:t\nM:4/4\nL:1/8\nK:D\n^F2 A/2|\n"))
    rig.press(.goTo, "start")
    rig.press(.delete)
    #expect(rig.text.hasSuffix("K:D\n A/2|\n"))
  }

  @Test func `bars are copied, cut and pasted`() {
    var rig = Rig()
    rig.send(.pasted("X:1\nT:t\nM:4/4\nL:1/4\nK:D\nABcd|efga|"))
    rig.press(.goTo, "1")
    rig.press(.select)
    rig.press(.copy)
    rig.press(.goTo, "2")
    rig.press(.paste)
    #expect(rig.text.hasSuffix("ABcd|efga|ABcd|"))
    rig.press(.undo)
    rig.press(.goTo, "1")
    rig.press(.cut)
    #expect(rig.text.hasSuffix("K:D\nefga|"))
  }

  @Test func `the header form writes its fields and keeps the others`() {
    var rig = Rig()
    rig.send(.pasted("X:4\nT:One\nC:Trad.\nM:4/4\nL:1/4\nK:D\nABcd|"))
    rig.press(.header)
    guard case .header(let form) = rig.session.mode else {
      Issue.record("the form is not open")
      return
    }
    let key = form.fields.firstIndex { $0.letter == "K" } ?? 0
    for _ in 0..<key { rig.send(.editKeyPressed(.down)) }
    rig.send(.editKeyPressed(.backspace))
    rig.type("Ador")
    rig.send(.editKeyPressed(.enter))
    #expect(rig.text == "X:4\nT:One\nC:Trad.\nM:4/4\nL:1/4\nK:Ador\nABcd|")
  }

  @Test func `a tempo change is written into the header as one undo step`() {
    var rig = Rig()
    rig.send(.pasted("X:1\nT:t\nM:6/8\nL:1/8\nK:D\nABc def|"))
    let before = rig.text
    rig.run("tempo 100")
    rig.run("tempo +2")
    #expect(rig.text.contains("Q:3/8=102\nK:D"))
    #expect(rig.session.tempo == 102)
    rig.press(.undo)
    #expect(rig.text == before)
  }

  @Test func `an unknown command names the nearest`() {
    var rig = Rig()
    rig.press(.commandLine)
    rig.type("gen.tog")
    rig.send(.editKeyPressed(.enter))
    // gen.tog is the beginning of one name only.
    #expect(rig.session.generator == .done(.phrase))
    rig.press(.commandLine)
    rig.type("tempp 3")
    rig.send(.editKeyPressed(.enter))
    #expect(rig.session.message?.text == "unknown command 'tempp' (did you mean 'temp'?)")
  }

  @Test func `set reaches every value, and names the nearest for one that is none`() {
    var rig = Rig()
    rig.run("set ahead 5")
    rig.run("set temp 0.7")
    #expect(rig.session.sampling.ahead == 5)
    #expect(rig.session.sampling.temperature == 0.7)
    // A value without a command of its own.
    rig.run("set range rule")
    #expect(rig.session.sampling.writing.range == .rule)
    rig.run("set top-k 3")
    rig.run("top-k up")
    #expect(rig.session.sampling.topK == 4)
    rig.run("set range")
    #expect(
      rig.session.message?.text == "set range needs a value: off, wish or rule; it is rule")
    rig.run("set temprature 0.7")
    #expect(rig.session.message?.kind == .error)
  }

  @Test func `help finds temp and Enter runs the entry`() {
    var rig = Rig()
    rig.press(.help)
    rig.type("temper")
    guard case .help(let list) = rig.session.mode else {
      Issue.record("help is not open")
      return
    }
    #expect(list.matches.contains(.temperature))
    rig.send(.editKeyPressed(.enter))
    guard case .prompt(let prompt) = rig.session.mode else {
      Issue.record("no prompt")
      return
    }
    #expect(prompt.command == .temperature)
  }

  @Test func `every command has a sentence and a name of its own`() {
    #expect(Set(CommandName.allCases.map(\.rawValue)).count == CommandName.allCases.count)
    for command in CommandName.allCases { #expect(!command.help.isEmpty) }
  }

  /// Whatever keys come, in whatever order, the session keeps its promises.
  @Test(arguments: 0..<20)
  func `no sequence of keys breaks the session`(round: UInt64) {
    var rig = Rig()
    var random = round &* 2_654_435_761 &+ 12345
    func next(_ count: Int) -> Int {
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(random >> 33) % count
    }
    let typed = ["a", "|", "é", "\n", "K:G\n", "(3", "[", "]", ":|", "z4", "\"Am\""]
    for _ in 0..<150 {
      switch next(6) {
      case 0: rig.type(typed[next(typed.count)])
      case 1: rig.send(.editKeyPressed(EditKey.allCases[next(EditKey.allCases.count)]))
      case 2: rig.send(.pasted(typed[next(typed.count)]))
      default:
        let command = CommandName.allCases[next(CommandName.allCases.count)]
        let words = command.argument.split(separator: "|").map(String.init)
        let argument = words.isEmpty ? "" : words[next(words.count)]
        rig.press(command, next(2) == 0 ? "" : argument, count: next(4) == 0 ? next(20) : nil)
      }
      // The pretended model answers at once, so it must stop by itself.
      rig.press(.stopRule, "phrase")
      let session = rig.session
      let count = session.text.utf8.count
      #expect(session.records.count == count)
      #expect((0...count).contains(session.cursor))
      #expect((0...count).contains(session.head))
    }
    #expect(rig.rebuilt.history == rig.session.history)
  }
}
