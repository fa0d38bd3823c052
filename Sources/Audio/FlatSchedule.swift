/// One note as the audio thread reads it.
struct FlatNote: BitwiseCopyable, Sendable {
  var start: Int
  /// At least 1 tick.
  var length: Int
  var track: UInt16
  var channel: UInt8
  var key: UInt8
  var velocity: UInt8
  /// The program of the channel from this note on; `Schedule.noProgram` leaves it.
  var program: UInt8 = 255
}

struct FlatTempo: BitwiseCopyable, Sendable {
  var start: Int
  var quartersPerMinute: Double
  /// False for the tempo assumed when the tune gives none.
  var isGiven = false
}

/// A MIDI controller of a channel, set from a moment on.
struct FlatControl: BitwiseCopyable, Sendable {
  var start: Int
  var channel: UInt8
  /// 0...127.
  var controller: UInt8
  /// 0...127.
  var value: UInt8
}

/// A bar, or a run of equal bars up to the next element.
struct FlatBar: BitwiseCopyable, Sendable {
  var start: Int
  /// Where beats are counted from: `start`, or for a pickup where its full bar would have begun.
  var origin: Int
  var barTicks: Int
  var beatTicks: Int
  /// The number of the bar that begins at `origin`.
  var number: Int32
}

/// A schedule in memory that belongs to nobody's reference count: made and freed on the control
/// side, only read on the audio thread.
struct FlatSchedule: BitwiseCopyable {
  let notes: UnsafeMutablePointer<FlatNote>
  let tempos: UnsafeMutablePointer<FlatTempo>
  let bars: UnsafeMutablePointer<FlatBar>
  let controls: UnsafeMutablePointer<FlatControl>
  let programs: UnsafeMutablePointer<UInt8>
  let noteCount: Int
  let tempoCount: Int
  let barCount: Int
  let controlCount: Int
  let end: Int
  let readyUntil: Int
  let isGrowing: Bool

  init(_ schedule: Schedule) {
    notes = FlatSchedule.copy(schedule.notes)
    tempos = FlatSchedule.copy(schedule.tempos)
    bars = FlatSchedule.copy(schedule.bars)
    controls = FlatSchedule.copy(schedule.controls)
    programs = FlatSchedule.copy(schedule.programs)
    noteCount = schedule.notes.count
    tempoCount = schedule.tempos.count
    barCount = schedule.bars.count
    controlCount = schedule.controls.count
    end = schedule.end.count
    readyUntil = schedule.readyUntil.count
    isGrowing = schedule.isGrowing
  }

  func deallocate() {
    notes.deallocate()
    tempos.deallocate()
    bars.deallocate()
    controls.deallocate()
    programs.deallocate()
  }

  private static func copy<Element: BitwiseCopyable>(
    _ elements: [Element]
  ) -> UnsafeMutablePointer<Element> {
    let memory = UnsafeMutablePointer<Element>.allocate(capacity: max(1, elements.count))
    elements.withUnsafeBufferPointer { source in
      if let first = source.baseAddress { memory.initialize(from: first, count: source.count) }
    }
    return memory
  }

  /// The tick past which nothing may sound yet, or ever.
  var horizon: Int { isGrowing ? readyUntil : end }

  /// Index of the first note that starts at `tick` or later.
  func firstNote(from tick: Int) -> Int {
    FlatSchedule.count(of: notes, noteCount, before: tick) { $0.start }
  }

  /// Index of the first controller that is set at `tick` or later.
  func firstControl(from tick: Int) -> Int {
    FlatSchedule.count(of: controls, controlCount, before: tick) { $0.start }
  }

  /// Index of the tempo that holds at `tick`.
  func tempo(at tick: Int) -> Int {
    max(0, FlatSchedule.count(of: tempos, tempoCount, before: tick + 1) { $0.start } - 1)
  }

  private func bar(at tick: Int) -> FlatBar {
    bars[max(0, FlatSchedule.count(of: bars, barCount, before: tick + 1) { $0.start } - 1)]
  }

  /// How many of the elements, in the order of their starts, start before a tick.
  private static func count<Element: BitwiseCopyable>(
    of elements: UnsafeMutablePointer<Element>, _ count: Int, before tick: Int,
    start: (Element) -> Int
  ) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if start(elements[middle]) < tick { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The musician's bar number and the beat in it, counted from 1.
  func place(of tick: Int) -> (bar: Int32, beat: Float) {
    let bar = bar(at: tick)
    let (bars, within) = FlatSchedule.divide(tick - bar.origin, by: bar.barTicks)
    let number = Int32(clamping: Int(bar.number) + bars)
    return (number, 1 + Float(within) / Float(bar.beatTicks))
  }

  /// The first beat after `tick`, and whether it begins a bar.
  func beat(after tick: Int) -> (tick: Int, isDownbeat: Bool) {
    let segment = bar(at: tick)
    let (_, within) = FlatSchedule.divide(tick - segment.origin, by: segment.barTicks)
    let barStart = tick - within
    var next = barStart + (within / segment.beatTicks + 1) * segment.beatTicks
    var isDownbeat = false
    if next >= barStart + segment.barTicks {
      next = barStart + segment.barTicks
      isDownbeat = true
    }
    let following = bar(at: next)
    if following.start != segment.start, following.start > tick {
      // The next element may begin inside the bar that was being counted.
      return (following.start, FlatSchedule.isWhole(following))
    }
    return (next, isDownbeat)
  }

  /// The beat's length where `tick` is, and the beats of one bar there (at least 1).
  func beats(at tick: Int) -> (length: Int, count: Int) {
    let bar = bar(at: tick)
    return (bar.beatTicks, max(1, bar.barTicks / bar.beatTicks))
  }

  private static func isWhole(_ bar: FlatBar) -> Bool { bar.origin == bar.start }

  private static func divide(_ tick: Int, by length: Int) -> (quotient: Int, remainder: Int) {
    var (quotient, remainder) = tick.quotientAndRemainder(dividingBy: length)
    if remainder < 0 {
      remainder += length
      quotient -= 1
    }
    return (quotient, remainder)
  }
}
