/// What each command does.
extension Sequencer {
  mutating func handle(_ command: Command) {
    switch command.kind {
    case .play:
      guard let schedule = command.schedule else { return }
      play(schedule, from: command.first)
    case .playAtBeat:
      guard let schedule = command.schedule else { return }
      playAtBeat(schedule, from: command.first)
    case .update, .updateAtBeat:
      guard let schedule = command.schedule else { return }
      update(schedule, atNextBeat: command.kind == .updateAtBeat)
    case .stop: stop()
    case .tempoScale: setTempoScale(command.number)
    case .loop: setLoop((command.first, command.second))
    case .noLoop: setLoop(nil)
    case .rests:
      hasRests = command.first != 0
      if !hasRests { isSilentRound = false }
    case .metronome: setMetronome(command.first != 0)
    case .countIn: countIn = command.first
    case .mute: setMuted(track: command.first, command.second != 0)
    case .hear:
      hear(
        key: UInt8(command.first & 127), velocity: UInt8(min(max(command.second, 1), 127)),
        program: UInt8(command.third & 127), frames: Int(command.number * sampleRate))
    case .press:
      press(
        key: UInt8(command.first & 127), velocity: UInt8(min(max(command.second, 1), 127)),
        program: UInt8(command.third & 127))
    case .lift: lift(key: UInt8(command.first & 127))
    case .bend: bend(to: command.first)
    case .sendClock: setSendsClock(command.first != 0)
    case .follow:
      follow(tick: command.first, frame: command.second, ticksPerSecond: command.number)
    // The audio thread's own.
    case .synth, .midi: break
    case .steer: steer(UInt8(command.first & 127), to: UInt8(command.second & 127))
    case .panic:
      stop()
      closeEverything()
      emit(.panic, 0, 0, 0, at: Int(position))
    case .release, .shutdown:
      stop()
      closeEverything()
    }
  }

  private mutating func playAtBeat(_ schedule: FlatSchedule, from tick: Int) {
    guard let current = self.schedule, state == .playing || state == .looping else {
      play(schedule, from: tick)
      return
    }
    if let pending { retire(pending) }
    pending = schedule
    pendingAt = current.beat(after: Int(position.rounded(.down))).tick
    pendingStart = max(0, tick)
  }

  private mutating func play(_ schedule: FlatSchedule, from tick: Int) {
    closeAll()
    retireAll()
    self.schedule = schedule
    hasFinished = false
    startsAt = max(0, tick)
    isSilentRound = false
    // So that the tempo is told anew.
    quartersPerMinute = 0
    setPrograms(of: schedule)
    var begin = startsAt
    if countIn > 0 {
      let beats = schedule.beats(at: startsAt)
      begin -= countIn * min(beats.count, 16) * beats.length
    }
    state = loop == nil ? .playing : .looping
    needsPhase = true
    phaseShift = 0
    seek(to: Double(begin), in: schedule, notesFrom: startsAt)
    locateClock(at: Double(begin))
  }

  private mutating func update(_ schedule: FlatSchedule, atNextBeat: Bool) {
    guard let current = self.schedule, state != .stopped else {
      // Nothing plays, so there is nothing to go on with.
      retire(schedule)
      return
    }
    if let pending { retire(pending) }
    pending = nil
    if pendingStart != nil, state == .playing || state == .looping {
      // What is about to begin has changed meanwhile.
      pending = schedule
      return
    }
    if atNextBeat, state != .waiting {
      pending = schedule
      pendingAt = current.beat(after: Int(position.rounded(.down))).tick
      return
    }
    if atNextBeat {
      closeAll()
    } else {
      lengthenSoundingNotes(by: schedule)
    }
    exchange(schedule, notesFrom: firstTickNotPlayed(in: current))
    if state == .waiting, position < Double(schedule.horizon) || !schedule.isGrowing {
      state = loop == nil ? .playing : .looping
      needsPhase = true
      locateClock(at: position)
    }
  }

  /// Notes that start here or later have not been started yet. Time stands up to one frame past
  /// a moment whose notes the next `advance` starts.
  private func firstTickNotPlayed(in schedule: FlatSchedule) -> Int {
    if nextNote < schedule.noteCount, isDue(schedule.notes[nextNote].start) {
      return schedule.notes[nextNote].start
    }
    return max(playedUpTo + 1, Int((position - ticksPerFrame).rounded(.up)))
  }

  mutating func switchToPending() {
    guard let next = pending else { return }
    pending = nil
    closeAll()
    if let start = pendingStart {
      takePendingLoop()
      if let old = schedule { retire(old) }
      schedule = next
      startsAt = start
      setPrograms(of: next)
      state = loop == nil ? .playing : .looping
      needsPhase = true
      seek(to: Double(start), in: next, notesFrom: start)
      locateClock(at: Double(start))
      return
    }
    exchange(next, notesFrom: max(pendingAt, startsAt))
  }

  private mutating func exchange(_ schedule: FlatSchedule, notesFrom tick: Int) {
    if let old = self.schedule { retire(old) }
    self.schedule = schedule
    setPrograms(of: schedule)
    let click = nextClick
    seek(to: position, in: schedule, notesFrom: tick)
    // A beat that has just been clicked is not clicked again.
    if click != Int.max { nextClick = max(click, nextClick) }
  }

  private mutating func stop() {
    closeAll()
    retireAll()
    state = .stopped
    nextClick = Int.max
    haltClock()
  }

  private mutating func setTempoScale(_ scale: Double) {
    guard scale.isFinite else { return }
    let next = min(max(scale, 0.1), 8)
    guard next != tempoScale else { return }
    tempoScale = next
    updateRate()
    emitTempo()
  }

  private mutating func takePendingLoop() {
    pendingStart = nil
    if let pendingLoop { loop = pendingLoop.range }
    pendingLoop = nil
  }

  private mutating func setLoop(_ asked: (start: Int, end: Int)?) {
    let range = asked.flatMap {
      $0.start >= 0 && $0.end - $0.start >= Sequencer.shortestLoop ? $0 : nil
    }
    guard pendingStart == nil else {
      pendingLoop = PendingLoop(range: range)
      return
    }
    loop = range
    if state == .playing || state == .looping { state = loop == nil ? .playing : .looping }
  }

  private mutating func setMetronome(_ isOn: Bool) {
    hasMetronome = isOn
    guard isOn, let schedule, state != .stopped else { return }
    nextClick = min(nextClick, schedule.beat(after: Int(position.rounded(.up)) - 1).tick)
  }

  private mutating func setMuted(track: Int, _ isMuted: Bool) {
    guard (0..<Schedule.mutableTracks).contains(track) else { return }
    let bit = UInt64(1) << UInt64(track)
    mutedTracks = isMuted ? mutedTracks | bit : mutedTracks & ~bit
    if isMuted { closeAll(ofTrack: UInt16(track)) }
  }

  private mutating func retireAll() {
    if let schedule { retire(schedule) }
    if let pending { retire(pending) }
    schedule = nil
    pending = nil
    takePendingLoop()
  }

  private mutating func retire(_ schedule: FlatSchedule) {
    (retired + retiredCount).initialize(to: schedule)
    retiredCount += 1
  }
}
