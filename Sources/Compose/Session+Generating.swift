import Music

/// Letting the model write: start, pause, pace, stop, try again.
extension Session {
  /// Starts, pauses, or goes on, whichever makes sense now.
  mutating func generateToggle() -> [Effect] {
    switch generator {
    case .noModel, .loading, .failed, .idle, .paused, .done: return startGenerating()
    case .priming where wantsToGenerate && model == nil:
      wantsToGenerate = false
      generator = .loading
      return []
    case .priming, .running, .resting: return pause()
    }
  }

  /// Goes on at the generation head; begins a version where none can simply be continued.
  mutating func startGenerating(stopAfter: StopAfter? = nil) -> [Effect] {
    guard model != nil else {
      // Still loading; or it failed, and is tried again.
      wantsToGenerate = true
      generator = .priming
      return !isLoadingModel ? [.loadModel("")] : []
    }
    var effects: [Effect] = []
    if case .failed = generator { generator = .idle }
    self.stopAfter = stopAfter
    if !canContinueRun { effects += beginRun(at: head) }
    aimAtNextPhrase()
    longestText = history.current.byteCount + Session.longestRun
    generator = .priming
    // The first character comes at once.
    charactersDue = max(charactersDue, 1000)
    return effects + playbackUpdate() + requestCharacters()
  }

  /// A run pauses after this many bytes: nobody listens that long unasked.
  static let longestRun = 32_768

  /// Whether the current version is a run whose text still ends where the model stopped.
  var canContinueRun: Bool {
    history.current.kind == .generated && head == history.current.byteCount
      && !isEditOpen
  }

  /// Starts a run at a byte of the text. What stood after it becomes a take.
  mutating func beginRun(at position: Int) -> [Effect] {
    closeEdit()
    let afterwards = text.text(
      atBytes: min(max(position, 0), history.current.byteCount)..<history.current.byteCount)
    if afterwards.contains(where: { $0.isLetter }) {
      notice("going on from here; the old ending is a take ( , brings it back)")
    }
    prepareRun(at: position)
    return playbackUpdate()
  }

  /// Begins a version for a run that writes from a byte of the text on, which then is its end.
  mutating func prepareRun(at position: Int) {
    var start = min(max(position, 0), history.current.byteCount)
    begin(.generated, head: start)
    if start < history.current.byteCount {
      replaceBytes(start..<history.current.byteCount, with: "", origin: .hand)
    }
    if start == 0 {
      replaceBytes(0..<0, with: "X:1\nT:\(draftTitle)\n", origin: .hand)
    } else if needsNewlineBeforeBody {
      // A header's last line must end before the body begins.
      replaceBytes(start..<start, with: "\n", origin: .hand)
    }
    start = history.current.byteCount
    head = start
    cursor = min(cursor, history.current.byteCount)
    isPastEnd = false
    textChanged()
  }

