import ABC
import Testing

@testable import Compose

@Suite struct ChordProposalTests {
  static let header = "X:1\nT:t\nM:4/4\nL:1/8\nK:G\n"

  private func symbols(_ text: String) -> [String] {
    ParsedTune(text: text).chordSymbols.map(\.text)
  }

  private func rig(_ body: String, vocabulary: Set<Character>? = nil) -> Rig {
    var rig = Rig(withModel: false)
    if let vocabulary {
      var model = Rig.model
      model.vocabulary = vocabulary
      rig.send(.modelLoaded(model))
    }
    rig.send(.fileRead(path: "t.abc", text: Self.header + body))
    rig.press(.goTo, "start")
    return rig
  }

  @Test(arguments: [
    ("GBdB GBdB|cege cege|dfaf dfaf|G2B2 d4|", ["G", "C", "D", "G"]),
    ("GBdB cege|dfaf G4|", ["G", "C", "D", "G"]),
    ("B,2E2 G2E2|A,2C2 E2C2|B,^DFB E4|", ["Em", "Am", "B", "Em"]),
  ])
  func `the rule finds the chords that a melody spells`(body: String, chords: [String]) {
    var rig = rig(body)
    if chords[0] == "Em" {
      rig.send(
        .fileRead(path: "t.abc", text: Self.header.replacing("K:G", with: "K:Em") + body))
      rig.press(.goTo, "start")
    }
    rig.run("chords")
    let texts = rig.alternativeTexts
    #expect(texts.count == 5)
    #expect(Set(texts).count == 5)
    let rule = rig.session.harmony(ofBars: Array(rig.session.parsed.bars.indices)).sequences(1)
    #expect(rule[0].map(\.chord.name) == chords)
    for text in texts.dropFirst() {
      // The notes are the same, and the symbols read as chords.
      let tune = ParsedTune(text: text)
      #expect(tune.chordSymbols.allSatisfy { $0.tones != nil })
      #expect(tune.notes.map(\.pitch) == rig.session.parsed.notes.map(\.pitch))
    }
  }

  @Test func `without a model the order is the rule's, which is said`() {
    var rig = rig("GBdB GBdB|dfaf G4|")
    rig.run("chords 2")
    #expect(symbols(rig.alternativeTexts[1]) == ["G", "D", "G"])
    #expect(rig.ranks.isEmpty)
    #expect(
      rig.session.messages.contains { $0.text.contains("the model knows no chord symbols") })
    rig.press(.alternativeChoose)
    #expect(rig.text.hasPrefix(Self.header + "\"G\"GBdB GBdB|\"D\"dfaf \"G\"G4|"))
    rig.press(.undo)
    #expect(rig.text == Self.header + "GBdB GBdB|dfaf G4|")
    #expect(rig.rebuilt.history == rig.session.history)
  }

  @Test func `a model that knows chord symbols orders them, the least surprising first`() {
    var rig = rig("GBdB GBdB|dfaf G4|", vocabulary: Set(LegalityTests.all))
    rig.run("chords 3")
    let request = rig.ranks[0]
    #expect(request.documents.count == 3)
    // The pretended model likes the last best.
    #expect(Array(rig.alternativeTexts.dropFirst()) == request.documents.reversed())
    #expect(rig.session.alternatives?.candidates.first?.bits == 7)
  }

  @Test func `a network says how surprising texts are as if each were read alone`() throws {
    let model = try LegalityTests.network(LegalityTests.all, seed: 4)
    var improviser = Improviser(model)
    let documents = ["\"G\"GBdB|\"D\"dfaf|", "GBdB|\"Am\"dfaf|"].map { Self.header + $0 }
    let request = RankRequest(
      identifier: 1, documents: documents, start: Self.header.utf8.count, kept: 0,
      sampling: Sampling())
    let bits = improviser.rank(request)
    for (document, own) in zip(documents, bits) {
      var alone = Improviser(model)
      let text = ModelText(
        document: document, cursor: document.utf8.count, description: model.description)
      alone.prime(with: String(text.text.prefix(text.bodyStart)))
      let each = alone.score(String(text.text.dropFirst(text.bodyStart)))
      #expect(abs(each.reduce(0, +) - own) < 0.01 * own)
    }
  }

  @Test func `symbols that are there make way, and what is locked is refused`() {
    var rig = rig("\"Am\"GBdB \"F\"GBdB|{a}~dfaf (3GGG G2|")
    rig.run("chords 1")
    #expect(symbols(rig.text) == ["G", "D", "G"])
    #expect(rig.text.contains("\"D\"{a}~d"))
    rig.press(.cancel)
    rig.run("lock 1")
    rig.run("chords")
    #expect(rig.session.message?.text.hasPrefix("bar 1 is locked") == true)
    #expect(rig.session.alternatives == nil)
  }

  @Test func `only the selected bars get symbols`() {
    var rig = rig("GBdB GBdB|dfaf dfaf|cege G4|")
    rig.press(.goTo, "2")
    rig.press(.select, "bars")
    rig.run("chords 1")
    #expect(rig.text == Self.header + "GBdB GBdB|\"D\"dfaf dfaf|cege G4|")
  }
}
