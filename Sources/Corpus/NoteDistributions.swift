import Music

/// How often each value of something occurs.
public struct Distribution: Hashable, Sendable {
  public private(set) var counts: [Int: Int] = [:]
  public private(set) var total = 0

  public init() {}

  public mutating func add(_ value: Int, times: Int = 1) {
    counts[value, default: 0] += times
    total += times
  }

  public func share(_ value: Int) -> Double {
    Double(counts[value] ?? 0) / Double(max(total, 1))
  }

  /// The values that occur most often, in ascending order.
  public func mostFrequent(_ limit: Int) -> [(value: Int, count: Int)] {
    counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(limit)
      .sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// Half of the sum of the differences between the shares (total variation): 0 where both are the
  /// same, 1 where they have no value in common; nil where one is empty.
  public func distance(to other: Distribution) -> Double? {
    guard total > 0, other.total > 0 else { return nil }
    // In order, so that rounding is the same in every run.
    let values = Set(counts.keys).union(other.counts.keys).sorted()
    return values.reduce(0) { $0 + abs(share($1) - other.share($1)) } / 2
  }
}

/// Which pitches, intervals, steps and lengths the notes of some music have.
public struct NoteDistributions: Hashable, Sendable {
  /// Parts of a quarter note that steps and lengths are counted in: whole for triplets and 32nds.
  public static let partsOfQuarter = 24
  /// What is longer than two bars of 4/4 is counted as that.
  static let longest = 8 * partsOfQuarter

  /// MIDI keys.
  public private(set) var pitches = Distribution()
  /// Half tones from the note before.
  public private(set) var intervals = Distribution()
  /// Parts of a quarter since the note before began.
  public private(set) var steps = Distribution()
  /// Parts of a quarter that a note lasts.
  public private(set) var lengths = Distribution()

  public init() {}

  /// Counts the notes of a piece; accompaniment is left out.
  public mutating func add(_ performance: Performance) {
    var before: Performance.Note?
    for note in performance.melody {
      pitches.add(note.pitch.key)
      lengths.add(Self.parts(note.end.count - note.start.count))
      if let before {
        intervals.add(note.pitch.key - before.pitch.key)
        steps.add(Self.parts(note.start.count - before.start.count))
      }
      before = note
    }
  }

  private static func parts(_ ticks: Int) -> Int {
    let part = Tick.perQuarter / partsOfQuarter
    return min(longest, (max(0, min(ticks, longest * part)) + part / 2) / part)
  }

  /// A length or step as people write it, in quarters: `1/2`, `3`, `1 1/2`.
  public static func quarters(_ parts: Int) -> String {
    let whole = parts / partsOfQuarter
    let rest = parts % partsOfQuarter
    guard rest > 0 else { return "\(whole)" }
    var divisor = partsOfQuarter
    var remainder = rest
    while remainder > 0 { (divisor, remainder) = (remainder, divisor % remainder) }
    let fraction = "\(rest / divisor)/\(partsOfQuarter / divisor)"
    return whole == 0 ? fraction : "\(whole) \(fraction)"
  }
}

extension Performance {
  /// The notes of melody tracks, by onset, then pitch; of all but drums where there is no melody.
  public var melody: [Note] {
    func role(_ note: Note) -> Track.Role {
      tracks.indices.contains(note.track) ? tracks[note.track].role : .melody
    }
    var chosen = notes.filter { role($0) == .melody }
    if chosen.isEmpty { chosen = notes.filter { role($0) != .drums } }
    return chosen.sorted { ($0.start, $0.pitch) < ($1.start, $1.pitch) }
  }
}