  /// Whether the text ends inside a field line (`K:D` without its newline).
  private var needsNewlineBeforeBody: Bool {
    guard !text.hasSuffix("\n") else { return false }
    let line = text.split(separator: "\n", omittingEmptySubsequences: false).last ?? ""
    let letters = line.utf8.prefix(2)
    guard letters.count == 2, letters.last == UInt8(ascii: ":"), let first = letters.first else {
      return false
    }
    return (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first)
      || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first)
  }

  private mutating func aimAtNextPhrase() {
    let phrase = max(sampling.phrase, 1)
    targetBar = (score.completeBars / phrase + 1) * phrase
  }

  /// Asks for as many characters as the pace allows now.
  mutating func requestCharacters() -> [Effect] {
    // While a model still loads, the run that was asked for has not begun.
    guard model != nil, openRequest == nil, generator == .running || generator == .priming else {
      return []
    }
    let count: Int
    if case .characters(let left) = stopAfter {
      count = left
    } else if case .bars = stopAfter {
      count = 16
    } else if isFollowing {
      if isFarEnoughAhead {
        generator = .resting
        return playbackUpdate()
      }
      // Few at a time, so that a change of temperature is heard soon.
      count = 4
    } else {
      switch sampling.pace {
      case .max: count = 48
      case .type, .follow:
        count = charactersDue / 1000
        guard count > 0 else { return [] }
        charactersDue -= count * 1000
      }
    }
    return request(count)
  }

  /// Whether the playhead sets the pace.
  private var isFollowing: Bool { sampling.pace == .follow && player.state != .stopped }

  /// Whether `ahead` whole bars lie between the bar that sounds and the one being written.
  var isFarEnoughAhead: Bool {
    guard score.completeBars > 0 else { return false }
    let playedBars = score.performance.bars
    guard let sounding = playedBars.lastIndex(where: { $0.start <= player.playhead }) else {
      return false
    }
    // Counted in played bars, so that a repeat gives the model time to rest.
    let closed = playedBars.lastIndex { parsed.bars[$0.written].isClosed } ?? 0
    // A playhead that waits needs a bar, whatever was asked for. Its report may be old news, so the
    // model may not run on for as long as it says so.
    let wanted = player.state == .waiting ? max(sampling.ahead, 1) : sampling.ahead
    return closed - sounding >= wanted
  }

  private mutating func request(_ count: Int) -> [Effect] {
    requestCount += 1
    let request = GenerationRequest(
      identifier: requestCount, text: text.text(atBytes: 0..<head), rng: history.current.rng,
      run: history.currentIdentifier, index: history.current.generatedCount, count: count,
      sampling: sampling, mayEnd: !isPastEnd)
    openRequest = request
    return [.generate(request)]
  }

  /// Asks what would be likely at the generation head, without writing anything.
  mutating func requestNextCharacters() -> [Effect] {
    guard model != nil, openRequest == nil, generator != .running, generator != .priming else {
      return []
    }
    requestCount += 1
    return [
      .generate(
        GenerationRequest(
          identifier: requestCount, text: text.text(atBytes: 0..<head), rng: rng, run: 0, index: 0,
          count: 0, sampling: sampling, mayEnd: true))
    ]
  }

  /// Stops at the character the model is on. What is still on its way is dropped: asked again, the
  /// same would come.
  mutating func pause() -> [Effect] {
    switch generator {
    case .running, .resting, .priming:
      wantsToGenerate = false
      openRequest = nil
      stopAfter = nil
      generator = model == nil ? .loading : .paused
      return [.cancelGeneration] + playbackUpdate()
    default:
      return []
    }
  }

  mutating func handleModel(_ event: Event) -> [Effect] {
    switch event {
    case .modelLoading:
      isLoadingModel = true
      if generator == .noModel || generator == .idle { generator = .loading }
      return []
    case .modelLoaded(let summary):
      isLoadingModel = false
      model = summary
      journal(.model(name: summary.name, hash: summary.hash))
      if generator == .loading || generator == .noModel { generator = .idle }
      if case .failed = generator { generator = .idle }
      guard wantsToGenerate else { return requestNextCharacters() }
      wantsToGenerate = false
      return startGenerating()
    case .modelFailed(let sentence):
      isLoadingModel = false
      wantsToGenerate = false
      if model == nil { generator = .failed(sentence) }
      complain(sentence)
      return []
    case .generated(let result):
      return receive(result)
    case .generationFailed(let request, let sentence):
      if alternatives?.requests[request] != nil {
        complain(sentence)
        return dropAlternatives()
      }
      guard request == openRequest?.identifier else { return [] }
      openRequest = nil
      generator = .failed(sentence)
      complain(sentence)
      return playbackUpdate()
    case .nextCharactersFound(let next, let entropy, let request):
      guard request == requestCount else { return [] }
      nextCharacters = next
      nextEntropy = entropy
      return []
    default:
      return []
    }
  }

  /// Takes in what the model wrote, character by character, up to where the run stops.
  private mutating func receive(_ result: GenerationResult) -> [Effect] {
    if alternatives?.requests[result.request] != nil { return receiveAlternative(result) }
    guard let request = openRequest, result.request == request.identifier else { return [] }
    openRequest = nil
    if !result.unknown.isEmpty { notice(result.unknown) }
    if generator == .priming { generator = .running }
    guard generator == .running else { return [] }
    let written = history.current.generatedCount
    var end: GeneratorState.End? = append(result.characters, of: request) ? .phrase : nil
    let isWhole = history.current.generatedCount - written == result.characters.count
    if end == nil, result.endsTune, isWhole {
      isPastEnd = true
      // Never stopping means going on past the tune's end, too.
      if sampling.stop != .never || stopAfter != nil { end = .tune }
    }
    if case .characters(let left) = stopAfter, left <= 0, end == nil { end = .step }
    if end == nil, history.current.byteCount >= longestText {
      end = .step
      notice("paused after \(Session.longestRun) characters (Enter goes on)")
    }
    nextCharacters = result.next
    nextEntropy = result.entropy
    guard let end else { return playbackUpdate() + requestCharacters() }
    let wasStep = stopAfter != nil
    stopAfter = nil
    generator = wasStep && end != .tune ? .paused : .done(end)
    switch end {
    case .tune: notice("the model ended the tune here (Enter goes on past it)")
    case .phrase where !wasStep:
      notice("phrase done at bar \(score.completeBars) (Enter goes on)")
    default: break
    }
    var effects = playbackUpdate()
    if !isWhole { effects += requestNextCharacters() }
    return effects
  }

  /// Adds what the model wrote to the current version, up to where it has to stop.
  ///
  /// - Returns: Whether it has come there.
  mutating func append(_ characters: [GeneratedCharacter], of request: GenerationRequest) -> Bool {
    var taken: [GeneratedCharacter] = []
    var isComplete = false
    for character in characters {
      if shouldStop(before: character) {
        isComplete = true
        break
      }
      history.append(character)
      head = history.current.byteCount
      taken.append(character)
      isPastEnd = false
      if character.character.first.map(Session.mayCloseBar) == true { textChanged() }
      if case .characters(let left) = stopAfter { stopAfter = .characters(left - 1) }
    }
    guard !taken.isEmpty else { return isComplete }
    let isNew = request.sampling != drawnWith
    drawnWith = request.sampling
    journal(
      .generated(
        GeneratedBatch(
          taken, sampling: isNew ? request.sampling : nil, isPastEnd: !request.mayEnd)))
    textChanged()
    return isComplete
  }

  /// Characters after which the number of closed bars may have changed.
  private static func mayCloseBar(_ character: Character) -> Bool {
    character == "|" || character == "]" || character == ":" || character == "\n"
  }

  /// Whether the phrase (or the bar asked for) is complete, so that this character, which does not
  /// belong to its closing bar line, is left for later.
  private func shouldStop(before character: GeneratedCharacter) -> Bool {
    guard let next = character.character.first, !"|:]".contains(next) else { return false }
    guard let last = parsed.bars.last, last.isClosed, score.completeBars > 0,
      history.current.generatedCount > 0, last.range.upperBound == head
    else { return false }
    // An ending's number belongs to the bar line before it.
    if next.isNumber || next == "[" { return false }
    if case .bars(let wanted) = stopAfter { return score.completeBars >= wanted }
    guard stopAfter == nil, sampling.stop == .phrase else { return false }
    return score.completeBars >= targetBar
  }

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
      show(parent)
      notice("back to where the run began; your edits since are a take ( , )")
    }
    head = version.head
    effects += beginRun(at: version.head)
    return effects + startGenerating()
  }

  /// Tries again from the start of the cursor's bar.
  mutating func retryHere() -> [Effect] {
    var effects = pause()
    let start = retryStart
    head = start
    cursor = min(cursor, start)
    effects += beginRun(at: start)
    return effects + startGenerating()
  }

  /// Pauses and drops the last bar, or the part of a bar that is not closed yet.
  mutating func barBack(_ count: Int) -> [Effect] {
    let effects = pause()
    closeEdit()
    var end = history.current.byteCount
    for _ in 0..<max(count, 1) {
      guard let last = parsed.bars.lastIndex(where: { $0.range.lowerBound < end }) else { break }
      // A bar ends with its bar line; spaces and line ends after it belong to nobody.
      let cut = last > 0 ? parsed.bars[last - 1].range.upperBound : parsed.body.lowerBound
      end = max(min(cut, parsed.bars[last].range.lowerBound), parsed.body.lowerBound)
    }
    guard end < history.current.byteCount else {
      notice("no bar left to drop")
      return effects
    }
    begin(.barBack)
    replaceBytes(end..<history.current.byteCount, with: "", origin: .hand)
    textChanged()
    (cursor, head) = (end, end)
    if generator != .loading, model != nil { generator = .paused }
    notice("dropped to bar \(score.completeBars) (u brings it back)")
    return effects + playbackUpdate() + requestNextCharacters()
  }
}
