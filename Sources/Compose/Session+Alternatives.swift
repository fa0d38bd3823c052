import ABC
import Music

/// Alternatives: asking for several ways to write a place.
extension Session {
  /// Asks for alternatives: of what `gen.toggle` would write next; with `here` of the selected bars,
  /// of those between kept bars, or of the phrase from the cursor's bar on; of the cursor's note or
  /// beat.
  ///
  /// - Parameter count: A number typed before the key: how many alternatives; with `here` and
  ///   nothing selected, how many bars from the cursor's on.
  mutating func openAlternatives(_ argument: String, count: Int?) -> [Effect] {
    if alternatives != nil { return rerollAlternatives() }
    let words = argument.split(separator: " ").map(String.init)
    let places = ["here", "note", "beat"]
    let number = words.first { !places.contains($0) && !$0.contains("-") }
    let isOfBars = words.first == "here" && number == nil && selection == nil
    let typed = number.map { Int($0) } ?? (isOfBars ? nil : count)
    guard number == nil || typed.map({ (1...Alternatives.most).contains($0) }) == true else {
      complain(
        "'\(number ?? argument)' is no number of alternatives: 1 to \(Alternatives.most)")
      return []
    }
    guard model != nil else {
      notice("alternatives need a model (it is still loading, or none is there)")
      return []
    }
    let wanted = min(max(typed ?? 4, 1), Alternatives.most)
    let effects = pause()
    draft.closeEdit()
    if let range = words.first(where: { $0.contains("-") }) {
      guard let bars = barRange(range) else {
        complain("'\(range)' is no range of bars: write 5-8")
        return effects
      }
      return effects + fill(bars, wanted)
    }
    switch words.first {
    case "note": return effects + fillNote(isBeat: false, wanted)
    case "beat": return effects + fillNote(isBeat: true, wanted)
    case "here":
      if let selection { return effects + fill(selection, wanted) }
      let start = retryStart
      if start < draft.count, let lock = locks.first(where: { $0.contains(start) }) {
        refuse([lock])
        return effects
      }
      if isOfBars, let count, let bars = bars(from: cursor, count) {
        return effects + fill(bars, wanted)
      }
      if let bars = barsBetweenLocks { return effects + fill(bars, wanted) }
      return effects + openPhrases(at: start, wanted)
    default: return effects + openPhrases(at: min(head, draft.count), wanted)
    }
  }

  /// Alternatives of the next phrase from a byte on.
  private mutating func openPhrases(at start: Int, _ wanted: Int) -> [Effect] {
    guard let room = room(at: start) else { return [] }
    endSelection()
    let voice = parsed.voice(atByte: start, in: Array(text.utf8))
    let target = phraseEnd(voice: voice, after: start)
    if let gap = room.gaps.first, !gap.isEndless {
      let bars = score.bars(
        inBytes: gap.range.lowerBound..<(room.gaps.last ?? gap).range.upperBound)
      return open(
        .bars, .fill(room.gaps), room, name: bars.map(barNames) ?? "these bars", wanted)
    }
    let first = score.completeBars(ofVoice: voice, before: start) + 1
    return open(
      .phrase, .phrase(voice: voice, targetBar: target), room,
      name: first == target ? "bar \(target)" : "bars \(first)-\(target)", wanted, start: start)
  }

  /// Opens the list and asks the model.
  mutating func open(
    _ kind: Alternatives.Kind, _ task: Alternatives.Task, _ room: Room, name: String,
    _ wanted: Int, start: Int? = nil
  ) -> [Effect] {
    let start = start ?? room.gaps.first?.range.lowerBound ?? draft.count
    let end = room.gaps.last?.range.upperBound ?? draft.count
    let source = Alternatives.Source(version: history.currentIdentifier, task: task, room: room)
    writer.alternatives = Alternatives(
      kind: kind, source: source, firstSource: source,
      original: history.currentIdentifier, start: start, kept: draft.count - end, name: name,
      wanted: wanted, placesBefore: places)
    screen.enter(.audition)
    settle()
    return askForMissing()
  }

