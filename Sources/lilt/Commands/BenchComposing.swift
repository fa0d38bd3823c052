import Compose
import Neural

/// `lilt bench --composing`: how long a musician waits for the model, without screen and sound.
struct ComposingBenchmark {
  let model: ImproviserModel
  let threads: ThreadChoice
  let rounds: Int

  /// One figure, its unit and what it is of; medians of the rounds.
  struct Row {
    var name: String
    var value: Double
    var unit: String
    var detail = ""

    var line: String {
      "\(name): \(value.formatted(decimals: 1)) \(unit)" + (detail.isEmpty ? "" : " (\(detail))")
    }
    var json: String {
      "{\"name\":\(jsonText(name)),\"value\":\(value.formatted(decimals: 3)),"
        + "\"unit\":\(jsonText(unit)),\"detail\":\(jsonText(detail))}"
    }
  }

  var rows: [Row] { writing + filling + [phrases].compactMap(\.self) }

  // MARK: Characters

  /// What rules, memory and guard cost in a tune of about 500 characters; each row has all of the
  /// one above it.
  private var writing: [Row] {
    var legal = Sampling()
    legal.writing.memory = 0
    (legal.writing.parts, legal.writing.cadence, legal.writing.range) = (.off, .off, .off)
    legal.writing.copyGuard = .off
    var alone = legal
    alone.isLegal = false
    var wished = Sampling()
    wished.writing.copyGuard = .off
    let kinds = [
      ("network and plan alone", alone), ("with legal ABC", legal),
      ("with memory and wishes", wished), ("with the copy guard", Sampling()),
    ]
    // Kinds take turns, so that a busy machine slows all of them down.
    var times = kinds.map { _ in [Double]() }
    for round in 0..<rounds {
      for (place, kind) in kinds.enumerated() {
        times[place].append(secondsForCharacter(kind.1, round: UInt64(round)))
      }
    }
    let medians = times.map(median)
    return kinds.indices.map { place in
      Row(
        name: kinds[place].0, value: medians[place] * 1e6, unit: "microseconds a character",
        detail: place == 0
          ? "tunes of 500 characters"
          : "\((medians[place] / medians[0] * 100).formatted(decimals: 0)) % of the first")
    }
  }

  private func secondsForCharacter(_ sampling: Sampling, round: UInt64) -> Double {
    var sampling = sampling
    sampling.pace = .max
    sampling.stop = .never
    var composer = SilentComposer(model, threads, rng: 100 + round, sampling)
    composer.open("X:1\nR:jig\nM:6/8\nL:1/8\nK:D\n")
    let before = composer.session.text.count
    composer.seconds = 0
    composer.command(.generateToggle) { $0.text.count - before >= 500 }
    return composer.seconds / Double(max(composer.session.text.count - before, 1))
  }

  // MARK: Bars

  static let tune =
    "X:1\nT:Sixteen\nR:jig\nM:6/8\nL:1/8\nK:D\n"
    + "A|:dAF DFA|ded cBA|dcd efg|fdf ece|dAF DFA|ded cBA|gfe dcB|AFE D2A:|\n"
    + "|:fef dfa|gfg ecA|fef dfa|gec d2A|fef dfa|gfg ecA|Bcd efg|fec d2A:|\n"

  /// Its first eight bars.
  private static let opening = tune.split(separator: "\n").dropLast().joined(separator: "\n") + "\n"

