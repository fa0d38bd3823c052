import Music
import Testing

@testable import Audio

@Suite struct SequencerTests {
  private let quarter = Tick.perQuarter
  /// Frames of a quarter note at 120 quarters a minute.
  private let quarterFrames = 24_000

  @Test func `notes begin and end at the exact frame of the score`() {
    let harness = SequencerHarness()
    harness.send(.play, Schedule(performance: melody([60, 62, 64, 65], length: 480)))
    harness.run(seconds: 3)
    #expect(harness.keys(.on) == [60, 62, 64, 65])
    #expect(harness.ons.map(\.frame) == [0, 24_000, 48_000, 72_000])
    #expect(harness.offs.map(\.frame) == [12_000, 36_000, 60_000, 84_000])
    #expect(harness.mistakes == 0)
  }

  @Test func `an instrument changes with the note it was asked for, also after going back`() {
    var tune = melody([60, 62, 64])
    tune.programs = [.init(at: Tick(quarter), track: 0, program: 40)]
    let harness = SequencerHarness()
    harness.send(.play, Schedule(performance: tune))
    harness.run(seconds: 2)
    let first = harness.events.filter { $0.kind == .program }
    #expect(first.map(\.value) == [73, 40])
    #expect(first.map(\.frame) == [0, 24_000])
    harness.send(.play, Schedule(performance: tune))
    harness.run(seconds: 0.1)
    #expect(harness.events.filter { $0.kind == .program }.map(\.value) == [73, 40, 73])
  }

  @Test func `a controller is set where it was asked for, before the note there`() {
    var tune = melody([60, 62, 64])
    tune.controls = [
      .init(at: .zero, track: 0, controller: 7, value: 90),
      .init(at: Tick(quarter), track: 0, controller: 10, value: 20),
    ]
    let harness = SequencerHarness()
    harness.send(.play, Schedule(performance: tune))
    harness.run(seconds: 2)
    let set = harness.events.filter { $0.kind == .control }
    #expect(set.map(\.key) == [7, 10])
    #expect(set.map(\.value) == [90, 20])
    #expect(set.map(\.frame) == [0, 24_000])
    let kinds = harness.events.filter { $0.frame == 24_000 && $0.kind != .off }.map(\.kind)
    #expect(kinds == [.control, .on])
  }

  @Test func `a controller has its earlier value again after going back or to another tune`() {
    var tune = melody([60, 62, 64])
    tune.controls = [
      .init(at: .zero, track: 0, controller: 7, value: 90),
      .init(at: Tick(quarter), track: 0, controller: 7, value: 40),
      .init(at: Tick(2 * quarter), track: 0, controller: 64, value: 127),
    ]
    let harness = SequencerHarness()
    func values() -> [[Int]] {
      defer { harness.clear() }
      return harness.events.filter { $0.kind == .control }.map { [Int($0.key), Int($0.value)] }
    }
    harness.send(.play, Schedule(performance: tune), 2 * quarter)
    harness.run(seconds: 0.1)
    #expect(values() == [[64, 127], [7, 40]])
    harness.send(.play, Schedule(performance: tune))
    harness.run(seconds: 0.1)
    #expect(values() == [[7, 90], [64, 0]])
    harness.send(.play, Schedule(performance: melody([60])))
    harness.run(seconds: 0.1)
    #expect(values() == [[7, 100]])
  }

  @Test func `a loop sets its controllers each time`() {
    var tune = melody([60, 62])
    tune.controls = [
      .init(at: .zero, track: 0, controller: 7, value: 90),
      .init(at: Tick(quarter), track: 0, controller: 7, value: 40),
    ]
    let harness = SequencerHarness()
    harness.send(.loop, nil, 0, 2 * quarter)
    harness.send(.play, Schedule(performance: tune))
    harness.run(seconds: 1.9)
    let set = harness.events.filter { $0.kind == .control }
    #expect(set.map(\.value) == [90, 40, 90, 40])
    #expect(set.map(\.frame) == [0, 24_000, 48_000, 72_000])
  }

  @Test func `the end of the music stops the player`() {
    let harness = SequencerHarness()
    harness.send(.play, Schedule(performance: melody([60, 62])))
    harness.run(seconds: 0.99)
    #expect(harness.state == .playing)
    harness.run(seconds: 0.02)
    #expect(harness.state == .stopped)
    #expect(harness.hasFinished)
    #expect(harness.position == Double(2 * quarter))
    #expect(harness.sounding.isEmpty)
  }

