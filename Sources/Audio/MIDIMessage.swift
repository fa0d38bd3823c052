/// A MIDI message as it goes from port to port. Channels, keys, controllers and values are MIDI's
/// own, from 0.
public enum MIDIMessage: Hashable, Sendable, BitwiseCopyable {
  /// `velocity` is 1...127.
  case noteOn(channel: UInt8, key: UInt8, velocity: UInt8)
  case noteOff(channel: UInt8, key: UInt8)
  case control(channel: UInt8, number: UInt8, value: UInt8)
  case program(channel: UInt8, number: UInt8)
  /// -8192...8191.
  case bend(channel: UInt8, value: Int16)
  /// Twenty-four of these make a quarter note.
  case clock
  /// From the beginning, with the next clock.
  case start
  /// From the song position, with the next clock.
  case goOn
  case stop
  /// In sixteenths from the beginning, 0...16383.
  case songPosition(Int16)
}

extension MIDIMessage {
  static let bankCoarse: UInt8 = 0
  static let bankFine: UInt8 = 32
  static let sustain: UInt8 = 64
  static let allSoundOff: UInt8 = 120
  static let allNotesOff: UInt8 = 123

  /// What a program change takes in General MIDI: the bank first, which another program may have
  /// left elsewhere.
  static func instrument(_ program: UInt8, of channel: UInt8) -> [MIDIMessage] {
    [
      .control(channel: channel, number: bankCoarse, value: 0),
      .control(channel: channel, number: bankFine, value: 0),
      .program(channel: channel, number: program),
    ]
  }
}
