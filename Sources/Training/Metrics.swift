import Glibc

/// How well a network foretells a text.
public struct Evaluation: Hashable, Sendable {
  /// Mean of -log2 p over the scored tokens.
  public var bitsPerToken: Double
  /// Share of the scored tokens that were the likeliest.
  public var accuracy: Double
  /// Mean of the labels' F1 scores, over labels that occur or were foretold.
  public var macroF1: Double
  /// The same, weighted by how often a label occurs.
  public var weightedF1: Double
  /// Scored tokens.
  public var count: Int
  /// Different labels among them.
  public var labelCount: Int
}

/// Counts of what was asked for and what was foretold.
struct Tally {
  private var nats = 0.0
  private var wanted: [Int]
  private var foretold: [Int]
  private var hits: [Int]

  init(labels: Int) {
    wanted = [Int](repeating: 0, count: labels)
    foretold = wanted
    hits = wanted
  }

  mutating func add(nats: Double) { self.nats += nats }

  mutating func add(target: Int32, best: Int32) {
    guard wanted.indices.contains(Int(target)), wanted.indices.contains(Int(best)) else { return }
    wanted[Int(target)] += 1
    foretold[Int(best)] += 1
    if target == best { hits[Int(target)] += 1 }
  }

  var evaluation: Evaluation {
    let count = wanted.reduce(0, +)
    var macro = 0.0
    var weighted = 0.0
    var labels = 0
    for label in wanted.indices where wanted[label] + foretold[label] > 0 {
      // 2PR / (P + R), with precision hits/foretold and recall hits/wanted.
      let score = 2 * Double(hits[label]) / Double(wanted[label] + foretold[label])
      macro += score
      weighted += score * Double(wanted[label])
      labels += 1
    }
    let total = Double(max(count, 1))
    return Evaluation(
      bitsPerToken: nats / total / log(2), accuracy: Double(hits.reduce(0, +)) / total,
      macroF1: macro / Double(max(labels, 1)), weightedF1: weighted / total, count: count,
      labelCount: wanted.reduce(0) { $0 + ($1 > 0 ? 1 : 0) })
  }
}