  @Test func `playing from the middle leaves out what began before`() {
    let harness = SequencerHarness()
    harness.send(.play, Schedule(performance: melody([60, 62, 64])), quarter + 1)
    harness.run(seconds: 2)
    #expect(harness.keys(.on) == [64])
    #expect(harness.ons.first.map { abs($0.frame - (quarterFrames - 25)) <= 1 } == true)
  }

  @Test func `growing music waits at its end and goes on by itself`() {
    let harness = SequencerHarness()
    let four = melody([60, 62, 64, 65])
    harness.send(
      .play, Schedule(performance: four, readyUntil: Tick(2 * quarter), isGrowing: true))
    harness.run(seconds: 3)
    #expect(harness.state == .waiting)
    #expect(harness.keys(.on) == [60, 62])
    #expect(harness.position == Double(2 * quarter))
    #expect(harness.sounding.isEmpty)

    harness.send(
      .update, Schedule(performance: four, readyUntil: Tick(3 * quarter), isGrowing: true))
    #expect(harness.state == .playing)
    harness.run(seconds: 0.001)
    #expect(harness.keys(.on) == [60, 62, 64])
    harness.send(.update, Schedule(performance: four))
    harness.run(seconds: 2)
    #expect(harness.keys(.on) == [60, 62, 64, 65])
    #expect(harness.state == .stopped)
    #expect(harness.freed == 2)
  }

  @Test func `an update without more music keeps waiting, and a finished one stops`() {
    let harness = SequencerHarness()
    let two = melody([60, 62])
    harness.send(.play, Schedule(performance: two, readyUntil: Tick(quarter), isGrowing: true))
    harness.run(seconds: 1)
    harness.send(.update, Schedule(performance: two, readyUntil: Tick(quarter), isGrowing: true))
    harness.run(seconds: 1)
    #expect(harness.state == .waiting)
    harness.send(.update, Schedule(performance: melody([60])))
    harness.run(seconds: 0.1)
    #expect(harness.state == .stopped)
    #expect(harness.keys(.on) == [60])
  }

  @Test(arguments: [0.0001, 0.2, 0.4999, 0.5, 0.5001, 0.505, 0.75, 1.0])
  func `an update while playing loses and doubles no note`(seconds: Double) {
    let harness = SequencerHarness()
    harness.send(
      .play,
      Schedule(
        performance: melody([60, 62]), readyUntil: Tick(2 * quarter + 1), isGrowing: true))
    harness.run(seconds: seconds)
    harness.send(.update, Schedule(performance: melody([60, 62, 64, 65])))
    harness.run(seconds: 3)
    #expect(harness.keys(.on) == [60, 62, 64, 65])
    #expect(harness.ons.map(\.frame) == [0, 24_000, 48_000, 72_000])
    #expect(harness.mistakes == 0)
  }

  @Test func `an edit keeps the sounding note until its own end`() {
    let harness = SequencerHarness()
    harness.send(.play, Schedule(performance: melody([60, 62, 64])))
    harness.run(seconds: 0.25)
    harness.send(.update, Schedule(performance: melody([50, 52, 54])))
    harness.run(seconds: 2)
    #expect(harness.keys(.on) == [60, 52, 54])
    #expect(harness.offs.first?.frame == 24_000)
    #expect(harness.mistakes == 0)
  }

  @Test func `a note tied over the end of what was known sounds on`() {
    let harness = SequencerHarness()
    harness.send(
      .play,
      Schedule(performance: melody([60]), readyUntil: Tick(2 * quarter), isGrowing: true))
    harness.run(seconds: 0.3)
    harness.send(.update, Schedule(performance: melody([60], length: 3 * quarter)))
    harness.run(seconds: 2)
    #expect(harness.ons.count == 1)
    #expect(harness.offs.map(\.frame) == [72_000])
  }

