import Compose
import Glibc

/// The drafts on disk: one folder each, with a journal that only grows.
///
/// A draft that a running program holds is locked, so that two never write into one journal.
struct DraftStore {
  let folder: String

  /// Names of drafts, the one worked on last first.
  func names() -> [String] {
    Files.names(in: folder)
      .map { ($0, Files.modified(journalPath($0)) ?? 0) }
      .filter { $0.1 > 0 }
      .sorted { $0.1 > $1.1 }
      .map(\.0)
  }

  func journalPath(_ name: String) -> String {
    Paths.join(Paths.join(folder, name), "journal")
  }

  /// Whether a draft may be called so: its name is a folder's.
  static func isName(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= 60 && !name.hasPrefix(".") && !name.contains("/")
      && !name.unicodeScalars.contains { $0.value < 32 }
  }

  /// The lowest `untitled-N` that no draft has.
  func newName() -> String {
    let taken = Set(Files.names(in: folder))
    var number = 1
    while taken.contains("untitled-\(number)") { number += 1 }
    return "untitled-\(number)"
  }

  /// A draft's journal, as far as it can be read.
  func entries(of name: String) throws(FileError) -> JournalReading {
    let path = journalPath(name)
    // Reading a pipe would wait for ever.
    guard Files.isFile(path) else { throw FileError(path: path, reason: "this is no file") }
    let reading = JournalReading(try Files.read(path))
    for case .draft(let format, _, _) in reading.entries where format > JournalEntry.format {
      throw FileError(path: name, reason: "written by a newer lilt (journal format \(format))")
    }
    return reading
  }

  /// The first name for a damaged journal that no file has, beside the journal.
  func damagedPath(_ name: String) -> String {
    let first = journalPath(name) + ".damaged"
    guard Files.exists(first) else { return first }
    var number = 2
    while Files.exists("\(first)-\(number)") { number += 1 }
    return "\(first)-\(number)"
  }

  /// Gives a journal of which nothing can be read another name; the draft is gone from the list.
  ///
  /// - Returns: The new path.
  func setAside(_ name: String) throws(FileError) -> String {
    let path = damagedPath(name)
    guard rename(journalPath(name), path) == 0 else { throw .last(path) }
    return path
  }
}
