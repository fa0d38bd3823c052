import ABC
import Audio
import Compose
import Dispatch
import FoundationEssentials
import MIDI
import Music

/// Files read and written away from the main thread, one after another.
final class FileWorkshop: Sendable {
  private let queue = DispatchQueue(label: "files", qos: .userInitiated)

  func run(_ work: @escaping @Sendable () -> Void) { queue.async(execute: work) }

  /// Waits for everything begun.
  func finish() { queue.sync {} }

  /// The files whose names begin like this, folders with a stroke at their end; hidden ones only
  /// where their dot was typed.
  static func names(beginningWith typed: String) -> [String] {
    let slash = typed.lastIndex(of: "/")
    let folder = slash.map { String(typed[...$0]) } ?? ""
    let beginning = slash.map { String(typed[typed.index(after: $0)...]) } ?? typed
    var place = folder.isEmpty ? "." : folder
    if place == "~/" || place.hasPrefix("~/") {
      let home = Paths.processEnvironment()["HOME"] ?? Paths.passwordHome()
      place = Paths.join(home, String(place.dropFirst(2)))
    }
    return Files.names(in: place).filter {
      $0.hasPrefix(beginning) && $0 != "." && $0 != ".."
        && ($0.first != "." || beginning.first == ".")
    }.sorted().map { name in
      folder + name + (Files.isFolder(Paths.join(place, name)) ? "/" : "")
    }
  }

  /// Reads a tune for the composer: ABC as it is, MIDI transcribed.
  static func readTune(_ path: String) -> Event {
    do throws(FileError) {
      let bytes = try Files.read(path)
      if TuneFile.isMIDI(bytes) {
        return .fileRead(path: path, text: try TuneFile.transcribed(bytes, path: path))
      }
      return .fileRead(path: path, text: TuneFile.firstTune(of: bytes))
    } catch {
      return .fileFailed(sentence: error.description)
    }
  }
}

/// One export, with everything it needs.
struct ExportJob: Sendable {
  var path: String
  var text: String
  var bars: ClosedRange<Int>?
  var folder: String?
  var mayReplace: Bool
  var playback: PlaybackOptions
  var soundFont: String?
  var level = SoundLevel()

  /// Writes the file and says so, or says why not. Never replaces a file unasked: a name that is
  /// taken gets `-1`, `-2` ...
  func perform() -> Event {
    let asked = folder.map { Paths.join($0, path) } ?? path
    let target = mayReplace ? asked : ExportJob.free(asked)
    let excerpt = Session.excerpt(of: text, bars: bars)
    do {
      switch ExportJob.suffix(of: target) {
      case "mid", "midi":
        let performance = ParsedTune(text: excerpt).performance(playback)
        try Files.write(MIDIFile(performance: performance).bytes, to: target)
      case "abc", "":
        let ended = excerpt.hasSuffix("\n") ? excerpt : excerpt + "\n"
        try Files.write(Array(ended.utf8), to: target)
      case let suffix:
        guard let format = AudioFormat(path: target) else {
          return .fileFailed(
            sentence: "'.\(suffix)' is no format lilt writes: .abc, .mid, .wav, .flac, .ogg, .mp3")
        }
        let performance = ParsedTune(text: excerpt).performance(playback)
        try renderAudio(performance, soundFont: soundFont, to: target, format: format, level: level)
      }
      return .fileWritten(path: target)
    } catch {
      return .fileFailed(sentence: "\(error)")
    }
  }

  static func suffix(of path: String) -> String {
    let name = Paths.lastComponent(of: path)
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "" }
    return name[name.index(after: dot)...].lowercased()
  }

  /// The path itself, or the first with a number that no file has.
  static func free(_ path: String) -> String {
    guard Files.exists(path) else { return path }
    let suffix = self.suffix(of: path)
    let stem = suffix.isEmpty ? path : String(path.dropLast(suffix.count + 1))
    var number = 1
    while true {
      let candidate = suffix.isEmpty ? "\(stem)-\(number)" : "\(stem)-\(number).\(suffix)"
      if !Files.exists(candidate) { return candidate }
      number += 1
    }
  }
}

/// Telling files of music apart, and reading their first tune.
enum TuneFile {
  static func isMIDI(_ bytes: [UInt8]) -> Bool {
    bytes.starts(with: Array("MThd".utf8)) || bytes.starts(with: Array("RIFF".utf8))
  }

  /// The first tune of a tunebook with the file's header; all of the text where there is none.
  static func firstTune(of bytes: [UInt8]) -> String {
    let book = Tunebook(bytes: bytes)
    return book.tunes.isEmpty ? book.text : book.text(of: 0)
  }

  static func transcribed(_ bytes: [UInt8], path: String) throws(FileError) -> String {
    do throws(MIDIError) {
      let file = try MIDIFile(bytes: bytes)
      return abcTranscription(of: file) {
        ParsedTune(text: $0).performance()
      }.text
    } catch {
      throw FileError(path: path, reason: "\(error)")
    }
  }
}
