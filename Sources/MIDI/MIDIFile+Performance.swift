import Music

extension MIDIFile {
  /// How the file sounds. Each channel of each track becomes a track of the performance, drums
  /// where the channel is 10; times are rounded to 1/960 of a quarter note, each from its place
  /// in the file, so that nothing drifts.
  ///
  /// Note-offs close the oldest open note of their pitch; notes left open end with their track.
  /// A note whose key is let go while the sustain pedal is down sounds until the pedal comes up, or
  /// its key is struck again. The songs of a format 2 file follow one another. Without a meter,
  /// 4/4 is taken.
  public var performance: Performance {
    var result = performanceOfKeys
    result.sustain(with: pedals)
    return result
  }

  /// For each channel, when its sustain pedal is down, in order. Controllers belong to channels, so
  /// that a pedal in any track counts for all.
  var pedals: [[PedalSpan]] {
    var changes: [[(at: Int, isDown: Bool)]] = Array(repeating: [], count: 16)
    var offset = 0
    for track in tracks {
      for timed in track.events {
        if case .controlChange(let channel, 64, let value) = timed.event {
          let at = min(offset + timed.at, TrackReader.latest)
          changes[channel].append((at, value >= 64))
        }
      }
      if format == 2 { offset = min(offset + track.end, TrackReader.latest) }
    }
    let end = tick(max(offset, tracks.map(\.end).max() ?? 0))
    return changes.map { changes in
      var spans: [PedalSpan] = []
      var down: Int?
      let sorted = changes.enumerated().sorted {
        ($0.element.at, $0.offset) < ($1.element.at, $1.offset)
      }
      for (_, change) in sorted {
        if change.isDown {
          down = down ?? change.at
        } else if let start = down {
          spans.append(PedalSpan(down: tick(start), up: tick(change.at)))
          down = nil
        }
      }
      if let start = down { spans.append(PedalSpan(down: tick(start), up: max(end, tick(start)))) }
      return spans
    }
  }

  /// How the file would sound without its pedals.
  var performanceOfKeys: Performance {
    var result = Performance()
    let programs = ProgramTable(tracks: tracks)
    var offset = 0
    for (index, track) in tracks.enumerated() {
      read(track, offset: offset, programs: programs, into: &result)
      if result.title.isEmpty, index == 0 || format == 2, let name = track.name {
        result.title = name
      }
      if format == 2 { offset = min(offset + track.end, TrackReader.latest) }
    }
    if tracks.count == 1, result.tracks.count == 1, result.tracks[0].name.isEmpty {
      result.tracks[0].name = "Melody"
    }
    if format != 2 { result.programs = programs.changes(in: result, tick: tick) }
    result.notes.sort {
      ($0.start.count, $0.track, $0.pitch.key, $0.end.count)
        < ($1.start.count, $1.track, $1.pitch.key, $1.end.count)
    }
    result.arrangeChanges()
    let trackEnd = format == 2 ? offset : tracks.map(\.end).max() ?? 0
    result.end = max(tick(trackEnd), result.notes.map(\.end).max() ?? .zero)
    result.countBars()
    return result
  }

  private func read(
    _ track: Track, offset: Int, programs: ProgramTable, into result: inout Performance
  ) {
    var trackOfChannel: [Int?] = Array(repeating: nil, count: 16)
    var open = OpenNotes()
    let firstNote = result.notes.count
    for timed in track.events {
      let at = tick(min(offset + timed.at, TrackReader.latest))
      switch timed.event {
      case .noteOn(let channel, let key, let velocity):
        guard let pitch = Pitch(key: key) else { continue }
        let index = trackOfChannel[channel] ?? result.tracks.count
        if trackOfChannel[channel] == nil {
          trackOfChannel[channel] = index
          result.tracks.append(
            .init(
              name: track.name ?? "", role: role(track, channel: channel), channel: channel,
              program: programs.program(channel: channel, at: timed.at),
              programIsExplicit: programs.isExplicit(channel: channel)))
        }
        open.append(result.notes.count, channel: channel, key: key)
        result.notes.append(
          .init(
            start: at, end: .zero, pitch: pitch, velocity: min(max(velocity, 1), 127),
            track: index))
      case .noteOff(let channel, let key):
        if let oldest = open.removeOldest(channel: channel, key: key) {
          result.notes[oldest].end = at
        }
      case .tempo(let microseconds):
        // Frames are absolute time: the tempo that `tick` assumes must stay.
        guard case .ticksPerQuarter = division else { continue }
        let quarters = 60_000_000 / Double(max(1, microseconds))
        result.tempos.append(.init(at: at, quartersPerMinute: quarters))
      case .meter(let beats, let unit, _):
        if (1...32).contains(unit) {
          result.meters.append(.init(at: at, beats: beats, unit: unit))
        }
      case .key(let fifths, let isMinor):
        result.keys.append(.init(at: at, fifths: fifths, isMinor: isMinor))
      case .text(.marker, let text):
        result.markers.append(.init(at: at, text: text))
      case .text(.lyric, let text):
        result.lyrics.append(.init(at: at, text: text))
      case .text, .programChange, .controlChange:
        continue
      }
    }
    if !open.places.isEmpty {
      endLostNotes(open.places, of: track, offset: offset, from: firstNote, in: &result)
    }
    for index in firstNote..<result.notes.count {
      let note = result.notes[index]
      if note.end <= note.start { result.notes[index].end = note.start + Tick(1) }
    }
  }

