import Music

/// A tune whose text changes a little at a time, as under a cursor: an edit is read again only
/// from the bar before it to the first bar that means what it meant.
///
/// `tune` always equals `ParsedTune(text: text)`. Memory: about a kilobyte for each bar.
public struct IncrementalTune: Sendable {
  /// UTF-8.
  private var bytes: [UInt8]
  private var chunks: [Chunk] = []
  /// The state before each chunk.
  private var states: [ReaderState] = []
  /// Bytes of each chunk, and how far beyond its end it looked.
  private var sizes: [(count: Int, lookahead: Int)] = []
  private var endState = ReaderState()
  private var preambleEnd: Int
  /// How many bytes the last change made the reader read.
  public private(set) var bytesRead = 0

  public init(text: String = "") {
    bytes = Array(text.utf8)
    preambleEnd = 0
    readAll()
  }

  public var text: String { String(decoding: bytes, as: UTF8.self) }

  /// The tune as it stands, put together from its parts at each call.
  public var tune: ParsedTune {
    var reader = TuneReader(
      bytes: bytes, position: bytes.count, state: endState, preambleEnd: preambleEnd)
    var last: [Chunk] = []
    reader.endText(&last)
    var assembler = TuneAssembler(startMeter: reader.state.seed.meter)
    for chunk in chunks { assembler.append(chunk) }
    for chunk in last { assembler.append(chunk) }
    return assembler.finish(reader.state, text: bytes)
  }

  /// Replaces the bytes `range` by `new`. A range outside the text is cut to it; one that would
  /// cut a character in two is widened to hold all of it.
  public mutating func replace(_ range: Range<Int>, with new: String) {
    var lower = min(max(range.lowerBound, 0), bytes.count)
    var upper = min(max(range.upperBound, lower), bytes.count)
    while lower > 0, lower < bytes.count, bytes[lower] & 0xC0 == 0x80 { lower -= 1 }
    while upper < bytes.count, bytes[upper] & 0xC0 == 0x80 { upper += 1 }
    let change = new.utf8.count - (upper - lower)
    bytes.replaceSubrange(lower..<upper, with: new.utf8)
    guard preambleStays(after: lower) else {
      readAll()
      return
    }
    readAgain(from: lower, oldEnd: upper, change: change)
  }

  /// Adds to the end of the text.
  public mutating func append(_ new: String) {
    replace(bytes.count..<bytes.count, with: new)
  }

  /// Whether the first `X:` still stands where it stood.
  private func preambleStays(after place: Int) -> Bool {
    if place > preambleEnd + 1, bytes.count > preambleEnd + 1,
      bytes[preambleEnd] == UInt8(ascii: "X"), bytes[preambleEnd + 1] == UInt8(ascii: ":")
    {
      return true
    }
    return TuneReader.firstTune(in: bytes) == 0 && preambleEnd == 0
  }

  private mutating func readAll() {
    var reader = TuneReader(whole: bytes)
    preambleEnd = reader.preambleEnd
    chunks = []
    states = []
    sizes = []
    while !reader.isAtEnd {
      states.append(reader.state)
      let chunk = reader.readChunk()
      chunks.append(chunk)
      sizes.append((chunk.byteCount, chunk.lookahead))
    }
    endState = reader.state
    bytesRead = bytes.count
  }

  private mutating func readAgain(from place: Int, oldEnd: Int, change: Int) {
    var first = 0
    var start = 0
    while first < sizes.count, start + sizes[first].count + sizes[first].lookahead <= place {
      start += sizes[first].count
      first += 1
    }
    var reader = TuneReader(
      bytes: bytes, position: start, state: first < states.count ? states[first] : endState,
      preambleEnd: preambleEnd)
    var newChunks: [Chunk] = []
    var newStates: [ReaderState] = []
    /// The old chunk that starts at `oldStart` may be where old and new meet.
    var old = first
    var oldStart = start
    var meets = false
    while !reader.isAtEnd {
      while old < sizes.count, oldStart + change < reader.position || oldStart < oldEnd {
        oldStart += sizes[old].count
        old += 1
      }
      if old < sizes.count, oldStart + change == reader.position, oldStart >= oldEnd,
        states[old] == reader.state
      {
        meets = true
        break
      }
      newStates.append(reader.state)
      newChunks.append(reader.readChunk())
    }
    bytesRead = reader.position - start
    if !meets {
      old = sizes.count
      endState = reader.state
    }
    chunks.replaceSubrange(first..<old, with: newChunks)
    states.replaceSubrange(first..<old, with: newStates)
    sizes.replaceSubrange(first..<old, with: newChunks.map { ($0.byteCount, $0.lookahead) })
  }
}
