import ABC

/// Alternatives of the next phrase: several are drawn for each one wanted, and the judge keeps the
/// best that differ.
extension Session {
  /// Asks for so many more of them.
  mutating func askForPhrases(_ missing: Int) -> [Effect] {
    guard let open = alternatives, case .phrase(let voice, let target) = open.task else {
      return []
    }
    // What each begins with, in a copy of the draft that is let go again.
    var scratch = draft
    let branch = scratch.branch(
      from: open.source.version, head: open.start, edits: open.room.edits, gaps: open.room.gaps)
    let version = scratch.history.versions[branch]
    let tune = ParsedTune(text: version.text)
    let bars = max(
      target - Score(tune).completeBars(ofVoice: voice, before: version.writePoint), 1)
    var base = GenerationRequest(
      identifier: writer.newRequest(), version: version, tune: tune,
      count: min(Self.mostCharactersOfBar * (bars + 2), Session.longestRun / 8),
      sampling: sampling(atByte: open.start), mayEnd: false)
    base.book = writer.book
    // Runs that no version has: neither those of other draws nor those of versions to come.
    base.run = Self.firstDrawnRun + history.versions.count * 1009 + open.drawn
    writer.alternatives?.requests.updateValue(nil, forKey: base.identifier)
    return [
      .draw(
        DrawRequest(
          base: base, draws: missing * (hasJudge ? Alternatives.drawsEach : 1), wanted: missing,
          bars: bars))
    ]
  }

  private static let mostCharactersOfBar = 64
  private static let firstDrawnRun = 1 << 24

  /// Takes in the best of what was drawn: each becomes a version.
  mutating func receive(_ result: DrawResult) -> [Effect] {
    guard let open = alternatives, case .phrase(let voice, let target) = open.task,
      writer.alternatives?.requests.removeValue(forKey: result.request) != nil
    else { return [] }
    writer.alternatives?.drawn += result.drawn
    if let passed = result.passed { writer.alternatives?.passed = (open.passed ?? 0) + passed }
    for candidate in result.candidates where alternatives?.isFull == false {
      let version = draft.branch(
        from: open.source.version, head: open.start, edits: open.room.edits, gaps: open.room.gaps,
        run: candidate.run)
      writer.alternatives?.candidates.append(.init(version: version))
      write(candidate, to: version, until: PhraseEnd(voice: voice, target: target))
      take(version, at: (alternatives?.candidates.count ?? 1) - 1, bits: nil, bitsAfter: nil)
    }
    // What is drawn is always the same where the temperature is low.
    let isExhausted =
      result.candidates.count < open.wanted - open.candidates.count
      && alternatives?.candidates.count == open.candidates.count
    if isExhausted { acceptFewer() }
    if open.source.isModel, alternatives?.isReady == true, alternatives?.isUntouched == true {
      writer.alternatives?.rank()
    }
    return askForMissing() + showFirst()
  }

  /// Adds what the model wrote to a version that is not shown, up to where it has to stop.
  private mutating func write(
    _ candidate: DrawResult.Candidate, to version: History.Identifier, until end: PhraseEnd
  ) {
    if let steps = candidate.steps {
      // Whole bars, as many as were asked for.
      draft.write(
        candidate.characters, to: version, drawnWith: sampling, isPastEnd: true,
        unwritten: candidate.unwritten, steps: steps)
      return
    }
    let characters = candidate.characters
    let start = history.versions[version]
    var tune = IncrementalTune(text: start.text)
    var score = Score(tune.tune)
    var place = start.writePoint
    var taken: [GeneratedCharacter] = []
    for character in characters {
      if end.isReached(
        before: character, at: place, in: score,
        written: start.generatedCount + taken.count)
      {
        break
      }
      tune.replace(place..<place, with: character.character)
      place += character.character.utf8.count
      taken.append(character)
      if character.character.first.map({ "|]:\n".contains($0) }) == true {
        score = Score(tune.tune)
      }
    }
    draft.write(taken, to: version, drawnWith: sampling, isPastEnd: true)
  }
}
