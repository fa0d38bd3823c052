import ABC
import ArgumentParser
import MIDI

/// A file that a model reads music from: ABC, or MIDI or MusicXML written down as ABC.
enum SeedFile {
  /// The text of its tunes; `-` is standard input.
  ///
  /// - Throws: `CommandFailure` with outcome `unreadableInput`.
  static func text(_ path: String) throws(CommandFailure) -> String {
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try Files.read(path)
    } catch {
      throw CommandFailure(.unreadableInput, error.description)
    }
    if ScoreSource.isScore(bytes) {
      return try ScoreSource.abc(bytes, name: TuneFiles.name(path)).text
    }
    guard ExportSource.isMIDI(bytes) else { return Tunebook(bytes: bytes).text }
    do throws(MIDIError) {
      return abcTranscription(of: try MIDIFile(bytes: bytes)).text
    } catch {
      throw CommandFailure(.unreadableInput, "\(TuneFiles.name(path)): \(error)")
    }
  }
}

extension TrackChoice: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}
