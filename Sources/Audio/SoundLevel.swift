import Glibc

/// How loud a sound file is made: its loudness, and what its peaks may reach.
public struct SoundLevel: Hashable, Sendable {
  /// Integrated loudness (ITU-R BS.1770) in LUFS, -60...0; `nil` = as the synthesizer plays.
  public var loudness: Double?
  /// No sample is louder than this, in dBFS, -30...0.
  public var peak: Double

  public static let loudnessRange = -60.0...0.0
  public static let peakRange = -30.0...0.0

  /// What streaming services and phones expect.
  public init(loudness: Double? = -16, peak: Double = -1) {
    self.loudness = loudness
    self.peak = peak
  }
}

extension SoundLevel {
  /// Brings interleaved stereo samples of 48 kHz to this level. Silence stays silent.
  func apply(to samples: inout [Int16]) {
    let ceiling = pow(10, (peak - 0.05) / 20) * 32_768
    guard let loudness else {
      samples = SoundLevel.limited(samples, gain: 1, ceiling: ceiling)
      return
    }
    guard let measured = Loudness.integrated(samples) else { return }
    var gain = pow(10, (loudness - measured) / 20)
    var result = SoundLevel.limited(samples, gain: gain, ceiling: ceiling)
    // What the peaks lost is given back to all of it, as far as that goes.
    for _ in 0..<3 {
      guard let reached = Loudness.integrated(result), loudness - reached > 0.1 else { break }
      gain *= pow(10, (loudness - reached) / 20)
      result = SoundLevel.limited(samples, gain: gain, ceiling: ceiling)
    }
    samples = result
  }

  /// Multiplies by `gain` and keeps every sample within `ceiling`: a limiter that looks 5 ms ahead.
  ///
  /// The gain that each frame allows is taken as the least of its neighbours' and then as their
  /// mean, so it moves slowly and never allows too much.
  private static func limited(_ samples: [Int16], gain: Double, ceiling: Double) -> [Int16] {
    let frames = samples.count / 2
    var allowed = [Float](repeating: 1, count: frames)
    var isLimited = false
    for frame in 0..<frames {
      let loudest =
        max(
          abs(Double(samples[frame * 2])), abs(Double(samples[frame * 2 + 1]))) * gain
      if loudest > ceiling {
        allowed[frame] = Float(ceiling / loudest)
        isLimited = true
      }
    }
    if isLimited { allowed = mean(least(allowed)) }
    var result = samples
    for frame in 0..<frames {
      let factor = gain * Double(allowed[frame])
      for index in frame * 2...frame * 2 + 1 {
        let value = (Double(samples[index]) * factor).rounded()
        result[index] = Int16(min(max(value, -ceiling), ceiling))
      }
    }
    return result
  }

  /// Frames that a gain change takes to either side.
  private static let reach = Synth.sampleRate / 200

  /// The least of the values within reach of each place.
  private static func least(_ values: [Float]) -> [Float] {
    var result = values
    // Places whose value may still be the least, rising.
    var candidates: [Int] = []
    var first = 0
    for index in 0..<values.count + reach {
      if index < values.count {
        while candidates.count > first, values[candidates[candidates.count - 1]] >= values[index] {
          candidates.removeLast()
        }
        candidates.append(index)
      }
      let place = index - reach
      guard place >= 0 else { continue }
      while candidates[first] < place - reach { first += 1 }
      result[place] = values[candidates[first]]
    }
    return result
  }

  /// The mean of the values within reach of each place; beyond the ends they go on as they are.
  private static func mean(_ values: [Float]) -> [Float] {
    guard let last = values.last, let start = values.first else { return values }
    var result = values
    var sum = Double(start) * Double(reach)
    func value(_ index: Int) -> Double {
      Double(index < 0 ? start : index < values.count ? values[index] : last)
    }
    for index in 0...reach { sum += value(index) }
    for index in values.indices {
      result[index] = Float(sum / Double(2 * reach + 1))
      sum += value(index + reach + 1) - value(index - reach)
    }
    return result
  }
}
