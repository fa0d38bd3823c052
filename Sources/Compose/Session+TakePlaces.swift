import ABC
import Music
import Notes

/// Where a take goes, what is heard meanwhile, and its text as it grows.
extension Session {
  /// Where notes are played in now: the selected bars, the bars from the cursor's on, or the end.
  ///
  /// - Returns: `nil` where there is no such place, which was said.
  mutating func takePlace(bars: Int?) -> Recording? {
    let voice = cursorVoice
    let own = parsed.bars.indices.filter {
      parsed.bars[$0].voice == voice && parsed.bars[$0].length > .zero
    }
    if let selection {
      guard selection.allSatisfy({ parsed.bars[$0].voice == voice }) else {
        complain("these are bars of several voices: select those of one")
        return nil
      }
      return overdub(Set(selection), own, voice: voice, bars: nil)
    }
    if let last = own.last, cursor < endOfMusic(inBar: last) {
      let first = own.last { parsed.bars[$0].range.lowerBound <= cursor } ?? own[0]
      return overdub(Set(own.filter { $0 >= first }), own, voice: voice, bars: bars, isOpen: true)
    }
    return appended(own, voice: voice, bars: bars)
  }

  /// Behind the bar line of a closed bar, or the last note of an open one.
  private func endOfMusic(inBar bar: Int) -> Int {
    let written = parsed.bars[bar]
    if written.isClosed { return written.range.upperBound }
    return parsed.notes.last { $0.bar == bar }?.range.upperBound ?? written.range.upperBound
  }

  private func notePlace(before byte: Int) -> NotePlace {
    NotePlace(Passage(document: text, gap: byte..<byte, tune: parsed).text)
  }

  /// A take at the end of a voice.
  func appended(_ own: [Int], voice: Int, bars: Int?) -> Recording {
    let byte = own.last.map(endOfMusic) ?? draft.count
    let place = notePlace(before: byte)
    var transcriber = TakeTranscriber(place)
    transcriber.lead = lead(of: place, at: byte)
    let open =
      text.text(atBytes: lineStart(of: byte)..<byte).split(
        separator: "|", omittingEmptySubsequences: false
      ).last ?? ""
    transcriber.isBarPlain = !open.contains { "^_=".contains($0) }
    if own.last != nil {
      let line = text.text(atBytes: lineStart(of: byte)..<byte)
      transcriber.barsInLine = line.filter { $0 == "|" }.count
    }
    var recording = Recording(
      places: [TakePlace(base: byte..<byte, transcriber: transcriber)], spans: [], openPlace: 0,
      origin: own.last.map(playedEnd) ?? 0, voice: voice, mayHavePickup: own.isEmpty)
    recording.prepare(transcriber)
    recording.limit = bars.map { $0 * transcriber.bar - transcriber.offset }
    return recording
  }

  /// When a written bar is over, the last time it is played.
  private func playedEnd(ofBar bar: Int) -> Int {
    let end = parsed.bars[bar].start + parsed.bars[bar].length
    guard
      let played = score.performance.bars.last(where: { parsed.bars[$0.written].start < end })
    else { return score.performance.end.count }
    return played.start.count + Tick(end - parsed.bars[played.written].start).count
  }

  /// What has to stand in front of the first notes: a header where there is none.
  private func lead(of place: NotePlace, at byte: Int) -> String {
    let isNewLine = text.isEmpty || text.text(atBytes: 0..<byte).hasSuffix("\n")
    guard place.lacksHeader else {
      return isNewLine || parsed.bars.contains { $0.length > .zero } ? "" : "\n"
    }
    let present = Session.fieldLetters(in: text)
    var lines = isNewLine ? "" : "\n"
    if text.isEmpty { lines += "X:1\nT:\(draftTitle)\n" }
    if !present.contains("M") { lines += "M:4/4\n" }
    if !present.contains("L") { lines += "L:1/8\n" }
    return lines + (present.contains("K") ? "" : "K:C\n")
  }

