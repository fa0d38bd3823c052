import Music

/// Writes a tune in one canonical form: header fields in a fixed order without blanks, bar lines,
/// lengths and octaves in their shortest spelling, one blank between beams and none beside bar
/// lines. What sounds stays the same, and writing twice changes nothing more.
public enum ABCWriter {
  /// The canonical form of a tune's text. Comments, words and unknown fields are kept.
  public static func canonical(_ text: String) -> String {
    let tune = ParsedTune(text: text)
    var lines = split(Array(text.utf8))
    while let last = lines.last, trimmed(last[...]).isEmpty { lines.removeLast() }
    // Macros match what is written, letter for letter: such a tune keeps its spelling.
    let hasMacros = lines.contains { $0.starts(with: "m:".utf8) }
    var header: [(rank: Int, text: String)] = []
    var body: [String] = []
    var place = 0
    for line in lines {
      let isHeader = place < tune.body.lowerBound
      place += line.count + 1
      let written =
        hasMacros || tune.isOutside(place - 1 - line.count)
        ? String(decoding: line, as: UTF8.self) : canonical(line: line)
      if isHeader, let field = fieldKind(line) {
        header.append((rank(field, isFirst: header.isEmpty), written))
      } else if isHeader {
        header.append((header.last?.rank ?? 0, written))
      } else {
        body.append(written)
      }
    }
    let sorted =
      hasMacros || tune.header.key.isEmpty
      ? header
      : header.enumerated().sorted {
        ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset)
      }.map(\.element)
    return (sorted.map(\.text) + body).map { $0 + "\n" }.joined()
  }

  private static func rank(_ field: UInt8, isFirst: Bool) -> Int {
    let order = Array("XTCR".utf8)
    if let place = order.firstIndex(of: field) { return place }
    let last = Array("MLQPVK".utf8)
    if let place = last.firstIndex(of: field) { return 50 + place }
    return 20
  }

  private static func fieldKind(_ line: [UInt8]) -> UInt8? {
    guard line.count > 1, line[1] == UInt8(ascii: ":"), (0x61...0x7A).contains(line[0] | 0x20)
    else {
      return nil
    }
    return line[0]
  }

  /// Lines without their ends, whatever these are.
  private static func split(_ bytes: [UInt8]) -> [[UInt8]] {
    var lines: [[UInt8]] = [[]]
    var index = 0
    while index < bytes.count {
      if bytes[index] == 0x0A || bytes[index] == 0x0D {
        if bytes[index] == 0x0D, index + 1 < bytes.count, bytes[index + 1] == 0x0A { index += 1 }
        lines.append([])
      } else {
        lines[lines.count - 1].append(bytes[index])
      }
      index += 1
    }
    return lines
  }

  private static func canonical(line: [UInt8]) -> String {
    if line.first == UInt8(ascii: "%") { return String(decoding: line, as: UTF8.self) }
    if line.starts(with: "+:".utf8) { return String(decoding: line, as: UTF8.self) }
    if let kind = fieldKind(line), !isMusic(line) {
      let value = trimmed(line[2...])
      return String(decoding: [kind, UInt8(ascii: ":")] + value, as: UTF8.self)
    }
    var writer = MusicLineWriter(line)
    return writer.run()
  }

  /// `G:|` is a note and a repeat sign.
  private static func isMusic(_ line: [UInt8]) -> Bool {
    (letterIndex(line[0]) != nil || line[0] == UInt8(ascii: "z")) && line.count > 2
      && (line[2] == UInt8(ascii: "|") || line[2] == UInt8(ascii: ":"))
  }
}

extension ParsedTune {
  /// Whether a place is text after the tune's end.
  fileprivate func isOutside(_ place: Int) -> Bool {
    guard let end = diagnostics.last(where: { $0.sentence.hasPrefix("The tune ended") }) else {
      return false
    }
    return place >= end.range.lowerBound
  }
}

/// Rewrites one line of music.
private struct MusicLineWriter {
  private let line: [UInt8]
  private var index = 0
  private var result: [UInt8] = []

  init(_ line: [UInt8]) {
    self.line = line
  }

  private func peek(_ offset: Int = 0) -> UInt8 {
    index + offset < line.count ? line[index + offset] : 0
  }

