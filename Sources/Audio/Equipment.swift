/// A playback device: 48 kHz, stereo, 16 bits. Belongs to the audio thread.
protocol SoundDevice: AnyObject {
  /// What kind of device it is, in one word.
  var kind: String { get }
  var bufferFrames: Int { get }
  /// A file takes frames as fast as they come. For all others only time will tell.
  var isKnownNotToPace: Bool { get }
  /// Frames written but not heard yet.
  var delay: Int { get }

  /// Blocks until there is room.
  func write(_ samples: UnsafePointer<Int16>, frames: Int) -> Written
  /// Stops at once; what was written and not heard is forgotten.
  func pause()
  /// False when the device is lost.
  func resume() -> Bool
}

/// What came of writing to a device.
enum Written {
  case frames(Int)
  /// The device ran dry or was asleep, and is ready again: write the same frames anew.
  case recovered
  /// The device is gone. A negative errno.
  case lost(Int32)
}

/// How a player comes by what it plays on.
struct Equipment: Sendable {
  /// By name, with about so many frames between writing and hearing.
  var openDevice:
    @Sendable (_ name: String, _ bufferFrames: Int) throws(AudioError) -> any SoundDevice
  var makeSynth: @Sendable () throws(AudioError) -> Synth?
  /// After so long a silence the device is let go of.
  var restMilliseconds: Int32 = 60_000

  static func installed(soundFont: String?) -> Equipment {
    Equipment(
      openDevice: { name, bufferFrames throws(AudioError) in
        try Device(name: name, bufferFrames: bufferFrames)
      },
      makeSynth: { () throws(AudioError) in try Synth(soundFont: soundFont) })
  }
}