  /// Asks the model for every alternative that is missing.
  mutating func askForMissing() -> [Effect] {
    guard let open = alternatives, open.requests.isEmpty, open.candidates.count < open.wanted
    else { return [] }
    switch open.task {
    case .phrase: return askForPhrases(open.wanted - open.candidates.count)
    case .fill(let gaps): return askForFills(gaps)
    }
  }

  /// Begins a version for every filling that is missing, and has all of them written.
  private mutating func askForFills(_ gaps: [Gap]) -> [Effect] {
    guard let open = alternatives else { return [] }
    var missing: [History.Identifier] = []
    for _ in open.candidates.count..<open.wanted {
      let version = draft.branch(
        from: open.source.version, head: open.start, edits: open.room.edits,
        gaps: open.room.gaps)
      writer.alternatives?.candidates.append(.init(version: version))
      missing.append(version)
    }
    guard !missing.isEmpty else { return [] }
    let identifier = writer.newRequest()
    let usual = gaps.first.map { self.sampling(atByte: $0.range.lowerBound) } ?? sampling
    let sampling = open.sampling(after: usual)
    writer.alternatives?.fillSampling = sampling
    writer.alternatives?.requests.updateValue(nil, forKey: identifier)
    return [
      .fill(
        FillRequest(
          identifier: identifier, document: history.versions[open.source.version].text,
          gaps: gaps, rng: rng, runs: missing, sampling: sampling,
          following: following(after: gaps, in: open.source.version), book: writer.book))
    ]
  }

  /// Takes in what the model wrote into the gaps of all candidates that were asked for together.
  mutating func receive(_ result: FillResult) -> [Effect] {
    guard let open = alternatives, case .fill(let gaps) = open.task,
      writer.alternatives?.requests.removeValue(forKey: result.request) != nil
    else { return [] }
    let limit = problems(in: history.versions[open.original].text)
    for candidate in result.candidates {
      guard let index = alternatives?.candidates.firstIndex(where: { $0.version == candidate.run })
      else { continue }
      for (place, piece) in candidate.pieces.enumerated() {
        draft.write(
          piece, to: candidate.run, drawnWith: open.fillSampling, closesGap: true,
          steps: candidate.steps.indices.contains(place) ? candidate.steps[place] : nil)
      }
      let text = history.versions[candidate.run].text
      if candidate.pieces.count == gaps.count, problems(in: text) <= limit {
        take(candidate.run, at: index, bits: candidate.bits, bitsAfter: candidate.bitsAfter)
      } else {
        writer.alternatives?.candidates.remove(at: index)
        writer.alternatives?.misfits += 1
        draft.mark(candidate.run, isDropped: true)
      }
    }
    if alternatives?.isUntouched == true { writer.alternatives?.rank() }
    if alternatives?.mayTryMore == false { acceptFewer() }
    guard alternatives?.candidates.isEmpty == false || alternatives?.mayTryMore == true else {
      let effects = dropAlternatives()
      complain("the model finds nothing that fits into \(open.name) (t changes how it writes)")
      return effects
    }
    return askForMissing() + showFirst()
  }

  /// Bars that do not add up and the like, in a text that is not shown.
  private func problems(in text: String) -> Int {
    ParsedTune(text: text).diagnostics.count { $0.severity != .note }
  }

  /// The musician gets as many as there are.
  mutating func acceptFewer() {
    guard let ready = alternatives?.candidates.count(where: \.isReady) else { return }
    writer.alternatives?.candidates.removeAll { !$0.isReady }
    writer.alternatives?.wanted = ready
  }

  /// A candidate is written to its end: it joins the list, unless another says the same.
  mutating func take(
    _ version: History.Identifier, at index: Int, bits: Float?, bitsAfter: Float?
  ) {
    if isDouble(index) || !hasNotes(version) {
      // It stays in the tree, as everything does; another is tried in its place.
      writer.alternatives?.candidates.remove(at: index)
      writer.alternatives?.duplicates += 1
      if alternatives?.mayTryMore == false { acceptFewer() }
      return
    }
    if let source = alternatives?.source, source.isModel {
      let distance = contour(of: version).distance(to: contour(of: source.version))
      writer.alternatives?.candidates[index].distance = distance
    }
    writer.alternatives?.candidates[index].isReady = true
    writer.alternatives?.candidates[index].bits = bits
    writer.alternatives?.candidates[index].bitsAfter = bitsAfter
  }

