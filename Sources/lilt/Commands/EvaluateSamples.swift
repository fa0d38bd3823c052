import ABC
import Compose
import Corpus
import Form
import Music
import Neural

/// What a model's own tunes are like.
struct EvaluateSamples {
  /// The tunes as ABC, numbered.
  let abc: String
  let facts: [EvaluateTable.Fact]
  let distributions: NoteDistributions
  /// As the model wrote them, header first.
  let texts: [String]

  struct Settings {
    var count: Int
    var temperature: Double
    var rng: UInt64
    var legality: Legality
    /// Rhythms to write `count` tunes of, each; empty: `count` tunes of whatever comes.
    var rhythms: [String] = []
  }

  init(model: ImproviserModel, settings: Settings, corpus: [ModelTune]) {
    let (texts, ended) = Self.texts(model, settings)
    self.texts = texts
    let samples = texts.map(Sample.init)
    let forms = Self.counts(samples.map(\.form))
    let openings = Self.counts(samples.map { Array($0.form.prefix(24)) })
    let bars = samples.reduce(0) { $0 + $1.bars }
    let rightBars = samples.reduce(0) { $0 + $1.rightBars }
    let metered = samples.filter { $0.bars > 0 }
    let keyed = samples.filter { $0.endsOnTonic != nil }
    let valid = samples.filter(\.isValid)
    func share(_ count: Int, _ of: Int) -> String {
      decimals(Double(count) / Double(max(of, 1)), 4)
    }
    let whole = samples.count {
      $0.isValid && $0.bars == $0.rightBars && $0.endsOnTonic != false
    }
    var facts: [EvaluateTable.Fact] = [
      ("samples", "\(samples.count)"), ("ended", share(ended, samples.count)),
      ("valid", share(valid.count, samples.count)),
      ("closes_repeats", share(samples.count(where: \.closesRepeats), samples.count)),
      ("bars", "\(bars)"),
      ("bars_right", share(rightBars, bars)),
      ("tunes_with_right_bars", share(metered.count { $0.bars == $0.rightBars }, metered.count)),
      ("distinct", share(samples.count { forms[$0.form] == 1 }, samples.count)),
      (
        "distinct_openings",
        share(samples.count { openings[Array($0.form.prefix(24))] == 1 }, samples.count)
      ),
    ]
    // Where no key tells a tonic, nothing can be said of it.
    if !keyed.isEmpty {
      facts.insert(
        contentsOf: [
          ("ends_on_tonic", share(keyed.count { $0.endsOnTonic == true }, keyed.count)),
          ("valid_and_right_and_tonic", share(whole, samples.count)),
        ], at: 7)
    }
    var heard = NoteDistributions()
    for sample in samples { heard.add(sample.performance) }
    distributions = heard
    if !corpus.isEmpty { facts += Self.copied(samples, from: corpus) }
    self.facts = facts
    abc = texts.enumerated().map { index, text in
      var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      while lines.last?.isEmpty ?? false { lines.removeLast() }
      // Some networks write numbers and titles of their own.
      let head = lines.prefix { !$0.hasPrefix("K:") }
      let title = head.contains { $0.hasPrefix("T:") } ? "" : "T:Sample \(index + 1)\n"
      lines.removeAll { $0.hasPrefix("X:") }
      return "X:\(index + 1)\n" + title + lines.joined(separator: "\n") + "\n"
    }.joined(separator: "\n")
  }

  private static let longestTune = 4000
  private static let streams = 64

  /// The tunes, and how many of them came to their end. A tune depends on its place only.
  private static func texts(
    _ model: ImproviserModel, _ settings: Settings
  ) -> (texts: [String], ended: Int) {
    let beginnings = (settings.rhythms.isEmpty ? [nil] : settings.rhythms.map(Optional.some)).map {
      rhythm in
      var improviser = Improviser(model)
      improviser.legality = settings.legality
      // As 'lilt generate' writes; without the rules the model alone.
      if settings.legality == .legal {
        var writing = Writing()
        writing.repertoires = model.repertoires.map(\.fingerprint)
        improviser.style = WritingStyle(writing)
      }
      if let rhythm { improviser.wantedHeader = ["R": rhythm] }
      return improviser
    }
    let count = settings.count * beginnings.count
    var texts = [String](repeating: "", count: count)
    var ended = 0
    var batch = ImproviserBatch(model, threads: .auto)
    var places: [(run: Int, index: UInt64)] = []
    var next = 0
    while next < count || !places.isEmpty {
      while places.count < streams, next < count {
        batch.append(beginnings[next / max(settings.count, 1)])
        places.append((next, 0))
        next += 1
      }
      let drawn = batch.next(
        places.map {
          ImproviserBatch.Turn(
            settings: SamplerSettings(temperature: settings.temperature), rng: settings.rng,
            run: UInt64($0.run), index: $0.index)
        })
      for place in places.indices.reversed() where drawn[place] != nil {
        places[place].index += 1
        guard batch[place].endsTune || places[place].index >= longestTune else { continue }
        places.swapAt(place, places.count - 1)
        let run = places.removeLast().run
        let improviser = batch.remove(at: place)
        if improviser.endsTune { ended += 1 }
        texts[run] = PlanProjection.stripped(improviser.text)
      }
    }
    return (texts, ended)
  }

  private static func counts(_ values: [[Int]]) -> [[Int]: Int] {
    values.reduce(into: [:]) { $0[$1, default: 0] += 1 }
  }

