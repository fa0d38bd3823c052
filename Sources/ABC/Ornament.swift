import Music

/// Notes that an ornament sign stands for, as intervals from the written note.
struct Ornament {
  private let pattern: OrnamentPattern
  private let above: Int
  private let below: Int

  /// The signs in the order in which they count, where a note has several.
  private static let signs: [(sign: Decorations, name: OrnamentStyle.Sign)] = [
    (.trill, .trill), (.roll, .roll), (.lowerMordent, .lowerMordent),
    (.upperMordent, .upperMordent), (.turn, .turn), (.invertedTurn, .invertedTurn),
  ]

  /// Shorter notes are played as they are.
  private static let shortest = Fraction(1, 16)

  /// `nil` when no decoration of the note is played with notes of its own.
  init?(_ note: NoteEvent, key fifths: Int8, style: OrnamentStyle) {
    guard let sign = Self.signs.first(where: { note.decorations.contains($0.sign) }),
      let pattern = style.patterns[sign.name], note.length >= Self.shortest
    else { return nil }
    self.pattern = pattern
    // Neighbours by the key's own scale, whatever accidental the note itself carries.
    let scale = KeySignature(fifths: Int(fifths)).alterations
    let letter = ((Int(note.staff) % 7) + 7) % 7
    let own = naturalSemitones(letter) + Int(scale[letter])
    let up = (letter + 1) % 7
    let down = (letter + 6) % 7
    let rise = (naturalSemitones(up) + Int(scale[up]) - own + 24) % 12
    let fall = (naturalSemitones(down) + Int(scale[down]) - own - 24) % 12
    above = rise == 0 ? 1 : rise
    below = fall == 0 ? -1 : fall
  }

  /// The notes, which fill `length` exactly.
  func parts(for length: Fraction) -> [(interval: Int, length: Fraction)] {
    pattern.notes(for: length).map { note in
      switch note.degree {
      case .note: (0, note.length)
      case .above: (above, note.length)
      case .below: (below, note.length)
      }
    }
  }
}

extension Decorations {
  /// Those that are played with notes of their own.
  static let ornaments: Decorations = [
    .trill, .roll, .lowerMordent, .upperMordent, .turn, .invertedTurn,
  ]
}
