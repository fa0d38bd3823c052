import ABC
import Music
import Neural
import Notes
import Testing

@testable import Compose

/// Networks of notes that have learnt where pieces begin and end.
@Suite struct NoteMarkTests {
  static let kinds = ["midi-characters", "note-chords", "pitch-step-duration"]

  static func model(_ kind: String) throws -> NoteModel {
    switch kind {
    case "midi-characters":
      try NoteModel(
        NoteFixture.checkpoint(
          kind, NoteFixture.midiCharacters + ["end"], favoured: ("1", 6)))
    case "note-chords":
      try NoteModel(
        NoteFixture.checkpoint(kind, NoteFixture.noteChords + ["end"], favoured: ("end", 1)))
    default: try NoteModel(NoteFixture.timed(marks: true))
    }
  }

  private static let header = "X:1\nT:t\nM:3/4\nL:1/8\nK:G\n"

  private func tune(_ model: NoteModel, run: UInt64, endsByItself: Bool) -> NoteAuthor.WrittenNotes
  {
    var author = NoteAuthor(model)
    return author.tune(
      from: Self.header, bars: 40, characters: .max, endsByItself: endsByItself,
      sampling: Sampling(), rng: 3, run: run)
  }

  @Test(arguments: kinds)
  func `a tune ends in the bar in which the network says so, and its bars add up`(
    _ kind: String
  ) throws {
    let model = try Self.model(kind)
    #expect(model.knowsEnds)
    var ended = 0
    for run in 0..<24 {
      let written = tune(model, run: UInt64(run), endsByItself: true)
      let parsed = ParsedTune(text: written.text)
      #expect(parsed.bars.allSatisfy { $0.isClosed && $0.length == Fraction(3, 4) }, "\(written)")
      #expect(parsed.notes.contains { $0.kind == .note }, "a tune never ends before it begins")
      #expect(written.text.hasSuffix("|]\n"), "\(written.text)")
      #expect(written.isEnded == (written.bars < 40) || written.bars == 40)
      if written.isEnded { ended += 1 }
    }
    #expect(ended > 6, "it says so now and then")
  }

  @Test(arguments: kinds)
  func `where bars are asked for, the mark is never drawn`(_ kind: String) throws {
    for run in 0..<8 {
      let written = tune(try Self.model(kind), run: UInt64(run), endsByItself: false)
      #expect(written.bars == 40)
      #expect(!written.isEnded)
    }
  }

  @Test(arguments: kinds)
  func `a session is done with the tune, and goes on only when it is asked to`(
    _ kind: String
  ) throws {
    var sampling = Rig.fast
    sampling.stop = .tune
    var rig = Rig(notes: try Self.model(kind), sampling: sampling)
    rig.press(.generateToggle)
    for _ in 0..<40 where rig.session.generator != .done(.tune) { rig.press(.generateToggle) }
    #expect(rig.session.generator == .done(.tune), "\(rig.text)")
    let text = rig.text
    #expect(text.hasSuffix("|]") || text.hasSuffix("|]\n"), "\(text)")
    // The draft is drawn again from its recipe, the end included.
    var author = NoteAuthor(try Self.model(kind))
    let replay = Replay(rig.journal) { author.write($0).characters }
    #expect(replay.difference == nil)
    #expect(replay.text == text)
    rig.press(.generateBar)
    #expect(rig.text.utf8.count > text.utf8.count)
  }

  private static let duet =
    header + "V:1\nV:2 clef=bass\nV:1\nG2B2d2|e2d2c2|\nV:2\nG,,6|C,6|\n"

  /// How the last bar of each voice ends.
  private func endings(_ text: String) -> [String] {
    let tune = ParsedTune(text: text)
    return tune.voices.indices.map { voice in
      let bar = tune.bars.last { $0.voice == voice }
      return bar.map { String(text.text(atBytes: $0.range).suffix(2)) } ?? ""
    }
  }

  @Test(arguments: kinds)
  func `a tune of two voices that ends itself has the final bar line in both`(
    _ kind: String
  ) throws {
    var author = NoteAuthor(try Self.model(kind))
    var ended = 0
    for run in 0..<24 {
      let written = author.tune(
        from: Self.duet, bars: 40, characters: .max, endsByItself: true, sampling: Sampling(),
        rng: 3, run: UInt64(run))
      #expect(endings(written.text) == ["|]", "|]"], "\(written.text)")
      #expect(written.text.split(separator: "|]", omittingEmptySubsequences: false).count == 3)
      #expect(ParsedTune(text: written.text).bars.allSatisfy { $0.length == Fraction(3, 4) })
      if written.isEnded { ended += 1 }
    }
    #expect(ended > 3, "it says so now and then")
  }

