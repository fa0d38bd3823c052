import Music
import Synchronization

/// What the MIDI thread shares with whoever commands it.
final class MIDILink: Sendable {
  struct Wishes: Sendable {
    var outputs: [String]?
    var inputs: [String]?
    var clock: MIDIClock?
    var isClosing = false
  }
  let wishes = Mutex(Wishes())
  let state = Mutex(MIDIState())
  let reserved = Mutex(MIDIReserved())
  let isThru = Atomic<Bool>(true)
  /// Rung when the thread has ended.
  let ended = Bell()
  deinit { ended.close() }
}

/// The thread that speaks with the system's MIDI sequencer: sends what the audio thread has
/// stamped, takes what comes, and keeps the connections that were asked for.
struct MIDIThread {
  let link: MIDILink
  let player: Player
  let openSystem: @Sendable () throws(AudioError) -> any MIDISystem
  let onEvent: @Sendable (MIDIEvent) -> Void

  private var system: (any MIDISystem)?
  private var notes = OutsideNotes()
  /// No message may overtake another, whatever the clocks say.
  private var lastMoment = 0
  private var outputs: [String] = []
  private var inputs: [String] = []
  /// Where the wishes are connected now.
  private var connectedOutputs: Set<MIDIPort.Address> = []
  private var connectedInputs: Set<MIDIPort.Address> = []
  private var held: Set<HeldKey> = []
  private var follower = ClockFollower()
  private var clock = MIDIClock.off

  private struct HeldKey: Hashable {
    var source: MIDIPort.Address
    var channel: UInt8
    var key: UInt8
  }

  init(
    link: MIDILink, player: Player,
    openSystem: @escaping @Sendable () throws(AudioError) -> any MIDISystem,
    onEvent: @escaping @Sendable (MIDIEvent) -> Void
  ) {
    self.link = link
    self.player = player
    self.openSystem = openSystem
    self.onEvent = onEvent
  }

  /// Lives until it is asked to close.
  mutating func run() {
    open()
    while true {
      let wishes = link.wishes.withLock { wishes in
        defer { wishes = MIDILink.Wishes(isClosing: wishes.isClosing) }
        return wishes
      }
      take(wishes)
      sendWaiting()
      if wishes.isClosing { break }
      receive()
      player.midiBell.wait(orReadable: system?.descriptor ?? -1)
    }
    finish()
  }

  private mutating func open() {
    do throws(AudioError) {
      system = try openSystem()
      player.setMIDI(true)
      change { state in
        state.isOpen = true
        state.trouble = nil
      }
    } catch {
      change { $0.trouble = error.description }
    }
    reconnect()
  }

  private mutating func take(_ wishes: MIDILink.Wishes) {
    guard wishes.outputs != nil || wishes.inputs != nil || wishes.clock != nil else { return }
    if let asked = wishes.outputs { outputs = asked }
    if let asked = wishes.inputs { inputs = asked }
    if let asked = wishes.clock {
      clock = asked
      follower = ClockFollower()
      player.setClock(asked)
    }
    // The kernel's module may have come meanwhile.
    if system == nil { open() } else { reconnect() }
  }

  private mutating func finish() {
    cut()
    player.setMIDI(false)
    system = nil
    link.ended.ring()
  }

  // MARK: - Out

  private mutating func sendWaiting() {
    if player.takeOverflow() { cut() }
    while let waiting = player.nextForMIDI() {
      if waiting.event.kind == .panic {
        cut()
        continue
      }
      for message in waiting.event.messages { send(message, at: waiting.nanoseconds) }
    }
  }

  /// - Parameter moment: 0 = at once.
  private mutating func send(_ message: MIDIMessage, at moment: Int) {
    guard let system else { return }
    if moment != 0 { lastMoment = max(lastMoment, moment) }
    let due = moment == 0 ? nil : Optional(lastMoment)
    notes.note(message, at: due ?? nanosecondsNow())
    // The kernel holds two thousand messages: there is room as soon as some are delivered.
    for _ in 0..<500 {
      if system.send(message, at: due) { return }
      sleep(untilNanoseconds: nanosecondsNow() + 1_000_000)
    }
  }

  /// Ends everything that sounds elsewhere, at once.
  private mutating func cut() {
    guard let system else { return }
    system.forgetPending()
    lastMoment = 0
    for message in notes.silence(at: nanosecondsNow()) { _ = system.send(message, at: nil) }
  }

  // MARK: - Connections

