import Compose
import Testing

@Suite struct LockTests {
  static let header = "X:1\nT:t\nM:4/4\nL:1/4\nK:C\n"

  private func rig(_ body: String = "CEGc|GABc|cBAG|FEDC|", locking bars: String) -> Rig {
    var rig = Rig()
    rig.send(.pasted(Self.header + body))
    rig.run("lock \(bars)")
    return rig
  }

  /// The texts that are locked.
  private func locked(_ rig: Rig) -> [String] {
    rig.session.locks.map { rig.text.text(atBytes: $0) }
  }

  @Test func `L locks the cursor's bar and lets it go again`() {
    var rig = rig(locking: "off")
    rig.press(.goTo, "2")
    rig.press(.lock)
    #expect(locked(rig) == ["GABc|"])
    #expect(rig.session.message?.text == "bar 2 locked (L lets go)")
    rig.press(.lock)
    #expect(locked(rig) == [])
  }

  @Test(arguments: [
    "transpose 2", "double", "retrograde", "invert", "header.new", "delete", "cut", "gen.bar-back",
  ])
  func `what would change a locked bar is refused, and the bar named`(line: String) {
    var rig = rig(locking: "4")
    rig.press(.goTo, "4")
    let text = rig.text
    if line == "header.new" {
      rig.send(.pasted(Self.header + "zzzz|"))
    } else {
      rig.run(line)
    }
    #expect(rig.text == text)
    #expect(rig.session.message?.kind == .error)
    #expect(rig.session.message?.text.hasPrefix("bar 4 is locked") == true)
  }

  @Test func `typing inside a locked bar is refused, beside it is not`() {
    var rig = rig(locking: "2")
    rig.press(.goTo, "2")
    rig.press(.move, "right")
    rig.press(.insert)
    rig.type("z")
    #expect(locked(rig) == ["GABc|"])
    #expect(rig.session.message?.kind == .error)
    rig.send(.editKeyPressed(.escape))
    rig.press(.goTo, "2")
    rig.press(.insert)
    // It would belong to the locked bar; a whole bar does not.
    rig.type("z")
    #expect(rig.text.hasSuffix("CEGc|GABc|cBAG|FEDC|"))
    rig.send(.editKeyPressed(.backspace))
    #expect(rig.text.hasSuffix("CEGc|GABc|cBAG|FEDC|"))
    #expect(rig.session.message?.text.hasPrefix("bar 2 is locked") == true)
    rig.send(.pasted("zzzz|"))
    rig.send(.editKeyPressed(.escape))
    #expect(rig.text.hasSuffix("CEGc|zzzz|GABc|cBAG|FEDC|"))
    #expect(locked(rig) == ["GABc|"])
  }

  @Test func `a lock survives edits around it, undo and a restart`() {
    var rig = rig(locking: "3")
    rig.press(.goTo, "1")
    rig.press(.copy)
    rig.press(.paste)
    #expect(locked(rig) == ["cBAG|"])
    #expect(rig.rebuilt.locks == rig.session.locks)
    rig.press(.undo)
    #expect(locked(rig) == ["cBAG|"])
    #expect(rig.rebuilt.locks == rig.session.locks)
    rig.press(.undo)
    #expect(rig.session.message?.text.hasPrefix("bar 3 is locked") == true)
    #expect(locked(rig) == ["cBAG|"])
  }

  @Test func `R writes as far as the next locked bar and no further`() {
    var rig = rig(locking: "4")
    rig.press(.goTo, "2")
    rig.press(.retryHere)
    #expect(rig.text.hasPrefix(Self.header + "CEGc|"))
    #expect(rig.text.hasSuffix("|FEDC|"))
    #expect(rig.session.score.completeBars == 4)
    #expect(!rig.text.contains("GABc"))
    #expect(!rig.text.contains("cBAG"))
    #expect(locked(rig) == ["FEDC|"])
    #expect(rig.session.generator == .done(.phrase))
    rig.press(.takePrevious)
    #expect(rig.text.hasSuffix("CEGc|GABc|cBAG|FEDC|"))
    rig.press(.takeNext)
    rig.press(.undo)
    #expect(rig.text.hasSuffix("CEGc|GABc|cBAG|FEDC|"))
  }

