import Music

/// What is measured of a written melody, without knowing other tunes.
public struct TuneMeasures: Sendable {
  public let melody: WrittenMelody
  /// Everything but `rhythmKnown` and `sharedRun`, which need a repertoire.
  public internal(set) var panel = Panel()
  /// Bars of the wrong length: places in `melody.bars`.
  public private(set) var wrongBars: [Int] = []
  /// Different pitches, octaves left out.
  public let pitchClassCount: Int
  /// The lowest and the highest pitch; nil without a note.
  public let range: ClosedRange<Int>?
  /// Notes and rests of the full bars by their lengths, with the bars' places.
  let rhythms: [(bar: Int, lengths: [Fraction])]
  /// For each full bar but the first: the earlier full bar most like it.
  public private(set) var echoes: [Echo] = []
  /// Semitones from note to note, second endings after first ones.
  public let intervals: [Int8]

  /// A bar, and the earlier bar that is most like it.
  public struct Echo: Hashable, Sendable {
    /// Places in the melody's bars.
    public var bar: Int
    public var earlier: Int
    public var likeness: Double
    public var isSame: Bool { likeness >= Likeness.same }
  }

  /// How many bars back one is looked for again: more than a folk tune has, but a book that is read
  /// as one tune must not take minutes.
  private static let remembered = 256

  /// Fewer notes are no tune yet: nothing is measured of them.
  public static let leastNotes = 16

  public init(_ melody: WrittenMelody) {
    self.melody = melody
    let written = melody.writtenBars
    let notes = melody.notes(written)
    let pitches = notes.compactMap(\.pitch)
    pitchClassCount = Set(pitches.map { $0 % 12 }).count
    range = pitches.min().flatMap { low in pitches.max().map { low...$0 } }
    rhythms = melody.fullBars(written).map { ($0, melody.bars[$0].notes.map(\.length)) }
    intervals = Self.intervals(notes)
    guard pitches.count >= Self.leastNotes else { return }
    measureBars()
    measurePitches(notes)
    measureForm()
    measureCadences()
    measureParts()
    measureRepetition(written)
  }

  /// Semitones from note to note.
  static func intervals(_ notes: [WrittenMelody.Note]) -> [Int8] {
    let pitches = notes.compactMap(\.pitch)
    return zip(pitches.dropFirst(), pitches).map { Int8(clamping: $0 - $1) }
  }

  // MARK: Bars

  private mutating func measureBars() {
    var count = 0
    for part in melody.parts {
      let bars = part.bars.map { melody.bars[$0] }
      for (index, bar) in bars.enumerated() {
        guard let expected = bar.expected else { continue }
        count += 1
        if bar.length == expected || index == 0 || index == bars.count - 1 { continue }
        let fits =
          bar.length + bars[index + 1].length == expected
          || bars[index - 1].length + bar.length == expected
        if !fits { wrongBars.append(part.bars[index]) }
      }
    }
    guard count > 0 else { return }
    panel[.innerBarsRight] = 1 - Double(wrongBars.count) / Double(count)
  }

  // MARK: Pitches

  private mutating func measurePitches(_ notes: [WrittenMelody.Note]) {
    guard let range else { return }
    panel[.onFiddle] = Self.share(range.lowerBound >= 55 && range.upperBound <= 83)
    panel[.onWhistle] = Self.share(range.lowerBound >= 62 && range.upperBound <= 83)
    panel[.ambitus] = Double(range.upperBound - range.lowerBound)
    panel[.outsideKey] = Double(notes.count { !$0.isInKey }) / Double(notes.count)
  }

  // MARK: Form

  private mutating func measureForm() {
    guard melody.bars.contains(where: { $0.expected != nil }) else { return }
    let lengths = melody.parts.map { melody.length(of: $0) }
    let rounded = lengths.map(Self.rounded)
    panel[.partsOfEight] = Self.share(rounded.allSatisfy { $0 == 8 })
    panel[.partsOfFourEightSixteen] = Self.share(rounded.allSatisfy { [4, 8, 16].contains($0) })
    panel[.wholeParts] = Self.share(lengths.allSatisfy { $0.denominator == 1 })
    panel[.endings] = Self.share(melody.parts.contains { !$0.laterEndings.isEmpty })
  }

  /// The nearest whole number; of two equally near ones the even one.
  static func rounded(_ length: Fraction) -> Int {
    let double = 2 * length.numerator
    let below = length.numerator / length.denominator
    let rest = double - 2 * below * length.denominator
    if rest == length.denominator { return below + below % 2 }
    return rest > length.denominator ? below + 1 : below
  }

  // MARK: Cadences

  private mutating func measureCadences() {
    if let final = finalNote { panel[.finalTonic] = Self.share(final.isTonic) }
    let closes = melody.parts.compactMap(cadence).map { Self.share($0.note.isTonic) }
    panel[.tonicCadences] = Self.mean(closes) ?? 0
    let halves = melody.parts.compactMap(halfCadence).map { Self.share(!$0.note.isTonic) }
    panel[.fourthBarOpen] = Self.mean(halves)
  }

