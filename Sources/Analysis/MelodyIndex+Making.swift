extension MelodyIndex {
  /// An index of some melodies, each given by its intervals in semitones.
  ///
  /// Costs about a second for half a million notes. Melodies beyond 2^24 − 1 intervals in all are
  /// left out, as three bytes cannot name their places.
  public init(_ melodies: [[Int8]]) {
    var all: [Int8] = []
    all.reserveCapacity(melodies.reduce(0) { $0 + $1.count + 1 })
    var firsts: [Int] = []
    for melody in melodies where all.count + melody.count < 1 << 24 {
      firsts.append(all.count)
      all.append(Self.separator)
      all += melody.map { max($0, -.max) }
    }
    var bytes = all.map { UInt8(bitPattern: $0) }
    let text = 0..<bytes.count
    for place in Self.sortedPlaces(all) {
      for shift in [0, 8, 16] { bytes.append(UInt8(truncatingIfNeeded: place >> shift)) }
    }
    let order = text.upperBound..<bytes.count
    for first in firsts {
      for shift in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: first >> shift)) }
    }
    self.init(bytes: bytes, text: text, order: order, starts: order.upperBound..<bytes.count)
  }

  /// A place in the text, and the eight intervals that lead to it as one number that sorts as they
  /// do, the last one first.
  private struct Place {
    var key: UInt64
    var at: Int
  }

  /// The places with enough intervals before them, sorted by what leads to them.
  private static func sortedPlaces(_ all: [Int8]) -> [Int] {
    var places: [Place] = []
    places.reserveCapacity(all.count)
    var run = 0
    var key: UInt64 = 0
    for (at, interval) in all.enumerated() {
      run = interval == separator ? 0 : run + 1
      // The newest interval belongs into the highest byte.
      key = key >> 8 | UInt64(UInt8(bitPattern: interval) ^ 0x80) << 56
      if run >= leastIntervals { places.append(Place(key: key, at: at)) }
    }
    all.withUnsafeBufferPointer { all in
      places.sort { first, second in
        if first.key != second.key { return first.key < second.key }
        var (one, other) = (first.at - leastIntervals, second.at - leastIntervals)
        while all[one] == all[other], all[one] != separator {
          one -= 1
          other -= 1
        }
        return all[one] == all[other] ? first.at < second.at : all[one] < all[other]
      }
    }
    return places.map(\.at)
  }
}