  /// What a version says in the place that is written several times.
  private func ending(_ version: History.Identifier) -> Substring.UTF8View.SubSequence {
    guard let alternatives else { return ""[...].utf8[...] }
    let bytes = history.versions[version].text[...].utf8
    let range = alternatives.range(inTextOf: history.versions[version].byteCount)
    return bytes.dropFirst(range.lowerBound).prefix(range.count)
  }

  private func hasNotes(_ version: History.Identifier) -> Bool {
    ending(version).contains {
      (UInt8(ascii: "A")...UInt8(ascii: "G")).contains($0)
        || (UInt8(ascii: "a")...UInt8(ascii: "g")).contains($0)
        || $0 == UInt8(ascii: "z") || $0 == UInt8(ascii: "x")
    }
  }

  /// Whether a candidate says the same as the original or another one.
  private func isDouble(_ index: Int) -> Bool {
    guard let alternatives else { return false }
    let own = ending(alternatives.candidates[index].version)
    let others = alternatives.candidates.enumerated().filter {
      $0.offset != index && $0.element.isReady
    }
    // The original of a phrase may go on after the bars that are compared.
    let original = ending(alternatives.original)
    let isOriginal: Bool
    if case .phrase = alternatives.task {
      isOriginal = original.starts(with: own)
    } else {
      isOriginal = original.elementsEqual(own)
    }
    if isOriginal || others.contains(where: { ending($0.element.version).elementsEqual(own) }) {
      return true
    }
    guard alternatives.kind.isHeard, case .fill = alternatives.task else { return false }
    let sounds = sounds(of: alternatives.candidates[index].version)
    return ([alternatives.original] + others.map(\.element.version))
      .contains { self.sounds(of: $0) == sounds }
  }

  /// A note as it sounds, whatever way it is written.
  private struct Sound: Equatable {
    var kind: ParsedTune.WrittenNote.Kind
    var key: Int?
    var start: Fraction
    var length: Fraction
    var isTied: Bool
    var ornaments: [UInt8]
  }

  /// What a version sounds like in the place that is written several times.
  private func sounds(of version: History.Identifier) -> [Sound] {
    guard let alternatives else { return [] }
    let text = history.versions[version].text
    let bytes = Array(text.utf8)
    let range = alternatives.range(inTextOf: bytes.count)
    var place = range.lowerBound
    return ParsedTune(text: text).notes.filter { range.contains($0.range.lowerBound) }.map { note in
      let before = place..<max(note.range.lowerBound, place)
      place = note.range.upperBound
      return Sound(
        kind: note.kind, key: note.pitch?.key, start: note.start, length: note.length,
        isTied: note.isTiedFromBefore,
        ornaments: bytes[before].filter { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "=") })
    }
  }
}

extension CommandName {
  /// Whether the command leaves a take open that is being played in.
  var keepsRecording: Bool {
    switch self {
    case .record, .step, .tap, .answer, .metronome, .countIn, .mute, .solo, .panic, .halt, .output,
      .colour, .zoom, .follow, .redraw, .cancel:
      true
    default: false
    }
  }

  /// Whether the alternatives stay open while this is done; everything else chooses first.
  var keepsAlternatives: Bool {
    switch self {
    case .alternatives, .alternativeHear, .alternativeChoose, .alternativeReroll,
      .alternativeHold, .alternativeDrop, .alternativeMore, .alternativeComp, .tag, .playToggle,
      .temperature, .temperatureFocus,
      .temperatureReset, .metronome, .mute, .solo, .panic, .halt, .output, .colour, .zoom,
      .follow, .redraw, .suspend, .cancel, .why, .hear,
      .judge, .tutor:
      true
    default: false
    }
  }
}
