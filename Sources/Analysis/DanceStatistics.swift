import Music

/// What the tunes of one dance have in common: the reference against which tunes of it are judged.
public struct DanceStatistics: Hashable, Sendable {
  public let dance: Dance
  public let tuneCount: Int
  /// The least share of bars said before with which a tune counts as holding together: that of the
  /// tenth part of the tunes.
  public let leastSaidBefore: Double
  /// The largest share of notes outside the key that is usual: that of 95 % of the tunes.
  public let mostOutsideKey: Double
  /// The lengths of notes, in whole notes, of bars that are often heard in the dance.
  public let knownBars: Set<[Fraction]>
  public let spreads: [Measure: Spread]
  /// The keys that its tunes are in, the most usual first; none in repertoires of older programs.
  public let keys: [Key]

  /// A key as tunes write it, and the share of the dance's tunes that are in it.
  public struct Key: Hashable, Sendable {
    public let name: String
    public let share: Double

    public init(name: String, share: Double) {
      self.name = name
      self.share = share
    }
  }

  /// How the values of a measure are spread: their mean, and 21 quantiles, the least, 5 % to 95 %,
  /// and the largest.
  public struct Spread: Hashable, Sendable {
    public let mean: Double
    public let quantiles: [Double]

    static let steps = 20

    init?(_ values: [Double]) {
      guard !values.isEmpty else { return nil }
      mean = values.reduce(0, +) / Double(values.count)
      let sorted = values.sorted()
      quantiles = (0...Self.steps).map { sorted[Self.place($0, of: sorted.count)] }
    }

    init?(mean: Double, quantiles: [Double]) {
      guard quantiles.count == Self.steps + 1,
        ([mean] + quantiles).allSatisfy({ $0.isFinite && abs($0) < 1e6 }),
        zip(quantiles, quantiles.dropFirst()).allSatisfy(<=)
      else { return nil }
      self.mean = mean
      self.quantiles = quantiles
    }

    static func place(_ step: Int, of count: Int) -> Int {
      Int(Double(step) / Double(steps) * Double(count - 1))
    }

    /// From where to where nine tenths of the values lie.
    public var middle: ClosedRange<Double> { quantiles[1]...quantiles[Self.steps - 1] }

    /// Twice the share of values at least as extreme as this one, at most 1: 1 for an ordinary
    /// value, near 0 for one that the tunes hardly ever have.
    public func twoSidedTail(_ value: Double) -> Double {
      min(1, 2 * min(shareBelow(value), shareAbove(value)))
    }

    /// The share of values that are not above this one.
    func shareBelow(_ value: Double) -> Double {
      guard value >= quantiles[0] else { return 0 }
      guard let next = quantiles.firstIndex(where: { $0 > value }) else { return 1 }
      let (lower, upper) = (quantiles[next - 1], quantiles[next])
      return (Double(next - 1) + (value - lower) / (upper - lower)) / Double(Self.steps)
    }

    /// The share of values that are not below this one.
    func shareAbove(_ value: Double) -> Double {
      Spread(mirrored: self).shareBelow(-value)
    }

    private init(mirrored spread: Spread) {
      mean = -spread.mean
      quantiles = spread.quantiles.reversed().map { -$0 }
    }
  }
}

extension DanceStatistics {
  /// A measured tune with its longest shared run.
  typealias Sample = (measures: TuneMeasures, sharedRun: Int)

  /// Dances with fewer tunes say too little of what is usual.
  static let leastTunes = 30

  /// Of the tunes of one dance. A tune's own bars do not count when its rhythm is compared with what
  /// is known.
  init?(_ dance: Dance, _ samples: [Sample]) {
    let samples = samples.filter { !$0.measures.panel.isEmpty }
    guard samples.count >= Self.leastTunes else { return nil }
    var counts: [[Fraction]: Int] = [:]
    for sample in samples {
      for rhythm in sample.measures.rhythms { counts[rhythm.lengths, default: 0] += 1 }
    }
    let least = max(3, counts.values.reduce(0, +) / 5000)
    var values: [Measure: [Double]] = [:]
    for sample in samples {
      var panel = sample.measures.panel
      panel[.sharedRun] = Double(sample.sharedRun)
      var own: [[Fraction]: Int] = [:]
      for rhythm in sample.measures.rhythms { own[rhythm.lengths, default: 0] += 1 }
      if !own.isEmpty {
        let known = own.reduce(0) { sum, bar in
          sum + (counts[bar.key, default: 0] - bar.value >= least ? bar.value : 0)
        }
        panel[.rhythmKnown] = Double(known) / Double(sample.measures.rhythms.count)
      }
      for measure in Measure.allCases {
        if let value = panel[measure] { values[measure, default: []].append(value) }
      }
    }
    self.dance = dance
    tuneCount = samples.count
    leastSaidBefore = Self.quantile(values[.barsSaidBefore], 2)
    mostOutsideKey = Self.quantile(values[.outsideKey], 19)
    knownBars = Set(counts.filter { $0.value >= least }.keys)
    spreads = values.compactMapValues(Spread.init)
    keys = Self.keys(samples.map(\.measures.melody.key))
  }

