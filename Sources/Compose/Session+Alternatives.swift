/// Alternatives: asking for several continuations, hearing them on the beat, choosing one.
extension Session {
  /// Asks for alternatives of what `gen.toggle` would write next, or with `here` of the phrase from
  /// the start of the cursor's bar on.
  mutating func openAlternatives(_ argument: String, count: Int?) -> [Effect] {
    if alternatives != nil { return rerollAlternatives() }
    let isHere = argument == "here"
    let typed = argument.isEmpty || isHere ? count : Int(argument)
    guard argument.isEmpty || isHere || typed.map({ (1...Alternatives.most).contains($0) }) == true
    else {
      complain("'\(argument)' is no number of alternatives: 1 to \(Alternatives.most)")
      return []
    }
    guard model != nil else {
      notice("alternatives need a model (it is still loading, or none is there)")
      return []
    }
    var effects = pause()
    closeEdit()
    endSelection()
    let start = isHere ? retryStart : min(head, history.current.byteCount)
    let bars = parsed.bars.reduce(0) {
      $1.isClosed && $1.voice == 0 && $1.range.upperBound <= start ? max($0, $1.number) : $0
    }
    alternatives = Alternatives(
      original: history.currentIdentifier, start: start,
      targetBar: bars + max(sampling.phrase, 1),
      wanted: min(max(typed ?? 4, 1), Alternatives.most), loopBefore: loop, cursorBefore: cursor,
      headBefore: head)
    mode = .audition
    settle()
    effects += askForMissing()
    return effects
  }

  /// Where another try begins: the end, or the start of the cursor's bar.
  var retryStart: Int {
    if cursor >= history.current.byteCount { return history.current.byteCount }
    if let bar = score.bar(atByte: cursor) { return parsed.bars[bar].range.lowerBound }
    return parsed.body.lowerBound
  }

  /// Begins a version for every alternative that is missing, and asks the model to write it.
  private mutating func askForMissing() -> [Effect] {
    guard let wanted = alternatives?.wanted else { return [] }
    var effects: [Effect] = []
    let place = self.place
    while let present = alternatives, present.candidates.count < wanted {
      show(present.original)
      prepareRun(at: present.start)
      alternatives?.candidates.append(.init(version: history.currentIdentifier))
      effects += askForMore()
    }
    go(back: place)
    return effects
  }

  /// Asks for characters of the current version, as many as usually make the bars wanted.
  private mutating func askForMore() -> [Effect] {
    guard let alternatives else { return [] }
    let bars = max(alternatives.targetBar - score.completeBars, 1)
    requestCount += 1
    let request = GenerationRequest(
      identifier: requestCount, text: text, rng: history.current.rng,
      run: history.currentIdentifier, index: history.current.generatedCount,
      count: min(24 * bars, 256), sampling: sampling, mayEnd: false)
    self.alternatives?.requests[requestCount] = (history.currentIdentifier, request)
    return [.generate(request)]
  }

  /// Takes in what the model wrote of an alternative.
  mutating func receiveAlternative(_ result: GenerationResult) -> [Effect] {
    guard let (version, request) = alternatives?.requests.removeValue(forKey: result.request),
      let target = alternatives?.targetBar,
      let index = alternatives?.candidates.firstIndex(where: { $0.version == version })
    else { return [] }
    let place = self.place
    show(version)
    stopAfter = .bars(target)
    let isComplete = append(result.characters, of: request)
    stopAfter = nil
    let start = alternatives?.start ?? 0
    let isTooLong = history.current.byteCount - start > Session.longestRun / 8
    var effects: [Effect] = []
    if isComplete || result.endsTune || isTooLong || result.characters.isEmpty {
      if isDouble(index) {
        // It stays in the tree, as everything does; another is tried in its place.
        alternatives?.candidates.remove(at: index)
        alternatives?.duplicates += 1
      } else {
        alternatives?.candidates[index].isReady = true
      }
    } else {
      effects += askForMore()
    }
    go(back: place)
    effects += askForMissing()
    if let alternatives, alternatives.isUntouched, alternatives.selected == 0,
      let ready = alternatives.candidates.firstIndex(where: \.isReady)
    {
      effects += showAlternative(ready + 1)
    }
    return effects
  }

