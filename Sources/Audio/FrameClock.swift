/// When each frame of the sequencer's clock is heard, in nanoseconds of the monotonic clock.
///
/// A device tells only roughly how much it holds. What it says is smoothed, so that two events keep
/// the distance they have in the score; a jump, as after an underrun, is followed at once.
struct FrameClock: BitwiseCopyable, Sendable {
  /// The moment of frame 0.
  private var origin = 0.0
  private var isSet = false
  /// A difference from which on it is no noise: 20 ms.
  private static let jump = 20e6
  private static let smoothing = 1.0 / 64

  mutating func observe(frame: Int, heardAt moment: Int) {
    let observed = Double(moment - AudioThread.nanoseconds(frame))
    let difference = observed - origin
    if !isSet || difference.magnitude > FrameClock.jump {
      origin = observed
      isSet = true
    } else {
      origin += difference * FrameClock.smoothing
    }
  }

  func moment(of frame: Int) -> Int { Int(origin) + AudioThread.nanoseconds(frame) }

  /// The frame that is heard at a moment.
  func frame(at moment: Int) -> Double {
    (Double(moment) - origin) * Double(Synth.sampleRate) / Double(AudioThread.second)
  }
}
