import Form
import Music

/// The chords that sound in other voices while a gap is filled: their tones are favoured there.
public struct GapHarmony: Sendable, Equatable, Codable {
  /// A chord from a moment of the bar on.
  public struct Chord: Sendable, Equatable, Codable {
    /// From the start of the bar, in parts of a whole note as `MelodyReader.whole` counts them.
    public var start: Int
    /// Pitch classes, C = 0.
    public var tones: [Int]
  }

  /// By their start.
  public var chords: [Chord]
  /// What is added to the logarithm of a chord tone's probability; 0 = nothing is favoured.
  public var weight: Double

  /// The characters that begin a tone of the chord that sounds now.
  func favoured(_ reader: MelodyReader) -> [Unicode.Scalar] {
    let position = reader.hasBegun ? reader.position : 0
    guard weight != 0, let chord = chords.last(where: { $0.start <= position }) else { return [] }
    return "ABCDEFGabcdefg".unicodeScalars.filter { letter in
      guard let step = MelodyReader.step(ofLetter: letter) else { return false }
      let pitch = reader.pitch(step: step, accidental: reader.pendingAccidental)
      return chord.tones.contains(((pitch % 12) + 12) % 12)
    }
  }
}
