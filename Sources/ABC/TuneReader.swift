import Music

/// Reads ABC text chunk by chunk: a line that is no music, or music up to a bar line or line end.
///
/// The reader works on bytes and keeps nothing but `state` between chunks, so reading can start
/// again at any chunk.
struct TuneReader {
  /// The text, or the text that a macro stands for.
  var bytes: [UInt8]
  var position: Int
  /// Where reading must stop: the end of `bytes`.
  var limit: Int
  /// Where the line that holds `position` ends.
  var lineLimit = 0
  var state: ReaderState
  var chunk = Chunk()
  var chunkStart = 0
  /// The farthest byte that decided what the chunk says.
  var lookedAt = 0
  /// Where the first `X:` line stands; 0 when the text begins with it or has none.
  let preambleEnd: Int
  /// While a macro is read: its place in the text.
  var macroRange: Range<Int>?
  /// Every macro that was read and what it stands for, where that is asked for.
  var recordsExpansions = false
  var expansions: [(place: Range<Int>, text: [UInt8])] = []
  /// Events of the note, chord or rest that `>`, `<` and `-` would change.
  var lastMember: Member?
  /// What the first half of the last broken rhythm was multiplied with, and where its sign stands.
  var lastBroken: (factor: Fraction, place: Range<Int>) = (.one, 0..<0)
  /// Where the last tuplet of the chunk begins.
  var lastTuplet: Range<Int>?
  /// Between `[` and `]` of a grace group.
  var isInGraceChord = false
  var chunkIsDone = false
  /// What is said about decorations that nobody knows, by name: finding the nearest takes a while.
  var unknownDecorations: [String: String] = [:]
  /// The line that the chunk began, as far as it is one of music or a field.
  var line: Line?

  /// A line of text and what it is.
  enum Line {
    /// A field's letter, and where its text stands.
    case field(UInt8, Range<Int>)
    case music(Range<Int>)
  }

  /// A note, chord or rest that has been read.
  struct Member {
    var events: Range<Int>
    var duration: Fraction
  }

  init(bytes: [UInt8], position: Int, state: ReaderState, preambleEnd: Int) {
    self.bytes = bytes
    self.position = position
    self.limit = bytes.count
    self.state = state
    self.preambleEnd = preambleEnd
  }

  var isAtEnd: Bool { position >= limit }

  /// Reads the next chunk; `position` and `state` then stand at its end.
  mutating func readChunk() -> Chunk {
    chunk = Chunk()
    chunk.events.reserveCapacity(12)
    fillChunk()
    return chunk
  }

  /// Reads the next chunk into `chunk`, whose memory is used again.
  mutating func fillChunk() {
    chunk.clear()
    chunk.voice = state.voiceIndex
    chunk.isHeader = state.phase != .body
    chunkStart = position
    lookedAt = position
    lastMember = nil
    lastTuplet = nil
    chunkIsDone = false
    line = nil
    if state.isAtLineStart || lineLimit <= position { findLineLimit() }
    let isLine = state.isAtLineStart && readLineStart()
    if !isLine {
      state.isAtLineStart = false
      while position < lineLimit, !chunkIsDone { readMusicItem() }
      if position >= lineLimit { endMusicLine() }
    }
    chunk.byteCount = position - chunkStart
    chunk.lookahead = max(lookedAt - position, 3)
  }

  mutating func findLineLimit() {
    lineLimit = position
    while lineLimit < limit, bytes[lineLimit] != 0x0A, bytes[lineLimit] != 0x0D { lineLimit += 1 }
  }

  /// Moves past the rest of the line and its end: LF, CR LF or CR.
  mutating func skipLine() {
    position = lineLimit
    if position < limit {
      let isReturn = bytes[position] == 0x0D
      position += 1
      if isReturn, position < limit, bytes[position] == 0x0A { position += 1 }
    }
    state.isAtLineStart = true
  }

  mutating func endMusicLine() {
    emit(.lineEnd(isContinued: state.isContinued), at: position..<position)
    if state.voiceIndex != state.lineVoice { select(voice: state.lineVoice) }
    skipLine()
  }

