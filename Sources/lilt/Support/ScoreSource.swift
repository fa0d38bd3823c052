import MusicXML

/// Scores in MusicXML on their way in: everywhere that reads music, they are read as ABC.
enum ScoreSource {
  static func isScore(_ bytes: [UInt8]) -> Bool { ScoreFile.isScore(bytes) }

  /// The ABC text of a score, and a sentence for what of it is not in the text.
  ///
  /// - Throws: `CommandFailure` with outcome `unreadableInput`, with the place in the file.
  static func abc(
    _ bytes: [UInt8], name: String
  ) throws(CommandFailure) -> (text: String, remarks: [String]) {
    do throws(MusicXMLError) {
      return try ScoreFile.abc(bytes)
    } catch {
      throw CommandFailure(.unreadableInput, sentence(error, name: name))
    }
  }

  /// `x.musicxml:3:4: ...` where the place is known.
  private static func sentence(_ error: MusicXMLError, name: String) -> String {
    let sentence = error.description
    return name + (sentence.first?.isNumber == true ? ":" : ": ") + sentence
  }

  /// Bytes as the readers of ABC take them: a score becomes its text, anything else stays.
  static func asABC(_ bytes: [UInt8], path: String) throws(FileError) -> [UInt8] {
    guard isScore(bytes) else { return bytes }
    do throws(MusicXMLError) {
      return Array(try ScoreFile.abc(bytes).text.utf8)
    } catch {
      throw FileError(path: path, reason: error.description)
    }
  }
}