  /// Connects what was asked for and is there, lets go of what is no longer asked for.
  private mutating func reconnect() {
    guard let system else {
      change { state in
        state.outputs = outputs.map { MIDIState.Choice(name: $0) }
        state.inputs = inputs.map { MIDIState.Choice(name: $0) }
      }
      return
    }
    let ports = system.ports
    let takers = outputs.map { name in
      MIDIState.Choice(name: name, port: ports.filter(\.takes).named(name))
    }
    let givers = inputs.map { name in
      MIDIState.Choice(name: name, port: ports.filter(\.gives).named(name))
    }
    let wantedOutputs = Set(takers.compactMap { $0.port?.address })
    let lost = connectedOutputs.subtracting(wantedOutputs)
    if !lost.isEmpty { cut() }
    for address in lost { system.connectOutput(false, to: address) }
    for address in wantedOutputs.subtracting(connectedOutputs) {
      system.connectOutput(true, to: address)
    }
    connectedOutputs = wantedOutputs
    let wantedInputs = Set(givers.compactMap { $0.port?.address })
    for address in connectedInputs.subtracting(wantedInputs) {
      system.connectInput(false, to: address)
      letGo { $0.source == address }
    }
    for address in wantedInputs.subtracting(connectedInputs) {
      system.connectInput(true, to: address)
    }
    connectedInputs = wantedInputs
    change { state in
      state.ports = ports
      state.outputs = takers
      state.inputs = givers
    }
  }

  private func change(_ body: (inout MIDIState) -> Void) {
    let changed: MIDIState? = link.state.withLock { state in
      let before = state
      body(&state)
      return state == before ? nil : state
    }
    if let changed { onEvent(.stateChanged(changed)) }
  }

  // MARK: - In

  private mutating func receive() {
    while let arrival = system?.receive() {
      switch arrival {
      case .message(let message, let moment, let source):
        receive(message, at: moment, from: source)
      case .portsChanged: reconnect()
      case .gone(let address):
        letGo { $0.source.client == address.client && (address.port < 0 || $0.source == address) }
        // Its number may be another's before long.
        connectedOutputs = connectedOutputs.filter { !address.holds($0) }
        connectedInputs = connectedInputs.filter { !address.holds($0) }
        reconnect()
      case .wired(_, let isOutput):
        if isOutput { for message in notes.setup { _ = system?.send(message, at: nil) } }
      case .unwired(let address, let isOutput):
        if !isOutput { letGo { $0.source == address } }
      case .overrun:
        // A note-off may be among what was lost.
        letGo { _ in true }
      }
    }
  }

  private mutating func receive(
    _ message: MIDIMessage, at moment: Int, from source: MIDIPort.Address
  ) {
    switch message {
    case .noteOn(let channel, let key, _):
      held.insert(HeldKey(source: source, channel: channel, key: key))
    case .noteOff(let channel, let key):
      held.remove(HeldKey(source: source, channel: channel, key: key))
    case .clock, .start, .goOn, .stop, .songPosition:
      if clock == .follow { follow(message, at: moment) }
      return
    case .control, .program, .bend: break
    }
    tell(message, at: moment)
  }

  private func tell(_ message: MIDIMessage, at moment: Int) {
    let isReserved = link.reserved.withLock { $0.holds(message) }
    let isHeard = link.isThru.load(ordering: .relaxed) && !isReserved
    if isHeard { player.playThrough(message) }
    onEvent(
      .played(message, moment: moment, playhead: player.playhead(at: moment), isHeard: isHeard))
  }

  /// Ends notes whose note-off will not come any more.
  private mutating func letGo(where isLost: (HeldKey) -> Bool) {
    let lost = held.filter(isLost)
    held.subtract(lost)
    for key in lost.sorted(by: { ($0.channel, $0.key) < ($1.channel, $1.key) }) {
      tell(.noteOff(channel: key.channel, key: key.key), at: nanosecondsNow())
    }
    for channel in Set(lost.map(\.channel)) {
      tell(
        .control(channel: channel, number: MIDIMessage.sustain, value: 0), at: nanosecondsNow())
    }
  }

  // MARK: - Another's clock

  private mutating func follow(_ message: MIDIMessage, at moment: Int) {
    for outcome in follower.take(message, at: moment) {
      switch outcome {
      case .steered(let beat): player.follow(beat)
      case .begun(let tick): onEvent(.transport(.play(from: tick)))
      case .stopped: onEvent(.transport(.stop))
      }
    }
  }
}

extension MIDIPort.Address {
  /// Whether another one is the same port, or a port of the client that this stands for.
  fileprivate func holds(_ other: MIDIPort.Address) -> Bool {
    client == other.client && (port < 0 || port == other.port)
  }
}
