import ABC
import Audio
import Glibc
import MIDI
import Music

/// Writes tunes to files, each as one step: nothing half-written is ever left.
struct ExportWriter {
  var playback: PlaybackOptions
  /// A `.sf2` file; nil for the installed one.
  var soundFont: String?

  /// - Throws: `CommandFailure` with outcome `unwritableOutput`, or `sound` without a synthesizer.
  func write(
    _ music: ExportMusic, from source: ExportSource, to path: String, as format: ExportFormat
  ) throws(CommandFailure) {
    if case .midi(let file) = music {
      for repair in file.repairs.prefix(5) { StandardError.line("\(source.name): \(repair)") }
    }
    if let audio = format.audio {
      try render(music.performance(playback), to: path, as: audio)
      return
    }
    let made = bytes(of: music, as: format)
    for sentence in made.report { StandardError.line("\(source.name): \(sentence)") }
    try store(made.bytes, at: path, durable: true)
  }

  /// Every tune as a file of its own: number, then title, in lower case.
  func writeAll(
    _ source: ExportSource, to folder: String, as format: ExportFormat
  ) throws(CommandFailure) {
    do throws(FileError) {
      try Files.makeFolder(folder, permissions: 0o777)
    } catch {
      throw CommandFailure(.unwritableOutput, error.description)
    }
    var taken: Set<String> = []
    let width = max(3, String(source.count).count)
    for index in 0..<source.count {
      let music = source.music(at: index)
      let stem = ExportWriter.stem(of: music, ordinal: index + 1, width: width)
      var name = stem
      var copy = 2
      while !taken.insert(name).inserted {
        name = "\(stem)-\(copy)"
        copy += 1
      }
      let path = Paths.join(folder, "\(name).\(format.rawValue)")
      if let audio = format.audio {
        try render(music.performance(playback), to: path, as: audio)
      } else {
        try store(bytes(of: music, as: format).bytes, at: path, durable: false)
      }
    }
    let tunes = source.count == 1 ? "1 tune" : "\(source.count) tunes"
    StandardError.line("\(tunes) written to \(folder)")
  }

  private func bytes(
    of music: ExportMusic, as format: ExportFormat
  ) -> (bytes: [UInt8], report: [String]) {
    guard format == .abc else {
      return (MIDIFile(performance: music.performance(playback)).bytes, [])
    }
    let written = music.written
    return (
      Array((written.text.hasSuffix("\n") ? written.text : written.text + "\n").utf8),
      written.report
    )
  }

  private func store(_ bytes: [UInt8], at path: String, durable: Bool) throws(CommandFailure) {
    do throws(FileError) {
      try Files.write(bytes, to: path, durable: durable)
    } catch {
      throw CommandFailure(.unwritableOutput, error.description)
    }
  }

  /// `012-the-kerry-cobbler`: sorts as the book does, and is safe in any file system.
  static func stem(of music: ExportMusic, ordinal: Int, width: Int) -> String {
    guard case .tune(let book, let index) = music else { return "tune" }
    let entry = book.tunes[index]
    let number = String(entry.number ?? ordinal)
    let slug = slug(entry.title)
    let padded = String(repeating: "0", count: max(0, width - number.count)) + number
    return slug.isEmpty ? padded : "\(padded)-\(slug)"
  }

  /// A title in lower case, everything but letters and digits a single dash; at most 60 bytes.
  static func slug(_ title: String) -> String {
    var slug = ""
    for character in title.lowercased() where character != "'" && character != "’" {
      if character.isLetter || character.isNumber {
        slug.append(character)
      } else if !slug.isEmpty && !slug.hasSuffix("-") {
        slug.append("-")
      }
      if slug.utf8.count >= 60 { break }
    }
    while slug.hasSuffix("-") { slug.removeLast() }
    return slug
  }
}

extension ExportWriter {
  /// Renders beside the target and renames, with a progress bar where there is a terminal.
  private func render(
    _ performance: Performance, to path: String, as format: AudioFormat
  ) throws(CommandFailure) {
    let toStandardOutput = path == "-"
    let folder = toStandardOutput ? "/tmp" : Paths.parent(of: path)
    var template = Array(Paths.join(folder, ".lilt-export.XXXXXX").utf8CString)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else {
      throw CommandFailure(.unwritableOutput, FileError.last(path).description)
    }
    close(descriptor)
    let temporary = String(
      decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    defer { unlink(temporary) }
    var progress = ProgressBar(label: Paths.lastComponent(of: path))
    do throws(AudioError) {
      try renderAudio(performance, soundFont: soundFont, to: temporary, format: format) { share in
        progress.show(share)
        return true
      }
      progress.finish()
    } catch {
      progress.finish()
      let outcome: Outcome
      if case .fileNotWritten = error { outcome = .unwritableOutput } else { outcome = .sound }
      throw CommandFailure(outcome, "\(error)")
    }
    if toStandardOutput {
      do throws(FileError) {
        StandardOutput.write(bytes: try Files.read(temporary))
      } catch {
        throw CommandFailure(.unwritableOutput, error.description)
      }
      return
    }
    let mask = umask(0)
    umask(mask)
    chmod(temporary, 0o666 & ~mask)
    if rename(temporary, path) != 0 {
      throw CommandFailure(.unwritableOutput, FileError.last(path).description)
    }
  }
}

/// A line on standard error that fills up, where that is a terminal.
struct ProgressBar {
  let label: String
  private let isShown = isatty(STDERR_FILENO) == 1
  private var last = -1

  init(label: String) { self.label = label }

  /// - Parameter share: 0...1.
  mutating func show(_ share: Double) {
    let percent = share.isFinite ? Int(min(max(share, 0), 1) * 100) : 0
    guard isShown, percent != last else { return }
    last = percent
    let filled = percent * 30 / 100
    let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: 30 - filled)
    write("\r\(label) [\(bar)] \(percent) %")
  }

  /// Leaves the line empty for what comes next.
  func finish() {
    if isShown && last >= 0 { write("\r\u{1B}[K") }
  }

  private func write(_ text: String) {
    var text = text
    text.withUTF8 { _ = writeAll($0, to: STDERR_FILENO) }
  }
}
