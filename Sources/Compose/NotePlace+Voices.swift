import ABC
import Music
import Notes

extension NotePlace {
  /// A voice that is written on beside others.
  struct Voice: Sendable {
    /// Among the voices of the tune.
    var index: Int
    /// As after `V:`.
    var id: String
    /// Half tones by which it sounds higher than it is written.
    var semitones: Int
    /// The tick up to which it is written, and whether its last bar is open.
    var end: Int
    var isOpen: Bool
    /// Ties joined, by start.
    var notes: [PlacedNote]
  }

  /// The voices of a tune but percussion; none where there is only one.
  static func voices(_ tune: ParsedTune) -> [Voice] {
    let indices = tune.voices.indices.filter { !tune.isPercussion($0) }
    guard indices.count > 1 else { return [] }
    let notes = joined(tune)
    return indices.map { index in
      let last = tune.bars.last { $0.voice == index }
      return Voice(
        index: index, id: tune.voices[index].id, semitones: tune.voices[index].semitones,
        end: Tick(last.map { $0.start + $0.length } ?? .zero).count,
        isOpen: last.map { !$0.isClosed } ?? false, notes: notes[index])
    }
  }

  /// The voice whose bar grows, and its last bar, `nil` where it has none: that with which the text
  /// ends, or another one where that lacks just this bar.
  static func growing(
    _ tune: ParsedTune, _ voices: [Voice]
  ) -> (voice: Int, bar: ParsedTune.WrittenBar?) {
    guard let last = tune.bars.last, !voices.isEmpty else {
      return (tune.bars.last?.voice ?? 0, tune.bars.last)
    }
    let start = Tick(last.start).count
    let end = Tick(last.start + last.length).count
    let behind = voices.filter { $0.end >= start && $0.end < end }.min { $0.end < $1.end }
    guard let behind else { return (last.voice, last) }
    return (behind.index, tune.bars.last { $0.voice == behind.index })
  }

  /// The voices of `voices` before the next notes, for whoever shares these out.
  var splitter: VoiceSplitter {
    let beginnings = VoiceSplitter.beginning(voices.count)
    return VoiceSplitter(
      zip(voices, beginnings).map { VoiceSplitter.voice(of: $0.notes) ?? $1 })
  }

  /// Whether one of `voices` is that with whose open bar the text ends.
  func isGrowing(_ voice: Int) -> Bool {
    isMidBar && voices[voice].index == lastVoice && voices[voice].isOpen
  }

  /// Which of `voices` a note is in that sounds on behind the end; `nil` where none is known to.
  func voice(holding note: PlacedNote) -> Int? {
    voices.firstIndex { voice in
      voice.notes.contains { $0.key == note.key && $0.end == end }
    }
  }
}

extension ParsedTune {
  /// Whether a voice is played on percussion, whose keys are no pitches.
  func isPercussion(_ voice: Int) -> Bool {
    voices.indices.contains(voice) && voices[voice].isPercussion
  }
}
