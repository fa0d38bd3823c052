import Compose
import Testing

@Suite struct FillTests {
  static let header = "X:1\nT:t\nM:4/4\nL:1/4\nK:C\n"
  static let body = "CDEF|GABc|cBAG|FEDC|CEGc|cGEC|"

  private func rig(_ body: String = FillTests.body) -> Rig {
    var rig = Rig()
    rig.send(.pasted(Self.header + body))
    return rig
  }

  private func texts(_ rig: Rig) -> [String] {
    rig.session.status(draft: "").alternatives?.texts ?? []
  }

  private func select(_ rig: inout Rig, _ bars: String) {
    rig.press(.select, bars)
  }

  @Test func `A on a selection writes exactly these bars and keeps what is around them`() {
    var rig = rig()
    select(&rig, "3-4")
    rig.press(.alternatives, "here")
    let candidates = texts(rig).dropFirst()
    #expect(candidates.count == 4)
    #expect(Set(candidates).count == 4)
    for text in candidates {
      #expect(text.hasPrefix(Self.header + "CDEF|GABc|"))
      #expect(text.hasSuffix("|CEGc|cGEC|"))
      #expect(text.filter { $0 == "|" }.count == 6)
      #expect(!text.contains("cBAG|FEDC"))
      #expect(Score(text: text).parsed.diagnostics.isEmpty)
    }
    #expect(rig.session.alternatives?.name == "bars 3-4")
  }

  @Test(arguments: [(2, "bars 3-4"), (1, "bar 3"), (9, "bars 3-6")])
  func `a count before A is a number of bars where none are selected`(count: Int, name: String) {
    var rig = rig()
    rig.press(.goTo, "3")
    rig.press(.alternatives, "here", count: count)
    #expect(rig.session.alternatives?.name == name)
    #expect(texts(rig).dropFirst().allSatisfy { $0.hasPrefix(Self.header + "CDEF|GABc|") })
  }

  @Test(arguments: [false, true])
  func `r after a fill writes the same bars anew and keeps what follows`(isEdited: Bool) throws {
    var rig = rig()
    select(&rig, "3-4")
    rig.press(.alternatives, "here")
    rig.press(.alternativeChoose)
    let filled = rig.text
    if isEdited {
      rig.press(.goTo, "1")
      rig.press(.insert)
      rig.type("G")
      rig.send(.editKeyPressed(.delete))
      rig.send(.editKeyPressed(.escape))
    }
    let before = rig.text.split(separator: "|").prefix(2).joined(separator: "|")
    rig.press(.retry)
    #expect(rig.text != filled)
    #expect(rig.text.hasPrefix(before + "|"))
    #expect(rig.text.hasSuffix("|CEGc|cGEC|"))
    #expect(Score(text: rig.text).completeBars == 6)
    #expect(Score(text: rig.text).parsed.diagnostics.isEmpty)
    let second = rig.text
    rig.press(.retry)
    #expect(rig.text != second)
    #expect(rig.text.hasSuffix("|CEGc|cGEC|"))
    #expect(Replay(rig.journal, draw: Rig.draw).difference == nil)
  }

  @Test func `r after a fill that has been locked is refused`() {
    var rig = rig()
    select(&rig, "3-4")
    rig.press(.alternatives, "here")
    rig.press(.alternativeChoose)
    let filled = rig.text
    rig.run("lock 4")
    rig.press(.retry)
    #expect(rig.text == filled)
    #expect(rig.session.message?.text.hasPrefix("bar 4 is locked") == true)
  }

  @Test func `candidates that sound the same are one, whatever way they are written`() throws {
    var rig = rig()
    rig.isHolding = true
    select(&rig, "3-4")
    rig.press(.alternatives, "here", count: 4)
    let request = try #require(rig.fills.last)
    func drawn(_ text: String) -> [GeneratedCharacter] {
      text.map {
        GeneratedCharacter(character: String($0), bits: 1, rank: 1, entropy: 1, temperature: 1)
      }
    }
    let written = [["c4/2A2", "F2E2"], ["c2A2", "F2E2"], ["c2 A2", "F2E2"], ["cBAG", "F3E"]]
    let candidates = zip(request.runs, written).map { run, pieces in
      FillResult.Candidate(run: run, pieces: pieces.map(drawn), bits: 8, bitsAfter: 0)
    }
    rig.send(.filled(FillResult(request: request.identifier, candidates: candidates)))
    #expect(rig.session.alternatives?.candidates.count(where: \.isReady) == 2)
    #expect(rig.session.alternatives?.duplicates == 2)
  }

  @Test func `candidates come the fewest bits first, their own and those of what follows`() {
    var rig = rig()
    select(&rig, "3-4")
    rig.press(.alternatives, "here", count: 5)
    let status = rig.session.status(draft: "").alternatives
    let totals = zip(status?.bits ?? [], status?.bitsAfter ?? []).map { $0 + $1 }
    #expect(totals.count == 5)
    #expect(totals == totals.sorted())
    #expect(rig.fills.first?.following == "CEGc|cGEC|".utf8.count + 1)
  }

