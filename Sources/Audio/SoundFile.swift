internal import CSndFile
import Glibc

/// A sound file being written: stereo, 48 kHz. It has no name until `finish`; whatever goes wrong
/// before, nothing half-written is left.
struct SoundFile: ~Copyable {
  private let file: OpaquePointer
  private let path: String
  /// `nil` where the file is the caller's own.
  private var new: NewFile?
  private var isFinished = false
  /// libsndfile 1.2.0 turns 16-bit samples into noise on their way to MP3; floats come through.
  private let takesFloats: Bool
  private var floats: [Float] = []

  init(path: String, format: AudioFormat) throws(AudioError) {
    let new = try NewFile(at: path)
    try self.init(descriptor: new.descriptor, shownAs: path, format: format, new: new)
  }

  /// Writes into a file that is open already and can be read from its beginning again.
  init(descriptor: Int32, shownAs path: String, format: AudioFormat) throws(AudioError) {
    try self.init(descriptor: descriptor, shownAs: path, format: format, new: nil)
  }

  private init(
    descriptor: Int32, shownAs path: String, format: AudioFormat, new: consuming NewFile?
  ) throws(AudioError) {
    guard csnd_available() == 1 else {
      throw .fileNotWritten(path: path, reason: "libsndfile is not installed")
    }
    var info = SF_INFO()
    info.samplerate = Int32(Synth.sampleRate)
    info.channels = 2
    info.format = format.code
    guard csnd_format_check(&info) == 1 else {
      throw .fileNotWritten(
        path: path, reason: "this system's libsndfile cannot write \(format.rawValue)")
    }
    guard let file = csnd_open("/proc/self/fd/\(descriptor)", Int32(SFM_WRITE), &info) else {
      let reason = String(cString: csnd_strerror(nil))
      throw .fileNotWritten(path: path, reason: SoundFile.sentence(reason))
    }
    self.file = file
    takesFloats = format == .mp3
    self.path = path
    self.new = new
  }

  deinit {
    if !isFinished { csnd_close(file) }
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
      throw .fileNotWritten(
        path: path, reason: SoundFile.sentence(String(cString: csnd_error_number(closing))))
    }
    try new?.publish()
  }

  /// libsndfile's messages end with a stop or a newline; ours are put inside a sentence.
  private static func sentence(_ text: String) -> String {
    var text = text
    while let last = text.last, last == "." || last.isWhitespace { text.removeLast() }
    return text
  }
}
