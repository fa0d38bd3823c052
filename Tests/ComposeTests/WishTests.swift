import ABC
import Compose
import FoundationEssentials
import Testing

/// What is wanted of a tune while it is written: memory, shape, plan of single bars, scale, moods.
@Suite struct WishTests {
  private static let catalogue = Catalogue(
    instruments: [
      .init(name: "fiddle", lowest: 55, highest: 83),
      .init(name: "whistle", lowest: 62, highest: 83),
    ],
    scales: [.init(name: "durga", ascending: [0, 2, 5, 7, 9], descending: [0, 2, 5, 7, 9])],
    moods: [
      .init(
        name: "calm", values: [("temperature", "0.7"), ("memory", "0.3")], fields: ["K": "Ador"],
        tempo: 80)
    ], checkpoints: ["other"])

  private static func rig() -> Rig {
    var rig = Rig()
    rig.send(.catalogueRead(catalogue))
    return rig
  }

  private static func command(_ line: String) -> Event {
    guard case .success(let invocation) = Invocation.parse(line) else { return .unknownKey(line) }
    return .commanded(invocation)
  }

  @Test func `the memory moves by a key, stops at its ends, and is said`() {
    var rig = Self.rig()
    #expect(StatusLine.text(of: rig.session).contains("M 0.15"))
    rig.send(.commanded(Invocation(.memory, "up")))
    #expect(rig.session.sampling.writing.memory == 0.2)
    #expect(rig.session.message?.text == "memory 0.20 -> will be heard from bar 1")
    #expect(StatusLine.text(of: rig.session).contains("M 0.20"))
    rig.send(.commanded(Invocation(.memory, "down", count: 40)))
    #expect(rig.session.sampling.writing.memory == -1)
    rig.send(Self.command("memory 0.5"))
    #expect(rig.session.sampling.writing.memory == 0.5)
    rig.send(Self.command("memory 2"))
    #expect(rig.session.sampling.writing.memory == 0.5)
    #expect(rig.session.message?.text == "'2' does not fit memory: -1 to 1")
  }

  @Test(arguments: [
    ("shape ABAC", "abac"), ("shape auto", "auto"), ("shape a'", "a'"),
  ])
  func `a shape is taken as it is typed`(line: String, shape: String) {
    var rig = Self.rig()
    rig.send(Self.command(line))
    #expect(rig.session.sampling.writing.shape == shape)
  }

