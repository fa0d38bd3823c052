import Music

extension MIDIFile {
  /// A format 1 file that sounds like `performance`: a conductor track with name, tempo, meters,
  /// keys and part markers, then one track for each of the performance's.
  ///
  /// 480 ticks to the quarter where every moment falls on one, otherwise 960: no moment is ever
  /// rounded. A note without length lasts one tick, so that readers keep it. Channel 10 carries
  /// drums and nothing else. Every track ends where the performance does.
  ///
  /// - Parameter copyright: The text of the copyright event; none is written when it is empty.
  public init(performance: Performance, copyright: String = "") {
    let ticksPerQuarter = performance.fitsOn480 ? 480 : Tick.perQuarter
    let scale = Tick.perQuarter / ticksPerQuarter
    func fileTick(_ tick: Tick) -> Int { max(0, tick.count) / scale }

    let lastNoteEnd = performance.notes.lazy.map { max($0.end, $0.start) }.max() ?? .zero
    let end = fileTick(max(performance.end, lastNoteEnd))
    var conductor = Track()
    conductor.events = performance.conductorEvents(copyright: copyright, fileTick: fileTick)
    conductor.sortEvents()
    conductor.end = max(end, conductor.events.last?.at ?? 0)
    let channels = performance.channels
    let notes = performance.notesOfTracks
    let programs = Dictionary(grouping: performance.programs, by: \.track)
    var tracks = [conductor]
    for (index, track) in performance.tracks.enumerated() {
      var settings: [TimedEvent] = [
        TimedEvent(at: 0, .text(.name, track.name)),
        TimedEvent(at: 0, .programChange(channel: channels[index], program: track.program)),
      ]
      for change in programs[index] ?? [] {
        let event = Event.programChange(channel: channels[index], program: change.program)
        settings.append(TimedEvent(at: fileTick(change.at), event))
      }
      if index == 0 {
        settings += performance.lyrics.map {
          TimedEvent(at: fileTick($0.at), .text(.lyric, $0.text))
        }
      }
      var written = Track()
      written.write(
        notes[index], channel: channels[index], fileTick: fileTick, beside: settings)
      written.end = max(end, written.events.last?.at ?? 0)
      tracks.append(written)
    }
    self.init(format: 1, division: .ticksPerQuarter(ticksPerQuarter), tracks: tracks)
  }
}

extension MIDIFile.Track {
  /// Puts events of one moment in the order of their ranks; equal ones stay as they are.
  fileprivate mutating func sortEvents() {
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

  /// Fills the track with the notes of one track of a performance, each off before the ons of its
  /// moment, and with what else it holds.
  fileprivate mutating func write(
    _ notes: [Performance.Note], channel: Int, fileTick: (Tick) -> Int,
    beside settings: [MIDIFile.TimedEvent]
  ) {
    events.reserveCapacity(settings.count + 2 * notes.count)
    var others = MIDIFile.Track()
    others.events = settings
    others.sortEvents()
    var next = 0
    /// Sounding notes by their ends: rarely more than a chord.
    var open: [(at: Int, key: Int)] = []
    /// Notes beyond a thousand that sound together: only damage has them.
    var crowd: [MIDIFile.TimedEvent] = []
    func settle(before moment: Int) -> [MIDIFile.TimedEvent].SubSequence {
      let first = next
      while next < others.events.count, others.events[next].at < moment { next += 1 }
      return others.events[first..<next]
    }
    func close(until moment: Int) {
      var count = 0
      while count < open.count, open[count].at <= moment {
        let off = open[count]
        if next < others.events.count { events += settle(before: off.at) }
        // What is set at this very moment and ranks before an off.
        while next < others.events.count, others.events[next].at == off.at,
          others.events[next].event.rank < MIDIFile.Event.offRank
        {
          events.append(others.events[next])
          next += 1
        }
        events.append(.init(at: off.at, .noteOff(channel: channel, key: off.key)))
        count += 1
      }
      if count > 0 { open.removeFirst(count) }
    }
    for note in notes {
      let start = fileTick(note.start)
      let end = max(fileTick(note.end), start + 1)
      close(until: start)
      guard open.count < 1000 else {
        let key = note.pitch.key
        crowd.append(
          .init(at: start, .noteOn(channel: channel, key: key, velocity: note.velocity)))
        crowd.append(.init(at: end, .noteOff(channel: channel, key: key)))
        continue
      }
      if next < others.events.count { events += settle(before: start + 1) }
      let key = note.pitch.key
      events.append(.init(at: start, .noteOn(channel: channel, key: key, velocity: note.velocity)))
      var place = open.count
      while place > 0, open[place - 1].at > end { place -= 1 }
      open.insert((end, key), at: place)
    }
    close(until: .max)
    events += others.events[next...]
    if !crowd.isEmpty {
      events += crowd
      sortEvents()
    }
  }
}

extension MIDIFile.Event {
  /// Where a note-off stands among the events of its moment.
  fileprivate static let offRank = 6

  /// Order at one moment: settings first, then offs, so that a repeated note sounds again.
  fileprivate var rank: Int {
    switch self {
    case .text(.name, _): 0
    case .text(.copyright, _): 1
    case .tempo: 2
    case .meter: 3
    case .key: 4
    case .programChange: 5
    case .noteOff: MIDIFile.Event.offRank
    case .text: 7
    case .noteOn: 8
    }
  }
}

extension Performance {
  /// The notes of each track as they start; they nearly always are in that order already.
  fileprivate var notesOfTracks: [[Note]] {
    var sorted = notes
    if !zip(notes, notes.dropFirst()).allSatisfy({ $0.start <= $1.start }) {
      sorted = notes.enumerated().sorted {
        ($0.element.start, $0.offset) < ($1.element.start, $1.offset)
      }.map(\.element)
    }
    if tracks.count == 1, notes.allSatisfy({ $0.track == 0 }) { return [sorted] }
    var result: [[Note]] = tracks.map { _ in [] }
    for note in sorted where result.indices.contains(note.track) {
      result[note.track].append(note)
    }
    return result
  }

  fileprivate var fitsOn480: Bool {
    func even(_ tick: Tick) -> Bool { tick.count.isMultiple(of: 2) }
    return notes.allSatisfy { even($0.start) && even($0.end) && $0.end > $0.start }
      && tempos.allSatisfy { even($0.at) } && meters.allSatisfy { even($0.at) }
      && keys.allSatisfy { even($0.at) } && programs.allSatisfy { even($0.at) }
      && markers.allSatisfy { even($0.at) }
      && lyrics.allSatisfy { even($0.at) } && even(end)
  }

  fileprivate func conductorEvents(
    copyright: String, fileTick: (Tick) -> Int
  ) -> [MIDIFile.TimedEvent] {
    var events: [MIDIFile.TimedEvent] = []
    if !title.isEmpty { events.append(.init(at: 0, .text(.name, title))) }
    if !copyright.isEmpty { events.append(.init(at: 0, .text(.copyright, copyright))) }
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
    let taken = Set(tracks.map(\.channel))
    let free = (0..<16).first { $0 != 9 && !taken.contains($0) } ?? 15
    return tracks.map { track in
      if track.role == .drums { return 9 }
      return track.channel == 9 ? free : min(max(track.channel, 0), 15)
    }
  }
}

extension Performance.MeterChange {
  fileprivate var event: MIDIFile.Event {
    let isCompound = beats > 3 && beats.isMultiple(of: 3) && unit >= 8
    let clocks = max(1, 96 * (isCompound ? 3 : 1) / unit)
    return .meter(beats: beats, unit: unit, clocksPerBeat: clocks)
  }
}
