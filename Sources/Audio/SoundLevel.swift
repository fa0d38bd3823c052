import Glibc

/// How loud a sound file is made: its loudness, and what its peaks may reach.
public struct SoundLevel: Hashable, Sendable {
  /// Integrated loudness (ITU-R BS.1770) in LUFS, -60...0; `nil` = as the synthesizer plays.
  public var loudness: Double?
  /// No peak is louder than this, between the samples, too, in dBTP (ITU-R BS.1770), -30...0.
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
      let peaks = TruePeak.peaks(of: samples, above: ceiling)
      samples = lowered(SoundLevel.limited(samples, peaks, gain: 1, ceiling: ceiling))
      return
    }
    guard let measured = Loudness.integrated(samples) else { return }
    var gain = pow(10, (loudness - measured) / 20)
    // Exact for twice the gain, too, which giving back seldom reaches.
    var exactGain = 2 * gain
    var peaks = TruePeak.peaks(of: samples, above: ceiling / exactGain)
    var result = SoundLevel.limited(samples, peaks, gain: gain, ceiling: ceiling)
    // What the peaks lost is given back to all of it, as far as that goes.
    for _ in 0..<3 {
      guard let reached = Loudness.integrated(result), loudness - reached > 0.1 else { break }
      gain *= pow(10, (loudness - reached) / 20)
      if gain > exactGain {
        exactGain = 2 * gain
        peaks = TruePeak.peaks(of: samples, above: ceiling / exactGain)
      }
      result = SoundLevel.limited(samples, peaks, gain: gain, ceiling: ceiling)
    }
    samples = lowered(result)
  }

  /// A gain that moves makes new peaks between the samples, if only by hundredths of a decibel:
  /// all of the sound gives way by as much.
  private func lowered(_ samples: [Int16]) -> [Int16] {
    let most = pow(10, peak / 20) * 32_768
    let loudest = Double(TruePeak.peaks(of: samples, above: most).max() ?? 0)
    guard loudest > most else { return samples }
    return samples.map { Int16((Double($0) * most / loudest).rounded(.towardZero)) }
  }

  /// Multiplies by `gain` and keeps every peak within `ceiling`: a limiter that looks 5 ms ahead.
  ///
  /// The gain that each frame allows is taken as the least of its neighbours' and then as their
  /// mean, so it moves slowly and never allows too much.
  ///
  /// - Parameter peaks: Of each frame, as `TruePeak.peaks` gives them.
  private static func limited(
    _ samples: [Int16], _ peaks: [Float], gain: Double, ceiling: Double
  ) -> [Int16] {
    let frames = samples.count / 2
    var allowed = [Float](repeating: 1, count: frames)
    var isLimited = false
    for frame in 0..<frames {
      let loudest = Double(peaks[frame]) * gain
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
