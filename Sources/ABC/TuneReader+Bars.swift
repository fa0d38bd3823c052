import Music

/// Bar lines, repeats, endings and overlays.
extension TuneReader {
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
      if numbers != 0 { startEnding(numbers, at: first..<position) }
    }
  }

  /// Notes an ending; a slur that leads into the first of several leads into the others, too.
  mutating func startEnding(_ numbers: UInt64, at range: Range<Int>) {
    if numbers & 1 != 0 { state.voice.slursInEndings = state.voice.slurs }
    state.voice.slursBeforeEndings = numbers & 1 != 0 ? 0 : state.voice.slursInEndings
    state.voice.namedEndings = UInt8(clamping: 64 - numbers.leadingZeroBitCount)
    emit(.ending(numbers), at: range)
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
    if !state.voice.tuplets.isEmpty { remarkUnfinishedTuplets(at: range) }
    if sign.starts > 0 || (sign.isDouble && sign.ends == 0) { state.voice.namedEndings = 0 }
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

  mutating func readOverlay() {
    let start = position
    while peek() == UInt8(ascii: "&") { position += 1 }
    let count = min(position - start, 16)
    emit(.overlay(count), at: start..<position)
    state.voice.reached = max(state.voice.reached, state.voice.offset)
    state.voice.offset = .zero
    clearAccidentals()
    lastMember = nil
  }
}
