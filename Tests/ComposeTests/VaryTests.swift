import ABC
import Music
import Neural
import Testing

@testable import Compose

/// `vary`: one side of some bars written anew, with networks that know nothing.
@Suite struct VaryTests {
  static let header = "X:1\nT:t\nM:4/4\nL:1/8\nK:D\n"
  static let bodies = [
    "DEFA dAFA|B2AF E2FG|A2dc BAFA|GFED E4|",
    "|:\"D\"D>E F2 (3ABA [FA]2|{g}f2e2 ~d2z2|(AB)cd- d2ef|g,a'^ge =c4:|",
    "A-|ABcd efga|b4 z2 [K:G]c2|",
    "DEFG ABcd-|d2ef gabc'|D8|",
  ]

  private func rig(_ body: String, seed: UInt64 = 1) throws -> Rig {
    var sampling = Rig.fast
    // Random scores are far apart: without heat the same would always be drawn.
    sampling.temperature = 3
    var rig = Rig(
      network: try LegalityTests.network(LegalityTests.all, seed: seed), sampling: sampling)
    rig.send(.fileRead(path: "t.abc", text: Self.header + body))
    rig.press(.goTo, "start")
    rig.press(.select, "all")
    return rig
  }

  /// The music without some kinds of pieces.
  private func without(_ kinds: [MusicPiece.Kind], _ text: String) -> [String] {
    text.split(separator: "|").map { bar in
      MusicPiece.pieces(of: String(bar)).filter { !kinds.contains($0.kind) }.map(\.text).joined()
    }
  }

  private func sounding(_ text: String) -> [[Int]] {
    let tune = ParsedTune(text: text)
    return tune.bars.indices.map { bar in
      tune.notes.filter { $0.bar == bar && $0.kind == .note && !$0.isTiedFromBefore }
        .compactMap { $0.pitch?.key }
    }
  }

  private func body(_ text: String) -> String { String(text.dropFirst(Self.header.count)) }

  @Test(arguments: bodies.indices, [1, 2, 3] as [UInt64])
  func `pitches change and nothing else`(place: Int, seed: UInt64) throws {
    var rig = try rig(Self.bodies[place], seed: seed)
    rig.run("vary pitch")
    let texts = rig.alternativeTexts
    #expect(texts.count > 2)
    for text in texts.dropFirst() {
      #expect(without([.pitch], body(text)) == without([.pitch], body(texts[0])))
      #expect(text != texts[0])
      #expect(
        ParsedTune(text: text).bars.map(\.length) == ParsedTune(text: texts[0]).bars.map(\.length))
    }
    rig.press(.alternativeChoose)
    #expect(rig.rebuilt.history == rig.session.history)
    var again = Improviser(try LegalityTests.network(LegalityTests.all, seed: seed))
    let replay = Replay(rig.journal) { again.write($0).characters }
    #expect(replay.difference == nil)
    #expect(replay.characters > 20)
  }

  @Test(arguments: [0, 1, 3], [1, 2, 3] as [UInt64])
  func `the rhythm changes, the pitches stay in their order, and bars keep their sums`(
    place: Int, seed: UInt64
  ) throws {
    var rig = try rig(Self.bodies[place], seed: seed)
    rig.run("vary rhythm")
    let texts = rig.alternativeTexts
    #expect(texts.count > 2)
    for text in texts.dropFirst() {
      #expect(sounding(text) == sounding(texts[0]), "\(text)")
      #expect(
        ParsedTune(text: text).bars.map(\.length) == ParsedTune(text: texts[0]).bars.map(\.length),
        "\(text)")
      #expect(!text.contains("2/2"))
    }
    var again = Improviser(try LegalityTests.network(LegalityTests.all, seed: seed))
    #expect(Replay(rig.journal) { again.write($0).characters }.difference == nil)
  }

  @Test(arguments: bodies.indices, [1, 2] as [UInt64])
  func `ornaments come and go, and every note stays`(place: Int, seed: UInt64) throws {
    var rig = try rig(Self.bodies[place], seed: seed)
    rig.run("vary ornament")
    let texts = rig.alternativeTexts
    #expect(texts.count > 1)
    for text in texts.dropFirst() {
      #expect(without([.ornament], body(text)) == without([.ornament], body(texts[0])), "\(text)")
      #expect(sounding(text) == sounding(texts[0]))
    }
  }

  @Test func `a sign that the model does not know stays where it is`() throws {
    var sampling = Rig.fast
    sampling.temperature = 3
    let model = try LegalityTests.network(LegalityTests.without("\"!$"), seed: 2)
    var rig = Rig(network: model, sampling: sampling)
    rig.send(.fileRead(path: "t.abc", text: Self.header + "\"Em\"DEFA !trill!dAFA|"))
    rig.press(.goTo, "1")
    rig.run("vary pitch")
    #expect(rig.fills.first?.gaps.count == 2)
    for text in rig.alternativeTexts.dropFirst() {
      #expect(body(text).hasPrefix("\"Em\""))
      #expect(body(text).contains(" !trill!"))
    }
  }

  @Test func `locked bars are named and nothing is asked`() throws {
    var rig = try rig(Self.bodies[0])
    rig.run("lock 2")
    rig.press(.goTo, "start")
    rig.press(.select, "all")
    rig.run("vary pitch")
    #expect(rig.session.message?.text.hasPrefix("bar 2 is locked") == true)
    #expect(rig.fills.isEmpty)
  }

  @Test func `what cannot be varied is said with the nearest that can`() throws {
    var rig = try rig(Self.bodies[0])
    rig.run("vary rythm")
    #expect(
      rig.session.message?.text
        == "'rythm' is nothing to vary: rhythm, pitch or ornament (did you mean 'rhythm'?)")
    rig.run("vary")
    #expect(rig.session.mode.name == "prompt")
  }

  @Test(arguments: bodies)
  func `pieces joined are the music again`(music: String) {
    #expect(MusicPiece.pieces(of: music).map(\.text).joined() == music)
  }
}
