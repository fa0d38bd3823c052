/// The words of the `w:` lines under one music line (ABC 2.1 §5).
struct LyricLine: Sendable {
  /// A music line with words: which notes, and how many verses.
  struct Block: Hashable, Sendable {
    /// Indices into the tune's notes: the first and the last that the words are for.
    var notes: ClosedRange<Int>
    /// For each verse the last note that it has something for; -1 for none.
    var ends: [Int] = []
  }

  /// What was wrong with a line of words.
  struct Fault: Hashable, Sendable {
    var syllables: Int
    var notes: Int
  }

  private(set) var row = NoteRow()
  private(set) var block: Block?
  /// Whether the next note begins another music line.
  private(set) var isFinished = false
  private var verse = 0
  private var syllables = 0
  /// Whether a bar line in the words left notes without any: that is no oversight.
  private var hasSkipped = false

  mutating func add(_ run: NoteRow.Run) { row.append(run) }

  /// Finds the notes of the line, before words or signs are put to them.
  mutating func findNotes(in events: [Event]) { row.fill(from: events) }

  /// Begins another music line; returns the block that ends before it.
  mutating func beginLine() -> Block? {
    defer { block = nil }
    row.removeAll()
    isFinished = false
    verse = 0
    return block
  }

  mutating func endLine(isContinued: Bool) {
    if !isContinued { isFinished = true }
  }

  mutating func insertEvent(at event: Int32) { row.insertEvent(at: event) }

  /// Gives the syllables of `text` to the notes; a `+` before it goes on where the last one ended.
  ///
  /// - Returns: What does not fit: too few syllables, too many, or words without any note.
  mutating func sing(_ text: String, into lyrics: inout [ParsedTune.Lyric]) -> Fault? {
    isFinished = true
    var bytes = Array(text.utf8)
    if bytes.first == UInt8(ascii: "+") {
      bytes.removeFirst()
    } else {
      verse += 1
      syllables = 0
      hasSkipped = false
      row.restart()
      if let first = row.places.first, let last = row.places.last {
        var new = block ?? Block(notes: Int(first.note)...Int(last.note))
        new.ends.append(-1)
        block = new
      }
    }
    var syllable: [UInt8] = []
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      switch byte {
      case UInt8(ascii: "\\") where index < bytes.count && bytes[index] == UInt8(ascii: "-"):
        syllable.append(UInt8(ascii: "-"))
        index += 1
      case UInt8(ascii: "\\") where index == bytes.count: break
      case UInt8(ascii: "~"): syllable.append(0x20)
      case UInt8(ascii: "-"):
        if syllable.isEmpty {
          // After a blank or another hyphen it holds the syllable for one more note.
          if index >= 2, bytes[index - 2] == UInt8(ascii: "-") || bytes[index - 2] == 0x20 {
            hold()
          }
        } else {
          place(&syllable, suffix: "-", into: &lyrics)
        }
      case 0x20, 0x09: place(&syllable, suffix: "", into: &lyrics)
      case UInt8(ascii: "_"), UInt8(ascii: "*"):
        place(&syllable, suffix: "", into: &lyrics)
        hold()
      case UInt8(ascii: "|"):
        place(&syllable, suffix: "", into: &lyrics)
        let next = row.next
        row.skipBar()
        hasSkipped = hasSkipped || row.next > next
      default: syllable.append(byte)
      }
    }
    place(&syllable, suffix: "", into: &lyrics)
    guard syllables > 0, row.next != row.count, !hasSkipped || row.next > row.count else {
      return nil
    }
    return Fault(syllables: syllables, notes: row.count)
  }

  /// A note without a syllable of its own.
  private mutating func hold() {
    syllables += 1
    if let place = row.take() { cover(place) }
  }

  private mutating func place(
    _ syllable: inout [UInt8], suffix: String, into lyrics: inout [ParsedTune.Lyric]
  ) {
    guard !syllable.isEmpty else { return }
    syllables += 1
    if let place = row.take() {
      let text = decodeText(String(decoding: syllable, as: UTF8.self)) + suffix
      lyrics.append(ParsedTune.Lyric(text: text, note: Int(place.note), verse: verse))
      cover(place)
    }
    syllable = []
  }

  private mutating func cover(_ place: NoteRow.Place) {
    guard let last = block?.ends.indices.last else { return }
    block?.ends[last] = Int(place.note)
  }
}
