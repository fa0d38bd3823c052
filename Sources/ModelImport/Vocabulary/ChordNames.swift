/// Notes and chords as music21 names them, `F#4`, `B-3` and `0.4.7`: the tokens of system 4.
enum ChordNames {
  /// The same tokens as `lilt train --encoding note-chords` writes them: notes as MIDI keys, chords
  /// as pitch classes, a chord of one class with a point at its end. nil where any token is no note
  /// and no chord, or none is a note's name, and so the numbers may mean anything.
  static func keys(_ tokens: [String]) -> [String]? {
    var result: [String] = []
    var names = 0
    for token in tokens {
      if let key = key(token) {
        names += 1
        result.append(String(key))
      } else if let chord = chord(token) {
        result.append(chord)
      } else {
        return nil
      }
    }
    return names > 0 ? result : nil
  }

  /// The MIDI key of a note's name; a minus is a flat, middle C is `C4`.
  private static func key(_ name: String) -> Int? {
    let steps: [Character: Int] = ["C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11]
    guard let letter = name.first, let step = steps[letter] else { return nil }
    let rest = name.dropFirst()
    let marks = rest.prefix { $0 == "#" || $0 == "-" }
    let digits = rest.dropFirst(marks.count)
    guard marks.count <= 2, digits.count == 1, let octave = Int(digits) else { return nil }
    let shift = marks.reduce(0) { $0 + ($1 == "#" ? 1 : -1) }
    let key = 12 * (octave + 1) + step + shift
    return (0...127).contains(key) ? key : nil
  }

  private static func chord(_ name: String) -> String? {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.allSatisfy({ part in Int(part).map { (0...11).contains($0) } ?? false }) else {
      return nil
    }
    return parts.count == 1 ? name + "." : name
  }
}
