import ABC
import Audio
import Compose
import Glibc
import MIDI
import Music
import MusicXML

/// Music on its way into a file: the same for `lilt export` and for the composer.
struct Export: Sendable {
  var playback = PlaybackOptions()
  /// A `.sf2` file; nil for the installed one.
  var soundFont: String?
  var level = SoundLevel()
  /// The General MIDI program of every melody; nil = as the tune says.
  var sound: Int?
  /// How the tune came to be: comments in ABC, text events in MIDI files. Sound carries none.
  var recipe: [String] = []
  /// What pictures show; nil for what is usual.
  var drawing: Drawing?

  /// What is worth a word.
  struct Report: Sendable {
    /// What of the text is not played, or had to be guessed.
    var unplayed: [Diagnostic] = []
    /// What had to be decided or left out.
    var remarks: [String] = []

    /// Everything in sentences, with places in the text.
    var sentences: [String] {
      var told: Set<String> = []
      return unplayed.filter { told.insert($0.sentence).inserted }.map {
        "\($0.line):\($0.column): \($0.sentence)"
      } + remarks
    }
  }

  /// For a tune whose repeats and parts multiply beyond all measure.
  static let cut = "the tune asks for more than 200,000 notes; the rest is left out."

  /// Writes a file as one step; `-` is standard output.
  ///
  /// - Parameter progress: Hears the share of a sound file that is done; false stops.
  /// - Throws: `CommandFailure` with outcome `unwritableOutput`, or `sound` without a synthesizer.
  func write(
    _ music: ExportMusic, to path: String, as format: ExportFormat,
    progress: (Double) -> Bool = { _ in true }
  ) throws(CommandFailure) -> Report {
    guard let audio = format.audio else {
      let made =
        format.isPicture ? try picture(of: music, as: format) : bytes(of: music, as: format)
      do throws(FileError) {
        try Files.write(made.bytes, to: path)
      } catch {
        throw CommandFailure(.unwritableOutput, error.description)
      }
      return made.report
    }
    let (performance, report) = performance(of: music)
    try render(performance, to: path, as: audio, progress)
    return report
  }

  /// The bytes of a file that holds text or notes.
  func bytes(of music: ExportMusic, as format: ExportFormat) -> (bytes: [UInt8], report: Report) {
    if format == .musicxml || format == .mxl { return score(of: music, as: format) }
    guard format == .abc else {
      var (performance, report) = performance(of: music)
      performance.credits += recipe.map { Recipe.mark + $0 }
      return (MIDIFile.bytes(of: performance), report)
    }
    let written = music.written
    var text = written.text.hasSuffix("\n") ? written.text : written.text + "\n"
    for line in recipe { text += "% \(Recipe.mark)\(line)\n" }
    return (Array(text.utf8), Report(remarks: written.report))
  }

  private func picture(
    of music: ExportMusic, as format: ExportFormat
  ) throws(CommandFailure) -> (bytes: [UInt8], report: Report) {
    let shown = drawing ?? Drawing.usual(for: music)
    var report = Report()
    var pages: [String]
    switch shown {
    case .roll:
      let (performance, found) = performance(of: music)
      report = found
      pages = [RollPicture(performance).svg]
    case .notation:
      let written = music.written
      report.remarks = written.report
      pages =
        format == .pdf
        ? try Engraving.pages(of: written.text) : [try Engraving.svg(of: written.text)]
    }
    if drawing == nil { report.remarks.append(shown.remark(for: music)) }
    guard format != .svg else { return (Array((pages.first ?? "").utf8), report) }
    return (try Rasterizing.bytes(pages, as: format.rawValue), report)
  }

  private func score(
    of music: ExportMusic, as format: ExportFormat
  ) -> (bytes: [UInt8], report: Report) {
    let written = music.written
    let text = Array(written.text.utf8)
    let (document, remarks) = ScoreFile.document(
      of: ParsedTune(bytes: text), text: text, recipe: recipe)
    return (
      format == .mxl ? ScoreFile.archive(document) : Array(document.utf8),
      Report(remarks: written.report + remarks)
    )
  }

  private func performance(of music: ExportMusic) -> (Performance, Report) {
    var (performance, unplayed) = music.performance(playback)
    if let sound { performance.setSound(sound) }
    return (performance, Report(unplayed: unplayed, remarks: performance.isCut ? [Export.cut] : []))
  }

  /// Renders as one step.
  private func render(
    _ performance: Performance, to path: String, as format: AudioFormat,
    _ progress: (Double) -> Bool
  ) throws(CommandFailure) {
    // Standard output may be a pipe, and a sound file's head is written last.
    let isCopied = path == "-" || RawPath.isRaw(path)
    let memory = isCopied ? Files.unnamed(in: "/tmp") : -1
    defer { if memory >= 0 { close(memory) } }
    guard !isCopied || memory >= 0 else {
      throw CommandFailure(.unwritableOutput, FileError.last("/tmp").description)
    }
    do throws(AudioError) {
      if isCopied {
        try renderAudio(
          performance, soundFont: soundFont, to: memory, format: format, level: level,
          progress: progress)
      } else {
        try renderAudio(
          performance, soundFont: soundFont, to: path, format: format, level: level,
          progress: progress)
      }
    } catch {
      let outcome: Outcome
      if case .fileNotWritten = error { outcome = .unwritableOutput } else { outcome = .sound }
      throw CommandFailure(outcome, "\(error)")
    }
    guard isCopied else { return }
    do throws(FileError) {
      try Files.write(Files.read("/proc/self/fd/\(memory)"), to: path)
    } catch {
      throw CommandFailure(.unwritableOutput, error.description)
    }
  }
}
