import ABC
import ArgumentParser
import Compose
import MIDI
import Music

/// `lilt origin FILE`: how a file came to be, and whether it still says what its draft says.
struct OriginCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "origin",
    abstract: "Compare an exported file with its draft, by its recipe.",
    discussion: """
      FILE is ABC or MIDI that the composer wrote with export.recipe on. Prints its recipe, then \
      each bar that is no longer as the draft's version has it.

      Exit status 1 when they differ, or nothing is known of FILE; 4 when it cannot be read.
      """)

  @Argument(help: "A file that was exported; - is standard input.")
  var file: String
  @Option(help: "The draft to compare with; otherwise the one that the recipe names.")
  var draft: String?

  func run() throws {
    let found = try Exported(path: file)
    for line in found.recipe { StandardOutput.line(line) }
    let recipe = Recipe(reading: found.recipe)
    guard recipe != nil || draft != nil else {
      throw CommandFailure(
        .checkFailed, "\(file): it carries no recipe; --draft NAME says what to compare it with")
    }
    guard let name = draft ?? recipe?.draft else {
      throw CommandFailure(.checkFailed, "\(file): its recipe names no draft; --draft NAME does")
    }
    let session = try session(of: name)
    let history = session.history
    let number = recipe?.version ?? history.currentIdentifier
    guard history.versions.indices.contains(number) else {
      throw CommandFailure(
        .checkFailed,
        "the draft '\(name)' has no version \(number): it is another draft of that name")
    }
    let whole = history.versions[number].text
    let expected = Session.excerpt(of: whole, bars: recipe?.bars(in: whole))
    let differences = found.differences(from: expected)
    for line in differences.prefix(40) { StandardOutput.line(line) }
    if number != history.currentIdentifier,
      history.versions[number].text != session.text
    {
      StandardOutput.line(
        "the draft has gone on since: it shows version \(history.currentIdentifier)")
    }
    guard differences.isEmpty else {
      throw CommandFailure(
        .checkFailed, "\(file): not as version \(number) of the draft '\(name)' has it")
    }
    StandardOutput.line("the same as version \(number) of the draft '\(name)'")
  }

  private func session(of name: String) throws -> Session {
    let store = DraftStore(folder: Paths.current.drafts)
    guard DraftStore.isName(name), Files.exists(store.journalPath(name)) else {
      throw CommandFailure(.checkFailed, "there is no draft '\(name)' here")
    }
    do {
      var session = Session(title: name, rng: 1)
      session.restore(try store.entries(of: name).entries)
      return session
    } catch {
      throw CommandFailure(.unreadableInput, error.description)
    }
  }
}

/// A file of music with the recipe it carries.
private struct Exported {
  var recipe: [String]
  private var content: Content

  private enum Content {
    case abc(String)
    case midi(MIDIFile)
  }

  init(path: String) throws(CommandFailure) {
    do throws(FileError) {
      let bytes = try ScoreSource.asABC(Files.read(path), path: path)
      guard TuneFile.isMIDI(bytes) else {
        let text = TuneFile.firstTune(of: bytes)
        recipe = Recipe.lines(inABC: text)
        content = .abc(Recipe.without(text))
        return
      }
      do throws(MIDIError) {
        let file = try MIDIFile(bytes: bytes)
        recipe = file.tracks.flatMap(\.events).compactMap { timed in
          guard case .text(.text, let text) = timed.event, text.hasPrefix(Recipe.mark) else {
            return nil
          }
          return String(text.dropFirst(Recipe.mark.count))
        }
        content = .midi(file)
      } catch {
        throw FileError(path: path, reason: "\(error)")
      }
    } catch {
      throw CommandFailure(.unreadableInput, error.description)
    }
  }

  /// What is not as in a draft's text: a sentence for each bar, and for the header.
  func differences(from text: String) -> [String] {
    switch content {
    case .abc(let own): Exported.differences(of: own, from: text)
    case .midi(let file): Exported.differences(of: file, from: text)
    }
  }

  private static func differences(of own: String, from text: String) -> [String] {
    let (here, there) = (ParsedTune(text: own), ParsedTune(text: text))
    var lines: [String] = []
    let headers = [(own, here), (text, there)].map { text, tune in
      Array(text.utf8.prefix(tune.body.lowerBound)).split(separator: UInt8(ascii: "\n"))
        .map { String(decoding: $0, as: UTF8.self) }
    }
    for line in headers[0] where !headers[1].contains(line) {
      lines.append("header: \(line) is not in the draft")
    }
    for line in headers[1] where !headers[0].contains(line) {
      lines.append("header: \(line) is not in the file")
    }
    let bars = [(own, here), (text, there)].map { text, tune in
      let bytes = Array(text.utf8)
      return tune.bars.map { bar in
        (bar.number, String(decoding: bytes[bar.range], as: UTF8.self))
      }
    }
    for place in 0..<max(bars[0].count, bars[1].count) {
      let (mine, theirs) = (bars[0].dropFirst(place).first, bars[1].dropFirst(place).first)
      func plain(_ bar: (Int, String)?) -> String? {
        bar.map { $0.1.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
      }
      guard plain(mine) != plain(theirs) else { continue }
      let number = mine?.0 ?? theirs?.0 ?? 0
      lines.append(
        "bar \(number): \(plain(mine) ?? "nothing") in the file, "
          + "\(plain(theirs) ?? "nothing") in the draft")
    }
    return lines
  }

  /// Compares notes with those of a file that would be written now.
  private static func differences(of file: MIDIFile, from text: String) -> [String] {
    let settings = Settings.load()
    var playback = PlaybackOptions()
    playback.accompaniment = settings.flag(.exportAccompaniment)
    playback.ornaments = settings.flag(.exportOrnaments)
    playback.style = settings.ornamentStyle
    let tune = ParsedTune(text: text)
    let performance = tune.performance(playback)
    guard let again = try? MIDIFile(bytes: MIDIFile.bytes(of: performance)) else { return [] }
    func notes(_ file: MIDIFile) -> [[Int]] {
      file.performance.notes.map { [$0.start.count, $0.end.count, $0.pitch.key] }
    }
    let (here, there) = (notes(file), notes(again))
    let changed = Set(here).symmetricDifference(there)
    var bars: [Int] = []
    for note in changed.sorted(by: { $0[0] < $1[0] }) {
      let played = performance.bars.last { $0.start.count <= note[0] }
      let number = played.map { tune.bars[$0.written].number } ?? 0
      if !bars.contains(number) { bars.append(number) }
    }
    return bars.map { number in "bar \(number): other notes in the file than in the draft" }
  }
}
