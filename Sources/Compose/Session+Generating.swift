import ABC
import Music

/// Letting the model write: start, pause, pace, stop.
extension Session {
  /// Starts, pauses, or goes on, whichever makes sense now.
  mutating func generateToggle() -> [Effect] {
    if writer.isAwaitingModel {
      writer.stopAwaiting()
      return []
    }
    return writer.run == nil ? startGenerating() : pause()
  }

  /// Goes on at the generation head; begins a version where none can simply be continued.
  mutating func startGenerating(_ goal: Run.Goal = .rule) -> [Effect] {
    guard model != nil else { return writer.awaitModel() ? [.loadModel("")] : [] }
    if case .failed = generator { writer.rest() }
    var effects: [Effect] = []
    if !canContinueRun {
      guard let begun = beginRun(at: head) else { return [] }
      effects += begun
    }
    let voice = score.voice(atByte: head)
    let isBounded = history.current.gaps.first.map { !$0.isEndless } ?? false
    writer.start(
      Run(
        goal: goal == .rule && isBounded ? .gaps : goal, voice: voice,
        longestText: draft.count + Session.longestRun),
      targetBar: nextTarget(voice: voice, before: head))
    return effects + playbackUpdate() + requestCharacters()
  }

  /// A run pauses after this many bytes: nobody listens that long unasked.
  static let longestRun = 32_768
  /// No bar is longer than this many bytes.
  static let longestBar = 512

  /// Whether the current version is a run that can simply go on where the model stopped.
  var canContinueRun: Bool {
    let version = history.current
    return version.kind == .generated && head == version.writePoint && !draft.isEditOpen
      && (!version.isFilling || !version.gaps.isEmpty)
  }

  /// The bar at which the phrase ends that is written at a byte.
  func nextTarget(voice: Int, before byte: Int) -> Int {
    // From the next bar on any that comes to rest will do.
    if sampling.stop == .cadence { return score.completeBars(ofVoice: voice, before: byte) + 1 }
    return phraseEnd(voice: voice, after: byte)
  }

  /// The number of the bar with which the phrase ends that is next written at a byte, whatever rule
  /// stops the model.
  func phraseEnd(voice: Int, after byte: Int) -> Int {
    let complete = score.completeBars(ofVoice: voice, before: byte)
    let phrase = max(sampling.phrase, 1)
    return (complete / phrase + 1) * phrase
  }

  /// The sampler's values where a byte is: a voice beside others has the range of its own notes, of an
  /// octave at least, in place of the instrument's.
  func sampling(atByte byte: Int) -> Sampling {
    guard parsed.voices.count > 1 else { return sampling }
    let voice = parsed.voice(atByte: byte, in: Array(text.utf8))
    let keys = parsed.notes.filter { $0.voice == voice && $0.kind == .note }
      .compactMap { $0.pitch?.key }
    guard voice > 0, keys.count >= Self.leastNotesOfVoice, let low = keys.min(),
      let high = keys.max()
    else { return sampling }
    let moved = parsed.voices[voice].semitones
    let margin = max(12 - (high - low) + 1, 0) / 2
    var own = sampling
    own.writing.lowest = max(low - margin - moved, 0)
    own.writing.highest = min(high + margin - moved, 127)
    return own
  }

  /// With fewer notes nobody can tell where a voice lies.
  private static let leastNotesOfVoice = 4

  // MARK: Asking for characters

