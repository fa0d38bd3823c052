/// The system's MIDI sequencer with a client of ours. Belongs to the MIDI thread.
protocol MIDISystem: AnyObject {
  /// Ports of others.
  var ports: [MIDIPort] { get }
  /// Readable while something waits for `receive`.
  var descriptor: Int32 { get }

  /// Sends to whoever is connected to our output: at a moment of the monotonic clock in
  /// nanoseconds, or at once.
  ///
  /// - Returns: False while there is no room for more.
  func send(_ message: MIDIMessage, at moment: Int?) -> Bool
  /// Takes back what was sent for later and not delivered yet.
  func forgetPending()
  /// What has come; `nil` where nothing waits.
  func receive() -> MIDIArrival?

  /// Connects our output to a port, or takes the connection away.
  func connectOutput(_ isConnected: Bool, to address: MIDIPort.Address)
  func connectInput(_ isConnected: Bool, to address: MIDIPort.Address)
}

/// Something that came from the system's MIDI sequencer.
enum MIDIArrival: Hashable, Sendable {
  /// `moment` on the monotonic clock, as the kernel noted it.
  case message(MIDIMessage, moment: Int, from: MIDIPort.Address)
  /// Ports came or changed.
  case portsChanged
  /// A port, or with port -1 all of a client, went away.
  case gone(MIDIPort.Address)
  /// A connection was made, by us or by a patch bay.
  case wired(MIDIPort.Address, isOutput: Bool)
  case unwired(MIDIPort.Address, isOutput: Bool)
  /// More came than was read in time; some of it is lost.
  case overrun
}
