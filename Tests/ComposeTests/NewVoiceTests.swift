import ABC
import Music
import Testing

@testable import Compose

@Suite struct NewVoiceTests {
  static let tune =
    "X:1\nT:t\nM:4/4\nL:1/8\nK:D\nA2|:D2FA dAFA|B2AF E2FG|1 A2dc BAFA|GFED E4:|2 A8|D8|]\n"
    + "w: la la\nB2AF E2FG|D8|\n"

  private func rig(_ text: String = NewVoiceTests.tune, seed: UInt64 = 3) throws -> Rig {
    var sampling = Rig.fast
    sampling.temperature = 2
    var rig = Rig(
      network: try LegalityTests.network(LegalityTests.all, seed: seed), sampling: sampling)
    rig.send(.fileRead(path: "t.abc", text: text))
    rig.press(.goTo, "start")
    return rig
  }

  private func lengths(_ tune: ParsedTune, _ voice: Int) -> [Fraction] {
    tune.bars.filter { $0.voice == voice }.map(\.length)
  }

  @Test func `a new voice has a bar for each bar, and the melody keeps every byte`() throws {
    var rig = try rig()
    rig.run("voice new bass")
    let original = rig.alternativeTexts[0]
    let tune = ParsedTune(text: original)
    #expect(tune.voices.map(\.id) == ["1", "bass"])
    #expect(lengths(tune, 0) == lengths(tune, 1))
    #expect(tune.diagnostics.allSatisfy { $0.severity == .note }, "\(original)")
    #expect(original.contains("V:bass clef=bass octave=-2\n"))
    let melody = Self.tune.dropFirst("X:1\nT:t\nM:4/4\nL:1/8\nK:D\n".count).dropLast()
    #expect(original.contains("V:1\n" + melody))
    #expect(tune.notes.filter { $0.voice == 1 }.allSatisfy { $0.kind == .rest })
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `the model fills it, and the melody stays`(seed: UInt64) throws {
    var rig = try rig(seed: seed)
    rig.run("voice new bass")
    let texts = rig.alternativeTexts
    #expect(texts.count > 1)
    let original = ParsedTune(text: texts[0])
    for text in texts.dropFirst() {
      let tune = ParsedTune(text: text)
      #expect(lengths(tune, 1) == lengths(original, 1))
      #expect(
        tune.notes.filter { $0.voice == 0 }.map(\.pitch)
          == original.notes.filter { $0.voice == 0 }.map(\.pitch))
      #expect(tune.notes.contains { $0.voice == 1 && $0.kind == .note })
    }
    rig.press(.alternativeChoose)
    var again = Improviser(try LegalityTests.network(LegalityTests.all, seed: seed))
    #expect(Replay(rig.journal) { again.write($0).characters }.difference == nil)
    #expect(rig.rebuilt.history == rig.session.history)
    rig.press(.undo, count: 2)
    #expect(rig.text == Self.tune)
  }

  @Test func `tones of the chords that sound are favoured, as the title says`() throws {
    let chords = "X:1\nT:t\nM:4/4\nL:1/8\nK:C\n\"C\"c8|\"F\"c4 \"G\"d4|c8|"
    var shares: [Double] = []
    for weight in ["0", "6"] {
      var rig = try rig(chords)
      rig.run("voice new bass \(weight)")
      #expect(rig.session.alternatives?.name.hasSuffix("chord tones +\(weight).0") == true)
      let harmony = try #require(rig.fills.first?.gaps[1].harmony)
      let half = MusicGrammar.whole / 2
      #expect(
        harmony.chords == [
          .init(start: 0, tones: [5, 9, 0]), .init(start: half, tones: [7, 11, 2]),
        ])
      #expect(rig.fills.first?.gaps[2].harmony?.chords == [.init(start: 0, tones: [7, 11, 2])])
      var inside = 0
      var all = 0
      for text in rig.alternativeTexts.dropFirst() {
        let tune = ParsedTune(text: text)
        let bars = tune.bars.indices.filter { tune.bars[$0].voice == 1 }
        for note in tune.notes where note.voice == 1 && note.kind == .note && note.bar == bars[0] {
          all += 1
          if let key = note.pitch?.key, [0, 4, 7].contains(key % 12) { inside += 1 }
        }
      }
      shares.append(Double(inside) / Double(max(all, 1)))
    }
    #expect(shares[1] > shares[0])
  }

  @Test func `without chord symbols the rule says the harmony`() throws {
    var rig = try rig("X:1\nT:t\nM:4/4\nL:1/8\nK:G\nGBdB GBdB|dfaf dfaf|G8|")
    rig.run("voice new low")
    #expect(
      rig.fills.first?.gaps.map { $0.harmony?.chords.map(\.tones) ?? [] } == [
        [[7, 11, 2]], [[2, 6, 9]], [[7, 11, 2]],
      ])
  }

  @Test func `voices are gone to by name or number, and names are checked`() throws {
    var rig = try rig(
      "X:1\nT:t\nM:4/4\nL:1/8\nK:C\nV:1\nV:b name=low\n[V:1] c8|d8|\n[V:b] e8|f8|\n")
    rig.press(.goTo, "2")
    rig.run("voice low")
    #expect(rig.text.text(atBytes: rig.session.cursor..<rig.session.cursor + 2) == "f8")
    #expect(rig.session.message?.text == "voice 2 low, bar 2")
    rig.run("voice 1")
    #expect(rig.text.text(atBytes: rig.session.cursor..<rig.session.cursor + 2) == "d8")
    rig.run("voice 7")
    #expect(rig.session.message?.text == "there is no voice '7': 1, b")
    rig.run("voice new b")
    #expect(rig.session.message?.text == "there is a voice b already (:voice b goes there)")
    rig.run("voice new a!b")
    #expect(rig.session.message?.kind == .error)
    rig.run("voice new c 11")
    #expect(rig.session.message?.kind == .error)
  }
}