  /// Asks for as many characters as the pace allows now.
  mutating func requestCharacters() -> [Effect] {
    // While a model still loads, the run that was asked for has not begun.
    guard model != nil, let run = writer.run, run.request == nil, run.pace != .resting else {
      return []
    }
    let count: Int
    if case .characters(let left) = run.goal {
      count = left
    } else if case .bars = run.goal {
      count = 16
    } else if isFollowing {
      if isFarEnoughAhead {
        writer.setPace(.resting)
        return playbackUpdate()
      }
      // Few at a time, so that a change of temperature is heard soon.
      count = 4
    } else {
      switch sampling.pace {
      case .max: count = 48
      case .type, .follow:
        count = writer.takeDue()
        guard count > 0 else { return [] }
      }
    }
    var request = GenerationRequest(
      identifier: writer.newRequest(), version: history.current, tune: parsed, count: count,
      sampling: sampling(atByte: history.current.writePoint), mayEnd: !writer.isPastEnd)
    request.book = writer.book
    request.foresees = sampling.pace != .max && foresees(request, for: history.currentIdentifier)
    writer.ask(request)
    return [.generate(request)]
  }

  /// Whether the playhead sets the pace.
  private var isFollowing: Bool { sampling.pace == .follow && listening.isPlaying }

  /// Whether `ahead` whole bars lie between the bar that sounds and the one being written.
  var isFarEnoughAhead: Bool {
    guard score.completeBars > 0 else { return false }
    let playedBars = score.performance.bars
    guard let sounding = playedBars.lastIndex(where: { $0.start <= player.playhead }) else {
      return false
    }
    // Counted in played bars, so that a repeat gives the model time to rest.
    let open =
      playedBars.firstIndex { $0.start >= score.readyUntil(writePoint: head) } ?? playedBars.count
    // A playhead that waits needs a bar, whatever was asked for. Its report may be old news, so the
    // model may not run on for as long as it says so.
    let wanted = player.state == .waiting ? max(sampling.ahead, 1) : sampling.ahead
    return open - 1 - sounding >= wanted
  }

  /// Asks what would be likely where the cursor stands, without writing anything.
  mutating func requestNextCharacters() -> [Effect] {
    guard model != nil, writer.run == nil else { return [] }
    let place = nextPlace
    _ = writer.ask(about: probe)
    let passage = Passage(document: text, gap: place..<place, tune: parsed)
    // At the head what would be written is asked for, with the numbers it would be drawn with.
    let isAtHead = place == min(head, draft.count) && history.current.gaps.isEmpty
    let goesOn = isAtHead && canContinueRun
    let run = goesOn ? history.currentIdentifier : isAtHead ? history.versions.count : 0
    var request = GenerationRequest(
      identifier: writer.newRequest(), text: passage.text, rng: rng, run: run,
      index: goesOn ? history.current.generatedCount : 0, count: 0, sampling: sampling,
      mayEnd: true)
    request.book = writer.book
    if goesOn { request.unwritten = history.current.unwritten }
    request.score = GenerationRequest.score(text, before: place)
    request.foresees = isAtHead && place == draft.count && foresees(request, for: run)
    return [.generate(request)]
  }

  /// Whether a request has to ask for the plan of the coming bars, and remembers that it does.
  private mutating func foresees(
    _ request: GenerationRequest, for run: History.Identifier
  ) -> Bool {
    let bar = score.growingBar(atByte: head)
    let isKnown = writer.foreseenBars(run: run, rng: rng).contains { $0.number > bar }
    guard model?.writing == .characters, request.gap == nil, request.continuation.isEmpty,
      sampling.writing.shape != "free", !isKnown, !writer.hasForeseen(bar: bar, run: run, rng: rng)
    else { return false }
    writer.foresee(
      Writer.Foresight(
        request: request.identifier, run: run, rng: rng, sampling: sampling, bar: bar))
    return true
  }

  /// Stops at the character the model is on. What is still on its way is dropped: asked again, the
  /// same would come.
  mutating func pause() -> [Effect] {
    guard writer.run != nil else {
      guard writer.isAwaitingModel else { return [] }
      writer.stopAwaiting()
      return [.cancelGeneration]
    }
    writer.pause()
    return [.cancelGeneration] + playbackUpdate()
  }

  // MARK: Answers

