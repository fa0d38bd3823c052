import ABC
import Analysis
import Notes
import Testing

@testable import Compose

/// Networks of notes that would say again what they know.
@Suite struct NoteCopyTests {
  private static let header = "X:1\nT:t\nM:3/4\nL:1/8\nK:G\n"
  private static let most = 12

  private func model(
    _ kind: String, voices: Int, _ repertoires: [Repertoire] = []
  ) throws -> NoteModel {
    guard kind != "pitch-step-duration" else {
      return try NoteModel(NoteFixture.timed(), repertoires: repertoires)
    }
    let isCharacters = kind == "midi-characters"
    return try NoteModel(
      NoteFixture.checkpoint(
        kind, isCharacters ? NoteFixture.midiCharacters : NoteFixture.noteChords,
        favoured: isCharacters ? ("1", 6) : nil, metadata: ["voices": String(voices)]),
      repertoires: repertoires)
  }

  private func tune(_ model: NoteModel, _ rule: CopyGuard.Rule) -> String {
    var sampling = Sampling()
    sampling.writing.copyGuard = rule
    var author = NoteAuthor(model)
    return author.tune(
      from: Self.header, bars: 24, characters: .max, sampling: sampling, rng: 7, run: 1
    ).text
  }

  private func melody(_ text: String) -> WrittenMelody {
    let bytes = Array(text.utf8)
    return WrittenMelody(ParsedTune(bytes: bytes), text: bytes)
  }

  private func known(_ text: String) -> Repertoire {
    let bytes = Array(text.utf8)
    return Repertoire([.init(title: "known", parsed: ParsedTune(bytes: bytes), text: bytes)])
  }

  private func longest(_ text: String, _ known: Repertoire) -> Int {
    melody(text).sharedPassages(with: [known]).map(\.notes).max() ?? 0
  }

  @Test(arguments: NoteAuthorTests.kinds, [1, 2])
  func `no run of a known tune is longer than the guard allows`(
    _ kind: String, voices: Int
  ) throws {
    let plain = tune(try model(kind, voices: voices), .off)
    let known = known(plain)
    let guarding = try model(kind, voices: voices, [known])
    #expect(tune(guarding, .off) == plain)
    #expect(tune(guarding, .warn(Self.most)) == plain)
    #expect(longest(plain, known) > Self.most, "the tune is what it would say again")
    let other = tune(guarding, .forbid(Self.most))
    #expect(longest(other, known) < Self.most, "\(other)")
    let written = ParsedTune(text: other)
    #expect(written.bars.allSatisfy { $0.isClosed }, "\(other)")
    #expect(written.bars.count >= 24)
  }

  @Test(arguments: NoteAuthorTests.kinds)
  func `a guarded tune is the same token by token, by an author that remembers nothing`(
    _ kind: String
  ) throws {
    let guarding = try model(
      kind, voices: 2, [known(tune(model(kind, voices: 2), .off))])
    func request(
      _ text: String, _ unwritten: UnwrittenNotes?, _ index: Int, _ count: Int
    ) -> GenerationRequest {
      var sampling = Sampling()
      sampling.writing.copyGuard = .forbid(Self.most)
      var request = GenerationRequest(
        identifier: 1, text: text, rng: 7, run: 1, index: index, count: count,
        sampling: sampling, mayEnd: false)
      request.score = text
      request.unwritten = unwritten
      return request
    }
    var whole = NoteAuthor(guarding)
    let once = whole.write(request(Self.header, nil, 0, 200))
    var text = Self.header
    var unwritten: UnwrittenNotes?
    var index = 0
    for place in 0..<200 {
      var author = NoteAuthor(guarding)
      let written = author.write(request(text, unwritten, index, 1))
      let step = try #require(written.steps.first)
      #expect(step == once.steps[place], "step \(place)")
      text += written.characters.map(\.character).joined()
      index += written.characters.count
      unwritten = step.unwritten
    }
  }
}
