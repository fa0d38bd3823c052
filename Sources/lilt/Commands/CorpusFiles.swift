import ABC
import Corpus
import MIDI
import Music

/// Tune books among files and folders.
enum CorpusFiles {
  /// The texts of ABC files, and of those in folders.
  static func books(_ paths: [String]) throws(CommandFailure) -> [TuneCorpus.Book] {
    var books: [TuneCorpus.Book] = []
    for path in paths {
      var files = [path]
      if Files.isFolder(path) {
        files = Files.names(in: path).filter { $0.lowercased().hasSuffix(".abc") }
          .map { Paths.join(path, $0) }
        if files.isEmpty {
          throw CommandFailure(.unreadableInput, "\(path): there are no .abc files in this folder")
        }
      }
      for file in files {
        do throws(FileError) {
          books.append(
            .init(name: Paths.lastComponent(of: file), text: try Files.readText(file)))
        } catch {
          throw CommandFailure(.unreadableInput, error.description)
        }
      }
    }
    return books
  }

  /// The performances of MIDI files, and of those in folders; what is no MIDI file is told and left
  /// out.
  static func pieces(_ paths: [String]) throws(CommandFailure) -> [NoteCorpus.Piece] {
    var pieces: [NoteCorpus.Piece] = []
    for path in paths {
      let files =
        Files.isFolder(path)
        ? Files.names(in: path).filter {
          $0.lowercased().hasSuffix(".mid") || $0.lowercased().hasSuffix(".midi")
        }.map { Paths.join(path, $0) } : [path]
      for file in files {
        let bytes: [UInt8]
        do throws(FileError) {
          bytes = try Files.read(file)
        } catch {
          throw CommandFailure(.unreadableInput, error.description)
        }
        do throws(MIDIError) {
          pieces.append(
            (Paths.lastComponent(of: file), try MIDIFile(bytes: bytes).performance))
        } catch {
          StandardError.line("\(file): left out: \(error)")
        }
      }
    }
    return pieces
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
