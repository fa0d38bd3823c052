import Compose
import Music
import Testing

@Suite struct AlternativesTests {
  static let seed = "X:1\nT:untitled-1\nM:4/4\nL:1/4\nK:D\nd e f g|a b a g|"

  static func rig(phrase: Int = 2, seed: String = AlternativesTests.seed) -> Rig {
    var sampling = Rig.fast
    sampling.phrase = phrase
    var rig = Rig(sampling: sampling)
    rig.send(.fileRead(path: "seed.abc", text: seed))
    rig.press(.goTo, "end")
    return rig
  }

  /// The bars that follow the seed.
  static func endings(_ rig: Rig) -> [String] {
    (rig.session.status(draft: "").alternatives?.texts ?? []).dropFirst()
      .map { String($0.dropFirst(seed.count)) }
  }

  @Test(arguments: [1, 4, 9])
  func `as many alternatives as asked for, each a phrase long, no two the same`(count: Int) {
    var rig = Self.rig()
    rig.press(.alternatives, count: count)
    let endings = Self.endings(rig)
    #expect(endings.count == count)
    #expect(Set(endings).count == count)
    for ending in endings { #expect(ending.filter { $0 == "|" }.count == 2) }
    #expect(rig.session.mode == .audition)
    #expect(rig.session.generatorWords == "done k=\(count)")
  }

  @Test func `the first one that is ready is shown, and nothing sounds yet`() {
    var rig = Self.rig()
    rig.press(.alternatives)
    #expect(rig.session.alternatives?.selected == 1)
    #expect(rig.text == Self.seed + Self.endings(rig)[0])
    #expect(rig.session.player.state == .stopped)
  }

  @Test func `a digit makes one of them sound, looped over its bars`() throws {
    var rig = Self.rig()
    rig.press(.alternatives)
    rig.effects = []
    rig.press(.alternativeHear, "3")
    #expect(rig.text == Self.seed + Self.endings(rig)[2])
    #expect(rig.session.transportWords == "LOOP 3-4")
    let plan = try #require(
      rig.effects.lazy.compactMap { effect in
        if case .play(let plan, let start) = effect { (plan, start) } else { nil }
      }.first)
    #expect(plan.1.count == 8 * Tick.perQuarter)
    #expect(plan.0.performance.notes.count == 16)
  }

  @Test func `what sounds changes on the next beat when another is asked for`() {
    var rig = Self.rig()
    rig.press(.alternatives)
    rig.press(.alternativeHear, "1")
    rig.effects = []
    rig.press(.alternativeHear, "2")
    let isClosing = rig.effects.contains { effect in
      if case .updatePlayback(_, closesNotes: true) = effect { true } else { false }
    }
    #expect(isClosing)
    #expect(rig.session.player.state == .playing)
  }

  @Test func `the original of a seed without an ending loops over its last bars`() {
    var rig = Self.rig()
    rig.press(.alternatives)
    rig.press(.alternativeHear, "2")
    rig.press(.alternativeHear, "0")
    #expect(rig.text == Self.seed)
    #expect(rig.session.transportWords == "LOOP 1-2")
  }