  mutating func run() -> String {
    while index < line.count {
      let byte = line[index]
      switch byte {
      case 0x20, 0x09:
        index += 1
        if let last = result.last, last != 0x20, !isBarEnd(last) { result.append(0x20) }
      case UInt8(ascii: "`"): index += 1
      case UInt8(ascii: "\""), UInt8(ascii: "!"): copy(through: byte)
      case UInt8(ascii: "%"), UInt8(ascii: "\\"):
        result += line[index...]
        index = line.count
      case UInt8(ascii: "["):
        if (peek(1) | 0x20) >= 0x61, (peek(1) | 0x20) <= 0x7A, peek(2) == UInt8(ascii: ":") {
          copy(through: UInt8(ascii: "]"))
        } else if peek(1) == UInt8(ascii: "|") {
          bar()
        } else {
          result.append(byte)
          index += 1
          digits()
        }
      case UInt8(ascii: "|"), UInt8(ascii: ":"): bar()
      case UInt8(ascii: "]"):
        result.append(byte)
        index += 1
        length()
      case UInt8(ascii: "("):
        result.append(byte)
        index += 1
        while (0x30...0x39).contains(peek()) || (peek() == UInt8(ascii: ":")) {
          result.append(peek())
          index += 1
        }
      case UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "="),
        UInt8(ascii: "A")...UInt8(ascii: "G"), UInt8(ascii: "a")...UInt8(ascii: "g"),
        UInt8(ascii: "z"), UInt8(ascii: "x"):
        note()
      default:
        result.append(byte)
        index += 1
      }
    }
    while result.last == 0x20 { result.removeLast() }
    return String(decoding: result, as: UTF8.self)
  }

  private func isBarEnd(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "|") || byte == UInt8(ascii: ":")
  }

  private mutating func copy(through mark: UInt8) {
    guard let end = line[(index + 1)...].firstIndex(of: mark) else {
      result.append(line[index])
      index += 1
      return
    }
    result += line[index...end]
    index = end + 1
  }

  private mutating func digits() {
    while (0x30...0x39).contains(peek()) || peek() == UInt8(ascii: ",")
      || peek() == UInt8(ascii: "-")
    {
      guard (0x30...0x39).contains(peek()) || (0x30...0x39).contains(peek(1)) else { break }
      guard (0x30...0x39).contains(result.last ?? 0) || (0x30...0x39).contains(peek()) else {
        break
      }
      result.append(peek())
      index += 1
    }
    if (0x30...0x39).contains(result.last ?? 0), index < line.count {
      while peek() == 0x20 { index += 1 }
      result.append(0x20)
    }
  }

  /// Copies the signs of a bar line, without blanks before it.
  private mutating func bar() {
    while result.last == 0x20 { result.removeLast() }
    let start = index
    while index < line.count, "|:[]".utf8.contains(line[index]) {
      if line[index] == UInt8(ascii: "["),
        !"|]".utf8.contains(peek(1)) || index == start && peek(1) == 0x5D
      {
        break
      }
      index += 1
    }
    var sign = String(decoding: line[start..<index], as: UTF8.self)
    if [":||:", ":|:", ":|][|:", ":|]|:", ":|[|:"].contains(sign) { sign = "::" }
    if [":||", ":|]"].contains(sign) { sign = ":|" }
    if ["||:", "[|:"].contains(sign) { sign = "|:" }
    result += Array(sign.utf8)
    if (0x30...0x39).contains(peek()) { digits() }
  }

  private mutating func length() {
    guard let (length, end) = NoteText.length(line[...], from: index) else { return }
    result += Array(NoteText.text(ofLength: length).utf8)
    index = end
  }

  private mutating func note() {
    let start = index
    while "^_=".utf8.contains(peek()) { index += 1 }
    guard index < line.count,
      letterIndex(peek()) != nil || (start == index && "zx".utf8.contains(peek()))
    else {
      index = start
      result.append(line[index])
      index += 1
      return
    }
    index += 1
    while peek() == UInt8(ascii: "'") || peek() == UInt8(ascii: ",") { index += 1 }
    let head = index
    while (0x30...0x39).contains(peek()) || peek() == UInt8(ascii: "/") { index += 1 }
    if let note = NoteText(line[start..<index]), index - head <= 8 {
      result += Array(note.text.utf8)
    } else {
      result += line[start..<index]
    }
  }
}
