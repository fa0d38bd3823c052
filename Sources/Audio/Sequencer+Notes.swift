/// Beginning and ending notes: the only place that keeps count of what sounds.
extension Sequencer {
  private static func slot(_ channel: UInt8, _ key: UInt8) -> Int {
    Int(channel & 15) * 128 + Int(key & 127)
  }

  /// Frames past its end after which the watchdog ends a note: a tenth of a second.
  private var patience: Int { Int(sampleRate / 10) }

  func deadline(forEnd end: Int) -> Int {
    let frames = (Double(end) - position) / ticksPerFrame
    return clock + Int(min(max(frames, 0), Double(1 << 40)).rounded(.up)) + patience
  }

  mutating func start(_ note: FlatNote) {
    let slot = Sequencer.slot(note.channel, note.key)
    var end = note.start + note.length
    let index = Int(soundingIndex[slot])
    if index >= 0 {
      // The same key again while it sounds: one voice in unison, or a repeated note. It sounds
      // until the later end, and is struck again unless both begin together.
      let other = sounding[index]
      if other.end != Int.max { end = max(end, other.end) }
      if other.start == note.start, other.end != Int.max {
        sounding[index].end = end
        sounding[index].deadline = deadline(forEnd: end)
        return
      }
      close(at: index, tick: nil)
    }
    begin(
      SoundingNote(
        channel: note.channel, key: note.key, track: note.track, start: note.start, end: end,
        deadline: deadline(forEnd: end)),
      velocity: note.velocity)
  }

  /// One note outside the schedule, for `frames`.
  mutating func hear(key: UInt8, velocity: UInt8, program: UInt8, frames: Int) {
    let channel = Sequencer.auditionChannel
    let index = Int(soundingIndex[Sequencer.slot(channel, key)])
    if index >= 0 { close(at: index, tick: nil) }
    setProgram(program, of: channel)
    begin(
      SoundingNote(
        channel: channel, key: key, track: Sequencer.noTrack, start: Int.min, end: Int.max,
        deadline: clock + max(1, frames)),
      velocity: velocity)
  }

  /// Begins a note that lasts until `lift`.
  mutating func press(key: UInt8, velocity: UInt8, program: UInt8) {
    let channel = Sequencer.playedChannel
    lift(key: key)
    setProgram(program, of: channel)
    begin(
      SoundingNote(
        channel: channel, key: key, track: Sequencer.playedTrack, start: Int.min, end: Int.max,
        deadline: Int.max),
      velocity: velocity)
  }

  mutating func lift(key: UInt8) {
    let index = Int(soundingIndex[Sequencer.slot(Sequencer.playedChannel, key)])
    if index >= 0 { close(at: index, tick: nil) }
  }

  private mutating func begin(_ note: SoundingNote, velocity: UInt8) {
    soundingIndex[Sequencer.slot(note.channel, note.key)] = Int16(soundingCount)
    (sounding + soundingCount).initialize(to: note)
    soundingCount += 1
    let tick = note.end == Int.max ? Int(position) : note.start
    emit(.on, note.channel, note.key, velocity, at: tick)
  }

  private mutating func close(at index: Int, tick: Int?) {
    let note = sounding[index]
    soundingIndex[Sequencer.slot(note.channel, note.key)] = -1
    soundingCount -= 1
    if index != soundingCount {
      let last = sounding[soundingCount]
      sounding[index] = last
      soundingIndex[Sequencer.slot(last.channel, last.key)] = Int16(index)
    }
    emit(.off, note.channel, note.key, 0, at: tick ?? Int(position))
  }

  mutating func closeNotesThatEnd() {
    var index = 0
    while index < soundingCount {
      let note = sounding[index]
      if isDue(note.end) || note.deadline <= clock {
        close(at: index, tick: note.end == Int.max ? nil : note.end)
      } else {
        index += 1
      }
    }
  }

  /// Ends every note but those that a musician holds.
  mutating func closeAll() {
    var index = 0
    while index < soundingCount {
      if sounding[index].track != Sequencer.playedTrack {
        close(at: index, tick: nil)
      } else {
        index += 1
      }
    }
  }

  /// Ends every note, and lets the pedals of what a musician plays go.
  mutating func closeEverything() {
    while soundingCount > 0 { close(at: soundingCount - 1, tick: nil) }
    letPedalsGo()
  }

  mutating func closeAll(ofTrack track: UInt16) {
    var index = 0
    while index < soundingCount {
      if sounding[index].track == track { close(at: index, tick: nil) } else { index += 1 }
    }
  }

  /// A tie that reached over the end of what was known: the note sounds on to its new end.
  mutating func lengthenSoundingNotes(by schedule: FlatSchedule) {
    for index in 0..<soundingCount where sounding[index].track < Sequencer.playedTrack {
      let note = sounding[index]
      var candidate = schedule.firstNote(from: note.start)
      while candidate < schedule.noteCount, schedule.notes[candidate].start == note.start {
        let other = schedule.notes[candidate]
        candidate += 1
        guard other.channel == note.channel, other.key == note.key else { continue }
        let end = other.start + other.length
        guard end > sounding[index].end else { continue }
        sounding[index].end = end
        sounding[index].deadline = deadline(forEnd: end)
      }
    }
  }

  mutating func setProgram(_ program: UInt8, of channel: UInt8) {
    guard channelPrograms[Int(channel)] != program else { return }
    channelPrograms[Int(channel)] = program
    emit(.program, channel, 0, program, at: Int(position))
  }

  mutating func setPrograms(of schedule: FlatSchedule) {
    for channel in UInt8(0)..<16 where schedule.programs[Int(channel)] != Schedule.noProgram {
      setProgram(schedule.programs[Int(channel)], of: channel)
    }
  }

  mutating func emitTempo() {
    emit(.tempo, 0, 0, 0, at: Int(position))
  }

  mutating func emit(
    _ kind: SoundEvent.Kind, _ channel: UInt8, _ key: UInt8, _ value: UInt8, at tick: Int
  ) {
    guard eventCount < Sequencer.maximumEvents else { return }
    let place = schedule?.place(of: tick) ?? (bar: 0, beat: 1)
    (events + eventCount).initialize(
      to: SoundEvent(
        kind: kind, channel: channel, key: key, value: value, bar: place.bar, beat: place.beat,
        frame: clock, quartersPerMinute: quartersPerMinute * tempoScale))
    eventCount += 1
  }
}