  /// A take in place of bars that are there, each time they are played.
  private mutating func overdub(
    _ chosen: Set<Int>, _ own: [Int], voice: Int, bars: Int?, isOpen: Bool = false
  ) -> Recording? {
    let byStart = Dictionary(own.map { (parsed.bars[$0].start, $0) }) { first, _ in first }
    let played = score.performance.bars
    func bar(_ played: Performance.PlayedBar) -> Int? { byStart[parsed.bars[played.written].start] }
    guard let first = chosen.min(), let start = played.firstIndex(where: { bar($0) == first })
    else {
      complain("these bars are never played, so nothing can be played in there")
      return nil
    }
    let origin = played[start].start.count
    var places: [TakePlace] = []
    var placeOf: [Int: Int] = [:]
    var spans: [Recording.Span] = []
    var goesOn = isOpen
    for passage in played[start...] {
      guard let index = bar(passage), chosen.contains(index), spans.count < bars ?? .max else {
        goesOn = false
        break
      }
      if placeOf[index] == nil {
        let frame = frame(ofBar: index)
        placeOf[index] = places.count
        places.append(
          TakePlace(
            base: frame.music, old: text.text(atBytes: frame.music),
            transcriber: TakeTranscriber(notePlace(before: frame.music.lowerBound)),
            isKept: frame.isBroken || !draft.locks(touchedBy: frame.music).isEmpty))
      }
      spans.append(
        Recording.Span(
          ticks: passage.start.count - origin..<passage.end.count - origin,
          place: placeOf[index] ?? 0))
    }
    guard let transcriber = places.first?.transcriber else { return nil }
    var recording = Recording(
      places: places, spans: spans, openPlace: nil, origin: origin, voice: voice,
      mayHavePickup: false)
    recording.prepare(transcriber)
    if goesOn, spans.count < bars ?? .max, let last = own.last {
      let behind = appended(own, voice: voice, bars: bars.map { $0 - spans.count })
      recording.places += behind.places
      recording.openPlace = recording.places.count - 1
      if !parsed.bars[last].isClosed, let open = recording.openPlace {
        recording.places[open] = TakePlace(
          base: recording.places[open].base, transcriber: transcriber.beginning(with: "|"))
      }
      recording.limit = behind.limit.map { $0 + recording.spansEnd }
    } else {
      recording.limit = recording.spansEnd
    }
    return recording
  }

  // MARK: What is heard

  func ticksPerMillisecond(at tick: Int) -> Double {
    let tempo = score.performance.tempos.last { $0.at.count <= tick }?.quartersPerMinute ?? 120
    return tempo * Double(Tick.perQuarter) / 60_000
  }

  /// The tune without what is about to be played in, and bars without end behind it.
  var takePlan: PlaybackPlan {
    guard let recording else { return playbackPlan }
    var performance = score.performance
    let melodies = performance.tracks.indices.filter { performance.tracks[$0].role == .melody }
    let track = melodies.indices.contains(recording.voice) ? melodies[recording.voice] : 0
    let end = recording.limit.map { $0 + recording.origin } ?? .max
    performance.notes.removeAll {
      $0.track == track && (recording.origin..<end).contains($0.start.count)
    }
    let transcriber = (recording.openPlace.map { recording.places[$0] } ?? recording.places.last)?
      .transcriber
    performance.extend(
      bar: transcriber?.bar ?? Tick.perQuarter * 4,
      atLeastTo: recording.origin + (recording.limit ?? 0))
    return PlaybackPlan(
      performance: performance, readyUntil: performance.end, isGrowing: false)
  }

  // MARK: The text

  /// Writes what has been played in so far.
  ///
  /// - Parameters:
  ///   - now: The moment, in ticks of the take.
  ///   - isOver: Whether nothing more comes.
  mutating func writeTake(until now: Int, isOver: Bool = false) {
    guard var record = recording else { return }
    let notes = record.notes(until: now, isOver: isOver)
    var moved = 0
    var end: Int?
    let order = record.places.indices.sorted {
      record.places[$0].base.lowerBound < record.places[$1].base.lowerBound
    }
    for index in order {
      let place = record.places[index]
      let wanted = record.text(of: index, notes, until: now, isOver: isOver)
      let start = place.base.lowerBound + moved
      if wanted != place.text {
        if !record.isWritten {
          draft.closeEdit()
          draft.begin(.hand)
          record.isWritten = true
        }
        make(Edit.difference(at: start, from: place.text, to: wanted), origin: .hand)
        record.places[index].text = wanted
        end = start + wanted.utf8.count
      }
      moved += wanted.utf8.count - place.base.count
    }
    recording = record
    guard let end else { return }
    places.moveCursor(to: end)
    places.moveHead(to: record.openPlace == nil ? draft.count : end)
  }
}

