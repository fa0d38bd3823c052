import Neural

/// What a network reads for a document and a place in it.
///
/// The network knows tunes in one compact form: the header lines that it was trained on, in its
/// order and with short keys, then the music up to the cursor, without the other fields and without
/// comments. What it does not know is read in the nearest spelling it does know, or left out.
///
/// Music that the network may have written itself is read exactly as it stands, so that reading a
/// document again gives what was read while it was written.
public struct ModelText: Equatable, Sendable {
  /// Without the network's start text. Only characters of its vocabulary.
  public private(set) var text = ""
  /// Bytes of the document that are read in another spelling.
  public private(set) var replaced: [Range<Int>] = []
  /// Bytes of the document that the network does not know at all, notes or words.
  public private(set) var skipped: [Range<Int>] = []
  /// Whether the header is not complete yet: the network writes the rest of it.
  public private(set) var isInHeader = true
  /// Where the music begins in `text`, in UTF-8 bytes; its end while `isInHeader`.
  public private(set) var bodyStart = 0

  /// - Parameters:
  ///   - document: ABC text of one tune or several; the tune that holds the cursor is read.
  ///   - cursor: UTF-8 byte offset; what follows is not read.
  public init(document: String, cursor: Int, description: ModelDescription) {
    self.init(
      lines: ModelText.tuneLines(before: cursor, in: document), description: description)
  }

  /// The text of one tune's lines.
  init(
    lines: [TuneLine], description: ModelDescription, isMeasured: Bool = false
  ) {
    var reader = ModelTextWriter(
      vocabulary: description.vocabulary, spelling: description.headerSpelling,
      isMeasured: isMeasured)
    var header = TuneHeader()
    var body = lines[...]
    // A header line that is still being written is read as far as it goes.
    var unfinished: TuneLine?
    while let line = body.first {
      if body.count == 1, line.isUnfinishedField(of: description.headerFields) {
        unfinished = body.popFirst()
        break
      }
      if !line.isComment, !header.read(line) { break }
      body = body.dropFirst()
      if header.isComplete { break }
    }
    isInHeader = body.isEmpty && !header.isComplete
    if !isInHeader { header.complete() }
    for field in description.headerFields {
      if let value = header.values[field] { reader.writeField(field, value) }
    }
    if let unfinished { reader.writeUnfinished(unfinished) }
    bodyStart = reader.text.utf8.count
    for line in body { reader.writeBody(line) }
    text = reader.text
    replaced = reader.replaced
    skipped = reader.skipped
  }

  /// One sentence on what the network reads differently; empty when there is nothing to say.
  public var notice: String {
    func times(_ count: Int) -> String { count == 1 ? "1 place" : "\(count) places" }
    switch (replaced.count, skipped.count) {
    case (0, 0): return ""
    case (let other, 0): return "The model reads \(times(other)) of this tune in another spelling."
    case (0, let none): return "The model cannot read \(times(none)) of this tune and skips them."
    case (let other, let none):
      return "The model reads \(times(other)) of this tune in another spelling and skips "
        + "\(times(none)) that it cannot read."
    }
  }

  /// What has to be added to a document at the cursor before the first character that a network
  /// writes, so that its characters can follow as they are.
  ///
  /// Number and title for an empty document, as networks write neither; a newline after a header
  /// line that has none; nothing else.
  public static func preparation(for document: String, cursor: Int) -> String {
    let lines = tuneLines(before: cursor, in: document)
    guard let last = lines.last else {
      let bytes = document.utf8.prefix(max(0, cursor))
      let newline = bytes.isEmpty || bytes.last == UInt8(ascii: "\n") ? "" : "\n"
      return newline + "X:1\nT:Untitled\n"
    }
    var header = TuneHeader()
    for line in lines where !line.isComment {
      guard header.read(line), !header.isComplete else {
        return line == last && header.isComplete && !last.isTerminated ? "\n" : ""
      }
    }
    return last.isTerminated ? "" : "\n"
  }

  /// The bytes of the tune that holds the byte before `cursor`, up to `cursor`, without the blank
  /// lines around it.
  public static func tuneRange(in document: String, before cursor: Int) -> Range<Int> {
    let lines = tuneLines(before: cursor, in: document)
    guard let first = lines.first?.scalars.first, let last = lines.last else { return 0..<0 }
    return first.offset..<last.end + (last.isTerminated ? 1 : 0)
  }

  /// A key in the short form that networks read: `Em` for `E minor`; nil where it is no key.
  public static func shortKey(_ text: String) -> String? {
    let key = KeySpelling(text)
    return key.isExact ? key.short : nil
  }

