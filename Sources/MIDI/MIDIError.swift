/// Why bytes are no MIDI file that can be read at all. Everything less is put right and told in
/// `MIDIFile.repairs`.
public enum MIDIError: Error, Hashable, Sendable, CustomStringConvertible {
  case empty
  case notMIDI
  /// The file ends inside its header.
  case headerCutOff
  /// The header asks for 0 ticks in a quarter note, or in a frame.
  case noDivision
  case noTracks
  /// A track was asked for that it has not.
  case noPart(Int, of: Int)

  public var description: String {
    switch self {
    case .empty: "The file is empty."
    case .notMIDI: "This is not a MIDI file: it does not begin with MThd."
    case .headerCutOff: "The MIDI file ends inside its header."
    case .noDivision: "The MIDI file's header gives no time division, so no note has a length."
    case .noTracks: "The MIDI file holds no track."
    case .noPart(let number, let count):
      count == 0
        ? "There is no track \(number) in it: no note sounds."
        : "There is no track \(number) in it: they are 1 to \(count)."
    }
  }
}
