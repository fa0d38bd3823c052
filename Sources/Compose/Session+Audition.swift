import ABC

/// Hearing alternatives on the beat, and choosing one.
extension Session {
  // MARK: Hearing

  /// Shows the first that is ready, as long as nobody chose and nothing sounds.
  mutating func showFirst() -> [Effect] {
    guard let alternatives, alternatives.isUntouched, !alternatives.source.isModel,
      !listening.isPlaying, let ready = alternatives.candidates.firstIndex(where: \.isReady)
    else { return [] }
    return showAlternative(ready + 1)
  }

  /// `alt.hear N`, `next`, `prev`: shows an alternative and plays it, on the next beat where
  /// something sounds already.
  mutating func hearAlternative(_ argument: String, count: Int) -> [Effect] {
    guard let alternatives else {
      notice("there are no alternatives to hear (a asks for some)")
      return []
    }
    let total = max(alternatives.candidates.count, alternatives.wanted) + 1
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
    guard number == 0 || alternatives.isReady(number) else {
      notice("alternative \(number) is still being written")
      return []
    }
    writer.alternatives?.isUntouched = false
    return showAlternative(number, plays: true)
  }

  /// Makes an alternative the text on the screen. What plays goes on in it from the next beat.
  mutating func showAlternative(_ number: Int, plays: Bool = false) -> [Effect] {
    guard let alternatives, let version = alternatives.version(number) else { return [] }
    writer.alternatives?.selected = number
    guard show(version) else { return [] }
    let isPlaying = listening.isPlaying
    writer.alternatives?.heard.turn(to: version, isPlaying: isPlaying)
    places.moveCursor(to: min(alternatives.start, draft.count))
    let own = barsOfAlternative
    // A loop that the musician set goes on where it holds the bars in question, and is there again
    // with the original.
    var before = alternatives.placesBefore
    before.follow(history.path(from: alternatives.original, to: version))
    if let set = before.loop.flatMap({ score.bars(inBytes: $0) }),
      number == 0
        || own.map({ set.lowerBound <= $0.lowerBound && $0.upperBound <= set.upperBound }) == true
    {
      setLoop(set)
    } else {
      setLoop(own)
    }
    guard listening.isPlaying else { return plays ? playToggle(fromBarStart: false) : [] }
    if plays { notice("switching on the next beat") }
    return switchPlayback()
  }

  /// Goes on playing in the text that is shown now, from the next beat on: where the loop begins,
  /// if what sounds lies outside of it.
  private func switchPlayback() -> [Effect] {
    guard listening.isPlaying else { return [] }
    if let range = loop.flatMap({ score.ticks(ofBars: $0) }), !range.contains(player.playhead) {
      return [.playAtBeat(playbackPlan, from: range.lowerBound)]
    }
    return playbackUpdate(closesNotes: true)
  }

  /// The bars in which the alternatives differ; where the original has none, its last ones.
  var barsOfAlternative: ClosedRange<Int>? { barsOfAlternative(in: score, draft.count) }

  /// The same in a version that need not be shown.
  func barsOfAlternative(in score: Score, _ count: Int) -> ClosedRange<Int>? {
    let parsed = score.parsed
    guard let alternatives, let last = parsed.bars.indices.last else { return nil }
    let range = alternatives.range(inTextOf: count)
    guard case .phrase(let voice, let target) = alternatives.task else {
      return score.bars(inBytes: range)
    }
    let phrase = max(sampling.phrase, 1)
    // Not the bar before, whose bar line the model may have made a double one.
    guard
      let first = parsed.notes.first(where: { range.lowerBound <= $0.range.lowerBound })?.bar
    else { return max(last - phrase + 1, 0)...last }
    let end = parsed.bars.lastIndex {
      0 < $0.number && $0.number <= target && $0.voice == voice
    }
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
    notice("the original is back; the alternatives are takes ( , . )")
    if !wasShown { effects += switchPlayback() }
    effects += requestNextCharacters()
    return effects
  }

  /// Puts every position where it was, as far as the text still has it.
  private mutating func closeAlternatives() -> [Effect] {
    guard let alternatives else { return [] }
    let isWriting = !alternatives.requests.isEmpty
    let isOriginal = history.currentIdentifier == alternatives.original
    var before = alternatives.placesBefore
    before.follow(history.path(from: alternatives.original, to: history.currentIdentifier))
    places.setLoop(before.loop)
    if case .phrase = alternatives.task, !isOriginal {
      places.moveCursor(to: history.current.writePoint)
      places.moveHead(to: history.current.writePoint)
    } else {
      places.moveCursor(to: text.boundary(atOrBefore: min(before.cursor, draft.count)))
      places.moveHead(to: min(before.head, draft.count))
    }
    writer.alternatives = nil
    screen.enter(.normal)
    settle()
    return isWriting ? [.cancelGeneration] : []
  }

  /// Writes all that are not held anew, with the settings of now.
  mutating func rerollAlternatives() -> [Effect] {
    guard let alternatives else { return [] }
    guard alternatives.kind != .chords else {
      notice("chords are found by a rule, which finds no others (d drops one, Esc leaves)")
      return []
    }
    let isWriting = !alternatives.requests.isEmpty
    let shown = alternatives.version(alternatives.selected)
    let held = alternatives.candidates.filter(\.isHeld)
    writer.alternatives?.startAnew(with: held)
    // Nothing is to be like one that was let go.
    if alternatives.source.isModel,
      !held.contains(where: { $0.version == alternatives.source.version })
    {
      writer.alternatives?.source = alternatives.firstSource
    }
    writer.alternatives?.selected = (held.firstIndex { $0.version == shown } ?? -1) + 1
    let isOriginalShown = self.alternatives?.selected == 0
    writer.alternatives?.isUntouched = isOriginalShown
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
    writer.alternatives?.candidates[number - 1].isHeld.toggle()
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
    let dropped = alternatives.candidates[alternatives.selected - 1]
    if dropped.isReady { draft.mark(dropped.version, isDropped: true) }
    writer.alternatives?.candidates.remove(at: alternatives.selected - 1)
    writer.alternatives?.wanted -= 1
    let next = min(alternatives.selected, alternatives.candidates.count - 1)
    let isReady = self.alternatives?.candidates[next - 1].isReady == true
    return showAlternative(isReady ? next : 0)
  }
}
