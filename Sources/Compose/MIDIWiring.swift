public import Music

/// What the session knows of MIDI: where notes go besides the own synthesizer, where they come
/// from, and what of it is not there.
public struct MIDIWiring: Sendable, Equatable, Codable {
  /// Ports that notes are sent to, by name.
  public var outputs: [String] = []
  /// Ports that notes come from.
  public var inputs: [String] = []
  /// Ports that were asked for and are not there; each is connected once it comes.
  public var missing: [String] = []
  /// Why there is no MIDI here, as one sentence; empty where there is.
  public var trouble = ""
  /// Whether the own synthesizer sounds.
  public var hasSynth = true
  /// `off`, `send` or `follow`.
  public var clock = "off"

  public init() {}
}

/// Something about MIDI that a musician asks for; what is there only the shell knows.
public enum MIDIRequest: Sendable, Equatable {
  /// Names or numbers with commas; empty = list what there is.
  case outputs(String)
  case inputs(String)
  /// `off`, `send`, `follow`; empty = say which.
  case clock(String)
}

/// Another's clock has begun or stopped.
public enum Transport: Sendable, Equatable {
  case play(from: Tick)
  case stop
}
