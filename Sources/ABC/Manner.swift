import Music

/// How `%%MIDI` lines ask for notes to be struck and left, as abc2midi plays them.
struct Manner {
  /// `beatstring`: strong (f), medium (m) and soft (p) places of one bar; empty for `beat`.
  private var beats: [UInt8] = []
  /// `trim`: the silence after a note, in unit lengths.
  private var gap = Fraction.zero
  /// `chordattack`: by how much each note of a chord comes after the one written before it.
  private(set) var attack = Fraction.zero

  /// Whether any line has asked for something.
  var isSpecial: Bool { hasBeats || hasGap || attack > .zero }
  var hasBeats: Bool { !beats.isEmpty }
  var hasGap: Bool { gap > .zero }

  static let names: Set<String> = ["beatstring", "trim", "chordattack"]

  /// Takes a line's words; false when they say nothing known, or lack what they need.
  @discardableResult
  mutating func read(_ words: [String]) -> Bool {
    guard words.count > 1 else { return false }
    switch words[0].lowercased() {
    case "beatstring":
      let signs = Array(words[1].lowercased().utf8)
      guard signs.count <= 256, signs.allSatisfy({ "fmp".utf8.contains($0) }) else { return false }
      beats = signs
    case "trim":
      let parts = words[1].split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
      guard parts.count == 2, let above = parts[0], let below = parts[1],
        (0...64).contains(above), (1...256).contains(below)
      else { return false }
      gap = Fraction(above, below)
    case "chordattack":
      guard let ticks = Int(words[1]), (0...480).contains(ticks) else { return false }
      attack = Fraction(ticks, 1920)
    default: return false
    }
    return true
  }

  /// The velocity at a place of the bar (both in whole notes); nil when no string gives one.
  func velocity(_ loudness: Loudness, at offset: Fraction, of bar: Fraction?) -> UInt8? {
    guard !beats.isEmpty, let bar, bar > .zero else { return nil }
    let place = offset / bar * beats.count
    guard place.denominator == 1, place.numerator >= 0 else { return loudness.other }
    switch beats[place.numerator % beats.count] {
    case UInt8(ascii: "f"): return loudness.first
    case UInt8(ascii: "m"): return loudness.strong
    default: return loudness.other
    }
  }

  /// How long a note of this length sounds: one that is no longer than the gap keeps its length,
  /// and so does one that a slur or a tie leads on from.
  func sounding(_ length: Fraction, of note: NoteEvent) -> Fraction {
    let isLed = note.flags.contains(.isSlurred) && !note.flags.contains(.endsSlur)
    guard gap > .zero, !isLed, !note.flags.contains(.tie) else { return length }
    let silence = gap * note.unit
    return length > silence ? length - silence : length
  }
}
