import Music

/// Takes the events of one track in their order.
protocol TrackSink {
  mutating func append(_ timed: MIDIFile.TimedEvent)
  mutating func noteOn(at tick: Int, key: Int, velocity: Int)
  mutating func noteOff(at tick: Int, key: Int)
}

struct EventList: TrackSink {
  let channel: Int
  var events: [MIDIFile.TimedEvent] = []

  mutating func append(_ timed: MIDIFile.TimedEvent) { events.append(timed) }

  mutating func noteOn(at tick: Int, key: Int, velocity: Int) {
    events.append(.init(at: tick, .noteOn(channel: channel, key: key, velocity: velocity)))
  }

  mutating func noteOff(at tick: Int, key: Int) {
    events.append(.init(at: tick, .noteOff(channel: channel, key: key)))
  }
}

struct TrackBytes: TrackSink {
  let channel: Int
  var out: ByteSink
  private var now = 0

  init(channel: Int, out: ByteSink) {
    self.channel = min(max(channel, 0), 15)
    self.out = out
  }

  mutating func append(_ timed: MIDIFile.TimedEvent) {
    out.appendDelta(to: timed.at, from: &now)
    timed.event.write(to: &out)
  }

  @inline(__always)
  mutating func noteOn(at tick: Int, key: Int, velocity: Int) {
    out.appendEvent(
      at: tick, from: &now, UInt8(truncatingIfNeeded: 0x90 | channel),
      UInt8(truncatingIfNeeded: key), UInt8(min(max(velocity, 1), 127)))
  }

  @inline(__always)
  mutating func noteOff(at tick: Int, key: Int) {
    out.appendEvent(
      at: tick, from: &now, UInt8(truncatingIfNeeded: 0x80 | channel),
      UInt8(truncatingIfNeeded: key), 0)
  }

  mutating func end(at tick: Int) { out.appendEndOfTrack(at: tick, from: &now) }
}

/// What there is to know of all notes together.
private struct NotesShape {
  /// The latest moment at which one starts or ends, at least 0.
  var last = 0
  /// Whether every moment falls on 480 ticks to the quarter, and every note has a length.
  var isEven = true
  /// By their starts.
  var isSorted = true

  init(_ notes: [Performance.Note]) {
    var before = Int.min
    var bits = 0
    for note in notes {
      let (start, end) = (note.start.count, note.end.count)
      bits |= start | end
      if end <= start { isEven = false }
      if start < before { isSorted = false }
      before = start
      last = max(last, start, end)
    }
    if bits & 1 != 0 { isEven = false }
  }
}

/// What is settled about a file before its notes are written.
struct FilePlan {
  let ticksPerQuarter: Int
  /// Ticks of a performance in one of the file.
  let scale: Int
  let end: Int
  let conductor: MIDIFile.Track
  let channels: [Int]
  /// As they start: of all tracks where those are few, otherwise of each.
  private let notes: [[Performance.Note]]
  private let areTogether: Bool
  private let programs: [Int: [Performance.ProgramChange]]
  private let controls: [Int: [Performance.ControlChange]]

  /// A note in ticks of the file.
  struct Note {
    var start: Int
    var end: Int
    var key: Int
    var velocity: Int
  }

  init(_ performance: borrowing Performance, copyright: String) {
    let shape = NotesShape(performance.notes)
    let isEven = shape.isEven && performance.changesFitOn480
    ticksPerQuarter = isEven ? 480 : Tick.perQuarter
    let scale = Tick.perQuarter / ticksPerQuarter
    self.scale = scale
    end = max(0, performance.end.count, shape.last) / scale
    var conductor = MIDIFile.Track()
    conductor.events = performance.conductorEvents(
      copyright: copyright, fileTick: { max(0, $0.count) / scale })
    conductor.sortEvents()
    conductor.end = max(end, conductor.events.last?.at ?? 0)
    self.conductor = conductor
    channels = performance.channels
    areTogether = shape.isSorted && performance.tracks.count <= 4
    notes =
      areTogether
      ? [performance.notes] : performance.notesOfTracks(areSorted: shape.isSorted)
    programs =
      performance.programs.isEmpty ? [:] : Dictionary(grouping: performance.programs, by: \.track)
    controls =
      performance.controls.isEmpty ? [:] : Dictionary(grouping: performance.controls, by: \.track)
  }

  @inline(__always)
  func fileTick(_ tick: Tick) -> Int {
    // Twice or once: a shift, not a division.
    max(0, tick.count) &>> (scale - 1)
  }

  /// The notes of a track, with those of others where they stand together.
  func notes(of track: Int) -> [Performance.Note] { notes[areTogether ? 0 : track] }

