internal import CSndFile
import Glibc

/// A sound file being written: stereo, 48 kHz. It lies beside its final place under another name
/// until `finish`; whatever goes wrong before, nothing half-written is left.
struct SoundFile: ~Copyable {
  private let file: OpaquePointer
  private let path: String
  private let temporary: String
  private var isFinished = false
  /// libsndfile 1.2.0 turns 16-bit samples into noise on their way to MP3; floats come through.
  private let takesFloats: Bool
  private var floats: [Float] = []

  init(path: String, format: AudioFormat) throws(AudioError) {
    guard csnd_available() == 1 else {
      throw .fileNotWritten(path: path, reason: "libsndfile is not installed")
    }
    let temporary = path + ".\(getpid()).part"
    var info = SF_INFO()
    info.samplerate = Int32(Synth.sampleRate)
    info.channels = 2
    info.format = format.code
    guard csnd_format_check(&info) == 1 else {
      throw .fileNotWritten(
        path: path, reason: "this system's libsndfile cannot write \(format.rawValue)")
    }
    guard let file = csnd_open(temporary, Int32(SFM_WRITE), &info) else {
      let reason = String(cString: csnd_strerror(nil))
      unlink(temporary)
      throw .fileNotWritten(path: path, reason: SoundFile.sentence(reason))
    }
    self.file = file
    takesFloats = format == .mp3
    self.path = path
    self.temporary = temporary
  }

  deinit {
    if !isFinished {
      csnd_close(file)
      unlink(temporary)
    }
  }

  mutating func write(_ samples: UnsafePointer<Int16>, frames: Int) throws(AudioError) {
    let written: Int64
    if takesFloats {
      floats.removeAll(keepingCapacity: true)
      for index in 0..<frames * 2 { floats.append(Float(samples[index]) / 32_768) }
      written = csnd_writef_float(file, floats, Int64(frames))
    } else {
      written = csnd_writef_short(file, samples, Int64(frames))
    }
    guard written == Int64(frames) else {
      throw .fileNotWritten(
        path: path, reason: SoundFile.sentence(String(cString: csnd_strerror(file))))
    }
  }

  /// Closes the file and gives it its name.
  mutating func finish() throws(AudioError) {
    isFinished = true
    let closing = csnd_close(file)
    guard closing == 0 else {
      unlink(temporary)
      throw .fileNotWritten(
        path: path, reason: SoundFile.sentence(String(cString: csnd_error_number(closing))))
    }
    guard rename(temporary, path) == 0 else {
      let reason = String(cString: strerror(errno))
      unlink(temporary)
      throw .fileNotWritten(path: path, reason: reason)
    }
  }

  /// libsndfile's messages end with a stop or a newline; ours are put inside a sentence.
  private static func sentence(_ text: String) -> String {
    var text = text
    while let last = text.last, last == "." || last.isWhitespace { text.removeLast() }
    return text
  }
}
