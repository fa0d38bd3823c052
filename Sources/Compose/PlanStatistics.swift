import Form

/// How often tunes do what, for planning a tune whose network knows no plans: lengths of parts, and
/// which bar comes back after which, by place in the part.
struct PlanStatistics: Sendable {
  /// Where a choice is made.
  struct Place: Sendable {
    /// Whether the meter counts in dotted quarters.
    var isCompound: Bool
    var isFirstPart: Bool
    /// 0 where a part's length is chosen.
    var barsLeft: Int
    /// What the bar before has to do with those before it.
    var before: BarRelation?
  }

  private let counts: [String: [PlanSign: Double]]

  /// Reads lines such as `1 4 n: n*215 s0*120`: part (1 the first, 2 a later one), bars left (9 for
  /// more), the relation before, then relations with their counts.
  init(_ text: String) {
    var counts: [String: [PlanSign: Double]] = [:]
    for line in text.split(separator: "\n") {
      let halves = line.split(separator: ":", maxSplits: 1)
      guard halves.count == 2 else { continue }
      var row: [PlanSign: Double] = [:]
      for entry in halves[1].split(separator: " ") {
        let parts = entry.split(separator: "*")
        guard parts.count == 2, let count = Double(parts[1]), let sign = Self.sign(parts[0]) else {
          continue
        }
        row[sign] = count
      }
      counts[String(halves[0])] = row
    }
    self.counts = counts
  }

  private static func sign(_ code: Substring) -> PlanSign? {
    if let bars = Int(code) { return .place(.left(bars)) }
    if code == "n" { return .relation(.new) }
    if code == "e" { return .relation(.elsewhere) }
    guard let target = Int(code.dropFirst()).flatMap(BarRelation.Target.init(rawValue:)) else {
      return nil
    }
    return .relation(code.first == "s" ? .same(target) : .varied(target))
  }

  private func row(_ place: Place) -> [PlanSign: Double] {
    if place.barsLeft == 0 {
      return counts["length \(place.isCompound ? "c" : "s")\(place.isFirstPart ? 1 : 2)"] ?? [:]
    }
    let before =
      switch place.before {
      case .same(.back4), .varied(.back4): "4"
      case .same(.firstPart), .varied(.firstPart): "f"
      case .same, .varied: "o"
      default: "n"
      }
    return counts["\(place.isFirstPart ? 1 : 2) \(min(9, place.barsLeft)) \(before)"] ?? [:]
  }

  /// One of some signs, as often as tunes have it there; nil where there is none to choose.
  func choose(
    among signs: [PlanSign], _ place: Place, temperature: Double, uniform: Double
  ) -> PlanSign? {
    let row = row(place)
    var weights = signs.map { sign -> Double in
      if case .part(let kind) = sign { return kind == .repeated ? 1 : 0 }
      return row[sign] ?? 0
    }
    if !weights.contains(where: { $0 > 0 }) { return signs.first }
    // Whole powers only, which are the same on every machine: 1 stays, calmer is the likeliest.
    if temperature < 0.5, let best = weights.max() { weights = weights.map { $0 == best ? 1 : 0 } }
    let total = weights.reduce(0, +)
    var left = uniform * total
    for (sign, weight) in zip(signs, weights) {
      left -= weight
      if left < 0 { return sign }
    }
    return signs.indices.last { weights[$0] > 0 }.map { signs[$0] }
  }
}
