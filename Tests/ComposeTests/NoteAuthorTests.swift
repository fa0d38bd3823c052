import ABC
import Music
import Neural
import Notes
import Testing

@testable import Compose

@Suite struct NoteAuthorTests {
  static let kinds = ["midi-characters", "note-chords", "pitch-step-duration"]

  static func model(_ kind: String) throws -> NoteModel {
    switch kind {
    case "midi-characters":
      try NoteModel(
        NoteFixture.checkpoint(kind, NoteFixture.midiCharacters, favoured: ("1", 6)))
    case "note-chords": try NoteModel(NoteFixture.checkpoint(kind, NoteFixture.noteChords))
    default: try NoteModel(NoteFixture.timed())
    }
  }

  private func request(
    _ text: String, unwritten: UnwrittenNotes? = nil, index: Int = 0, count: Int,
    sampling: Sampling = Sampling()
  ) -> GenerationRequest {
    var request = GenerationRequest(
      identifier: 1, text: text, rng: 7, run: 3, index: index, count: count, sampling: sampling,
      mayEnd: true)
    request.unwritten = unwritten
    return request
  }

  private static let header = "X:1\nT:t\nM:3/4\nL:1/8\nK:G\n"

  @Test(arguments: kinds)
  func `bars are written as they close, and add up`(_ kind: String) throws {
    var author = NoteAuthor(try Self.model(kind))
    let written = author.write(request(Self.header, count: 150))
    let music = written.characters.map(\.character).joined()
    let tune = ParsedTune(text: Self.header + music)
    #expect(tune.bars.count > 3, "\(music)")
    #expect(tune.bars.allSatisfy { $0.isClosed && $0.length == Fraction(3, 4) }, "\(music)")
    #expect(tune.notes.contains { $0.kind == .note })
    // A step writes a whole bar, or nothing.
    for step in written.steps where !step.characters.isEmpty {
      #expect(step.characters.last?.character == "|")
    }
    #expect(music.contains("\n"), "bars stand on lines of four")
  }

  @Test(arguments: kinds)
  func `a tune from nothing gets a header, and keeps what it has of one`(_ kind: String) throws {
    var author = NoteAuthor(try Self.model(kind))
    let text = author.write(request("X:1\nT:t\n", count: 60)).characters.map(\.character).joined()
    #expect(text.hasPrefix("M:4/4\nL:1/8\nK:C\n"))
    let jig = author.write(request("X:1\nT:t\nM:6/8\n", count: 1)).characters.map(\.character)
    #expect(jig.joined() == "L:1/8\nK:C\n")
  }

  @Test(arguments: kinds)
  func `asked token by token it writes what it writes at once`(_ kind: String) throws {
    let model = try Self.model(kind)
    var whole = NoteAuthor(model)
    let once = whole.write(request(Self.header, count: 120))
    var text = Self.header
    var unwritten: UnwrittenNotes?
    var index = 0
    for place in 0..<120 {
      // A new author each time: nothing is remembered but what the request says.
      var author = NoteAuthor(model)
      let written = author.write(
        request(text, unwritten: unwritten, index: index, count: 1))
      let step = try #require(written.steps.first)
      #expect(step == once.steps[place], "step \(place)")
      text += written.characters.map(\.character).joined()
      index += written.characters.count
      unwritten = step.unwritten
    }
    #expect(text == Self.header + once.characters.map(\.character).joined())
  }

  @Test(arguments: kinds)
  func `a temperature acts from the next token, and not on what was drawn`(_ kind: String) throws {
    let model = try Self.model(kind)
    var author = NoteAuthor(model)
    let first = author.write(request(Self.header, count: 40))
    let text = Self.header + first.characters.map(\.character).joined()
    let last = try #require(first.steps.last?.unwritten)
    var hot = Sampling()
    hot.temperature = 5
    let count = first.characters.count
    let same = author.write(request(text, unwritten: last, index: count, count: 1))
    let other = author.write(
      request(text, unwritten: last, index: count, count: 1, sampling: hot))
    let kept = last.tokens
    #expect(same.steps[0].unwritten.tokens.starts(with: kept) || !same.characters.isEmpty)
    #expect(other.steps[0].unwritten.tokens.starts(with: kept) || !other.characters.isEmpty)
    let drawn = other.steps[0].unwritten.tokens.last ?? same.steps[0].unwritten.tokens.last
    #expect(other.characters.isEmpty ? drawn?.temperature == 5 : true)
  }

  @Test func `pitch, step and length have temperatures of their own`() throws {
    let model = try Self.model("pitch-step-duration")
    func notes(_ change: (inout Sampling) -> Void) -> [TimedNote] {
      var sampling = Sampling()
      change(&sampling)
      var author = NoteAuthor(model)
      let steps = author.write(
        request(Self.header, count: 12, sampling: sampling)
      ).steps
      return steps.compactMap { $0.unwritten.tokens.last.flatMap { TimedNote(token: $0.text) } }
    }
    let plain = notes { _ in }
    let pitch = notes { $0.setTemperature(5, of: .melody) }
    let step = notes { $0.setTemperature(2, of: .rhythm) }
    let length = notes { $0.setTemperature(2, of: .form) }
    // Up to the first note that differs each was drawn after the same music. A number that lies at
    // the least there may be stays there.
    func first(_ notes: [TimedNote]) throws -> (plain: TimedNote, other: TimedNote) {
      try #require(zip(plain, notes).first { $0 != $1 }.map { (plain: $0, other: $1) })
    }
    let (one, higher) = try first(pitch)
    #expect(higher.step == one.step && higher.duration == one.duration)
    let (two, later) = try first(step)
    #expect(later.pitch == two.pitch && later.duration == two.duration)
    let (three, longer) = try first(length)
    #expect(longer.pitch == three.pitch && longer.step == three.step)
  }

