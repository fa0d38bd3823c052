import ABC
import Music

@testable import Analysis

/// A reel whose every figure can be counted by hand: bars a b a d, a b c d; the second part the same
/// with other bars in place of a and b.
enum Reel {
  static let a = "G2BG d2BG"
  static let b = "A2cA e2cA"
  static let c = "GABc dBGB"
  static let d = "A2FA G4"
  static let e = "d2fd a2fd"
  static let f = "e2ge b2ge"

  static let first = [a, b, a, d, a, b, c, d]
  static let second = [e, f, e, d, e, f, c, d]

  static func part(_ bars: [String]) -> String { "|:" + bars.joined(separator: "|") + ":|" }

  static func text(
    _ parts: [String], rhythm: String = "reel", meter: String = "4/4", key: String = "G"
  ) -> String {
    "X:1\nT:Test\nR:\(rhythm)\nM:\(meter)\nL:1/8\nK:\(key)\n" + parts.joined(separator: "\n") + "\n"
  }

  static let whole = text([part(first), part(second)])

  /// The whole tune with some bars of the first part replaced.
  static func whole(_ changes: [Int: String]) -> String {
    var bars = first
    for (number, bar) in changes { bars[number - 1] = bar }
    return text([part(bars), part(second)])
  }
}

func measures(_ text: String) -> TuneMeasures {
  TuneMeasures(WrittenMelody(ParsedTune(text: text), text: Array(text.utf8)))
}

func judged(
  _ text: String, _ repertoire: Repertoire? = nil, isComplete: Bool = true
) -> Judgement {
  Judgement(text: text, repertoire: repertoire, isComplete: isComplete)
}

/// Text that is parsed, as a repertoire takes it.
func known(_ title: String, _ text: String) -> Repertoire.Tune {
  Repertoire.Tune(title: title, parsed: ParsedTune(text: text), text: Array(text.utf8))
}

/// Thirty reels, so that reels are known: one is `Reel.whole`, the others say its bars in other orders.
let thirtyReels: Repertoire = {
  let tunes = (0..<30).map { index in
    let turned = (0..<8).map { Reel.first[($0 + index) % 8] }
    return known("Reel \(index)", Reel.text([Reel.part(turned), Reel.part(Reel.second)]))
  }
  return Repertoire(tunes)
}()

/// The same numbers at every run.
struct FixedRandom: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
    return value ^ value >> 31
  }
}
