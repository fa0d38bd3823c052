import Music

extension ParsedTune {
  /// Reads one tune. Never fails: whatever cannot be understood is named in `diagnostics`.
  ///
  /// The text may be a whole tune, a tune that is still being written, or only notes: without any
  /// header it is read in C, 4/4, with eighths as the unit. Text before the first `X:` line counts
  /// as a file header, whose fields the tune inherits; the first empty line after the music ends it.
  public init(text: String) {
    self.init(bytes: Array(text.utf8))
  }

  /// The same for UTF-8 bytes. Bytes that are no UTF-8 are passed over with a warning.
  public init(bytes: [UInt8]) {
    self.init(reader: TuneReader(whole: bytes))
  }

  /// A tune that inherits the fields of a file header which is not part of its text.
  init(bytes: [UInt8], fileHeader: [UInt8]) {
    var header = TuneReader(whole: fileHeader)
    header.state.phase = .preamble
    var inherited: [Chunk] = []
    while !header.isAtEnd {
      if let chunk = header.readChunk().inherited { inherited.append(chunk) }
    }
    self.init(reader: TuneReader(bytes: bytes, afterHeader: header.state), inherited)
  }

  /// Everything from where a reader stands, after what stands in no text of its own.
  private init(reader: TuneReader, _ inherited: [Chunk] = []) {
    var reader = reader
    var assembler = TuneAssembler(byteCount: reader.limit)
    for chunk in inherited { assembler.append(chunk) }
    reader.chunk.events.reserveCapacity(24)
    while !reader.isAtEnd {
      reader.fillChunk()
      assembler.startMeter = reader.state.seed.meter
      assembler.append(reader.chunk)
    }
    var last: [Chunk] = []
    reader.endText(&last)
    assembler.startMeter = reader.state.seed.meter
    for chunk in last { assembler.append(chunk) }
    self = assembler.finish(reader.state, text: reader.bytes)
  }
}

extension Chunk {
  /// What a tune takes over of a file header besides its fields: how it sounds. Its place is the
  /// beginning of the tune.
  fileprivate var inherited: Chunk? {
    var chunk = Chunk()
    chunk.isHeader = true
    chunk.texts = texts
    chunk.events = events.compactMap { event in
      guard case .midi = event.content else { return nil }
      var event = event
      (event.lower, event.upper) = (0, 0)
      return event
    }
    return chunk.events.isEmpty ? nil : chunk
  }
}

extension TuneReader {
  /// A reader at the start of a tune whose file header was read before.
  init(bytes: [UInt8], afterHeader state: ReaderState) {
    var state = state
    state.isSkippingText = false
    state.isAtLineStart = true
    self.init(bytes: bytes, position: 0, state: state, preambleEnd: 0)
  }

  /// A reader at the start of `bytes`.
  init(whole bytes: [UInt8]) {
    let first = TuneReader.firstTune(in: bytes)
    self.init(bytes: bytes, position: 0, state: ReaderState(), preambleEnd: first)
    if first > 0 { state.phase = .preamble }
  }

  /// Where the first line that begins with `X:` starts; 0 when there is none.
  static func firstTune(in bytes: [UInt8]) -> Int {
    var isAtLineStart = true
    for index in bytes.indices {
      if isAtLineStart, bytes[index] == UInt8(ascii: "X"), index + 1 < bytes.count,
        bytes[index + 1] == UInt8(ascii: ":")
      {
        return index
      }
      isAtLineStart = bytes[index] == 0x0A || bytes[index] == 0x0D
    }
    return 0
  }

  /// What is still to be said when the text ends: a header without `K:` is finished.
  mutating func endText(_ chunks: inout [Chunk]) {
    guard state.phase == .header || state.phase == .preamble else { return }
    chunk = Chunk()
    chunk.isHeader = true
    chunkStart = position
    lineLimit = position
    if state.header.number != nil || !state.header.titles.isEmpty {
      remark(.note, "The header is not finished: K: is still missing.", position..<position)
    }
    var quiet = self
    quiet.finishHeader(isMissingKey: true, at: position..<position)
    state = quiet.state
    chunks.append(chunk)
  }
}
