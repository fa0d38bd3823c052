import ABC
import Dispatch
import MIDI
import Music
import Synchronization

/// A file to export from, read and told apart.
struct ExportSource {
  /// As the user wrote it, `stdin` for `-`.
  let name: String
  /// What of a score in MusicXML is not taken over, one sentence each.
  private(set) var remarks: [String] = []
  /// Whether it was read from a score in MusicXML.
  private(set) var isScore = false
  private let content: Content

  private enum Content {
    case abc(Tunebook)
    /// ABC without an `X:` line: a fragment, read as one tune.
    case fragment(String)
    case midi(MIDIFile)
  }

  /// - Parameter tracks: Which of a MIDI file; what is none has no choice.
  /// - Throws: `CommandFailure` with outcome `unreadableInput`.
  init(path: String, tracks: TrackChoice? = nil) throws(CommandFailure) {
    name = TuneFiles.name(path)
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try Files.read(path)
    } catch {
      throw CommandFailure(.unreadableInput, error.description)
    }
    if ExportSource.isMIDI(bytes) {
      do throws(MIDIError) {
        var file = try MIDIFile(bytes: bytes)
        if let tracks { file = try file.choosing(tracks) }
        content = .midi(file)
      } catch {
        throw CommandFailure(.unreadableInput, "\(name): \(error)")
      }
      return
    }
    isScore = ScoreSource.isScore(bytes)
    guard tracks == nil else {
      throw CommandFailure(
        .usage,
        "\(name): --tracks chooses from a MIDI file; this is \(isScore ? "MusicXML" : "ABC").")
    }
    var text = bytes
    if isScore {
      let read = try ScoreSource.abc(bytes, name: name)
      (text, remarks) = (Array(read.text.utf8), read.remarks)
    }
    let book = Tunebook(bytes: text)
    if !book.tunes.isEmpty {
      content = .abc(book)
    } else if ExportSource.looksLikeABC(book.text) {
      content = .fragment(book.text)
    } else {
      throw CommandFailure(
        .unreadableInput,
        "\(name): there is no tune in it, neither as ABC nor as MIDI nor as MusicXML.")
    }
  }

  /// Reads several files side by side, in their order.
  ///
  /// - Throws: `CommandFailure` of the first that cannot be read.
  static func all(_ paths: [String]) throws(CommandFailure) -> [ExportSource] {
    guard !paths.contains("-") else {
      return try paths.map { path throws(CommandFailure) in try ExportSource(path: path) }
    }
    let found = Mutex([Result<ExportSource, CommandFailure>?](repeating: nil, count: paths.count))
    DispatchQueue.concurrentPerform(iterations: paths.count) { index in
      let result = Result { () throws(CommandFailure) in try ExportSource(path: paths[index]) }
      found.withLock { $0[index] = result }
    }
    var sources: [ExportSource] = []
    for result in found.withLock({ $0 }) {
      if let result { sources.append(try result.get()) }
    }
    return sources
  }

  static func isMIDI(_ bytes: [UInt8]) -> Bool {
    bytes.starts(with: "MThd".utf8) || bytes.starts(with: "RIFF".utf8)
  }

  /// Whether a text without `X:` is music and not a letter: it has a key, a meter or a unit length.
  private static func looksLikeABC(_ text: String) -> Bool {
    text.split(whereSeparator: \.isNewline).contains { line in
      ["K:", "M:", "L:"].contains { line.hasPrefix($0) }
    }
  }

  var isMIDI: Bool { if case .midi = content { true } else { false } }

  /// How many tunes there are; a MIDI file is one.
  var count: Int { if case .abc(let book) = content { book.tunes.count } else { 1 } }

  /// One of the tunes, counted from 0.
  func music(at index: Int) -> ExportMusic {
    switch content {
    case .abc(let book): .tune(book, index)
    case .fragment(let text): .text(text)
    case .midi(let file): .midi(file)
    }
  }

  /// The tune whose `X:` is `number`, or the first.
  func music(tune number: Int?) throws(CommandFailure) -> ExportMusic {
    guard let number else { return music(at: 0) }
    guard case .abc(let book) = content else {
      throw CommandFailure(.usage, "\(name): --tune is for tunebooks; this file holds one tune.")
    }
    guard let index = book.index(ofNumber: number) else {
      throw CommandFailure(.unreadableInput, "\(name): there is no tune X:\(number) in it.")
    }
    return .tune(book, index)
  }
}

/// One tune on its way from a file to another.
enum ExportMusic {
  /// A place in a tunebook's `tunes`.
  case tune(Tunebook, Int)
  case text(String)
  case midi(MIDIFile)

  /// How it sounds, and what of its text does not sound as it may have been meant.
  func performance(
    _ playback: PlaybackOptions
  ) -> (performance: Performance, unplayed: [Diagnostic]) {
    let tune: ParsedTune
    switch self {
    case .tune(let book, let index): tune = book.parsedTune(index)
    case .text(let text): tune = ParsedTune(text: text)
    case .midi(let file): return (file.performance, [])
    }
    let unplayed =
      tune.diagnostics.isEmpty ? [] : tune.diagnostics.filter { $0.subject == .sound }
    return (tune.performance(playback), unplayed)
  }

  /// How many lines of the file stand before it.
  var linesBefore: Int {
    guard case .tune(let book, let index) = self else { return 0 }
    return CheckReport.lineEnds(
      Array(book.text.utf8.prefix(book.tunes[index].range.lowerBound))[...])
  }

  /// Its ABC, and what had to be decided to write it.
  var written: (text: String, report: [String]) {
    switch self {
    case .tune(let book, let index): return (book.standaloneText(of: index), [])
    case .text(let text): return (text, [])
    case .midi(let file):
      let transcription = abcTranscription(of: file) {
        ParsedTune(text: $0).performance()
      }
      return (transcription.text, transcription.report)
    }
  }

  /// Only some bars, counted as a musician does, with the header and the fields then in force.
  func excerpt(_ bars: ClosedRange<Int>, path: String) throws(CommandFailure) -> ExportMusic {
    let text = written.text
    if let excerpt = TuneTransform.excerpt(text, bars: bars) { return .text(excerpt) }
    let asked = "\(bars.lowerBound)-\(bars.upperBound)"
    let end = ParsedTune(text: text).bars.map(\.number).max() ?? 0
    throw CommandFailure(.usage, "\(path): bars \(asked) are not in it; the last is \(end).")
  }
}

extension Tunebook {
  /// A tune with the file header that it inherits from, so that it means the same on its own.
  fileprivate func standaloneText(of index: Int) -> String {
    let tune = text(of: index)
    let header = headerText.split(whereSeparator: \.isNewline).filter { line in
      line.dropFirst().first == ":" || line.hasPrefix("%%")
    }
    return header.isEmpty ? tune : header.joined(separator: "\n") + "\n\n" + tune
  }
}
