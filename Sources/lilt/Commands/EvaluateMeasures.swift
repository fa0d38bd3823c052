import ABC
import Compose
import Corpus
import Glibc
import Neural
import Training

/// How well a model foretells tunes.
struct EvaluateForecast {
  let facts: [(name: String, value: String)]

  init(_ tunes: [ModelTune], model: ImproviserModel) {
    var nats = 0.0
    let size = model.network.vocabularySize
    var wanted = [Int](repeating: 0, count: size)
    var foretold = wanted
    var hits = wanted
    var logits = [Float](repeating: 0, count: size)
    for tune in tunes {
      var state = model.network.makeState()
      let head = model.tokens(model.description.start + tune.header)
      let tokens = head + model.tokens(tune.body)
      for (index, token) in tokens.enumerated() {
        if index >= head.count, index > 0 {
          let best = logits.indices.max { logits[$0] < logits[$1] } ?? 0
          nats += Self.cost(of: token, in: logits)
          wanted[token] += 1
          foretold[best] += 1
          if best == token { hits[token] += 1 }
        }
        model.network.step(token, state: &state, logits: &logits)
      }
    }
    let count = Double(max(wanted.reduce(0, +), 1))
    var macro = 0.0
    var weighted = 0.0
    var labels = 0.0
    for label in 0..<size where wanted[label] + foretold[label] > 0 {
      let score = 2 * Double(hits[label]) / Double(wanted[label] + foretold[label])
      macro += score
      weighted += score * Double(wanted[label])
      labels += 1
    }
    facts = [
      ("tunes", "\(tunes.count)"), ("characters", "\(wanted.reduce(0, +))"),
      ("bits_per_character", decimals(nats / count / log(2), 4)),
      ("accuracy", decimals(Double(hits.reduce(0, +)) / count, 4)),
      ("macro_f1", decimals(macro / max(labels, 1), 4)),
      ("weighted_f1", decimals(weighted / count, 4)),
    ]
  }

  /// -ln p of a token.
  private static func cost(of token: Int, in logits: [Float]) -> Double {
    let largest = Double(logits.max() ?? 0)
    var sum = 0.0
    for value in logits { sum += exp(Double(value) - largest) }
    return largest + log(sum) - Double(logits[token])
  }
}

/// What a model's own tunes are like.
struct EvaluateSamples {
  let facts: [(name: String, value: String)]

  init(
    model: ImproviserModel, count: Int, temperature: Double, rng: UInt64, corpus: [ModelTune]
  ) {
    let settings = SamplerSettings(temperature: temperature)
    var tunes: [ModelTune] = []
    var texts: Set<String> = []
    var isComplete = 0
    for run in 0..<count {
      var improviser = Improviser(model)
      var index: UInt64 = 0
      while !improviser.endsTune, index < 4000 {
        _ = improviser.next(settings, rng: rng, run: UInt64(run), index: index)
        index += 1
      }
      if improviser.endsTune { isComplete += 1 }
      texts.insert(improviser.text)
      if let tune = try? ModelTune.read("X:1\n" + improviser.text).get() { tunes.append(tune) }
    }
    let checks = tunes.map { SampleCheck($0) }
    let known = CorpusRuns(corpus)
    let longest = tunes.map { known.longestShared(with: Melody($0)) }
    var facts = [
      (name: "samples", value: "\(count)"), ("ended", "\(isComplete)"),
      ("read_as_tunes", "\(tunes.count)"), ("distinct", "\(texts.count)"),
      ("without_errors", "\(checks.count { $0.errors == 0 })"),
      ("bars", "\(checks.reduce(0) { $0 + $1.bars })"),
      ("bars_that_add_up", "\(checks.reduce(0) { $0 + $1.bars - $1.wrongBars })"),
      ("tunes_with_every_bar_right", "\(checks.count { $0.wrongBars == 0 && $0.bars > 0 })"),
      ("ends_on_tonic", "\(checks.count(where: \.endsOnTonic))"),
    ]
    if !corpus.isEmpty {
      facts.append(("longest_shared_run", "\(longest.max() ?? 0)"))
      facts.append(("copied_over_half", "\(known.copies(tunes, longest))"))
      facts.append(
        (
          "interval_distance",
          decimals(CorpusRuns.distance(tunes, corpus), 4)
        ))
    }
    self.facts = facts
  }
}

/// A sampled tune as a reader sees it.
private struct SampleCheck {
  var errors = 0
  var bars = 0
  var wrongBars = 0
  var endsOnTonic = false

  init(_ tune: ModelTune) {
    let parsed = ParsedTune(text: "X:1\n" + tune.text)
    errors = parsed.diagnostics.count { $0.severity == .error }
    for bar in parsed.bars where bar.isClosed && bar.number > 0 {
      bars += 1
      if let expected = bar.expected, bar.length != expected, !bar.mayDiffer { wrongBars += 1 }
    }
    let notes = parsed.performance(PlaybackOptions()).notes
    if let last = notes.max(by: { $0.start < $1.start }) {
      let tonic = ((tune.key.tonic * 7) % 12 + 12) % 12
      endsOnTonic = last.pitch.key % 12 == tonic
    }
  }
}

/// Runs of intervals of a corpus, to find what was copied.
private struct CorpusRuns {
  private var places: [[Int]: [(tune: Int, at: Int)]] = [:]
  private let melodies: [[Int]]
  private static let seed = 6

  init(_ corpus: [ModelTune]) {
    melodies = corpus.map { Melody($0).intervals }
    for (tune, melody) in melodies.enumerated() where melody.count >= Self.seed {
      for at in 0...melody.count - Self.seed {
        places[Array(melody[at..<at + Self.seed]), default: []].append((tune, at))
      }
    }
  }

  /// The most notes in a row that a melody has in common with one tune, in any key.
  func longestShared(with melody: Melody) -> Int {
    let own = melody.intervals
    guard own.count >= Self.seed else { return 0 }
    var longest = 0
    for start in 0...own.count - Self.seed {
      for place in places[Array(own[start..<start + Self.seed])] ?? [] {
        let other = melodies[place.tune]
        var length = Self.seed
        while start + length < own.count, place.at + length < other.count,
          own[start + length] == other[place.at + length]
        {
          length += 1
        }
        longest = max(longest, length + 1)
      }
    }
    return longest
  }

  /// How many tunes share more than half of their notes with one tune, in one run.
  func copies(_ tunes: [ModelTune], _ longest: [Int]) -> Int {
    zip(tunes, longest).count { tune, run in
      2 * run > Melody(tune).intervals.count + 1
    }
  }

  /// Half of the sum of the differences between the shares of all intervals: 0 the same, 1 disjoint.
  static func distance(_ first: [ModelTune], _ second: [ModelTune]) -> Double {
    func shares(_ tunes: [ModelTune]) -> [Int: Double] {
      var counts: [Int: Double] = [:]
      var total = 0.0
      for tune in tunes {
        for interval in Melody(tune).intervals {
          counts[interval, default: 0] += 1
          total += 1
        }
      }
      return counts.mapValues { $0 / max(total, 1) }
    }
    let (one, other) = (shares(first), shares(second))
    return Set(one.keys).union(other.keys).reduce(0) {
      $0 + abs((one[$1] ?? 0) - (other[$1] ?? 0))
    } / 2
  }
}
