/// Random numbers by position: there is no state to keep or to lose.
///
/// The number of a character depends on the seed, the run and the character's index and on nothing
/// else, so pausing, rewinding or resizing the screen cannot change what comes next.
public enum RandomSource {
  /// A number in `0..<1` with 53 random bits.
  ///
  /// Philox 4x32 with ten rounds (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3",
  /// 2011): the counter is `(index, run)`, the key `rng`.
  public static func uniform(rng: UInt64, run: UInt64, index: UInt64) -> Double {
    let words = philox(
      counter: (
        UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: index >> 32),
        UInt32(truncatingIfNeeded: run), UInt32(truncatingIfNeeded: run >> 32)
      ),
      key: (UInt32(truncatingIfNeeded: rng), UInt32(truncatingIfNeeded: rng >> 32)))
    let bits = UInt64(words.0) << 32 | UInt64(words.1)
    return Double(bits >> 11) * 0x1p-53
  }

  typealias Counter = (UInt32, UInt32, UInt32, UInt32)

  static func philox(counter: Counter, key: (UInt32, UInt32)) -> Counter {
    var (a, b, c, d) = counter
    var (low, high) = key
    for _ in 0..<10 {
      let first = UInt64(a) &* 0xd251_1f53
      let second = UInt64(c) &* 0xcd9e_8d57
      (a, b, c, d) = (
        UInt32(truncatingIfNeeded: second >> 32) ^ b ^ low,
        UInt32(truncatingIfNeeded: second),
        UInt32(truncatingIfNeeded: first >> 32) ^ d ^ high,
        UInt32(truncatingIfNeeded: first)
      )
      low &+= 0x9e37_79b9
      high &+= 0xbb67_ae85
    }
    return (a, b, c, d)
  }
}
