/// A note name without its octave: a letter and how far it is raised or lowered.
struct Spelling: Hashable {
  /// `A`...`G`.
  var letter: Character
  /// Semitones: 1 sharp, -1 flat, at most two.
  var alteration: Int

  private static let letters: [Character] = ["F", "C", "G", "D", "A", "E", "B"]
  private static let naturals: [Character: Int] = [
    "C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11,
  ]

  /// - Parameter place: On the line of fifths … B♭ -2, F -1, C 0, G 1, … B 5, F♯ 6 …
  init(lineOfFifths place: Int) {
    let index = place + 1
    letter = Spelling.letters[(index % 7 + 7) % 7]
    alteration = (index - (index % 7 + 7) % 7) / 7
  }

  /// The name that fits a key: of the names of a pitch, the one from three fifths below the key's
  /// major tonic to eight above, so that raised sevenths are sharps and blue notes flats.
  init(key: Int, fifths: Int) {
    let lowest = fifths - 3
    // Seven fifths up the line are a semitone, so seven times the distance in semitones.
    let distance = ((key - lowest * 7) * 7 % 12 + 12) % 12
    let place = lowest + distance
    self.init(lineOfFifths: place)
  }

  /// How a signature of `fifths` sharps or flats alters a letter.
  static func alteration(of letter: Character, fifths: Int) -> Int {
    let index = letters.firstIndex(of: letter) ?? 0
    if fifths >= 0 { return (fifths - index + 6) / 7 }
    return -((-fifths - (6 - index) + 6) / 7)
  }

  /// The sign to write before the letter: `^`, `_`, `=` and the doubled ones.
  var accidental: String {
    switch alteration {
    case ..<0: String(repeating: "_", count: min(2, -alteration))
    case 0: "="
    default: String(repeating: "^", count: min(2, alteration))
    }
  }

  /// Letter and octave marks in ABC for the MIDI key that this is the name of.
  func text(key: Int) -> String {
    let octave = (key - alteration - (Spelling.naturals[letter] ?? 0)) / 12
    if octave >= 6 {
      return letter.lowercased() + String(repeating: "'", count: octave - 6)
    }
    return String(letter) + String(repeating: ",", count: max(0, 5 - octave))
  }
}
