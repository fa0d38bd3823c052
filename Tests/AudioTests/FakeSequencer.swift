import Synchronization

@testable import Audio

/// A system's MIDI sequencer that does what a test says: ports come and go, messages come in, and
/// what was sent is kept.
final class FakeSequencer: MIDISystem, Sendable {
  struct Sent: Equatable {
    var message: MIDIMessage
    /// `nil` = at once.
    var moment: Int?
  }

  private struct State {
    var ports: [MIDIPort] = []
    var outputs: Set<MIDIPort.Address> = []
    var inputs: Set<MIDIPort.Address> = []
    var waiting: [MIDIArrival] = []
    /// What was sent and not taken back.
    var sent: [Sent] = []
    /// Refusals before the next message is taken.
    var refusals = 0
  }

  private let state = Mutex(State())
  private let bell = Bell()

  deinit { bell.close() }

  var descriptor: Int32 { bell.descriptor }
  var ports: [MIDIPort] { state.withLock { $0.ports } }
  var outputs: Set<MIDIPort.Address> { state.withLock { $0.outputs } }
  var inputs: Set<MIDIPort.Address> { state.withLock { $0.inputs } }
  var sent: [Sent] { state.withLock { $0.sent } }

  func send(_ message: MIDIMessage, at moment: Int?) -> Bool {
    state.withLock { state in
      if state.refusals > 0 {
        state.refusals -= 1
        return false
      }
      state.sent.append(Sent(message: message, moment: moment))
      return true
    }
  }

  /// As the kernel does: what has been delivered stays delivered.
  func forgetPending() {
    let now = nanosecondsNow()
    state.withLock { state in state.sent.removeAll { ($0.moment ?? 0) > now } }
  }

  func receive() -> MIDIArrival? {
    bell.wait(milliseconds: 0)
    return state.withLock { $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }
  }

  func connectOutput(_ isConnected: Bool, to address: MIDIPort.Address) {
    state.withLock { state in
      if isConnected { state.outputs.insert(address) } else { state.outputs.remove(address) }
    }
    arrive(isConnected ? .wired(address, isOutput: true) : .unwired(address, isOutput: true))
  }

  func connectInput(_ isConnected: Bool, to address: MIDIPort.Address) {
    state.withLock { state in
      if isConnected { state.inputs.insert(address) } else { state.inputs.remove(address) }
    }
    arrive(isConnected ? .wired(address, isOutput: false) : .unwired(address, isOutput: false))
  }

  // MARK: - What a test does

  func arrive(_ arrivals: MIDIArrival...) {
    state.withLock { $0.waiting += arrivals }
    bell.ring()
  }

  func refuse(_ count: Int) { state.withLock { $0.refusals = count } }

  @discardableResult
  func plug(_ client: String, _ number: Int, takes: Bool = true, gives: Bool = true) -> MIDIPort {
    let port = MIDIPort(
      address: .init(client: number, port: 0), client: client, name: "port", takes: takes,
      gives: gives)
    state.withLock { $0.ports.append(port) }
    arrive(.portsChanged)
    return port
  }

  func unplug(_ number: Int) {
    state.withLock { state in
      state.ports.removeAll { $0.address.client == number }
      state.outputs = state.outputs.filter { $0.client != number }
      state.inputs = state.inputs.filter { $0.client != number }
    }
    arrive(.gone(.init(client: number, port: -1)))
  }

  /// Channel and key of notes that would still sound if everything sent were delivered in its
  /// order, as the kernel does: what has a moment by that moment, the rest when it was sent.
  var hanging: Set<[UInt8]> {
    var sounding: Set<[UInt8]> = []
    for sent in sent {
      switch sent.message {
      case .noteOn(let channel, let key, _): sounding.insert([channel, key])
      case .noteOff(let channel, let key): sounding.remove([channel, key])
      default: break
      }
    }
    return sounding
  }

  var messages: [MIDIMessage] { sent.map(\.message) }
}