  private static func copied(
    _ samples: [Sample], from corpus: [ModelTune]
  ) -> [EvaluateTable.Fact] {
    var known: Set<[Int]> = []
    for tune in corpus { known.formUnion(Sample("", tune: tune).runs) }
    let shares = samples.filter { !$0.runs.isEmpty }.map { sample in
      Double(sample.runs.count(where: known.contains)) / Double(sample.runs.count)
    }
    let mean = shares.reduce(0, +) / Double(max(shares.count, 1))
    let over = Double(shares.count { $0 > 0.5 }) / Double(max(shares.count, 1))
    let runs = SharedRuns(corpus)
    let matches = samples.map { $0.tune.flatMap(runs.longest) }
    let longest = matches.enumerated().max { ($0.element?.notes ?? 0) < ($1.element?.notes ?? 0) }
    var facts: [EvaluateTable.Fact] = [
      ("copied_mean", decimals(mean, 4)), ("copied_over_half", decimals(over, 4)),
      ("longest_shared_run", "\(longest?.element?.notes ?? 0)"),
    ]
    if let longest, let match = longest.element {
      facts.append(("longest_shared_sample", "\(longest.offset + 1)"))
      facts.append(("longest_shared_tune", jsonText(corpus[match.tune].title)))
    }
    let lengths = matches.compactMap { $0?.notes }.sorted()
    if !lengths.isEmpty {
      facts.append(("median_shared_run", "\(lengths[lengths.count / 2])"))
      facts.append(("shared_run_95", "\(lengths[(lengths.count - 1) * 95 / 100])"))
    }
    let distances = chamfer(samples, corpus, runs)
    if !distances.isEmpty {
      facts.append(
        ("chamfer_mean", decimals(distances.reduce(0, +) / Double(distances.count), 4)))
      facts.append(("chamfer_least", decimals(distances.min() ?? 0, 4)))
    }
    return facts
  }

  /// The distance of each sample to the nearest of those tunes that share most runs with it, both
  /// around their mean pitch.
  private static func chamfer(
    _ samples: [Sample], _ corpus: [ModelTune], _ runs: SharedRuns
  ) -> [Double] {
    var known: [Int: [ChamferDistance.Point]] = [:]
    func points(_ performance: Performance) -> [ChamferDistance.Point] {
      var points = ChamferDistance.points(performance.melody)
      let mean = points.reduce(0) { $0 + $1.pitch } / Double(max(points.count, 1))
      for index in points.indices { points[index].pitch -= mean }
      return points
    }
    return samples.compactMap { sample in
      guard let tune = sample.tune else { return nil }
      let own = points(sample.performance)
      let distances = runs.nearest(to: tune, limit: 8).compactMap { index in
        let other = known[index] ?? points(corpus[index].performance)
        known[index] = other
        return ChamferDistance.between(own, other)
      }
      return distances.min()
    }
  }
}

/// A sampled tune as a reader sees it.
private struct Sample {
  let tune: ModelTune?
  let performance: Performance
  /// It has notes, the reader found no error, and repeats are in order.
  let isValid: Bool
  let closesRepeats: Bool
  let bars: Int
  let rightBars: Int
  /// Nil where the key has no tonic.
  let endsOnTonic: Bool?
  /// Half tones above the tonic and lengths of the melody's notes as they are played, in turn.
  let form: [Int]
  /// Runs of twelve notes: intervals and lengths, the same in any key.
  let runs: Set<[Int]>

  /// A tune with a number, where the network has written none.
  private static func numbered(_ text: String) -> String {
    text.hasPrefix("X:") ? text : "X:1\n" + text
  }

  init(_ text: String) {
    self.init(text, tune: try? ModelTune.read(Self.numbered(text)).get())
  }

  init(_ text: String, tune: ModelTune?) {
    let (text, parsed) =
      tune?.reading ?? (Self.numbered(text), ParsedTune(text: Self.numbered(text)))
    performance = parsed.performance(.plain)
    let notes = performance.melody
    self.tune = tune
    let tally = EvaluateBars(parsed, text: text)
    closesRepeats = tally.closesRepeats
    isValid =
      !notes.isEmpty && closesRepeats && !parsed.diagnostics.contains { $0.severity == .error }
    bars = tally.count
    rightBars = tally.right
    let key = tune.map { Self.lastKey($0) } ?? KeyName(parsed.header.key)
    let tonic = key.map { (($0.tonic * 7) % 12 + 12) % 12 }
    if let tonic, let last = notes.map(\.start).max() {
      endsOnTonic = notes.contains { $0.start == last && $0.pitch.key % 12 == tonic }
    } else {
      endsOnTonic = nil
    }
    let first = notes.first?.pitch.key ?? 0
    let base = first - ((first - (tonic ?? 0)) % 12 + 12) % 12
    let part = Tick.perQuarter / 24
    let numbers = notes.map {
      (pitch: $0.pitch.key - base, length: ($0.end.count - $0.start.count + part / 2) / part)
    }
    form = numbers.flatMap { [$0.pitch, $0.length] }
    var runs: Set<[Int]> = []
    if numbers.count >= 12 {
      for start in 0...numbers.count - 12 {
        runs.insert(
          numbers[start..<start + 12].flatMap { [$0.pitch - numbers[start].pitch, $0.length] })
      }
    }
    self.runs = runs
  }

  /// The key in force at the end.
  private static func lastKey(_ tune: ModelTune) -> KeyName {
    var key = tune.key
    for part in tune.body.split(whereSeparator: { $0 == "\n" || $0 == "[" || $0 == "]" })
    where part.hasPrefix("K:") {
      if let other = KeyName(part.dropFirst(2)) { key = other }
    }
    return key
  }
}
