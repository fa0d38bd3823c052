import Glibc
import Music
import Testing

@testable import Audio

/// MIDI clock, sent and followed.
@Suite struct ClockTests {
  private let quarter = Tick.perQuarter

  private func clocks(_ harness: SequencerHarness) -> [SoundEvent] {
    harness.events.filter { [.pulse, .start, .goOn, .halt, .songPosition].contains($0.kind) }
  }

  @Test func `twenty-four pulses a quarter follow the tempo map, after a start`() {
    var tune = melody([60, 62, 64, 65])
    tune.tempos.append(.init(at: Tick(2 * quarter), quartersPerMinute: 60))
    let harness = SequencerHarness()
    harness.send(.sendClock, nil, 1)
    harness.send(.play, Schedule(performance: tune))
    harness.run(seconds: 4)
    let clocks = clocks(harness)
    #expect(clocks.first?.kind == .start)
    #expect(clocks.last?.kind == .halt)
    let pulses = clocks.filter { $0.kind == .pulse }.map(\.frame)
    #expect(pulses.count == 4 * 24)
    // Half a second a quarter, then a second.
    #expect((0..<48).allSatisfy { abs(pulses[$0] - $0 * 1000) <= 1 })
    #expect((48..<96).allSatisfy { abs(pulses[$0] - 48_000 - ($0 - 48) * 2000) <= 1 })
  }

  @Test func `from elsewhere the song position is told, and playing goes on from a sixteenth`() {
    let harness = SequencerHarness()
    harness.send(.sendClock, nil, 1)
    harness.send(.play, Schedule(performance: melody([60, 62, 64, 65])), quarter + 100)
    harness.run(seconds: 0.3)
    let clocks = clocks(harness)
    #expect(clocks.prefix(3).map(\.kind) == [.songPosition, .goOn, .pulse])
    // The first sixteenth after it.
    #expect(clocks.first.map { Int($0.value) << 7 | Int($0.key) } == 5)
    #expect(clocks.first.map { abs($0.frame - 140 * 24_000 / quarter) <= 1 } == true)
  }

  @Test func `a loop that goes back says so`() {
    let harness = SequencerHarness()
    harness.send(.sendClock, nil, 1)
    harness.send(.loop, nil, 0, quarter)
    harness.send(.play, Schedule(performance: melody([60, 62])))
    harness.run(seconds: 0.7)
    let kinds = clocks(harness).filter { $0.kind != .pulse }.map(\.kind)
    #expect(kinds == [.start, .halt, .start])
  }

  @Test func `nothing is told while the clock is off`() {
    let harness = SequencerHarness()
    harness.send(.play, Schedule(performance: melody([60, 62])))
    harness.run(seconds: 2)
    #expect(clocks(harness).isEmpty)
  }

  /// Pulses of another's clock with an even jitter of so many milliseconds to either side.
  private func pulses(
    _ count: Int, quartersPerMinute: Double, from: Double, jitter: Double, _ dice: inout Dice
  ) -> [Int] {
    let period = 60e9 / quartersPerMinute / 24
    return (0..<count).map {
      Int(from + Double($0) * period + Double.random(in: -jitter...jitter, using: &dice) * 1e6)
    }
  }

  @Test(arguments: [60.0, 97, 120, 180])
  func `the tempo is found through jitter, within half a percent`(tempo: Double) {
    var dice = Dice(state: UInt64(tempo))
    var follower = ClockFollower()
    var errors: [Double] = []
    var phases: [Double] = []
    _ = follower.take(.start, at: 0)
    let moments = pulses(240, quartersPerMinute: tempo, from: 1e9, jitter: 2, &dice)
    for (index, moment) in moments.enumerated() {
      for case .steered(let beat) in follower.take(.clock, at: moment) where index > 96 {
        errors.append(beat.ticksPerSecond / (tempo * 16) - 1)
        #expect(beat.tick == Tick(index * 40))
        phases.append(Double(beat.moment) - 1e9 - Double(index) * 60e9 / tempo / 24)
      }
    }
    let mean = errors.reduce(0, +) / Double(errors.count)
    #expect(abs(mean) < 0.005)
    // A jitter of 2 ms is smoothed to less than one.
    let spread = (phases.map { $0 * $0 }.reduce(0, +) / Double(phases.count)).squareRoot()
    #expect(spread < 0.8e6, "\(spread)")
  }

