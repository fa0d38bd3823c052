/// A run of notes that a melody shares with a tune of one of some repertoires, in any key.
public struct SharedRun: Hashable, Sendable {
  /// Which of the repertoires.
  public var repertoire: Int
  public var match: MelodyIndex.Match
}

extension Collection<Repertoire> where Index == Int {
  /// The longest run at the end of a melody; of equally long ones that of the first repertoire. nil
  /// where not even `MelodyIndex.leastNotes` are shared.
  func longestRun(endOf intervals: ArraySlice<Int8>, then next: Int8? = nil) -> SharedRun? {
    var longest: SharedRun?
    for (index, repertoire) in enumerated() {
      if let match = repertoire.melodies.match(endOf: intervals, then: next),
        match.notes > longest?.match.notes ?? 0
      {
        longest = SharedRun(repertoire: index, match: match)
      }
    }
    return longest
  }
}

/// Notes in a row of a melody that stand in a known tune.
public struct SharedPassage: Hashable, Sendable {
  public var notes: Int
  /// From the first note to the last.
  public var bytes: Range<Int>
  /// Of the known tune.
  public var title: String

  public init(notes: Int, bytes: Range<Int>, title: String) {
    self.notes = notes
    self.bytes = bytes
    self.title = title
  }
}

extension WrittenMelody {
  /// The runs of notes that the melody shares with tunes of some repertoires: those that cannot be
  /// longer at their end, in the order of their ends. About a microsecond a note.
  public func sharedPassages(with repertoires: [Repertoire]) -> [SharedPassage] {
    guard !repertoires.isEmpty else { return [] }
    let notes = notes(writtenBars)
    let intervals = TuneMeasures.intervals(notes)
    var passages: [SharedPassage] = []
    var before: SharedRun?
    func end(_ run: SharedRun?, at last: Int) {
      guard let run else { return }
      let first = last - run.match.notes + 1
      passages.append(
        SharedPassage(
          notes: run.match.notes,
          bytes: notes[first].bytes
            .lowerBound..<max(notes[last].bytes.upperBound, notes[first].bytes.upperBound),
          title: repertoires[run.repertoire].title(of: run.match.melody)))
    }
    for count in intervals.indices.map({ $0 + 1 }) where count >= MelodyIndex.leastIntervals {
      let run = repertoires.longestRun(endOf: intervals[..<count])
      // A run that goes on has one note more.
      if run?.match.notes ?? 0 <= before?.match.notes ?? 0 { end(before, at: count - 1) }
      before = run
    }
    end(before, at: intervals.count)
    return passages
  }
}
