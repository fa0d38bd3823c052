/// MIDI controllers that a tune sets on the way: volume, pan, the pedal and their like.
extension Sequencer {
  static let controllerCount = 16 * 128
  /// The value of a controller that nobody has set: the synthesizer has its own.
  static let untouched: UInt8 = 255

  static func slot(_ control: FlatControl) -> Int {
    Int(control.channel & 15) * 128 + Int(control.controller & 127)
  }

  /// What General MIDI begins with.
  private static func usualValue(of controller: Int) -> UInt8 {
    switch controller {
    case 7: 100
    case 10: 64
    case 11: 127
    default: 0
    }
  }

  /// Sets what is due at the present position.
  mutating func setControls(of schedule: FlatSchedule) {
    while nextControl < schedule.controlCount, isDue(schedule.controls[nextControl].start) {
      let control = schedule.controls[nextControl]
      nextControl += 1
      set(Sequencer.slot(control), to: control.value)
    }
  }

  /// Gives every controller the value that it has at `tick`: what the schedule set last, and
  /// what General MIDI begins with where another place or another tune had set it.
  mutating func restoreControls(of schedule: FlatSchedule, at tick: Int) {
    nextControl = schedule.firstControl(from: tick + 1)
    isRestored.update(repeating: false, count: Sequencer.controllerCount)
    for index in (0..<nextControl).reversed() {
      let slot = Sequencer.slot(schedule.controls[index])
      guard !isRestored[slot] else { continue }
      isRestored[slot] = true
      set(slot, to: schedule.controls[index].value)
    }
    for slot in 0..<Sequencer.controllerCount
    where controlValues[slot] != Sequencer.untouched && !isRestored[slot]
      && slot / 128 != Int(Sequencer.playedChannel)
    {
      set(slot, to: Sequencer.usualValue(of: slot & 127))
    }
  }

  /// A controller of what a musician plays.
  mutating func steer(_ controller: UInt8, to value: UInt8) {
    set(Int(Sequencer.playedChannel) * 128 + Int(controller), to: value)
  }

  /// - Parameter value: 0...16383; 8192 = no bend.
  mutating func bend(to value: Int) {
    let value = min(max(value, 0), 16_383)
    guard value != bend else { return }
    bend = value
    emit(
      .bend, Sequencer.playedChannel, UInt8(value & 127), UInt8(value >> 7), at: Int(position))
  }

  /// Sustain, sostenuto, soft pedal and their like (64...69).
  mutating func letPedalsGo() {
    for controller in UInt8(64)...69 {
      let slot = Int(Sequencer.playedChannel) * 128 + Int(controller)
      if controlValues[slot] != Sequencer.untouched { set(slot, to: 0) }
    }
    bend(to: 8192)
  }

  private mutating func set(_ slot: Int, to value: UInt8) {
    guard controlValues[slot] != value else { return }
    controlValues[slot] = value
    emit(.control, UInt8(slot / 128), UInt8(slot & 127), value, at: Int(position))
  }
}
