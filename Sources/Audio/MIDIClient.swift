public import Music
import Synchronization

/// Something that came from other ports of the system's MIDI sequencer.
public enum MIDIEvent: Hashable, Sendable {
  case stateChanged(MIDIState)
  /// Something was played. `moment` in nanoseconds of the monotonic clock, `playhead` where the
  /// tune was then; `isHeard` = it has gone to the synthesizer already.
  case played(MIDIMessage, moment: Int, playhead: Tick?, isHeard: Bool)
  /// Another's clock has begun or stopped.
  case transport(Transport)

  public enum Transport: Hashable, Sendable {
    case play(from: Tick)
    case stop
  }
}

/// What of a MIDI keyboard is no music: keys, controllers and programs, 0...127.
public struct MIDIReserved: Hashable, Sendable {
  public var notes: Set<Int> = []
  public var controllers: Set<Int> = []
  public var programs: Set<Int> = []

  public init() {}

  func holds(_ message: MIDIMessage) -> Bool {
    switch message {
    case .noteOn(_, let key, _), .noteOff(_, let key): notes.contains(Int(key))
    case .control(_, let number, _): controllers.contains(Int(number))
    case .program(_, let number): programs.contains(Int(number))
    default: false
    }
  }
}

/// Lilt at the system's MIDI sequencer: a client with one port to send from and one to receive at.
///
/// What a player plays goes out stamped with the moment at which it is heard, so that the kernel
/// keeps the time; what comes in carries the moment at which the kernel got it. Ports are asked
/// for by name, connected whenever they are there. No method waits, except `close`.
public final class MIDIClient: Sendable {
  private let link = MIDILink()
  private let player: Player
  private let isStarted: Bool

  /// - Parameters:
  ///   - player: What is sent, and what is played on. Shut it down before this is closed.
  ///   - onEvent: Called on a thread of the client.
  public convenience init(
    player: Player, name: String = "Lilt",
    onEvent: @escaping @Sendable (MIDIEvent) -> Void = { _ in }
  ) {
    self.init(
      player: player,
      openSystem: { () throws(AudioError) in try SequencerClient(name: name) }, onEvent: onEvent)
  }

  /// With another sequencer than the system's.
  init(
    player: Player,
    openSystem: @escaping @Sendable () throws(AudioError) -> any MIDISystem,
    onEvent: @escaping @Sendable (MIDIEvent) -> Void
  ) {
    self.player = player
    let link = link
    isStarted = startThread {
      var thread = MIDIThread(
        link: link, player: player, openSystem: openSystem, onEvent: onEvent)
      thread.run()
    }
  }

  deinit { close() }

  /// Asks for the ports to send to, by names as `MIDIPort.named` understands them.
  public func setOutputs(_ names: [String]) { ask { $0.outputs = names } }

  /// Asks for the ports to receive from.
  public func setInputs(_ names: [String]) { ask { $0.inputs = names } }

  public func setClock(_ clock: MIDIClock) { ask { $0.clock = clock } }

  /// Whether what comes in is heard on the player's own instrument.
  public func setThru(_ isOn: Bool) { link.isThru.store(isOn, ordering: .relaxed) }

  /// What is never heard, because it runs commands.
  public func setReserved(_ reserved: MIDIReserved) { link.reserved.withLock { $0 = reserved } }

  public var state: MIDIState { link.state.withLock { $0 } }

  /// Ends every note that sounds elsewhere and leaves the sequencer. Takes at most half a second.
  public func close() {
    let isFirst = link.wishes.withLock { wishes in
      defer { wishes.isClosing = true }
      return !wishes.isClosing
    }
    guard isFirst, isStarted else { return }
    player.midiBell.ring()
    link.ended.wait(milliseconds: 500)
  }

  private func ask(_ change: (inout MIDILink.Wishes) -> Void) {
    link.wishes.withLock { change(&$0) }
    player.midiBell.ring()
  }
}
