import Music

@testable import Audio

/// A sequencer driven by a clock that only tests move, with everything it said.
final class SequencerHarness {
  var sequencer = Sequencer(sampleRate: 48_000)
  private(set) var events: [SoundEvent] = []
  private(set) var sounding: Set<Int> = []
  /// Note-ons of a key that already sounded, and note-offs of one that did not.
  private(set) var mistakes = 0
  private(set) var freed = 0

  func send(
    _ kind: Command.Kind, _ schedule: Schedule? = nil, _ first: Int = 0, _ second: Int = 0,
    _ third: Int = 0, number: Double = 0
  ) {
    sequencer.handle(
      Command(
        kind: kind, schedule: schedule.map { FlatSchedule($0) }, first: first, second: second,
        third: third, number: number))
    free()
  }

  /// Moves on by `seconds` in periods as the audio thread does.
  func run(seconds: Double) {
    var left = Int((seconds * 48_000).rounded())
    while left > 0 {
      var period = min(480, left)
      left -= period
      while period > 0 {
        period -= sequencer.advance(period)
        collect()
        free()
      }
    }
    collect()
  }

  func collect() {
    for index in 0..<sequencer.eventCount {
      let event = sequencer.events[index]
      events.append(event)
      let slot = Int(event.channel) * 128 + Int(event.key)
      if event.kind == .on, !sounding.insert(slot).inserted { mistakes += 1 }
      if event.kind == .off, sounding.remove(slot) == nil { mistakes += 1 }
    }
    sequencer.eventCount = 0
  }

  private func free() {
    for index in 0..<sequencer.retiredCount {
      sequencer.retired[index].deallocate()
      freed += 1
    }
    sequencer.retiredCount = 0
  }

  var isIdle: Bool { sequencer.isIdle }
  var hasFinished: Bool { sequencer.hasFinished }
  var state: PlayerState { sequencer.state }
  var position: Double { sequencer.position }
  var ons: [SoundEvent] { events.filter { $0.kind == .on } }
  var offs: [SoundEvent] { events.filter { $0.kind == .off } }
  func keys(_ kind: SoundEvent.Kind) -> [Int] {
    events.filter { $0.kind == kind }.map { Int($0.key) }
  }
  func clear() { events = [] }
}

/// Quarter notes one after the other from `keys`, in 4/4 on one track.
func melody(
  _ keys: [Int], quartersPerMinute: Double = 120, length: Int = Tick.perQuarter, from: Int = 0
) -> Performance {
  var performance = Performance()
  performance.tracks = [.init(name: "melody", role: .melody, channel: 0, program: 73)]
  performance.tempos = [.init(at: .zero, quartersPerMinute: quartersPerMinute)]
  performance.meters = [.init(at: .zero, beats: 4, unit: 4)]
  for (index, key) in keys.enumerated() {
    guard let pitch = Pitch(key: key) else { continue }
    let start = from + index * Tick.perQuarter
    performance.notes.append(
      .init(
        start: Tick(start), end: Tick(start + length), pitch: pitch, velocity: 90, track: 0))
  }
  performance.end = Tick(from + keys.count * Tick.perQuarter)
  let bar = 4 * Tick.perQuarter
  for index in 0..<((performance.end.count + bar - 1) / bar) {
    performance.bars.append(
      .init(written: index, pass: 1, start: Tick(index * bar), end: Tick((index + 1) * bar)))
  }
  return performance
}