  /// Whether a candidate says the same as the original or another one.
  private func isDouble(_ index: Int) -> Bool {
    guard let alternatives,
      alternatives.duplicates < alternatives.wanted * (Alternatives.triesEach - 1)
    else { return false }
    func ending(_ version: History.Identifier) -> Substring.UTF8View.SubSequence {
      history.versions[version].text[...].utf8.dropFirst(alternatives.start)
    }
    let own = ending(alternatives.candidates[index].version)
    let others = alternatives.candidates.enumerated().filter {
      $0.offset != index && $0.element.isReady
    }
    // The original may go on after the bars that are compared.
    return ending(alternatives.original).starts(with: own)
      || others.contains { ending($0.element.version).elementsEqual(own) }
  }

  // MARK: Hearing

  /// `alt.hear N`, `next`, `prev`: shows an alternative and plays it, on the next beat where
  /// something sounds already.
  mutating func hearAlternative(_ argument: String, count: Int) -> [Effect] {
    guard let alternatives else {
      notice("there are no alternatives to hear (a asks for some)")
      return []
    }
    let total = alternatives.candidates.count + 1
    let number: Int
    switch argument {
    case "next": number = (alternatives.selected + count) % total
    case "prev": number = ((alternatives.selected - count) % total + total) % total
    default:
      guard let typed = Int(argument), (0..<total).contains(typed) else {
        complain("'\(argument)' is no alternative: 0 is the original, 1 to \(total - 1) the others")
        return []
      }
      number = typed
    }
    guard number == 0 || alternatives.candidates[number - 1].isReady else {
      notice("alternative \(number) is still being written")
      return []
    }
    self.alternatives?.isUntouched = false
    return showAlternative(number, plays: true)
  }

  /// Makes an alternative the text on the screen. What plays goes on in it from the next beat.
  private mutating func showAlternative(_ number: Int, plays: Bool = false) -> [Effect] {
    guard let alternatives, let version = alternatives.version(number) else { return [] }
    self.alternatives?.selected = number
    show(version)
    cursor = min(alternatives.start, history.current.byteCount)
    loop = barsOfAlternative
    guard player.state != .stopped else { return plays ? playToggle(fromBarStart: false) : [] }
    let range = loop.flatMap { score.ticks(ofBars: $0) }
    if let range, !range.contains(player.playhead) {
      // The bars that sound are not among them: begin with theirs.
      player.playhead = range.lowerBound
      return [.play(playbackPlan, from: range.lowerBound)]
    }
    if plays { notice("switching on the next beat") }
    return [.updatePlayback(playbackPlan, closesNotes: true)]
  }

  /// The bars in which the alternatives differ; where the original has none, its last ones.
  private var barsOfAlternative: ClosedRange<Int>? {
    guard let alternatives, let last = parsed.bars.indices.last else { return nil }
    let phrase = max(sampling.phrase, 1)
    // Not the bar before, whose bar line the model may have made a double one.
    guard let first = parsed.notes.first(where: { $0.range.lowerBound >= alternatives.start })?.bar
    else { return max(last - phrase + 1, 0)...last }
    let end = parsed.bars.lastIndex { 0 < $0.number && $0.number <= alternatives.targetBar }
    let bars = first...max(first, end ?? last)
    return score.ticks(ofBars: bars) == nil ? nil : bars
  }

  // MARK: Choosing

  /// Ends with the alternative that is shown; the others stay as takes.
  mutating func chooseAlternative() -> [Effect] {
    guard let alternatives else { return [] }
    let number = alternatives.selected
    guard number > 0 else { return dropAlternatives() }
    var effects = closeAlternatives()
    cursor = history.current.byteCount
    let others = alternatives.candidates.count - 1
    notice(
      "took alternative \(number)"
        + (others > 0
          ? "; the other \(others == 1 ? "one is a take" : "\(others) are takes") ( , . )" : ""))
    effects += requestNextCharacters()
    return effects
  }

