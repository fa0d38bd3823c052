import Dispatch
import Glibc
import Synchronization

/// The musician's own editor, on the terminal that the composer has let go of.
///
/// Spawned into our own process group: a program of another group may not touch the terminal. The
/// composer goes on meanwhile: sound, signals and `lilt ctl` do not wait for it.
final class EditorProcess: Sendable {
  /// The file being edited.
  let path: String
  /// What stood in it at first.
  let text: String
  private let process: pid_t
  private let ended = DispatchSemaphore(value: 0)

  /// Starts a shell command with a path as its argument.
  ///
  /// - Parameters:
  ///   - text: What stands in the file.
  ///   - onEnd: Called on another thread with the exit status; 128 and more where a signal ended it.
  /// - Returns: `nil` where it could not be started.
  init?(
    _ command: String, on path: String, holding text: String, keyboard: Int32,
    onEnd: @escaping @Sendable (Int32) -> Void
  ) {
    // Standard input may be an empty pipe, and standard error the log.
    guard
      let process = ShellCommand.start(command, on: path, input: keyboard, output: STDOUT_FILENO)
    else { return nil }
    self.path = path
    self.text = text
    self.process = process
    let ended = ended
    DispatchQueue(label: "editor").async {
      let status = ShellCommand.wait(for: process)
      ended.signal()
      onEnd(status)
    }
  }

  /// Asks the editor to end, and gives it a second for it.
  func terminate() {
    kill(process, SIGTERM)
    _ = ended.wait(timeout: .now() + .seconds(1))
  }
}
