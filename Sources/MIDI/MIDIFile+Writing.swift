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
    var tracks = [performance.conductorEvents(copyright: copyright, fileTick: fileTick)]
    let channels = performance.channels
    var notesOfTrack: [[Performance.Note]] = performance.tracks.map { _ in [] }
    for note in performance.notes where notesOfTrack.indices.contains(note.track) {
      notesOfTrack[note.track].append(note)
    }
    for (index, track) in performance.tracks.enumerated() {
      var events: [TimedEvent] = [
        TimedEvent(at: 0, .text(.name, track.name)),
        TimedEvent(at: 0, .programChange(channel: channels[index], program: track.program)),
      ]
      if index == 0 {
        events += performance.lyrics.map { TimedEvent(at: fileTick($0.at), .text(.lyric, $0.text)) }
      }
      for note in notesOfTrack[index] {
        let start = fileTick(note.start)
        let key = note.pitch.key
        let on = Event.noteOn(channel: channels[index], key: key, velocity: note.velocity)
        events.append(TimedEvent(at: start, on))
        let end = max(fileTick(note.end), start + 1)
        events.append(TimedEvent(at: end, .noteOff(channel: channels[index], key: key)))
      }
      tracks.append(events)
    }
    self.init(
      format: 1, division: .ticksPerQuarter(ticksPerQuarter),
      tracks: tracks.map { events in
        var track = Track()
        track.events = events.enumerated().sorted {
          ($0.element.at, $0.element.event.rank, $0.offset)
            < ($1.element.at, $1.element.event.rank, $1.offset)
        }.map(\.element)
        track.end = max(end, track.events.last?.at ?? 0)
        return track
      })
  }
}

extension MIDIFile.Event {
  /// Order at one moment: settings first, then offs, so that a repeated note sounds again.
  fileprivate var rank: Int {
    switch self {
    case .text(.name, _): 0
    case .text(.copyright, _): 1
    case .tempo: 2
    case .meter: 3
    case .key: 4
    case .programChange: 5
    case .noteOff: 6
    case .text: 7
    case .noteOn: 8
    }
  }
}

extension Performance {
  fileprivate var fitsOn480: Bool {
    func even(_ tick: Tick) -> Bool { tick.count.isMultiple(of: 2) }
    return notes.allSatisfy { even($0.start) && even($0.end) && $0.end > $0.start }
      && tempos.allSatisfy { even($0.at) } && meters.allSatisfy { even($0.at) }
      && keys.allSatisfy { even($0.at) } && markers.allSatisfy { even($0.at) }
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