  @Test func `choosing keeps the others as takes, and one undo goes back before all of them`() {
    var rig = Self.rig()
    rig.press(.alternatives)
    let endings = Self.endings(rig)
    rig.press(.alternativeHear, "3")
    rig.press(.alternativeChoose)
    #expect(rig.session.alternatives == nil)
    #expect(rig.session.mode == .normal)
    #expect(rig.text == Self.seed + endings[2])
    #expect(rig.session.loop == nil)
    rig.press(.takePrevious)
    #expect(rig.text == Self.seed + endings[1])
    rig.press(.takeNext)
    rig.press(.undo)
    #expect(rig.text == Self.seed)
    let takes = rig.session.takes.map { rig.session.history.versions[$0].text }
    for ending in endings { #expect(takes.contains(Self.seed + ending)) }
  }

  @Test func `Esc brings the original back with the cursor where it was`() {
    var rig = Self.rig(seed: Self.seed + "f f f f|e e e e|")
    rig.press(.goTo, "2")
    let cursor = rig.session.cursor
    let text = rig.text
    rig.press(.alternatives, "here")
    #expect(rig.text != text)
    rig.press(.cancel)
    #expect(rig.text == text)
    #expect(rig.session.cursor == cursor)
    #expect(rig.session.mode == .normal)
  }

  @Test func `in the middle of a tune they replace what follows up to the end of the phrase`() {
    var rig = Self.rig(seed: Self.seed + "f f f f|e e e e|")
    rig.press(.goTo, "2")
    rig.press(.alternatives, "here 2")
    let status = rig.session.status(draft: "")
    for text in (status.alternatives?.texts ?? []).dropFirst() {
      #expect(text.hasPrefix("X:1\nT:untitled-1\nM:4/4\nL:1/4\nK:D\nd e f g|"))
      #expect(text.filter { $0 == "|" }.count == 2)
    }
  }

  @Test func `wherever the cursor stands, the next phrase is the one the model would write`() {
    var rig = Self.rig()
    rig.press(.goTo, "start")
    rig.press(.alternatives)
    for ending in Self.endings(rig) { #expect(ending.filter { $0 == "|" }.count == 2) }
    #expect(rig.text.hasPrefix(Self.seed))
  }

  @Test func `others are written anew, but not the one that is held`() {
    var rig = Self.rig()
    rig.press(.alternatives)
    let before = Self.endings(rig)
    rig.press(.alternativeHear, "2")
    rig.press(.alternativeHold)
    rig.press(.alternativeReroll)
    let after = Self.endings(rig)
    #expect(after.count == 4)
    #expect(after[0] == before[1])
    #expect(Set(after).intersection(before) == [before[1]])
    #expect(rig.session.alternatives?.selected == 1)
  }

  @Test func `one dropped leaves the list and stays a take`() {
    var rig = Self.rig()
    rig.press(.alternatives)
    let before = Self.endings(rig)
    rig.press(.alternativeHear, "4")
    rig.press(.alternativeDrop)
    #expect(Self.endings(rig) == Array(before.prefix(3)))
    rig.press(.alternativeChoose)
    let takes = rig.session.takes.map { rig.session.history.versions[$0].text }
    #expect(takes.contains(Self.seed + before[3]))
  }

  @Test func `any other command chooses what is shown first`() {
    var rig = Self.rig()
    rig.press(.alternatives)
    rig.press(.alternativeHear, "2")
    let shown = rig.text
    rig.press(.insert)
    #expect(rig.session.alternatives == nil)
    #expect(rig.session.mode == .insert)
    #expect(rig.text == shown)
  }

  @Test func `leaving before they are written asks the model to stop and loses nothing`() {
    var rig = Self.rig()
    rig.isHolding = true
    rig.press(.alternatives)
    #expect(rig.session.generatorWords == "run k=4")
    rig.press(.cancel)
    #expect(rig.effects.contains(.cancelGeneration))
    #expect(rig.text == Self.seed)
    // Answers that come all the same change nothing.
    rig.deliver()
    #expect(rig.text == Self.seed)
    rig.isHolding = false
    rig.press(.generateToggle)
    #expect(rig.text.hasPrefix(Self.seed))
    #expect(rig.text.count > Self.seed.count)
  }

  @Test func `an empty draft gets alternatives with a header of their own`() {
    var sampling = Rig.fast
    sampling.phrase = 2
    var rig = Rig(sampling: sampling)
    rig.press(.alternatives, count: 3)
    let texts = rig.session.status(draft: "").alternatives?.texts.dropFirst() ?? []
    #expect(texts.count == 3)
    for text in texts {
      #expect(text.hasPrefix("X:1\nT:untitled-1\nM:4/4"))
      #expect(text.filter { $0 == "|" }.count == 2)
    }
  }

  @Test func `the journal gives back every alternative, and replays to the letter`() {
    var rig = Self.rig()
    rig.press(.alternatives)
    rig.press(.alternativeHear, "2")
    rig.press(.alternativeChoose)
    let rebuilt = rig.rebuilt
    #expect(rebuilt.text == rig.text)
    #expect(
      rebuilt.history.versions.map(\.text) == rig.session.history.versions.map(\.text))
    let replay = Replay(rig.journal, draw: Rig.draw)
    #expect(replay.difference == nil)
    #expect(replay.text == rig.text)
  }

  @Test func `the same seed and random number give the same alternatives`() {
    var first = Self.rig()
    var second = Self.rig()
    first.press(.alternatives)
    second.press(.alternatives)
    #expect(Self.endings(first) == Self.endings(second))
  }

  @Test func `a number that makes no sense is refused in a sentence`() {
    var rig = Self.rig()
    rig.run("alt 12")
    #expect(rig.session.message?.text == "'12' is no number of alternatives: 1 to 9")
    #expect(rig.session.alternatives == nil)
    rig.run("alt 2")
    rig.run("alt.hear 7")
    #expect(rig.session.message?.kind == .error)
    #expect(rig.session.alternatives?.selected == 1)
  }

  @Test(arguments: [CommandName.alternativeReroll, .alternativeMore])
  func `that others are being written is said as long as it is so`(command: CommandName) {
    var rig = Self.rig(phrase: 4)
    rig.press(.alternatives)
    rig.isHolding = true
    rig.press(command)
    #expect(
      rig.session.message?.text.hasSuffix("others are being written") == true
        || rig.session.message?.text.hasSuffix("that begin like it are being written") == true)
    for _ in 0..<8 where rig.session.alternatives?.isReady == false { rig.deliver() }
    #expect(rig.session.alternatives?.isReady == true)
    #expect(rig.session.message == nil)
  }
}
