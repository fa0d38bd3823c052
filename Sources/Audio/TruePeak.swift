import Glibc

/// The peaks of the sound between the samples, after annex 2 of ITU-R BS.1770-4: four times as many
/// samples by a filter of 48 coefficients.
enum TruePeak {
  /// One row for each of the four places between two samples.
  private static let phases: [[Float]] = {
    let first: [Float] = [
      0.0017089843750, 0.0109863281250, -0.0196533203125, 0.0332031250000, -0.0594482421875,
      0.1373291015625, 0.9721679687500, -0.1022949218750, 0.0476074218750, -0.0266113281250,
      0.0148925781250, -0.0083007812500,
    ]
    let second: [Float] = [
      -0.0291748046875, 0.0292968750000, -0.0517578125000, 0.0891113281250, -0.1665039062500,
      0.4650878906250, 0.7797851562500, -0.2003173828125, 0.1015625000000, -0.0582275390625,
      0.0330810546875, -0.0189208984375,
    ]
    return [first, second, second.reversed(), first.reversed()]
  }()
  private static let taps = 12
  /// The filter's delay: what it gives for twelve samples lies between the sixth and the seventh.
  private static let delay = 6
  /// No sound rises above its samples by more than this factor (the largest sum of a row's magnitudes).
  private static let mostRise: Float = 2.1
  /// Frames that are looked at together.
  private static let block = 16

  /// For each frame the loudest place from it to the next, of both channels, in units of a sample.
  ///
  /// - Parameters:
  ///   - samples: Interleaved stereo.
  ///   - floor: What lies below it wherever it may rise is taken as the samples are: that is most of
  ///     a tune, and saves the work.
  static func peaks(of samples: [Int16], above floor: Double) -> [Float] {
    let frames = samples.count / 2
    var peaks = [Float](repeating: 0, count: frames)
    for frame in 0..<frames {
      peaks[frame] = max(
        abs(Float(samples[frame * 2])), abs(Float(samples[frame * 2 + 1])))
    }
    let blocks = (frames + block - 1) / block
    let loudest = (0..<blocks).map { index in
      peaks[index * block..<min((index + 1) * block, frames)].max() ?? 0
    }
    for index in 0..<blocks {
      let around = loudest[max(index - 1, 0)...min(index + 1, blocks - 1)].max() ?? 0
      guard Double(around * mostRise) > floor else { continue }
      for frame in index * block..<min((index + 1) * block, frames) {
        for channel in 0..<2 {
          peaks[frame] = max(peaks[frame], between(samples, frame, channel, frames))
        }
      }
    }
    return peaks
  }

  /// The loudest of the four places from a frame on.
  private static func between(
    _ samples: [Int16], _ frame: Int, _ channel: Int, _ frames: Int
  ) -> Float {
    var loudest: Float = 0
    for phase in phases {
      var sum: Float = 0
      for tap in 0..<taps {
        let index = frame + delay - tap
        guard index >= 0, index < frames else { continue }
        sum += phase[tap] * Float(samples[index * 2 + channel])
      }
      loudest = max(loudest, abs(sum))
    }
    return loudest
  }

  /// Of a whole sound, in dBFS; `nil` for silence.
  static func of(_ samples: [Int16]) -> Double? {
    let loudest = peaks(of: samples, above: 0).max() ?? 0
    return loudest > 0 ? 20 * log10(Double(loudest) / 32_768) : nil
  }
}