  mutating func handleModel(_ event: Event) -> [Effect] {
    switch event {
    case .modelLoading:
      writer.modelIsLoading()
      return []
    case .modelLoaded(let summary):
      let isAwaited = writer.modelLoaded(summary)
      writer.steer { $0.writing.repertoires = summary.repertoires }
      critic.begin(isPresent: !summary.repertoires.isEmpty)
      recorder.note(.model(name: summary.name, hash: summary.hash))
      return isAwaited ? startGenerating() : requestNextCharacters()
    case .modelFailed(let sentence):
      writer.modelFailed(sentence)
      complain(sentence)
      return []
    case .generated(let result):
      return receive(result)
    case .filled(let result):
      return receive(result)
    case .ranked(let result):
      return receive(result)
    case .drawn(let result):
      return receive(result)
    case .generationFailed(let request, let sentence):
      if alternatives?.isAwaiting(request) == true {
        complain(sentence)
        return dropAlternatives()
      }
      guard writer.answered(request) != nil else { return [] }
      writer.fail(sentence)
      complain(sentence)
      return playbackUpdate()
    case .nextCharactersFound(let next, let entropy, let request):
      guard request == writer.lastRequest else { return [] }
      writer.setNext(next, entropy: entropy)
      return []
    case .planForeseen(let bars, let request):
      writer.foresaw(bars, request: request)
      return []
    case .tunesLent(let book, let remark): return lend(book, remark)
    default:
      return []
    }
  }

  /// Takes in what the model wrote, character by character, up to where the run stops.
  private mutating func receive(_ result: GenerationResult) -> [Effect] {
    guard let request = writer.answered(result.request) else { return [] }
    if !result.unknown.isEmpty { notice(result.unknown) }
    if writer.run?.pace == .priming { writer.setPace(.running) }
    guard let run = writer.run, run.pace == .running else { return [] }
    let (isWhole, isComplete) =
      result.steps.isEmpty
      ? write(result, of: request, in: run) : write(result.steps, of: request, in: run)
    var end: GeneratorState.End? = isComplete ? .phrase : nil
    if end == nil, result.endsTune, isWhole, hasRunBarelyBegun {
      // A tune cannot end with the first thing that was asked for.
      writer.setPastEnd(true)
    } else if end == nil, result.endsTune, isWhole {
      writer.setPastEnd(true)
      // Never stopping means going on past the tune's end, too.
      if sampling.stop != .never || run.goal != .rule { end = .tune }
    }
    if result.endsTune, isWhole, !result.steps.isEmpty { closeVoices(isDone: end == .tune) }
    if case .characters(0) = writer.run?.goal, end == nil { end = .step }
    let isStuck =
      result.characters.isEmpty && result.steps.isEmpty && !result.closesGap && !result.endsTune
    let isTooLong =
      draft.count >= run.longestText
      || history.current.gaps.first.map {
        $0.isOpen && !$0.isEndless && $0.range.count > Session.longestBar
      } == true
    if end == nil, isStuck || isTooLong {
      end = .step
      notice(
        isStuck
          ? "the model finds nothing to write here"
          : "paused after \(history.current.generatedCount) characters (Enter goes on)")
    }
    writer.setNext(result.next, entropy: result.entropy)
    guard let end else { return playbackUpdate() + requestCharacters() }
    return finish(run, end) + (isWhole ? [] : requestNextCharacters())
  }

  /// Gives every voice the final bar line, where an author of notes has ended a tune of several: it
  /// writes at the end of the text only, and so in the last voice.
  ///
  /// - Parameter isDone: Whether the run ends with the tune; otherwise one goes on that has a final
  ///   bar line or not.
  private mutating func closeVoices(isDone: Bool) {
    guard isDone || VoiceEnding.isFinal(text) else { return }
    for edit in VoiceEnding.edits(text) { follow([draft.edit(edit, origin: .model)]) }
  }

  /// Whether the run in the current version has written a few characters and no note.
  private var hasRunBarelyBegun: Bool {
    let version = history.current
    guard version.generatedCount < 16 else { return false }
    return parsed.notes.last.map { $0.range.lowerBound < version.head } ?? true
  }

