import Compose
import Dispatch
import Glibc
import Synchronization

/// The open journal of the draft being worked on. Lines go to the system at once, from a queue of
/// its own, and to the disk within a second.
///
/// Where the musician is changes with every key: of that, only the newest is written, twice a
/// second at most. What the disk does not take is kept and tried again every second.
final class JournalWriter: Sendable {
  private struct State {
    var lines = JournalLines()
    /// Bytes the disk has not taken yet; they go before anything newer.
    var backlog: [UInt8] = []
    var place: JournalEntry?
    var isSyncPlanned = false
    var isRetryPlanned = false
    /// Why the disk takes nothing; `nil` while it does.
    var trouble: String?
    /// Hears `trouble` whenever it changes.
    var report: (@Sendable (String?) -> Void)?
  }

  /// -1 for a draft that is kept in memory only.
  private let descriptor: Int32
  private let queue = DispatchQueue(label: "journal", qos: .utility)
  private let state: Mutex<State>
  let name: String
  /// What the journal held when it was opened.
  let reading: JournalReading
  /// Where the damaged file was put; `nil` where nothing was damaged, or it could not be moved.
  let damagedPath: String?
  /// Whether it was there and held nothing.
  let wasEmptied: Bool

  var isInMemory: Bool { descriptor < 0 }

  /// A draft that is gone with the program.
  init(inMemory name: String) {
    self.name = name
    descriptor = -1
    state = Mutex(State())
    reading = JournalReading()
    damagedPath = nil
    wasEmptied = false
  }

  /// Opens a draft's journal, making its folder; `nil` when another program holds it. One that is
  /// damaged is put aside, and what is sound of it stands in a new file under the old name.
  init?(store: DraftStore, name: String) throws(FileError) {
    self.name = name
    let path = store.journalPath(name)
    try Files.makeFolder(Paths.parent(of: path))
    let wasThere = Files.exists(path)
    guard let opened = try JournalWriter.open(path, O_APPEND) else { return nil }
    var descriptor = opened
    let reading: JournalReading
    do throws(FileError) {
      reading = try store.entries(of: name)
    } catch {
      close(descriptor)
      throw error
    }
    var begin = State()
    begin.lines = reading.lines
    var damagedPath: String?
    if reading.isDamaged, !reading.isUnreadable,
      let mended = JournalWriter.mend(reading.entries, store: store, name: name)
    {
      close(descriptor)
      descriptor = mended.descriptor
      damagedPath = mended.damagedPath
      begin.lines = mended.lines
    }
    // A crash may have left half a line: what follows must begin on a new one.
    var last: UInt8 = UInt8(ascii: "\n")
    let size = lseek(descriptor, 0, SEEK_END)
    if size > 0, pread(descriptor, &last, 1, size - 1) == 1, last != UInt8(ascii: "\n") {
      begin.backlog = [UInt8(ascii: "\n")]
    }
    self.reading = reading
    wasEmptied = wasThere && size == 0
    self.damagedPath = damagedPath
    self.descriptor = descriptor
    state = Mutex(begin)
  }

  /// Opens and locks a journal; `nil` when another program holds it.
  private static func open(_ path: String, _ flags: Int32) throws(FileError) -> Int32? {
    let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_APPEND | flags, 0o600)
    guard descriptor >= 0 else { throw .last(path) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      return nil
    }
    return descriptor
  }

  /// Writes sound entries into a new journal, and puts the damaged one aside under another name.
  ///
  /// - Returns: `nil` where that cannot be: then the damaged journal is as it was.
  private static func mend(
    _ entries: [JournalEntry], store: DraftStore, name: String
  ) -> (descriptor: Int32, lines: JournalLines, damagedPath: String)? {
    let path = store.journalPath(name)
    let new = path + ".new"
    unlink(new)
    var lines = JournalLines()
    let bytes = entries.flatMap { lines.line(for: $0) }
    guard let descriptor = try? open(new, O_TRUNC) else { return nil }
    let damagedPath = store.damagedPath(name)
    guard bytes.withUnsafeBufferPointer({ writeAll($0, to: descriptor) }) == 0,
      fsync(descriptor) == 0, link(path, damagedPath) == 0
    else {
      close(descriptor)
      unlink(new)
      return nil
    }
    guard rename(new, path) == 0 else {
      close(descriptor)
      unlink(new)
      unlink(damagedPath)
      return nil
    }
    return (descriptor, lines, damagedPath)
  }

  /// Says from now on, on a thread of its own, when the disk takes nothing (a sentence) and when it
  /// does again (`nil`). What is the matter already is said at once.
  func onTrouble(_ report: @escaping @Sendable (String?) -> Void) {
    let trouble = state.withLock { state in
      state.report = report
      return state.trouble
    }
    if let trouble { report(trouble) }
  }

  /// Adds entries. What the disk does not take is tried again with the next ones, and every second.
  func append(_ entries: [JournalEntry]) {
    guard !isInMemory else { return }
    queue.async { self.write(entries) }
  }

  private func write(_ entries: [JournalEntry]) {
    state.withLock { state in
      for entry in entries {
        if case .place = entry {
          state.place = entry
        } else {
          state.backlog += state.lines.line(for: entry)
        }
      }
    }
    flush()
    planSync()
  }

  /// Writes the backlog; what the disk does not take stays in it.
  private func flush() {
    let change = state.withLock { state -> (report: (@Sendable (String?) -> Void)?, to: String?)? in
      let trouble = send(&state)
      guard (trouble == nil) != (state.trouble == nil) else { return nil }
      state.trouble = trouble
      return (state.report, trouble)
    }
    if let change { change.report?(change.to) }
    planRetry()
  }

  private func send(_ state: inout State) -> String? {
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
      state.backlog += state.lines.line(for: place)
    }
    flush()
  }

  private func planRetry() {
    let isNew = state.withLock { state in
      guard state.trouble != nil, !state.isRetryPlanned else { return false }
      state.isRetryPlanned = true
      return true
    }
    guard isNew else { return }
    queue.asyncAfter(deadline: .now() + .seconds(1)) { [weak self] in
      guard let self else { return }
      self.state.withLock { $0.isRetryPlanned = false }
      self.flush()
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

  /// Waits until everything so far is written.
  func settle() {
    if !isInMemory { queue.sync { writePlace() } }
  }

  /// Waits until everything is written, says that the draft was left in good order, and lets it go.
  ///
  /// - Returns: Why some of it could not be written; it is kept and tried again while the writer lives.
  func finish() -> String? {
    guard !isInMemory else { return nil }
    return queue.sync {
      writePlace()
      // One attempt more has done no harm: the second `closed` is passed over.
      write([.closed])
      fdatasync(descriptor)
      let trouble = state.withLock(\.trouble)
      if trouble == nil { flock(descriptor, LOCK_UN) }
      return trouble
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }
}
