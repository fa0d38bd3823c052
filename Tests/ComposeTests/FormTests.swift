import Testing

@testable import Compose

/// The tune that phrases of the shelf make.
@Suite struct FormTests: LaneSuite {
  @Test func `a form repeats what comes twice, and says how long it is`() {
    var rig = kept(("1-4", "a"), ("5-8", "b"))
    rig.run("form a a b b")
    #expect(body(rig) == "|:ABcd|dcBA|A2d2|d4:|\n|:eeff|gfed|e2c2|d4:|\n")
    #expect(rig.session.message?.text == "form A A B B = 16 bars, 0:32, every join fits")
    #expect(rig.session.score.performance.bars.count == 16)
    #expect(rig.session.parsed.diagnostics.isEmpty)
    rig.run("form A B A")
    #expect(body(rig) == "ABcd|dcBA|A2d2|d4||\neeff|gfed|e2c2|d4||\nABcd|dcBA|A2d2|d4|]\n")
    rig.press(.undo, count: 2)
    #expect(rig.text == Self.tune)
  }

  private static func duet(_ first: String, _ second: String) -> String {
    "X:1\nT:Duet\nM:4/4\nL:1/4\nK:C\nV:1\n\(first)\nV:2 clef=bass\n\(second)\n"
  }

  @Test func `in a tune of several voices the bars of all of them go together`() {
    var rig = rig(Self.duet("CDEF|GABc|cBAG|FEDC|", "C,4|D,4|E,4|z4|"))
    rig.run("keep a 1-2")
    rig.run("keep b 3-4")
    rig.run("form A A B")
    #expect(
      body(rig)
        == "V:2 clef=bass\nV:1\n|:CDEF|GABc:|\ncBAG|FEDC|]\nV:2\n|:C,4|D,4:|\nE,4|z4|]\n")
    #expect(rig.session.message?.text == "form A A B = 6 bars, 0:12, every join fits")
    #expect(rig.session.parsed.diagnostics.isEmpty)
    #expect(rig.session.score.performance.notes.count == 24 + 5)
    rig.press(.undo)
    #expect(rig.text == Self.duet("CDEF|GABc|cBAG|FEDC|", "C,4|D,4|E,4|z4|"))
  }

  @Test func `endings stand in every voice where they differ in one`() {
    var rig = rig(Self.duet("CDEF|GABc|CDEF|c4|", "C,4|D,4|C,4|D,4|"))
    rig.run("keep a 1-2")
    rig.run("keep a' 3-4")
    rig.run("form A A'")
    #expect(
      body(rig)
        == "V:2 clef=bass\nV:1\n|:CDEF|1 GABc:|2 c4|]\nV:2\n|:C,4|1 D,4:|2 D,4|]\n")
    #expect(rig.session.parsed.diagnostics.isEmpty)
  }

  @Test func `a varied return is written in the first voice, the others come back as they are`() {
    var rig = rig(
      Self.duet("CDEF|GABc|cBAG|FEDC|eeee|dddd|", "C,4|D,4|E,4|C,4|G,4|G,4|"))
    rig.run("keep a 1-4")
    rig.run("keep b 5-6")
    rig.isHolding = true
    rig.run("form A B A'")
    #expect(rig.session.mode == .audition)
    #expect(rig.fills.last?.gaps.count == 2)
    rig.deliver()
    rig.press(.alternativeHear, "1")
    let second = "V:2\nC,4|D,4|E,4|C,4||\nG,4|G,4||\nC,4|D,4|E,4|C,4|]\n"
    #expect(body(rig).hasSuffix(second))
    #expect(!body(rig).contains("CDEF|GABc|cBAG|FEDC|]"))
  }

  @Test func `a phrase of one voice is refused by name in a tune of two`() {
    var rig = kept(("1-4", "a"))
    let duet = Self.duet("CDEF|GABc|", "C,4|D,4|")
    rig.send(.fileRead(path: "duet.abc", text: duet))
    rig.run("form A A")
    #expect(
      rig.session.message?.text
        == "A was kept of one voice and this tune has 2: keep its bars again in this tune (K), "
        + "those of all voices go together")
    #expect(rig.text == duet)
  }

  @Test func `a return with another ending becomes first and second endings`() {
    var rig = rig(
      Self.tune.replacing("eeff|gfed|e2c2|d4|", with: "ABcd|dcBA|f2e2|A4|"))
    for (bars, name) in [("1-4", "a"), ("5-8", "a'")] {
      rig.run("select \(bars)")
      rig.run("keep \(name)")
    }
    rig.run("form A A'")
    #expect(body(rig) == "|:ABcd|dcBA|1 A2d2|d4:|2 f2e2|A4|]\n")
    #expect(rig.session.parsed.diagnostics.isEmpty)
    let plays = rig.session.score.performance.notes.map(\.pitch.key)
    let first = [69, 71, 73, 74, 74, 73, 71, 69]
    #expect(plays == first + [69, 74, 74] + first + [78, 76, 69])
  }

  @Test func `a varied return that is not kept yet is written by the model, most of it as it was`()
    throws
  {
    var rig = kept(("1-4", "a"), ("5-8", "b"))
    rig.isHolding = true
    rig.run("form A B A'")
    #expect(rig.session.mode == .audition)
    #expect(rig.session.message?.text.contains("form A B A' = 12 bars") == true)
    // The first and the last bar stay, so that it is known again and ends as before.
    #expect(rig.fills.last?.gaps.count == 2)
    rig.deliver()
    rig.press(.alternativeHear, "1")
    let lines = body(rig).split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines[2].hasPrefix("ABcd|") && lines[2].hasSuffix("|d4|]"))
    #expect(lines[2] != "ABcd|dcBA|A2d2|d4|]")
    #expect(lines[0] == "ABcd|dcBA|A2d2|d4||")
    rig.press(.alternativeChoose)
    rig.run("keep a' 9-12")
    let varied = try #require(rig.session.shelf.phrases["a'"])
    rig.run("form A A'")
    #expect(varied.text.contains(lines[2].dropLast(2)))
    #expect(rig.session.mode == .normal)
  }

  @Test func `without a model a copy is selected, to be written later`() {
    var rig = Rig(withModel: false)
    rig.send(.fileRead(path: "lane.abc", text: Self.tune))
    rig.run("keep a 1-4")
    rig.run("form A A'")
    #expect(body(rig) == "ABcd|dcBA|A2d2|d4||\nABcd|dcBA|A2d2|d4|]\n")
    #expect(rig.session.selection == 5...6)
    #expect(rig.session.message?.text.contains("bars 6-7 are copies") == true)
  }

  @Test func `A1 A2 are first and second endings, of its own or written by the model`() {
    var rig = kept(("1-4", "a"))
    rig.isHolding = true
    rig.run("form A1 A2")
    #expect(body(rig) == "|:ABcd|dcBA|A2d2|1 d4:|2 d4|]\n")
    #expect(rig.fills.last?.gaps.count == 1)
    rig.deliver()
    #expect(rig.session.parsed.diagnostics.isEmpty)
    rig.press(.alternativeChoose)
    #expect(body(rig).hasPrefix("|:ABcd|dcBA|A2d2|1 d4:|2 "))

    var own = self.rig("X:1\nT:Lane\nM:4/4\nL:1/4\nK:D\n|:ABcd|1 A4:|2 d4|]\neeff|gfed|\n")
    own.run("keep a 1-3")
    own.run("keep b 4-5")
    own.run("form A2 B A1")
    #expect(body(own) == "ABcd|d4||\neeff|gfed||\nABcd|A4|]\n")
    own.run("form A1 A2 B B")
    #expect(body(own) == "|:ABcd|1 A4:|2 d4||\n|:eeff|gfed:|\n")
    own.run("form A B")
    #expect(body(own) == "|:ABcd|1 A4:|2 d4|]\neeff|gfed|]\n")
    own.run("form A3 B")
    #expect(own.session.message?.text == "A has no ending 3 that is played from its beginning")
    own.run("form A'")
    #expect(own.session.message?.text.contains("has repeats of its own") == true)
  }

  @Test func `what is kept out of a repeat is plain music, whatever framed it`() {
    let body = "|:D|ABcd|dcBA|1 A2d2|d3:|2 A4|d4||\n[K:G]|:B|eeff|g3:|\n"
    var rig = rig("X:1\nT:Lane\nM:4/4\nL:1/4\nK:D\n" + body)
    let bars = rig.session.parsed.bars
    for (name, places) in [("a", 0...4), ("b", 7...9)] {
      rig.session.places.select(
        from: bars[places.lowerBound].range, to: bars[places.upperBound].range)
      rig.run("keep \(name)")
    }
    rig.run("form AABB")
    #expect(
      self.body(rig) == "|:D|ABcd|dcBA|A2d2|d3:|\n[K:G]|:B|eeff|g3:|\n")
    #expect(rig.session.message?.text.hasSuffix("every join fits") == true)
    #expect(rig.session.shelf.form == "A A B B")
  }

  @Test func `joins that do not fit are named`() {
    var rig = rig(
      "X:1\nT:Lane\nM:3/4\nL:1/4\nK:G\nD|GAB|G2||\nB|cBA|G3||\n[M:4/4]g'3g'|G,4|\n")
    rig.run("select 1-2")
    for (places, name) in [(0...2, "a"), (3...5, "b"), (6...7, "c")] {
      let bars = rig.session.parsed.bars
      rig.session.places.select(
        from: bars[places.lowerBound].range, to: bars[places.upperBound].range)
      rig.run("keep \(name)")
    }
    rig.run("form A A")
    #expect(rig.session.message?.text.hasSuffix("every join fits") == true)
    rig.run("form B B")
    #expect(
      rig.session.message?.text.contains("B to B: a pickup of 1/4 follows a full bar") == true)
    rig.run("form A C")
    let said = rig.session.messages.map(\.text).joined(separator: "\n")
    #expect(said.contains("A to C: the meter goes from 3/4 to 4/4"))
    #expect(said.contains("A to C: a leap of"))
    rig.run("form A X")
    #expect(rig.session.message?.text == "nothing is kept as X; there is A B C")
  }

  @Test(arguments: [
    "", "|:ABcd:|", "[|ABcd|]", "[CEG]|]", "ABcd::", "A[1B", "|", "[M:6/8]ABc|", "é|",
  ])
  func `the bar line at a phrase's end is taken off, and nothing else`(music: String) {
    let bare = PhraseMusic.withoutLine(music)
    #expect(music.hasPrefix(bare))
    #expect(!bare.hasSuffix("|") && !bare.hasSuffix(":"))
    #expect(music.dropFirst(bare.count).allSatisfy { "|:[] ".contains($0) })
    if music == "[CEG]|]" { #expect(bare == "[CEG]") }
  }

  @Test func `phrases and forms of odd texts are refused or built, never a trap`() {
    let pieces = [
      "|", ":", "[", "]", "1", "A", "b2", "\n", "[K:G]", "z", "\"", "%", "w:", "V:2\n", "(3",
    ]
    var state: UInt64 = 5
    func next() -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 40)
    }
    for _ in 0..<120 {
      let music = (0..<14).map { _ in pieces[next() % pieces.count] }.joined()
      var rig = rig("X:1\nT:Lane\nM:4/4\nL:1/4\nK:D\nABcd|" + music + "\n")
      rig.run("select all")
      rig.run("keep a")
      for form in ["A A", "A A'", "A1 A2", "A"] {
        rig.run("form \(form)")
        rig.press(.cancel)
      }
      rig.run("shelf a")
      #expect(rig.session.records.count == rig.text.utf8.count)
    }
  }
}
