import ABC
import Audio
import Dispatch
import Glibc
import MIDI
import Music
import Synchronization

/// Writes tunes to files, each as one step: nothing half-written is ever left.
struct ExportWriter {
  var playback: PlaybackOptions
  /// A `.sf2` file; nil for the installed one.
  var soundFont: String?
  var level = SoundLevel()

  /// - Throws: `CommandFailure` with outcome `unwritableOutput`, or `sound` without a synthesizer.
  func write(
    _ music: ExportMusic, from source: ExportSource, to path: String, as format: ExportFormat
  ) throws(CommandFailure) {
    if case .midi(let file) = music {
      for repair in file.repairs.prefix(5) { StandardError.line("\(source.name): \(repair)") }
    }
    if let audio = format.audio {
      let (performance, unplayed) = music.performance(playback)
      UnplayedReport(unplayed, of: music, name: source.name).tell()
      if performance.isCut { StandardError.line("\(source.name): \(ExportWriter.cut)") }
      try render(performance, to: path, as: audio)
      return
    }
    let made = bytes(of: music, as: format)
    UnplayedReport(made.unplayed, of: music, name: source.name).tell()
    for sentence in made.report { StandardError.line("\(source.name): \(sentence)") }
    try store(made.bytes, at: path, durable: true)
  }

  /// Every tune as a file of its own: number, then title, in lower case.
  func writeAll(
    _ sources: [ExportSource], to folder: String, as format: ExportFormat
  ) throws(CommandFailure) {
    let tasks = ExportWriter.tasks(sources, ending: format.rawValue)
    let writer: FolderWriter
    do throws(FileError) {
      writer = try FolderWriter.opening(folder)
    } catch {
      throw CommandFailure(.unwritableOutput, error.description)
    }
    if let audio = format.audio {
      for task in tasks {
        let music = sources[task.source].music(at: task.index)
        let (performance, unplayed) = music.performance(playback)
        UnplayedReport(unplayed, of: music, name: sources[task.source].name).tell()
        try render(performance, to: Paths.join(writer.path, task.name), as: audio)
      }
    } else {
      try write(tasks, of: sources, with: writer, as: format)
    }
    do throws(FileError) {
      try writer.finish()
    } catch {
      throw CommandFailure(.unwritableOutput, error.description)
    }
    let tunes = tasks.count == 1 ? "1 tune" : "\(tasks.count) tunes"
    StandardError.line("\(tunes) written to \(folder)")
  }

  /// Shares the tunes among the processors.
  private func write(
    _ tasks: [Item], of sources: [ExportSource], with writer: borrowing FolderWriter,
    as format: ExportFormat
  ) throws(CommandFailure) {
    let next = Atomic(0)
    let failure = Mutex<FileError?>(nil)
    let report = Mutex(UnplayedReport())
    let share = 16
    let workers = min(max(sysconf(Int32(_SC_NPROCESSORS_ONLN)), 1), 8)
    DispatchQueue.concurrentPerform(iterations: workers) { _ in
      while true {
        let first = next.wrappingAdd(share, ordering: .relaxed).oldValue
        guard first < tasks.count, failure.withLock({ $0 == nil }) else { return }
        for task in tasks[first..<min(first + share, tasks.count)] {
          do throws(FileError) {
            let source = sources[task.source]
            let music = source.music(at: task.index)
            let made = bytes(of: music, as: format)
            if !made.unplayed.isEmpty {
              report.withLock {
                $0.add(made.unplayed, of: music, name: source.name, order: task.order)
              }
            }
            for sentence in made.report where format == .mid {
              StandardError.line("\(source.name), \(task.name): \(sentence)")
            }
            try writer.write(made.bytes, named: task.name)
          } catch {
            failure.withLock { $0 = $0 ?? error }
            return
          }
        }
      }
    }
    report.withLock { $0.tell() }
    if let error = failure.withLock({ $0 }) {
      throw CommandFailure(.unwritableOutput, error.description)
    }
  }

  /// One tune and the name of its file.
  private struct Item {
    /// A place in the sources, and one among the tunes of that source.
    var source: Int
    var index: Int
    var name: String
    /// Counts the tunes of all sources.
    var order: Int
  }

  private static func tasks(_ sources: [ExportSource], ending: String) -> [Item] {
    var tasks: [Item] = []
    var taken: Set<String> = []
    for (place, source) in sources.enumerated() {
      let width = max(3, String(source.count).count)
      for index in 0..<source.count {
        let stem = stem(of: source.music(at: index), ordinal: index + 1, width: width)
        var name = stem
        var copy = 2
        while !taken.insert(name).inserted {
          name = "\(stem)-\(copy)"
          copy += 1
        }
        tasks.append(
          Item(source: place, index: index, name: "\(name).\(ending)", order: tasks.count))
      }
    }
    return tasks
  }

  /// For a tune whose repeats and parts multiply beyond all measure.
  private static let cut = "the tune asks for more than 200,000 notes; the rest is left out."

  private func bytes(
    of music: ExportMusic, as format: ExportFormat
  ) -> (bytes: [UInt8], report: [String], unplayed: [Diagnostic]) {
    guard format == .abc else {
      let (performance, unplayed) = music.performance(playback)
      let report = performance.isCut ? [ExportWriter.cut] : []
      return (MIDIFile.bytes(of: performance), report, unplayed)
    }
    let written = music.written
    return (
      Array((written.text.hasSuffix("\n") ? written.text : written.text + "\n").utf8),
      written.report, []
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
    if title.utf8.allSatisfy({ $0 < 0x80 }) { return plainSlug(title) }
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

  /// The same for ASCII, where a byte is a character.
  private static func plainSlug(_ title: String) -> String {
    var slug: [UInt8] = []
    let dash = UInt8(ascii: "-")
    for byte in title.utf8 where byte != UInt8(ascii: "'") && slug.count < 60 {
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): slug.append(byte | 0x20)
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
        slug.append(byte)
      default: if let last = slug.last, last != dash { slug.append(dash) }
      }
    }
    while slug.last == dash { slug.removeLast() }
    return String(decoding: slug, as: UTF8.self)
  }
}

extension ExportWriter {
  /// Renders as one step, with a progress bar where there is a terminal.
  private func render(
    _ performance: Performance, to path: String, as format: AudioFormat
  ) throws(CommandFailure) {
    var progress = ProgressBar(label: Paths.lastComponent(of: path))
    func show(_ share: Double) -> Bool {
      progress.show(share)
      return true
    }
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
          progress: show)
      } else {
        try renderAudio(
          performance, soundFont: soundFont, to: path, format: format, level: level, progress: show)
      }
      progress.finish()
    } catch {
      progress.finish()
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