  @Test func `repeats, endings, pickups and line breaks stay where they are`() {
    let body = "C|:DEFG|ABcd|1efga:|2agfe|\n|:dcBA|GFED:|"
    var rig = rig(body)
    select(&rig, "all")
    rig.press(.alternatives, "here", count: 3)
    func frame(_ text: String) -> String { String(text.filter { "|:12\n".contains($0) }) }
    let candidates = texts(rig).dropFirst()
    #expect(candidates.count == 3)
    for text in candidates {
      #expect(frame(text) == frame(Self.header + body))
      #expect(
        Score(text: text).parsed.bars.map(\.length)
          == Score(text: Self.header + body).parsed.bars.map(\.length))
    }
  }

  @Test func `choosing keeps the cursor's place, the loop and the others as takes`() {
    var rig = rig()
    rig.run("loop 5-6")
    rig.press(.goTo, "3")
    rig.press(.alternatives, "3-4")
    rig.press(.alternativeHear, "2")
    let chosen = rig.text
    rig.press(.alternativeChoose)
    #expect(rig.text == chosen)
    let loop = rig.session.loop.map { rig.text.text(atBytes: rig.session.score.bytes(ofBars: $0)) }
    #expect(loop == "CEGc|cGEC|")
    #expect(rig.session.head == rig.text.utf8.count)
    rig.press(.takeNext)
    #expect(rig.text != chosen)
    #expect(rig.text.hasSuffix("|CEGc|cGEC|"))
    rig.press(.undo)
    #expect(rig.text == Self.header + Self.body)
  }

  @Test func `between locked bars A fills what is not locked`() {
    var rig = rig()
    rig.run("lock 1-2")
    rig.run("lock 5-6")
    rig.press(.goTo, "3")
    rig.press(.alternatives, "here")
    #expect(rig.session.alternatives?.name == "bars 3-4")
    rig.press(.alternativeHear, "1")
    rig.press(.alternativeChoose)
    let locked = rig.session.locks.map { rig.text.text(atBytes: $0) }
    #expect(locked == ["CDEF|", "GABc|", "CEGc|", "cGEC|"])
  }

  @Test func `a locked bar in the selection is named and nothing is asked`() {
    var rig = rig()
    rig.run("lock 3")
    select(&rig, "2-4")
    rig.press(.alternatives, "here")
    #expect(rig.session.message?.text.hasPrefix("bar 3 is locked") == true)
    #expect(rig.fills.isEmpty)
  }

  @Test func `only the note at the cursor is written anew`() {
    var rig = rig()
    rig.press(.goTo, "2")
    rig.press(.move, "right")
    rig.press(.alternatives, "note", count: 2)
    let candidates = texts(rig).dropFirst()
    #expect(candidates.count == 2)
    for text in candidates {
      #expect(text.hasPrefix(Self.header + "CDEF|G"))
      #expect(text.hasSuffix("Bc|cBAG|FEDC|CEGc|cGEC|"))
      #expect(text.utf8.count == (Self.header + Self.body).utf8.count)
    }
  }

  @Test func `a note of a triplet brings its beat along`() {
    var rig = rig("C(3D/E/F/GA|GABc|")
    rig.press(.goTo, "1")
    rig.press(.move, "right", count: 2)
    rig.press(.alternatives, "note", count: 2)
    #expect(rig.fills.first?.gaps.count == 1)
    for text in texts(rig).dropFirst() {
      #expect(text.hasSuffix("GA|GABc|"))
      #expect(Score(text: text).parsed.diagnostics.isEmpty)
    }
  }

  @Test func `a draft with fills is rebuilt and replayed to the letter`() {
    var rig = rig()
    rig.press(.alternatives, "3-4")
    rig.press(.alternativeHear, "2")
    rig.press(.alternativeChoose)
    rig.press(.generateToggle)
    rig.run("lock 4")
    rig.press(.goTo, "2")
    rig.press(.retryHere)
    #expect(rig.rebuilt.history == rig.session.history)
    #expect(rig.rebuilt.text == rig.text)
    let replay = Replay(rig.journal, draw: Rig.draw)
    #expect(replay.difference == nil)
    #expect(replay.text == rig.text)
  }

  @Test func `hearing does not visit the versions that are not heard`() {
    var rig = rig()
    rig.journal = []
    rig.press(.alternatives, "3-4")
    let visits = rig.journal.count { if case .select = $0 { true } else { false } }
    // The best one, which is shown.
    #expect(visits == 1)
  }

  static let duet = """
    X:1
    T:t
    M:4/4
    L:1/4
    K:C
    V:1
    V:2
    [V:1] CDEF|GABc|
    [V:2] C,4|D,4|
    [V:1] cBAG|FEDC|
    [V:2] E,4|F,4|

    """

  @Test func `a fill in one voice leaves the other as it is`() {
    var rig = Rig()
    rig.send(.pasted(Self.duet))
    let before = rig.session.parsed.bars.filter { $0.voice == 1 }.map {
      rig.text.text(atBytes: $0.range)
    }
    let first = rig.session.parsed.bars.firstIndex { $0.voice == 0 && $0.number == 3 } ?? 0
    rig.press(.goTo, "3")
    #expect(rig.session.score.bar(atByte: rig.session.cursor) == first)
    rig.press(.retryHere)
    let after = rig.session.parsed.bars.filter { $0.voice == 1 }.map {
      rig.text.text(atBytes: $0.range)
    }
    #expect(after == before)
    #expect(rig.text.contains("[V:1] CDEF|GABc|\n"))
    #expect(!rig.text.contains("cBAG"))
    #expect(rig.text.filter { $0 == "V" } == Self.duet.filter { $0 == "V" })
    #expect(rig.session.score.completeBars(ofVoice: 0) == 4)
  }
}