  /// How usual keys are; one that hardly any tune has says nothing.
  private static func keys(_ names: [String]) -> [Key] {
    var counts: [String: Int] = [:]
    for name in names where !name.isEmpty { counts[name, default: 0] += 1 }
    return counts.filter { $0.value * 200 >= names.count }
      .map { Key(name: $0.key, share: Double($0.value) / Double(names.count)) }
      .sorted { ($1.share, $0.name) < ($0.share, $1.name) }
  }

  private static func quantile(_ values: [Double]?, _ step: Int) -> Double {
    guard let values, !values.isEmpty else { return step > Spread.steps / 2 ? 1 : 0 }
    return values.sorted()[Spread.place(step, of: values.count)]
  }

  /// The share of a tune's full bars whose rhythm is known; nil without a full bar.
  func rhythmKnown(_ measures: TuneMeasures) -> Double? {
    guard !measures.rhythms.isEmpty else { return nil }
    let known = measures.rhythms.count { knownBars.contains($0.lengths) }
    return Double(known) / Double(measures.rhythms.count)
  }
}

// MARK: - As text

extension DanceStatistics {
  /// Lines of words with tabs between: the dance, then what is known of it.
  var lines: [String] {
    var lines = [
      ["dance", dance.name, "\(tuneCount)", "\(leastSaidBefore)", "\(mostOutsideKey)"]
        .joined(separator: "\t")
    ]
    for measure in Measure.allCases {
      guard let spread = spreads[measure] else { continue }
      let numbers = ([spread.mean] + spread.quantiles).map(Self.short)
      lines.append("measure\t\(measure.rawValue)\t" + numbers.joined(separator: " "))
    }
    lines += keys.map { "key\t\($0.name)\t\(Self.short($0.share))" }
    let bars = knownBars.map { $0.map(\.description).joined(separator: " ") }
    return lines + bars.sorted().map { "bar\t\($0)" }
  }

  /// Four digits after the point are enough for what is only compared.
  private static func short(_ value: Double) -> String {
    let rounded = (value * 10000).rounded() / 10000
    return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
  }

  /// Reads `lines` of several dances; nil where a line says nothing that is understood.
  static func read(_ text: Substring) -> [DanceStatistics]? {
    var dances: [DanceStatistics] = []
    var block: [[Substring]] = []
    func close() -> Bool {
      guard !block.isEmpty else { return true }
      guard let dance = DanceStatistics(block) else { return false }
      dances.append(dance)
      block = []
      return true
    }
    for line in text.split(separator: "\n") {
      let words = line.split(separator: "\t", omittingEmptySubsequences: false)
      if words[0] == "dance", !close() { return nil }
      block.append(words)
    }
    return close() ? dances : nil
  }

  private init?(_ block: [[Substring]]) {
    guard let head = block.first, head.count == 5, head[0] == "dance", !head[1].isEmpty,
      let count = Int(head[2]), count > 0, let said = Double(head[3]), (0...1).contains(said),
      let outside = Double(head[4]), (0...1).contains(outside)
    else { return nil }
    var spreads: [Measure: Spread] = [:]
    var bars: Set<[Fraction]> = []
    var keys: [Key] = []
    for words in block.dropFirst() {
      switch (words[0], words.count) {
      case ("key", 3):
        guard let share = Double(words[2]), (0...1).contains(share), !words[1].isEmpty else {
          return nil
        }
        keys.append(Key(name: String(words[1]), share: share))
      case ("measure", 3):
        let numbers = words[2].split(separator: " ").map { Double($0) ?? .nan }
        guard let measure = Measure(rawValue: String(words[1])), let mean = numbers.first,
          let spread = Spread(mean: mean, quantiles: Array(numbers.dropFirst()))
        else { return nil }
        spreads[measure] = spread
      case ("bar", 2):
        let lengths = words[1].split(separator: " ").map(Self.fraction)
        guard lengths.allSatisfy({ $0 != nil }) else { return nil }
        bars.insert(lengths.compactMap { $0 })
      default: return nil
      }
    }
    dance = Dance(name: String(head[1]))
    tuneCount = count
    leastSaidBefore = said
    mostOutsideKey = outside
    knownBars = bars
    self.spreads = spreads
    self.keys = keys
  }

  private static func fraction(_ text: Substring) -> Fraction? {
    let numbers = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard (1...2).contains(numbers.count), let top = numbers[0],
      let bottom = numbers.count == 2 ? numbers[1] : 1, (0...100_000).contains(top),
      (1...100_000).contains(bottom)
    else { return nil }
    return Fraction(top, bottom)
  }
}
