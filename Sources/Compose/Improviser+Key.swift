import Analysis
import Neural

/// The key of a tune that is begun without one.
extension Improviser {
  /// Wants a key that tunes of the dance are in, each as often as they are.
  ///
  /// Networks learn tunes in many keys, so that they write well in all; left to themselves they write
  /// a third of all tunes in keys that no fiddler or whistler chooses. Depends on the header and on the
  /// random number and the run only, so that reading the header again gives the same key.
  mutating func wantUsualKey(rng: UInt64, run: UInt64) {
    guard style.usesUsualKeys, wantedHeader["K"] == nil else { return }
    let keys = usualKeys
    let uniform = RandomSource.uniform(rng: rng ^ Self.keySalt, run: run, index: 0)
    let written = grammar.keyInProgress.drop { $0 == " " }
    var chosen = Self.draw(keys, uniform)
    if let key = chosen, !key.hasPrefix(written) {
      // Somebody has begun another one.
      chosen = Self.draw(keys.filter { $0.name.hasPrefix(written) }, uniform)
    }
    grammar.wantKey(chosen)
  }

  /// The keys of the dance that the header names, as the network's text spells them.
  private var usualKeys: [DanceStatistics.Key] {
    let known = model.repertoires.first { style.repertoires.contains($0.fingerprint) }
    let values = grammar.headerValues
    let dance = Dance(
      rhythm: wantedHeader["R"] ?? values["R"] ?? "",
      meter: wantedHeader["M"] ?? values["M"] ?? "")
    let statistics = known.flatMap {
      $0.statistics(of: dance) ?? $0.statistics(of: Repertoire.everyDance)
    }
    var keys: [DanceStatistics.Key] = []
    for key in statistics?.keys ?? [] {
      guard let name = ModelText.shortKey(key.name) else { continue }
      keys.append(DanceStatistics.Key(name: name, share: key.share))
    }
    return keys
  }

  private static func draw(_ keys: [DanceStatistics.Key], _ uniform: Double) -> String? {
    var left = uniform * keys.reduce(0) { $0 + $1.share }
    for key in keys {
      left -= key.share
      if left < 0 { return key.name }
    }
    return keys.last?.name
  }

  private static let keySalt: UInt64 = 0x6b65_7900_0000_0000
}
