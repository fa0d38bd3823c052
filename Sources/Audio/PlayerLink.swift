import Synchronization

/// What the audio thread tells the control side, as plain bytes.
struct Notice: BitwiseCopyable {
  enum Kind: UInt8, BitwiseCopyable {
    case stateChanged, finished, deviceOpened, playingSilently, deviceLost, deviceRestored
    case underrun, ended
  }
  var kind: Kind
  /// The state, the total of underruns, or a negative errno.
  var value = 0
}

/// One line of the log of events, or one event for the MIDI thread.
struct LoggedEvent: BitwiseCopyable {
  var event: SoundEvent
  /// On the monotonic clock; the moment that was meant, not the one at which the thread woke. For
  /// MIDI 0 = at once.
  var nanoseconds: Int
}

/// Everything that the threads of one player share: rings, bells and numbers.
final class PlayerLink: Sendable {
  /// Control side to audio thread.
  let commands = Ring<Command>(capacity: 1024)
  let commandBell = Bell()
  /// Audio thread to steward.
  let notices = Ring<Notice>(capacity: 1024)
  let returned = Ring<FlatSchedule>(capacity: 4096)
  let logged = Ring<LoggedEvent>(capacity: 16_384)
  let noticeBell = Bell()
  /// Audio thread to MIDI thread, where there is one.
  let outgoing = Ring<LoggedEvent>(capacity: 8192)
  let outgoingOverflowed = Atomic<Bool>(false)
  let midiBell = Bell()
  let playheadStamp = PlayheadStamp()
  /// General MIDI program of what a musician plays, 0...127.
  let playedProgram = Atomic<Int>(0)

  let state = Atomic<UInt8>(PlayerState.stopped.rawValue)
  let playhead = Atomic<Int>(0)
  let underruns = Atomic<Int>(0)
  let isSilent = Atomic<Bool>(true)
  let isResting = Atomic<Bool>(false)
  /// Commands whose effects have been written to the device, and told by the steward.
  let obeyed = Atomic<Int>(0)
  let told = Atomic<Int>(0)

  /// How the device is called, or why there is none. The audio thread writes it only while it
  /// opens or closes a device, never while one plays.
  let device = Mutex("opening")
  /// What came of opening the device the first time; `nil` until then.
  let opening = Mutex<Opening?>(nil)
  let openingBell = Bell()

  enum Opening: Sendable {
    case ready
    case failed(AudioError)
  }

  deinit {
    while let command = commands.pop() { command.schedule?.deallocate() }
    while let schedule = returned.pop() { schedule.deallocate() }
    commandBell.close()
    openingBell.close()
    noticeBell.close()
    midiBell.close()
  }
}
