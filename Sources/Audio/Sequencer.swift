import Music

/// Decides what sounds at which audio frame: the whole player without a thread, clock or device.
///
/// `advance(_:)` moves time and leaves the events of that span in `events`; the owner carries them
/// out and calls it again. All memory is taken at the beginning. Every note-on that leaves here is
/// followed by its note-off, whatever commands come in between.
struct Sequencer: ~Copyable {
  static let maximumSounding = 2048
  /// Room for two events of every key of every channel, and some for the rest.
  static let maximumEvents = 4 * maximumSounding
  static let noTrack: UInt16 = .max
  static let metronomeChannel: UInt8 = 9
  static let auditionChannel: UInt8 = 15
  /// What a musician plays, beside the tune.
  static let playedChannel: UInt8 = 14
  /// Of notes that sound until they are let go: nothing that happens to the tune ends them.
  static let playedTrack: UInt16 = .max - 1
  /// The shortest loop taken: a sixty-fourth note.
  static let shortestLoop = Tick.perQuarter / 16

  struct PendingLoop { var range: (start: Int, end: Int)? }

  let sampleRate: Double
  let events: UnsafeMutablePointer<SoundEvent>
  var eventCount = 0
  /// Schedules no longer read; the owner empties this after each command and each span.
  let retired: UnsafeMutablePointer<FlatSchedule>
  var retiredCount = 0

  var state = PlayerState.stopped
  /// Whether the last stop was the end of the music. The owner resets it.
  var hasFinished = false
  /// Ticks; whole and fractional, negative during a count-in at the beginning of a tune.
  var position = 0.0
  /// Frames since the beginning; only ever grows.
  var clock = 0

  var schedule: FlatSchedule?
  var pending: FlatSchedule?
  var pendingAt = 0
  /// Where the pending schedule begins; `nil` = where the present one has come to.
  var pendingStart: Int?
  /// A loop that was set since then: it is one of the pending schedule's.
  var pendingLoop: PendingLoop?
  var nextNote = 0
  var nextTempo = 0
  var nextClick = Int.max
  /// Every note that starts at this tick or before has been started.
  var playedUpTo = -1
  /// Where the notes begin; before it there is only the count-in.
  var startsAt = 0
  var ticksPerFrame = 0.0
  var quartersPerMinute = 120.0
  var tempoScale = 1.0
  var loop: (start: Int, end: Int)?
  var hasMetronome = false
  /// Bars.
  var countIn = 0
  var hasRests = false
  /// Whether this round of the loop is silent.
  var isSilentRound = false
  var mutedTracks: UInt64 = 0

  let sounding: UnsafeMutablePointer<SoundingNote>
  var soundingCount = 0
  /// For each channel and key its index in `sounding`, or -1.
  let soundingIndex: UnsafeMutablePointer<Int16>
  let channelPrograms: UnsafeMutablePointer<UInt8>
  var nextControl = 0
  /// For each channel and controller its value; `untouched` where none was set.
  let controlValues: UnsafeMutablePointer<UInt8>
  /// The bend of what a musician plays, 0...16383.
  var bend = 8192

  var sendsClock = false
  var isClockRunning = false
  var nextPulse = Int.max
  var following: Following?
  /// What to add to the other one's place for ours: whole beats, and where a loop has gone back.
  var phaseShift = 0.0
  /// Whether ours has just begun, and need not be where the other one is.
  var needsPhase = false

  /// Room for `restoreControls`.
  let isRestored: UnsafeMutablePointer<Bool>

  init(sampleRate: Double) {
    self.sampleRate = sampleRate
    events = .allocate(capacity: Sequencer.maximumEvents)
    retired = .allocate(capacity: 8)
    sounding = .allocate(capacity: Sequencer.maximumSounding)
    soundingIndex = .allocate(capacity: Sequencer.maximumSounding)
    soundingIndex.initialize(repeating: -1, count: Sequencer.maximumSounding)
    channelPrograms = .allocate(capacity: 16)
    channelPrograms.initialize(repeating: Schedule.noProgram, count: 16)
    controlValues = .allocate(capacity: Sequencer.controllerCount)
    controlValues.initialize(repeating: Sequencer.untouched, count: Sequencer.controllerCount)
    isRestored = .allocate(capacity: Sequencer.controllerCount)
    isRestored.initialize(repeating: false, count: Sequencer.controllerCount)
    updateRate()
  }

  deinit {
    for index in 0..<retiredCount { retired[index].deallocate() }
    schedule?.deallocate()
    pending?.deallocate()
    events.deallocate()
    retired.deallocate()
    sounding.deallocate()
    soundingIndex.deallocate()
    channelPrograms.deallocate()
    controlValues.deallocate()
    isRestored.deallocate()
  }

  /// Whether nothing will happen until a command comes.
  var isIdle: Bool { state == .stopped && soundingCount == 0 }

  /// Moves at most `frames` on and returns how far it came: less when `events` is nearly full.
  mutating func advance(_ frames: Int) -> Int {
    var done = 0
    steer()
    while done < frames {
      if eventCount + 2 * Sequencer.maximumSounding > Sequencer.maximumEvents { break }
      settle()
      let step = min(frames - done, framesUntilSomething())
      if state == .playing || state == .looping { position += Double(step) * ticksPerFrame }
      clock += step
      done += step
    }
    return done
  }