  /// The last written note: of the last part's second ending where it has one.
  public var finalNote: WrittenMelody.Note? {
    guard let part = melody.parts.last else { return nil }
    let last = part.laterEndings.isEmpty ? part.bars : part.laterEndings
    return melody.notes(last).last ?? melody.notes(melody.writtenBars).last
  }

  /// Where a part comes to rest: the last note that starts in the first half of its last bar of more
  /// than half the meter's length.
  private func cadence(_ part: WrittenMelody.Part) -> (bar: Int, note: WrittenMelody.Note)? {
    guard
      let bar = part.bars.last(where: { place in
        melody.bars[place].expected.map { melody.bars[place].length > $0 / Fraction(2) } ?? false
      })
    else { return nil }
    return lastInFirstHalf(bar).map { (bar, $0) }
  }

  /// The same place in the fourth bar of a part of eight.
  private func halfCadence(_ part: WrittenMelody.Part) -> (bar: Int, note: WrittenMelody.Note)? {
    let full = melody.fullBars(part.bars)
    guard Self.rounded(melody.length(of: part)) == 8, full.count >= 7 else { return nil }
    return lastInFirstHalf(full[3]).map { (full[3], $0) }
  }

  private func lastInFirstHalf(_ place: Int) -> WrittenMelody.Note? {
    let bar = melody.bars[place]
    guard let expected = bar.expected else { return nil }
    return bar.notes.last { $0.pitch != nil && $0.start <= expected / Fraction(2) }
  }

  // MARK: Parts

  private mutating func measureParts() {
    guard melody.parts.count >= 2 else { return }
    let (first, second) = (melody.parts[0].bars, melody.parts[1].bars)
    let pitches = [first, second].map { melody.notes($0).compactMap(\.pitch) }
    guard pitches.allSatisfy({ $0.count > 8 }) else { return }
    let means = pitches.map { Double($0.reduce(0, +)) / Double($0.count) }
    panel[.secondPartHigher] = means[1] - means[0]
    panel[.partsAlike] = Likeness.between(grid(first), grid(second))
    let full = [first, second].map { melody.fullBars($0) }
    guard full.allSatisfy({ $0.count >= 6 }) else { return }
    panel[.endsRhyme] = Self.share(
      Likeness.between(grid(full[0].suffix(2)), grid(full[1].suffix(2))) >= Likeness.same)
  }

  private func grid(_ places: some Sequence<Int>, unit: Fraction? = nil) -> Likeness.Grid {
    Likeness.grid(places.lazy.flatMap { melody.bars[$0].notes }, unit: unit ?? melody.unit)
  }

  // MARK: Repetition

  private mutating func measureRepetition(_ written: [Int]) {
    let (eighth, sixteenth) = (Fraction(1, 8), Fraction(1, 16))
    var returns: [Double] = []
    var distinct: [Double] = []
    for part in melody.parts {
      let full = melody.fullBars(part.bars)
      guard full.count >= 7 else { continue }
      let grids = full.prefix(8).map { grid([$0], unit: sixteenth) }
      distinct.append(Double(Set(grids).count) / Double(grids.count))
      let likeness = Likeness.between(
        grid(full[0..<2], unit: eighth), grid(full[4..<6], unit: eighth))
      returns.append(Self.share(likeness >= Likeness.same))
    }
    panel[.fifthBarReturns] = Self.mean(returns)
    panel[.distinctBars] = Self.mean(distinct)
    let full = melody.fullBars(written)
    let fine = full.map { grid([$0], unit: sixteenth) }
    panel[.barsEqualNext] =
      Double(zip(fine, fine.dropFirst()).count { $0 == $1 }) / Double(max(fine.count - 1, 1))
    let grids = full.map { grid([$0], unit: eighth) }
    measureLags(grids)
    measureEchoes(grids, full)
  }

  private mutating func measureLags(_ grids: [Likeness.Grid]) {
    let lags: [(Int, Measure)] = [
      (1, .likenessAfterOne), (2, .likenessAfterTwo), (4, .likenessAfterFour),
      (8, .likenessAfterEight),
    ]
    for (lag, measure) in lags {
      panel[measure] = Self.mean(zip(grids, grids.dropFirst(lag)).map { Likeness.between($0, $1) })
    }
    if let two = panel[.likenessAfterTwo], let four = panel[.likenessAfterFour],
      let eight = panel[.likenessAfterEight]
    {
      panel[.fourBarPeak] = four - (two + eight) / 2
    }
  }

  private mutating func measureEchoes(_ grids: [Likeness.Grid], _ places: [Int]) {
    guard grids.count > 1 else { return }
    for index in 1..<grids.count {
      var best = Echo(bar: places[index], earlier: places[0], likeness: -1)
      for earlier in (max(0, index - Self.remembered)..<index).reversed() {
        let likeness = Likeness.between(grids[index], grids[earlier])
        if likeness > best.likeness {
          best.earlier = places[earlier]
          best.likeness = likeness
        }
        if likeness == 1 { break }
      }
      echoes.append(best)
    }
    panel[.barsSaidBefore] = Double(echoes.count(where: \.isSame)) / Double(echoes.count)
  }

  static func share(_ holds: Bool) -> Double { holds ? 1 : 0 }

  static func mean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }
}
