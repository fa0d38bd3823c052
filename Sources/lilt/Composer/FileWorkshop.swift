import ABC
import Compose
import Dispatch
import FoundationEssentials
import MIDI
import Music
import Neural
import Synchronization

/// Files read and written away from the main thread, one after another.
final class FileWorkshop: Sendable {
  private let queue = DispatchQueue(label: "files", qos: .userInitiated)

  private let open = Atomic(0)

  /// Whether something that was begun is not done yet.
  var isBusy: Bool { open.load(ordering: .acquiring) > 0 }

  func run(_ work: @escaping @Sendable () -> Void) {
    open.add(1, ordering: .acquiringAndReleasing)
    queue.async {
      work()
      self.open.subtract(1, ordering: .acquiringAndReleasing)
    }
  }

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

  /// Reads a tune for the composer: ABC as it is, MIDI transcribed. After the name of a book may
  /// stand which of its tunes is meant, after that of a MIDI file which of its tracks.
  static func readTune(_ asked: String) -> Event {
    var path = Paths.expandingHome(asked)
    var choice = ""
    if !Files.exists(path) {
      let whole = path
      let blank = whole.indices.first { whole[$0] == " " && Files.exists(String(whole[..<$0])) }
      if let blank {
        path = String(whole[..<blank])
        choice = whole[blank...].split(separator: " ").joined(separator: " ")
      }
    }
    do throws(FileError) {
      guard !choice.isEmpty else { return try readTune(path, number: nil) }
      if TuneFile.isMIDI(try Files.read(path)) {
        guard let tracks = TrackChoice(choice) else {
          throw FileError(path: path, reason: "tracks are \(TrackChoice.forms), not '\(choice)'")
        }
        return try readTune(path, number: nil, tracks: tracks)
      }
      guard let number = Int(choice) else {
        throw FileError(path: path, reason: "its tunes have numbers (X:), not '\(choice)'")
      }
      return try readTune(path, number: number)
    } catch {
      return .fileFailed(sentence: error.description)
    }
  }

  /// Reads tunebooks to lend to a model.
  ///
  /// - Parameters:
  ///   - files: As they were typed: one file, or several, those with blanks in quotes.
  ///   - shelf: A tunebook of phrases from the shelf; empty = none.
  static func readTunes(
    _ files: String, shelf: String, for description: ModelDescription?
  ) -> Event {
    guard let description else {
      return .fileFailed(sentence: "tunes are lent to a model, and none is loaded yet")
    }
    let isOne = Files.exists(Paths.expandingHome(files))
    let paths = isOne ? [files] : Session.names(in: files)
    var texts: [String] = []
    var total = 0
    if !shelf.isEmpty {
      let book = Tunebook(text: shelf)
      total += book.tunes.count
      texts += LentTunes(book, name: "", description: description)?.texts ?? []
    }
    do throws(FileError) {
      for path in paths {
        let book = try Files.readTunes(Paths.expandingHome(path))
        total += book.tunes.count
        guard let lent = LentTunes(book, name: path, description: description) else { continue }
        texts += lent.texts
      }
    } catch {
      return .fileFailed(sentence: error.description)
    }
    let names =
      shelf.isEmpty
      ? paths.map { Paths.lastComponent(of: $0) }.joined(separator: ", ") : "the shelf"
    let book = LentTunes(name: names, texts: texts).fitted
    guard !book.texts.isEmpty else {
      return .fileFailed(sentence: "\(names): there is no tune that the model can read")
    }
    let kept = book.texts.count
    let count =
      kept < total ? "\(kept) of the \(total) tunes" : kept == 1 ? "the tune" : "\(kept) tunes"
    return .tunesLent(book, remark: "\(count) of \(names)")
  }

  /// The tune that a file would open with, to be looked at; `nil` where it holds none.
  static func previewText(_ asked: String) -> String? {
    let path = Paths.expandingHome(asked)
    guard let found = try? Files.read(path),
      let bytes = try? ScoreSource.asABC(found, path: path)
    else { return nil }
    return TuneFile.isMIDI(bytes)
      ? try? TuneFile.transcribed(bytes, path: path).text : TuneFile.firstTune(of: bytes)
  }

  /// Folders and music in a folder; `..` leads out of it.
  static func files(in folder: String) -> Picker {
    let expanded = Paths.expandingHome(folder)
    let place = expanded.isEmpty ? "." : expanded
    let now = Date.now.timeIntervalSince1970
    var folders = [Picker.Choice(name: "../", title: "../", detail: "folder")]
    var files: [Picker.Choice] = []
    for name in Files.names(in: place) {
      let path = Paths.join(place, name)
      if Files.isFolder(path) {
        folders.append(Picker.Choice(name: name + "/", title: name + "/", detail: "folder"))
      } else if TuneFile.endings.contains(ExportFormat.ending(of: name)) {
        let age = Files.modified(path).map { DraftStore.age(now - $0) } ?? ""
        files.append(Picker.Choice(name: name, title: name, detail: age))
      }
    }
    return Picker(.files(folder: folder), files + folders)
  }

