import ABC
import Music

/// Changing the whole tune, or the selected bars, by a rule; and saying why a note sounds as it does.
extension Session {
  mutating func transform(_ name: CommandName, _ argument: String) -> [Effect] {
    guard !parsed.notes.isEmpty else {
      notice("there are no notes yet")
      return []
    }
    /// Changes a text, or only what stands in some of its bytes.
    let change: (String, Range<Int>?) -> TransformedTune
    switch name {
    case .transpose:
      let words = argument.split(separator: " ")
      guard let first = words.first, let count = Int(first), (-60...60).contains(count),
        words.count == 1 || words.dropFirst().allSatisfy({ $0 == "steps" || $0 == "step" })
      else {
        complain("'\(argument)' is no interval: write 2, -3 (semitones) or 2 steps")
        return []
      }
      if words.count == 1, selection != nil {
        complain("bars keep the tune's key: transpose them by steps, or end the selection (Esc)")
        return []
      }
      change = { text, range in
        words.count == 1
          ? TuneTransform.transpose(text, semitones: count)
          : TuneTransform.transpose(text, steps: count, range: range)
      }
    case .double, .halve:
      guard selection == nil else {
        complain("bars would no longer add up: \(name.rawValue) is for the whole tune (Esc first)")
        return []
      }
      change = { text, _ in
        TuneTransform.stretch(text, by: name == .double ? Fraction(2) : Fraction(1, 2))
      }
    case .invert: change = TuneTransform.invert
    case .retrograde:
      if let selection { return turnRound(selection) }
      change = { text, _ in TuneTransform.retrograde(text) }
    case .foldRepeats:
      if let selection { return rewriteRepeats(selection, name, TuneTransform.fold) }
      change = { text, _ in TuneTransform.fold(text) }
    case .unfold:
      if let selection { return rewriteRepeats(selection, name, TuneTransform.unfold) }
      change = { text, _ in TuneTransform.unfold(text) }
    default: return []
    }
    let changed = change(text, selection.map { score.bytes(ofBars: $0) })
    return become(changed, name)
  }

  /// Takes on a changed text as one step, and says what could not be carried over.
  private mutating func become(_ changed: TransformedTune, _ name: CommandName) -> [Effect] {
    if let refusal = changed.diagnostics.first, changed.text == text {
      complain("\(name.rawValue): \(refusal.sentence)")
      return []
    }
    endSelection()
    guard let effects = replaceText(with: changed.text, kind: .command, origin: .hand) else {
      return []
    }
    report(changed, name)
    return effects
  }

  /// Turns the music of some bars round. Bar lines, repeats, endings, line ends and voices stay.
  private mutating func turnRound(_ bars: ClosedRange<Int>) -> [Effect] {
    let bytes = Array(text.utf8)
    var edits: [Edit] = []
    for voice in parsed.voices.indices {
      let own = bars.filter { parsed.bars[$0].voice == voice }
      let frames = own.map { bar in
        BarFrame(
          bytes, bar: parsed.bars[bar].range,
          lastNote: parsed.notes.last { $0.bar == bar }?.range.upperBound)
      }.filter { !$0.music.isEmpty }
      guard let first = frames.first else { continue }
      let music = frames.map { text.text(atBytes: $0.music) }
      let header = plainHeader(atByte: first.music.lowerBound, voice: voice)
      let changed = TuneTransform.retrograde(header + music.joined(separator: "|") + "|]\n")
      let turned = ParsedTune(text: changed.text)
      let body = Array(changed.text.utf8)
      let pieces = turned.bars.indices.map { bar in
        BarFrame(
          body, bar: turned.bars[bar].range,
          lastNote: turned.notes.last { $0.bar == bar }?.range.upperBound
        ).music
      }.filter { !$0.isEmpty }
      guard !frames.contains(where: \.isBroken), pieces.count == frames.count else {
        let reason = changed.diagnostics.first { $0.severity == .error }?.sentence
        complain(reason ?? "\(barNames(bars)) cannot be turned round by themselves")
        return []
      }
      edits += zip(frames, pieces).map { Edit($0.music, changed.text.text(atBytes: $1)) }
    }
    var whole = text
    for edit in edits.sorted(by: { $0.range.lowerBound > $1.range.lowerBound }) {
      whole.replaceBytes(edit.range, with: edit.replacement)
    }
    return become(TransformedTune(text: whole), .retrograde)
  }

  /// A header with nothing but what says how notes of a voice are read at a byte.
  func plainHeader(atByte byte: Int, voice: Int) -> String {
    plainHeader(of: parsed, text, atByte: byte, voice: voice)
  }

