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
}