  /// Ends the notes of keys that have too few note-offs: a key that is struck again has been let go,
  /// and one struck again at once was struck once. A note whose off stands just before its on, as
  /// some programs write grace notes, has no length and is left out. What is left lasts as long as
  /// its track.
  private func endLostNotes(
    _ places: Set<Int>, of track: Track, offset: Int, from firstNote: Int,
    in result: inout Performance
  ) {
    var sounding: [Int: Int] = [:]
    /// When a key was last let go that did not sound.
    var stray: [Int: Tick] = [:]
    var left: Set<Int> = []
    var next = firstNote
    for timed in track.events {
      let at = tick(min(offset + timed.at, TrackReader.latest))
      switch timed.event {
      case .noteOn(let channel, let key, _):
        guard Pitch(key: key) != nil else { continue }
        let place = channel << 7 | key
        if stray.removeValue(forKey: place) == at {
          left.insert(next)
        } else if places.contains(place), let before = sounding.updateValue(next, forKey: place) {
          result.notes[before].end = at
          if result.notes[before].start == at { left.insert(before) }
        }
        next += 1
      case .noteOff(let channel, let key):
        let place = channel << 7 | key
        if let last = sounding.removeValue(forKey: place) {
          result.notes[last].end = at
        } else if places.contains(place) {
          stray[place] = at
        }
      default: continue
      }
    }
    let end = tick(min(offset + track.end, TrackReader.latest))
    for last in sounding.values { result.notes[last].end = end }
    guard !left.isEmpty else { return }
    var kept: [Performance.Note] = []
    for index in firstNote..<next where !left.contains(index) {
      kept.append(result.notes[index])
    }
    result.notes.replaceSubrange(firstNote..., with: kept)
  }

  private func role(_ track: Track, channel: Int) -> Performance.Track.Role {
    if channel == 9 { return .drums }
    switch track.name?.lowercased() {
    case "bass": return .bass
    case "chords": return .chords
    case "drone": return .drone
    default: return .melody
    }
  }

  /// The moment `count` file ticks after the start, to the nearest 1/960 quarter.
  private func tick(_ count: Int) -> Tick {
    switch division {
    case .ticksPerQuarter(let ticks):
      return Tick((count * Tick.perQuarter + ticks / 2) / max(1, ticks))
    case .frames(let frames, let ticksPerFrame):
      // At 120 quarters a minute a second holds two; 29 stands for 30000/1001 frames a second.
      let (numerator, denominator) = frames == 29 ? (30_000, 1001) : (max(1, frames), 1)
      let perSecond = numerator * max(1, ticksPerFrame)
      return Tick((count * 2 * Tick.perQuarter * denominator + perSecond / 2) / perSecond)
    }
  }
}

extension MIDIFile.Track {
  var name: String? {
    for timed in events {
      if case .text(.name, let text) = timed.event { return text }
    }
    return nil
  }
}

/// Notes of one track that still sound, oldest first for each channel and key.
private struct OpenNotes {
  private var waiting: [Int: (notes: [Int], closed: Int)] = [:]

  mutating func append(_ note: Int, channel: Int, key: Int) {
    waiting[channel << 7 | key, default: ([], 0)].notes.append(note)
  }

  mutating func removeOldest(channel: Int, key: Int) -> Int? {
    let place = channel << 7 | key
    guard let queue = waiting[place] else { return nil }
    if queue.closed + 1 == queue.notes.count {
      waiting[place] = nil
    } else {
      waiting[place]?.closed += 1
    }
    return queue.notes[queue.closed]
  }

  /// The channels and keys, as `channel << 7 | key`, of notes that have not ended.
  var places: Set<Int> { Set(waiting.keys) }
}

/// The program each channel has at a moment. Programs belong to channels, so that one set in any
/// track counts for all.
private struct ProgramTable {
  private var changes: [[(at: Int, program: Int)]] = Array(repeating: [], count: 16)

