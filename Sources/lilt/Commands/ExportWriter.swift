import Dispatch
import Glibc
import Music
import Synchronization

/// Writes tunes to files. What was there before is replaced as one step; a file that cannot be finished is taken away.
struct ExportWriter {
  var export: Export

  /// - Throws: `CommandFailure` with outcome `unwritableOutput`, or `sound` without a synthesizer.
  func write(
    _ music: ExportMusic, from source: ExportSource, to path: String, as format: ExportFormat
  ) throws(CommandFailure) {
    if case .midi(let file) = music {
      for repair in file.repairs.prefix(5) { StandardError.line("\(source.name): \(repair)") }
    }
    for sentence in source.remarks { StandardError.line("\(source.name): \(sentence)") }
    let report = try export.write(music, to: path, as: format, progress: ProgressBar.shown(path))
    UnplayedReport(report.unplayed, of: music, name: source.name).tell()
    for sentence in report.remarks { StandardError.line("\(source.name): \(sentence)") }
  }

  /// Every tune as a file of its own: number, then title, in lower case.
  func writeAll(
    _ sources: [ExportSource], to folder: String, as format: ExportFormat
  ) throws(CommandFailure) {
    let tasks = ExportWriter.tasks(sources, ending: "." + format.rawValue)
    let writer: FolderWriter
    do throws(FileError) {
      writer = try FolderWriter.opening(folder)
    } catch {
      throw CommandFailure(.unwritableOutput, error.description)
    }
    if format.audio != nil || format.isPicture {
      for task in tasks {
        let target = Paths.join(writer.path, task.name)
        let music = sources[task.source].music(at: task.index)
        let report = try export.write(
          music, to: target, as: format, progress: ProgressBar.shown(target))
        UnplayedReport(report.unplayed, of: music, name: sources[task.source].name).tell()
        for sentence in report.remarks { StandardError.line("\(target): \(sentence)") }
      }
    } else {
      try write(tasks, of: sources, with: writer, as: format)
    }
    do throws(FileError) {
      try writer.finish()
    } catch {
      throw CommandFailure(.unwritableOutput, error.description)
    }
    let tunes = tasks.count.counted("tune")
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
    let outbox = Outbox()
    let share = 16
    let workers = min(max(sysconf(Int32(_SC_NPROCESSORS_ONLN)), 1), 8)
    DispatchQueue.concurrentPerform(iterations: workers) { _ in
      while true {
        let first = next.wrappingAdd(share, ordering: .relaxed).oldValue
        guard first < tasks.count, failure.withLock({ $0 == nil }) else { return }
        let files = tasks[first..<min(first + share, tasks.count)].map { task -> Outbox.File in
          let source = sources[task.source]
          let music = source.music(at: task.index)
          let made = export.bytes(of: music, as: format)
          if !made.report.unplayed.isEmpty {
            report.withLock {
              $0.add(made.report.unplayed, of: music, name: source.name, order: task.order)
            }
          }
          for sentence in made.report.remarks where format == .mid {
            StandardError.line("\(source.name), \(task.name): \(sentence)")
          }
          return (task.name, made.bytes)
        }
        do throws(FileError) {
          try outbox.send(files, with: writer)
        } catch {
          failure.withLock { $0 = $0 ?? error }
          return
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
    let count = sources.reduce(0) { $0 + $1.count }
    var tasks: [Item] = []
    tasks.reserveCapacity(count)
    var taken = Set<String>(minimumCapacity: count)
    for (place, stems) in stems(of: sources).enumerated() {
      for (index, stem) in stems.enumerated() {
        var name = stem
        var copy = 2
        while !taken.insert(name).inserted {
          name = "\(stem)-\(copy)"
          copy += 1
        }
        tasks.append(
          Item(source: place, index: index, name: name + ending, order: tasks.count))
      }
    }
    return tasks
  }

  /// The names of all tunes, source by source; the sources share the processors.
  private static func stems(of sources: [ExportSource]) -> [[String]] {
    let found = Mutex([[String]](repeating: [], count: sources.count))
    DispatchQueue.concurrentPerform(iterations: sources.count) { place in
      let source = sources[place]
      let width = max(3, String(source.count).count)
      let stems = (0..<source.count).map { index in
        stem(of: source.music(at: index), ordinal: index + 1, width: width)
      }
      found.withLock { $0[place] = stems }
    }
    return found.withLock { $0 }
  }

  /// `012-the-kerry-cobbler`: sorts as the book does, and is safe in any file system.
  static func stem(of music: ExportMusic, ordinal: Int, width: Int) -> String {
    guard case .tune(let book, let index) = music else { return "tune" }
    let entry = book.tunes[index]
    let number = String(entry.number ?? ordinal)
    var stem = ""
    stem.reserveCapacity(64 + width)
    for _ in 0..<max(0, width - number.utf8.count) { stem += "0" }
    stem += number
    let slug = slug(entry.title)
    if !slug.isEmpty {
      stem += "-"
      stem += slug
    }
    return stem
  }

  /// A title in lower case, everything but letters and digits a single dash; at most 60 bytes.
  static func slug(_ title: String) -> String {
    let plain = title.utf8.withContiguousStorageIfAvailable { bytes in
      bytes.allSatisfy { $0 < 0x80 } ? plainSlug(bytes) : nil
    }
    if let plain = plain ?? nil { return plain }
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
  private static func plainSlug(_ title: UnsafeBufferPointer<UInt8>) -> String {
    let dash = UInt8(ascii: "-")
    return String(unsafeUninitializedCapacity: 60) { slug in
      var count = 0
      for byte in title where byte != UInt8(ascii: "'") && count < 60 {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): slug[count] = byte | 0x20
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
          slug[count] = byte
        default:
          guard count > 0, slug[count - 1] != dash else { continue }
          slug[count] = dash
        }
        count += 1
      }
      while count > 0, slug[count - 1] == dash { count -= 1 }
      return count
    }
  }
}

/// A line on standard error that fills up, where that is a terminal.
struct ProgressBar {
  let label: String
  private let isShown = isatty(STDERR_FILENO) == 1
  private var last = -1

  init(label: String) { self.label = label }

  /// What an export tells how far it is; the line is empty again at the end.
  static func shown(_ path: String) -> (Double) -> Bool {
    var bar = ProgressBar(label: Paths.lastComponent(of: path))
    return { share in
      bar.show(share)
      if share >= 1 { bar.finish() }
      return true
    }
  }

  /// - Parameter share: 0...1.
  mutating func show(_ share: Double, note: String = "") {
    let percent = share.isFinite ? Int(min(max(share, 0), 1) * 100) : 0
    guard isShown, percent != last || !note.isEmpty else { return }
    last = percent
    let filled = percent * 30 / 100
    let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: 30 - filled)
    write("\r\(label) [\(bar)] \(percent) %\(note.isEmpty ? "" : " \(note)\u{1B}[K")")
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
