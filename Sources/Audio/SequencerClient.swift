internal import CALSA
import Glibc

/// Lilt's client at ALSA's sequencer.
final class SequencerClient: MIDISystem {
  private let seq: OpaquePointer
  let descriptor: Int32

  init(name: String) throws(AudioError) {
    // Asked anyway, the library reads its settings, and with them greets a sound server.
    guard access("/dev/snd/seq", F_OK) == 0 else {
      throw .sequencerUnavailable(reason: SequencerClient.reason(-ENOENT))
    }
    calsa_silence_messages()
    var seq: OpaquePointer?
    let result = calsa_seq_open(name, &seq)
    guard result >= 0, let seq else {
      throw .sequencerUnavailable(reason: SequencerClient.reason(result))
    }
    self.seq = seq
    descriptor = calsa_seq_descriptor(seq)
  }

  deinit { calsa_seq_close(seq) }

  private static func reason(_ error: Int32) -> String {
    if error == -ENOENT || error == -ENODEV { return "there is no /dev/snd/seq" }
    return String(cString: calsa_reason(error))
  }

  var ports: [MIDIPort] {
    var ports: [MIDIPort] = []
    var port = calsa_port()
    port.client = -1
    while calsa_seq_next_port(seq, &port) == 1 {
      let found = MIDIPort(
        address: .init(client: Int(port.client), port: Int(port.port)),
        client: SequencerClient.text(port.client_name),
        name: SequencerClient.text(port.port_name), takes: port.takes != 0,
        gives: port.gives != 0)
      if found.takes || found.gives { ports.append(found) }
    }
    return ports
  }

  private static func text<Characters>(_ characters: Characters) -> String {
    withUnsafeBytes(of: characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }

  func send(_ message: MIDIMessage, at moment: Int?) -> Bool {
    var plain = calsa_message()
    plain.nanoseconds = Int64(moment ?? 0)
    func fill(_ kind: calsa_message_kind, _ channel: UInt8, _ number: UInt8, _ value: Int) {
      plain.kind = UInt8(kind.rawValue)
      plain.channel = channel
      plain.number = number
      plain.value = Int32(value)
    }
    switch message {
    case .noteOn(let channel, let key, let velocity):
      fill(CALSA_NOTE_ON, channel, key, Int(velocity))
    case .noteOff(let channel, let key): fill(CALSA_NOTE_OFF, channel, key, 0)
    case .control(let channel, let number, let value):
      fill(CALSA_CONTROL, channel, number, Int(value))
    case .program(let channel, let number): fill(CALSA_PROGRAM, channel, 0, Int(number))
    case .bend(let channel, let value): fill(CALSA_BEND, channel, 0, Int(value))
    case .clock: fill(CALSA_CLOCK, 0, 0, 0)
    case .start: fill(CALSA_START, 0, 0, 0)
    case .goOn: fill(CALSA_CONTINUE, 0, 0, 0)
    case .stop: fill(CALSA_STOP, 0, 0, 0)
    case .songPosition(let sixteenths): fill(CALSA_SONG_POSITION, 0, 0, Int(sixteenths))
    }
    return calsa_seq_send(seq, &plain) != -EAGAIN
  }

  func forgetPending() { calsa_seq_drop(seq) }

  func receive() -> MIDIArrival? {
    var plain = calsa_message()
    while true {
      let result = calsa_seq_receive(seq, &plain)
      if result == -ENOSPC { return .overrun }
      guard result == 1 else { return nil }
      if let arrival = SequencerClient.arrival(plain) { return arrival }
    }
  }

  private static func arrival(_ plain: calsa_message) -> MIDIArrival? {
    let address = MIDIPort.Address(client: Int(plain.client), port: Int(plain.port))
    let value = UInt8(min(max(plain.value, 0), 127))
    let message: MIDIMessage
    switch calsa_message_kind(UInt32(plain.kind)) {
    case CALSA_NOTE_ON:
      message = .noteOn(channel: plain.channel, key: plain.number, velocity: value)
    case CALSA_NOTE_OFF: message = .noteOff(channel: plain.channel, key: plain.number)
    case CALSA_CONTROL:
      message = .control(channel: plain.channel, number: plain.number, value: value)
    case CALSA_PROGRAM: message = .program(channel: plain.channel, number: value)
    case CALSA_BEND:
      message = .bend(channel: plain.channel, value: Int16(min(max(plain.value, -8192), 8191)))
    case CALSA_CLOCK: message = .clock
    case CALSA_START: message = .start
    case CALSA_CONTINUE: message = .goOn
    case CALSA_STOP: message = .stop
    case CALSA_SONG_POSITION: message = .songPosition(Int16(min(max(plain.value, 0), 16383)))
    case CALSA_PORTS_CHANGED: return .portsChanged
    case CALSA_GONE: return .gone(address)
    case CALSA_WIRED: return .wired(address, isOutput: plain.number == 1)
    case CALSA_UNWIRED: return .unwired(address, isOutput: plain.number == 1)
    default: return nil
    }
    return .message(message, moment: Int(plain.nanoseconds), from: address)
  }

  func connectOutput(_ isConnected: Bool, to address: MIDIPort.Address) {
    _ = calsa_seq_send_to(seq, Int32(address.client), Int32(address.port), isConnected ? 1 : 0)
  }

  func connectInput(_ isConnected: Bool, to address: MIDIPort.Address) {
    _ = calsa_seq_receive_from(
      seq, Int32(address.client), Int32(address.port), isConnected ? 1 : 0)
  }
}