  /// Everything in a track but its notes, in order.
  func settings(of index: Int, in performance: Performance) -> [MIDIFile.TimedEvent] {
    let track = performance.tracks[index]
    var settings = MIDIFile.Track()
    settings.events = [
      .init(at: 0, .text(.name, track.name)),
      .init(at: 0, .programChange(channel: channels[index], program: track.program)),
    ]
    for change in programs[index] ?? [] {
      settings.events.append(
        .init(
          at: fileTick(change.at),
          .programChange(channel: channels[index], program: change.program)))
    }
    for change in controls[index] ?? [] {
      settings.events.append(
        .init(
          at: fileTick(change.at),
          .controlChange(
            channel: channels[index], controller: change.controller, value: change.value)))
    }
    if index == 0 {
      settings.events += performance.lyrics.map {
        .init(at: fileTick($0.at), .text(.lyric, $0.text))
      }
    }
    settings.sortEvents()
    return settings.events
  }

  /// Gives a sink the notes of one track, each off before the ons of its moment, and what else
  /// the track holds.
  ///
  /// - Returns: Notes that were left out because a thousand others sound with them: only damage
  ///   has them.
  func merge(
    _ track: Int, _ settings: [MIDIFile.TimedEvent],
    into sink: inout some TrackSink
  ) -> [Note] {
    /// Sounding notes by their ends, from `closed` on: rarely more than a chord. Never more than
    /// a thousand, and as many again that ended and were not yet cleared away.
    withUnsafeTemporaryAllocation(of: (at: Int, key: Int).self, capacity: 2048) { open in
      notes(of: track).withUnsafeBufferPointer { notes in
        // Copies of its own, which stay in registers.
        var out = sink
        var waiting = Waiting(settings)
        var crowd: [Note] = []
        let shift = scale - 1
        let open = open
        var closed = 0
        var count = 0
        for note in notes where note.track == track {
          let start = max(0, note.start.count) &>> shift
          let end = max(max(0, note.end.count) &>> shift, start &+ 1)
          while closed < count, open[closed].at <= start {
            let off = open[closed]
            closed += 1
            if off.at >= waiting.at { waiting.settle(beforeOffAt: off.at, into: &out) }
            out.noteOff(at: off.at, key: off.key)
          }
          if closed == count {
            (closed, count) = (0, 0)
          } else if count == 2048 {
            for place in closed..<count { open[place - closed] = open[place] }
            (closed, count) = (0, count - closed)
          }
          guard count - closed < 1000 else {
            crowd.append(
              Note(start: start, end: end, key: note.pitch.key, velocity: note.velocity))
            continue
          }
          if start >= waiting.at { waiting.settle(upTo: start, into: &out) }
          out.noteOn(at: start, key: note.pitch.key, velocity: note.velocity)
          var place = count
          while place > closed, open[place - 1].at > end {
            open[place] = open[place - 1]
            place -= 1
          }
          open[place] = (end, note.pitch.key)
          count += 1
        }
        for off in open[closed..<count] {
          waiting.settle(beforeOffAt: off.at, into: &out)
          out.noteOff(at: off.at, key: off.key)
        }
        waiting.settle(upTo: .max, into: &out)
        sink = out
        return crowd
      }
    }
  }

  /// What a track holds besides notes, taken one after the other.
  private struct Waiting {
    private let settings: [MIDIFile.TimedEvent]
    private var next = 0
    /// When the next one is due.
    private(set) var at: Int

    init(_ settings: [MIDIFile.TimedEvent]) {
      self.settings = settings
      at = settings.first?.at ?? .max
    }

    mutating func settle(upTo moment: Int, into sink: inout some TrackSink) {
      while next < settings.count, settings[next].at <= moment { take(into: &sink) }
    }

    /// What is set before a moment, or at it and ranks before an off.
    mutating func settle(beforeOffAt moment: Int, into sink: inout some TrackSink) {
      while next < settings.count,
        settings[next].at < moment
          || (settings[next].at == moment
            && settings[next].event.rank < MIDIFile.Event.offRank)
      {
        take(into: &sink)
      }
    }

    private mutating func take(into sink: inout some TrackSink) {
      sink.append(settings[next])
      next += 1
      at = next < settings.count ? settings[next].at : .max
    }
  }
}

extension MIDIFile.Track {
  /// Puts events of one moment in the order of their ranks; equal ones stay as they are.
  mutating func sortEvents() {
    var last = (at: Int.min, rank: 0)
    var isSorted = true
    for timed in events {
      let next = (timed.at, timed.event.rank)
      if next < last { isSorted = false }
      last = next
    }
    guard !isSorted else { return }
    events = events.enumerated().sorted {
      ($0.element.at, $0.element.event.rank, $0.offset)
        < ($1.element.at, $1.element.event.rank, $1.offset)
    }.map(\.element)
  }
}

