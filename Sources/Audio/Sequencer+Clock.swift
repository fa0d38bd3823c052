import Music

/// MIDI clock: telling others where the playhead is, and following another's.
extension Sequencer {
  /// How far another's clock has been heard to be.
  struct Following: BitwiseCopyable {
    /// At `frame`; meaningless unless `hasPhase`.
    var tick: Double
    var frame: Int
    var ticksPerFrame: Double
    var hasPhase: Bool
  }

  private static let pulse = ClockFollower.ticksPerPulse
  private static let sixteenth = ClockFollower.ticksPerSixteenth
  /// Sixteenths that a song position can count.
  private static let lastPosition = 16_383

  // MARK: - Telling

  mutating func setSendsClock(_ isOn: Bool) {
    guard isOn != sendsClock else { return }
    if !isOn { haltClock() }
    sendsClock = isOn
    nextPulse = Int.max
    if isOn, state == .playing || state == .looping { locateClock(at: position) }
  }

  /// The next pulse is one that a song position can name: a sixteenth, at `tick` or after it.
  mutating func locateClock(at tick: Double) {
    guard sendsClock else { return }
    haltClock()
    let first = max(Int(tick.rounded(.up)), startsAt)
    nextPulse = (first + Sequencer.sixteenth - 1) / Sequencer.sixteenth * Sequencer.sixteenth
  }

  mutating func haltClock() {
    nextPulse = Int.max
    guard isClockRunning else { return }
    isClockRunning = false
    emit(.halt, 0, 0, 0, at: Int(position))
  }

  mutating func tellClock() {
    while isDue(nextPulse) {
      let tick = nextPulse
      if !isClockRunning {
        isClockRunning = true
        if tick == 0 {
          emit(.start, 0, 0, 0, at: tick)
        } else {
          let position = min(tick / Sequencer.sixteenth, Sequencer.lastPosition)
          emit(.songPosition, 0, UInt8(position & 127), UInt8(position >> 7), at: tick)
          emit(.goOn, 0, 0, 0, at: tick)
        }
      }
      emit(.pulse, 0, 0, 0, at: tick)
      nextPulse = tick + Sequencer.pulse
    }
  }

  // MARK: - Following

  /// - Parameters:
  ///   - tick: Where the other one is at `frame`; negative while it stands.
  ///   - ticksPerSecond: How fast it goes; 0 = follow nobody any more.
  mutating func follow(tick: Int, frame: Int, ticksPerSecond: Double) {
    guard ticksPerSecond.isFinite, ticksPerSecond > 0 else {
      following = nil
      updateRate()
      return
    }
    let slowest = 5.0 * Double(Tick.perQuarter) / 60
    following = Following(
      tick: Double(tick), frame: frame,
      ticksPerFrame: min(max(ticksPerSecond, slowest), 200 * slowest) / sampleRate,
      hasPhase: tick >= 0)
    steer()
  }

  /// Goes as fast as the other one, and a little faster or slower until both are at the same place
  /// of the beat: never by more than twice, so that no note is left out.
  mutating func steer() {
    guard let following, state == .playing || state == .looping else { return }
    var rate = following.ticksPerFrame
    let age = clock - following.frame
    if following.hasPhase, Double(age.magnitude) < 2 * sampleRate {
      let target = following.tick + Double(age) * following.ticksPerFrame
      var difference = target + phaseShift - position
      let quarter = Double(Tick.perQuarter)
      if needsPhase || difference.magnitude > 2 * quarter {
        // Where it began need not be where the other one is, but the beats fall together. Who
        // begins on the other's word is a little late, never early.
        let beats = ((difference + quarter / 4) / quarter).rounded(.down)
        phaseShift -= beats * quarter
        difference -= beats * quarter
        needsPhase = false
      }
      let seconds = difference / (rate * sampleRate)
      rate *= min(max(1 + 4 * seconds, 0.5), 2)
    }
    guard rate != ticksPerFrame else { return }
    ticksPerFrame = rate
    renewDeadlines()
  }
}
