import Music
import Testing

@testable import Audio

/// Whatever the musician does, in whatever order, no note is left hanging.
@Suite struct SequencerPropertyTests {
  private func randomSchedule(_ dice: inout Dice) -> Schedule {
    var performance = Performance()
    for track in 0..<3 {
      performance.tracks.append(
        .init(name: "", role: .melody, channel: track, program: track * 10))
    }
    for _ in 0..<Int.random(in: 0...40, using: &dice) {
      let start = Int.random(in: 0...8000, using: &dice)
      let length = Int.random(in: -10...3000, using: &dice)
      guard let pitch = Pitch(key: Int.random(in: 60...66, using: &dice)) else { continue }
      performance.notes.append(
        .init(
          start: Tick(start), end: Tick(start + length), pitch: pitch,
          velocity: Int.random(in: -5...200, using: &dice),
          track: Int.random(in: -1...3, using: &dice)))
    }
    for _ in 0..<Int.random(in: 0...3, using: &dice) {
      performance.tempos.append(
        .init(
          at: Tick(Int.random(in: 0...8000, using: &dice)),
          quartersPerMinute: Double.random(in: -10...900, using: &dice)))
    }
    performance.end = Tick(Int.random(in: 0...9000, using: &dice))
    return Schedule(
      performance: performance, readyUntil: Tick(Int.random(in: 0...9000, using: &dice)),
      isGrowing: Bool.random(using: &dice))
  }

  @Test(arguments: 1...60)
  func `every note-on is followed by its note-off`(seed: Int) {
    var dice = Dice(state: UInt64(seed))
    let harness = SequencerHarness()
    var schedules = 0
    for _ in 0..<80 {
      let first = Int.random(in: -100...9000, using: &dice)
      let second = Int.random(in: -100...9000, using: &dice)
      switch Int.random(in: 0..<19, using: &dice) {
      case 0, 1:
        harness.send(.play, randomSchedule(&dice), max(0, first))
        schedules += 1
      case 2, 3:
        harness.send(.update, randomSchedule(&dice))
        schedules += 1
      case 4:
        harness.send(.updateAtBeat, randomSchedule(&dice))
        schedules += 1
      case 5: harness.send(.stop)
      case 12:
        harness.send(.playAtBeat, randomSchedule(&dice), max(0, first))
        schedules += 1
      case 6: harness.send(.tempoScale, number: Double.random(in: -1...20, using: &dice))
      case 7: harness.send(.loop, nil, first, second)
      case 8: harness.send(.noLoop)
      case 9: harness.send(.metronome, nil, first & 1)
      case 13: harness.send(.press, nil, first & 127, second, 5)
      case 14: harness.send(.lift, nil, first & 127)
      case 15: harness.send(.steer, nil, 64, second & 127)
      case 16: harness.send(.sendClock, nil, first & 1)
      case 17:
        harness.send(
          .follow, nil, first, harness.sequencer.clock,
          number: Double.random(in: -100...20_000, using: &dice))
      case 10: harness.send(.mute, nil, first % 5, second & 1)
      case 11:
        harness.send(
          .hear, nil, first & 127, second, 5, number: Double.random(in: 0...0.5, using: &dice))
      default: harness.send(.countIn, nil, first & 1)
      }
      harness.run(seconds: Double.random(in: 0...0.4, using: &dice))
      #expect(harness.mistakes == 0)
      // The watchdog: nothing sounds without an end in sight.
      let clock = harness.sequencer.clock
      for index in 0..<harness.sequencer.soundingCount {
        #expect(harness.sequencer.sounding[index].deadline > clock - 480)
      }
    }
    harness.send(.shutdown)
    harness.run(seconds: 0.01)
    #expect(harness.sounding.isEmpty)
    #expect(harness.isIdle)
    #expect(harness.freed == schedules)
  }

  @Test func `ten thousand notes at one moment neither hang nor are lost`() {
    var performance = Performance()
    performance.tracks = (0..<16).map {
      .init(name: "", role: .melody, channel: $0, program: 0)
    }
    for index in 0..<10_000 {
      guard let pitch = Pitch(key: index % 128) else { continue }
      performance.notes.append(
        .init(
          start: .zero, end: Tick(960), pitch: pitch, velocity: 64, track: index / 128 % 16))
    }
    let harness = SequencerHarness()
    harness.send(.play, Schedule(performance: performance))
    harness.run(seconds: 2)
    #expect(harness.ons.count == 16 * 128)
    #expect(harness.mistakes == 0)
    #expect(harness.sounding.isEmpty)
  }
}
