/// What others hear of us: keeps count of what was sent through MIDI, so that nothing sounds on
/// when a connection ends, and a new one hears the right instruments.
struct OutsideNotes {
  /// For each channel and key, whether its last message was a note-on.
  private var isOn = [Bool](repeating: false, count: 16 * 128)
  /// For each channel and key the moment of its last note-off, which may still lie ahead.
  private var offAt = [Int](repeating: Int.min, count: 16 * 128)
  private var programs = [UInt8](repeating: Schedule.noProgram, count: 16)
  private var controls = [UInt8](repeating: Sequencer.untouched, count: 16 * 128)
  private var isUsed = [Bool](repeating: false, count: 16)

  /// A message is sent for a moment of the monotonic clock.
  mutating func note(_ message: MIDIMessage, at moment: Int) {
    switch message {
    case .noteOn(let channel, let key, _):
      isOn[Int(channel) * 128 + Int(key)] = true
      isUsed[Int(channel)] = true
    case .noteOff(let channel, let key):
      isOn[Int(channel) * 128 + Int(key)] = false
      offAt[Int(channel) * 128 + Int(key)] = moment
    case .control(let channel, let number, let value):
      controls[Int(channel) * 128 + Int(number)] = value
    case .program(let channel, let number): programs[Int(channel)] = number
    case .bend, .clock, .start, .goOn, .stop, .songPosition: break
    }
  }

  /// What ends everything that may sound, once what was sent for later than `moment` is taken back:
  /// each note by its own off, then the pedals, then every channel by the message for that.
  mutating func silence(at moment: Int) -> [MIDIMessage] {
    var messages: [MIDIMessage] = []
    for slot in isOn.indices where isOn[slot] || offAt[slot] > moment {
      messages.append(.noteOff(channel: UInt8(slot / 128), key: UInt8(slot % 128)))
      isOn[slot] = false
      offAt[slot] = moment
    }
    for channel in UInt8(0)..<16 where isUsed[Int(channel)] {
      let pedal = Int(channel) * 128 + Int(MIDIMessage.sustain)
      if controls[pedal] != Sequencer.untouched {
        controls[pedal] = 0
        messages.append(.control(channel: channel, number: MIDIMessage.sustain, value: 0))
      }
      messages.append(.control(channel: channel, number: MIDIMessage.allNotesOff, value: 0))
    }
    return messages
  }

  /// What a port that is new must be told before its first note.
  var setup: [MIDIMessage] {
    var messages: [MIDIMessage] = []
    for channel in UInt8(0)..<16 where programs[Int(channel)] != Schedule.noProgram {
      messages += MIDIMessage.instrument(programs[Int(channel)], of: channel)
    }
    for slot in controls.indices
    where controls[slot] != Sequencer.untouched && slot % 128 != Int(MIDIMessage.bankCoarse)
      && slot % 128 != Int(MIDIMessage.bankFine) && slot % 128 < Int(MIDIMessage.allSoundOff)
    {
      messages.append(
        .control(
          channel: UInt8(slot / 128), number: UInt8(slot % 128), value: controls[slot]))
    }
    return messages
  }
}

extension SoundEvent {
  /// The messages that say this to another synthesizer; none for what only concerns our own.
  var messages: [MIDIMessage] {
    switch kind {
    case .on: [.noteOn(channel: channel, key: key, velocity: value)]
    case .off: [.noteOff(channel: channel, key: key)]
    case .program: MIDIMessage.instrument(value, of: channel)
    case .control: [.control(channel: channel, number: key, value: value)]
    case .bend:
      [.bend(channel: channel, value: (Int16(value) << 7 | Int16(key)) - 8192)]
    case .pulse: [.clock]
    case .start: [.start]
    case .goOn: [.goOn]
    case .halt: [.stop]
    // In sixteenths: 14 bits, in two halves.
    case .songPosition: [.songPosition(Int16(value) << 7 | Int16(key))]
    case .tempo, .panic: []
    }
  }
}