  /// Reads a line that is no music and says so; false when the line is music.
  private mutating func readLineStart() -> Bool {
    if state.phase == .ended || state.isAfterEmptyLine, !goesOnAfterEmptyLine() {
      skipLine()
      return true
    }
    if state.phase == .preamble, position == preambleEnd, lineStarts(with: "X:") { beginTune() }
    if state.isSkippingText, state.phase != .preamble {
      if lineStarts(with: "%%end") { state.isSkippingText = false }
      skipLine()
      return true
    }
    var first = position
    while first < lineLimit, isBlank(bytes[first]) { first += 1 }
    if first == lineLimit {
      readEmptyLine()
      return true
    }
    if bytes[position] == UInt8(ascii: "%") {
      if position + 1 < lineLimit, bytes[position + 1] == UInt8(ascii: "%") {
        let text = fieldText(from: position + 2)
        readDirective(text, at: position..<lineLimit)
      }
      skipLine()
      return true
    }
    if isField(at: position) {
      let kind = bytes[position]
      let range = position..<lineLimit
      var text = fieldText(from: position + 2)
      state.isContinued = false
      state.isFieldOpen = text.utf8.last == UInt8(ascii: "\\") && isText(kind)
      if state.isFieldOpen { text = String(text.dropLast()) }
      if state.phase != .preamble || !state.isSkippingText {
        line = .field(kind, (position + 2)..<lineLimit)
      }
      readField(kind, text, at: range)
      if kind != UInt8(ascii: "+") { state.lastField = kind }
      skipLine()
      return true
    }
    if state.isFieldOpen {
      continueOpenField()
      return true
    }
    if state.phase == .preamble {
      state.isSkippingText = true
      skipLine()
      return true
    }
    if state.phase == .header {
      if readHeaderText() { return true }
      finishHeader(isMissingKey: true, at: position..<position)
      chunk.isHeader = false
    }
    state.lastField = 0
    state.isContinued = false
    line = .music(position..<lineLimit)
    return false
  }

  private func lineStarts(with text: StaticString) -> Bool {
    guard position + text.utf8CodeUnitCount <= lineLimit else { return false }
    return text.withUTF8Buffer { prefix in
      bytes[position..<(position + prefix.count)].elementsEqual(prefix)
    }
  }

  /// A letter or `+` and a colon, but not a note before a repeat sign (`G:|`).
  // Mutating only in name: otherwise the compiler copies the whole reader for each line.
  private mutating func isField(at start: Int) -> Bool {
    guard start + 1 < lineLimit, bytes[start + 1] == UInt8(ascii: ":") else { return false }
    let kind = bytes[start]
    if kind == UInt8(ascii: "+") { return true }
    guard isLetter(kind) else { return false }
    if letterIndex(kind) != nil || kind == UInt8(ascii: "z"), start + 2 < lineLimit {
      let next = bytes[start + 2]
      return next != UInt8(ascii: "|") && next != UInt8(ascii: ":")
    }
    return true
  }

  /// Fields that hold words and nothing else.
  private func isText(_ kind: UInt8) -> Bool {
    "ABCDFGHNORSTWZr".utf8.contains(kind)
  }

  /// Reads a line after a field of text that ended with `\`.
  private mutating func continueOpenField() {
    let range = position..<lineLimit
    var text = fieldText(from: position)
    state.isFieldOpen = text.utf8.last == UInt8(ascii: "\\")
    if state.isFieldOpen { text = String(text.dropLast()) }
    let kind = String(decoding: [state.lastField], as: UTF8.self)
    remark(
      .note,
      "A field goes on in a line that begins with +:; this line is read as part of \(kind):.",
      range)
    continueField(text, at: range)
    skipLine()
  }

  private mutating func readEmptyLine() {
    let range = position..<lineLimit
    skipLine()
    switch state.phase {
    case .preamble:
      state.isSkippingText = true
    case .header, .ended:
      if state.header.number != nil, state.phase == .header, hasMoreText {
        remark(
          .warning, "An empty line ends a tune; here, inside the header, it is ignored.", range)
      }
    case .body:
      if !state.hasMusic {
        if hasMoreText {
          remark(.warning, "An empty line ends a tune; before the first note it is ignored.", range)
        }
      } else {
        state.isAfterEmptyLine = true
      }
    }
  }

  /// Looks only at the next byte: what a chunk means never depends on text far away.
  private var hasMoreText: Bool { position < limit }