  init(tracks: [MIDIFile.Track]) {
    for timed in tracks.lazy.flatMap(\.events) {
      if case .programChange(let channel, let program) = timed.event {
        changes[channel].append((timed.at, program))
      }
    }
    for channel in changes.indices { changes[channel].sort { $0.at < $1.at } }
  }

  /// The last one set by then, otherwise the first that comes, otherwise piano.
  func program(channel: Int, at tick: Int) -> Int {
    let changes = changes[channel]
    // Binary search: a damaged file may have as many tracks as program changes.
    var (low, high) = (0, changes.count)
    while low < high {
      let middle = (low + high) / 2
      if changes[middle].at <= tick { low = middle + 1 } else { high = middle }
    }
    return low > 0 ? changes[low - 1].program : changes.first?.program ?? 0
  }

  /// What changes after the first note of each track; at most 20,000 in all.
  func changes(
    in performance: Performance, tick: (Int) -> Tick
  ) -> [Performance.ProgramChange] {
    var first: [Int: Tick] = [:]
    for note in performance.notes {
      first[note.track] = min(first[note.track] ?? note.start, note.start)
    }
    var result: [Performance.ProgramChange] = []
    // A damaged file may have as many tracks as program changes: look at so many in all.
    var left = 100_000
    for (index, track) in performance.tracks.enumerated() {
      guard let start = first[index], changes[track.channel].count > 1 else { continue }
      var program = track.program
      for change in changes[track.channel].prefix(left) {
        left -= 1
        guard tick(change.at) > start, change.program != program, result.count < 20_000 else {
          continue
        }
        program = change.program
        result.append(.init(at: tick(change.at), track: index, program: program))
      }
    }
    return result.sorted { ($0.at, $0.track) < ($1.at, $1.track) }
  }

  func isExplicit(channel: Int) -> Bool { !changes[channel].isEmpty }
}

extension Performance {
  /// Lets notes sound on while the pedal of their channel holds them.
  fileprivate mutating func sustain(with pedals: [[PedalSpan]]) {
    guard pedals.contains(where: { !$0.isEmpty }) else { return }
    /// When each key of each channel is struck next.
    var struck: [Int: Tick] = [:]
    for index in notes.indices.reversed() {
      let note = notes[index]
      let channel = tracks[note.track].channel
      let place = channel << 7 | note.pitch.key
      defer { struck[place] = note.start }
      guard let span = pedals[channel].span(holding: note.end) else { continue }
      let next = struck[place].flatMap { $0 > note.start ? $0 : nil } ?? span.up
      notes[index].end = max(note.end, min(span.up, next))
    }
    end = max(end, notes.map(\.end).max() ?? .zero)
  }

  /// Sorts tempo, meter and key changes, keeps the last of each moment, and adds what is missing
  /// at the start.
  fileprivate mutating func arrangeChanges() {
    tempos = lastOfEachMoment(tempos, \.at)
    meters = lastOfEachMoment(meters, \.at)
    keys = lastOfEachMoment(keys, \.at)
    if tempos.first?.at != .zero {
      tempos.insert(.init(at: .zero, quartersPerMinute: 120), at: 0)
    }
    if meters.first?.at != .zero { meters.insert(.init(at: .zero, beats: 4, unit: 4), at: 0) }
    markers = stablySorted(markers, \.at)
    lyrics = stablySorted(lyrics, \.at)
  }

  private func stablySorted<Element>(
    _ elements: [Element], _ at: KeyPath<Element, Tick>
  ) -> [Element] {
    elements.enumerated().sorted {
      ($0.element[keyPath: at].count, $0.offset) < ($1.element[keyPath: at].count, $1.offset)
    }.map(\.element)
  }

  private func lastOfEachMoment<Element>(
    _ elements: [Element], _ at: KeyPath<Element, Tick>
  ) -> [Element] {
    stablySorted(elements, at).reduce(into: []) { kept, element in
      if let last = kept.last, last[keyPath: at] == element[keyPath: at] { kept.removeLast() }
      kept.append(element)
    }
  }

  /// Bars as the meters count them; at most 20,000, so that a silence of years stays readable.
  fileprivate mutating func countBars() {
    for (index, meter) in meters.enumerated() {
      let limit = index + 1 < meters.count ? min(meters[index + 1].at, end) : end
      let length = Tick(max(1, Tick.perQuarter * 4 * meter.beats / meter.unit))
      var start = meter.at
      while start < limit && bars.count < 20_000 {
        let barEnd = min(start + length, limit)
        bars.append(.init(written: bars.count, pass: 1, start: start, end: barEnd))
        start = barEnd
      }
    }
  }
}