  @Test func `another take begins at the next beat and closes what sounds`() {
    let harness = SequencerHarness()
    harness.send(.play, Schedule(performance: melody([60, 60, 60], length: 2 * quarter)))
    harness.run(seconds: 0.3)
    harness.send(.updateAtBeat, Schedule(performance: melody([40, 42, 44])))
    harness.run(seconds: 0.1)
    #expect(harness.keys(.off).isEmpty)
    harness.run(seconds: 2)
    #expect(harness.keys(.on) == [60, 42, 44])
    #expect(harness.offs.first?.frame == 24_000)
    #expect(harness.mistakes == 0)
  }

  @Test func `another place begins on the next beat, and its loop with it`() {
    let harness = SequencerHarness()
    harness.send(.loop, nil, 0, 2 * quarter)
    harness.send(.play, Schedule(performance: melody([60, 62, 64, 65])))
    harness.run(seconds: 1.3)
    #expect(harness.keys(.on) == [60, 62, 60])
    harness.send(.playAtBeat, Schedule(performance: melody([40, 41, 42, 43])), 2 * quarter)
    harness.send(.loop, nil, 2 * quarter, 4 * quarter)
    harness.run(seconds: 0.19)
    #expect(harness.keys(.on) == [60, 62, 60])
    harness.run(seconds: 1.6)
    #expect(harness.keys(.on) == [60, 62, 60, 42, 43, 42, 43])
    #expect(harness.ons.map(\.frame) == (0..<7).map { $0 * 24_000 })
    #expect(harness.state == .looping)
    // Back before a later end: not at once, but on the beat.
    harness.send(.playAtBeat, Schedule(performance: melody([60, 62, 64, 65])))
    harness.send(.loop, nil, 0, quarter)
    // What is to begin changes before it has begun.
    harness.send(.update, Schedule(performance: melody([50, 52, 54, 55])))
    harness.run(seconds: 1)
    #expect(harness.keys(.on).suffix(2) == [50, 50])
    #expect(harness.ons.map(\.frame).allSatisfy { $0.isMultiple(of: 24_000) })
    #expect(harness.mistakes == 0)
  }

  @Test func `another place is played at once where nothing sounds`() {
    let harness = SequencerHarness()
    harness.send(.playAtBeat, Schedule(performance: melody([60, 62])), quarter)
    harness.run(seconds: 0.1)
    #expect(harness.keys(.on) == [62])
    // A switch that was still to come goes with the stop.
    harness.send(.playAtBeat, Schedule(performance: melody([40])))
    harness.send(.stop)
    harness.run(seconds: 1)
    #expect(harness.keys(.on) == [62])
    #expect(harness.freed == 2)
  }

  @Test func `a switch asked for in the last beat still happens`() {
    let harness = SequencerHarness()
    harness.send(
      .play,
      Schedule(performance: melody([60]), readyUntil: Tick(quarter / 2), isGrowing: true))
    harness.run(seconds: 0.1)
    harness.send(.updateAtBeat, Schedule(performance: melody([40, 42])))
    harness.run(seconds: 2)
    #expect(harness.keys(.on) == [60, 42])
    #expect(harness.state == .stopped)
  }

  @Test func `stop ends every note at once`() {
    let harness = SequencerHarness()
    var chord = melody([60, 64, 67], length: 8 * quarter)
    for index in chord.notes.indices { chord.notes[index].start = .zero }
    harness.send(.play, Schedule(performance: chord))
    harness.run(seconds: 0.1)
    #expect(harness.sounding.count == 3)
    harness.send(.stop)
    harness.collect()
    #expect(harness.sounding.isEmpty)
    #expect(harness.offs.allSatisfy { $0.frame == 4800 })
    harness.run(seconds: 1)
    #expect(harness.isIdle)
    #expect(harness.events.filter { $0.kind == .on }.count == 3)
  }

  @Test func `a tempo change keeps the place in the music`() {
    let harness = SequencerHarness()
    harness.send(.play, Schedule(performance: melody([60, 62, 64])))
    harness.run(seconds: 0.25)
    let before = harness.position
    harness.send(.tempoScale, number: 2)
    #expect(harness.position == before)
    harness.run(seconds: 2)
    #expect(harness.ons.map(\.frame) == [0, 18_000, 30_000])
    #expect(harness.events.contains { $0.kind == .tempo && $0.quartersPerMinute == 240 })
  }

