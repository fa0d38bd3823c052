public import Music

public enum PlayerState: UInt8, Sendable, BitwiseCopyable {
  case stopped
  case playing
  /// Playing, but the music is not known any further yet: goes on by itself.
  case waiting
  case looping
}

/// What a player is doing at this moment.
public struct PlayerStatus: Hashable, Sendable {
  public var state: PlayerState
  /// What is heard now: what was written to the device, less what it has not played yet.
  public var playhead: Tick
  /// How often the device ran dry since the player began.
  public var underruns: Int
  /// A few words: the device, or why there is none.
  public var device: String
  /// Whether nothing can be heard.
  public var isSilent: Bool
  /// Whether nothing sounds any more, not even the reverb, and the player sleeps.
  public var isResting: Bool
}

/// Something that happened to a player by itself.
public enum PlayerEvent: Hashable, Sendable {
  case stateChanged(PlayerState)
  /// The end of the music was reached.
  case finished
  case deviceOpened(String)
  /// No device or no SoundFont: the playhead moves, nothing is heard. The reason is one sentence.
  case playingSilently(reason: String)
  /// Time goes on in silence, and the device is looked for every second. One sentence.
  case deviceLost(String)
  case deviceRestored(String)
  case underrun(total: Int)
}