  @Test func `scale takes its force or a name, and next walks the forces`() {
    var rig = Self.rig()
    rig.send(Self.command("scale next"))
    #expect(rig.session.sampling.writing.scale == .wish)
    rig.send(Self.command("scale durga"))
    #expect(rig.session.sampling.writing.scaleName == "durga")
    #expect(rig.session.sampling.writing.ascending == [0, 2, 5, 7, 9])
    rig.send(Self.command("scale rule"))
    #expect(rig.session.message?.text.hasPrefix("scale rule (durga)") == true)
    rig.send(Self.command("scale nosuch"))
    #expect(
      rig.session.message?.text
        == "'nosuch' does not fit scale: off, wish, rule, key, pentatonic, hexatonic, durga")
  }

  @Test func `an instrument brings its range, and the tune can be moved into it`() throws {
    var rig = Self.rig()
    rig.send(Self.command("instrument whistle"))
    #expect(rig.session.sampling.writing.lowest == 62)
    rig.send(.pasted("X:1\nL:1/4\nM:4/4\nK:G\nG,A,B,C|D2E2|]\n"))
    rig.send(Self.command("best-key"))
    let keys = rig.session.parsed.notes.compactMap { $0.pitch?.key }
    #expect(keys.allSatisfy { (62...83).contains($0) })
    #expect(rig.session.parsed.header.key == "G" || rig.session.parsed.header.key == "D")
    let before = rig.session.text
    rig.send(Self.command("best-key"))
    #expect(rig.session.text == before)
    #expect(rig.session.message?.text == "the tune lies well for the whistle as it is")
  }

  @Test func `single bars are planned, changed one by one, and given up`() {
    var rig = Self.rig()
    rig.send(Self.command("plan 5=1, 6 ~ 2"))
    #expect(rig.session.sampling.writing.bars == "5=1,6~2")
    rig.send(Self.command("plan 6 new"))
    #expect(rig.session.sampling.writing.bars == "5=1,6 new")
    rig.send(Self.command("plan 5 auto"))
    #expect(rig.session.sampling.writing.bars == "6 new")
    for wrong in ["plan 5=5", "plan x", "plan 0=1", "plan 3=4"] {
      rig.send(Self.command(wrong))
      #expect(rig.session.message?.kind == .error, "\(wrong)")
      #expect(rig.session.sampling.writing.bars == "6 new")
    }
    rig.send(Self.command("plan off"))
    #expect(rig.session.sampling.writing.bars == "")
  }

  @Test func `one key walks what the coming bar will be`() {
    var rig = Self.rig()
    rig.send(.pasted("X:1\nL:1/4\nM:4/4\nK:C\nCDEF|GABc|cBAG|FEDC|"))
    rig.send(.commanded(Invocation(.goTo, "end")))
    #expect(rig.session.comingBar == 5)
    var seen: [String] = []
    for _ in 0..<9 {
      rig.send(.commanded(Invocation(.plan, "next")))
      seen.append(rig.session.sampling.writing.bars)
    }
    #expect(seen == ["5 new", "5=1", "5~1", "5=3", "5~3", "5=4", "5~4", "", "5 new"])
  }

  @Test func `a mood is taken on, a new tune gets its header, and the present one is kept`() throws
  {
    var rig = Self.rig()
    rig.send(Self.command("mood calm"))
    #expect(rig.session.sampling.temperature == 0.7)
    #expect(rig.session.sampling.writing.memory == 0.3)
    #expect(rig.session.parsed.header.key == "Ador")
    #expect(rig.session.tempo == 80)
    rig.send(Self.command("mood save mine"))
    let saved = rig.effects.compactMap { effect -> Catalogue.Mood? in
      if case .saveMood(let mood) = effect { mood } else { nil }
    }
    let mine = try #require(saved.last)
    #expect(mine.name == "mine" && mine.fields["K"] == "Ador" && mine.tempo == 80)
    #expect(mine.values.contains { $0.name == "memory" && $0.value == "0.30" })
    rig.send(Self.command("mood nosuch"))
    #expect(rig.session.message?.text == "there is no mood 'nosuch': calm")
  }

  @Test(arguments: ["rule", "wish", "off"])
  func `a mood that was saved brings back every value, also those that are usual`(
    force: String
  ) throws {
    var rig = Self.rig()
    for line in ["memory 0.15", "shape auto", "scale durga", "scale \(force)", "mood save mine"] {
      rig.send(Self.command(line))
    }
    let wanted = rig.session.sampling
    let saved = rig.effects.compactMap { effect -> Catalogue.Mood? in
      if case .saveMood(let mood) = effect { mood } else { nil }
    }
    var catalogue = Self.catalogue
    catalogue.moods += saved
    rig.send(.catalogueRead(catalogue))
    for line in ["memory 0.9", "shape free", "scale pentatonic", "scale wish", "temperature 1.3"] {
      rig.send(Self.command(line))
    }
    rig.send(Self.command("mood mine"))
    #expect(rig.session.sampling == wanted)
    #expect(rig.session.sampling.writing.ascending == [0, 2, 5, 7, 9])
    #expect(rig.session.message?.text.hasPrefix("mood mine") == true)
  }

  @Test func `tunes that are lent are in the journal, and come back with it`() {
    var rig = Self.rig()
    let book = LentTunes(name: "book.abc", texts: ["K:C\nCDEF|\n\n"])
    rig.send(Self.command("memory add book.abc"))
    #expect(rig.effects.contains(.readTunes(files: "book.abc", shelf: "")))
    rig.send(.tunesLent(book, remark: "1 tune of book.abc"))
    rig.send(.commanded(Invocation(.generateToggle)))
    #expect(rig.session.book == book)
    #expect(rig.journal.contains(.book(book)))
    var again = Session(title: "again", rng: 1)
    again.restore(rig.journal)
    #expect(again.book == book)
    // A second book comes beside the first, what both have once.
    let second = LentTunes(name: "other.abc", texts: ["K:D\nDEFG|\n\n", book.texts[0]])
    rig.send(.tunesLent(second, remark: "2 tunes of other.abc"))
    #expect(rig.session.book?.name == "book.abc, other.abc")
    #expect(rig.session.book?.texts == second.texts)
    rig.send(.tunesLent(LentTunes(name: "c", texts: ["K:C\nc4|\n\n"]), remark: "the tune of c"))
    #expect(rig.session.message?.text.contains("the tune of c, and 2 lent before") == true)
    #expect(rig.session.book?.texts.count == 3)
    rig.send(Self.command("memory off"))
    #expect(rig.session.book == nil)
    rig.send(Self.command("memory drop"))
    #expect(rig.session.message?.text.contains("add FILE") == true)
  }

  @Test func `the shelf is lent as a tunebook, and names with blanks stand in quotes`() {
    var rig = Self.rig()
    rig.send(Self.command("memory add shelf"))
    #expect(!rig.effects.contains { if case .readTunes = $0 { true } else { false } })
    rig.send(.pasted("X:7\nL:1/4\nM:4/4\nK:D\nDEFG|A2d2|"))
    rig.send(Self.command("keep a 1-1"))
    rig.send(Self.command("keep b 2-2"))
    rig.send(Self.command("memory add shelf"))
    let books = rig.effects.compactMap { effect -> Tunebook? in
      if case .readTunes("", let shelf) = effect { Tunebook(text: shelf) } else { nil }
    }
    #expect(books.count == 1)
    #expect(books.first?.tunes.map(\.number) == [1, 2])
    #expect(Session.names(in: "\"my tunes.abc\" b.abc") == ["my tunes.abc", "b.abc"])
  }

  @Test func `a scale is completed by its name`() {
    var session = Session(title: "t", rng: 1)
    #expect(session.completions(of: "scale ru") == ["scale rule"])
    _ = session.handle(.catalogueRead(Self.catalogue))
    let found = session.completions(of: "scale pe")
    #expect(found.contains("scale pentatonic"))
  }

  @Test func `a second model is named with its share, and only where there is one`() {
    var rig = Self.rig()
    rig.send(Self.command("mix other 0.3"))
    #expect(rig.session.sampling.writing.mix == Mix(name: "other", share: 0.3))
    rig.send(Self.command("mix nosuch 0.3"))
    #expect(rig.session.message?.kind == .error)
    #expect(rig.session.sampling.writing.mix?.name == "other")
    rig.send(Self.command("mix off"))
    #expect(rig.session.sampling.writing.mix == nil)
  }

  @Test func `a run stops at the first bar that comes to rest`() {
    var rig = Self.rig()
    rig.isHolding = true
    rig.send(.pasted("X:1\nL:1/4\nM:4/4\nK:C\nCDEF|"))
    rig.send(.commanded(Invocation(.goTo, "end")))
    rig.send(Self.command("stop-rule cadence"))
    rig.held = []
    rig.send(.commanded(Invocation(.generateToggle)))
    let request = rig.held.last?.identifier ?? 0
    rig.send(
      .generated(
        GenerationResult(
          request: request,
          characters: "GABd|cBAG/C/|DEC2|EFGA|".map {
            GeneratedCharacter(character: String($0), bits: 1, rank: 1, entropy: 1, temperature: 1)
          }, endsTune: false)))
    // Bar 3 ends on a short tonic; bar 4 on a long one.
    #expect(rig.session.text.hasSuffix("CDEF|GABd|cBAG/C/|DEC2|"))
    #expect(rig.session.generatorState == "done")
  }

  @Test func `bars that come back are told, and so are their variants`() throws {
    let score = Score(
      text: "X:1\nL:1/8\nM:4/4\nK:C\nCDEF GABc|c8|CDEF GABc|c4 c4|CDEF GABd|EEEE FFFF|")
    #expect(score.returning(bar: 0) == nil)
    #expect(score.returning(bar: 1) == nil)
    #expect(score.returning(bar: 2) == .like(1, isVaried: false))
    #expect(
      score.returning(bar: 4) == .like(1, isVaried: true)
        || score.returning(bar: 4) == .like(3, isVaried: true))
    #expect(score.returning(bar: 5) == nil)
  }

  @Test func `numbers of older journals have no memory, and those of today do`() throws {
    let character = GeneratedCharacter(
      character: "G", bits: 1.5, rank: 2, entropy: 2, temperature: 0.8, memory: 0.25)
    let batch = GeneratedBatch([character, character])
    let line = try #require(String(data: JSONEncoder().encode(batch), encoding: .utf8))
    #expect(try JSONDecoder().decode(GeneratedBatch.self, from: Data(line.utf8)) == batch)
    // Two characters with four words each, all zero.
    let old = "{\"text\":\"AB\",\"numbers\":\"\(Data(count: 32).base64EncodedString())\"}"
    let read = try JSONDecoder().decode(GeneratedBatch.self, from: Data(old.utf8))
    #expect(read.characters.map(\.memory) == [0, 0])
    #expect(read.characters.map(\.character) == ["A", "B"])
  }
}
