import Music

extension TuneReader {
  /// A pitch as written: accidental, letter, octave marks.
  struct WrittenPitch {
    var accidental: Int8?
    var letter: Int
    /// 7 × octave + letter; 28 is middle C.
    var staff: Int16
    /// Its MIDI key without any accidental.
    var natural: Int16
  }

  /// Reads an accidental, a letter and octave marks; `nil` (and no step forward) where none stand.
  @inline(__always)
  private mutating func readPitch() -> WrittenPitch? {
    let start = position
    var byte = peek()
    var accidental: Int8?
    if byte == UInt8(ascii: "^") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "=") {
      accidental = readAccidental()
      byte = peek()
    }
    guard let letter = letterIndex(byte) else {
      if position > start {
        remark(
          .error, "This accidental has no note after it; it is ignored.", start..<position)
      }
      return nil
    }
    position += 1
    var octave = byte >= 0x61 ? 5 : 4
    var mark = peek()
    while mark == UInt8(ascii: "'") || mark == UInt8(ascii: ",") {
      octave = mark == UInt8(ascii: "'") ? min(octave + 1, 20) : max(octave - 1, -20)
      position += 1
      mark = peek()
    }
    return WrittenPitch(
      accidental: accidental, letter: letter,
      staff: Int16(truncatingIfNeeded: 7 * octave + letter),
      natural: Int16(truncatingIfNeeded: 12 * (octave + 1) + naturalSemitones(letter)))
  }

  private mutating func readAccidental() -> Int8? {
    let start = position
    var accidental: Int8?
    while true {
      switch peek() {
      case UInt8(ascii: "^"): accidental = min((accidental ?? 0) + 1, 2)
      case UInt8(ascii: "_"): accidental = max((accidental ?? 0) - 1, -2)
      case UInt8(ascii: "="): accidental = 0
      default:
        if accidental != nil { readMicrotone(&accidental, from: start) }
        return accidental
      }
      position += 1
    }
  }

  /// `^/F`, `_3/2B`: quarter tones, played on the nearest key towards the natural.
  private mutating func readMicrotone(_ accidental: inout Int8?, from start: Int) {
    guard peek() == UInt8(ascii: "/") || isDigit(peek()) else { return }
    var top = 1
    var bottom = 1
    if isDigit(peek()) { top = readNumber() }
    if peek() == UInt8(ascii: "/") {
      position += 1
      bottom = isDigit(peek()) ? max(readNumber(), 1) : 2
    }
    let steps = Int8(clamping: min(top / bottom, 2))
    accidental = (accidental ?? 0) < 0 ? -steps : steps
    remark(
      .note, "Quarter tones are played on the nearest key of the piano.", start..<position,
      cause: .sameSentence, subject: .sound)
  }

  /// Reads a length such as `3/2`, `/`, `//` or nothing.
  @inline(__always)
  mutating func readLength() -> Fraction {
    let first = peek()
    return first == UInt8(ascii: "/") || isDigit(first) ? readWrittenLength() : .one
  }

  private mutating func readWrittenLength() -> Fraction {
    let start = position
    var top = 1
    if isDigit(peek()) {
      top = readNumber()
      if top == 0 {
        remark(.error, "A length of 0 is not possible; 1 is used.", start..<position)
        top = 1
      }
    }
    var bottom = 1
    while peek() == UInt8(ascii: "/") {
      position += 1
      var divisor = 2
      if isDigit(peek()) {
        divisor = readNumber()
        if divisor == 0 {
          remark(.error, "Nothing can be divided by 0; this is ignored.", start..<position)
          divisor = 1
        }
      }
      bottom = min(bottom * min(divisor, 1024), 1 << 20)
    }
    // Any numerator is a length, as long as it is no more than so many of the unit.
    if top >= 1025 * bottom || bottom > 1024 {
      remark(
        .warning, "This length is out of all proportion; at most 1024 and 1/1024 are played.",
        start..<position)
      bottom = min(bottom, 1024)
      top = min(top, 1024 * bottom)
    }
    return Fraction(top, bottom)
  }

  // MARK: - Single notes and rests

  mutating func readNote() {
    let start = position
    guard let pitch = readPitch() else { return }
    let written = readLength()
    let range = start..<position
    let duration = takeLength(written)
    let first = chunk.events.count
    emitNote(pitch, length: duration, at: range, flags: [])
    endMember(first..<chunk.events.count, duration)
  }

  /// The length of the next member of the voice, tuplets and broken rhythm applied.
  @inline(__always)
  private mutating func takeLength(_ written: Fraction) -> Fraction {
    let plain = plainLength(written)
    return state.voice.broken == nil ? plain : plain * takeBroken(before: plain)
  }

  /// The length of the next member of the voice, tuplets applied.
  @inline(__always)
  private mutating func plainLength(_ written: Fraction) -> Fraction {
    let length = written == .one ? state.voice.unit : written * state.voice.unit
    return state.voice.tuplets.isEmpty ? length : length * takeTuplets()
  }

  /// The product of the tuplets that the next member of the voice stands in.
  private mutating func takeTuplets() -> Fraction {
    var factor = Fraction.one
    for index in state.voice.tuplets.indices {
      factor = factor * state.voice.tuplets[index].ratio
      state.voice.tuplets[index].remaining -= 1
    }
    state.voice.tuplets.removeAll { $0.remaining <= 0 }
    return factor
  }

  @inline(__always)
  private mutating func endMember(_ events: Range<Int>, _ duration: Fraction) {
    lastMember = Member(events: events, duration: duration)
    state.voice.offset += duration
    state.voice.decorations = []
    state.hasMusic = true
  }

  /// Adds a sounding note at the current place, its pitch worked out (ABC 2.1 §4.2, §4.11, §11.3).
  @inline(__always)
  mutating func emitNote(
    _ pitch: WrittenPitch, length: Fraction, at range: Range<Int>, flags: NoteEvent.Flags,
    kind: ParsedTune.WrittenNote.Kind = .note
  ) {
    let (alteration, reason) = alteration(of: pitch)
    var flags = flags
    if state.voice.slurs > 0 { flags.insert(.isSlurred) }
    if pitch.accidental != nil { flags.insert(.hasAccidental) }
    // Sums of small numbers: none can overflow.
    let key = Int(pitch.natural) &+ Int(alteration) &+ state.voice.semitones
    // All at once: a note that is changed afterwards is written twice.
    emit(
      NoteEvent(
        kind: kind, reason: reason, flags: flags, staff: pitch.staff,
        key: Int16(truncatingIfNeeded: key),
        shift: Int16(truncatingIfNeeded: state.voice.midiTranspose),
        decorations: state.voice.decorations, loudness: state.voice.loudness,
        fifths: Int8(truncatingIfNeeded: state.voice.key.fifths), alteration: alteration,
        length: length, unit: state.voice.unit), at: range)
    if kind == .note, !state.voice.ties.isEmpty {
      joinTie(chunk.events.count - 1, at: range)
      remarkRange(of: chunk.events.count - 1, at: range)
    } else if !(0...127).contains(key) {
      remarkRange(of: chunk.events.count - 1, at: range)
    }
  }

  private mutating func remarkRange(of event: Int, at range: Range<Int>) {
    guard !(0...127).contains(chunk.events[event].note.key) else { return }
    remark(.warning, "This note is outside the range of MIDI; it is not played.", range)
  }

  @inline(__always)
  private mutating func alteration(
    of pitch: WrittenPitch
  ) -> (Int8, ParsedTune.WrittenNote.PitchReason) {
    if let accidental = pitch.accidental {
      switch state.voice.propagation {
      case .pitch: state.voice.letterAlterations[pitch.letter] = accidental
      case .octave: state.voice.staffAlterations[pitch.staff] = accidental
      case .not: break
      }
      return (accidental, .asWritten)
    }
    let before = state.voice.letterAlterations[pitch.letter]
    if before != 127, state.voice.propagation == .pitch { return (before, .earlierInBar) }
    if state.voice.propagation == .octave,
      let before = state.voice.staffAlterations[pitch.staff]
    {
      return (before, .earlierInBar)
    }
    let alteration = state.voice.key.alterations[pitch.letter]
    return (alteration, alteration == 0 ? .none : .keySignature)
  }

  /// Gives the note the pitch of a tie that ends here, and drops ties that ended before.
  private mutating func joinTie(_ event: Int, at range: Range<Int>) {
    let now = state.voice.offset
    let note = chunk.events[event].note
    for index in state.voice.ties.indices {
      let tie = state.voice.ties[index]
      guard tie.staff == note.staff, tie.end == now else { continue }
      if note.flags.contains(.hasAccidental), note.key != tie.key { continue }
      chunk.events[event].note.key = tie.key
      if note.reason != .asWritten { chunk.events[event].note.reason = .tie }
      chunk.events[event].note.flags.insert(.isTied)
      state.voice.ties.remove(at: index)
      return
    }
    let count = state.voice.ties.count
    state.voice.ties.removeAll { $0.end < now }
    if state.voice.ties.count < count {
      remark(
        .warning, "The tie before this note finds no note of the same pitch; it is left out.",
        range)
    }
  }

  mutating func readRest() {
    let start = position
    let byte = bytes[position]
    position += 1
    let isBars = byte == UInt8(ascii: "Z") || byte == UInt8(ascii: "X")
    let written = readLength()
    let duration: Fraction
    if isBars {
      var count = max(written.numerator / max(written.denominator, 1), 1)
      if count > 999 {
        remark(.warning, "A rest of \(count) bars is cut to 999.", start..<position)
        count = 999
      }
      duration = (state.voice.meter.barLength ?? .one) * count
    } else {
      duration = takeLength(written)
    }
    var note = NoteEvent(kind: .rest, length: duration, unit: state.voice.unit)
    if isBars { note.flags.insert(.isBars) }
    if byte == UInt8(ascii: "x") || byte == UInt8(ascii: "X") { note.flags.insert(.isInvisible) }
    let first = chunk.events.count
    emit(note, at: start..<position)
    endMember(first..<chunk.events.count, duration)
  }

  // MARK: - Chords

  /// `[CEG]2` (ABC 2.1 §4.17): each note its own length, the first note's length to go on by.
  /// `end` is the place of its `]`.
  mutating func readChord(to end: Int) {
    let start = position
    position += 1
    var members: [(pitch: WrittenPitch?, length: Fraction, range: Range<Int>, isTied: Bool)] = []
    while position < end {
      switch peek() {
      case UInt8(ascii: "-"):
        position += 1
        if !members.isEmpty { members[members.count - 1].isTied = true }
      case UInt8(ascii: "z"), UInt8(ascii: "x"):
        let first = position
        position += 1
        members.append((nil, readLength(), first..<position, false))
      case UInt8(ascii: "A")...UInt8(ascii: "G"), UInt8(ascii: "a")...UInt8(ascii: "g"),
        UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "="):
        let first = position
        if let pitch = readPitch() {
          let length = readLength()
          members.append((pitch, length, first..<position, false))
        }
      case 0x20, 0x09, UInt8(ascii: "`"), UInt8(ascii: "<"), UInt8(ascii: ">"):
        position += 1
      case UInt8(ascii: "("):
        position += 1
        openSlur(at: position - 1)
      case UInt8(ascii: ")"):
        position += 1
        closeSlur()
      case UInt8(ascii: "y"): readSpacer()
      case UInt8(ascii: "{"): readGraces()
      case UInt8(ascii: "\""): readQuoted()
      case UInt8(ascii: "!"): readExclamation()
      case UInt8(ascii: "+"): readPlusDecoration(before: end)
      case UInt8(ascii: "."), UInt8(ascii: "~"), UInt8(ascii: "H")...UInt8(ascii: "Y"),
        UInt8(ascii: "h")...UInt8(ascii: "w"):
        readShorthand(peek())
      default:
        remark(
          .error, "This cannot stand inside a chord; it is ignored.", position..<(position + 1))
        position += 1
        while position < lineLimit, bytes[position] & 0xC0 == 0x80 { position += 1 }
      }
    }
    position = end + 1
    guard !members.isEmpty else {
      remark(.warning, "This chord holds no notes; it is ignored.", start..<position)
      return
    }
    emitChord(members)
  }

  private mutating func emitChord(
    _ members: [(pitch: WrittenPitch?, length: Fraction, range: Range<Int>, isTied: Bool)]
  ) {
    let outer = readLength()
    let plain = plainLength(outer)
    let scale = plain * takeBroken(before: plain * members[0].length)
    let first = chunk.events.count
    for (index, member) in members.enumerated() {
      let flags: NoteEvent.Flags = index > 0 ? .continuesChord : []
      if let pitch = member.pitch {
        emitNote(pitch, length: member.length * scale, at: member.range, flags: flags)
      } else {
        var rest = NoteEvent(kind: .rest, length: member.length * scale, unit: state.voice.unit)
        rest.flags = flags
        emit(rest, at: member.range)
      }
    }
    // Only now: a chord never ties to itself.
    for (index, member) in members.enumerated()
    where member.isTied && chunk.events[first + index].sounds {
      chunk.events[first + index].note.flags.insert(.tie)
      addTie(chunk.events[first + index].note, from: chunk.events[first + index].start)
    }
    endMember(first..<chunk.events.count, members[0].length * scale)
  }

  // MARK: - Grace notes

  /// `{ab}` (ABC 2.1 §4.12): no time of their own.
  mutating func readGraces() {
    let start = position
    var close = position + 1
    while close < lineLimit, bytes[close] != UInt8(ascii: "}"), bytes[close] != UInt8(ascii: "|"),
      bytes[close] != UInt8(ascii: "{")
    {
      close += 1
    }
    guard close < lineLimit, bytes[close] == UInt8(ascii: "}") else {
      look(asFarAs: close + 1)
      remark(
        .error, "This grace group is not closed by }; its notes are read as plain notes.",
        start..<(start + 1))
      position += 1
      return
    }
    position += 1
    let held = state.voice.decorations
    state.voice.decorations = []
    var isInside = false
    while position < close {
      switch bytes[position] {
      case UInt8(ascii: "A")...UInt8(ascii: "G"), UInt8(ascii: "a")...UInt8(ascii: "g"),
        UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "="):
        let first = position
        guard let pitch = readPitch() else { continue }
        var length = readLength() * state.voice.unit
        for tuplet in state.voice.tuplets { length = length * tuplet.ratio }
        let flags: NoteEvent.Flags = isInside ? .continuesChord : .opensGrace
        emitNote(pitch, length: length, at: first..<position, flags: flags, kind: .grace)
        if isInGraceChord { isInside = true }
      case UInt8(ascii: "["):
        isInGraceChord = true
        position += 1
      case UInt8(ascii: "]"):
        isInGraceChord = false
        isInside = false
        position += 1
      case UInt8(ascii: "z"), UInt8(ascii: "x"):
        position += 1
        _ = readLength()
      case UInt8(ascii: "y"): readSpacer()
      case UInt8(ascii: "("):
        position += 1
        openSlur(at: position - 1)
      case UInt8(ascii: ")"):
        position += 1
        closeSlur()
      default: position += 1
      }
    }
    isInGraceChord = false
    position = close + 1
    state.voice.decorations = held
  }
}
