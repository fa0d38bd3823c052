import MIDI
import Music
import Testing
import Training

@testable import Corpus

@Suite struct NoteEncodingTests {
  private func performance(_ notes: [(start: Int, length: Int, key: Int)]) -> Performance {
    var performance = Performance()
    performance.tracks = [.init(name: "", role: .melody, channel: 0, program: 0)]
    performance.notes = notes.compactMap { note in
      Pitch(key: note.key).map {
        .init(
          start: Tick(note.start), end: Tick(note.start + note.length), pitch: $0, velocity: 80,
          track: 0)
      }
    }
    return performance
  }

  private func keys(_ performance: Performance) -> [[Int]] {
    performance.notes.map {
      [$0.start.count, $0.end.count - $0.start.count, $0.pitch.key]
    }
  }

  @Test func `notes on the grid come back from characters as they were`() {
    let notes = [(0, 480, 62), (480, 240, 64), (480, 960, 57), (1440, 1920, 60)]
    let given = performance(notes.map { (start: $0.0, length: $0.1, key: $0.2) })
    let tokens = NoteEncoding.midiCharacters.tokens(of: given)
    #expect(tokens.filter { $0 == " " }.count == 6)
    let back = NoteEncoding.midiCharacters.performance(of: tokens)
    #expect(Set(keys(back)) == Set(keys(given)))
    // Through a real file as well.
    let file = try? MIDIFile(bytes: MIDIFile(performance: back).bytes)
    #expect(file.map { Set(keys($0.performance)) } == Set(keys(given)))
  }

  @Test func `what begins together is a chord, and an octave is no key`() {
    let given = performance([
      (0, 480, 60), (0, 480, 64), (0, 480, 79), (480, 480, 62), (960, 9, 50), (960, 9, 62),
    ])
    #expect(NoteEncoding.noteChords.tokens(of: given) == ["0.4.7", "62", "2."])
    let back = NoteEncoding.noteChords.performance(of: ["0.4.7", "62", "2."])
    #expect(back.notes.map(\.pitch.key) == [60, 64, 67, 62, 62])
  }

  @Test func `unknown notes and chords become the nearest known`() {
    let known = ["60", "67", "0.4.7", "2.7.11"]
    #expect(NoteEncoding.noteChords.nearest(to: "65", in: known) == "67")
    #expect(NoteEncoding.noteChords.nearest(to: "0.4.9", in: known) == "0.4.7")
    #expect(NoteEncoding.noteChords.nearest(to: "2.5.7.11", in: known) == "2.7.11")
    #expect(NoteEncoding.noteChords.nearest(to: "60", in: ["0.4"]) == nil)
  }

  @Test func `moving tokens moves the music`() {
    let given = performance([(0, 480, 60), (0, 480, 64), (480, 240, 71)])
    for encoding in NoteEncoding.allCases {
      let tokens = encoding.tokens(of: given)
      let moved = encoding.transposed(tokens, by: 3)
      let expected = encoding.tokens(
        of: performance([(0, 480, 63), (0, 480, 67), (480, 240, 74)]))
      #expect(moved == expected)
      #expect(encoding.transposed(tokens, by: 100) == nil || encoding == .noteChords)
    }
  }

  @Test func `any characters give music, repaired where they are damaged`() {
    var random = Seeded(state: 4)
    let scalars: [Unicode.Scalar] = [" ", "1", "8", "9", "x", "\u{13c}", "\u{140}", "\u{180}"]
    for _ in 0..<200 {
      let tokens = (0..<60).map { _ in
        String(Character(scalars.randomElement(using: &random) ?? " "))
      }
      let (music, _) = NoteEncoding.midiCharacters.decoded(tokens)
      for (key, name) in [(60, "\u{13c}"), (64, "\u{140}")] {
        // Every moment with such a character has one note, and none sounds into the next.
        let moments = tokens.split(separator: " ", omittingEmptySubsequences: false)
          .filter { $0.contains(name) }.count
        let notes = music.notes.filter { $0.pitch.key == key }
        #expect(notes.count == moments)
        #expect(zip(notes, notes.dropFirst()).allSatisfy { $0.end <= $1.start })
      }
      _ = NoteEncoding.noteChords.performance(of: tokens)
    }
    #expect(NoteEncoding.noteChords.performance(of: ["999", "-3", "a.b", "."]).notes.isEmpty)
  }

  @Test func `a corpus of notes keeps the end of every piece to measure on`() {
    let notes = (0..<100).map { (start: $0 * 480, length: 480, key: 60 + $0 % 12) }
    let corpus = NoteCorpus(
      [(name: "scale", performance: performance(notes))], encoding: .noteChords,
      transposes: true)
    #expect(corpus.tokenCount == 100)
    #expect(corpus.train.items.first?.count == 12)
    #expect(corpus.train.tokenCount == 90)
    #expect(corpus.valid.tokenCount == 10)
    #expect(corpus.vocabulary.count == 23)
  }

  @Test func `what a network wrote wrongly is mended, and counted`() {
    let encoding = NoteEncoding.midiCharacters
    let c = String(Character(Unicode.Scalar(UInt32(256 + 60)) ?? " "))
    let e = String(Character(Unicode.Scalar(UInt32(256 + 64)) ?? " "))
    // A length without a pitch, a pitch without one (it takes the length before), one that still
    // sounds when it begins again, and a token that means nothing.
    let (performance, repairs) = encoding.decoded(["3", c, "4", e, " ", c, "2", "x", " "])
    #expect(repairs.strayLengths == 1)
    #expect(repairs.missingLengths == 1)
    #expect(repairs.overlaps == 1)
    #expect(repairs.unknownTokens == 1)
    #expect(repairs.total == 4)
    #expect(performance.notes.map(\.pitch.key) == [60, 64, 60])
    #expect(
      performance.notes.map { [$0.start.count, $0.end.count] } == [
        [0, 240], [0, 960], [240, 720],
      ])
    #expect(encoding.decoded([c, "4", " ", e, "1"]).repairs.total == 0)
    #expect(
      NoteEncoding.noteChords.decoded(["60", "0.4.7", "x", "200"]).repairs.unknownTokens == 2)
  }
}