  /// Whether a line after the empty line that should end a tune belongs to it: a field, or music.
  ///
  /// Decided by the line alone, as `Tunebook` does, which also knows tunes without a number.
  private mutating func goesOnAfterEmptyLine() -> Bool {
    look(asFarAs: lineLimit + 1)
    if state.phase != .ended {
      var first = position
      while first < lineLimit, isBlank(bytes[first]) { first += 1 }
      if first == lineLimit || bytes[position] == UInt8(ascii: "%") { return true }
      if isField(at: position) {
        if bytes[position] != UInt8(ascii: "X"), bytes[position] != UInt8(ascii: "T") {
          return true
        }
        state.phase = .ended
      } else if MusicLine.isMusic(bytes[position..<lineLimit]) {
        state.isAfterEmptyLine = false
        if !state.hasToldEmptyLine {
          state.hasToldEmptyLine = true
          remark(
            .warning,
            "An empty line ends a tune; the music after the one above is read on as part of it.",
            position..<lineLimit)
        }
        return true
      }
    }
    if !state.hasToldFreeText {
      state.hasToldFreeText = true
      remark(
        .note, "The tune ended at the empty line above; the text from here on is not played.",
        position..<lineLimit)
    }
    return false
  }

  private mutating func beginTune() {
    state.phase = .header
    // Some books have the titles just above the number.
    if state.isSkippingText || state.lastField != UInt8(ascii: "T") { state.header.titles = [] }
    state.isSkippingText = false
    state.header.number = nil
  }

  // MARK: - Helpers for every kind of text

  func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

  func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }

  func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  /// The byte `offset` places on, or 0 past the end of the line.
  func peek(_ offset: Int = 0) -> UInt8 {
    let index = position + offset
    return index < lineLimit ? bytes[index] : 0
  }

  /// The text of the line from `start` on, without its comment and outer blanks.
  func fieldText(from start: Int) -> String { fieldText(start..<lineLimit) }

  /// The text of a line's bytes, without comment and outer blanks.
  func fieldText(_ range: Range<Int>) -> String {
    let start = range.lowerBound
    var end = start
    while end < range.upperBound {
      if bytes[end] == UInt8(ascii: "%"), end == 0 || bytes[end - 1] != UInt8(ascii: "\\") { break }
      end += 1
    }
    return String(decoding: trimmed(bytes[min(start, end)..<end]), as: UTF8.self)
  }

  /// A number of at most nine digits; larger ones stay at 999,999,999.
  mutating func readNumber() -> Int {
    var value = 0
    while isDigit(peek()) {
      value = min(value * 10 + Int(peek() - 0x30), 999_999_999)
      position += 1
    }
    return value
  }

  @inline(__always)
  private func relative(_ range: Range<Int>) -> (Int32, Int32) {
    let place = macroRange ?? range
    return (
      Int32(truncatingIfNeeded: place.lowerBound - chunkStart),
      Int32(truncatingIfNeeded: place.upperBound - chunkStart)
    )
  }

  mutating func emit(_ content: Event.Content, at range: Range<Int>) {
    let (lower, upper) = relative(range)
    chunk.voice = state.voiceIndex
    chunk.events.append(
      Event(start: state.voice.offset, lower: lower, upper: upper, content: content))
  }

  @inline(__always)
  mutating func emit(_ note: NoteEvent, at range: Range<Int>) {
    let (lower, upper) = relative(range)
    chunk.voice = state.voiceIndex
    chunk.events.append(
      Event(start: state.voice.offset, lower: lower, upper: upper, content: .note, note: note))
  }

  /// - Parameters:
  ///   - cause: What the remark comes from, where one cause is told once in a tune.
  ///   - subject: By default notes are about how the text is written, all others about what sounds.
  mutating func remark(
    _ severity: Diagnostic.Severity, _ sentence: String, _ range: Range<Int>,
    cause: Chunk.Remark.Cause = .itself, subject: Diagnostic.Subject? = nil
  ) {
    let (lower, upper) = relative(range)
    chunk.remarks.append(
      Chunk.Remark(
        severity: severity, lower: lower, upper: upper, sentence: sentence, cause: cause,
        subject: subject ?? Diagnostic.Subject(usualFor: severity)))
  }

  mutating func store(_ text: String) -> Int {
    chunk.texts.append(text)
    return chunk.texts.count - 1
  }

  /// Notes that deciding where the chunk ends took a look as far as `place`.
  mutating func look(asFarAs place: Int) {
    guard macroRange == nil else { return }
    lookedAt = max(lookedAt, place)
  }

  // MARK: - Voices

  mutating func select(voice index: Int) {
    guard index != state.voiceIndex else { return }
    state.voices[state.voiceIndex] = state.voice
    state.voiceIndex = index
    state.voice = state.voices[index]
  }
}