extension MIDIFile.Event {
  /// Where a note-off stands among the events of its moment.
  static let offRank = 6

  /// Order at one moment: settings first, then offs, so that a repeated note sounds again.
  var rank: Int {
    switch self {
    case .text(.name, _): 0
    case .text(.copyright, _): 1
    case .tempo: 2
    case .meter: 3
    case .key: 4
    case .programChange, .controlChange: 5
    case .noteOff: MIDIFile.Event.offRank
    case .text: 7
    case .noteOn: 8
    }
  }
}

extension Performance {
  /// The notes of each track as they start; they nearly always are in that order already.
  fileprivate func notesOfTracks(areSorted: Bool) -> [[Note]] {
    var sorted = notes
    if !areSorted {
      sorted = notes.enumerated().sorted {
        ($0.element.start, $0.offset) < ($1.element.start, $1.offset)
      }.map(\.element)
    }
    if tracks.count == 1, notes.allSatisfy({ $0.track == 0 }) { return [sorted] }
    var counts = [Int](repeating: 0, count: tracks.count)
    for note in sorted where counts.indices.contains(note.track) { counts[note.track] += 1 }
    var result: [[Note]] = counts.map { count in
      var notes: [Note] = []
      notes.reserveCapacity(count)
      return notes
    }
    for note in sorted where result.indices.contains(note.track) {
      result[note.track].append(note)
    }
    return result
  }

  /// Whether everything but the notes falls on 480 ticks to the quarter.
  fileprivate var changesFitOn480: Bool {
    func even(_ tick: Tick) -> Bool { tick.count.isMultiple(of: 2) }
    return tempos.allSatisfy { even($0.at) } && meters.allSatisfy { even($0.at) }
      && keys.allSatisfy { even($0.at) } && programs.allSatisfy { even($0.at) }
      && controls.allSatisfy { even($0.at) }
      && markers.allSatisfy { even($0.at) }
      && lyrics.allSatisfy { even($0.at) } && even(end)
  }

  fileprivate func conductorEvents(
    copyright: String, fileTick: (Tick) -> Int
  ) -> [MIDIFile.TimedEvent] {
    var events: [MIDIFile.TimedEvent] = []
    events.reserveCapacity(8)
    if !title.isEmpty { events.append(.init(at: 0, .text(.name, title))) }
    let copyright = copyright.isEmpty ? self.copyright : copyright
    if !copyright.isEmpty { events.append(.init(at: 0, .text(.copyright, copyright))) }
    events += credits.map { .init(at: 0, .text(.text, $0)) }
    // A file without a tempo plays at 120 everywhere, but is taken for a broken one.
    let usable = tempos.filter { $0.quartersPerMinute > 0 }
    if usable.first.map({ $0.at > .zero }) ?? true {
      events.append(.init(at: 0, .tempo(microsecondsPerQuarter: 500_000)))
    }
    for change in usable {
      let microseconds = min((60_000_000 / change.quartersPerMinute).rounded(), 16_777_215)
      events.append(
        .init(at: fileTick(change.at), .tempo(microsecondsPerQuarter: max(1, Int(microseconds)))))
    }
    for change in meters where change.beats > 0 && change.unit > 0 {
      events.append(.init(at: fileTick(change.at), change.event))
    }
    for change in keys {
      let event = MIDIFile.Event.key(fifths: change.fifths, isMinor: change.isMinor)
      events.append(.init(at: fileTick(change.at), event))
    }
    for marker in markers {
      events.append(.init(at: fileTick(marker.at), .text(.marker, marker.text)))
    }
    return events
  }

  /// One channel for each track: its own, but 9 for drums and only for drums.
  fileprivate var channels: [Int] {
    // Needed only where a melody stands on the channel of drums.
    let isNeeded = tracks.contains { $0.channel == 9 && $0.role != .drums }
    let free = isNeeded ? freeChannel : 15
    return tracks.map { track in
      if track.role == .drums { return 9 }
      return track.channel == 9 ? free : min(max(track.channel, 0), 15)
    }
  }

  /// A channel that no track has; the last where all are taken.
  private var freeChannel: Int {
    let used = Set(tracks.map(\.channel))
    return (0..<16).first { $0 != 9 && !used.contains($0) } ?? 15
  }
}

extension Performance.MeterChange {
  fileprivate var event: MIDIFile.Event {
    let isCompound = beats > 3 && beats.isMultiple(of: 3) && unit >= 8
    let clocks = max(1, 96 * (isCompound ? 3 : 1) / unit)
    return .meter(beats: beats, unit: unit, clocksPerBeat: clocks)
  }
}
