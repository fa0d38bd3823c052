/// The notes of one music line, waiting for the words of the `w:` lines after it (ABC 2.1 §5).
struct LyricLine {
  private var notes: [(note: Int32, bar: Int32)] = []
  private var isFinished = false
  private var verse = 0
  private var next = 0

  mutating func add(note: Int, bar: Int) {
    if isFinished {
      notes.removeAll(keepingCapacity: true)
      isFinished = false
      verse = 0
      next = 0
    }
    if notes.isEmpty { notes.reserveCapacity(64) }
    notes.append((Int32(truncatingIfNeeded: note), Int32(truncatingIfNeeded: bar)))
  }

  mutating func endLine(isContinued: Bool) {
    if !isContinued { isFinished = true }
  }

  /// Gives the syllables of `text` to the notes; a `+` before it goes on where the last one ended.
  mutating func sing(_ text: String, into lyrics: inout [ParsedTune.Lyric]) {
    isFinished = true
    var bytes = Array(text.utf8)
    if bytes.first == UInt8(ascii: "+") {
      bytes.removeFirst()
    } else {
      verse += 1
      next = 0
    }
    var syllable: [UInt8] = []
    var index = 0
    func isEnd(_ byte: UInt8) -> Bool {
      byte == 0x20 || byte == 0x09 || byte == UInt8(ascii: "|") || byte == UInt8(ascii: "_")
        || byte == UInt8(ascii: "*")
    }
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
          // A hyphen with nothing before it holds the syllable for another note.
          if index >= 2, bytes[index - 2] == UInt8(ascii: "-") { next += 1 }
        } else {
          place(&syllable, suffix: "-", into: &lyrics)
        }
      case 0x20, 0x09: place(&syllable, suffix: "", into: &lyrics)
      case UInt8(ascii: "_"), UInt8(ascii: "*"):
        place(&syllable, suffix: "", into: &lyrics)
        next += 1
      case UInt8(ascii: "|"):
        place(&syllable, suffix: "", into: &lyrics)
        skipBar()
      default: syllable.append(byte)
      }
    }
    place(&syllable, suffix: "", into: &lyrics)
  }

  private mutating func place(
    _ syllable: inout [UInt8], suffix: String, into lyrics: inout [ParsedTune.Lyric]
  ) {
    guard !syllable.isEmpty else { return }
    if next < notes.count {
      let text = decodeText(String(decoding: syllable, as: UTF8.self)) + suffix
      lyrics.append(ParsedTune.Lyric(text: text, note: Int(notes[next].note), verse: verse))
    }
    next += 1
    syllable = []
  }

  /// `|` goes on with the next bar.
  private mutating func skipBar() {
    guard next > 0, next <= notes.count else { return }
    let bar = notes[next - 1].bar
    while next < notes.count, notes[next].bar == bar { next += 1 }
  }
}
