import Glibc
import Synchronization

/// The control side's helper thread: does for the audio thread what that one must not do. It
/// tells the program what happened, frees schedules that are no longer played and writes the log.
struct Steward {
  let link: PlayerLink
  let log: EventLog?
  let onEvent: @Sendable (PlayerEvent) -> Void

  /// Lives until the audio thread has ended.
  func run() {
    var hasEnded = false
    while !hasEnded {
      link.noticeBell.wait()
      let obeyed = link.obeyed.load(ordering: .acquiring)
      while let schedule = link.returned.pop() { schedule.deallocate() }
      while let notice = link.notices.pop() {
        if notice.kind == .ended { hasEnded = true } else { tell(notice) }
      }
      writeLog()
      link.told.store(obeyed, ordering: .releasing)
    }
    log?.close()
  }

  private func writeLog() {
    var events: [LoggedEvent] = []
    while let event = link.logged.pop() { events.append(event) }
    log?.write(events)
  }

  private func tell(_ notice: Notice) {
    let device = link.device.withLock { $0 }
    switch notice.kind {
    case .stateChanged:
      guard let state = PlayerState(rawValue: UInt8(truncatingIfNeeded: notice.value)) else {
        return
      }
      onEvent(.stateChanged(state))
    case .finished: onEvent(.finished)
    case .deviceOpened: onEvent(.deviceOpened(device))
    case .playingSilently:
      onEvent(.playingSilently(reason: String(device.trimmingPrefix("none: "))))
    case .deviceLost:
      let reason =
        notice.value == 0
        ? "it does not answer" : Device.reason(Int32(truncatingIfNeeded: notice.value))
      onEvent(.deviceLost("the sound device was lost (\(reason)), playing silently"))
    case .deviceRestored: onEvent(.deviceRestored(device))
    case .underrun: onEvent(.underrun(total: notice.value))
    case .ended: break
    }
  }
}
