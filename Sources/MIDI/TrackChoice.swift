import Music

/// A choice among the tracks of a MIDI file: `2`, `1,3-4`, `merge` for all as one, `merge 1,3`.
public struct TrackChoice: Hashable, Sendable {
  /// From 1, as `MIDIFile.parts` counts; empty = all.
  public var numbers: [Int] = []
  /// Whether they become one track, so that what begins together is a chord.
  public var merges = false

  /// What a choice looks like, for a sentence.
  public static let forms = "numbers such as 1,3-4, or merge, or merge 1,3"

  public init?(_ text: String) {
    var words = text.split { $0 == " " || $0 == "," || $0 == ":" || $0 == "=" }
    if words.first == "merge" {
      merges = true
      words.removeFirst()
    }
    for word in words {
      let ends = word.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      guard ends.count <= 2, let first = ends[0], let last = ends[ends.count - 1], first >= 1,
        first <= last, last <= 9999
      else { return nil }
      for number in first...last where !numbers.contains(number) { numbers.append(number) }
    }
    if numbers.isEmpty, !merges { return nil }
  }
}

extension MIDIFile {
  /// What sounds as one track: a channel of a chunk.
  public struct Part: Hashable, Sendable {
    /// From 1.
    public var number: Int
    public var name: String
    public var noteCount: Int
    /// Where they are, from 0.
    var chunk: Int
    var channel: Int
  }

  /// Everything that sounds, in the order in which it becomes the tracks of `performance`.
  public var parts: [Part] {
    var parts: [Part] = []
    for (chunk, track) in tracks.enumerated() {
      var places: [Int?] = Array(repeating: nil, count: 16)
      for timed in track.events {
        guard case .noteOn(let channel, let key, _) = timed.event, Pitch(key: key) != nil else {
          continue
        }
        if let place = places[channel] {
          parts[place].noteCount += 1
        } else {
          places[channel] = parts.count
          parts.append(
            Part(
              number: parts.count + 1, name: track.name ?? "", noteCount: 1, chunk: chunk,
              channel: channel))
        }
      }
    }
    return parts
  }

  /// The file with only the notes of some of its tracks; tempos, meters, keys and texts stay.
  ///
  /// - Throws: `noPart` where a number names none.
  public func choosing(_ choice: TrackChoice) throws(MIDIError) -> MIDIFile {
    let all = parts
    for number in choice.numbers where !all.indices.contains(number - 1) {
      throw .noPart(number, of: all.count)
    }
    let chosen = choice.numbers.isEmpty ? all : choice.numbers.map { all[$0 - 1] }
    guard let first = chosen.first else { return self }
    var wanted: Set<[Int]> = []
    for part in chosen { wanted.insert([part.chunk, part.channel]) }
    var file = self
    var moved: [(event: TimedEvent, order: Int)] = []
    // The songs of format 2 follow one another and are no tracks of one song.
    let merges = choice.merges && format != 2
    for chunk in file.tracks.indices {
      file.tracks[chunk].events.removeAll { timed in
        guard let channel = timed.event.noteChannel else { return false }
        guard wanted.contains([chunk, channel]) else { return true }
        guard merges, chunk != first.chunk || channel != first.channel else { return false }
        moved.append((timed.onChannel(first.channel), moved.count))
        return true
      }
    }
    if !moved.isEmpty {
      let own = file.tracks[first.chunk].events.enumerated().map { ($0.element, $0.offset) }
      let count = own.count
      let together = own + moved.map { ($0.event, $0.order + count) }
      file.tracks[first.chunk].events = together.sorted {
        ($0.0.at, $0.1) < ($1.0.at, $1.1)
      }.map(\.0)
      file.tracks[first.chunk].end = file.tracks.map(\.end).max() ?? 0
    }
    if format == 2 {
      let chunks = Set(chosen.map(\.chunk))
      file.tracks = file.tracks.enumerated().filter { chunks.contains($0.offset) }.map(\.element)
    }
    return file
  }
}

extension MIDIFile.Event {
  /// Of a note's beginning or end.
  fileprivate var noteChannel: Int? {
    switch self {
    case .noteOn(let channel, _, _), .noteOff(let channel, _): channel
    default: nil
    }
  }
}

extension MIDIFile.TimedEvent {
  fileprivate func onChannel(_ channel: Int) -> Self {
    switch event {
    case .noteOn(_, let key, let velocity):
      Self(at: at, .noteOn(channel: channel, key: key, velocity: velocity))
    case .noteOff(_, let key): Self(at: at, .noteOff(channel: channel, key: key))
    default: self
    }
  }
}
