import ABC
import Music
import Notes

/// Writes a bar of notes at a place, in the voices of the tune: each gets its own bar, on a line of
/// its own behind its name, so that the text grows at its end only.
struct BarsOfVoices {
  let place: NotePlace
  /// Voices that a tune gets which has none and no music yet; 1 = it stays one without a name.
  let newVoices: Int

  /// The text of the bar.
  ///
  /// - Parameters:
  ///   - notes: What sounds in it.
  ///   - isGap: Whether only music is wanted, without bar lines, in the voice of the place.
  ///   - isLast: Whether the tune ends with it.
  /// - Returns: The text, and the notes that are in it: those of voices that have this bar already
  ///   are not.
  func write(
    _ notes: [PlacedNote], isGap: Bool, isLast: Bool
  ) -> (text: String, notes: [PlacedNote]) {
    let barLine = isLast ? "|]" : "|"
    if !isGap, newVoices > 1, place.hasNoMusic, !place.text.hasVoiceFields {
      let voices = VoiceSplitter.beginning(newVoices)
      let ids = voices.indices.map { String($0 + 1) }
      let header = ids.map { "V:\($0)" + ($0 == "1" ? "" : " clef=bass") + "\n" }.joined()
      let parts = split(notes, VoiceSplitter(voices))
      let lines = zip(ids, parts).map { id, part in
        "[V:\(id)] " + music(part, from: place.end, semitones: 0, isHeldOn: !isLast) + barLine
      }
      let newline = place.text.isEmpty || place.text.hasSuffix("\n") ? "" : "\n"
      return (newline + header + lines.joined(separator: "\n"), notes)
    }
    guard !isGap, !place.voices.isEmpty else {
      let music = music(
        notes, from: place.end, semitones: place.semitones, isHeldOn: !isGap && !isLast)
      return (isGap ? music : separator + music + barLine, notes)
    }
    let parts = split(notes, place.splitter)
    var text = ""
    var written: [PlacedNote] = []
    // What is begun in the text's last bar is written behind it.
    let order = place.voices.indices.sorted { first, second in
      (place.isGrowing(first) ? 0 : 1, first) < (place.isGrowing(second) ? 0 : 1, second)
    }
    for number in order where place.voices[number].end < place.barEnd {
      let voice = place.voices[number]
      let tag = "[V:\(voice.id)] "
      if !place.isGrowing(number), !(text.isEmpty && place.text.hasSuffix("\n" + tag)) {
        let isNewLine = text.isEmpty && (place.text.isEmpty || place.text.hasSuffix("\n"))
        text += (isNewLine ? "" : "\n") + tag
      }
      text += silence(in: voice)
      text +=
        music(
          parts[number], from: max(voice.end, place.barStart), semitones: voice.semitones,
          isHeldOn: !isLast) + barLine
      written += parts[number]
    }
    return (text, written)
  }

  /// The notes of each voice: what was held stays where it began.
  private func split(_ notes: [PlacedNote], _ splitter: VoiceSplitter) -> [[PlacedNote]] {
    var splitter = splitter
    var parts = [[PlacedNote]](repeating: [], count: splitter.voices.count)
    var free: [PlacedNote] = []
    for note in notes {
      if note.start <= place.end, let voice = place.voice(holding: note) {
        parts[voice].append(note)
        splitter.hold(until: note.end, in: voice)
      } else {
        free.append(note)
      }
    }
    for (note, voice) in zip(free, splitter.split(free)) { parts[voice].append(note) }
    return parts
  }

  /// Rests with bar lines for bars that a voice lacks before the one that is written.
  private func silence(in voice: NotePlace.Voice) -> String {
    let bar = place.barEnd - place.barStart
    guard voice.end < place.barStart, bar > 0 else { return "" }
    var text = ""
    var at = voice.end
    while at < place.barStart {
      let missing = place.barStart - at
      let next = at + (missing % bar == 0 ? bar : missing % bar)
      text += place.transcriber.text([], part: at..<next, barStart: at) + "|"
      at = next
    }
    return text
  }

  private func music(
    _ notes: [PlacedNote], from start: Int, semitones: Int, isHeldOn: Bool
  ) -> String {
    let written = notes.map {
      PlacedNote(start: $0.start, length: $0.length, key: $0.key - semitones)
    }
    return place.transcriber.text(
      written, part: min(start, place.barEnd)..<place.barEnd, barStart: place.barStart,
      isHeldOn: isHeldOn)
  }

  /// What stands between the text and its next bar: a space, or a line end after four bars.
  private var separator: String {
    guard let last = place.text.last, !place.isMidBar, last == "|" || last == "]" || last == ":"
    else { return "" }
    let line = place.text.split(separator: "\n", omittingEmptySubsequences: false).last ?? ""
    return line.count { $0 == "|" } >= NoteAuthor.barsOfLine ? "\n" : " "
  }
}
