import ABC
import Synchronization

/// The tunes that a model has learnt from: their melodies, to see where it copies, and what is usual
/// in each dance, to judge how well a tune is made.
public final class Repertoire: Sendable {
  public let melodies: MelodyIndex
  /// UTF-8: a line for each melody.
  let titles: [UInt8]
  /// UTF-8, as `DanceStatistics.lines` writes them.
  let danceText: [UInt8]
  /// What was read of `danceText`: the copy guard needs none of it, and no start should wait for it.
  private let readDances = Mutex<[DanceStatistics]?>(nil)

  init(melodies: MelodyIndex, titles: [UInt8], danceText: [UInt8]) {
    self.melodies = melodies
    let sum = String(Self.checksum(melodies.bytes[melodies.text]), radix: 16)
    fingerprint = String(repeating: "0", count: 8 - sum.count) + sum
    self.titles = titles
    self.danceText = danceText
  }

  /// By the number of tunes, most first; the last is that of all tunes together. Read at the first
  /// call; none where they cannot be read.
  public var dances: [DanceStatistics] {
    readDances.withLock { dances in
      if let dances { return dances }
      let text = String(validating: danceText, as: UTF8.self) ?? ""
      let read = DanceStatistics.read(text[...]) ?? []
      dances = read
      return read
    }
  }

  /// The name under which the tunes of all dances are counted together.
  public static let everyDance = Dance(name: "all")

  public var tuneCount: Int { melodies.count }

  /// Tells repertoires apart by their melodies: eight hexadecimal digits.
  public let fingerprint: String

  /// The title of a tune; `untitled` where it has none.
  public func title(of tune: Int) -> String {
    guard tune >= 0 else { return "untitled" }
    let line =
      titles.split(separator: 0x0a, maxSplits: tune + 1, omittingEmptySubsequences: false)
      .dropFirst(tune).first ?? []
    return line.isEmpty || line.endIndex == titles.endIndex
      ? "untitled" : String(decoding: line, as: UTF8.self)
  }

  /// What is usual in a dance; where too few tunes of it are known, in its meter; else in all tunes.
  ///
  /// nil only for a repertoire of too few tunes.
  public func statistics(for melody: WrittenMelody) -> DanceStatistics? {
    statistics(of: melody.dance) ?? statistics(of: Dance(name: melody.meter))
      ?? statistics(of: Self.everyDance)
  }

  /// What is usual in exactly this dance.
  public func statistics(of dance: Dance) -> DanceStatistics? {
    dances.first { $0.dance == dance }
  }
}

// MARK: - Making

extension Repertoire {
  /// A tune as a book holds it.
  public struct Tune: Sendable {
    public var title: String
    public var parsed: ParsedTune
    /// The text that was parsed, as UTF-8.
    public var text: [UInt8]

    public init(title: String, parsed: ParsedTune, text: [UInt8]) {
      self.title = title
      self.parsed = parsed
      self.text = text
    }
  }

  /// The repertoire of some tunes, in their order. Costs about a millisecond a tune.
  public convenience init(_ tunes: some Sequence<Tune>) {
    var titles: [String] = []
    var measured: [TuneMeasures] = []
    for tune in tunes {
      let measures = TuneMeasures(WrittenMelody(tune.parsed, text: tune.text))
      guard !measures.intervals.isEmpty else { continue }
      titles.append(String(tune.title.split(separator: "\n").joined(separator: " ").prefix(200)))
      measured.append(measures)
    }
    let melodies = MelodyIndex(measured.map(\.intervals))
    var byDance: [Dance: [DanceStatistics.Sample]] = [:]
    for (index, measures) in measured.enumerated() {
      let run = melodies.longestMatch(measures.intervals, excluding: index)?.notes ?? 0
      for dance in [measures.melody.dance, Self.everyDance] {
        byDance[dance, default: []].append((measures, run))
      }
    }
    let dances = byDance.compactMap { DanceStatistics($0, $1) }.sorted { first, second in
      let (one, other) = (first.dance == Self.everyDance, second.dance == Self.everyDance)
      if one != other { return other }
      return (second.tuneCount, first.dance.name) < (first.tuneCount, second.dance.name)
    }
    self.init(
      melodies: melodies, titles: Array(titles.map { $0 + "\n" }.joined().utf8),
      danceText: Array(dances.flatMap(\.lines).map { $0 + "\n" }.joined().utf8))
  }
}
