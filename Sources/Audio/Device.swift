internal import CALSA
import Glibc

/// An ALSA playback device.
final class Device: SoundDevice {
  static let period = 480
  /// 40 ms: what a quiet machine needs.
  static let smallestBuffer = 1920
  /// 160 ms: what is given to a machine on which less ran dry.
  static let largestBuffer = 7680

  let bufferFrames: Int
  private let pcm: OpaquePointer

  init(name: String, bufferFrames: Int) throws(AudioError) {
    calsa_silence_messages()
    var pcm: OpaquePointer?
    var shape = calsa_shape()
    let result = calsa_open(
      name, UInt32(Synth.sampleRate), UInt32(Device.period), UInt32(clamping: bufferFrames), &pcm,
      &shape)
    guard result >= 0, let pcm else {
      throw .deviceUnavailable(name: name, reason: Device.reason(result))
    }
    self.pcm = pcm
    self.bufferFrames = Int(shape.buffer_frames)
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

  /// As libasound calls it: `HW`, `IOPLUG`, `FILE`.
  var kind: String { String(cString: calsa_kind(pcm)) }

  var isKnownNotToPace: Bool { kind == "FILE" || kind == "NULL" }

  var delay: Int { calsa_delay(pcm) }

  func pause() { calsa_drop(pcm) }

  func resume() -> Bool { calsa_prepare(pcm) >= 0 }
}
