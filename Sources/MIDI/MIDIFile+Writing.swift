import Music

extension MIDIFile {
  /// A format 1 file that sounds like `performance`: a conductor track with name, tempo, meters,
  /// keys and part markers, then one track for each of the performance's.
  ///
  /// 480 ticks to the quarter where every moment falls on one, otherwise 960: no moment is ever
  /// rounded. A note without length lasts one tick, so that readers keep it. Channel 10 carries
  /// drums and nothing else. Every track ends where the performance does.
  ///
  /// - Parameter copyright: The text of the copyright event; where it is empty, the performance's
  ///   own, and none is written when that is empty too.
  public init(performance: Performance, copyright: String = "") {
    let plan = FilePlan(performance, copyright: copyright)
    var tracks = [plan.conductor]
    for index in performance.tracks.indices {
      var list = EventList(channel: plan.channels[index])
      list.events.reserveCapacity(2 * plan.notes(of: index).count + 8)
      let crowd = plan.merge(index, plan.settings(of: index, in: performance), into: &list)
      var track = Track()
      track.events = list.events
      if !crowd.isEmpty {
        for note in crowd {
          track.events.append(
            .init(
              at: note.start,
              .noteOn(channel: list.channel, key: note.key, velocity: note.velocity)))
          track.events.append(
            .init(at: note.end, .noteOff(channel: list.channel, key: note.key)))
        }
        track.sortEvents()
      }
      track.end = max(plan.end, track.events.last?.at ?? 0)
      tracks.append(track)
    }
    self.init(
      format: 1, division: .ticksPerQuarter(plan.ticksPerQuarter), tracks: tracks)
  }

  /// The bytes of `MIDIFile(performance:copyright:)`, without a list of its events in between.
  public static func bytes(of performance: Performance, copyright: String = "") -> [UInt8] {
    let plan = FilePlan(performance, copyright: copyright)
    guard performance.tracks.count < 0xFFFF else {
      return MIDIFile(performance: performance, copyright: copyright).bytes
    }
    let settings = performance.tracks.indices.map { index in
      var track = Track()
      track.events = plan.settings(of: index, in: performance)
      track.end = plan.end + 1
      return track
    }
    // A note takes 4 bytes on and 4 bytes off, each after at most 4 bytes of time.
    let bound = settings.reduce(
      14 + plan.conductor.largestByteCount + 16 * performance.notes.count
    ) { $0 + $1.largestByteCount }
    var isCrowded = false
    let bytes = [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
      var out = ByteSink(buffer: buffer)
      out.appendHeader(
        format: 1, division: .ticksPerQuarter(plan.ticksPerQuarter),
        trackCount: settings.count + 1)
      out.appendTrack { plan.conductor.write(to: &$0) }
      for index in settings.indices where !isCrowded {
        out.appendTrack { out in
          var track = TrackBytes(channel: plan.channels[index], out: out)
          let crowd = plan.merge(index, settings[index].events, into: &track)
          isCrowded = !crowd.isEmpty
          track.end(at: plan.end)
          out = track.out
        }
      }
      count = out.count
    }
    return isCrowded ? MIDIFile(performance: performance, copyright: copyright).bytes : bytes
  }
}