  /// Goes back to the original; the alternatives stay as takes.
  mutating func dropAlternatives() -> [Effect] {
    guard let alternatives else { return [] }
    let wasShown = history.currentIdentifier == alternatives.original
    show(alternatives.original)
    var effects = closeAlternatives()
    cursor = min(alternatives.cursorBefore, history.current.byteCount)
    head = min(alternatives.headBefore, history.current.byteCount)
    notice("the original is back; the alternatives are takes ( , . )")
    if !wasShown { effects += playbackUpdate(closesNotes: true) }
    effects += requestNextCharacters()
    return effects
  }

  private mutating func closeAlternatives() -> [Effect] {
    guard let alternatives else { return [] }
    let isWriting = !alternatives.requests.isEmpty
    loop = alternatives.loopBefore.flatMap { $0.upperBound < parsed.bars.count ? $0 : nil }
    self.alternatives = nil
    mode = .normal
    head = history.current.byteCount
    settle()
    return isWriting ? [.cancelGeneration] : []
  }

  /// Writes all that are not held anew, with the settings of now.
  mutating func rerollAlternatives() -> [Effect] {
    guard let alternatives else { return [] }
    let isWriting = !alternatives.requests.isEmpty
    let shown = alternatives.version(alternatives.selected)
    let held = alternatives.candidates.filter(\.isHeld)
    self.alternatives?.candidates = held
    self.alternatives?.requests = [:]
    self.alternatives?.duplicates = 0
    self.alternatives?.selected = (held.firstIndex { $0.version == shown } ?? -1) + 1
    let isOriginalShown = self.alternatives?.selected == 0
    self.alternatives?.isUntouched = isOriginalShown
    if isOriginalShown { show(alternatives.original) }
    notice(
      held.isEmpty ? "others are being written" : "\(held.count) held, others are being written")
    return (isWriting ? [.cancelGeneration] : []) + askForMissing()
  }

  /// Holds the alternative that is shown through `alt.reroll`, or lets it go.
  mutating func holdAlternative() {
    guard let number = alternatives?.selected, number > 0 else {
      notice("the original is always kept")
      return
    }
    alternatives?.candidates[number - 1].isHeld.toggle()
    let isHeld = alternatives?.candidates[number - 1].isHeld == true
    notice("alternative \(number) \(isHeld ? "stays when r writes others" : "is no longer held")")
  }

  /// Takes the alternative that is shown off the list; it stays a take.
  mutating func removeAlternative() -> [Effect] {
    guard let alternatives, alternatives.selected > 0 else {
      notice("the original cannot be dropped")
      return []
    }
    guard alternatives.candidates.count > 1 else { return dropAlternatives() }
    self.alternatives?.candidates.remove(at: alternatives.selected - 1)
    let next = min(alternatives.selected, alternatives.candidates.count - 1)
    let isReady = self.alternatives?.candidates[next - 1].isReady == true
    return showAlternative(isReady ? next : 0)
  }

  // MARK: Places

  /// What is on the screen, to come back to after work on another version.
  private struct ShownPlace {
    var version: History.Identifier
    var cursor: Int
    var head: Int
    var loop: ClosedRange<Int>?
    var isPastEnd: Bool
  }

  private var place: ShownPlace {
    ShownPlace(
      version: history.currentIdentifier, cursor: cursor, head: head, loop: loop,
      isPastEnd: isPastEnd)
  }

  private mutating func go(back place: ShownPlace) {
    show(place.version)
    (cursor, head, loop, isPastEnd) = (place.cursor, place.head, place.loop, place.isPastEnd)
  }
}

extension CommandName {
  /// Whether the alternatives stay open while this is done; everything else chooses first.
  var keepsAlternatives: Bool {
    switch self {
    case .alternatives, .alternativeHear, .alternativeChoose, .alternativeReroll,
      .alternativeHold, .alternativeDrop, .playToggle, .temperature, .temperatureFocus,
      .temperatureReset, .metronome, .mute, .solo, .panic, .halt, .output, .colour, .zoom,
      .follow, .redraw, .suspend, .cancel, .why, .hear:
      true
    default: false
    }
  }
}
