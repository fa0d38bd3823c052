import ABC
import Music
import Neural
import Notes
import Testing

@testable import Compose

/// Tunes of several voices, written on by a network of notes.
@Suite struct NoteVoicesTests {
  private static let header = "X:1\nT:t\nM:3/4\nL:1/8\nK:G\n"
  private static let duet =
    header + "V:1 name=\"Flute\"\nV:2 clef=bass\nV:1\n%%MIDI program 73\nG2B2d2|e2d2c2|\n"
    + "V:2\n%%MIDI program 32\nG,,6|C,6|\n"

  private func request(
    _ text: String, unwritten: UnwrittenNotes? = nil, index: Int = 0, count: Int
  ) -> GenerationRequest {
    var request = GenerationRequest(
      identifier: 1, text: text, rng: 7, run: 3, index: index, count: count, sampling: Sampling(),
      mayEnd: true)
    request.score = text
    request.unwritten = unwritten
    return request
  }

  private func music(_ written: WrittenPassage) -> String {
    written.characters.map(\.character).joined()
  }

  private func bars(_ tune: ParsedTune, _ voice: Int) -> Int {
    tune.bars.count { $0.voice == voice && $0.isClosed }
  }

  @Test(arguments: NoteAuthorTests.kinds)
  func `a tune of two voices goes on in both, bar for bar`(_ kind: String) throws {
    var author = NoteAuthor(try NoteAuthorTests.model(kind))
    let text = Self.duet + music(author.write(request(Self.duet, count: 160)))
    let tune = ParsedTune(text: text)
    #expect(tune.voices.map(\.id) == ["1", "2"])
    #expect(tune.diagnostics.filter { $0.severity == .error }.isEmpty, "\(text)")
    #expect(bars(tune, 0) > 4 && bars(tune, 0) == bars(tune, 1), "\(text)")
    #expect(tune.bars.allSatisfy { $0.length == Fraction(3, 4) }, "\(text)")
    // Each sounds with its own program.
    let performance = tune.performance(PlaybackOptions())
    let programs = performance.tracks.map { Int($0.program) }
    #expect(Set(programs).isSuperset(of: [73, 32]), "\(performance.tracks)")
    // The flute lies above the bass on the whole.
    func register(_ voice: Int) -> Double {
      let keys = tune.notes.filter { $0.voice == voice && $0.bar > 3 }.compactMap { $0.pitch?.key }
      return keys.isEmpty ? 0 : Double(keys.reduce(0, +)) / Double(keys.count)
    }
    #expect(register(1) == 0 || register(0) == 0 || register(0) > register(1))
  }

  @Test(arguments: NoteAuthorTests.kinds)
  func `everything drawn is in one of the voices`(_ kind: String) throws {
    let model = try NoteAuthorTests.model(kind)
    var two = NoteAuthor(model)
    let text = Self.duet + music(two.write(request(Self.duet, count: 1)))
    var author = NoteAuthor(model)
    var unwritten: UnwrittenNotes?
    var at = text
    var index = 0
    for _ in 0..<60 {
      let written = author.write(request(at, unwritten: unwritten, index: index, count: 1))
      let step = try #require(written.steps.first)
      if !step.characters.isEmpty {
        let before = NotePlace(at, writesVoices: true)
        let after = NotePlace(at + music(written), writesVoices: true)
        let sounding = after.notes.filter { $0.end > before.end }
        #expect(after.end == before.barEnd)
        #expect(after.voices.allSatisfy { $0.end == before.barEnd })
        #expect(sounding.count <= after.voices.reduce(0) { $0 + $1.notes.count })
      }
      at += music(written)
      index += written.characters.count
      unwritten = step.unwritten
    }
    // Asked at once it is the same.
    var once = NoteAuthor(model)
    #expect(Self.duet + music(two.write(request(Self.duet, count: 1))) == text)
    #expect(text + music(once.write(request(text, count: 60))) == at)
  }

