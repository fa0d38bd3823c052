/// An index of melodies by their intervals, in any key: a suffix array of the melodies read
/// backwards.
///
/// It answers, for a melody that grows note by note, how many of its last notes stand in a row in
/// one of the melodies (matching statistics): one binary search a note, without a state of its own
/// and without memory, so that going back costs nothing.
public struct MelodyIndex: Sendable {
  /// The fewest intervals that are looked for; shorter runs say nothing about a melody.
  public static let leastIntervals = 8
  /// Notes in the shortest run that is found.
  public static let leastNotes = leastIntervals + 1

  /// A run of intervals at the end of a melody that one of the melodies of the index shares.
  public struct Match: Hashable, Sendable {
    /// Notes in the run: one more than its intervals.
    public var notes: Int
    /// Index of the melody.
    public var melody: Int
    /// The last note of the run, counted from 0 within that melody.
    public var lastNote: Int
  }

  // Everything lies in one block of bytes, as in the file: the melodies one after another, each
  // behind a byte that is no interval; the places where runs end, sorted by what precedes them,
  // three bytes each; where each melody starts, four bytes each.
  let bytes: [UInt8]
  let text: Range<Int>
  let order: Range<Int>
  let starts: Range<Int>

  /// Stands before each melody; lower than every interval.
  static let separator = Int8.min

  /// The number of melodies.
  public var count: Int { starts.count / 4 }
  /// Intervals of all melodies together.
  public var intervalCount: Int { text.count - count }

  // MARK: Searching

  /// The longest run of notes at the end of a melody that a melody of the index shares with it.
  ///
  /// - Parameters:
  ///   - intervals: Semitones from each note to the next, the last one last.
  ///   - next: One more interval at the end.
  ///   - excluded: A melody that does not count.
  /// - Returns: nil where not even `leastNotes` notes are shared.
  public func match(
    endOf intervals: ArraySlice<Int8>, then next: Int8? = nil, excluding excluded: Int? = nil
  ) -> Match? {
    intervals.withUnsafeBufferPointer {
      match(Past(intervals: $0, next: next), excluding: excluded)
    }
  }

  /// Intervals as they are compared: from the last one backwards.
  private struct Past {
    var intervals: UnsafeBufferPointer<Int8>
    var next: Int8?

    var count: Int { intervals.count + (next == nil ? 0 : 1) }

    /// The interval so many before the last.
    subscript(back: Int) -> Int8 {
      guard let next else { return intervals[intervals.count - 1 - back] }
      return back == 0 ? next : intervals[intervals.count - back]
    }
  }

  /// The longest run anywhere in a melody; of equally long ones the first.
  public func longestMatch(_ intervals: [Int8], excluding excluded: Int? = nil) -> Match? {
    var best: Match?
    guard intervals.count >= Self.leastIntervals else { return nil }
    for end in Self.leastIntervals...intervals.count {
      if let found = match(endOf: intervals[..<end], excluding: excluded),
        found.notes > best?.notes ?? 0
      {
        best = found
      }
    }
    return best
  }

  /// The melodies that share most runs of `leastNotes` notes with a melody, the most first.
  public func melodiesSharingMost(_ intervals: [Int8], limit: Int) -> [Int] {
    guard intervals.count >= Self.leastIntervals else { return [] }
    var shared: [Int: Int] = [:]
    for end in Self.leastIntervals...intervals.count {
      for melody in melodies(sharing: intervals[(end - Self.leastIntervals)..<end]) {
        shared[melody, default: 0] += 1
      }
    }
    return shared.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(max(limit, 0))
      .map(\.key)
  }

