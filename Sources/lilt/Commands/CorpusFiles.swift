import ABC
import Analysis
import Corpus
import MIDI
import Music

/// Tune books among files and folders.
enum CorpusFiles {
  /// The tunebooks of ABC files, and of those in folders, to any depth.
  static func books(_ paths: [String]) throws(CommandFailure) -> [TuneCorpus.Book] {
    var books: [TuneCorpus.Book] = []
    for file in try files(paths) {
      do throws(FileError) {
        books.append(.init(name: Paths.lastComponent(of: file), tunes: try Files.readTunes(file)))
      } catch {
        throw CommandFailure(.unreadableInput, error.description)
      }
    }
    return books
  }

  /// The files of some paths; of a folder those whose names end so, and those of its folders.
  static func files(
    _ paths: [String], endings: [String] = [".abc"]
  ) throws(CommandFailure) -> [String] {
    var files: [String] = []
    for path in paths {
      guard Files.isFolder(path) else {
        files.append(path)
        continue
      }
      let found = inside(path, endings: endings, depth: 0)
      if found.isEmpty {
        throw CommandFailure(
          .unreadableInput, "\(path): there are no \(endings[0]) files in this folder")
      }
      files += found
    }
    return files
  }

  /// Links may go round in circles: nobody keeps tunes deeper than this.
  private static let deepest = 32

  private static func inside(_ folder: String, endings: [String], depth: Int) -> [String] {
    guard depth < deepest else { return [] }
    return Files.names(in: folder).filter { !$0.hasPrefix(".") }.flatMap { name in
      let path = Paths.join(folder, name)
      if Files.isFolder(path) { return inside(path, endings: endings, depth: depth + 1) }
      return endings.contains { name.lowercased().hasSuffix($0) } ? [path] : []
    }
  }

  static let midiEndings = [".mid", ".midi"]

  /// The performances of MIDI files, and of those in folders, and of the tunes of ABC files as they are
  /// exported, accompaniment and all; what is neither is told and left out.
  static func pieces(
    _ paths: [String], tracks: TrackChoice? = nil
  ) throws(CommandFailure) -> [NoteCorpus.Piece] {
    var pieces: [NoteCorpus.Piece] = []
    for file in try files(paths, endings: midiEndings) {
      let bytes: [UInt8]
      do throws(FileError) {
        bytes = try Files.read(file)
      } catch {
        throw CommandFailure(.unreadableInput, error.description)
      }
      let name = Paths.lastComponent(of: file)
      if file.lowercased().hasSuffix(".abc") {
        if tracks != nil {
          throw CommandFailure(
            .usage, "\(RawPath.shown(file)): --tracks chooses from a MIDI file; this is ABC.")
        }
        let book = Tunebook(bytes: bytes)
        pieces += book.tunes.indices.map { index in
          let tune = book.parsedTune(index)
          return (tune.header.titles.first ?? name, tune.performance(PlaybackOptions()))
        }
        continue
      }
      do throws(MIDIError) {
        var music = try MIDIFile(bytes: bytes)
        if let tracks { music = try music.choosing(tracks) }
        pieces.append((name, music.performance))
      } catch {
        StandardError.line("\(RawPath.shown(file)): left out: \(error)")
      }
    }
    return pieces
  }
}

extension Repertoire {
  /// Pieces of MIDI files written down, for judge and copy guard.
  static func tunes(of pieces: [NoteCorpus.Piece]) -> [Tune] {
    pieces.map { piece in
      let text = Array(abcTranscription(of: piece.performance).text.utf8)
      let parsed = ParsedTune(bytes: text)
      let isNamed = !piece.performance.title.isEmpty
      return Tune(
        title: isNamed ? parsed.header.titles.first ?? piece.name : piece.name, parsed: parsed,
        text: text)
    }
  }
}

extension TrainCommand {
  /// What the copy guard of a network should know of the pieces it was given to train on.
  func trainedOn(_ pieces: [NoteCorpus.Piece]) -> [Repertoire.Tune] {
    Repertoire.tunes(of: valid.isEmpty ? NoteCorpus.trained(pieces) : pieces)
  }
}

extension NoteDistributions {
  /// Of some performances together.
  init(_ performances: [Performance]) {
    self.init()
    for performance in performances { add(performance) }
  }

  /// Of tunes as they are played, repeats included.
  init(tunes: [ModelTune]) { self.init(tunes.map(\.performance)) }
}

extension ModelTune {
  /// What is written, as it is played: repeats included, without graces, ornaments and chords.
  var performance: Performance { reading.parsed.performance(.plain) }

  /// The tune without grace notes, and what a reader makes of it.
  var reading: (text: String, parsed: ParsedTune) {
    let text = "X:1\n" + Self.withoutGraces(text)
    return (text, ParsedTune(text: text))
  }

  private static func withoutGraces(_ text: String) -> String {
    var result = ""
    var isGrace = false
    for character in text {
      if character == "{" { isGrace = true }
      if !isGrace || character == "\n" { result.append(character) }
      if character == "}" || character == "\n" { isGrace = false }
    }
    return result
  }
}

extension PlaybackOptions {
  /// Only what is written.
  static let plain: PlaybackOptions = {
    var options = PlaybackOptions()
    options.accompaniment = false
    options.ornaments = false
    return options
  }()
}
