import Synchronization

/// Files on their way into one folder, from several threads.
///
/// The system lets one thread at a time add to a folder; a second one would wait, and waiting costs
/// it as much as working. So whoever finds another at it leaves its files there and goes on.
final class Outbox: Sendable {
  typealias File = (name: String, bytes: [UInt8])

  private struct State {
    var waiting: [File] = []
    var isWriting = false
  }

  private let state = Mutex(State())

  /// Writes files, or leaves them to the thread that is writing. When the last thread has returned
  /// from here, all are written.
  func send(
    _ files: [File], with writer: borrowing FolderWriter
  ) throws(FileError) {
    var files = state.withLock { state -> [File] in
      guard state.isWriting else {
        state.isWriting = true
        return files
      }
      state.waiting += files
      return []
    }
    do throws(FileError) {
      while !files.isEmpty {
        for file in files { try writer.write(file.bytes, named: file.name) }
        files = state.withLock { state in
          state.isWriting = !state.waiting.isEmpty
          defer { state.waiting = [] }
          return state.waiting
        }
      }
    } catch {
      state.withLock { $0.isWriting = false }
      throw error
    }
  }
}
