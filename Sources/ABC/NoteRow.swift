/// The notes of one music line, and how far words or signs below it have come (ABC 2.1 §5.1).
struct NoteRow: Sendable {
  struct Place: Sendable {
    /// Index into the tune's notes.
    var note: Int32
    /// Index into the events of the voice.
    var event: Int32
    /// Counts the bar lines of the voice before it.
    var bar: Int32
  }

  /// Notes that stand one after the other. Few lines have words: their notes are looked up then.
  struct Run: Sendable {
    /// Indices into the events of the voice.
    var events: Range<Int32>
    /// Counts the bar lines of the voice before it.
    var bar: Int32
  }

  private var runs: [Run] = []
  private(set) var places: [Place] = []
  /// Index into `places` of the note that comes next; past the end where there are too few.
  private(set) var next = 0
  /// The bar that has been come to.
  private var bar: Int32 = -1

  var count: Int { places.count }

  mutating func removeAll() {
    runs.removeAll(keepingCapacity: true)
    if !places.isEmpty { places.removeAll(keepingCapacity: true) }
    restart()
  }

  mutating func append(_ run: Run) {
    if runs.capacity == 0 { runs.reserveCapacity(16) }
    runs.append(run)
  }

  /// Finds the notes that have been added among the events of the voice.
  mutating func fill(from events: [Event]) {
    for run in runs {
      for event in run.events where events[Int(event)].isSung {
        places.append(Place(note: events[Int(event)].written, event: event, bar: run.bar))
      }
    }
    runs.removeAll(keepingCapacity: true)
  }

  mutating func restart() {
    next = 0
    bar = -1
  }

  /// Takes the note that comes next; `nil` when there is none left.
  mutating func take() -> Place? {
    defer { next += 1 }
    guard next < places.count else { return nil }
    bar = max(bar, places[next].bar)
    return places[next]
  }

  /// `|`: goes on with the next bar; at the beginning of a line it is only drawn.
  mutating func skipBar() {
    guard next > 0, next <= places.count else { return }
    bar += 1
    while next < places.count, places[next].bar < bar { next += 1 }
  }

  /// Events from a place on have moved by one.
  mutating func insertEvent(at event: Int32) {
    for index in places.indices where places[index].event >= event { places[index].event += 1 }
  }
}

/// One sign of an `s:` line (ABC 2.1 §4.15).
struct SymbolToken {
  enum Content: Equatable {
    /// `*`: nothing for this note.
    case skip
    /// `|`: on with the next bar.
    case bar
    case decoration(String)
    /// Between quotation marks.
    case quoted(String)
  }
  var content: Content
  /// Bytes of the line's text.
  var range: Range<Int>

  static func all(in text: String) -> [SymbolToken] {
    let bytes = Array(text.utf8)
    var tokens: [SymbolToken] = []
    var index = 0
    while index < bytes.count {
      let start = index
      let byte = bytes[index]
      index += 1
      switch byte {
      case UInt8(ascii: "*"): tokens.append(SymbolToken(content: .skip, range: start..<index))
      case UInt8(ascii: "|"): tokens.append(SymbolToken(content: .bar, range: start..<index))
      case UInt8(ascii: "!"), UInt8(ascii: "+"), UInt8(ascii: "\""):
        guard let end = bytes[index...].firstIndex(of: byte) else { continue }
        let inside = String(decoding: bytes[index..<end], as: UTF8.self)
        index = end + 1
        tokens.append(
          SymbolToken(
            content: byte == UInt8(ascii: "\"") ? .quoted(inside) : .decoration(inside),
            range: start..<index))
      default: break
      }
    }
    return tokens
  }
}
