/// Keeps a melody whose notes are known one by one from copying: which next notes would make its end
/// the run of so many notes that a rule forbids. `CopyGuard` does the same for ABC character by
/// character.
public struct MelodyGuard: Sendable {
  private let repertoires: [Repertoire]
  /// Notes of the shortest run that is forbidden.
  public let most: Int

  /// nil where nothing is forbidden, or nothing known.
  public init?(_ repertoires: [Repertoire], rule: CopyGuard.Rule) {
    guard case .forbid(let most) = rule, !repertoires.isEmpty else { return nil }
    self.repertoires = repertoires
    self.most = most
  }

  /// The keys that may not follow some others.
  ///
  /// - Parameters:
  ///   - keys: MIDI keys of the melody so far.
  ///   - margin: How many notes earlier than the rule says; no run below
  ///     `MelodyIndex.leastNotes` is found.
  public func forbidden(after keys: [Int], margin: Int = 0) -> Set<Int> {
    let limit = max(most - margin, MelodyIndex.leastNotes)
    guard let last = keys.last, keys.count >= limit - 1 else { return [] }
    let intervals = Self.intervals(keys)
    // No note lengthens a run by more than one.
    let notes = limit == MelodyIndex.leastNotes ? 0 : limit - 1
    guard self.notes(intervals[...]) >= notes else { return [] }
    return Set(
      (max(last - 36, 0)...min(last + 36, 127)).filter { key in
        self.notes(intervals[...], then: Self.interval(last, key)) >= limit
      })
  }

  /// Whether a run that is forbidden ends with one of the last notes of a melody.
  ///
  /// - Parameter count: How many of the last notes are looked at.
  public func isCopy(_ keys: [Int], last count: Int) -> Bool {
    let intervals = Self.intervals(keys)
    return (max(intervals.count - count, 0)..<intervals.count).contains { end in
      notes(intervals[...end]) >= most
    }
  }

  private func notes(_ intervals: ArraySlice<Int8>, then next: Int8? = nil) -> Int {
    repertoires.longestRun(endOf: intervals, then: next)?.match.notes ?? 0
  }

  private static func intervals(_ keys: [Int]) -> [Int8] {
    zip(keys, keys.dropFirst()).map(interval)
  }

  private static func interval(_ first: Int, _ second: Int) -> Int8 {
    Int8(clamping: max(second - first, -127))
  }
}
