import Analysis
import Compose

/// Chooses the best of every few tunes that a model draws.
struct BestOf {
  /// How many are drawn for each that is kept.
  let count: Int
  let repertoire: Repertoire?

  private var drawn: [(tune: WrittenTune, judgement: Judgement)] = []
  /// Of all tunes so far: drawn, and passing all nine gates among them; kept, and the same.
  private(set) var tally = (drawn: 0, passed: 0, kept: 0, keptPassed: 0)

  init(_ count: Int, repertoire: Repertoire?) {
    self.count = count
    self.repertoire = repertoire
  }

  /// A tune that was kept, and how those it was chosen from did.
  struct Choice {
    var tune: WrittenTune
    var judgement: Judgement
    /// How many of the drawn ones pass all nine gates.
    var passed: Int

    /// What is told while tunes are chosen.
    func sentence(number: Int, of count: Int) -> String {
      "tune \(number): \(passed) of \(count) drawn \(passed == 1 ? "passes" : "pass") all nine gates; "
        + "the one that is kept passes \(judgement.passesAll ? "all" : "\(judgement.passedCount)")"
    }
  }

  /// What is told at the end.
  var sentence: String {
    "\(tally.passed) of \(tally.drawn) drawn tunes pass all nine gates, "
      + "\(tally.keptPassed) of \(tally.kept) that are kept"
  }

  /// Takes the next tune; with the last of `count` tunes the best of them comes back.
  mutating func add(_ tune: WrittenTune) -> Choice? {
    let judgement = Judgement(text: tune.abc, repertoire: repertoire)
    drawn.append((tune, judgement))
    guard drawn.count == count else { return nil }
    defer { drawn = [] }
    let passed = drawn.count { $0.judgement.passesAll }
    guard let place = best else { return nil }
    let choice = Choice(tune: drawn[place].tune, judgement: drawn[place].judgement, passed: passed)
    tally.drawn += count
    tally.passed += passed
    tally.kept += 1
    tally.keptPassed += choice.judgement.passesAll ? 1 : 0
    return choice
  }

  /// Tunes that came to their end come first.
  private var best: Int? {
    let order = Judgement.best(drawn.count, of: drawn.map(\.judgement))
    return order.first { drawn[$0].tune.isComplete } ?? order.first
  }
}
