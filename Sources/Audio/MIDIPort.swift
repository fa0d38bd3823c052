/// A port of another program or device at the system's MIDI sequencer.
public struct MIDIPort: Hashable, Sendable {
  /// As the sequencer counts clients and their ports: `128:0`. Changes whenever a program starts.
  public struct Address: Hashable, Sendable, CustomStringConvertible {
    public var client: Int
    public var port: Int
    public var description: String { "\(client):\(port)" }
  }

  public var address: Address
  public var client: String
  public var name: String
  /// Whether notes may be sent to it.
  public var takes: Bool
  /// Whether notes come from it.
  public var gives: Bool

  /// The ports of others at the system's sequencer now.
  public static func present() throws(AudioError) -> [MIDIPort] {
    try SequencerClient(name: "Lilt").ports
  }

  /// How it is remembered: `FLUID Synth:Synth input port`.
  public var fullName: String { "\(client):\(name)" }
}

extension Collection<MIDIPort> {
  /// The port that a name means: by its full name, its client's, its address, or the beginning or
  /// a part of its full name, in this order and whatever the case of letters.
  public func named(_ name: String) -> MIDIPort? {
    let asked = name.lowercased()
    guard !asked.isEmpty else { return nil }
    return first { $0.fullName.lowercased() == asked }
      ?? first { $0.client.lowercased() == asked }
      ?? first { $0.address.description == asked }
      ?? first { $0.fullName.lowercased().hasPrefix(asked) }
      ?? first { $0.fullName.lowercased().contains(asked) }
  }
}

/// What is connected at the system's MIDI sequencer.
public struct MIDIState: Hashable, Sendable {
  /// A port that was asked for by name.
  public struct Choice: Hashable, Sendable {
    public var name: String
    /// Where it is; `nil` while there is none of that name.
    public var port: MIDIPort?
  }

  /// Whether the sequencer has let us in.
  public var isOpen = false
  /// Why there is no MIDI, as one sentence; `nil` where there is.
  public var trouble: String?
  /// Ports of others, in the sequencer's order.
  public var ports: [MIDIPort] = []
  public var outputs: [Choice] = []
  public var inputs: [Choice] = []

  public init() {}

  /// Ports that were asked for and are not there.
  public var missing: [String] { (outputs + inputs).filter { $0.port == nil }.map(\.name) }
}