  /// - Parameter number: As in `X:`; `nil` = the only tune, or all of them to choose from.
  static func readTune(
    _ path: String, number: Int?, tracks: TrackChoice? = nil
  ) throws(FileError) -> Event {
    let bytes = try ScoreSource.asABC(Files.read(path), path: path)
    guard !TuneFile.isMIDI(bytes) else {
      if number != nil {
        throw FileError(path: path, reason: "a MIDI file holds one tune; --tracks chooses of it")
      }
      let (text, remark) = try TuneFile.transcribed(bytes, path: path, tracks: tracks)
      return .fileRead(path: path, text: text, remark: remark)
    }
    guard tracks == nil else {
      throw FileError(path: path, reason: "only MIDI files have tracks to choose from")
    }
    if number == nil {
      let book = Tunebook(bytes: bytes)
      if book.tunes.count > 1 { return .choicesFound(Picker(book: book, path: path)) }
    }
    let found = try TuneFile.tune(of: bytes, number: number, path: path)
    return .fileRead(path: path, text: found.text, remark: found.remark)
  }
}

/// A file that the composer writes.
struct ExportJob: Sendable {
  var music: TuneExport
  /// Where exports go; nil = the current folder.
  var folder: String?
  var export: Export

  /// Writes the file and says so, or says why not. Never replaces a file: a name that is taken gets
  /// `-1`, `-2` ...
  func perform() -> Event {
    let path = Paths.expandingHome(music.path)
    let target = ExportJob.free(folder.map { Paths.join($0, path) } ?? path)
    let ending = ExportFormat.ending(of: target)
    guard let format = ending.isEmpty ? .abc : ExportFormat(path: target) else {
      return .fileFailed(
        sentence: "'.\(ending)' is no format that lilt writes: \(ExportFormat.endings)")
    }
    do throws(CommandFailure) {
      let report = try export.write(.text(music.text), to: target, as: format)
      return .fileWritten(path: target, remarks: report.sentences)
    } catch {
      return .fileFailed(sentence: error.sentence ?? "\(target) could not be written")
    }
  }

  /// The path itself, or the first with a number that no file has.
  static func free(_ path: String) -> String {
    guard Files.exists(path) else { return path }
    let ending = ExportFormat.ending(of: path)
    let stem = ending.isEmpty ? path : String(path.dropLast(ending.count + 1))
    var number = 1
    while true {
      let candidate = ending.isEmpty ? "\(stem)-\(number)" : "\(stem)-\(number).\(ending)"
      if !Files.exists(candidate) { return candidate }
      number += 1
    }
  }
}

/// Telling files of music apart, and reading one of their tunes.
enum TuneFile {
  /// What names of files end in that hold music as lilt reads it.
  static let endings = ["abc", "mid", "midi", "kar", "rmi", "musicxml", "mxl", "xml"]

  static func isMIDI(_ bytes: [UInt8]) -> Bool {
    bytes.starts(with: Array("MThd".utf8)) || bytes.starts(with: Array("RIFF".utf8))
  }

  /// The first tune of a tunebook; all of the text where there is none.
  static func firstTune(of bytes: [UInt8]) -> String {
    let book = Tunebook(bytes: bytes)
    return book.tunes.isEmpty ? book.text : book.wholeText(of: 0)
  }

  /// The tune with this `X:` number, or the first, and which one of how many it is.
  static func tune(
    of bytes: [UInt8], number: Int?, path: String
  ) throws(FileError) -> (text: String, remark: String) {
    let book = Tunebook(bytes: bytes)
    guard !book.tunes.isEmpty else {
      if number != nil {
        throw FileError(path: path, reason: "it holds no tunes with numbers (X:)")
      }
      return (book.text, "")
    }
    let index = number.map { book.index(ofNumber: $0) } ?? 0
    guard let index else {
      let numbers = book.tunes.compactMap(\.number)
      let known =
        numbers.count > 8
        ? "\(numbers.min() ?? 0) to \(numbers.max() ?? 0)"
        : numbers.map(String.init).joined(separator: ", ")
      throw FileError(
        path: path, reason: "there is no tune X:\(number ?? 0) in it; it has \(known)")
    }
    guard book.tunes.count > 1 else { return (book.wholeText(of: index), "") }
    let other = book.tunes.indices.lazy.filter { $0 != index }
      .compactMap { book.tunes[$0].number }.first
    let example = other.map { "; :open \(Paths.lastComponent(of: path)) \($0) opens X:\($0)" } ?? ""
    return (book.wholeText(of: index), "tune \(index + 1) of \(book.tunes.count)\(example)")
  }

  /// A MIDI file written down, and what there is to choose from in it.
  static func transcribed(
    _ bytes: [UInt8], path: String, tracks: TrackChoice? = nil
  ) throws(FileError) -> (text: String, remark: String) {
    do throws(MIDIError) {
      var file = try MIDIFile(bytes: bytes)
      let parts = file.parts
      if let tracks { file = try file.choosing(tracks) }
      let text = abcTranscription(of: file) {
        ParsedTune(text: $0).performance()
      }.text
      guard tracks == nil, parts.count > 1 else { return (text, "") }
      let names = parts.prefix(6).map { "\($0.number) \($0.name)" }
      return (
        text,
        "\(parts.count) tracks: \(names.joined(separator: ", "))\(parts.count > 6 ? " …" : "")"
          + "; :open \(Paths.lastComponent(of: path)) 1 or merge chooses"
      )
    } catch {
      throw FileError(path: path, reason: "\(error)")
    }
  }
}