  /// Ends a run and says how it ended.
  private mutating func finish(_ run: Run, _ end: GeneratorState.End) -> [Effect] {
    let isStep = run.goal != .rule && run.goal != .gaps
    let isFilled = history.current.isFilling && history.current.gaps.isEmpty
    if isFilled { places.moveHead(to: history.current.writePoint) }
    if isStep && end != .tune || end == .step { writer.pause() } else { writer.finish(end) }
    let voice = parsed.voices.count > 1 ? " of voice \(run.voice + 1)" : ""
    switch end {
    case .tune: notice("the model ended the tune here (Enter goes on past it)")
    case .phrase where isFilled:
      notice("written as far as the bars that stay (Enter goes on at the end)")
    case .phrase where !isStep:
      let bar = score.completeBars(ofVoice: run.voice, before: head)
      notice("phrase done at bar \(bar)\(voice) (Enter goes on)")
    case .step: tellUnwritten()
    default: break
    }
    return playbackUpdate()
  }

  /// Says what was drawn for a bar that is not complete.
  private mutating func tellUnwritten() {
    guard let count = history.current.unwritten?.tokens.count, count > 0 else { return }
    let bar = score.growingBar(atByte: head)
    notice("\(count) drawn for bar \(bar), which is written when it is full")
  }

  /// Puts in what the model wrote, up to where it has to stop.
  ///
  /// - Returns: Whether all of it was taken, and whether the run has come to its goal.
  private mutating func write(
    _ result: GenerationResult, of request: GenerationRequest, in run: Run
  ) -> (isWhole: Bool, isComplete: Bool) {
    var taken: [GeneratedCharacter] = []
    var isComplete = false
    for character in result.characters {
      if PhraseEnd(run, targetBar, sampling.stop).isReached(
        before: character, at: head, in: score, written: history.current.generatedCount)
      {
        isComplete = true
        break
      }
      follow(draft.insert(character))
      taken.append(character)
      writer.setPastEnd(false)
    }
    let closes = result.closesGap && !isComplete
    draft.recordInserted(taken, of: request, closesGap: closes)
    writer.countWritten(taken.count)
    let isWhole = taken.count == result.characters.count
    return (isWhole, closes ? leaveGap(run) : isComplete)
  }

  /// The same for what an author of notes did: whole bars, and notes of the bar that grows.
  private mutating func write(
    _ steps: [AuthorStep], of request: GenerationRequest, in run: Run
  ) -> (isWhole: Bool, isComplete: Bool) {
    let blank = GeneratedCharacter(character: " ", bits: 0, rank: 0, entropy: 0, temperature: 0)
    var taken: [AuthorStep] = []
    var isComplete = false
    for step in steps where !isComplete {
      for character in step.characters { follow(draft.insert(character)) }
      taken.append(step)
      guard !step.characters.isEmpty else { continue }
      writer.setPastEnd(false)
      isComplete =
        !step.closesGap
        && PhraseEnd(run, targetBar, sampling.stop).isReached(
          before: blank, at: head, in: score, written: history.current.generatedCount)
    }
    let closes = taken.last?.closesGap == true
    draft.recordInserted(
      taken.flatMap(\.characters), of: request, closesGap: closes, steps: taken)
    writer.countWritten(taken.count)
    return (taken.count == steps.count, closes ? leaveGap(run) : isComplete)
  }

  /// The gap is filled: the model goes on in the next one, if there is one.
  ///
  /// - Returns: Whether the run has come to its goal.
  private mutating func leaveGap(_ run: Run) -> Bool {
    places.moveHead(to: history.current.writePoint)
    if history.current.gaps.isEmpty { return true }
    guard case .bars(let wanted) = run.goal else { return false }
    return score.completeBars(ofVoice: run.voice, before: head) >= wanted
  }
}