  /// The melodies in which a run of `leastIntervals` stands.
  private func melodies(sharing run: ArraySlice<Int8>) -> Set<Int> {
    run.withUnsafeBufferPointer { run in
      let history = Past(intervals: run, next: nil)
      return bytes.withUnsafeBufferPointer { bytes in
        var found: Set<Int> = []
        let lower = lowerBound(bytes, history)
        for (first, step) in [(lower - 1, -1), (lower, 1)] {
          var index = first
          while index >= 0, index < order.count / 3 {
            let place = place(bytes, index)
            guard compare(bytes, place, history).common >= Self.leastIntervals else { break }
            found.insert(melody(bytes, at: place))
            index += step
          }
        }
        return found
      }
    }
  }

  /// The first place in the order whose past is not lower than a history.
  private func lowerBound(_ bytes: UnsafeBufferPointer<UInt8>, _ history: Past) -> Int {
    var lower = 0
    var upper = order.count / 3
    while lower < upper {
      let middle = (lower + upper) / 2
      if compare(bytes, place(bytes, middle), history).isLower {
        lower = middle + 1
      } else {
        upper = middle
      }
    }
    return lower
  }

  private func match(_ history: Past, excluding excluded: Int?) -> Match? {
    guard history.count >= Self.leastIntervals, !order.isEmpty else { return nil }
    return bytes.withUnsafeBufferPointer { bytes in
      let lower = lowerBound(bytes, history)
      // What has most in common with the history is beside it in the order, and the further away
      // the less.
      let before = nearest(bytes, history, from: lower - 1, by: -1, excluding: excluded)
      let after = nearest(bytes, history, from: lower, by: 1, excluding: excluded)
      let best = before.length > after.length ? before : after
      guard best.length >= Self.leastIntervals else { return nil }
      return match(bytes, at: best.place, length: best.length)
    }
  }

  private func nearest(
    _ bytes: UnsafeBufferPointer<UInt8>, _ history: Past, from first: Int,
    by step: Int, excluding excluded: Int?
  ) -> (place: Int, length: Int) {
    var index = first
    while index >= 0, index < order.count / 3 {
      let place = place(bytes, index)
      let length = compare(bytes, place, history).common
      guard length >= Self.leastIntervals else { break }
      if excluded == nil || melody(bytes, at: place) != excluded { return (place, length) }
      index += step
    }
    return (0, 0)
  }

  private func match(_ bytes: UnsafeBufferPointer<UInt8>, at place: Int, length: Int) -> Match {
    let melody = melody(bytes, at: place)
    return Match(
      notes: length + 1, melody: melody, lastNote: max(place - start(bytes, melody), 0))
  }

  /// How many intervals before and at a place are those at the end of a history, and whether the
  /// place comes before the history in the order.
  private func compare(
    _ bytes: UnsafeBufferPointer<UInt8>, _ place: Int, _ history: Past
  ) -> (common: Int, isLower: Bool) {
    var common = 0
    var at = text.lowerBound + place
    while common < history.count, at >= text.lowerBound {
      let own = Int8(bitPattern: bytes[at])
      let other = history[common]
      if own == Self.separator || own != other { return (common, own < other) }
      common += 1
      at -= 1
    }
    return (common, false)
  }

  /// Where a run ends that is the `index`-th in the order: a place in the text. A damaged file
  /// cannot lead outside it.
  private func place(_ bytes: UnsafeBufferPointer<UInt8>, _ index: Int) -> Int {
    let at = order.lowerBound + 3 * index
    let place = Int(bytes[at]) | Int(bytes[at + 1]) << 8 | Int(bytes[at + 2]) << 16
    return min(place, text.count - 1)
  }

  private func start(_ bytes: UnsafeBufferPointer<UInt8>, _ melody: Int) -> Int {
    let at = starts.lowerBound + 4 * melody
    return (0..<4).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) }
  }

  /// The melody that holds a place: the last that starts at or before it.
  private func melody(_ bytes: UnsafeBufferPointer<UInt8>, at place: Int) -> Int {
    var lower = 0
    var upper = count
    while upper - lower > 1 {
      let middle = (lower + upper) / 2
      if start(bytes, middle) <= place { lower = middle } else { upper = middle }
    }
    return lower
  }
}
