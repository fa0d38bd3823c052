import ABC
import Music

/// Letting the model write: start, pause, pace, stop, try again.
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
    let phrase = max(sampling.phrase, 1)
    return (score.completeBars(ofVoice: voice, before: byte) / phrase + 1) * phrase
  }

  // MARK: Beginning

  /// What a run at a place does to the text.
  struct Room {
    var edits: [Edit] = []
    var gaps: [Gap] = []
    /// Whether music behind the place makes way.
    var replaces = false
  }

  /// Where a run at a byte may write: to the end of the text, which makes way; or, where locked
  /// bars or another voice follow, in the bars before them. `nil` where a lock leaves no room; that
  /// is said.
  mutating func room(at position: Int) -> Room? {
    let start = min(max(position, 0), draft.count)
    let voice = parsed.voice(atByte: start, in: Array(text.utf8))
    let lock = locks.first { $0.upperBound > start }
    let isAmongOthers = parsed.bars.contains { $0.voice != voice && $0.range.lowerBound >= start }
    guard lock != nil || isAmongOthers else {
      var room = Room()
      let rest = text.text(atBytes: start..<draft.count)
      room.replaces = rest.contains(where: \.isLetter)
      if !rest.isEmpty { room.edits.append(Edit(start..<draft.count, "")) }
      if start == 0 {
        room.edits.append(Edit(0..<0, "X:1\nT:\(draftTitle)\n"))
      } else if Session.endsInField(text.text(atBytes: 0..<start)) {
        // A header's last line must end before the body begins.
        room.edits.append(Edit(start..<start, "\n"))
      }
      return room
    }
    if let lock, lock.lowerBound < start {
      refuse([lock])
      return nil
    }
    let target = nextTarget(voice: voice, before: start)
    let bars = parsed.bars.indices.prefix { bar in
      lock.map { parsed.bars[bar].range.upperBound <= $0.lowerBound } ?? true
    }.filter {
      parsed.bars[$0].voice == voice && parsed.bars[$0].range.upperBound > start
        && (lock != nil || parsed.bars[$0].number <= target)
    }
    let gaps = self.gaps(ofBars: bars, from: start)
    guard gaps.isEmpty else { return Room(gaps: gaps, replaces: true) }
    if let lock, voice == score.voice(atByte: lock.lowerBound + 1) {
      refuse([lock])
      return nil
    }
    // The end of a voice's block: bars are added there.
    return Room(gaps: [Gap(start..<start, length: nil, isEndless: true)])
  }

  /// The music of some bars, each as a gap of the bar's own length.
  func gaps(ofBars bars: some Sequence<Int>, from start: Int = 0) -> [Gap] {
    let bytes = Array(text.utf8)
    var gaps: [Gap] = []
    for index in bars {
      let bar = parsed.bars[index]
      let last = parsed.notes.last { $0.bar == index }
      let frame = BarFrame(bytes, bar: bar.range, lastNote: last?.range.upperBound)
      let lower = max(frame.music.lowerBound, start)
      guard lower < frame.music.upperBound else { continue }
      // A bar that does not add up, or is not closed yet, gets what the meter asks for.
      let length = bar.mayDiffer && bar.isClosed && bar.length > .zero ? bar.length : bar.expected
      var gap = Gap(lower..<frame.music.upperBound, length: length)
      gap.allowsChordSymbols = !parsed.chordSymbols.isEmpty
      gaps.append(gap)
    }
    return gaps
  }

  /// Starts a run at a byte of the text. What makes way for it becomes a take.
  ///
  /// - Returns: `nil` where locked bars leave no room; that was said.
  mutating func beginRun(at position: Int) -> [Effect]? {
    draft.closeEdit()
    guard let room = room(at: position) else { return nil }
    if room.replaces, room.gaps.isEmpty {
      notice("going on from here; the old ending is a take ( , brings it back)")
    }
    draft.begin(.generated, head: min(max(position, 0), draft.count))
    for edit in room.edits { make(edit, origin: .hand) }
    draft.setGaps(room.gaps)
    places.moveHead(to: history.current.writePoint)
    writer.setPastEnd(false)
    return playbackUpdate()
  }

  /// Whether a text ends inside a field line (`K:D` without its newline).
  static func endsInField(_ text: String) -> Bool {
    guard !text.hasSuffix("\n") else { return false }
    let line = text.split(separator: "\n", omittingEmptySubsequences: false).last ?? ""
    let letters = line.utf8.prefix(2)
    guard letters.count == 2, letters.last == UInt8(ascii: ":"), let first = letters.first else {
      return false
    }
    return (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first)
      || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first)
  }

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
    let request = GenerationRequest(
      identifier: writer.newRequest(), version: history.current, tune: parsed, count: count,
      sampling: sampling, mayEnd: !writer.isPastEnd)
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

  /// Asks what would be likely at the generation head, without writing anything.
  mutating func requestNextCharacters() -> [Effect] {
    guard model != nil, writer.run == nil else { return [] }
    let passage = Passage(document: text, gap: head..<head, tune: parsed)
    return [
      .generate(
        GenerationRequest(
          identifier: writer.newRequest(), text: passage.text, rng: rng, run: 0, index: 0,
          count: 0, sampling: sampling, mayEnd: true))
    ]
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
    default:
      return []
    }
  }

  /// Takes in what the model wrote, character by character, up to where the run stops.
  private mutating func receive(_ result: GenerationResult) -> [Effect] {
    if alternatives?.isAwaiting(result.request) == true { return receiveAlternative(result) }
    guard let request = writer.answered(result.request) else { return [] }
    if !result.unknown.isEmpty { notice(result.unknown) }
    if writer.run?.pace == .priming { writer.setPace(.running) }
    guard let run = writer.run, run.pace == .running else { return [] }
    let (written, isComplete) = write(result, of: request, in: run)
    let isWhole = written == result.characters.count
    var end: GeneratorState.End? = isComplete ? .phrase : nil
    if end == nil, result.endsTune, isWhole, hasRunBarelyBegun {
      // A tune cannot end with the first thing that was asked for.
      writer.setPastEnd(true)
    } else if end == nil, result.endsTune, isWhole {
      writer.setPastEnd(true)
      // Never stopping means going on past the tune's end, too.
      if sampling.stop != .never || run.goal != .rule { end = .tune }
    }
    if case .characters(0) = writer.run?.goal, end == nil { end = .step }
    let isStuck = written == 0 && !result.closesGap && !result.endsTune
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
    default: break
    }
    return playbackUpdate()
  }

  /// Puts in what the model wrote, up to where it has to stop.
  ///
  /// - Returns: How many characters were taken, and whether the run has come to its goal.
  private mutating func write(
    _ result: GenerationResult, of request: GenerationRequest, in run: Run
  ) -> (count: Int, isComplete: Bool) {
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
    guard closes else { return (taken.count, isComplete) }
    places.moveHead(to: history.current.writePoint)
    if history.current.gaps.isEmpty { return (taken.count, true) }
    if case .bars(let wanted) = run.goal {
      isComplete = score.completeBars(ofVoice: run.voice, before: head) >= wanted
    }
    return (taken.count, isComplete)
  }

  // MARK: Trying again

  /// Tries the last run again, with another random stream.
  mutating func retry() -> [Effect] {
    var version = history.current
    while version.kind != .generated {
      guard let parent = version.parent else {
        notice("nothing to try again yet (Enter lets the model begin)")
        return []
      }
      version = history.versions[parent]
    }
    var effects = pause()
    // What was changed by hand before the place where the run began stays as it is now.
    let isUntouched = version.parent.map { parent in
      history.versions[parent].text.utf8.prefix(version.head)
        .elementsEqual(text.utf8.prefix(version.head))
    }
    if isUntouched != true, let parent = version.parent {
      guard show(parent) else { return effects }
      notice("back to where the run began; your edits since are a take ( , )")
    }
    guard let begun = beginRun(at: version.head) else { return effects }
    effects += begun
    return effects + startGenerating()
  }

  /// Tries again from the start of the cursor's bar, as far as the next locked bar.
  mutating func retryHere() -> [Effect] {
    var effects = pause()
    let start = retryStart
    guard let begun = beginRun(at: start) else { return effects }
    places.moveCursor(to: min(cursor, head))
    effects += begun
    return effects + startGenerating()
  }

  /// Where another try begins: the end, or the music of the cursor's bar.
  var retryStart: Int {
    if cursor >= draft.count { return draft.count }
    guard let bar = score.bar(atByte: cursor) else { return parsed.body.lowerBound }
    return start(ofBar: bar)
  }

  /// Where a bar's music begins, behind a voice's name and other fields at the start of its line;
  /// its first byte where nothing of the kind stands there.
  func start(ofBar bar: Int) -> Int {
    let range = parsed.bars[bar].range
    guard parsed.voices.count > 1 else { return range.lowerBound }
    return BarFrame(Array(text.utf8), bar: range, lastNote: nil).music.lowerBound
  }

  /// Pauses and drops the last bar, or the part of a bar that is not closed yet.
  mutating func barBack(_ count: Int) -> [Effect] {
    let effects = pause()
    draft.closeEdit()
    let voice = score.voice(atByte: draft.count)
    var end = draft.count
    for _ in 0..<max(count, 1) {
      guard let last = parsed.bars.lastIndex(where: { $0.range.lowerBound < end }),
        parsed.bars[last].voice == voice
      else { break }
      // A bar ends with its bar line; spaces and line ends after it belong to nobody.
      let cut = last > 0 ? parsed.bars[last - 1].range.upperBound : parsed.body.lowerBound
      end = max(min(cut, start(ofBar: last)), parsed.body.lowerBound)
      if last > 0, parsed.bars[last - 1].voice != voice { end = start(ofBar: last) }
    }
    guard end < draft.count else {
      notice("no bar left to drop")
      return effects
    }
    guard change([Edit(end..<draft.count, "")], .barBack, origin: .hand) else { return effects }
    places.moveCursor(to: end)
    places.moveHead(to: end)
    if model != nil { writer.pause() }
    notice("dropped to bar \(score.completeBars(ofVoice: voice)) (u brings it back)")
    return effects + playbackUpdate() + requestNextCharacters()
  }
}