  @Test func `another tempo is taken on within a beat`() {
    var dice = Dice(state: 5)
    var follower = ClockFollower()
    let first = pulses(96, quartersPerMinute: 90, from: 1e9, jitter: 1, &dice)
    let second = pulses(
      48, quartersPerMinute: 132, from: Double(first[95]) + 60e9 / 132 / 24, jitter: 1, &dice)
    var last = 0.0
    for moment in first + second {
      for case .steered(let beat) in follower.take(.clock, at: moment) {
        last = beat.ticksPerSecond
        #expect(beat.tick == nil)
      }
    }
    #expect(abs(last / (132 * 16) - 1) < 0.04, "\(last / 16)")
  }

  @Test func `playing begins with the first pulse, where the song position says`() {
    var follower = ClockFollower()
    #expect(follower.take(.songPosition(8), at: 0).isEmpty)
    #expect(follower.take(.goOn, at: 0).isEmpty)
    #expect(follower.take(.clock, at: 20_000_000) == [.begun(from: Tick(8 * 240))])
    #expect(follower.take(.stop, at: 30_000_000) == [.stopped])
    #expect(follower.take(.stop, at: 30_000_000).isEmpty)
    // Another continue goes on where it stopped.
    _ = follower.take(.goOn, at: 40_000_000)
    #expect(
      follower.take(.clock, at: 41_000_000).first == .begun(from: Tick(8 * 240 + 40)))
  }

  @Test func `a playhead that follows comes into phase and stays there, also around a loop`() {
    let harness = SequencerHarness()
    harness.send(.loop, nil, 0, 4 * quarter)
    harness.send(.play, Schedule(performance: melody([60, 62, 64, 65, 67, 69])))
    // The other one is 60 ms ahead, at 132 quarters a minute.
    let ticksPerSecond = 132.0 * 16
    func place(_ seconds: Double) -> Double { (seconds + 0.06) * ticksPerSecond }
    var worst = 0.0
    var seconds = 0.0
    for step in 0..<400 {
      harness.send(
        .follow, nil, Int(place(seconds)), harness.sequencer.clock, number: ticksPerSecond)
      harness.run(seconds: 0.02)
      seconds += 0.02
      if step > 100 {
        let beats = (harness.position - place(seconds)) / Double(quarter)
        worst = max(worst, abs(beats - beats.rounded()) * 60 / 132)
      }
    }
    #expect(worst < 0.002, "\(worst) s")
    // Nothing was left out on the way: four keys, round and round.
    #expect(harness.keys(.on).prefix(9) == [60, 62, 64, 65, 60, 62, 64, 65, 60])
    #expect(harness.mistakes == 0)
  }

  @Test func `when nobody is followed any more the tune has its own tempo`() {
    let harness = SequencerHarness()
    harness.send(.play, Schedule(performance: melody([60, 62, 64, 65])))
    harness.send(.follow, nil, -1, 0, number: 60 * 16)
    harness.run(seconds: 1)
    #expect(abs(harness.position - Double(quarter)) < 2)
    harness.send(.follow)
    harness.run(seconds: 0.5)
    #expect(abs(harness.position - 2 * Double(quarter)) < 2)
  }
}

/// How frames and moments belong together.
@Suite struct FrameClockTests {
  @Test func `a device that tells its delay roughly gives even moments`() {
    var dice = Dice(state: 3)
    var clock = FrameClock()
    var moments: [Int] = []
    for period in 0..<400 {
      let frame = period * 480
      let rough = Int.random(in: -3_000_000...3_000_000, using: &dice)
      clock.observe(frame: frame, heardAt: 5_000_000_000 + period * 10_000_000 + rough)
      if period > 100 { moments.append(clock.moment(of: frame)) }
    }
    let steps = zip(moments, moments.dropFirst()).map { $1 - $0 - 10_000_000 }
    #expect(steps.allSatisfy { abs($0) < 100_000 })
  }

  @Test func `an underrun is followed at once`() {
    var clock = FrameClock()
    clock.observe(frame: 0, heardAt: 1_000_000_000)
    clock.observe(frame: 480, heardAt: 1_200_000_000)
    #expect(clock.moment(of: 480) == 1_200_000_000)
    #expect(abs(clock.frame(at: 1_210_000_000) - 960) < 0.01)
  }
}
