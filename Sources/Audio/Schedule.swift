public import Music

/// A performance made ready for playing: what sounds, when, and how far it may be played already.
public struct Schedule: Sendable {
  /// Where playing stops by itself.
  public let end: Tick
  /// How far the music is known; a growing schedule holds here until an update says more.
  public let readyUntil: Tick
  public let isGrowing: Bool

  let notes: [FlatNote]
  let tempos: [FlatTempo]
  let bars: [FlatBar]
  /// By their moments.
  let controls: [FlatControl]
  /// The General MIDI program of each of the 16 channels; 255 where none is asked for.
  let programs: [UInt8]

  /// Tracks past this index cannot be muted one by one.
  static let mutableTracks = 64
  static let noProgram: UInt8 = 255
  /// Far beyond any tune (over 20 years at 120 quarters a minute), far below where sums overflow.
  private static let latest = 1 << 40

  /// - Parameters:
  ///   - readyUntil: Bars before this tick are complete. `nil` is the end of the performance.
  ///   - isGrowing: Whether more may come. At `readyUntil` the player then waits, else it stops.
  ///   - barNumbers: The musician's number of each of `performance.bars`. By default they count
  ///     from 1; a first bar shorter than its meter is a pickup and has the number 0.
  public init(
    performance: Performance, readyUntil: Tick? = nil, isGrowing: Bool = false,
    barNumbers: [Int]? = nil
  ) {
    var notes: [FlatNote] = []
    notes.reserveCapacity(performance.notes.count)
    var programs = [UInt8](repeating: Schedule.noProgram, count: 16)
    var last = 0
    for note in performance.notes {
      let track = performance.tracks.indices.contains(note.track) ? note.track : -1
      let channel = track < 0 ? 0 : performance.tracks[track].channel & 15
      let start = Schedule.clamp(note.start.count)
      let end = max(Schedule.clamp(note.end.count), start + 1)
      last = max(last, end)
      notes.append(
        FlatNote(
          start: start, length: end - start, track: UInt16(clamping: max(0, track)),
          channel: UInt8(channel), key: UInt8(note.pitch.key),
          velocity: UInt8(min(max(note.velocity, 1), 127))))
      if track >= 0, programs[channel] == Schedule.noProgram {
        programs[channel] = UInt8(min(max(performance.tracks[track].program, 0), 127))
      }
    }
    // Stable, so that notes that start together keep the order of the performance.
    if !zip(notes, notes.dropFirst()).allSatisfy({ $0.start <= $1.start }) {
      notes = notes.enumerated()
        .sorted { ($0.element.start, $0.offset) < ($1.element.start, $1.offset) }
        .map(\.element)
    }
    Schedule.setPrograms(of: performance, start: programs, in: &notes)
    self.notes = notes
    self.programs = programs
    tempos = Schedule.tempos(of: performance)
    bars = Schedule.bars(of: performance, numbers: barNumbers)
    controls = Schedule.controls(of: performance)
    end = Tick(max(Schedule.clamp(performance.end.count), last))
    self.readyUntil = Tick(Schedule.clamp((readyUntil ?? end).count))
    self.isGrowing = isGrowing
  }

  /// Gives every note the program of its channel where a track changes its instrument; where none
  /// does, nothing is said.
  private static func setPrograms(
    of performance: Performance, start: [UInt8], in notes: inout [FlatNote]
  ) {
    guard !performance.programs.isEmpty else { return }
    let changes = performance.programs.sorted { $0.at < $1.at }
    var programs = start
    var next = 0
    for index in notes.indices {
      while next < changes.count, clamp(changes[next].at.count) <= notes[index].start {
        let change = changes[next]
        next += 1
        guard performance.tracks.indices.contains(change.track) else { continue }
        let channel = performance.tracks[change.track].channel & 15
        programs[channel] = UInt8(min(max(change.program, 0), 127))
      }
      notes[index].program = programs[Int(notes[index].channel)]
    }
  }

