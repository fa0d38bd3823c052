import Compose
import Dispatch
import FoundationEssentials
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
    for case .draft(let format, _, _) in entries where format > JournalEntry.format {
      throw FileError(path: name, reason: "written by a newer lilt (journal format \(format))")
    }
    return (entries, entries.isEmpty || entries.last == .closed)
  }
}

/// The open journal of the draft being worked on. Lines go to the system at once, from a queue of
/// its own, and to the disk within a second.
///
/// Where the musician is changes with every key: of that, only the newest is written, twice a
/// second at most.
final class JournalWriter: Sendable {
  private struct State {
    /// Bytes the disk has not taken yet; they go before anything newer.
    var backlog: [UInt8] = []
    var place: JournalEntry?
    var isSyncPlanned = false
    var hasComplained = false
  }

  private let descriptor: Int32
  private let queue = DispatchQueue(label: "journal", qos: .utility)
  private let state = Mutex(State())
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
      state.withLock { $0.backlog = [UInt8(ascii: "\n")] }
    }
  }

  /// Adds entries; `failed` hears a sentence when the disk will not take them. What it did not take
  /// is tried again with the next ones.
  func append(_ entries: [JournalEntry], failed: @escaping @Sendable (String) -> Void) {
    queue.async { self.write(entries, failed: failed) }
  }

  private func write(_ entries: [JournalEntry], failed: (String) -> Void) {
    let problem = state.withLock { state -> String? in
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      for entry in entries {
        if case .place = entry {
          state.place = entry
        } else if let data = try? encoder.encode(entry) {
          state.backlog += data + [UInt8(ascii: "\n")]
        }
      }
      guard let reason = flush(&state) else {
        state.hasComplained = false
        return nil
      }
      defer { state.hasComplained = true }
      return state.hasComplained ? nil : reason
    }
    if let problem {
      failed("the draft cannot be saved: \(problem) (:w FILE saves the tune elsewhere)")
    }
    planSync()
  }

  /// Writes the backlog; what the disk does not take stays in it.
  private func flush(_ state: inout State) -> String? {
    while !state.backlog.isEmpty {
      let count = state.backlog.withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return systemSentence(errno) }
      state.backlog.removeFirst(count)
    }
    return nil
  }

  private func writePlace() {
    state.withLock { state in
      guard let place = state.place else { return }
      state.place = nil
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      if let data = try? encoder.encode(place) { state.backlog += data + [UInt8(ascii: "\n")] }
      _ = flush(&state)
    }
  }

  /// One `fdatasync` for everything written in half a second.
  private func planSync() {
    let isNew = state.withLock { state in
      defer { state.isSyncPlanned = true }
      return !state.isSyncPlanned
    }
    guard isNew else { return }
    queue.asyncAfter(deadline: .now() + .milliseconds(500)) {
      self.state.withLock { $0.isSyncPlanned = false }
      self.writePlace()
      fdatasync(self.descriptor)
    }
  }

  /// Waits until everything is written, says that the draft was left in good order, and lets it go.
  func finish(isInGoodOrder: Bool) {
    queue.sync {
      writePlace()
      if isInGoodOrder { write([.closed]) { _ in } }
      fdatasync(descriptor)
      flock(descriptor, LOCK_UN)
    }
  }

  deinit { close(descriptor) }
}
