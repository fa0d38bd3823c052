/// What melodies of a corpus have in common with others, in any key.
public struct SharedRuns: Sendable {
  /// The most notes in a row that a melody shares with one tune.
  public struct Match: Hashable, Sendable {
    public var notes: Int
    /// Index of the tune in the corpus.
    public var tune: Int
  }

  private let melodies: [[Int]]
  private var places: [[Int]: [(tune: Int, at: Int)]] = [:]
  /// Intervals that two melodies share before they are compared at all.
  private static let seed = 6

  public init(_ corpus: [ModelTune]) {
    melodies = corpus.map { Melody($0).intervals }
    for (tune, melody) in melodies.enumerated() where melody.count >= Self.seed {
      for at in 0...melody.count - Self.seed {
        places[Array(melody[at..<at + Self.seed]), default: []].append((tune, at))
      }
    }
  }

  /// Pitches only, as written; nil where not even seven notes are shared.
  public func longest(with melody: Melody) -> Match? {
    let own = melody.intervals
    guard own.count >= Self.seed else { return nil }
    var best: Match?
    for start in 0...own.count - Self.seed {
      for place in places[Array(own[start..<start + Self.seed])] ?? [] {
        let other = melodies[place.tune]
        var length = Self.seed
        while start + length < own.count, place.at + length < other.count,
          own[start + length] == other[place.at + length]
        {
          length += 1
        }
        if length + 1 > best?.notes ?? 0 { best = Match(notes: length + 1, tune: place.tune) }
      }
    }
    return best
  }

  /// The tunes that share most runs of seven notes with a melody, most first.
  public func nearest(to melody: Melody, limit: Int) -> [Int] {
    let own = melody.intervals
    guard own.count >= Self.seed else { return [] }
    var shared: [Int: Int] = [:]
    for start in 0...own.count - Self.seed {
      let tunes = Set((places[Array(own[start..<start + Self.seed])] ?? []).map(\.tune))
      for tune in tunes { shared[tune, default: 0] += 1 }
    }
    return shared.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(limit).map(\.key)
  }
}