  private static func controls(of performance: Performance) -> [FlatControl] {
    performance.controls.sorted { $0.at < $1.at }.compactMap { change in
      guard performance.tracks.indices.contains(change.track) else { return nil }
      return FlatControl(
        start: clamp(change.at.count),
        channel: UInt8(performance.tracks[change.track].channel & 15),
        controller: UInt8(min(max(change.controller, 0), 127)),
        value: UInt8(min(max(change.value, 0), 127)))
    }
  }

  static func clamp(_ tick: Int) -> Int { min(max(tick, 0), latest) }

  private static func tempos(of performance: Performance) -> [FlatTempo] {
    var tempos = [FlatTempo(start: 0, quartersPerMinute: 120)]
    for change in performance.tempos.sorted(by: { $0.at < $1.at })
    where change.quartersPerMinute.isFinite && change.quartersPerMinute > 0 {
      let tempo = FlatTempo(
        start: clamp(change.at.count),
        quartersPerMinute: min(max(change.quartersPerMinute, 5), 2000))
      // The first tempo holds from the beginning, as in `TempoMap`.
      if tempos.count == 1 && tempos[0].start == 0 && !tempos[0].isGiven {
        tempos[0] = FlatTempo(start: 0, quartersPerMinute: tempo.quartersPerMinute, isGiven: true)
      } else {
        tempos.append(tempo)
      }
    }
    return tempos
  }

  private static func bars(of performance: Performance, numbers: [Int]?) -> [FlatBar] {
    var meters = performance.meters.filter { $0.beats > 0 && $0.unit > 0 }
      .sorted { $0.at < $1.at }
    if meters.first.map({ $0.at.count > 0 }) ?? true {
      meters.insert(.init(at: .zero, beats: 4, unit: 4), at: 0)
    }
    guard !performance.bars.isEmpty else {
      return barsByMeter(meters)
    }
    var bars: [FlatBar] = []
    var meter = 0
    var number = 1
    for (index, bar) in performance.bars.enumerated() {
      let start = clamp(bar.start.count)
      let length = clamp(bar.end.count) - start
      guard length > 0, start >= bars.last?.start ?? 0 else { continue }
      while meter + 1 < meters.count, meters[meter + 1].at <= bar.start { meter += 1 }
      let full = meters[meter].barTicks
      let isPickup = index == 0 && length < full && performance.bars.count > 1
      if isPickup { number = 0 }
      let given = numbers.flatMap { $0.indices.contains(index) ? $0[index] : nil }
      bars.append(
        FlatBar(
          start: start, origin: isPickup ? start + length - full : start,
          barTicks: isPickup ? full : length, beatTicks: meters[meter].beatTicks,
          number: Int32(clamping: given ?? number)))
      number += 1
    }
    return bars.isEmpty ? barsByMeter(meters) : bars
  }

  private static func barsByMeter(_ meters: [Performance.MeterChange]) -> [FlatBar] {
    var bars: [FlatBar] = []
    var number = 1
    for (index, meter) in meters.enumerated() {
      let start = clamp(meter.at.count)
      bars.append(
        FlatBar(
          start: start, origin: start, barTicks: meter.barTicks, beatTicks: meter.beatTicks,
          number: Int32(clamping: number)))
      guard index + 1 < meters.count else { break }
      let length = clamp(meters[index + 1].at.count) - start
      number += (length + meter.barTicks - 1) / meter.barTicks
    }
    return bars
  }
}

extension Performance.MeterChange {
  fileprivate var unitTicks: Int { max(1, Tick.perQuarter * 4 / min(unit, 64)) }
  fileprivate var barTicks: Int { min(beats, 256) * unitTicks }
  /// 6/8, 9/8 and 12/8 are felt in dotted quarters.
  fileprivate var beatTicks: Int {
    beats > 3 && beats % 3 == 0 && unit >= 8 ? 3 * unitTicks : unitTicks
  }
}
