import Analysis

/// What melodies of a corpus have in common with others, in any key.
public struct SharedRuns: Sendable {
  /// The most notes in a row that a melody shares with one tune.
  public struct Match: Hashable, Sendable {
    public var notes: Int
    /// Index of the tune in the corpus.
    public var tune: Int
  }

  private let index: MelodyIndex

  public init(_ corpus: [ModelTune]) { index = MelodyIndex(corpus.map { Self.intervals($0) }) }

  /// Pitches only, as written; nil where not even `MelodyIndex.leastNotes` are shared.
  public func longest(with tune: ModelTune) -> Match? {
    index.longestMatch(Self.intervals(tune)).map { Match(notes: $0.notes, tune: $0.melody) }
  }

  /// The tunes that share most runs of `MelodyIndex.leastNotes` with a tune, most first.
  public func nearest(to tune: ModelTune, limit: Int) -> [Int] {
    index.melodiesSharingMost(Self.intervals(tune), limit: limit)
  }

  private static func intervals(_ tune: ModelTune) -> [Int8] {
    Melody(tune).intervals.map { Int8(clamping: $0) }
  }
}
