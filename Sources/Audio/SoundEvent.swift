/// One MIDI event on its way to the synthesizer, with the moment it belongs to.
struct SoundEvent: BitwiseCopyable, Sendable {
  enum Kind: UInt8, BitwiseCopyable, Sendable {
    case on, off, program, control, bend, tempo, panic
    // MIDI clock, which only other synthesizers and sequencers hear.
    case pulse, start, goOn, halt, songPosition
  }
  var kind: Kind
  var channel: UInt8 = 0
  /// The key of a note, the number of a controller, or the low seven bits of a bend or position.
  var key: UInt8 = 0
  /// Velocity of a note, the program, the controller's value, or the high seven bits.
  var value: UInt8 = 0
  var bar: Int32 = 0
  /// Counted from 1.
  var beat: Float = 1
  /// Frames since the sequencer began.
  var frame: Int
  /// Quarter notes a minute, for a tempo.
  var quartersPerMinute = 0.0
}

/// What the control side asks of the audio thread.
struct Command: BitwiseCopyable {
  enum Kind: UInt8, BitwiseCopyable {
    case play, playAtBeat, update, updateAtBeat, stop, tempoScale, loop, noLoop, metronome, countIn
    case rests, mute, hear, press, lift, steer, bend, panic, release, shutdown
    case synth, midi, sendClock, follow
  }
  var kind: Kind
  var schedule: FlatSchedule?
  /// A tick, a track, a key or a yes (1), as `kind` says.
  var first = 0
  var second = 0
  var third = 0
  var number = 0.0
}

/// A note that has begun and not ended.
struct SoundingNote: BitwiseCopyable {
  var channel: UInt8
  var key: UInt8
  var track: UInt16
  var start: Int
  /// The tick of its end; `Int.max` when only `deadline` ends it.
  var end: Int
  /// The frame at which it ends at the latest.
  var deadline: Int
}
