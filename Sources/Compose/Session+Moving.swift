import ABC

/// The cursor, the selection, and finding things.
extension Session {
  mutating func moveCursor(to byte: Int) {
    places.moveCursor(to: text.boundary(atOrBefore: min(max(byte, 0), draft.count)))
    if mode == .select, let bar = score.bar(atByte: cursor) {
      places.extendSelection(to: parsed.bars[bar].range)
    }
  }

  func lineStart(of byte: Int) -> Int {
    let bytes = Array(text.utf8.prefix(byte))
    return (bytes.lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1
  }

  func lineEnd(of byte: Int) -> Int {
    let rest = text.utf8.dropFirst(byte)
    return byte + rest.prefix { $0 != UInt8(ascii: "\n") }.count
  }

  /// Up or down by lines, keeping the column where the line is long enough.
  mutating func moveByLine(_ count: Int) {
    let column = text.text(atBytes: lineStart(of: cursor)..<cursor).count
    var start = lineStart(of: cursor)
    for _ in 0..<abs(count) {
      if count < 0 {
        guard start > 0 else { break }
        start = lineStart(of: start - 1)
      } else {
        let end = lineEnd(of: start)
        guard end < draft.count else { break }
        start = end + 1
      }
    }
    let line = text.text(atBytes: start..<lineEnd(of: start))
    moveCursor(to: start + String(line.prefix(column)).utf8.count)
  }

  mutating func move(_ direction: String, count: Int) {
    switch direction {
    case "left":
      for _ in 0..<count {
        guard let note = score.note(beforeByte: cursor) else { break }
        moveCursor(to: parsed.notes[note].range.lowerBound)
      }
    case "right":
      for _ in 0..<count {
        let after =
          parsed.notes.first { $0.range.contains(cursor) }?.range.upperBound ?? (cursor + 1)
        guard cursor < draft.count else { break }
        if let note = score.note(atOrAfterByte: after) {
          moveCursor(to: max(parsed.notes[note].range.lowerBound, cursor + 1))
        } else {
          moveCursor(to: draft.count)
        }
      }
    case "up": moveByLine(-count)
    case "down": moveByLine(count)
    default: complain("'\(direction)' is no direction (left, right, up, down)")
    }
  }

  mutating func moveByBar(_ count: Int) {
    guard !parsed.bars.isEmpty else { return }
    let here = score.bar(atByte: cursor) ?? 0
    let target = here + count
    guard target < parsed.bars.count else {
      moveCursor(to: draft.count)
      return
    }
    moveToBar(max(target, 0))
  }

  /// To the start of a bar by index: what stands before its first note belongs to it.
  mutating func moveToBar(_ index: Int) {
    guard parsed.bars.indices.contains(index) else { return }
    let bar = parsed.bars[index].range
    // Spaces and line ends before it belong to the bar, but not to the eye.
    let blanks = text.utf8.dropFirst(bar.lowerBound).prefix(bar.count)
      .prefix { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }.count
    moveCursor(to: blanks < bar.count ? bar.lowerBound + blanks : bar.lowerBound)
  }

  mutating func moveToBarStart(_ count: Int) {
    guard let bar = score.bar(atByte: cursor) else { return }
    let before = cursor
    moveToBar(bar)
    let steps = before > cursor ? count - 1 : count
    if steps > 0 { moveToBar(max(bar - steps, 0)) }
  }

  mutating func moveToBarEnd(_ count: Int) {
    guard let bar = score.bar(atByte: cursor) else { return }
    func last(of bar: Int) -> Int {
      let range = parsed.bars[bar].range
      return parsed.notes.last { range.contains($0.range.lowerBound) }?.range.lowerBound
        ?? range.lowerBound
    }
    let here = last(of: bar)
    let steps = cursor < here ? count - 1 : count
    moveCursor(to: last(of: min(bar + steps, parsed.bars.count - 1)))
  }

  mutating func moveByPhrase(_ count: Int) {
    let phrase = max(sampling.phrase, 1)
    guard let bar = score.bar(atByte: cursor) else { return }
    let number = max(parsed.bars[bar].number, 1)
    let first = (number - 1) / phrase * phrase + 1
    let isAtStart = number == first
    let wanted = count < 0 && !isAtStart ? first : first + count * phrase
    if let target = score.bar(numbered: max(wanted, 1), ofVoice: parsed.bars[bar].voice) {
      moveToBar(target)
    } else {
      moveCursor(to: draft.count)
    }
  }

  mutating func goTo(_ argument: String) -> [Effect] {
    switch argument {
    case "start":
      moveCursor(to: parsed.body.lowerBound)
    case "end", "":
      moveCursor(to: draft.count)
      if generator != .running {
        places.moveHead(to: draft.count)
        return requestNextCharacters()
      }
    case "playhead":
      if let note = score.soundingNotes(at: player.playhead).first {
        moveCursor(to: parsed.notes[note].range.lowerBound)
      } else if let bar = score.playedBar(at: player.playhead) {
        moveToBar(bar.written)
      }
    case "head": moveCursor(to: head)
    case "edit": moveCursor(to: places.lastEdit)
    case "warning":
      guard
        let next = parsed.diagnostics.first(where: { $0.range.lowerBound > cursor })
          ?? parsed.diagnostics.first
      else {
        notice("no warnings")
        return []
      }
      moveCursor(to: next.range.lowerBound)
      notice("\(next.line):\(next.column): \(next.sentence)")
    default:
      let digits = argument.hasPrefix("bar ") ? String(argument.dropFirst(4)) : argument
      guard let number = Int(digits) else {
        complain("'\(argument)' is no place: write a bar number, start, end, playhead or head")
        return []
      }
      guard let bar = score.bar(numbered: number, ofVoice: cursorVoice) else {
        complain("there is no bar \(number); the tune has \(score.completeBars)")
        return []
      }
      moveToBar(bar)
    }
    return []
  }

  mutating func select(_ argument: String) {
    guard !parsed.bars.isEmpty else {
      notice("no bars to select yet")
      return
    }
    if mode == .select, argument.isEmpty || argument == "bars" {
      endSelection()
      return
    }
    let here = score.bar(atByte: cursor) ?? 0
    let bars: ClosedRange<Int>
    switch argument {
    case "", "bars": bars = here...here
    case "all": bars = 0...parsed.bars.count - 1
    case "phrase":
      bars = phraseBars ?? here...here
    default:
      guard let asked = barRange(argument) else {
        complain("'\(argument)' is no range of bars: write 5-8, phrase or all")
        return
      }
      bars = asked
    }
    places.select(
      from: parsed.bars[bars.lowerBound].range, to: parsed.bars[bars.upperBound].range)
    screen.enter(.select)
  }

  mutating func endSelection() {
    places.deselect()
    if mode == .select { screen.enter(.normal) }
  }

  /// Finds text after (or before) the cursor, around the end.
  mutating func find(_ wanted: String, backwards: Bool = false) {
    if !wanted.isEmpty { screen.remember(find: wanted) }
    let findText = screen.findText
    guard !findText.isEmpty else {
      notice("nothing to find yet (/ asks)")
      return
    }
    let needle = Array(findText.utf8)
    let bytes = Array(text.utf8)
    guard bytes.count >= needle.count else {
      notice("'\(findText)' is not in the tune")
      return
    }
    let places = (0...(bytes.count - needle.count)).filter {
      bytes[$0..<$0 + needle.count].elementsEqual(needle)
    }
    let found =
      backwards
      ? places.last { $0 < cursor } ?? places.last : places.first { $0 > cursor } ?? places.first
    guard let found else {
      notice("'\(findText)' is not in the tune")
      return
    }
    moveCursor(to: found)
  }
}
