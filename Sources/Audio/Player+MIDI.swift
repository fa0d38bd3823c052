import Music
import Synchronization

/// What the MIDI thread needs of a player.
extension Player {
  /// Rung when something waits to be sent.
  var midiBell: Bell { link.midiBell }

  /// Whether what is played is to be handed to the MIDI thread.
  func setMIDI(_ isOn: Bool) { send(Command(kind: .midi, first: isOn ? 1 : 0)) }

  func nextForMIDI() -> LoggedEvent? { link.outgoing.pop() }

  /// Whether something could not be handed over since the last time.
  func takeOverflow() -> Bool { link.outgoingOverflowed.exchange(false, ordering: .relaxed) }

  func setClock(_ clock: MIDIClock) {
    send(Command(kind: .sendClock, first: clock == .send ? 1 : 0))
    if clock != .follow { send(Command(kind: .follow)) }
  }

  /// Another's clock is at a place. Does nothing while nothing plays.
  func follow(_ beat: ClockBeat) {
    guard status.state != .stopped else { return }
    send(
      Command(
        kind: .follow, first: beat.tick.map { Schedule.clamp($0.count) } ?? -1,
        second: beat.moment, number: beat.ticksPerSecond))
  }

  /// What is played elsewhere sounds here, as if it were played here.
  func playThrough(_ message: MIDIMessage) {
    switch message {
    case .noteOn(_, let key, let velocity):
      guard let pitch = Pitch(key: Int(key)) else { return }
      press(pitch, velocity: Int(velocity))
    case .noteOff(_, let key):
      guard let pitch = Pitch(key: Int(key)) else { return }
      lift(pitch)
    case .control(_, let number, let value):
      // Beyond these are no controllers but modes of a synthesizer.
      if number < MIDIMessage.allSoundOff { steer(controller: Int(number), to: Int(value)) }
    case .bend(_, let value): bend(to: Int(value))
    case .program(_, let number): setPlayedProgram(Int(number))
    case .clock, .start, .goOn, .stop, .songPosition: break
    }
  }

  /// Where the tune was, as it was heard, at a moment of the monotonic clock in nanoseconds; `nil`
  /// while nothing plays.
  func playhead(at moment: Int) -> Tick? {
    guard status.state != .stopped else { return nil }
    return link.playheadStamp.tick(at: moment)
  }
}

/// Where the music is heard to be at a moment, and how fast it goes. One thread writes it, any may
/// read it; neither waits.
final class PlayheadStamp: Sendable {
  /// Odd while it is being written.
  private let version = Atomic<Int>(0)
  private let tick = Atomic<Int>(0)
  private let moment = Atomic<Int>(0)
  /// In ticks in 1000 seconds.
  private let speed = Atomic<Int>(0)

  func write(tick: Double, moment: Int, ticksPerSecond: Double) {
    version.add(1, ordering: .sequentiallyConsistent)
    self.tick.store(Int(tick), ordering: .sequentiallyConsistent)
    self.moment.store(moment, ordering: .sequentiallyConsistent)
    speed.store(Int(ticksPerSecond * 1000), ordering: .sequentiallyConsistent)
    version.add(1, ordering: .sequentiallyConsistent)
  }

  func tick(at asked: Int) -> Tick {
    while true {
      let before = version.load(ordering: .sequentiallyConsistent)
      let tick = tick.load(ordering: .sequentiallyConsistent)
      let moment = moment.load(ordering: .sequentiallyConsistent)
      let speed = speed.load(ordering: .sequentiallyConsistent)
      guard before % 2 == 0, version.load(ordering: .sequentiallyConsistent) == before else {
        continue
      }
      // Further away than a second nothing is known of the tempo.
      let seconds = min(max(Double(asked - moment) / 1e9, -1), 1)
      return Tick(max(0, tick + Int((seconds * Double(speed) / 1000).rounded())))
    }
  }
}