  /// Does everything that is due at `position`.
  private mutating func settle() {
    closeNotesThatEnd()
    guard state == .playing || state == .looping, var current = schedule else { return }
    if pending != nil, isDue(min(pendingAt, current.horizon, loop?.end ?? .max)) {
      switchToPending()
      guard let next = schedule else { return }
      current = next
    }
    if let loop, isDue(max(loop.end, startsAt)) {
      closeAll()
      isSilentRound = hasRests && !isSilentRound
      // What was too much stays, so that the loop does not drift.
      let length = Double(loop.end - loop.start)
      let excess = (position - Double(loop.end)).truncatingRemainder(dividingBy: length)
      startsAt = min(startsAt, loop.start)
      phaseShift += Double(loop.start) + excess - position
      seek(to: Double(loop.start) + excess, in: current, notesFrom: loop.start)
      // The beat on which the loop begins is not over for a part of a frame.
      if hasMetronome { nextClick = current.beat(after: loop.start - 1).tick }
      locateClock(at: Double(loop.start))
    }
    if isDue(max(current.horizon, startsAt)) {
      closeAll()
      if position - Double(current.horizon) < 2 * ticksPerFrame {
        position = Double(current.horizon)
      }
      haltClock()
      if current.isGrowing {
        state = .waiting
      } else {
        state = .stopped
        hasFinished = true
      }
      return
    }
    changeTempo(in: current)
    setControls(of: current)
    startNotes(of: current)
    click(in: current)
    tellClock()
  }

  /// Whether `tick` belongs to this frame rather than to the next.
  func isDue(_ tick: Int) -> Bool { Double(tick) <= position + ticksPerFrame / 2 }

  /// Frames until the next thing is due, at least 1.
  private func framesUntilSomething() -> Int {
    var frames = Int.max
    var tick = Int.max
    for index in 0..<soundingCount {
      frames = min(frames, sounding[index].deadline - clock)
      tick = min(tick, sounding[index].end)
    }
    guard state == .playing || state == .looping, let schedule else { return max(1, frames) }
    if nextNote < schedule.noteCount {
      tick = min(tick, max(schedule.notes[nextNote].start, startsAt))
    }
    if nextTempo < schedule.tempoCount { tick = min(tick, schedule.tempos[nextTempo].start) }
    if nextControl < schedule.controlCount {
      tick = min(tick, schedule.controls[nextControl].start)
    }
    tick = min(tick, nextClick, nextPulse, max(schedule.horizon, startsAt))
    if let loop { tick = min(tick, max(loop.end, startsAt)) }
    if pending != nil { tick = min(tick, pendingAt) }
    let distance = (Double(tick) - position) / ticksPerFrame
    if distance < Double(1 << 40) { frames = min(frames, Int(distance.rounded())) }
    return max(1, frames)
  }

  /// Continues at `tick`; notes that began before `notesFrom` are not taken up.
  mutating func seek(to tick: Double, in schedule: FlatSchedule, notesFrom: Int) {
    position = tick
    nextNote = schedule.firstNote(from: notesFrom)
    playedUpTo = notesFrom - 1
    let whole = Int(tick.rounded(.down))
    nextTempo = schedule.tempo(at: max(0, whole))
    changeTempo(in: schedule)
    restoreControls(of: schedule, at: notesFrom)
    let isClicking = hasMetronome || whole < startsAt
    nextClick = isClicking ? schedule.beat(after: Int(tick.rounded(.up)) - 1).tick : Int.max
  }

  private mutating func changeTempo(in schedule: FlatSchedule) {
    while nextTempo < schedule.tempoCount,
      nextTempo == 0 || isDue(schedule.tempos[nextTempo].start)
    {
      let tempo = schedule.tempos[nextTempo].quartersPerMinute
      nextTempo += 1
      guard tempo != quartersPerMinute else { continue }
      quartersPerMinute = tempo
      updateRate()
      emitTempo()
    }
  }

  mutating func updateRate() {
    // The tempo is another's.
    if following != nil { return }
    ticksPerFrame =
      quartersPerMinute * tempoScale * Double(Tick.perQuarter) / 60 / sampleRate
    renewDeadlines()
  }

  mutating func renewDeadlines() {
    // Notes now last shorter or longer: so does the watchdog's patience.
    for index in 0..<soundingCount where sounding[index].end != Int.max {
      sounding[index].deadline = deadline(forEnd: sounding[index].end)
    }
  }

  private mutating func startNotes(of schedule: FlatSchedule) {
    // More notes than this at one moment are spread over the following frames.
    var allowance = 256
    while nextNote < schedule.noteCount {
      let note = schedule.notes[nextNote]
      guard isDue(max(note.start, startsAt)), note.start < schedule.horizon else {
        break
      }
      guard allowance > 0 else { return }
      nextNote += 1
      if isSilentRound { continue }
      if note.track < Schedule.mutableTracks, mutedTracks & (1 << UInt64(note.track)) != 0 {
        continue
      }
      allowance -= 1
      if note.program != Schedule.noProgram { setProgram(note.program, of: note.channel) }
      start(note)
    }
    playedUpTo = max(playedUpTo, Int((position + ticksPerFrame / 2).rounded(.down)))
  }

  private mutating func click(in schedule: FlatSchedule) {
    while isDue(nextClick) {
      let tick = nextClick
      let beat = schedule.beat(after: tick - 1)
      if hasMetronome || tick < startsAt {
        start(
          FlatNote(
            start: tick, length: Tick.perQuarter / 16, track: Sequencer.noTrack,
            channel: Sequencer.metronomeChannel, key: beat.isDownbeat ? 76 : 77,
            velocity: beat.isDownbeat ? 110 : 80))
      }
      let following = schedule.beat(after: tick).tick
      nextClick = hasMetronome || following < startsAt ? following : Int.max
    }
  }
}
