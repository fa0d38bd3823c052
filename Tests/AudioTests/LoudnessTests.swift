import Glibc
import Testing

@testable import Audio

@Suite struct LoudnessTests {
  /// Interleaved stereo; levels in dBFS.
  private func sine(_ left: Double, _ right: Double?, seconds: Double, hertz: Double = 997)
    -> [Int16]
  {
    var samples: [Int16] = []
    for frame in 0..<Int(seconds * 48_000) {
      let wave = sin(2 * .pi * hertz * Double(frame) / 48_000) * 32_767
      samples.append(Int16(wave * pow(10, left / 20)))
      samples.append(right.map { Int16(wave * pow(10, $0 / 20)) } ?? 0)
    }
    return samples
  }

  @Test func `a sine has the loudness that BS 1770 gives it`() throws {
    // Full scale in one channel is -3.01 LUFS; the same in both is 3 dB louder.
    #expect(abs(try #require(Loudness.integrated(sine(0, nil, seconds: 3))) + 3.01) < 0.05)
    #expect(abs(try #require(Loudness.integrated(sine(-23, -23, seconds: 3))) + 23) < 0.1)
    // Low notes count less: the K weighting takes 1 dB at 100 Hz and more below.
    let low = try #require(Loudness.integrated(sine(-23, -23, seconds: 3, hertz: 40)))
    #expect(low < -27)
  }

  @Test func `silence and what is far below the rest do not count`() throws {
    // As case 3 of EBU Tech 3341, but shorter: the blocks at both edges count for more.
    let samples =
      sine(-36, -36, seconds: 2) + sine(-23, -23, seconds: 12) + sine(-36, -36, seconds: 2)
    #expect(abs(try #require(Loudness.integrated(samples)) + 23) < 0.25)
    #expect(Loudness.integrated([Int16](repeating: 0, count: 96_000)) == nil)
    #expect(Loudness.integrated([]) == nil)
    #expect(Loudness.integrated(sine(-20, -20, seconds: 0.1)) != nil)
  }

  /// Short decaying notes: peaks far above their loudness.
  private var plucked: [Int16] {
    (0..<48_000 * 6).flatMap { frame -> [Int16] in
      let time = Double(frame % 24_000) / 48_000
      let value = Int16(sin(2 * .pi * 440 * time) * exp(-12 * time) * 6000)
      return [value, value]
    }
  }

  @Test(arguments: [(-16.0, -1.0), (-23, -6), (-14, -1)])
  func `a sound comes to its loudness and stays below its peak`(loudness: Double, peak: Double)
    throws
  {
    var samples = plucked
    SoundLevel(loudness: loudness, peak: peak).apply(to: &samples)
    let loudest = samples.map { abs(Double($0)) }.max() ?? 0
    #expect(20 * log10(loudest / 32_768) < peak)
    #expect(try #require(TruePeak.of(samples)) <= peak + 0.001)
    #expect(abs(try #require(Loudness.integrated(samples)) - loudness) < 0.6)
  }

  @Test func `without a loudness only the peaks are touched`() {
    var samples = plucked
    SoundLevel(loudness: nil, peak: 0).apply(to: &samples)
    #expect(samples == plucked)
    SoundLevel(loudness: nil, peak: -20).apply(to: &samples)
    #expect((samples.map { abs(Double($0)) }.max() ?? 0) < 3277)
    var silence = [Int16](repeating: 0, count: 1000)
    SoundLevel().apply(to: &silence)
    #expect(silence == [Int16](repeating: 0, count: 1000))
  }

  @Test(arguments: [(12_000.0, 0.25), (6000, 0.125), (997, 0)])
  func `peaks between the samples are found`(hertz: Double, cycles: Double) throws {
    // A quarter of the rate at 45 degrees: every sample is 3 dB below the peak (EBU Tech 3341, 15).
    let samples = (0..<9600).flatMap { frame -> [Int16] in
      let phase = 2 * Double.pi * (hertz * Double(frame) / 48_000 + cycles / 2)
      let value = Int16((sin(phase) * 16_384).rounded())
      return [value, 0]
    }
    let peak = try #require(TruePeak.of(samples))
    #expect(abs(peak + 6.02) < 0.3, "\(peak)")
    #expect(TruePeak.of([Int16](repeating: 0, count: 100)) == nil)
  }

  @Test func `a sound whose peaks lie between its samples stays below its level all the same`()
    throws
  {
    var samples = (0..<48_000 * 2).flatMap { frame -> [Int16] in
      let value = Int16(sin(2 * .pi * (0.25 * Double(frame) + 0.125)) * 30_000)
      return [value, value]
    }
    SoundLevel(loudness: nil, peak: -1).apply(to: &samples)
    #expect(try #require(TruePeak.of(samples)) <= -0.999)
  }
}