  @Test func `a voice that is behind catches up first, and one far behind gets rests`() throws {
    let model = try NoteAuthorTests.model("midi-characters")
    var author = NoteAuthor(model)
    // The bass lacks the last bar of the flute.
    let behind = Self.duet + "[V:1] d6|"
    let text = behind + music(author.write(request(behind, count: 40)))
    let next = text.dropFirst(behind.count)
    #expect(next.hasPrefix("\n[V:2] "), "\(next)")
    #expect(next.dropFirst().split(separator: "\n").dropFirst().first?.hasPrefix("[V:1] ") == true)
    var tune = ParsedTune(text: text)
    #expect(bars(tune, 0) == bars(tune, 1))
    // A third voice has nothing yet.
    let far = Self.duet.replacing("V:1 name", with: "V:3 clef=bass\nV:1 name")
    var other = NoteAuthor(model)
    let long = far + music(other.write(request(far, count: 40)))
    tune = ParsedTune(text: long)
    #expect(Set((0..<3).map { bars(tune, $0) }).count == 1, "\(long)")
    #expect(long.contains("[V:3] z6|z6|"), "\(long)")
  }

  @Test func `a bar that is begun is ended where it stands`() throws {
    var author = NoteAuthor(try NoteAuthorTests.model("note-chords"))
    let begun = Self.duet + "[V:1] d6|\n[V:2] D,2"
    let text = begun + music(author.write(request(begun, count: 20)))
    #expect(!text.dropFirst(begun.count).hasPrefix("\n"))
    let tune = ParsedTune(text: text)
    #expect(bars(tune, 0) == bars(tune, 1) && bars(tune, 0) > 3, "\(text)")
    #expect(tune.bars.allSatisfy { $0.length == Fraction(3, 4) }, "\(text)")
  }

  @Test func `a voice that sounds in another octave is written where it sounds`() throws {
    let low = Self.duet.replacing("V:2 clef=bass", with: "V:2 clef=bass octave=-1")
      .replacing("G,,6|C,6|", with: "G,6|C6|")
    let model = try NoteAuthorTests.model("midi-characters")
    var (one, two) = (NoteAuthor(model), NoteAuthor(model))
    let plain = ParsedTune(text: Self.duet + music(one.write(request(Self.duet, count: 80))))
    let moved = ParsedTune(text: low + music(two.write(request(low, count: 80))))
    // What is drawn later hangs on how many characters were written before, which differ.
    func pitches(_ tune: ParsedTune) -> [Pitch] {
      tune.notes.filter { $0.bar < 6 }.compactMap(\.pitch)
    }
    #expect(pitches(plain) == pitches(moved))
    #expect(pitches(plain).count > 8)
  }

  @Test func `a tune from nothing has the voices that the network has learnt`() throws {
    let checkpoint = try NoteFixture.checkpoint(
      "midi-characters", NoteFixture.midiCharacters, favoured: ("1", 5),
      metadata: ["voices": "3"])
    let model = try NoteModel(checkpoint)
    #expect(model.voices == 2)
    var author = NoteAuthor(model)
    let text = Self.header + music(author.write(request(Self.header, count: 200)))
    #expect(text.hasPrefix(Self.header + "V:1\nV:2 clef=bass\n[V:1] "), "\(text)")
    let tune = ParsedTune(text: text)
    #expect(tune.voices.count == 2)
    #expect(bars(tune, 0) > 2 && bars(tune, 0) == bars(tune, 1))
    #expect(tune.diagnostics.isEmpty, "\(tune.diagnostics)")
    // Music that has one voice keeps it.
    let single = Self.header + "G2B2d2|"
    #expect(!music(author.write(request(single, count: 40))).contains("V:"))
  }

  @Test func `percussion is neither read as pitches nor written on`() throws {
    let drums = Self.duet.replacing("V:2 clef=bass", with: "V:2 clef=perc")
    let place = NotePlace(drums, writesVoices: true)
    #expect(place.voices.isEmpty)
    #expect(place.notes.count == 6)
  }
}
