import ABC
import Music
import Notes

/// `tap`: a rhythm tapped on any key, for the pitches that are written.
extension Session {
  mutating func tap(_ argument: String) -> [Effect] {
    if argument == "tempo" { return tapTempo() }
    guard argument.isEmpty else {
      complain("'\(argument)' cannot be tapped: nothing for the rhythm, or tempo")
      return []
    }
    if recording?.tapped != nil { return finishRecording() }
    let effects = finishRecording() + pause() + endPractice() + stopPlaying()
    draft.closeEdit()
    guard let new = tappedPlace() else { return effects }
    recording = new
    places.deselect()
    screen.enter(.record)
    notice(
      "tap the rhythm of \(new.tapped?.sounds.count ?? 0) notes on any key; Esc ends and keeps it")
    return effects + runClock()
  }

  /// The selected bars, or those from the cursor's on as far as nothing but bar lines stands between
  /// them, a phrase at most.
  private mutating func tappedPlace() -> Recording? {
    let voice = cursorVoice
    guard let here = selection ?? score.bar(atByte: cursor).map({ $0...$0 }) else {
      notice("there are no notes yet whose rhythm could be tapped")
      return nil
    }
    let first = here.lowerBound
    var last = here.upperBound
    func isPlain(_ bar: Int) -> Bool {
      let frame = frame(ofBar: bar)
      let sign = text.text(
        atBytes: frame.music.upperBound..<parsed.bars[bar].range.upperBound)
      return !frame.isBroken && sign.trimmingSpaces() == "|"
    }
    if selection == nil {
      let most = first + max(sampling.phrase, 1) - 1
      while last < most, parsed.bars.indices.contains(last + 1), isPlain(last),
        parsed.bars[last + 1].voice == voice, parsed.bars[last + 1].length > .zero,
        !frame(ofBar: last + 1).isBroken,
        frame(ofBar: last + 1).music.lowerBound == parsed.bars[last].range.upperBound
          || text.text(
            atBytes: parsed.bars[last].range.upperBound..<frame(ofBar: last + 1).music.lowerBound
          ).allSatisfy({ $0 == " " || $0 == "\n" })
      {
        last += 1
      }
    } else {
      let inner = (first..<last).allSatisfy(isPlain)
      guard inner, (first...last).allSatisfy({ parsed.bars[$0].voice == voice }) else {
        complain("repeats, fields or another voice stand among these bars: tap within one part")
        return nil
      }
    }
    let range =
      frame(ofBar: first).music.lowerBound..<frame(ofBar: last).music.upperBound
    guard !frame(ofBar: first).isBroken, isFree([range]) else { return nil }
    let sounds = sounds(ofBars: first...last)
    guard !sounds.isEmpty else {
      notice("there are no notes here whose rhythm could be tapped")
      return nil
    }
    guard let ticks = score.ticks(ofBars: first...last) else {
      complain("these bars are never played, so nothing can be tapped to them")
      return nil
    }
    let place = NotePlace(
      Passage(document: text, gap: range.lowerBound..<range.lowerBound, tune: parsed).text)
    let transcriber = TakeTranscriber(place)
    var recording = Recording(
      places: [
        TakePlace(base: range, old: text.text(atBytes: range), transcriber: transcriber)
      ], spans: [], openPlace: 0, origin: ticks.lowerBound.count, voice: voice,
      mayHavePickup: false)
    recording.prepare(transcriber)
    recording.tapped = Recording.Tapped(sounds: sounds)
    recording.stepAt = 0
    return recording
  }

  /// The notes and chords of some bars, ties joined, rests left out.
  private func sounds(ofBars bars: ClosedRange<Int>) -> [(keys: [Int], length: Int)] {
    var sounds: [(keys: [Int], length: Int)] = []
    var start: Fraction?
    for note in parsed.notes where note.kind == .note && bars.contains(note.bar) {
      guard let key = note.pitch?.key else { continue }
      let length = Tick(note.length).count
      if note.isTiedFromBefore, let last = sounds.indices.last, sounds[last].keys.contains(key) {
        if sounds[last].keys.first == key { sounds[last].length += length }
      } else if start == note.start, let last = sounds.indices.last {
        sounds[last].keys.append(key)
      } else {
        sounds.append(([key], length))
        start = note.start
      }
    }
    return sounds
  }

  // MARK: Taps

  /// The next note begins.
  ///
  /// - Parameter moment: In ticks of the take; `nil` = now.
  mutating func tapped(at moment: Int?) -> [Effect] {
    guard let now = recording, let tapped = now.tapped else { return [] }
    guard now.isRunning, let tick = moment ?? now.now(at: clock) else {
      notice("the clock stands (Space lets it run)")
      return []
    }
    guard tapped.sounds.indices.contains(tapped.count) else { return finishRecording() }
    if reportsReleases { recording?.take.knowsReleases = true }
    let keys = tapped.sounds[tapped.count].keys
    recording?.take.pressTogether(keys, at: tick)
    recording?.tapped?.count += 1
    writeTake(until: tick)
    return keys.compactMap { Pitch(key: $0).map(Effect.soundNote) }
  }

  /// The note that was tapped is over.
  mutating func tapOver(at moment: Int?) -> [Effect] {
    guard let now = recording, now.isRunning, let tick = moment ?? now.now(at: clock) else {
      return []
    }
    recording?.take.knowsReleases = true
    recording?.take.releaseHeld(at: tick)
    writeTake(until: tick)
    return []
  }
}

extension Recording {
  /// Whether every note has been tapped, and the bar of the last one is over.
  func isTappedOut(at tick: Int) -> Bool {
    guard let tapped, tapped.count >= tapped.sounds.count, let last = take.notes.last else {
      return false
    }
    return tick >= bar(at: max(last.start, 0) + take.step).upperBound
  }

  /// What was tapped, and behind it as they were the notes that were not.
  func tappedText(_ notes: [PlacedNote], of place: TakePlace) -> String {
    guard let tapped, !notes.isEmpty else { return place.old }
    var notes = notes
    var end = notes.map(\.end).max() ?? 0
    for sound in tapped.sounds.dropFirst(tapped.count) {
      notes += sound.keys.map { PlacedNote(start: end, length: sound.length, key: $0) }
      end += sound.length
    }
    let full = bar(at: max(end - 1, 0)).upperBound
    let text = place.transcriber.text(notes, isPickup: false, until: full)
    // The bar line that was there closes it.
    return text.hasSuffix("|") ? String(text.dropLast()) : text
  }
}
