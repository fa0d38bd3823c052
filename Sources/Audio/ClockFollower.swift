public import Music

/// Follows another's MIDI clock: a phase-locked loop over its pulses, which come with jitter.
///
/// The loop is an alpha-beta filter with growing memory (the least-squares line through the pulses
/// so far) up to one quarter note of pulses, so that a tempo is known from the second pulse on and
/// steady after a quarter.
struct ClockFollower {
  static let pulsesPerQuarter = 24
  static let ticksPerPulse = Tick.perQuarter / pulsesPerQuarter
  static let ticksPerSixteenth = Tick.perQuarter / 4
  /// Pulses that the loop remembers.
  private static let memory = 24
  /// Nanoseconds between pulses: from 1000 to 5 quarters a minute.
  private static let periods = 2.5e6...500e6

  enum Outcome: Equatable {
    case steered(ClockBeat)
    /// The first pulse after a start or a continue has come.
    case begun(from: Tick)
    case stopped
  }

  private var isRunning = false
  private var isAboutToBegin = false
  /// Where the next pulse is.
  private var tick = 0
  /// The smoothed moment of the last pulse, and the time from pulse to pulse; 0 = not known yet.
  private var moment = 0.0
  private var period = 0.0
  private var lastRaw = 0.0
  private var count = 0

  /// - Parameter now: When the message came, in nanoseconds of the monotonic clock.
  mutating func take(_ message: MIDIMessage, at now: Int) -> [Outcome] {
    switch message {
    case .start:
      tick = 0
      isRunning = true
      isAboutToBegin = true
      return []
    case .goOn:
      isRunning = true
      isAboutToBegin = true
      return []
    case .songPosition(let sixteenths):
      tick = Int(sixteenths) * ClockFollower.ticksPerSixteenth
      return []
    case .stop:
      defer { isRunning = false }
      return isRunning ? [.stopped] : []
    case .clock: return pulse(at: Double(now))
    default: return []
    }
  }

  private mutating func pulse(at now: Double) -> [Outcome] {
    smooth(now)
    var outcomes: [Outcome] = []
    let place = tick
    if isRunning { tick += ClockFollower.ticksPerPulse }
    if isAboutToBegin {
      isAboutToBegin = false
      outcomes.append(.begun(from: Tick(place)))
    }
    if period > 0 {
      outcomes.append(
        .steered(
          ClockBeat(
            tick: isRunning ? Tick(place) : nil, moment: Int(moment),
            ticksPerSecond: Double(ClockFollower.ticksPerPulse) * 1e9 / period)))
    }
    return outcomes
  }

  private mutating func smooth(_ now: Double) {
    let raw = now - lastRaw
    lastRaw = now
    count += 1
    guard count > 1 else {
      moment = now
      return
    }
    guard count > 2, period > 0 else {
      // After a gap the time between two pulses says nothing.
      let isPlausible = ClockFollower.periods.contains(raw)
      moment = now
      if isPlausible { period = raw } else { count = 1 }
      return
    }
    let predicted = moment + period
    let difference = now - predicted
    if difference.magnitude > period * 0.6 {
      // Another tempo, or a gap: the loop begins anew from here.
      moment = now
      count = ClockFollower.periods.contains(raw) ? 2 : 1
      if count == 2 { period = raw }
      return
    }
    let number = Double(min(count, ClockFollower.memory))
    let alpha = 2 * (2 * number - 1) / (number * (number + 1))
    let beta = 6 / (number * (number + 1))
    moment = predicted + alpha * difference
    period += beta * difference
  }
}

/// A moment of another's clock: where in the tune it is, and how fast it goes.
public struct ClockBeat: Hashable, Sendable {
  /// `nil` while the other one stands: then only its tempo is known.
  public var tick: Tick?
  /// In nanoseconds of the monotonic clock.
  public var moment: Int
  public var ticksPerSecond: Double
}

/// What is done about MIDI clock.
public enum MIDIClock: String, CaseIterable, Sendable {
  case off
  /// Tell others our tempo, start, stop and song position.
  case send
  /// Take tempo, start, stop and song position from another.
  case follow
}
