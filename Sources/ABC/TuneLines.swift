import Music

/// A tune line by line, as the reader understands it: what is music, what is a field, what is passed
/// over. For those who take texts as they are written.
public struct TuneLines: Sendable {
  public struct Line: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
      /// A field by its letter.
      case field(Character)
      case music
    }
    public var kind: Kind
    /// Whether it stands before the music; then it may be from the file header.
    public var isHeader: Bool
    /// Of a field what follows the colon; of music the line. Without comment and outer blanks.
    public var text: String
  }

  /// Without comments, empty lines, and what is passed over.
  public private(set) var lines: [Line] = []
  /// As `ParsedTune` has it.
  public private(set) var header = ParsedTune.Header()
  /// As after `M:`, `none` in free meter; what follows the meter is left out.
  public var meter: String {
    if header.meter.isEmpty { return "none" }
    if Meter(header.meter) != nil { return header.meter }
    return fieldWords(header.meter).first ?? "none"
  }
  /// As after `L:`, derived from the meter where there is none (ABC 2.1 §3.1.7).
  public var unitLength: String {
    let unit = header.unitLength
    return unit.denominator == 1 ? "\(unit.numerator)" : "\(unit.numerator)/\(unit.denominator)"
  }
  /// How many voices have notes.
  public private(set) var voiceCount = 0

  /// Reads a tune, as `ParsedTune` does.
  public init(text: String) {
    self.init(bytes: Array(text.utf8), fileHeader: [])
  }

  init(bytes: [UInt8], fileHeader: [UInt8]) {
    var reader = TuneReader(whole: bytes)
    if !fileHeader.isEmpty {
      var before = TuneReader(whole: fileHeader)
      before.state.phase = .preamble
      read(&before)
      reader = TuneReader(bytes: bytes, afterHeader: before.state)
    }
    read(&reader)
    var last: [Chunk] = []
    reader.endText(&last)
    header = reader.state.header
  }

  private mutating func read(_ reader: inout TuneReader) {
    var voices: Set<Int> = []
    while !reader.isAtEnd {
      reader.fillChunk()
      switch reader.line {
      case .field(let letter, let range)?:
        lines.append(
          Line(
            kind: .field(Character(Unicode.Scalar(letter))), isHeader: reader.chunk.isHeader,
            text: reader.fieldText(range)))
      case .music(let range)?:
        lines.append(Line(kind: .music, isHeader: false, text: reader.fieldText(range)))
      case nil: break
      }
      if reader.chunk.events.contains(where: \.sounds) { voices.insert(reader.chunk.voice) }
    }
    voiceCount = voices.count
  }
}
