import Corpus
import Music
import Notes
import Testing

@Suite struct NoteCorpusTests {
  @Test func `a corpus of notes keeps the end of every piece to measure on`() {
    let notes = (0..<100).map { PlacedNote(start: $0 * 480, length: 480, key: 60 + $0 % 12) }
    let corpus = NoteCorpus(
      [(name: "scale", performance: Performance(notes))], encoding: .noteChords,
      transposes: true)
    #expect(corpus.tokenCount == 100)
    #expect(corpus.train.items.first?.count == 12)
    #expect(corpus.train.tokenCount == 90)
    #expect(corpus.valid.tokenCount == 10)
    #expect(corpus.vocabulary.count == 23)
  }

  @Test func `MIDI as characters has its alphabet of 108 whatever the pieces have of it`() {
    let notes = (0..<30).map { PlacedNote(start: $0 * 480, length: 480, key: 60 + $0 % 5) }
    let pieces = [(name: "five", performance: Performance(notes))]
    let corpus = NoteCorpus(
      pieces, encoding: .midiCharacters, transposes: false, marks: false)
    #expect(corpus.vocabulary == (1...108).map(String.init))
    // Key 60 is the number 60.
    #expect(corpus.train.items[0][0].tokens[0] == 59)
    // That alphabet has no marks.
    let marked = NoteCorpus(pieces, encoding: .midiCharacters, transposes: false, marks: true)
    #expect(marked.vocabulary == ["1", "60", "61", "62", "63", "64", NoteEncoding.end])
  }

  @Test func `marks stand before and behind each piece, in every key`() {
    let notes = (0..<4).map { PlacedNote(start: $0 * 480, length: 480, key: 60 + $0) }
    let pieces = (0..<20).map { (name: "\($0)", performance: Performance(notes)) }
    for encoding in NoteEncoding.allCases {
      let corpus = NoteCorpus(pieces, encoding: encoding, transposes: true, marks: true)
      let place = corpus.vocabulary.firstIndex(of: NoteEncoding.end).map { UInt16($0) }
      for item in corpus.train.items + corpus.valid.items {
        for piece in item {
          #expect(piece.tokens.first == place && piece.tokens.last == place)
          #expect(piece.tokens.count { $0 == place } == 2)
        }
      }
      let without = NoteCorpus(pieces, encoding: encoding, transposes: true)
      #expect(!without.vocabulary.contains(NoteEncoding.end))
    }
  }
}
