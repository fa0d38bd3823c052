import ABC
import Music

/// Where a run begins: the room it has between what stays, and trying again.
extension Session {
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
    let isAmongOthers =
      parsed.bars.contains { $0.voice != voice && $0.range.lowerBound >= start }
      || isBesideOthers(start, voice: voice)
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
    let target = phraseEnd(voice: voice, after: start)
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

  /// Whether a voice has bars from a byte on that sound together with bars of other voices: those are
  /// their frame.
  private func isBesideOthers(_ start: Int, voice: Int) -> Bool {
    guard
      let first = parsed.bars.first(where: { $0.voice == voice && $0.range.upperBound > start })
    else { return false }
    return parsed.bars.contains { $0.voice != voice && $0.start >= first.start }
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
  /// - Parameter first: What the musician wants it to begin with.
  /// - Returns: `nil` where locked bars leave no room; that was said.
  mutating func beginRun(at position: Int, with first: String = "") -> [Effect]? {
    draft.closeEdit()
    guard var room = room(at: position) else { return nil }
    if room.replaces, room.gaps.isEmpty {
      notice("going on from here; the old ending is a take ( , brings it back)")
    }
    draft.begin(.generated, head: min(max(position, 0), draft.count))
    for edit in room.edits { make(edit, origin: .hand) }
    if !first.isEmpty { put(first, into: &room) }
    draft.setGaps(room.gaps)
    places.moveHead(to: history.current.writePoint)
    writer.setPastEnd(false)
    return playbackUpdate()
  }

  /// Puts the musician's choice in where the model is about to write.
  private mutating func put(_ first: String, into room: inout Room) {
    guard let gap = room.gaps.first else {
      make(Edit(draft.count..<draft.count, first), origin: .hand)
      return
    }
    let edit = Edit(gap.range, first)
    make(edit, origin: .hand)
    let end = gap.range.lowerBound + first.utf8.count
    room.gaps = room.gaps.map { $0.moved(by: edit.shift) }
    room.gaps[0].range = end..<end
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
    if let gaps = gapsFilled(by: version) {
      guard isFree(gaps.map(\.range)) else { return effects }
      draft.closeEdit()
      draft.begin(.generated, head: gaps[0].range.lowerBound)
      draft.setGaps(gaps)
      places.moveHead(to: history.current.writePoint)
      writer.setPastEnd(false)
      notice("writing the same place anew; what stood there is a take ( , brings it back)")
      return effects + playbackUpdate() + startGenerating()
    }
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

  /// The places that a version filled, where they are in the text of now; `nil` where it went on at
  /// an end, or nothing of them is left.
  private func gapsFilled(by version: History.Version) -> [Gap]? {
    guard let parent = version.parent, !version.askedGaps.contains(where: \.isEndless) else {
      return nil
    }
    let path = history.path(from: parent, to: history.currentIdentifier)
    let gaps = version.askedGaps.map { asked in
      var gap = asked
      // What was put in belongs to it.
      gap.isOpen = true
      for shift in path { gap = gap.moved(by: shift) }
      gap.isOpen = false
      return gap
    }.filter { !$0.range.isEmpty }
    return gaps.isEmpty ? nil : gaps
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
