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
    case UInt8(ascii: "y"): readSpacer()
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
    case UInt8(ascii: "#"): readSharp()
    case UInt8(ascii: "*"), UInt8(ascii: ";"), UInt8(ascii: "?"), UInt8(ascii: "@"):
      // Reserved for later versions (ABC 2.1 §8.1): ignored without a word.
      position += 1
    case UInt8(ascii: "0")...UInt8(ascii: "9"): readStrayNumber()
    case UInt8(ascii: "]"):
      remark(.error, "This ] closes nothing; it is ignored.", position..<(position + 1))
      position += 1
    default: if !readPrintedSign() { skipUnknown() }
    }
  }

  /// `y` and its width, which is no length (ABC 2.1 §6.1.2).
  mutating func readSpacer() {
    position += 1
    while isDigit(peek()) || peek() == UInt8(ascii: "/") { position += 1 }
  }

  /// `#`: reserved (ABC 2.1 §8.1), but beside a note it was meant as a sharp.
  private mutating func readSharp() {
    remarkSign("sharp", "^", at: position..<(position + 1))
    position += 1
  }

  /// Signs that printed music has and ABC writes otherwise; false where none stands.
  private mutating func readPrintedSign() -> Bool {
    guard peek() == 0xE2, peek(1) == 0x99 || peek(1) == 0x80 else { return false }
    switch (peek(1), peek(2)) {
    case (0x99, 0xAD): remarkSign("flat", "_", at: position..<(position + 3))
    case (0x99, 0xAE): remarkSign("natural", "=", at: position..<(position + 3))
    case (0x99, 0xAF): remarkSign("sharp", "^", at: position..<(position + 3))
    case (0x80, 0x9C...0x9E):
      readCurlyQuoted()
      return true
    default: return false
    }
    position += 3
    return true
  }

  /// Says how an accidental is written, where one stands beside a note; once in a tune.
  private mutating func remarkSign(_ name: String, _ sign: String, at range: Range<Int>) {
    guard macroRange == nil else { return }
    var before = range.lowerBound - 1
    while before > 0, "',0123456789/".utf8.contains(bytes[before]) { before -= 1 }
    let after = range.upperBound < lineLimit ? bytes[range.upperBound] : 0
    let letter: UInt8
    if before >= 0, letterIndex(bytes[before]) != nil {
      letter = bytes[before]
    } else if letterIndex(after) != nil {
      letter = after
    } else {
      return
    }
    let note = String(decoding: [letter], as: UTF8.self)
    let written = String(decoding: bytes[range], as: UTF8.self)
    remark(
      .warning,
      "A \(name) stands before its note, as \(sign)\(note); this \(written) is ignored.", range,
      cause: .signAfterNote)
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
        startEnding(numbers, at: start..<position)
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

  mutating func openSlur(at place: Int) {
    state.voice.slurs = min(state.voice.slurs + 1, 1000)
    emit(.slur(isStart: true), at: place..<(place + 1))
  }

  mutating func closeSlur() {
    let place = (position - 1)..<position
    guard state.voice.slurs > 0 else {
      if state.voice.slursBeforeEndings > 0 {
        // Opened before the endings, and closed in each of them.
        state.voice.slursBeforeEndings -= 1
      } else {
        remark(.warning, "This ) closes no slur; it is ignored.", place, subject: .writing)
      }
      return
    }
    state.voice.slurs -= 1
    defer { emit(.slur(isStart: false), at: place) }
    guard state.voice.slurs == 0 else { return }
    for index in chunk.events.indices.reversed() {
      if case .slur = chunk.events[index].content { continue }
      guard case .note = chunk.events[index].content else { return }
      if chunk.events[index].note.kind == .note {
        chunk.events[index].note.flags.insert(.endsSlur)
      }
      if !chunk.events[index].note.flags.contains(.continuesChord) { return }
    }
  }

  // MARK: - Brackets

  mutating func readBracket() {
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
      if numbers != 0 { startEnding(numbers, at: start..<position) }
      lastMember = nil
    } else if isLetter(next), peek(2) == UInt8(ascii: ":") {
      readInlineField()
    } else if let end = chordEnd() {
      readChord(to: end)
    } else if next == UInt8(ascii: "\"") {
      readNamedEnding()
    } else {
      remark(
        .error, "This chord is not closed by ]; its notes are read one after the other.",
        position..<(position + 1))
      position += 1
    }
  }

  /// The `]` that closes the chord here; `nil` where a bar line or the line's end comes first.
  private mutating func chordEnd() -> Int? {
    var place = position + 1
    while place < lineLimit {
      switch bytes[place] {
      case UInt8(ascii: "]"): return place
      case UInt8(ascii: "|"), UInt8(ascii: "["), UInt8(ascii: "%"):
        look(asFarAs: place + 1)
        return nil
      case UInt8(ascii: "\""), UInt8(ascii: "!"), UInt8(ascii: "+"):
        // What stands between two of them is a text or a name.
        let mark = bytes[place]
        var end = place + 1
        while end < lineLimit, bytes[end] != mark, mark == 0x22 || bytes[end] != 0x5D { end += 1 }
        if end < lineLimit, bytes[end] == mark { place = end }
        place += 1
      default: place += 1
      }
    }
    look(asFarAs: lineLimit + 1)
    return nil
  }

  /// `["first"`: an ending named by a text, as some programs draw it. Its numbers are those in the
  /// text, or the next in order.
  private mutating func readNamedEnding() {
    let start = position
    var end = position + 2
    while end < lineLimit, bytes[end] != UInt8(ascii: "\"") { end += 1 }
    guard end < lineLimit else {
      position += 1
      readQuoted()
      return
    }
    position += 2
    while position < end, !isDigit(bytes[position]) { position += 1 }
    var numbers: UInt64 = 0
    if position < end { numbers = readEndingNumbers() }
    if numbers == 0 { numbers = 1 << UInt64(min(state.voice.namedEndings, 62)) }
    position = end + 1
    let number = numbers.trailingZeroBitCount + 1
    remark(
      .note,
      "An ending is written with its number, as [\(number); this one is read as ending \(number).",
      start..<position)
    startEnding(numbers, at: start..<position)
    lastMember = nil
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
