import Music
import Notes

/// What is known of a performance that is to be written down, beyond how it sounds.
struct Recording {
  /// With the ends of notes where the keys were let go.
  var performance: Performance
  /// For each MIDI channel, when its sustain pedal is down, in order.
  var pedals: [[PedalSpan]] = []
  /// How far from its written place a program with so many ticks to the quarter may put a note,
  /// in ticks of a performance.
  var reach = WrittenPlaces.leastReach

  init(_ performance: Performance) { self.performance = performance }

  init(_ file: MIDIFile) {
    performance = file.performanceOfKeys
    pedals = file.pedals
    if case .ticksPerQuarter(let ticks) = file.division {
      reach = min(max(WrittenPlaces.leastReach, (Tick.perQuarter / 2 + ticks - 1) / ticks), 8)
    }
    // Nobody can tell a missing meter from the 4/4 that stands for it.
    let hasMeter = file.tracks.contains { track in
      track.events.contains { if case .meter = $0.event { true } else { false } }
    }
    if !hasMeter { performance.meters = [] }
  }

  /// When the pedal that holds a note is let go; `nil` where none holds it.
  func pedalEnd(of note: Performance.Note) -> Tick? {
    let channel = performance.tracks[note.track].channel
    guard pedals.indices.contains(channel) else { return nil }
    return pedals[channel].span(holding: note.end)?.up
  }
}

/// A stretch of time in which a sustain pedal is down (MIDI controller 64).
struct PedalSpan: Hashable {
  var down: Tick
  var up: Tick
}

extension [PedalSpan] {
  /// The span in which a key that is let go at `moment` sounds on.
  func span(holding moment: Tick) -> PedalSpan? {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle].down <= moment { low = middle + 1 } else { high = middle }
    }
    return low > 0 && self[low - 1].up > moment ? self[low - 1] : nil
  }
}