extension Edit {
  /// The edit that makes one text of another that stands at a byte, as small as it can be.
  static func difference(at start: Int, from old: String, to new: String) -> Edit {
    let (before, after) = (Array(old.utf8), Array(new.utf8))
    var same = zip(before, after).prefix { $0 == $1 }.count
    // Not inside of a character.
    while same > 0, same < before.count, before[same] & 0xC0 == 0x80 { same -= 1 }
    var tail = zip(before[same...].reversed(), after[same...].reversed()).prefix { $0 == $1 }.count
    while tail > 0, before[before.count - tail] & 0xC0 == 0x80 { tail -= 1 }
    return Edit(
      start + same..<start + before.count - tail,
      String(decoding: after[same..<after.count - tail], as: UTF8.self))
  }
}

extension TakeTranscriber {
  func beginning(with lead: String) -> TakeTranscriber {
    var copy = self
    copy.lead = lead
    return copy
  }
}

extension Performance {
  /// Puts bars behind the last one, which is made whole, so that the player goes on counting.
  mutating func extend(bar: Int, atLeastTo tick: Int) {
    if let last = bars.last, last.end.count - last.start.count < bar, bars.count > 1 || tick > 0 {
      bars[bars.count - 1].end = Tick(last.start.count + bar)
    }
    var start = bars.last?.end.count ?? 0
    let end = max(tick, start) + Performance.barsToCome * bar
    while start < end {
      bars.append(PlayedBar(written: -1, pass: 1, start: Tick(start), end: Tick(start + bar)))
      start += bar
    }
    self.end = Tick(start)
  }

  /// Longer than anybody plays in one go.
  private static let barsToCome = 1000
}

extension Recording {
  mutating func prepare(_ transcriber: TakeTranscriber) {
    steps = StepLength(unit: transcriber.unitLength)
    take.step = steps.ticks
    take.unit = transcriber.unitLength
    take.isCompound = transcriber.meter.isCompound
  }

  /// The notes in their places; what was played before the first bar line counts as on it, where it
  /// cannot be a pickup.
  func notes(until now: Int, isOver: Bool) -> [PlacedNote] {
    take.placed(until: now).compactMap { note in
      var note = note
      if let limit, note.start >= limit { return nil }
      if let limit, note.end > limit { note.length = limit - note.start }
      guard !mayHavePickup, note.start < 0 else { return note }
      // A finger is early; a bar of trying out is none of the take.
      guard note.end > 0, note.start > -beatTicks / 2 else { return nil }
      (note.start, note.length) = (0, note.end)
      return note
    }
  }

  /// What a place holds when these notes have been played.
  func text(of index: Int, _ notes: [PlacedNote], until now: Int, isOver: Bool) -> String {
    let place = places[index]
    if place.isKept { return place.old }
    if tapped != nil { return tappedText(notes, of: place) }
    guard index == openPlace || spans.isEmpty else {
      let heard = spans.last { span in
        span.place == index
          && notes.contains { $0.end > span.ticks.lowerBound && $0.start < span.ticks.upperBound }
      }
      guard let span = heard else { return place.old }
      let next = spans.first { $0.ticks.lowerBound == span.ticks.upperBound }
      let isKeptNext = next.map { places[$0.place].isKept } ?? (openPlace == nil)
      return place.transcriber.text(ofBar: span.ticks, notes, isLast: isKeptNext)
    }
    let shift = spansEnd
    let own = notes.compactMap { note -> PlacedNote? in
      guard note.end > shift || mayHavePickup else { return nil }
      var note = note
      note.start -= shift
      return note
    }
    var end = own.map(\.end).max() ?? 0
    if !isRunning { end = max(end, stepAt - shift) }
    guard end > 0 || !own.isEmpty else { return place.old }
    if let limit, isOver, now >= limit {
      end = limit - shift
    } else if end > 0 {
      let bar = bar(at: end - 1 + shift)
      if now >= bar.upperBound { end = bar.upperBound - shift }
    }
    return place.transcriber.text(own, isPickup: mayHavePickup, until: max(end, 0))
  }
}