  @Test func `tempo changes in the score are kept to the frame`() {
    var performance = melody([60, 62, 64])
    performance.tempos.append(.init(at: Tick(quarter), quartersPerMinute: 60))
    let harness = SequencerHarness()
    harness.send(.play, Schedule(performance: performance))
    harness.run(seconds: 4)
    #expect(harness.ons.map(\.frame) == [0, 24_000, 72_000])
  }

  @Test func `a loop comes back to the frame, a hundred times`() {
    let harness = SequencerHarness()
    harness.send(.loop, nil, quarter, 3 * quarter)
    harness.send(
      .play, Schedule(performance: melody([60, 62, 64, 65], quartersPerMinute: 133)), quarter)
    #expect(harness.state == .looping)
    let lap = 2 * 60.0 / 133
    harness.run(seconds: lap * 100 - 0.001)
    #expect(harness.ons.count == 200)
    #expect(harness.mistakes == 0)
    let last = Double(harness.ons.last?.frame ?? 0)
    #expect(abs(last - lap * 99.5 * 48_000) < 2)
    harness.send(.noLoop)
    harness.run(seconds: 3)
    #expect(harness.keys(.on).last == 65)
    #expect(harness.state == .stopped)
  }

  @Test func `a loop that lies behind is taken up at once`() {
    let harness = SequencerHarness()
    harness.send(.play, Schedule(performance: melody([60, 62, 64, 65])), 2 * quarter)
    harness.run(seconds: 0.1)
    harness.send(.loop, nil, 0, quarter)
    harness.run(seconds: 0.2)
    #expect(harness.position < Double(quarter))
    #expect(harness.mistakes == 0)
  }

  @Test func `voices in unison sound once and end with the longer one`() {
    var performance = melody([60], length: quarter)
    performance.notes.append(performance.notes[0])
    performance.notes[1].end = Tick(2 * quarter)
    performance.end = Tick(2 * quarter)
    let harness = SequencerHarness()
    harness.send(.play, Schedule(performance: performance))
    harness.run(seconds: 3)
    #expect(harness.ons.count == 1)
    #expect(harness.offs.map(\.frame) == [48_000])
  }

  @Test func `muting a track silences it and nothing else`() {
    var performance = melody([60, 62])
    performance.tracks.append(.init(name: "bass", role: .bass, channel: 1, program: 32))
    performance.notes += melody([40, 42], length: quarter).notes.map {
      var note = $0
      note.track = 1
      return note
    }
    let harness = SequencerHarness()
    harness.send(.play, Schedule(performance: performance))
    harness.run(seconds: 0.1)
    harness.send(.mute, nil, 1, 1)
    harness.run(seconds: 2)
    #expect(Set(harness.keys(.on)) == [60, 40, 62])
    #expect(harness.mistakes == 0)
  }

  @Test func `every other round of a loop is silent where rests are asked for`() {
    let harness = SequencerHarness()
    harness.send(.rests, nil, 1)
    harness.send(.loop, nil, 0, 2 * Tick.perQuarter)
    harness.send(.metronome, nil, 1)
    harness.send(.play, Schedule(performance: melody([60, 62])))
    harness.run(seconds: 3.9)
    #expect(harness.ons.filter { $0.channel == 0 }.map(\.frame) == [0, 24_000, 96_000, 120_000])
    #expect(harness.ons.filter { $0.channel == 9 }.count == 8)
    harness.send(.rests, nil, 0)
    harness.run(seconds: 1)
    #expect(harness.mistakes == 0)
  }

  @Test func `two bars are counted in where two are asked for`() {
    let harness = SequencerHarness()
    harness.send(.countIn, nil, 2)
    harness.send(.play, Schedule(performance: melody([60, 62])))
    harness.run(seconds: 6)
    let clicks = harness.ons.filter { $0.channel == 9 }
    #expect(clicks.map(\.frame) == (0..<8).map { $0 * 24_000 })
    #expect(clicks.map(\.key) == [76, 77, 77, 77, 76, 77, 77, 77])
    #expect(harness.ons.filter { $0.channel == 0 }.map(\.frame) == [192_000, 216_000])
  }

  @Test func `the count-in clicks one bar, then the music begins`() {
    let harness = SequencerHarness()
    harness.send(.countIn, nil, 1)
    harness.send(.play, Schedule(performance: melody([60, 62])))
    harness.run(seconds: 4)
    let clicks = harness.ons.filter { $0.channel == 9 }
    #expect(clicks.map(\.frame) == [0, 24_000, 48_000, 72_000])
    #expect(clicks.map(\.key) == [76, 77, 77, 77])
    #expect(harness.ons.filter { $0.channel == 0 }.map(\.frame) == [96_000, 120_000])
    #expect(harness.sounding.isEmpty)
  }

