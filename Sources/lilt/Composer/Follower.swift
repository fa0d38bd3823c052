import Dispatch
import Glibc
import Synchronization

/// A program that follows the session over the control socket: it is told every event as it happens.
///
/// Sending happens on a queue of its own. One that reads too slowly is let go of, so that nothing piles up.
final class Follower: Sendable {
  /// The line that asks to follow.
  static let request = "follow"
  /// The most lines that may wait for a slow reader.
  private static let patience = 10_000

  private let socket: Int32
  private let queue = DispatchQueue(label: "follower", qos: .utility)
  private let waiting = Atomic(0)
  private let gone = Atomic(false)

  /// - Parameter socket: Connected; closed with the follower.
  init(_ socket: Int32) { self.socket = socket }

  deinit { close(socket) }

  /// Whether the other end has gone, or was let go of.
  var isGone: Bool { gone.load(ordering: .relaxed) }

  func send(_ lines: [String]) {
    guard !isGone, !lines.isEmpty else { return }
    guard waiting.load(ordering: .relaxed) + lines.count <= Follower.patience else {
      gone.store(true, ordering: .relaxed)
      return
    }
    waiting.add(lines.count, ordering: .relaxed)
    queue.async {
      defer { self.waiting.subtract(lines.count, ordering: .relaxed) }
      guard !self.isGone else { return }
      let bytes = Array((lines.joined(separator: "\n") + "\n").utf8)
      if !sendAll(bytes, to: self.socket) { self.gone.store(true, ordering: .relaxed) }
    }
  }

  /// Waits until what was sent is out, at most so many milliseconds.
  func finish(within milliseconds: Int) {
    let done = DispatchSemaphore(value: 0)
    queue.async { done.signal() }
    _ = done.wait(timeout: .now() + .milliseconds(milliseconds))
  }
}
