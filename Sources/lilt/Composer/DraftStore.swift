import Compose
import Dispatch
import Foundation
import Glibc
import Synchronization

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

  /// The lowest `untitled-N` that no draft has.
  func newName() -> String {
    let taken = Set(Files.names(in: folder))
    var number = 1
    while taken.contains("untitled-\(number)") { number += 1 }
    return "untitled-\(number)"
  }

  /// A draft's journal, as far as it can be read. A line cut off by a crash is passed over.
  func entries(of name: String) throws(FileError) -> (entries: [JournalEntry], wasClosed: Bool) {
    let bytes = try Files.read(journalPath(name))
    let decoder = JSONDecoder()
    var entries: [JournalEntry] = []
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      if let entry = try? decoder.decode(JournalEntry.self, from: Data(line)) {
        entries.append(entry)
      }
    }
    return (entries, entries.isEmpty || entries.last == .closed)
  }
}

/// The open journal of the draft being worked on. Lines go to the system at once, from a queue of
/// its own, and to the disk within a second.
final class JournalWriter: Sendable {
  private let descriptor: Int32
  private let queue = DispatchQueue(label: "journal", qos: .utility)
  private let isSyncPlanned = Mutex(false)
  let name: String

  /// Opens a draft's journal, making its folder; `nil` when another program holds it.
  init?(store: DraftStore, name: String) throws(FileError) {
    self.name = name
    let path = store.journalPath(name)
    try Files.makeFolder(Paths.parent(of: path))
    let descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .last(path) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      return nil
    }
    self.descriptor = descriptor
    // A crash may have left half a line: what follows must begin on a new one.
    var last: UInt8 = UInt8(ascii: "\n")
    let size = lseek(descriptor, 0, SEEK_END)
    if size > 0, pread(descriptor, &last, 1, size - 1) == 1, last != UInt8(ascii: "\n") {
      append(line: [])
    }
  }

  /// Adds entries; `failed` hears a sentence when the disk will not take them.
  func append(_ entries: [JournalEntry], failed: @escaping @Sendable (String) -> Void) {
    queue.async {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      for entry in entries {
        guard let data = try? encoder.encode(entry) else { continue }
        if let reason = self.append(line: [UInt8](data)) {
          failed("the draft cannot be saved: \(reason) (:w FILE saves the tune elsewhere)")
          return
        }
      }
      self.planSync()
    }
  }

  @discardableResult
  private func append(line: [UInt8]) -> String? {
    let bytes = line + [UInt8(ascii: "\n")]
    let failure = bytes.withUnsafeBufferPointer { writeAll($0, to: descriptor) }
    return failure == 0 ? nil : systemSentence(failure)
  }

  /// One `fdatasync` for everything written in half a second.
  private func planSync() {
    let isNew = isSyncPlanned.withLock { planned in
      defer { planned = true }
      return !planned
    }
    guard isNew else { return }
    queue.asyncAfter(deadline: .now() + .milliseconds(500)) {
      self.isSyncPlanned.withLock { $0 = false }
      fdatasync(self.descriptor)
    }
  }

  /// Waits until everything is written and lets the draft go.
  func finish() {
    queue.sync {
      fdatasync(descriptor)
      flock(descriptor, LOCK_UN)
    }
  }

  deinit { close(descriptor) }
}
