import Testing

@testable import Compose

/// What goes out of a draft: which bars, and how they came to be.
@Suite struct ExportingTests {
  private static let tune = "X:1\nT:Lane\nM:4/4\nL:1/4\nK:D\nABcd|dcBA|A2d2|d4|\n"

  private func rig() -> Rig {
    var rig = Rig()
    rig.send(.fileRead(path: "lane.abc", text: Self.tune))
    rig.effects = []
    return rig
  }

  private func files(_ rig: Rig) -> [TuneExport] {
    rig.effects.compactMap { if case .writeTune(let file) = $0 { file } else { nil } }
  }

  @Test func `the selection, the phrase and the tune go into files of their own`() {
    var rig = rig()
    rig.run("phrase 2")
    rig.run("goto 3")
    rig.run("export phrase a.mid")
    rig.run("select 1-1")
    rig.run("export b.abc")
    rig.run("export tune c.mid")
    let written = files(rig)
    #expect(written.map(\.path) == ["a.mid", "b.abc", "c.mid"])
    #expect(written[0].text.hasSuffix("K:D\nA2d2|d4|\n"))
    #expect(written[1].text.hasSuffix("K:D\nABcd|\n"))
    #expect(written[2].text == Self.tune)
    #expect(rig.session.selection == nil)
  }

  @Test func `a word for what is not there exports nothing and says so`() {
    var rig = rig()
    rig.run("export selection a.mid")
    #expect(files(rig).isEmpty)
    #expect(rig.session.message?.text == "there is no selection to export here")
  }

  @Test func `the form's choices go round, and Enter writes the one that is shown`() throws {
    var rig = rig()
    rig.run("select 2-3")
    rig.press(.export)
    guard case .export(let form) = rig.session.mode else {
      Issue.record("no form")
      return
    }
    #expect(form.choices.map(\.name).prefix(2) == ["bars 2-3", "the whole tune"])
    rig.send(.editKeyPressed(.tab))
    rig.send(.editKeyPressed(.enter))
    #expect(files(rig).map(\.text) == [Self.tune])
  }

  @Test func `every take becomes a file`() {
    var rig = Rig()
    rig.press(.generateToggle)
    rig.press(.retry)
    rig.press(.retry)
    let takes = rig.session.takes.map { rig.session.history.versions[$0].text }
    #expect(takes.count > 1)
    rig.effects = []
    rig.run("export takes ~/lane.mid")
    #expect(files(rig).map(\.text) == takes)
    #expect(files(rig).first?.path == "~/lane-take-1.mid")
  }

  @Test func `a recipe tells model, random number and who wrote each bar`() throws {
    var rig = Rig(rng: 41)
    rig.press(.generateToggle)
    rig.run("temp = 0.5")
    rig.press(.generateBar)
    rig.effects = []
    rig.run("export lane.abc")
    let recipe = try #require(files(rig).first).recipe
    let version = rig.session.history.currentIdentifier
    #expect(recipe.first == "version \(version), whole")
    #expect(recipe.contains("model pretended, hash 0, fp32"))
    #expect(recipe.contains { $0.contains("rng 41") })
    #expect(recipe.contains("bars 1-8: model at 1.00"))
    #expect(recipe.last == "bar 9: model at 0.50")
  }

  @Test func `a recipe is read back from its lines, whatever else they say`() {
    let lines = ["draft my lane", "version 12, written bars 3-4", "model x, hash 0"]
    let recipe = Recipe(reading: lines)
    #expect(recipe?.draft == "my lane")
    #expect(recipe?.version == 12)
    let tune = "X:1\nM:4/4\nL:1/4\nK:C\nG|CDEF|GABc|cBAG|FED|]\n"
    #expect(recipe?.bars(in: tune) == 2...3)
    #expect(Recipe(reading: ["version 3, bars 2-3"])?.bars(in: tune) == 2...3)
    #expect(Recipe(reading: ["version 3, bars 1-3 with the pickup"])?.bars(in: tune) == 0...3)
    #expect(Recipe(reading: ["version 3, whole"])?.bars(in: tune) == nil)
    for odd in [[], ["version"], ["version x"], ["draft"], ["bars 1-2: hand"]] {
      #expect(Recipe(reading: odd) == nil)
    }
    #expect(Recipe(reading: ["version 1, written bars 9-2"])?.bars(in: tune) == nil)
    #expect(Recipe(reading: ["version 1, bars 3-9"])?.bars(in: tune) == nil)
    let text = "X:1\nK:C\n% a remark\nC4|\n% recipe: version 3, whole\n"
    #expect(Recipe.lines(inABC: text) == ["version 3, whole"])
    #expect(Recipe.without(text) == "X:1\nK:C\n% a remark\nC4|\n")
  }

  @Test(arguments: [
    ("1-2", "bars 1-2 with the pickup"), ("2-3", "bars 2-3"), ("4-4", "bars 4-4"),
    ("5-6", "bars 5-6 with the pickup"),
  ])
  func `a recipe counts bars as the ruler does, each once`(bars: String, part: String) throws {
    var rig = Rig()
    rig.send(
      .fileRead(
        path: "t.abc",
        text: "X:1\nT:t\nM:4/4\nL:1/4\nK:C\n"
          + "|:G|CDEF|GABc|cBAG|FED:|\n|:B|cdef|gfed|cBAG|ABc:|\n"))
    rig.press(.keep, "a 3-3")
    rig.press(.select, "2-2")
    rig.press(.shelf, "a")
    let text = rig.text
    rig.press(.select, bars)
    rig.effects = []
    rig.run("export selection a.abc")
    let export = try #require(files(rig).first)
    #expect(export.recipe[0].hasSuffix(", \(part)"), "\(export.recipe)")
    // The same bars are found again by it.
    let found = try #require(Recipe(reading: export.recipe))
    #expect(Session.excerpt(of: text, bars: found.bars(in: text)) == export.text)
    rig.effects = []
    rig.run("export tune a.abc")
    let whole = try #require(files(rig).first).recipe
    #expect(
      whole.filter { $0.contains("bar") } == [
        "pickup and bar 1: file", "bar 2: file and shelf", "bars 3-8: file",
      ])
  }
}
