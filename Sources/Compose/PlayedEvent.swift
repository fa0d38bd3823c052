public import Music

/// Something played on a musical keyboard: through MIDI, or on the rows of the typing keyboard.
public struct PlayedEvent: Sendable, Hashable {
  public enum Kind: Sendable, Hashable {
    /// `velocity` is 1...127; a MIDI note-on with velocity 0 comes as a note-off.
    case noteOn(pitch: Pitch, velocity: Int)
    case noteOff(pitch: Pitch)
    /// A MIDI controller: `number` and `value` are 0...127. 64 is the sustain pedal.
    case controller(number: Int, value: Int)
    /// A program change, 0...127.
    case program(Int)
  }

  public var kind: Kind
  /// The MIDI channel, 0...15.
  public var channel: Int
  /// When it was played, in seconds on the player's clock: since the program began, as
  /// `Event.clockTicked` counts milliseconds.
  public var time: Double
  /// Where in the tune that was, as it was heard; `nil` while nothing plays.
  public var playhead: Tick?
  /// Whether it sounds already. What comes through MIDI with `midi.thru` has gone to the
  /// synthesizer by the shortest way; everything else is heard when the session says so.
  public var isHeard: Bool

  public init(
    _ kind: Kind, channel: Int = 0, time: Double, playhead: Tick? = nil, isHeard: Bool = false
  ) {
    self.kind = kind
    self.channel = channel
    self.time = time
    self.playhead = playhead
    self.isHeard = isHeard
  }
}
