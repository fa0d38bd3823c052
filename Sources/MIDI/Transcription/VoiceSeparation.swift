import Notes

/// What one voice plays: a note or a chord, and when.
struct Sound: Hashable {
  var start: Int
  var end: Int
  /// MIDI keys from low to high, each once.
  var keys: [Int]
  /// How each key is written.
  var names: [Spelling] = []
}

/// One line of music in which nothing overlaps.
struct SeparatedVoice {
  /// Index into the performance's tracks.
  var track: Int
  var sounds: [Sound]
}

extension Score {
  /// Lines one person could play or sing each: notes that begin and end together are a chord,
  /// others that overlap belong to different voices, each to the one nearest in pitch.
  ///
  /// At most `limit` voices a track; a note for which there is no voice cuts the oldest short.
  /// - Returns: The voices, and how many notes had to be cut short.
  func separatedVoices(limit: Int = 12) -> (voices: [SeparatedVoice], cut: Int) {
    var ofTrack: [Int: [Sound]] = [:]
    for group in chords() { ofTrack[group.track, default: []].append(group.sound) }
    var cut = 0
    var voices: [SeparatedVoice] = []
    for (track, sounds) in ofTrack.sorted(by: { $0.key < $1.key }) {
      var lines: [[Sound]] = []
      for sound in sounds {
        let free = lines.indices.filter { (lines[$0].last?.end ?? 0) <= sound.start }
        let nearest = free.min { first, second in
          distance(lines[first].last, sound) < distance(lines[second].last, sound)
        }
        if let nearest {
          lines[nearest].append(sound)
        } else if lines.count < limit {
          lines.append([sound])
        } else {
          let oldest =
            lines.indices.min { (lines[$0].last?.start ?? 0) < (lines[$1].last?.start ?? 0) } ?? 0
          let last = lines[oldest].count - 1
          cut += 1
          if lines[oldest][last].start < sound.start {
            lines[oldest][last].end = sound.start
            lines[oldest].append(sound)
          }
        }
      }
      voices += lines.map { SeparatedVoice(track: track, sounds: $0) }
    }
    return (voices, cut)
  }

  private func distance(_ last: Sound?, _ next: Sound) -> Int {
    abs((last?.keys.last ?? 0) - (next.keys.last ?? 0))
  }

  private func chords() -> [(track: Int, sound: Sound)] {
    var result: [(track: Int, sound: Sound)] = []
    var first = 0
    while first < notes.count {
      var last = first
      while last < notes.count, notes[last].start == notes[first].start,
        notes[last].track == notes[first].track
      {
        last += 1
      }
      // Notes come from high to low. The same pitch twice is two voices in unison.
      var together: [Sound] = []
      for note in notes[first..<last] {
        let place = together.firstIndex { $0.end == note.end && !$0.keys.contains(note.key) }
        if let place {
          together[place].keys.insert(note.key, at: 0)
        } else {
          together.append(Sound(start: note.start, end: note.end, keys: [note.key]))
        }
      }
      result += together.map { (notes[first].track, $0) }
      first = last
    }
    return result
  }
}
