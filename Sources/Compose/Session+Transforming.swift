import ABC
import Music

/// Changing the whole tune, or the selected bars, by a rule; and saying why a note sounds as it does.
extension Session {
  mutating func transform(_ name: CommandName, _ argument: String) -> [Effect] {
    guard !parsed.notes.isEmpty else {
      notice("there are no notes yet")
      return []
    }
    var changesKey = false
    let change: (String) -> TransformedTune
    switch name {
    case .transpose:
      let words = argument.split(separator: " ")
      guard let first = words.first, let count = Int(first), (-60...60).contains(count),
        words.count == 1 || words.dropFirst().allSatisfy({ $0 == "steps" || $0 == "step" })
      else {
        complain("'\(argument)' is no interval: write 2, -3 (semitones) or 2 steps")
        return []
      }
      changesKey = words.count == 1
      change = { text in
        words.count == 1
          ? TuneTransform.transpose(text, semitones: count)
          : TuneTransform.transpose(text, steps: count)
      }
    case .double: change = { TuneTransform.stretch($0, by: Fraction(2)) }
    case .halve: change = { TuneTransform.stretch($0, by: Fraction(1, 2)) }
    case .invert: change = TuneTransform.invert
    case .retrograde: change = TuneTransform.retrograde
    case .foldRepeats: change = TuneTransform.fold
    case .unfold: change = TuneTransform.unfold
    default: return []
    }
    guard let selection else {
      let changed = change(text)
      guard let effects = replaceText(with: changed.text, kind: .command, origin: .hand) else {
        return []
      }
      report(changed, name)
      return effects
    }
    guard !changesKey else {
      complain("bars keep the tune's key: transpose them by steps, or end the selection (Esc)")
      return []
    }
    let bytes = score.bytes(ofBars: selection)
    let header = text.text(atBytes: 0..<parsed.body.lowerBound)
    let changed = change(header + text.text(atBytes: bytes))
    guard changed.text.hasPrefix(header) else {
      complain("this cannot be done to some bars alone (Esc ends the selection)")
      return []
    }
    let body = String(changed.text.dropFirst(header.count))
    var whole = text
    whole.replaceBytes(bytes, with: body)
    endSelection()
    guard let effects = replaceText(with: whole, kind: .command, origin: .hand) else { return [] }
    report(changed, name)
    return effects
  }

  private mutating func report(_ changed: TransformedTune, _ name: CommandName) {
    if let remark = changed.diagnostics.first {
      let more = changed.diagnostics.count - 1
      notice("\(name.rawValue): \(remark.sentence)" + (more > 0 ? " (and \(more) more)" : ""))
    } else {
      notice("\(name.rawValue) done (u takes it back)")
    }
  }

  /// Says what the note at the cursor sounds like and why.
  mutating func explainNote() {
    guard let index = score.note(atOrAfterByte: cursor) else {
      notice("no note here")
      return
    }
    let note = parsed.notes[index]
    let written = text.text(atBytes: note.range)
    guard let pitch = note.pitch else {
      notice("\(written): a rest")
      return
    }
    let names = ["C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "G♯", "A", "B♭", "B"]
    let sounding = "\(names[pitch.key % 12])\(pitch.key / 12 - 1) (key \(pitch.key))"
    let reason: String
    switch note.pitchReason {
    case .none, .asWritten: reason = "as it is written"
    case .keySignature: reason = "by the key \(parsed.header.key)"
    case .earlierInBar: reason = "by an accidental earlier in the bar"
    case .tie: reason = "held over by a tie"
    }
    notice("\(written) sounds \(sounding), \(reason)")
  }

  /// Silences everything, or one voice by its number from 1.
  mutating func mute(_ argument: String) -> [Effect] {
    if let voice = Int(argument) {
      guard (1...max(parsed.voices.count, 1)).contains(voice) else {
        complain("there is no voice \(voice); the tune has \(parsed.voices.count)")
        return []
      }
      let isSilent = listening.toggle(voice: voice - 1)
      notice("voice \(voice) \(isSilent ? "muted" : "sounds")")
    } else {
      listening.mute(argument.isEmpty ? !isMuted : argument == "on")
      notice(isMuted ? "muted (M sounds again)" : "sounding")
    }
    return []
  }

  mutating func solo(_ argument: String) -> [Effect] {
    guard let voice = Int(argument), (1...max(parsed.voices.count, 1)).contains(voice) else {
      listening.silence(voices: [])
      notice("every voice sounds")
      return []
    }
    listening.silence(voices: Set(parsed.voices.indices).subtracting([voice - 1]))
    notice("voice \(voice) alone (:solo off ends it)")
    return []
  }

  /// Indices into the performance's tracks. Accompaniment falls silent with everything, and beside
  /// a voice that is heard alone.
  var mutedTracks: Set<Int> {
    if isMuted { return Set(0..<64) }
    guard !mutedVoices.isEmpty else { return [] }
    let tracks = score.performance.tracks
    let melodies = tracks.indices.filter { tracks[$0].role == .melody }
    var muted = Set(mutedVoices.compactMap { melodies.indices.contains($0) ? melodies[$0] : nil })
    if !mutedVoices.isEmpty, mutedVoices.count == melodies.count - 1 {
      muted.formUnion(tracks.indices.filter { tracks[$0].role != .melody })
    }
    return muted
  }
}
