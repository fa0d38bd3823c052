import Music

/// Notes that an ornament sign stands for, as intervals from the written note.
struct Ornament {
  enum Figure { case trill, roll, lower, upper, turn, invertedTurn }
  var figure: Figure
  var above: Int
  var below: Int
  var unit: Fraction

  /// `nil` when no decoration of the note is played with notes of its own.
  init?(_ note: NoteEvent, key fifths: Int8, unit: Fraction) {
    let signs = note.decorations
    if signs.contains(.trill) {
      figure = .trill
    } else if signs.contains(.roll) {
      figure = .roll
    } else if signs.contains(.lowerMordent) {
      figure = .lower
    } else if signs.contains(.upperMordent) {
      figure = .upper
    } else if signs.contains(.turn) {
      figure = .turn
    } else if signs.contains(.invertedTurn) {
      figure = .invertedTurn
    } else {
      return nil
    }
    guard note.length >= Fraction(1, 16) else { return nil }
    self.unit = unit
    // Neighbours by the key's own scale, whatever accidental the note itself carries.
    let scale = KeySignature(fifths: Int(fifths)).alterations
    let letter = ((Int(note.staff) % 7) + 7) % 7
    let own = naturalSemitones(letter) + Int(scale[letter])
    let up = (letter + 1) % 7
    let down = (letter + 6) % 7
    above = (naturalSemitones(up) + Int(scale[up]) - own + 24) % 12
    below = (naturalSemitones(down) + Int(scale[down]) - own - 24) % 12
    if above == 0 { above = 1 }
    if below == 0 { below = -1 }
  }

  /// The notes, which fill `length` exactly.
  func parts(for length: Fraction) -> [(interval: Int, length: Fraction)] {
    let short = Fraction(1, 32)
    switch figure {
    case .trill:
      let count = min(max(Int((length / short).value), 2), 64)
      let each = length / Fraction(count)
      return (0..<count).map { ($0 % 2 == 0 ? 0 : above, each) }
    case .lower: return bite(below, length)
    case .upper: return bite(above, length)
    case .turn: return even([above, 0, below, 0], length)
    case .invertedTurn: return even([below, 0, above, 0], length)
    case .roll:
      // The note, cut by the one above, the note, cut by the one below, the note. Twelfths of a
      // short note, so that every one has a length that can be written.
      guard length > Fraction(3, 8) else {
        let part = length * Fraction(1, 12)
        return [(0, part * 3), (above, part), (0, part * 4), (below, part), (0, part * 3)]
      }
      let body = (length - short * 2) * Fraction(1, 3)
      return [(0, body), (above, short), (0, body), (below, short), (0, body)]
    }
  }

  private func bite(_ interval: Int, _ length: Fraction) -> [(interval: Int, length: Fraction)] {
    let short = min(Fraction(1, 32), length * Fraction(1, 4))
    return [(0, short), (interval, short), (0, length - short * 2)]
  }

  private func even(_ intervals: [Int], _ length: Fraction) -> [(interval: Int, length: Fraction)] {
    intervals.map { ($0, length * Fraction(1, intervals.count)) }
  }
}