/// Where a run that follows the meter stops: behind the bar line of the last bar it was asked for.
struct PhraseEnd {
  var voice: Int
  /// The bar after which it stops; `nil` where it does not.
  var target: Int?

  init(voice: Int, target: Int) {
    self.voice = voice
    self.target = target
  }

  init(_ run: Run, _ targetBar: Int, _ rule: Sampling.StopRule) {
    voice = run.voice
    switch run.goal {
    case .bars(let wanted): target = wanted
    case .rule where rule == .phrase: target = targetBar
    case .rule, .characters, .gaps: target = nil
    }
  }

  /// Whether the next character, which does not belong to the closing bar line any more, is left
  /// for later.
  ///
  /// - Parameter written: How many characters the version has from the model.
  func isReached(
    before character: GeneratedCharacter, at head: Int, in score: Score, written: Int
  ) -> Bool {
    guard let target, written > 0, let next = character.character.first, !"|:]".contains(next)
    else { return false }
    // An ending's number belongs to the bar line before it.
    if next.isNumber || next == "[" { return false }
    guard
      let last = score.parsed.bars.last(where: {
        $0.voice == voice && $0.range.lowerBound < head
      }), last.isClosed, last.range.upperBound == head
    else { return false }
    return score.completeBars(ofVoice: voice, before: head) >= target
  }
}