  @Test func `the line of the screen names temperatures as what they are`() {
    var sampling = Sampling()
    sampling.setTemperature(0.5, of: .melody)
    sampling.setTemperature(0.25, of: .form)
    let all = "T \(sampling.temperature.formatted(decimals: 2))"
    #expect(StatusLine.temperatures(sampling, writing: .timedNotes) == all + " p0.50 l0.25")
    #expect(StatusLine.temperatures(sampling, writing: .notes) == all + " m0.50 f0.25")
    #expect(StatusLine.temperatures(sampling) == all + " m0.50 f0.25")
  }

  @Test func `what is likely next is told as notes, chords and times`() throws {
    var chords = NoteAuthor(try Self.model("note-chords"))
    let next = chords.outlook(request(Self.header + "GABc d2|", count: 0), top: 40).next
    #expect(next.contains { $0.character == "[CEG]" })
    #expect(next.contains { $0.character == "F" }, "F sharp needs no sign in G")
    #expect(abs(next.reduce(0) { $0 + $1.probability } - 1) < 1e-4)
    var timed = NoteAuthor(try Self.model("pitch-step-duration"))
    let times = timed.outlook(request(Self.header + "GABc d2|", count: 0), top: 5).next
    #expect(times[0].character.hasPrefix("step ") && times[1].character.hasPrefix("length "))
  }

  @Test func `notes that the model does not know are read as the nearest, and told`() throws {
    var author = NoteAuthor(try Self.model("note-chords"))
    let written = author.write(request(Self.header + "G,,6|g'6|", count: 1))
    #expect(written.notice.contains("2 notes and chords"))
    #expect(author.write(request(Self.header + "G6|", count: 1)).notice.isEmpty)
  }

  @Test func `a run goes on in the middle of a bar, with what it holds`() throws {
    var author = NoteAuthor(try Self.model("note-chords"))
    let written = author.write(request(Self.header + "G2 ^G2", count: 4))
    let tune = ParsedTune(
      text: Self.header + "G2 ^G2" + written.characters.map(\.character).joined())
    #expect(tune.bars.first?.length == Fraction(3, 4))
    #expect(tune.bars.first?.isClosed == true)
    // A tie at the end of a text is held on.
    let tied = author.write(request(Self.header + "G6-|", count: 12))
    let again = ParsedTune(
      text: Self.header + "G6-|" + tied.characters.map(\.character).joined())
    #expect(again.diagnostics.isEmpty, "\(again.diagnostics)")
  }

  @Test(arguments: kinds)
  func `gaps are filled to their length`(_ kind: String) throws {
    var author = NoteAuthor(try Self.model(kind))
    let text = Self.header + "GABc d2|e6|d2 B2 G2|"
    let start = Self.header.utf8.count + "GABc d2|".utf8.count
    let fill = FillRequest(
      identifier: 1, document: text, gaps: [Gap(start..<start + 2, length: Fraction(3, 4))],
      rng: 7, runs: [4, 5], sampling: Sampling(), following: 12)
    let candidates = author.fill(fill)
    #expect(candidates.map(\.run) == [4, 5])
    for candidate in candidates {
      let piece = candidate.pieces[0].map(\.character).joined()
      let tune = ParsedTune(text: Self.header + "GABc d2|\(piece)|d2 B2 G2|")
      #expect(tune.bars.allSatisfy { $0.length == Fraction(3, 4) }, "\(piece)")
      #expect(!piece.hasSuffix("-"))
      #expect(candidate.bitsAfter > 0)
    }
  }

  @Test func `a window reads what a running state of so many tokens reads`() throws {
    let vocabulary = NoteFixture.noteChords
    var running = NoteReader(try NoteModel(NoteFixture.checkpoint("note-chords", vocabulary)))
    var windowed = NoteReader(
      try NoteModel(
        NoteFixture.checkpoint("note-chords", vocabulary, metadata: ["window": "5"])))
    let tokens = ["60", "62", "64", "0.4.7", "67", "65", "64", "62", "60"]
    windowed.prime(with: tokens)
    running.prime(with: Array(tokens.suffix(5)))
    #expect(windowed.outputs() == running.outputs())
    // Going back reads anew what is needed.
    running.prime(with: tokens)
    let there = running.outputs()
    running.prime(with: Array(tokens.prefix(3)) + ["60"])
    running.prime(with: tokens)
    #expect(running.outputs() == there)
  }

  @Test func `a checkpoint of another kind is refused with a sentence`() throws {
    let strange = try NoteFixture.checkpoint("drum-grid", ["a", "b"])
    #expect(throws: CheckpointError.self) { try NoteModel(strange) }
    let notes = try NoteFixture.checkpoint("note-chords", NoteFixture.noteChords)
    do {
      _ = try ImproviserModel(notes)
      Issue.record("it was taken for one of characters")
    } catch {
      #expect(error.description.contains("it writes notes (note-chords)"))
    }
  }
}
