import ABC

/// Files of tunes that a command reads one after the other.
enum TuneFiles {
  /// What messages call a file: `stdin` for `-`.
  static func name(_ path: String) -> String { path == "-" ? "stdin" : path }

  /// Reads some files in their order. One that cannot be read, or is refused, is told, and the
  /// others go on.
  ///
  /// - Parameter use: Gets a file's name and bytes; answers a sentence where it is no file of tunes.
  /// - Returns: Whether all could be read.
  static func read(
    _ paths: [String], _ use: (_ name: String, _ bytes: [UInt8]) throws -> String?
  ) rethrows -> Bool {
    var areAllRead = true
    for path in paths {
      let bytes: [UInt8]
      do throws(FileError) {
        bytes = try Files.read(path)
      } catch {
        StandardError.line(error.description)
        areAllRead = false
        continue
      }
      if let refusal = try use(name(path), bytes) {
        StandardError.line(refusal)
        areAllRead = false
      }
    }
    return areAllRead
  }

  /// Why some bytes cannot be ABC; nil where they may be.
  static func refusal(_ bytes: [UInt8], name: String) -> String? {
    if ScoreSource.isScore(bytes), !DecodedText.isBinary(bytes) {
      return "\(name): this is MusicXML; lilt export \(name) -o OUT.abc writes it as ABC."
    }
    if isJSON(bytes) { return "\(name): this is JSON, not ABC; tunes may stand in its values." }
    return ExportSource.isMIDI(bytes) || DecodedText.isBinary(bytes)
      ? "\(name): this is not ABC text." : nil
  }

  /// Whether some bytes begin as a JSON object, or as a list of them: no tune does.
  private static func isJSON(_ bytes: [UInt8]) -> Bool {
    let start = bytes.prefix(200).filter { !$0.isASCIIBlank }
    return start.starts(with: Array("{\"".utf8)) || start.starts(with: Array("[{\"".utf8))
  }
}

extension UInt8 {
  fileprivate var isASCIIBlank: Bool { self == 0x20 || (0x09...0x0D).contains(self) }
}