  /// Four ways to fill two bars of a tune of sixteen.
  private var filling: [Row] {
    var first: [Double] = []
    var all: [Double] = []
    var counts: [Int] = []
    for round in 0..<rounds {
      var composer = SilentComposer(model, threads, rng: 200 + UInt64(round), Sampling())
      composer.open(Self.tune)
      composer.seconds = 0
      var begun: Double?
      let bar = [3, 5, 7, 11, 13][round % 5]
      composer.command(.alternatives, "\(bar)-\(bar + 1)") { _ in
        false
      } watching: { composer in
        let ready = composer.ready
        if ready > 0, begun == nil { begun = composer.seconds }
      }
      first.append(begun ?? composer.seconds)
      all.append(composer.seconds)
      counts.append(composer.ready)
    }
    let ready = "\(counts.min() ?? 0) to \(counts.max() ?? 0) candidates that differ"
    return [
      Row(name: "first filling of two bars", value: median(first) * 1000, unit: "ms"),
      Row(
        name: "all fillings of two bars", value: median(all) * 1000, unit: "ms", detail: ready),
    ]
  }

  /// Four ways to go on for eight bars, chosen from sixteen.
  private var phrases: Row? {
    var times: [Double] = []
    for round in 0..<rounds {
      var composer = SilentComposer(model, threads, rng: 300 + UInt64(round), Sampling())
      composer.open(Self.opening)
      composer.seconds = 0
      composer.command(.alternatives) { _ in false }
      times.append(composer.seconds)
    }
    return Row(name: "four phrases of eight bars", value: median(times) * 1000, unit: "ms")
  }

  private func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
}

/// A session whose model answers at once, and whose waiting is counted.
private struct SilentComposer {
  private(set) var session: Session
  private var improviser: Improviser
  private let isWall: Bool
  /// How long the model has taken for its answers.
  var seconds = 0.0

  init(_ model: ImproviserModel, _ threads: ThreadChoice, rng: UInt64, _ sampling: Sampling) {
    session = Session(title: "bench", rng: rng, sampling: sampling)
    improviser = Improviser(model)
    improviser.threads = threads
    isWall = threads != .one
    let vocabulary = model.description.vocabulary
    _ = session.handle(
      .modelLoaded(
        ModelSummary(
          name: "bench", hash: "0", precision: "", headerFields: model.description.headerFields,
          vocabulary: Set((0..<vocabulary.count).map { Character(vocabulary[$0]) }),
          repertoires: model.repertoires.map(\.fingerprint))))
  }

  /// How many alternatives there are to choose from.
  var ready: Int { session.status(draft: "").alternatives?.ready ?? 0 }

  mutating func open(_ text: String) {
    let effects = session.handle(.fileRead(path: "bench.abc", text: text))
    answer(effects, until: { _ in false }, { _ in })
  }

  /// Carries out a command and everything that follows from it, until enough is there.
  mutating func command(
    _ name: CommandName, _ argument: String = "", until isEnough: (Session) -> Bool,
    watching: (SilentComposer) -> Void = { _ in }
  ) {
    let effects = session.handle(.commanded(Invocation(name, argument)))
    answer(effects, until: isEnough, watching)
  }

  private mutating func answer(
    _ effects: [Effect], until isEnough: (Session) -> Bool, _ watching: (SilentComposer) -> Void
  ) {
    var waiting = effects[...]
    while let effect = waiting.popFirst(), !isEnough(session) {
      let clock = Clock(isWall: isWall)
      guard let event = event(after: effect) else { continue }
      seconds += clock.seconds
      waiting += session.handle(event)
      watching(self)
    }
  }

  private mutating func event(after effect: Effect) -> Event? {
    switch effect {
    case .generate(let request) where request.count == 0:
      _ = improviser.write(request)
      return .nextCharactersFound([], entropy: 0, request: request.identifier)
    case .generate(let request):
      let written = improviser.write(request)
      return .generated(
        GenerationResult(
          request: request.identifier, characters: written.characters,
          endsTune: written.endsTune, closesGap: written.closesGap))
    case .fill(let request):
      return .filled(
        FillResult(request: request.identifier, candidates: improviser.fill(request)))
    case .draw(let request): return .drawn(improviser.draw(request))
    case .rank(let request):
      return .ranked(RankResult(request: request.identifier, bits: improviser.rank(request)))
    default: return nil
    }
  }
}
