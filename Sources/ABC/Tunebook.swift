import Music

/// A file of tunes (ABC 2.1 §2.2): a file header whose fields every tune inherits, tunes that begin
/// with `X:` and end with an empty line, and free text between them, which is passed over.
///
/// Books as people have them are read, too: tunes without a number, in the middle of a web page, in
/// other encodings, with empty lines inside (see `TunebookSplitter`).
public struct Tunebook: Sendable, Equatable {
  public struct Entry: Hashable, Sendable {
    /// `X:`; `nil` when it gives no number.
    public var number: Int?
    /// The first `T:`; empty without one.
    public var title: String
    /// Bytes of `text`, from the tune's first line to the end of its last.
    public var range: Range<Int>
  }

  /// The whole file as UTF-8; tags of a web page are blank.
  public var text: String { String(decoding: bytes, as: UTF8.self) }
  /// What the bytes of the file were.
  public let encoding: DecodedText.Encoding
  /// In the order of the file; numbers may repeat or be missing.
  public let tunes: [Entry]
  private let bytes: [UInt8]
  /// The lines before the first empty line, when they hold no tune.
  private let fileHeader: Range<Int>

  public init(text: String) {
    self.init(Array(text.utf8), .utf8)
  }

  /// Reads a file in any encoding that `DecodedText` knows.
  public init(bytes: [UInt8]) {
    let text = DecodedText(bytes)
    self.init(text.bytes, text.encoding)
  }

  private init(_ text: [UInt8], _ encoding: DecodedText.Encoding) {
    let plain = Markup.blanked(text)
    self.encoding = encoding
    let found = TunebookSplitter.split(plain)
    if found.tunes.isEmpty, let unindented = CopiedText.unindented(plain) {
      bytes = unindented
      (tunes, fileHeader) = TunebookSplitter.split(unindented)
    } else {
      bytes = plain
      (tunes, fileHeader) = found
    }
  }

  /// The file header, whose fields every tune inherits; empty without one.
  public var headerText: String { String(decoding: bytes[fileHeader], as: UTF8.self) }

  /// The text of a tune, without the file header. `index` is a place in `tunes`; outside it, empty.
  public func text(of index: Int) -> String {
    guard tunes.indices.contains(index) else { return "" }
    return String(decoding: bytes[tunes[index].range], as: UTF8.self)
  }

  /// The text of a tune with the fields that it inherits behind its number, so that it means the same
  /// alone; those it has itself are left out where only one counts.
  public func wholeText(of index: Int) -> String {
    let tune = text(of: index)
    let own = fields(of: index)
    let inherited = headerText.split(whereSeparator: \.isNewline).filter { line in
      guard line.dropFirst().first == ":", let letter = line.first else {
        return line.hasPrefix("%%")
      }
      return letter.isASCII && letter.isLetter && !"XTK".contains(letter)
        && (own[letter] == nil || !"MLQPR".contains(letter))
    }
    guard !inherited.isEmpty else { return tune }
    var lines = tune.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    let place = lines.prefix { $0.hasPrefix("X:") || $0.hasPrefix("T:") || $0.hasPrefix("%") }.count
    lines.insert(contentsOf: inherited, at: place)
    return lines.joined(separator: "\n")
  }

  /// What the header of a tune says, by the letters of its fields, the first of each; nothing else of
  /// it is read.
  public func fields(of index: Int) -> [Character: String] {
    guard tunes.indices.contains(index) else { return [:] }
    var fields: [Character: String] = [:]
    for line in bytes[tunes[index].range].split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
      guard line.count > 1, line[line.startIndex + 1] == UInt8(ascii: ":") else { continue }
      let letter = Character(Unicode.Scalar(line[line.startIndex]))
      if fields[letter] == nil {
        let value = line.dropFirst(2).prefix { $0 != UInt8(ascii: "%") }
        fields[letter] = String(decoding: trimmed(value), as: UTF8.self)
      }
      if letter == "K" { break }
    }
    return fields
  }

  /// Reads a tune with the fields of the file header. Positions count from the tune's own text.
  public func parsedTune(_ index: Int) -> ParsedTune {
    guard tunes.indices.contains(index) else { return ParsedTune() }
    let text = Array(bytes[tunes[index].range])
    guard !fileHeader.isEmpty else { return ParsedTune(bytes: text) }
    return ParsedTune(bytes: text, fileHeader: Array(bytes[fileHeader]))
  }

  /// A tune line by line, the file header's fields first.
  public func lines(of index: Int) -> TuneLines {
    guard tunes.indices.contains(index) else { return TuneLines(bytes: [], fileHeader: []) }
    return TuneLines(
      bytes: Array(bytes[tunes[index].range]), fileHeader: Array(bytes[fileHeader]))
  }

  /// The first tune with this `X:` number, as a place in `tunes`.
  public func index(ofNumber number: Int) -> Int? {
    tunes.firstIndex { $0.number == number }
  }
}
