internal import CALSA
import Glibc

/// One open ALSA playback device: 48 kHz, stereo, 16 bits. Belongs to the audio thread.
final class Device {
  static let period = 480
  static let buffer = 1920

  enum Written {
    case frames(Int)
    /// The device ran dry or was asleep, and is ready again: write the same frames anew.
    case recovered
    /// The device is gone. A negative errno.
    case lost(Int32)
  }

  let name: String
  let bufferFrames: Int
  private let pcm: OpaquePointer

  init(name: String) throws(AudioError) {
    calsa_silence_messages()
    var pcm: OpaquePointer?
    var shape = calsa_shape()
    let result = calsa_open(
      name, UInt32(Synth.sampleRate), UInt32(Device.period), UInt32(Device.buffer), &pcm, &shape)
    guard result >= 0, let pcm else {
      throw .deviceUnavailable(name: name, reason: Device.reason(result))
    }
    self.name = name
    self.pcm = pcm
    bufferFrames = Int(shape.buffer_frames)
  }

  deinit { calsa_close(pcm) }

  static func reason(_ error: Int32) -> String { String(cString: calsa_reason(error)) }

  func write(_ samples: UnsafePointer<Int16>, frames: Int) -> Written {
    let result = calsa_write(pcm, samples, UInt(frames))
    if result >= 0 { return .frames(Int(result)) }
    let failure = Int32(clamping: result)
    let error = calsa_recover(pcm, failure)
    if error < 0 { return .lost(error) }
    return failure == -EPIPE || failure == -ESTRPIPE ? .recovered : .frames(0)
  }

  /// What kind of device it is, as libasound calls it.
  var kind: String { String(cString: calsa_kind(pcm)) }

  /// A file takes frames as fast as they come. For all others only time will tell.
  var isKnownNotToPace: Bool { kind == "FILE" || kind == "NULL" }

  /// Frames written but not heard yet.
  var delay: Int { calsa_delay(pcm) }

  /// Stops at once; what was written and not heard is forgotten.
  func pause() { calsa_drop(pcm) }

  /// False when the device is lost.
  func resume() -> Bool { calsa_prepare(pcm) >= 0 }
}