  @Test func `R in a locked bar is refused`() {
    var rig = rig(locking: "2")
    rig.press(.goTo, "2")
    let text = rig.text
    rig.press(.retryHere)
    #expect(rig.text == text)
    #expect(rig.session.message?.text.hasPrefix("bar 2 is locked") == true)
  }

  @Test func `a pause in the middle of a gap goes on to the very text that would have come`() {
    var whole = rig(locking: "4")
    whole.press(.goTo, "2")
    whole.press(.retryHere)
    var paused = rig(locking: "4")
    paused.run("pace 30")
    paused.press(.goTo, "2")
    paused.press(.retryHere)
    for _ in 0..<40 where paused.session.generator != .done(.phrase) {
      paused.wait(milliseconds: 66)
      guard paused.session.generator == .running else { continue }
      paused.press(.generateToggle)
      #expect(paused.session.generator == .paused)
      paused.press(.generateToggle)
    }
    #expect(paused.text == whole.text)
    #expect(Replay(paused.journal, draw: Rig.draw).difference == nil)
    #expect(paused.rebuilt.history == paused.session.history)
  }

  /// Whatever keys come, locked bars keep their bytes.
  @Test(arguments: 0..<12)
  func `no sequence of commands changes a locked bar`(round: UInt64) {
    var rig = rig("CDEF|GABc|cBAG|FEDC|CEGc|cGEC|", locking: "2")
    rig.run("lock 5")
    let before = locked(rig)
    var random = round &* 2_654_435_761 &+ 99
    func next(_ count: Int) -> Int {
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(random >> 33) % count
    }
    let typed = ["a", "|", "é", "\n", "K:G\n", "(3", "[", "]", ":|", "z4", "\"Am\""]
    for _ in 0..<200 {
      switch next(6) {
      case 0: rig.type(typed[next(typed.count)])
      case 1: rig.send(.editKeyPressed(EditKey.allCases[next(EditKey.allCases.count)]))
      case 2: rig.send(.pasted(typed[next(typed.count)]))
      default:
        let command = CommandName.allCases[next(CommandName.allCases.count)]
        guard command != .lock else { continue }
        let words = command.argument.split(separator: "|").map(String.init)
        let argument = words.isEmpty ? "" : words[next(words.count)]
        rig.press(command, next(2) == 0 ? "" : argument, count: next(4) == 0 ? next(20) : nil)
      }
      rig.press(.stopRule, "phrase")
      #expect(locked(rig) == before)
    }
    #expect(rig.rebuilt.locks == rig.session.locks)
  }

  @Test func `refusals name every locked bar in order, as ranges`() {
    var rig = Rig()
    rig.send(
      .fileRead(
        path: "t.abc",
        text: "X:1\nT:t\nM:4/4\nL:1/4\nK:C\nCDEF|GABc|cBAG|FEDC|GGGG|ABcd|dcBA|GEDC|\n"))
    for bars in ["8", "3", "4"] { rig.press(.lock, bars) }
    let sentence = "bars 3-4 and 8 are locked and stay as they are (L there lets go)"
    rig.press(.select, "all")
    rig.run("vary pitch")
    #expect(rig.session.message?.text == sentence)
    rig.press(.select, "all")
    rig.run("chords")
    #expect(rig.session.message?.text == sentence)
    rig.press(.select, "2-8")
    rig.press(.cut)
    #expect(rig.session.message?.text == sentence)
    // A file says besides where it can go.
    rig.send(.fileRead(path: "o.abc", text: "X:1\nT:o\nM:3/4\nL:1/8\nK:D\nd6|\n"))
    #expect(
      rig.session.message?.text
        == "bars 3-4 and 8 are locked and stay as they are "
        + "(L there lets go, :new begins another draft)")
  }
}
