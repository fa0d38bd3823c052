/// A note name without its octave: a letter and how far it is raised or lowered.
package struct Spelling: Hashable {
  /// `A`...`G`.
  package var letter: Character
  /// Semitones: 1 sharp, -1 flat, at most two.
  package var alteration: Int

  private static let letters: [Character] = ["F", "C", "G", "D", "A", "E", "B"]
  private static let naturals: [Character: Int] = [
    "C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11,
  ]

  /// - Parameter place: On the line of fifths … B♭ -2, F -1, C 0, G 1, … B 5, F♯ 6 …
  package init(lineOfFifths place: Int) {
    let index = place + 1
    letter = Spelling.letters[(index % 7 + 7) % 7]
    alteration = (index - (index % 7 + 7) % 7) / 7
  }

  /// The name that fits a key: of the names of a pitch, the one from three fifths below the key's
  /// major tonic to eight above, so that raised sevenths are sharps and blue notes flats.
  package init(key: Int, fifths: Int) {
    self.init(lineOfFifths: Spelling.place(of: key, from: fifths - 3))
  }

  /// Where the melody comes from and goes to, as far as it is a semitone away.
  package struct Neighbours: Hashable {
    var isFromBelow: Bool
    var isFromAbove: Bool
    var isToAbove: Bool
    var isToBelow: Bool

    package init(
      isFromBelow: Bool = false, isFromAbove: Bool = false, isToAbove: Bool = false,
      isToBelow: Bool = false
    ) {
      self.isFromBelow = isFromBelow
      self.isFromAbove = isFromAbove
      self.isToAbove = isToAbove
      self.isToBelow = isToBelow
    }
  }

  /// The name that fits a key and a melody: a note between those of the scale that goes up a
  /// semitone is the lower one raised, one that goes down is the upper one lowered.
  package init(key: Int, fifths: Int, isMinor: Bool, _ neighbours: Neighbours) {
    let usual = Spelling.place(of: key, from: fifths - 3)
    let isOfScale = (fifths - 1...fifths + 5).contains(usual)
    // Raised sixths and sevenths of minor keys are what they are, up and down.
    let isOfMinor = isMinor && (usual == fifths + 8 || usual == fifths + 6)
    guard !isOfScale && !isOfMinor else {
      self.init(lineOfFifths: usual)
      return
    }
    let raised = Spelling.place(of: key, from: fifths + 6)
    let lowered = raised - 12
    // What is leapt to is a blue note rather than a leading one, except in minor keys.
    let isBeside = neighbours.isFromAbove || neighbours.isFromBelow
    let isLeading = isBeside || isMinor || usual >= fifths + 6
    let isUp = neighbours.isToAbove && !neighbours.isToBelow && isLeading
    // The raised fourth is lowered only where it comes from above.
    let isFalling = neighbours.isFromAbove || usual > fifths + 6 || usual < fifths
    let isDown =
      neighbours.isToBelow && !neighbours.isToAbove && isFalling
      || !neighbours.isToAbove && neighbours.isFromAbove && usual == fifths + 8
    if isUp {
      // E sharp and B sharp only beside their neighbours; double sharps nowhere.
      self.init(lineOfFifths: raised < 11 || raised < 13 && isBeside ? raised : lowered)
    } else if isDown {
      // Rather B than C flat.
      self.init(lineOfFifths: lowered > -7 ? lowered : raised)
    } else {
      self.init(lineOfFifths: usual)
    }
  }

  /// Where a pitch stands on the line of fifths, within an octave of places from `lowest` on.
  private static func place(of key: Int, from lowest: Int) -> Int {
    // Seven fifths up the line are a semitone, so seven times the distance in semitones.
    lowest + ((key - lowest * 7) * 7 % 12 + 12) % 12
  }

  /// How a signature of `fifths` sharps or flats alters a letter.
  package static func alteration(of letter: Character, fifths: Int) -> Int {
    let index = letters.firstIndex(of: letter) ?? 0
    if fifths >= 0 { return (fifths - index + 6) / 7 }
    return -((-fifths - (6 - index) + 6) / 7)
  }

  /// The sign to write before the letter: `^`, `_`, `=` and the doubled ones.
  package var accidental: String {
    switch alteration {
    case ..<0: String(repeating: "_", count: min(2, -alteration))
    case 0: "="
    default: String(repeating: "^", count: min(2, alteration))
    }
  }

  /// Letter and octave marks in ABC for the MIDI key that this is the name of.
  package func text(key: Int) -> String {
    let octave = (key - alteration - (Spelling.naturals[letter] ?? 0)) / 12
    if octave >= 6 {
      return letter.lowercased() + String(repeating: "'", count: octave - 6)
    }
    return String(letter) + String(repeating: ",", count: max(0, 5 - octave))
  }
}
