/// Finds the tunes of a file.
///
/// A tune begins with `X:`. A paragraph without a number is one as well, where it has a key after a
/// meter or title, as in mails and on web pages. An empty line ends a tune when it has music (ABC
/// 2.1 §2.2.1), but music that follows goes on with it: many books leave a line between strains.
struct TunebookSplitter {
  private let bytes: [UInt8]
  private var tunes: [Tunebook.Entry] = []
  private var header = 0..<0
  private var headerIsOpen = true
  /// The tune that lines are added to, where one is open.
  private var current = OpenTune()
  private var isOpen = false
  private var isAtParagraph = true
  /// Where the tune without a number begins that this paragraph holds.
  private var nextStart: Int?
  /// Where the titles begin with which this paragraph began; nil once something else was read.
  private var titleStart: Int?
  /// Whether the lines belong to a block of text, `%%begintext` to `%%endtext`, or of another kind.
  private var isInBlock = false

  /// A tune whose end is still to be found.
  private struct OpenTune {
    var entry = Tunebook.Entry(number: nil, title: "", range: 0..<0)
    var hasKey = false
    var hasMusic = false
    /// Whether an empty line was read after its music.
    var isApart = false
  }

  /// The tunes in their order, and the file header's bytes.
  static func split(_ bytes: [UInt8]) -> (tunes: [Tunebook.Entry], header: Range<Int>) {
    var splitter = TunebookSplitter(bytes: bytes)
    var start = 0
    while start < bytes.count {
      let line = splitter.line(at: start)
      splitter.read(line)
      start = line.next
    }
    splitter.close()
    return (splitter.tunes, splitter.tunes.isEmpty ? 0..<0 : splitter.header)
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private struct Line {
    var start: Int
    /// Before and after the line end: LF, CR LF or CR.
    var end: Int
    var next: Int
    /// The letter before a colon; 0 for any other line.
    var field: UInt8
    var isEmpty: Bool
  }

  private func line(at start: Int) -> Line {
    bytes.withUnsafeBufferPointer { bytes in
      var end = start
      while end < bytes.count, bytes[end] == 0x20 || bytes[end] == 0x09 { end += 1 }
      let first = end
      // One comparison for nearly every byte: few are as small as those that end a line.
      while end < bytes.count, bytes[end] > 0x0D || (bytes[end] != 0x0A && bytes[end] != 0x0D) {
        end += 1
      }
      let isEmpty = end == first
      var next = min(end + 1, bytes.count)
      if end + 1 < bytes.count, bytes[end] == 0x0D, bytes[end + 1] == 0x0A { next = end + 2 }
      var field: UInt8 = 0
      if end > start + 1, bytes[start + 1] == UInt8(ascii: ":"),
        (0x61...0x7A).contains(bytes[start] | 0x20)
      {
        field = bytes[start]
        // A note before a repeat sign is none.
        if end > start + 2, bytes[start + 2] == UInt8(ascii: "|") || bytes[start + 2] == 0x3A,
          letterIndex(field) != nil || field == UInt8(ascii: "z")
        {
          field = 0
        }
      }
      return Line(start: start, end: end, next: next, field: field, isEmpty: isEmpty)
    }
  }

  private mutating func read(_ line: Line) {
    if line.isEmpty {
      isAtParagraph = true
      if isOpen, current.hasMusic { current.isApart = true }
      return
    }
    if isBlockLine(line) {
      goOn(line, isText: true)
      return
    }
    if isAtParagraph, line.start > 0, tunes.isEmpty, !isOpen, !header.isEmpty {
      headerIsOpen = false
    }
    if isAtParagraph, !isOpen || current.hasKey { nextStart = unnumberedTune(from: line) }
    let isFirst = isAtParagraph
    isAtParagraph = false
    if isFirst { titleStart = line.field == UInt8(ascii: "T") ? line.start : nil }
    defer { if line.field != UInt8(ascii: "T") { titleStart = nil } }
    if line.field == UInt8(ascii: "X") || isFirst && isNumberWithoutColon(line) {
      let titles = titleStart.flatMap { isOpen && !current.hasKey ? nil : $0 }
      if let titles { giveBack(from: titles) }
      close()
      let digits = bytes[(line.start + 1)..<line.end].drop { !isDigit($0) }.prefix(while: isDigit)
      open(line, number: Int(String(decoding: digits, as: UTF8.self)))
      if let titles { begin(at: titles) }
    } else if line.start == nextStart {
      close()
      open(line, number: nil)
      goOn(line)
    } else if isOpen {
      goOn(line)
    } else if headerIsOpen {
      header = (header.isEmpty ? line.start : header.lowerBound)..<line.next
    }
  }

  /// Whether a line is `X1`, `X 1`, `X;1` or `X :1`: a tune's number without its colon, or with a
  /// blank before it.
  private func isNumberWithoutColon(_ line: Line) -> Bool {
    guard bytes[line.start] == UInt8(ascii: "X") else { return false }
    var number = trimmed(bytes[(line.start + 1)..<line.end])
    if number.first == UInt8(ascii: ";") || number.first == UInt8(ascii: ":") {
      number = trimmed(number.dropFirst())
    }
    return !number.isEmpty && number.allSatisfy(isDigit)
  }

  private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  private mutating func open(_ line: Line, number: Int?) {
    current = OpenTune(
      entry: Tunebook.Entry(number: number, title: "", range: line.start..<line.next))
    isOpen = true
    headerIsOpen = false
    nextStart = nil
  }

  private mutating func close() {
    if isOpen { tunes.append(current.entry) }
    isOpen = false
  }

  /// Takes titles that stand above the next tune's number away from what they were added to.
  private mutating func giveBack(from titles: Int) {
    if isOpen {
      let range = current.entry.range
      current.entry.range = range.lowerBound..<min(range.upperBound, titles)
    } else if header.upperBound > titles {
      header = min(header.lowerBound, titles)..<titles
    }
  }

  /// Lets the tune that was opened begin with the titles above its number.
  private mutating func begin(at titles: Int) {
    current.entry.range = titles..<current.entry.range.upperBound
    let first = line(at: titles)
    current.entry.title = decodeText(
      String(decoding: trimmed(bytes[(first.start + 2)..<first.end]), as: UTF8.self))
  }

  /// Whether a line is the beginning, the inside or the end of a block that is no ABC; one that does
  /// not end is none.
  private mutating func isBlockLine(_ line: Line) -> Bool {
    guard isInBlock || bytes[line.start] == UInt8(ascii: "%") else { return false }
    let text = bytes[line.start..<line.end]
    if isInBlock {
      isInBlock = !text.starts(with: Array("%%end".utf8))
      return true
    }
    guard text.starts(with: Array("%%begin".utf8)) else { return false }
    let end = Array("%%end".utf8)
    isInBlock = bytes[line.end...].indices.contains {
      bytes[$0] == end[0] && bytes[$0...].starts(with: end)
    }
    return isInBlock
  }

  /// Adds a line to the open tune; after an empty line only music, and what stands before it.
  private mutating func goOn(_ line: Line, isText: Bool = false) {
    guard isOpen else {
      if isText, headerIsOpen {
        header = (header.isEmpty ? line.start : header.lowerBound)..<line.next
      }
      return
    }
    if isText {
      if !current.isApart { current.entry.range = current.entry.range.lowerBound..<line.next }
      return
    }
    let isPlain = line.field == 0 && bytes[line.start] != UInt8(ascii: "%")
    if isPlain, current.isApart {
      if MusicLine.isMusic(bytes[line.start..<line.end]) { current.isApart = false }
    } else if isPlain, !current.hasMusic {
      current.hasMusic = current.hasKey || MusicLine.isMusic(bytes[line.start..<line.end])
    }
    if !current.isApart { current.entry.range = current.entry.range.lowerBound..<line.next }
    if line.field == UInt8(ascii: "K") { current.hasKey = true }
    if line.field == UInt8(ascii: "T"), current.entry.title.isEmpty, !current.isApart {
      current.entry.title = decodeText(
        String(decoding: trimmed(bytes[(line.start + 2)..<line.end]), as: UTF8.self))
    }
  }

  /// Where a tune without a number begins in the paragraph of a line: at its first field, when a key
  /// follows a meter or a title before any music.
  private func unnumberedTune(from first: Line) -> Int? {
    var line = first
    var start: Int?
    var isTune = false
    while !line.isEmpty {
      switch line.field {
      case UInt8(ascii: "X"): return nil
      case 0 where isNumberWithoutColon(line): return nil
      case UInt8(ascii: "K"): return isTune ? start : nil
      case UInt8(ascii: "M"), UInt8(ascii: "T"), UInt8(ascii: "L"):
        // A unit length alone is as likely a change within a tune.
        if line.field != UInt8(ascii: "L") { isTune = true }
        start = start ?? line.start
      case 0:
        if MusicLine.isMusic(bytes[line.start..<line.end]) { return nil }
      default: start = start ?? line.start
      }
      guard line.next < bytes.count else { return nil }
      line = self.line(at: line.next)
    }
    return nil
  }
}
