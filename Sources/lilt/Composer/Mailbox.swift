import Audio
import CTerminal
import Compose
import Synchronization

/// Where every other thread leaves word for the main one. A post wakes the main loop's `poll`.
final class Mailbox: Sendable {
  enum Letter: Sendable {
    case event(Event)
    /// A line from `lilt ctl`, and the way to answer it.
    case control(String, answer: @Sendable (String) -> Void)
    /// A program that wants to be told of everything.
    case follower(Follower)
    case player(PlayerEvent)
    case midi(MIDIEvent)
    case editorEnded(status: Int32)
    case picture(EngravedPane.Answer)
  }

  private let waiting = Mutex<[Letter]>([])
  /// Readable while something waits.
  let descriptor: Int32

  init() { descriptor = terminal_wake_open() }

  func post(_ event: Event) { post(.event(event)) }

  func post(_ letter: Letter) {
    waiting.withLock { $0.append(letter) }
    terminal_wake_signal(descriptor)
  }

  /// Everything posted so far, in order.
  func takeAll() -> [Letter] {
    terminal_wake_clear(descriptor)
    return waiting.withLock { letters in
      defer { letters = [] }
      return letters
    }
  }
}
