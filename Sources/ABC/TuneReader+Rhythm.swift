import Music

/// Tuplets, ties and broken rhythm.
extension TuneReader {
  mutating func readParenthesis() {
    guard isDigit(peek(1)) else {
      position += 1
      openSlur(at: position - 1)
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
    lastTuplet = start..<position
  }

  /// Says that a tuplet goes on past a bar line, where it begins if that is known.
  mutating func remarkUnfinishedTuplets(at bar: Range<Int>) {
    for index in state.voice.tuplets.indices where !state.voice.tuplets[index].isTold {
      let tuplet = state.voice.tuplets[index]
      state.voice.tuplets[index].isTold = true
      let name = tuplet.count == 3 ? "triplet" : "tuplet"
      let has = TuneReader.word(tuplet.count - tuplet.remaining)
      remark(
        .warning,
        "This \(name) has \(has) of its \(TuneReader.word(tuplet.count)) notes before the bar line.",
        macroRange == nil ? lastTuplet ?? bar : bar, cause: .tuplet)
    }
  }

  /// A small number as a word.
  private static func word(_ number: Int) -> String {
    let words = ["none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    return words.indices.contains(number) ? words[number] : "\(number)"
  }

  mutating func readTie() {
    let start = position
    position += 1
    guard let member = lastMember else {
      remark(.warning, "This tie has no note before it; it is ignored.", start..<position)
      return
    }
    var isTied = false
    for index in member.events {
      guard chunk.events[index].sounds else { continue }
      isTied = true
      guard !chunk.events[index].note.flags.contains(.tie) else { continue }
      chunk.events[index].note.flags.insert(.tie)
      addTie(chunk.events[index].note, from: chunk.events[index].start)
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
  mutating func readBrokenRhythm() {
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
      guard case .note = chunk.events[index].content else { continue }
      let start = chunk.events[index].start
      let length = chunk.events[index].note.length
      chunk.events[index].note.length = length * factor
      let staff = chunk.events[index].note.staff
      for tie in state.voice.ties.indices
      where state.voice.ties[tie].staff == staff && state.voice.ties[tie].end == start + length {
        state.voice.ties[tie].end = start + length * factor
      }
    }
    for index in member.events.upperBound..<chunk.events.count {
      chunk.events[index].start += change
    }
    state.voice.offset += change
    lastMember?.duration += change
  }
}