  @Test func `the metronome can be switched on and off while playing`() {
    let harness = SequencerHarness()
    harness.send(.play, Schedule(performance: melody([60, 62, 64, 65, 67, 69])))
    harness.run(seconds: 0.6)
    harness.send(.metronome, nil, 1)
    harness.run(seconds: 1.6)
    harness.send(.metronome, nil, 0)
    harness.run(seconds: 2)
    let clicks = harness.ons.filter { $0.channel == 9 }
    #expect(clicks.map(\.frame) == [48_000, 72_000, 96_000])
    #expect(clicks.map(\.key) == [77, 77, 76])
    #expect(harness.mistakes == 0)
  }

  @Test func `one note is heard while nothing plays, and ends by itself`() {
    let harness = SequencerHarness()
    harness.send(.hear, nil, 67, 90, 24, number: 0.4)
    harness.run(seconds: 1)
    #expect(harness.keys(.on) == [67])
    #expect(harness.offs.map(\.frame) == [19_200])
    #expect(harness.isIdle)
  }

  @Test func `bars and beats are told as a musician counts them`() {
    var performance = melody([])
    performance.meters = [.init(at: .zero, beats: 6, unit: 8)]
    performance.bars = [
      .init(written: 0, pass: 1, start: .zero, end: Tick(480)),
      .init(written: 1, pass: 1, start: Tick(480), end: Tick(480 + 2880)),
    ]
    let flat = FlatSchedule(Schedule(performance: performance))
    defer { flat.deallocate() }
    #expect(flat.place(of: 0).bar == 0)
    #expect(abs(flat.place(of: 0).beat - 2.6667) < 0.001)
    #expect(flat.place(of: 480) == (1, 1))
    #expect(flat.place(of: 480 + 1440) == (1, 2))
    #expect(flat.place(of: 480 + 2880) == (2, 1))
    #expect(flat.beat(after: 0).tick == 480)
    #expect(flat.beat(after: 480).tick == 480 + 1440)
  }

  @Test func `an update after the stop is given back, not played`() {
    let harness = SequencerHarness()
    harness.send(.update, Schedule(performance: melody([60])))
    harness.run(seconds: 1)
    #expect(harness.freed == 1)
    #expect(harness.events.isEmpty)
  }

  @Test func `a note that is held outlasts a loop, a stop and another tune`() {
    let harness = SequencerHarness()
    harness.send(.loop, nil, 0, 2 * quarter)
    harness.send(.play, Schedule(performance: melody([60, 62, 64])))
    harness.send(.press, nil, 72, 100)
    harness.run(seconds: 3)
    harness.send(.play, Schedule(performance: melody([65])))
    harness.run(seconds: 0.2)
    harness.send(.stop)
    harness.run(seconds: 1)
    #expect(harness.sounding == [Int(Sequencer.playedChannel) * 128 + 72])
    #expect(!harness.isIdle)
    harness.send(.lift, nil, 72)
    harness.run(seconds: 0.1)
    #expect(harness.sounding.isEmpty)
    #expect(harness.isIdle)
    #expect(harness.mistakes == 0)
  }

  @Test(arguments: [Command.Kind.panic, .release, .shutdown])
  func `panic and leaving end what is held and let the pedal go`(kind: Command.Kind) {
    let harness = SequencerHarness()
    harness.send(.steer, nil, 64, 127)
    harness.send(.press, nil, 72, 100)
    harness.run(seconds: 0.1)
    harness.send(kind)
    harness.run(seconds: 0.01)
    #expect(harness.sounding.isEmpty)
    #expect(harness.events.filter { $0.kind == .control }.map(\.value) == [127, 0])
  }

  @Test func `the pedal of who plays stays down when the tune begins again`() {
    let harness = SequencerHarness()
    harness.send(.steer, nil, 64, 127)
    harness.send(.play, Schedule(performance: melody([60, 62])))
    harness.run(seconds: 0.5)
    #expect(harness.events.filter { $0.kind == .control }.map(\.value) == [127])
  }
}
