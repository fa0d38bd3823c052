import ABC

/// MusicXML: the notation that notation programs exchange.
public enum ScoreFile {
  /// A tune as an uncompressed file (`.musicxml`).
  ///
  /// - Parameters:
  ///   - text: What `tune` was read from.
  ///   - recipe: How the tune came to be, one sentence each; kept as miscellaneous fields.
  /// - Returns: The document, and a sentence for what of the tune is not in it.
  public static func document(
    of tune: ParsedTune, text: [UInt8], recipe: [String] = []
  ) -> (text: String, remarks: [String]) {
    let writer = MusicXMLWriter(tune, text: text)
    return (writer.text(recipe: recipe), writer.remarks)
  }
}

extension ScoreFile {
  /// Whether a file is a score in MusicXML, as far as its beginning tells: `.mxl` or XML.
  public static func isScore(_ bytes: [UInt8]) -> Bool {
    if MXLArchive.isArchive(bytes) { return true }
    var start = bytes.prefix(4096).filter { $0 != 0 }[...]
    if start.starts(with: [0xEF, 0xBB, 0xBF]) { start = start.dropFirst(3) }
    if start.starts(with: [0xFE, 0xFF]) || start.starts(with: [0xFF, 0xFE]) {
      start = start.dropFirst(2)
    }
    start = start.drop { $0 <= 0x20 }
    let text = String(decoding: start, as: UTF8.self)
    return text.hasPrefix("<?xml") || text.hasPrefix("<score-") || text.hasPrefix("<!DOCTYPE score")
  }

  /// A tune as a compressed file (`.mxl`).
  public static func archive(_ document: String) -> [UInt8] { MXLArchive.bytes(of: document) }

  /// The ABC text of a score, and a sentence for what of it is not in the text.
  ///
  /// - Throws: Where the bytes are no score, with the place in the file.
  public static func abc(
    _ bytes: [UInt8]
  ) throws(MusicXMLError) -> (text: String, remarks: [String]) {
    let document = MXLArchive.isArchive(bytes) ? try MXLArchive.score(in: bytes) : bytes
    let score = try ScoreReader(XMLElement.read(document)).score
    guard score.staves.contains(where: { !$0.measures.isEmpty }) else { throw .noParts }
    let left = score.omissions.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    let remarks = left.prefix(6).map { "\($0.key) (\($0.value)) are not taken over." }
    return (TuneText(score).text, Array(remarks))
  }
}
