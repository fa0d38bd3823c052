import Glibc

/// Integrated loudness after ITU-R BS.1770-4: K-weighted, gated, in LUFS.
enum Loudness {
  /// A biquad filter of the second order, in direct form 1.
  private struct Filter {
    let b0, b1, b2, a1, a2: Double
    var x1 = 0.0, x2 = 0.0, y1 = 0.0, y2 = 0.0

    @inline(__always)
    mutating func pass(_ x: Double) -> Double {
      let y = b0 * x + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2
      (x2, x1, y2, y1) = (x1, x, y1, y)
      return y
    }

    /// The two stages of the K weighting at 48 kHz (tables 1 and 2 of the recommendation): what a
    /// head does to high frequencies, and the ear's deafness to low ones.
    static let head = Filter(
      b0: 1.53512485958697, b1: -2.69169618940638, b2: 1.19839281085285,
      a1: -1.69065929318241, a2: 0.73248077421585)
    static let ear = Filter(b0: 1, b1: -2, b2: 1, a1: -1.99004745483398, a2: 0.99007225036621)
  }

  /// - Parameter samples: Interleaved stereo frames of 48 kHz.
  /// - Returns: LUFS; `nil` where nothing is louder than -70 LUFS.
  static func integrated(_ samples: [Int16]) -> Double? {
    // Blocks of 400 ms begin every 100 ms: the energies of the tenths are summed four by four.
    let tenth = Synth.sampleRate / 10
    var tenths: [Double] = []
    var filters = [(Filter.head, Filter.ear), (Filter.head, Filter.ear)]
    var energy = 0.0
    let frames = samples.count / 2
    samples.withUnsafeBufferPointer { samples in
      for frame in 0..<frames {
        for channel in 0..<2 {
          let sample = Double(samples[frame * 2 + channel]) / 32_768
          let weighted = filters[channel].1.pass(filters[channel].0.pass(sample))
          energy += weighted * weighted
        }
        if (frame + 1) % tenth == 0 {
          tenths.append(energy / Double(tenth))
          energy = 0
        }
      }
    }
    // A sound shorter than a block is followed by silence.
    if tenths.count < 4 {
      tenths.append(energy / Double(tenth))
      while tenths.count < 4 { tenths.append(0) }
    }
    let blocks = (3..<tenths.count).map { tenths[$0 - 3...$0].reduce(0, +) / 4 }
    func mean(over gate: Double) -> Double? {
      let loud = blocks.filter { level($0) > gate }
      return loud.isEmpty ? nil : loud.reduce(0, +) / Double(loud.count)
    }
    return mean(over: -70).flatMap { mean(over: level($0) - 10) }.map(level)
  }

  private static func level(_ energy: Double) -> Double { -0.691 + 10 * log10(max(energy, 1e-12)) }
}