  @Test(arguments: kinds)
  func `in a session too, and the draft replays it, undo takes it back, and it goes on behind`(
    _ kind: String
  ) throws {
    var sampling = Rig.fast
    sampling.stop = .tune
    var rig = Rig(notes: try Self.model(kind), sampling: sampling)
    rig.send(.fileRead(path: "t.abc", text: Self.duet))
    for _ in 0..<40 where rig.session.generator != .done(.tune) { rig.press(.generateToggle) }
    #expect(rig.session.generator == .done(.tune), "\(rig.text)")
    let text = rig.text
    #expect(endings(text) == ["|]", "|]"], "\(text)")
    #expect(rig.session.head == text.utf8.count, "the model goes on at the end")
    let author = NoteAuthor(try Self.model(kind))
    let replay = Replay(rig.journal) {
      var author = author
      return author.write($0).characters
    }
    #expect(replay.difference == nil)
    #expect(replay.text == text)
    rig.press(.generateBar)
    #expect(rig.text.hasPrefix(text.trimmingSpaces()) && rig.text.utf8.count > text.utf8.count)
    let tune = ParsedTune(text: rig.text)
    #expect(tune.diagnostics.filter { $0.severity == .error }.isEmpty, "\(rig.text)")
    while rig.text != Self.duet, rig.session.history.undoTarget != nil { rig.press(.undo) }
    #expect(rig.text == Self.duet)
  }

  @Test func `only voices that end where the tune does get a final bar line`() {
    let head = "X:1\nL:1/4\nM:2/4\nK:C\nV:1\nV:2\n"
    for (text, expected) in [
      ("[V:1] CD|\n[V:2] EF|]", "[V:1] CD|]\n[V:2] EF|]"),
      ("[V:1] CD|EF|\n[V:2] EF|GA|]\n", "[V:1] CD|EF|]\n[V:2] EF|GA|]\n"),
      // One ends before, one is not closed, one repeats, one has its own.
      ("[V:1] CD|\n[V:2] EF|GA|]", nil), ("[V:1] CD\n[V:2] EF|]", nil),
      ("[V:1] |:CD:|\n[V:2] EF|]", nil), ("[V:1] CD||\n[V:2] EF|]", nil),
      ("[V:1] CD|]\n[V:2] EF|]", nil), ("", nil),
      ("[V:1] CD|\n[V:2] EF|\n", "[V:1] CD|]\n[V:2] EF|]\n"),
    ] as [(String, String?)] {
      var written = head + text
      for edit in VoiceEnding.edits(written) {
        written.replaceBytes(edit.range, with: edit.replacement)
      }
      #expect(written == head + (expected ?? text))
    }
  }

  @Test(arguments: kinds)
  func `a gap is filled to its end whatever the network says`(_ kind: String) throws {
    let text = "X:1\nM:3/4\nL:1/4\nK:C\nCDE|FGA|BAG|\n"
    let tune = ParsedTune(text: text)
    let bar = tune.bars[1]
    var rig = Rig(notes: try Self.model(kind))
    rig.send(.fileRead(path: "t.abc", text: text))
    rig.press(.goTo, "2")
    rig.run("alt 2-2")
    #expect(rig.session.alternatives?.candidates.isEmpty == false)
    rig.run("alt.hear 1")
    rig.run("alt.choose")
    let filled = rig.session.parsed
    #expect(filled.bars.count == 3)
    #expect(filled.bars[1].length == bar.length)
    #expect(!rig.text.contains("|]"))
  }

  @Test func `the first note is asked for by the mark`() throws {
    let model = try Self.model("note-chords")
    var reader = NoteReader(model)
    guard case .tokens(let network, let vocabulary) = model.network else {
      Issue.record("no tokens")
      return
    }
    var state = network.makeState()
    var logits = [Float](repeating: 0, count: network.vocabularySize)
    network.step(try #require(vocabulary.end), state: &state, logits: &logits)
    #expect(reader.outputs() == logits)
    // Going back to nothing asks by it again, in a window, too.
    reader.prime(with: ["60", "62"])
    reader.prime(with: [])
    #expect(reader.outputs() == logits)
    var windowed = NoteReader(
      try NoteModel(
        NoteFixture.checkpoint(
          "note-chords", NoteFixture.noteChords + ["end"], favoured: ("end", 1),
          metadata: ["window": "5"])))
    #expect(windowed.outputs() == logits)
    reader.prime(with: ["60", "62"])
    windowed.prime(with: ["60", "62"])
    #expect(windowed.outputs() == reader.outputs())
  }

  @Test func `a network without marks says nothing of ends`() throws {
    for kind in NoteAuthorTests.kinds {
      #expect(try !NoteAuthorTests.model(kind).knowsEnds)
    }
  }
}
