import Analysis
import Neural
import Notes

/// Asks the generator for several ways to go on with a text, all at once, and the best of them.
public struct DrawRequest: Sendable, Equatable {
  /// What each of them is asked for; its run is that of the first, and its count as many characters
  /// as it may have at most.
  public var base: GenerationRequest
  /// How many are drawn, with this and the following runs.
  public var draws: Int
  /// How many of them are wanted.
  public var wanted: Int
  /// How many more bars each is to have; then it is let be at the next bar line.
  public var bars: Int

  public var identifier: Int { base.identifier }
}

/// The best of what was drawn for a request.
public struct DrawResult: Sendable, Equatable {
  public struct Candidate: Sendable, Equatable {
    public var run: Int
    public var characters: [GeneratedCharacter]
    /// What an author of notes has drawn behind them, in how many steps.
    public var unwritten: UnwrittenNotes?
    public var steps: Int?

    public init(
      run: Int, characters: [GeneratedCharacter], unwritten: UnwrittenNotes? = nil,
      steps: Int? = nil
    ) {
      self.run = run
      self.characters = characters
      self.unwritten = unwritten
      self.steps = steps
    }
  }

  public var request: Int
  /// The best first.
  public var candidates: [Candidate]
  /// How many were drawn, and how many of those failed no gate of the judge; nil without a judge.
  public var drawn: Int
  public var passed: Int?

  public init(request: Int, candidates: [Candidate], drawn: Int, passed: Int?) {
    self.request = request
    self.candidates = candidates
    self.drawn = drawn
    self.passed = passed
  }
}

extension Improviser {
  /// Draws what a request asks for, all at the same time, and has it judged by the tunes that the
  /// model knows; without them what was drawn first comes first.
  ///
  /// Each of them is what `write` would write for the request of its own run.
  public mutating func draw(
    _ request: DrawRequest, isCancelled: () -> Bool = { false }
  ) -> DrawResult {
    let drawn = drawTogether(request, isCancelled)
    guard !isCancelled(), !drawn.isEmpty else {
      return DrawResult(request: request.identifier, candidates: [], drawn: 0, passed: nil)
    }
    guard !model.repertoires.isEmpty else {
      return DrawResult(
        request: request.identifier, candidates: Array(drawn.prefix(request.wanted)),
        drawn: drawn.count, passed: nil)
    }
    let critiques = drawn.map { candidate in
      Critique(
        request.base.text + candidate.characters.map(\.character).joined()
          + request.base.continuation,
        isComplete: false, repertoires: model.repertoires)
    }
    return DrawResult(
      request: request.identifier,
      candidates: Critique.best(request.wanted, of: critiques).map { drawn[$0] },
      drawn: drawn.count, passed: critiques.count { $0.failedCount == 0 })
  }

  private mutating func drawTogether(
    _ request: DrawRequest, _ isCancelled: () -> Bool
  ) -> [DrawResult.Candidate] {
    let settings = SamplerSettings(request.base.sampling)
    // The text is read once for all of them.
    var first = request.base
    first.count = 0
    _ = write(first)
    let isInside = request.base.continuation.contains { !$0.isWhitespace }
    mayEndTune = request.base.mayEnd && !isInside
    if let gap = request.base.gap { enter(gap) }
    defer { leaveGap() }
    let target = grammar.barCount + request.bars
    var batch = ImproviserBatch(model, threads: threads)
    var open: [DrawResult.Candidate] = []
    var closed: [DrawResult.Candidate] = []
    for place in 0..<request.draws {
      batch.append(self)
      open.append(DrawResult.Candidate(run: request.base.run + place, characters: []))
    }
    func close(_ place: Int) {
      closed.append(open[place])
      open.swapAt(place, open.count - 1)
      open.removeLast()
      batch.remove(at: place)
    }
    while !open.isEmpty, !isCancelled() {
      let drawn = batch.next(
        open.map {
          ImproviserBatch.Turn(
            settings: settings, rng: request.base.rng, run: UInt64($0.run),
            index: UInt64(request.base.index + $0.characters.count))
        })
      for place in open.indices.reversed() {
        guard let next = drawn[place] else { continue }
        // Past the end of a tune the empty line is not offered again, but later it is.
        batch[place].mayEndTune = !isInside
        if batch[place].endsTune {
          close(place)
          continue
        }
        open[place].characters.append(next)
        // The first character behind the last bar line is drawn, too: it says that no more of that
        // bar line comes.
        let isEnough = batch[place].grammar.barCount >= target && batch[place].reader.hasBegun
        if isEnough || open[place].characters.count >= request.base.count { close(place) }
      }
    }
    return closed.sorted { $0.run < $1.run }
  }
}
