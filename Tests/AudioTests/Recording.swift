import Glibc
import Testing

@testable import Audio

/// Sound to be measured: one channel of 48 kHz samples, -1...1.
struct Recording {
  static let rate = 48_000.0
  var samples: [Float]

  /// The left channel of interleaved 16-bit stereo bytes.
  init(stereo bytes: ArraySlice<UInt8>) {
    samples = []
    samples.reserveCapacity(bytes.count / 4)
    var index = bytes.startIndex
    while index + 3 < bytes.endIndex {
      let value = Int16(bitPattern: UInt16(bytes[index]) | UInt16(bytes[index + 1]) << 8)
      samples.append(Float(value) / 32768)
      index += 4
    }
  }

  /// The data of a WAV file with a plain 44-byte head.
  init(wav bytes: [UInt8]) {
    self.init(stereo: bytes.dropFirst(44))
  }

  var peak: Float { samples.map(abs).max() ?? 0 }

  /// Seconds at which the sound rises over a third of its peak after being quieter for a while.
  var onsets: [Double] {
    let threshold = peak / 3
    var found: [Double] = []
    var quietFor = Int.max / 2
    for (index, sample) in samples.enumerated() {
      if abs(sample) > threshold {
        if quietFor > 3000 { found.append(Double(index) / Recording.rate) }
        quietFor = 0
      } else {
        quietFor += 1
      }
    }
    return found
  }

  /// The fundamental in hertz around `seconds`, by autocorrelation over 85 ms.
  func frequency(at seconds: Double) -> Double {
    let start = Int(seconds * Recording.rate)
    let length = 4096
    guard start >= 0, start + length + 1000 < samples.count else { return 0 }
    func similarity(_ lag: Int) -> Float {
      var product: Float = 0
      var energy: Float = 0
      for index in start..<start + length {
        product += samples[index] * samples[index + lag]
        energy += samples[index] * samples[index] + samples[index + lag] * samples[index + lag]
      }
      return energy > 0 ? 2 * product / energy : 0
    }
    let lags = Array(40...800)
    let values = lags.map(similarity)
    let best = values.max() ?? 0
    // The first peak that is nearly as good as the best one: later ones are its multiples.
    for index in 1..<values.count - 1
    where values[index] > 0.9 * best && values[index] >= values[index - 1]
      && values[index] >= values[index + 1]
    {
      let (left, middle, right) = (values[index - 1], values[index], values[index + 1])
      let bend = left - 2 * middle + right
      let shift = bend == 0 ? 0 : Double(0.5 * (left - right) / bend)
      return Recording.rate / (Double(lags[index]) + shift)
    }
    return 0
  }
}

extension Recording {
  /// What differs from `keys` played one after the other; empty when all is well.
  func mistakes(playing keys: [Int], every interval: Double) -> [String] {
    let onsets = onsets
    guard onsets.count == keys.count, let first = onsets.first else {
      return ["\(onsets.count) notes instead of \(keys.count)"]
    }
    var mistakes: [String] = []
    for (index, key) in keys.enumerated() {
      // The same key has the same attack: what is left is the player's own error.
      let tolerance = key == keys[0] ? 0.005 : 0.012
      let error = onsets[index] - first - Double(index) * interval
      if abs(error) > tolerance { mistakes.append("note \(index) is \(error) s late") }
      let measured = self.frequency(at: onsets[index] + 0.06)
      if abs(1200 * log2(measured / keyFrequency(key))) > 15 {
        mistakes.append("note \(index) has \(measured) Hz")
      }
    }
    return mistakes
  }
}

/// Waits until `condition` holds, at most 30 s, and returns the longest time in seconds for which
/// the machine did not let this thread look.
func longestPause(until condition: () -> Bool) -> Double {
  var longest = 0
  var last = nanosecondsNow()
  let end = last + 30_000_000_000
  while !condition(), last < end {
    usleep(1000)
    let now = nanosecondsNow()
    longest = max(longest, now - last - 1_000_000)
    last = now
  }
  return Double(longest) / 1e9
}

/// The frequency of a MIDI key in hertz, equal temperament on A = 440.
func keyFrequency(_ key: Int) -> Double { 440 * pow(2, Double(key - 69) / 12) }

/// All bytes of a file; empty where there is none.
func bytes(of path: String) -> [UInt8] {
  guard let file = fopen(path, "r") else { return [] }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 16)
  while case let count = fread(&chunk, 1, chunk.count, file), count > 0 {
    bytes += chunk[..<count]
  }
  return bytes
}

func write(_ text: String, to path: String) {
  guard let file = fopen(path, "w") else {
    Issue.record("\(path) cannot be written")
    return
  }
  fputs(text, file)
  fclose(file)
}

/// A folder of its own for one test.
func makeTemporaryFolder() -> String {
  var template = Array("/tmp/lilt-audio-XXXXXX".utf8CString)
  return mkdtemp(&template).map { String(cString: $0) } ?? "/tmp"
}

/// Removes a folder that a test made, with all that is in it.
func remove(folder: String) {
  let child = start(["/bin/rm", "-rf", folder], environment: [])
  if child > 0 { waitpid(child, nil, 0) }
}

/// Waits until `condition` holds, looking often; false after `seconds`.
func wait(upTo seconds: Double = 30, until condition: () -> Bool) -> Bool {
  var left = Int(seconds * 1000)
  while left > 0 {
    if condition() { return true }
    usleep(2000)
    left -= 2
  }
  return condition()
}

/// Where a program is in PATH, or nil.
func program(_ name: String) -> String? {
  for folder in ["/usr/local/bin", "/usr/bin", "/bin"] where access("\(folder)/\(name)", X_OK) == 0
  {
    return "\(folder)/\(name)"
  }
  return nil
}

/// Starts a program with its output thrown away; 0 when it cannot be started.
func start(_ arguments: [String], environment: [String]) -> pid_t {
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
  var attributes = posix_spawnattr_t()
  posix_spawnattr_init(&attributes)
  defer { posix_spawnattr_destroy(&attributes) }
  // Tests run on threads with signals blocked; children must be able to get theirs.
  var none = sigset_t()
  sigemptyset(&none)
  posix_spawnattr_setsigmask(&attributes, &none)
  posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
  var child: pid_t = 0
  let argv = arguments.map { strdup($0) } + [nil]
  let envp = environment.map { strdup($0) } + [nil]
  defer { for text in argv + envp { free(text) } }
  guard posix_spawn(&child, arguments[0], &actions, &attributes, argv, envp) == 0 else { return 0 }
  return child
}
