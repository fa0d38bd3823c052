import Music

extension TuneReader {
  /// Reads one thing of a music line: a note, a sign, a field, or a blank.
  mutating func readMusicItem() {
    let byte = bytes[position]
    if !state.macros.isEmpty, macroRange == nil, expandMacro() { return }
    switch byte {
    case 0x20, 0x09, UInt8(ascii: "`"), UInt8(ascii: "$"): position += 1
    case UInt8(ascii: "A")...UInt8(ascii: "G"), UInt8(ascii: "a")...UInt8(ascii: "g"),
      UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "="):
      readNote()
    case UInt8(ascii: "z"), UInt8(ascii: "x"), UInt8(ascii: "Z"), UInt8(ascii: "X"):
      readRest()
    case UInt8(ascii: "y"):
      position += 1
      _ = readLength()
    case UInt8(ascii: "|"), UInt8(ascii: ":"): readBar()
    case UInt8(ascii: "["): readBracket()
    case UInt8(ascii: "("): readParenthesis()
    case UInt8(ascii: ")"):
      position += 1
      closeSlur()
    case UInt8(ascii: "-"): readTie()
    case UInt8(ascii: "<"), UInt8(ascii: ">"): readBrokenRhythm()
    case UInt8(ascii: "{"): readGraces()
    case UInt8(ascii: "}"):
      remark(.error, "This } closes no grace group; it is ignored.", position..<(position + 1))
      position += 1
    case UInt8(ascii: "\""): readQuoted()
    case UInt8(ascii: "&"): readOverlay()
    case UInt8(ascii: "!"): readExclamation()
    case UInt8(ascii: "+"): readPlus()
    case UInt8(ascii: "\\"): readBackslash()
    case UInt8(ascii: "%"):
      position = lineLimit
    case UInt8(ascii: "."):
      if peek(1) == UInt8(ascii: "|") {
        position += 1
        readBar()
      } else if peek(1) == UInt8(ascii: "(") || peek(1) == UInt8(ascii: "-") {
        position += 1
      } else {
        readShorthand(byte)
      }
    case UInt8(ascii: "~"), UInt8(ascii: "H")...UInt8(ascii: "Y"),
      UInt8(ascii: "h")...UInt8(ascii: "w"):
      readShorthand(byte)
    case UInt8(ascii: "#"), UInt8(ascii: "*"), UInt8(ascii: ";"), UInt8(ascii: "?"),
      UInt8(ascii: "@"):
      // Reserved for later versions (ABC 2.1 §8.1): ignored without a word.
      position += 1
    case UInt8(ascii: "0")...UInt8(ascii: "9"): readStrayNumber()
    case UInt8(ascii: "]"):
      remark(.error, "This ] closes nothing; it is ignored.", position..<(position + 1))
      position += 1
    default: skipUnknown()
    }
  }

  /// Steps over one whole character that means nothing here.
  private mutating func skipUnknown() {
    let start = position
    position += 1
    while position < lineLimit, bytes[position] & 0xC0 == 0x80 { position += 1 }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    remark(
      .warning, "\u{201C}\(text)\u{201D} means nothing in music; it is ignored.", start..<position)
  }

  private mutating func readStrayNumber() {
    let start = position
    // `| 1 ...`: an ending with a blank before its number.
    if state.voice.offset == .zero, chunk.events.isEmpty, start > 0, isAfterBarLine(start) {
      let numbers = readEndingNumbers()
      if numbers != 0 {
        remark(
          .warning, "An ending's number belongs right after the bar line; it is read as one.",
          start..<position)
        emit(.ending(numbers), at: start..<position)
        return
      }
    }
    _ = readNumber()
    while peek() == UInt8(ascii: "/") {
      position += 1
      _ = readNumber()
    }
    remark(.error, "This number belongs to no note; it is ignored.", start..<position)
  }

  private func isAfterBarLine(_ place: Int) -> Bool {
    guard macroRange == nil else { return false }
    var index = place - 1
    while index > 0, isBlank(bytes[index]) { index -= 1 }
    return bytes[index] == UInt8(ascii: "|") || bytes[index] == UInt8(ascii: ":")
  }

  private mutating func readBackslash() {
    let start = position
    position += 1
    var end = position
    while end < lineLimit, isBlank(bytes[end]) { end += 1 }
    if end == lineLimit || bytes[end] == UInt8(ascii: "%") {
      state.isContinued = true
      position = lineLimit
    } else {
      remark(.warning, "A \\ goes on with the next line only at a line's end.", start..<position)
    }
  }

  private mutating func closeSlur() {
    guard state.voice.slurs > 0 else { return }
    state.voice.slurs -= 1
    guard state.voice.slurs == 0 else { return }
    for index in chunk.events.indices.reversed() {
      guard case .note(var note) = chunk.events[index].content else { return }
      if note.kind == .note { note.flags.insert(.endsSlur) }
      chunk.events[index].content = .note(note)
      if !note.flags.contains(.continuesChord) { return }
    }
  }

  // MARK: - Bars

  /// Reads a bar sign and the ending numbers glued to it; the chunk ends there.
  mutating func readBar() {
    let start = position
    var sign = BarSign()
    var lines = 0
    var colons = 0
    scan: while position < lineLimit {
      switch peek() {
      case UInt8(ascii: ":"):
        colons += 1
        position += 1
      case UInt8(ascii: "|"):
        if lines > 0, colons > 0 { break scan }
        if lines == 0 { sign.ends = UInt8(clamping: colons) }
        colons = 0
        lines += 1
        position += 1
      case UInt8(ascii: "["):
        guard peek(1) == UInt8(ascii: "|") || (peek(1) == UInt8(ascii: "]") && lines > 0),
          colons == 0
        else { break scan }
        lines += 1
        position += 1
      case UInt8(ascii: "]"):
        guard lines > 0 || colons > 0, lines == 0 || colons == 0 else { break scan }
        if lines == 0 { sign.ends = UInt8(clamping: colons) }
        colons = 0
        lines += 1
        position += 1
      default: break scan
      }
    }
    if lines == 0 {
      guard colons > 1 else {
        remark(.error, "A single colon is no bar line; it is ignored.", start..<position)
        return
      }
      if !colons.isMultiple(of: 2) {
        remark(
          .warning, "A repeat sign has as many colons before as after it; one is ignored.",
          start..<position)
      }
      sign.ends = UInt8(clamping: colons / 2)
      sign.starts = UInt8(clamping: colons / 2)
    } else {
      sign.starts = UInt8(clamping: colons)
      let isInvisible = lines == 3 && bytes[start] == UInt8(ascii: "[")
      sign.isDouble = lines > 1 && !isInvisible
    }
    limitRepeats(&sign, at: start..<position)
    endBar(sign, at: start..<position)
    if isDigit(peek()) {
      let first = position
      let numbers = readEndingNumbers()
      if numbers != 0 { emit(.ending(numbers), at: first..<position) }
    }
  }

  private mutating func limitRepeats(_ sign: inout BarSign, at range: Range<Int>) {
    let most: UInt8 = 8
    if sign.ends > most || sign.starts > most {
      remark(.warning, "A section is repeated at most \(most) times; so it is here.", range)
      sign.ends = min(sign.ends, most)
      sign.starts = min(sign.starts, most)
    }
  }

  private mutating func endBar(_ sign: BarSign, at range: Range<Int>) {
    let length = max(state.voice.offset, state.voice.reached)
    if state.voice.offset < length { state.voice.offset = length }
    emit(.bar(sign), at: range)
    clearAccidentals()
    state.voice.offset = .zero
    state.voice.reached = .zero
    if !state.voice.ties.isEmpty {
      for index in state.voice.ties.indices { state.voice.ties[index].end -= length }
      state.voice.ties.removeAll { $0.end < .zero }
    }
    lastMember = nil
    if macroRange == nil { chunkIsDone = true }
    state.hasMusic = true
  }

  /// `1`, `1,3`, `1-3`, `1,3-5`; bit n - 1 for ending n. Numbers above 63 are left out.
  mutating func readEndingNumbers() -> UInt64 {
    let start = position
    var set: UInt64 = 0
    var isTooLarge = false
    repeat {
      let first = readNumber()
      var last = first
      if peek() == UInt8(ascii: "-"), isDigit(peek(1)) {
        position += 1
        last = readNumber()
      }
      if first < 1 || last > 63 || last < first { isTooLarge = true }
      if first >= 1, last >= first {
        for number in first...min(last, max(first, 63)) where number <= 63 {
          set |= 1 << UInt64(number - 1)
        }
      }
      guard peek() == UInt8(ascii: ","), isDigit(peek(1)) else { break }
      position += 1
    } while true
    if peek() == UInt8(ascii: "."), !isNoteStart(peek(1)) { position += 1 }
    if isTooLarge {
      remark(.warning, "Endings are numbered 1 to 63; others are left out.", start..<position)
    }
    return set
  }

  private func isNoteStart(_ byte: UInt8) -> Bool {
    letterIndex(byte) != nil || byte == UInt8(ascii: "^") || byte == UInt8(ascii: "_")
      || byte == UInt8(ascii: "=")
  }

  mutating func clearAccidentals() {
    state.voice.letterAlterations = ReaderState.Voice.noAlterations
    if !state.voice.staffAlterations.isEmpty { state.voice.staffAlterations = [:] }
  }

  private mutating func readOverlay() {
    let start = position
    while peek() == UInt8(ascii: "&") { position += 1 }
    let count = min(position - start, 16)
    emit(.overlay(count), at: start..<position)
    state.voice.reached = max(state.voice.reached, state.voice.offset)
    state.voice.offset = .zero
    clearAccidentals()
    lastMember = nil
  }

  // MARK: - Brackets, parentheses, ties, broken rhythm

  private mutating func readBracket() {
    let next = peek(1)
    if next == UInt8(ascii: "|") || (next == UInt8(ascii: "]")) {
      if next == UInt8(ascii: "]") {
        position += 2
        return
      }
      readBar()
    } else if isDigit(next) {
      let start = position
      position += 1
      let numbers = readEndingNumbers()
      if numbers != 0 { emit(.ending(numbers), at: start..<position) }
      lastMember = nil
    } else if isLetter(next), peek(2) == UInt8(ascii: ":") {
      readInlineField()
    } else {
      readChord()
    }
  }

  private mutating func readInlineField() {
    let start = position
    let kind = peek(1)
    if kind == UInt8(ascii: "V"), macroRange == nil, !chunk.events.isEmpty {
      chunkIsDone = true
      return
    }
    var end = position + 3
    while end < lineLimit, bytes[end] != UInt8(ascii: "]") { end += 1 }
    guard end < lineLimit else {
      look(asFarAs: lineLimit)
      remark(
        .error,
        "This [\(String(decoding: [kind], as: UTF8.self)): is not closed by ]; "
          + "the rest of the line is taken as its text.", start..<lineLimit)
      position = lineLimit
      return
    }
    let text = String(decoding: trimmed(bytes[(start + 3)..<end]), as: UTF8.self)
    position = end + 1
    readField(kind, text, at: start..<position, isInline: true)
  }

  private mutating func readParenthesis() {
    guard isDigit(peek(1)) else {
      position += 1
      state.voice.slurs = min(state.voice.slurs + 1, 1000)
      return
    }
    let start = position
    position += 1
    let p = readNumber()
    var q: Int?
    var r: Int?
    if peek() == UInt8(ascii: ":") {
      position += 1
      if isDigit(peek()) { q = readNumber() }
      if peek() == UInt8(ascii: ":") {
        position += 1
        if isDigit(peek()) { r = readNumber() }
      }
    }
    guard (2...99).contains(p), q.map({ (1...99).contains($0) }) ?? true,
      r.map({ (1...999).contains($0) }) ?? true
    else {
      remark(
        .error, "A tuplet puts 2 to 99 notes in the time of 1 to 99; this one is ignored.",
        start..<position)
      return
    }
    let isCompound = state.voice.meter.isCompound
    let time: Int
    if let q {
      time = q
    } else {
      switch p {
      case 2, 4, 8: time = 3
      case 3, 6: time = 2
      default: time = isCompound ? 3 : 2
      }
    }
    let count = r ?? p
    if let last = state.voice.tuplets.last, last.remaining == last.count {
      remark(
        .error, "This tuplet starts where another one does; it takes its place.", start..<position)
      state.voice.tuplets.removeLast()
    }
    guard state.voice.tuplets.count < 4 else {
      remark(.error, "Tuplets are nested at most four deep; this one is ignored.", start..<position)
      return
    }
    state.voice.tuplets.append(
      ReaderState.Tuplet(ratio: Fraction(time, p), count: count, remaining: count))
  }

  private mutating func readTie() {
    let start = position
    position += 1
    guard let member = lastMember else {
      remark(.warning, "This tie has no note before it; it is ignored.", start..<position)
      return
    }
    var isTied = false
    for index in member.events {
      guard case .note(var note) = chunk.events[index].content, note.kind == .note else { continue }
      isTied = true
      guard !note.flags.contains(.tie) else { continue }
      note.flags.insert(.tie)
      chunk.events[index].content = .note(note)
      addTie(note, from: chunk.events[index].start)
    }
    if !isTied {
      remark(.warning, "A rest cannot be tied; the tie is ignored.", start..<position)
    }
  }

  mutating func addTie(_ note: NoteEvent, from start: Fraction) {
    guard state.voice.ties.count < 64 else { return }
    state.voice.ties.append(
      ReaderState.PendingTie(staff: note.staff, key: note.key, end: start + note.length))
  }

  /// `>`, `<` and their doubles (ABC 2.1 §4.4).
  private mutating func readBrokenRhythm() {
    let start = position
    let sign = peek()
    while peek() == sign { position += 1 }
    let count = position - start
    guard let member = lastMember else {
      remark(.error, "There is no note before this broken rhythm; it is ignored.", start..<position)
      return
    }
    guard count <= 6 else {
      remark(.error, "A broken rhythm has at most six signs; it is ignored.", start..<position)
      return
    }
    var long = Fraction((2 << count) - 1, 1 << count)
    if count == 1, state.voice.usesBrokenRatio { long = state.voice.brokenRatio }
    let short = Fraction(2) - long
    let isLongFirst = sign == UInt8(ascii: ">")
    state.voice.broken = ReaderState.Broken(
      factor: isLongFirst ? short : long, length: member.duration)
    lastBroken = (isLongFirst ? long : short, start..<position)
    stretch(member, by: lastBroken.factor)
  }

  /// What the second note of a broken rhythm is multiplied with. Between notes of different
  /// lengths the standard defines nothing: both then keep their own, as in abc2midi.
  mutating func takeBroken(before length: Fraction) -> Fraction {
    guard let broken = state.voice.broken else { return .one }
    state.voice.broken = nil
    guard broken.length != length else { return broken.factor }
    // Over a bar line it is too late to take the first half back.
    guard let member = lastMember else { return broken.factor }
    stretch(member, by: .one / lastBroken.factor)
    remark(
      .warning,
      "A broken rhythm stands between notes of the same length; these two keep their own.",
      lastBroken.place)
    return .one
  }

  /// Changes the length of the note, chord or rest before; what follows it moves along.
  private mutating func stretch(
    _ member: Member, by factor: Fraction
  ) {
    let change = member.duration * factor - member.duration
    for index in member.events {
      var event = chunk.events[index]
      guard case .note(var note) = event.content else { continue }
      let end = event.start + note.length
      note.length = note.length * factor
      event.content = .note(note)
      let newEnd = event.start + note.length
      chunk.events[index] = event
      for tie in state.voice.ties.indices
      where state.voice.ties[tie].staff == note.staff && state.voice.ties[tie].end == end {
        state.voice.ties[tie].end = newEnd
      }
    }
    for index in member.events.upperBound..<chunk.events.count {
      chunk.events[index].start += change
    }
    state.voice.offset += change
    lastMember?.duration += change
  }

  // MARK: - Macros

  /// Reads the replacement where a macro's target stands; false where none does.
  private mutating func expandMacro() -> Bool {
    for macro in state.macros {
      guard let (length, note) = macro.match(bytes, at: position, limit: lineLimit) else {
        continue
      }
      let range = position..<(position + length)
      let saved = (bytes, limit, lineLimit)
      bytes = macro.expansion(for: note)
      if recordsExpansions { expansions.append((range, bytes)) }
      (limit, lineLimit, position) = (bytes.count, bytes.count, 0)
      macroRange = range
      while position < lineLimit { readMusicItem() }
      macroRange = nil
      (bytes, limit, lineLimit) = saved
      position = range.upperBound
      look(asFarAs: min(position + 4, lineLimit))
      return true
    }
    return false
  }
}