  /// The lines of the tune that holds the byte before `cursor`, blank ones left out.
  static func tuneLines(before cursor: Int, in document: String) -> [TuneLine] {
    let lines = TuneLine.lines(of: document, before: cursor)
    var tune: ArraySlice<TuneLine> = []
    var end = lines.endIndex
    while end > 0 {
      while end > 0 && lines[end - 1].isBlank { end -= 1 }
      var start = end
      while start > 0 && !lines[start - 1].isBlank { start -= 1 }
      tune = lines[start..<end] + tune
      // A block without number and key goes on with the one before it.
      let startsTune = lines[start..<end].contains { $0.field == "X" || $0.field == "K" }
      if startsTune { break }
      end = start
    }
    return Array(tune)
  }
}

/// A line of a document.
struct TuneLine: Equatable {
  /// With their byte offsets in the document; the line's end is not among them.
  var scalars: [(scalar: Unicode.Scalar, offset: Int)]
  /// One past the last byte before the line's end.
  var end: Int
  /// Whether a newline follows.
  var isTerminated: Bool

  static func == (left: TuneLine, right: TuneLine) -> Bool {
    left.end == right.end && left.isTerminated == right.isTerminated
      && left.scalars.elementsEqual(right.scalars, by: ==)
  }

  var isBlank: Bool { scalars.allSatisfy { $0.scalar == " " || $0.scalar == "\t" } }
  var isComment: Bool { scalars.first?.scalar == "%" }

  /// The letter of a field line (ABC 2.1 §3).
  var field: Character? {
    guard scalars.count >= 2, scalars[1].scalar == ":" else { return nil }
    let letter = scalars[0].scalar
    guard ("A"..."Z").contains(letter) || ("a"..."z").contains(letter) else { return nil }
    return Character(letter)
  }

  /// Whether this is a line of a header of which the newline, and perhaps the colon, is missing.
  func isUnfinishedField(of fields: [Character]) -> Bool {
    guard !isTerminated, let first = scalars.first, fields.contains(Character(first.scalar)) else {
      return false
    }
    return scalars.count == 1 || scalars[1].scalar == ":"
  }

  /// What follows the colon of a field line, without comment and blanks around it.
  var value: ArraySlice<(scalar: Unicode.Scalar, offset: Int)> {
    var rest = scalars.dropFirst(2)
    if let comment = rest.firstIndex(where: { $0.scalar == "%" }) { rest = rest[..<comment] }
    while let first = rest.first, first.scalar == " " || first.scalar == "\t" {
      rest = rest.dropFirst()
    }
    while let last = rest.last, last.scalar == " " || last.scalar == "\t" {
      rest = rest.dropLast()
    }
    return rest
  }

  static func lines(of document: String, before cursor: Int) -> [TuneLine] {
    var lines: [TuneLine] = []
    var current = TuneLine(scalars: [], end: 0, isTerminated: false)
    var offset = 0
    for scalar in document.unicodeScalars {
      let next = offset + UTF8.width(scalar)
      guard next <= cursor else { break }
      if scalar == "\n" {
        current.end = offset
        current.isTerminated = true
        lines.append(current)
        current = TuneLine(scalars: [], end: next, isTerminated: false)
      } else {
        if scalar != "\r" { current.scalars.append((scalar, offset)) }
        current.end = next
      }
      offset = next
    }
    if !current.scalars.isEmpty { lines.append(current) }
    return lines
  }
}

/// The header of a tune, while its lines are read.
struct TuneHeader {
  typealias Value = ArraySlice<(scalar: Unicode.Scalar, offset: Int)>
  var values: [Character: Value] = [:]
  /// Whether the key, the last line of a header, was read.
  var isComplete = false

  /// False when the line is music.
  mutating func read(_ line: TuneLine) -> Bool {
    guard let field = line.field else { return false }
    if !line.value.isEmpty { values[field] = line.value }
    isComplete = field == "K"
    return true
  }

  /// Says what ABC means by the fields that are missing (ABC 2.1 §3.1.6, §3.1.7, §3.1.14).
  mutating func complete() {
    if values["L"] == nil { values["L"] = Self.value(hasShortBars ? "1/16" : "1/8") }
    if values["K"] == nil { values["K"] = Self.value("C") }
  }

  /// Whether a bar is shorter than three quarters of a whole note.
  private var hasShortBars: Bool {
    let parts = String(String.UnicodeScalarView((values["M"] ?? []).map(\.scalar)))
      .split(separator: "/")
    guard parts.count == 2, let beats = Int(parts[0]), let unit = Int(parts[1]), unit > 0,
      (1...1024).contains(beats), unit <= 1024
    else { return false }
    return beats * 4 < unit * 3
  }

  /// A value that is not in the document.
  private static func value(_ text: String) -> Value {
    text.unicodeScalars.map { (scalar: $0, offset: -1) }[...]
  }
}