  /// The same of another text.
  func plainHeader(of parsed: ParsedTune, _ text: String, atByte byte: Int, voice: Int) -> String {
    let fields = TuneTransform.fields(
      inForceAt: byte, ofVoice: parsed.voices[voice].id, in: text)
    let unit = parsed.header.unitLength
    let meter = fields["M"] ?? parsed.header.meter
    return "X:1\n" + (meter.isEmpty ? "" : "M:\(meter)\n")
      + "L:\(fields["L"] ?? "\(unit.numerator)/\(unit.denominator)")\n"
      + "K:\(fields["K"] ?? (parsed.header.key.isEmpty ? "C" : parsed.header.key))\n"
  }

  /// Writes the repeats of some bars out, or finds them, where what sounds stays the same.
  private mutating func rewriteRepeats(
    _ bars: ClosedRange<Int>, _ name: CommandName, _ change: (String) -> TransformedTune
  ) -> [Effect] {
    guard parsed.voices.count <= 1 else {
      complain("voices repeat together: \(name.rawValue) is for the whole tune here (Esc first)")
      return []
    }
    let range = score.bytes(ofBars: bars)
    let header = plainHeader(atByte: range.lowerBound, voice: 0)
    let piece = header + text.text(atBytes: range)
    let changed = change(piece)
    var body = String(changed.text.dropFirst(header.count))
    while body.hasSuffix("\n") { body.removeLast() }
    let isLast = !text.text(atBytes: range.upperBound..<draft.count).contains("|")
    if body.hasSuffix("|]"), !isLast { body = body.dropLast(2) + "||" }
    let whole =
      Session.withoutOpenRepeat(text.text(atBytes: 0..<range.lowerBound)) + body
      + text.text(atBytes: range.upperBound..<draft.count)
    guard changed.text.hasPrefix(header), changed.text != piece,
      Session.sounds(score.performance, like: Score(text: whole).performance)
    else {
      complain("\(name.rawValue): " + whyNot(bars, changed, isSame: changed.text == piece))
      return []
    }
    return become(TransformedTune(text: whole, diagnostics: changed.diagnostics), name)
  }

  /// What stands before bars whose repeat is written out: the sign that began it goes.
  private static func withoutOpenRepeat(_ before: String) -> String {
    if before.hasSuffix("::") { return before.dropLast(2) + ":|" }
    if before.hasSuffix(":|:") { return String(before.dropLast()) }
    guard before.hasSuffix("|:") else { return before }
    let rest = before.dropLast(2)
    // Between bars of one line a bar line stays.
    return rest.last.map { $0 == "\n" || $0 == "|" } ?? true ? String(rest) : rest + "|"
  }

  /// Why the repeats of some bars cannot be written in another way.
  private func whyNot(
    _ bars: ClosedRange<Int>, _ changed: TransformedTune, isSame: Bool
  ) -> String {
    if isSame { return changed.diagnostics.first?.sentence ?? "nothing repeats in these bars" }
    let before = Array(text.utf8.prefix(parsed.bars[bars.lowerBound].range.lowerBound))
    let sign = before.indices.dropFirst(parsed.body.lowerBound).last {
      $0 > 0 && before[$0] == UInt8(ascii: ":") && before[$0 - 1] == UInt8(ascii: "|")
    }
    let start = sign.flatMap { score.bar(atByte: $0 + 1) } ?? 0
    guard start < bars.lowerBound else {
      return "these bars would sound otherwise; Esc ends the selection"
    }
    let all = barNames(start...bars.upperBound)
    return "the repeat begins before the selection: select \(all), or end it (Esc)"
  }

  private static func sounds(_ old: Performance, like new: Performance) -> Bool {
    old.notes.count == new.notes.count
      && zip(old.notes, new.notes).allSatisfy {
        $0.start == $1.start && $0.end == $1.end && $0.pitch == $1.pitch
      }
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
      guard let mutes = onOff(argument, now: isMuted) else { return [] }
      listening.mute(mutes)
      notice(isMuted ? "muted (M sounds again)" : "sounding")
    }
    return []
  }

  mutating func solo(_ argument: String) -> [Effect] {
    if !["", "off"].contains(argument), !parsed.voices.indices.contains((Int(argument) ?? 0) - 1) {
      complain("there is no voice '\(argument)': 1 to \(max(parsed.voices.count, 1)), or off")
      return []
    }
    guard let voice = Int(argument) else {
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
