import ABC
import Analysis
import ArgumentParser
import Music

/// `lilt repertoire`: the tunes that a model has learnt from, for the judge and the copy guard.
struct RepertoireCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "repertoire",
    abstract: "Note what tune books have in common, for judge and copy guard.",
    discussion: """
      Writes NAME.repertoire: the melodies of the tunes as intervals, in an order in which shared runs \
      are found at once, their titles, and for each dance with 30 tunes or more what is usual in it. MIDI \
      files are written down first, as 'lilt export' does; the melody is the first voice. \
      Beside a model NAME.safetensors it is used by itself; 'lilt train' writes one.

      The same tunes give the same bytes. A FILE that is a repertoire already is only described.
      """)

  @Argument(help: "ABC or MIDI files, or folders of them; or one repertoire, to be described.")
  var files: [String]
  @Option(name: .shortAndLong, help: "The file to write, NAME.repertoire.")
  var output: String?

  func validate() throws {
    if files.isEmpty { throw ValidationError("a file is missing: tune books, or a repertoire") }
    if let output, !output.hasSuffix(RepertoireLocator.ending) {
      throw ValidationError("-o must end in \(RepertoireLocator.ending)")
    }
    let isRepertoire = files.contains { $0.hasSuffix(RepertoireLocator.ending) }
    if isRepertoire, files.count > 1 || output != nil {
      throw ValidationError("a repertoire is only described: give it alone, without -o")
    }
    if !isRepertoire, output == nil { throw ValidationError("-o NAME.repertoire is missing") }
  }

  func run() throws {
    guard let output else {
      StandardOutput.line(Self.description(try RepertoireLocator.read(files[0]), size: nil))
      return
    }
    let repertoire = Repertoire(try tunes())
    guard repertoire.tuneCount > 0 else {
      throw CommandFailure(
        .unreadableInput, "\(files.joined(separator: ", ")): there is no tune with two notes")
    }
    let bytes = repertoire.bytes
    do throws(FileError) {
      try Files.write(bytes, to: output)
    } catch {
      throw CommandFailure(.unwritableOutput, error.description)
    }
    StandardOutput.line(Self.description(repertoire, size: bytes.count))
  }

  private func tunes() throws(CommandFailure) -> [Repertoire.Tune] {
    var tunes: [Repertoire.Tune] = []
    for file in try CorpusFiles.files(files, endings: [".abc"] + CorpusFiles.midiEndings) {
      if CorpusFiles.midiEndings.contains(where: file.lowercased().hasSuffix) {
        tunes += Repertoire.tunes(of: try CorpusFiles.pieces([file]))
      } else {
        for book in try CorpusFiles.books([file]) {
          tunes += Self.tunes(of: Tunebook(text: book.text))
        }
      }
    }
    return tunes
  }

  static func tunes(of book: Tunebook) -> [Repertoire.Tune] {
    book.tunes.indices.map { index in
      Repertoire.Tune(
        title: book.tunes[index].title, parsed: book.parsedTune(index),
        text: Array(book.text(of: index).utf8))
    }
  }

  private static func description(_ repertoire: Repertoire, size: Int?) -> String {
    var lines = [
      "\(repertoire.tuneCount.counted("tune")), "
        + "\(repertoire.melodies.intervalCount + repertoire.tuneCount) notes"
        + (size.map { ", \($0) bytes" } ?? "")
    ]
    for statistics in repertoire.dances {
      lines.append(
        "\(statistics.dance): \(statistics.tuneCount.counted("tune")), \(statistics.knownBars.count.counted("rhythm")), "
          + "bars said before at least \(decimals(statistics.leastSaidBefore, 3)), outside the key at "
          + "most \(decimals(statistics.mostOutsideKey, 3))")
    }
    return lines.joined(separator: "\n")
  }
}
