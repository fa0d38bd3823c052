import CSndFile
import Glibc
import Testing

@testable import Audio

@Suite struct SoundFileTests {
  /// A second of 440 Hz, as loud as `Int16(8000)`, written in blocks as a rendering is.
  private func writeTone(to path: String, as format: AudioFormat) throws {
    var file = try SoundFile(path: path, format: format)
    let block = 480
    for first in stride(from: 0, to: 48_000, by: block) {
      var samples = [Int16](repeating: 0, count: 2 * block)
      for index in 0..<block {
        let value = Int16(8000 * sin(2 * Double.pi * 440 * Double(first + index) / 48_000))
        samples[2 * index] = value
        samples[2 * index + 1] = value
      }
      try samples.withUnsafeBufferPointer { buffer in
        try file.write(#require(buffer.baseAddress), frames: block)
      }
    }
    try file.finish()
  }

  /// The left channel, as any player would read it.
  private func samples(of path: String) -> [Float] {
    var info = SF_INFO()
    guard let file = csnd_open(path, Int32(SFM_READ), &info), info.channels == 2 else { return [] }
    defer { csnd_close(file) }
    var both = [Float](repeating: 0, count: 2 * 96_000)
    let frames = Int(csnd_readf_float(file, &both, 96_000))
    return (0..<max(0, frames)).map { both[2 * $0] }
  }

  @Test(arguments: AudioFormat.allCases)
  func `a tone comes back as that tone and nothing else`(format: AudioFormat) throws {
    let folder = makeTemporaryFolder()
    let path = folder + "/tone.\(format.rawValue)"
    defer {
      unlink(path)
      rmdir(folder)
    }
    try writeTone(to: path, as: format)
    let heard = samples(of: path)
    #expect(heard.count >= 48_000 && heard.count < 52_000)
    // Half a second, 220 whole periods, well inside.
    let window = heard.dropFirst(12_000).prefix(24_000)
    var (cosine, sine, energy) = (0.0, 0.0, 0.0)
    for (index, value) in window.enumerated() {
      let angle = 2 * Double.pi * 440 * Double(index) / 48_000
      cosine += Double(value) * cos(angle)
      sine += Double(value) * sin(angle)
      energy += Double(value * value)
    }
    let tone = 2 * (cosine * cosine + sine * sine) / Double(max(window.count, 1))
    #expect(energy > 0 && tone / energy > 0.99)
    let amplitude = (energy * 2 / Double(max(window.count, 1))).squareRoot()
    #expect(abs(amplitude - 8000.0 / 32_768) < 0.02)
  }
}
