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
    guard let process = EditorProcess.spawn(command, on: path, keyboard: keyboard) else {
      return nil
    }
    self.path = path
    self.text = text
    self.process = process
    let ended = ended
    DispatchQueue(label: "editor").async {
      var status: Int32 = 0
      while waitpid(process, &status, 0) < 0, errno == EINTR {}
      let signal = status & 0x7F
      ended.signal()
      onEnd(signal == 0 ? (status >> 8) & 0xFF : 128 + signal)
    }
  }

  /// Asks the editor to end, and gives it a second for it.
  func terminate() {
    kill(process, SIGTERM)
    _ = ended.wait(timeout: .now() + .seconds(1))
  }

  private static func spawn(_ command: String, on path: String, keyboard: Int32) -> pid_t? {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // Standard input may be an empty pipe, and standard error the log.
    posix_spawn_file_actions_adddup2(&actions, keyboard, STDIN_FILENO)
    posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var standard = sigset_t()
    sigfillset(&standard)
    posix_spawnattr_setsigdefault(&attributes, &standard)
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK))

    let words = ["sh", "-c", "\(command) \"$0\"", path]
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
    arguments.append(nil)
    defer { for argument in arguments { free(argument) } }
    var process = pid_t()
    guard posix_spawn(&process, "/bin/sh", &actions, &attributes, arguments, environ) == 0 else {
      return nil
    }
    return process
  }
}
