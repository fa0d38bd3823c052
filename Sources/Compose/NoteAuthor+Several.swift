import ABC
import Music
import Notes

/// Alternatives and fillings.
extension NoteAuthor {
  /// Draws several continuations; each is what `write` would write for the request of its own run.
  public mutating func draw(
    _ request: DrawRequest, isCancelled: () -> Bool = { false }
  ) -> DrawResult {
    var candidates: [DrawResult.Candidate] = []
    // Nobody judges them: what is drawn first comes first.
    for place in 0..<min(request.draws, request.wanted) {
      var task = Task(request.base)
      task.run += UInt64(place)
      let bars = NotePlace(task).bars + request.bars
      let written = write(&task, bars: bars, isCancelled: isCancelled)
      if isCancelled() { break }
      candidates.append(
        .init(
          run: request.base.run + place, characters: written.characters,
          unwritten: task.unwritten, steps: written.steps))
    }
    return DrawResult(
      request: request.identifier, candidates: candidates, drawn: candidates.count, passed: nil)
  }

  /// Fills the gaps of a request: each bar is drawn to its length, from what stands before it; the
  /// ranking counts what follows.
  public mutating func fill(
    _ request: FillRequest, isCancelled: () -> Bool = { false }
  ) -> [FillResult.Candidate] {
    request.runs.map { run in
      var document = request.document
      var gaps = request.gaps
      var candidate = FillResult.Candidate(run: run, pieces: [], bits: 0, bitsAfter: 0)
      var index = 0
      for place in gaps.indices {
        let tune = ParsedTune(text: document)
        let start = gaps[place].range.lowerBound
        let passage = Passage(document: document, gap: gaps[place].range, tune: tune)
        var task = Task(
          text: passage.text, unwritten: nil, gap: gaps[place],
          companions: Companions(document, at: start, tune: tune), sampling: request.sampling,
          rng: request.rng, run: UInt64(run),
          index: index)
        let written = write(&task, bars: 0, isCancelled: isCancelled)
        if isCancelled() { return candidate }
        candidate.pieces.append(written.characters)
        candidate.steps.append(written.steps)
        candidate.bits += written.characters.reduce(0) { $0 + $1.bits }
        index += written.characters.count
        let edit = Edit(gaps[place].range, written.characters.map(\.character).joined())
        document.replaceBytes(edit.range, with: edit.replacement)
        gaps = gaps.map { $0.moved(by: edit.shift) }
      }
      let kept = request.document.utf8.count - (request.gaps.last?.range.upperBound ?? 0)
      let end = document.utf8.count - kept
      candidate.bitsAfter = bits(
        of: document.text(atBytes: 0..<min(end + request.following, document.utf8.count)),
        after: document.text(atBytes: 0..<end))
      return candidate
    }
  }

  /// How surprising the music of a text is behind its beginning, in bits.
  private mutating func bits(of text: String, after beginning: String) -> Float {
    let whole = NotePlace(text)
    let before = model.tokens(of: NotePlace(beginning).notes, tempos: whole.tempos).tokens
    let tokens = model.tokens(of: whole.notes, tempos: whole.tempos).tokens
    let common = zip(before, tokens).prefix { $0 == $1 }.count
    reader.prime(with: Array(tokens[..<common]))
    var bits = 0.0
    for token in tokens[common...] {
      bits += reader.bits(of: token) ?? 0
      reader.read(token)
    }
    return Float(bits)
  }
}
