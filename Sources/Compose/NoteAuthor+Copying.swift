import ABC
import Analysis
import Music
import Notes

/// Keeping a network of notes from copying melodies that it knows.
///
/// What a voice gets is known only once the bar is written, and with which ties. So keys are kept out
/// while the bar is drawn by the melody as far as it can be told, and a bar that is a copy after all is
/// drawn again, with more care.
extension NoteAuthor {
  /// How often a bar is drawn anew before it is taken as it is.
  private static let mostAttempts = 16

  func melodyGuard(_ task: Task) -> MelodyGuard? {
    MelodyGuard(model.repertoires, rule: task.sampling.writing.copyGuard)
  }

  /// Keys that may not begin now: as the melody's next note they would complete a copy.
  func copiedKeys(_ task: Task, _ unwritten: UnwrittenNotes, _ place: NotePlace) -> Set<Int> {
    guard let copies = melodyGuard(task), !place.voices.isEmpty || place.lastVoice == 0,
      place.melody.count + unwritten.held.count + unwritten.tokens.count + 1
        >= MelodyIndex.leastNotes
    else { return [] }
    let (drawn, time) = decoded(unwritten, place)
    let sounding = place.held(unwritten)
    var own = (sounding + drawn).sorted { ($0.start, $0.key) < ($1.start, $1.key) }
    if var splitter = splitter(task, place) {
      let voices = splitter.split(own)
      own = zip(own, voices).filter { $1 == 0 }.map(\.0)
    }
    let margin = unwritten.attempts ?? 0
    func forbidden(before end: Int) -> Set<Int> {
      copies.forbidden(
        after: place.melody + Self.tops(own.filter { $0.start < end }), margin: margin)
    }
    // Of pitch, step and duration the note may begin with the last one or behind it.
    return model.isTimed
      ? forbidden(before: time).union(forbidden(before: time + 1)) : forbidden(before: time)
  }

  /// How the notes of the bar will be shared out; nil where all are one voice's.
  private func splitter(_ task: Task, _ place: NotePlace) -> VoiceSplitter? {
    if !place.voices.isEmpty { return place.splitter }
    guard task.writesVoices, model.voices > 1, place.hasNoMusic, !place.text.hasVoiceFields else {
      return nil
    }
    return VoiceSplitter(VoiceSplitter.beginning(model.voices))
  }

  /// What is to be done with a bar that is written as a copy: what is known at its beginning, to draw
  /// it anew; nil where it may stand.
  func again(
    _ step: AuthorStep, _ begun: UnwrittenNotes, _ task: Task, _ place: NotePlace
  ) -> UnwrittenNotes? {
    let attempts = begun.attempts ?? 0
    guard let copies = melodyGuard(task), attempts < Self.mostAttempts, !step.characters.isEmpty,
      task.gap == nil
    else { return nil }
    let text = Array((task.text + step.characters.map(\.character).joined()).utf8)
    var after = WrittenMelody(ParsedTune(bytes: text), text: text).keys
    // What is held on will be written once more.
    if let last = after.last, step.unwritten.held.contains(where: { $0.key == last }) {
      after.append(last)
    }
    guard after.count > place.melody.count,
      copies.isCopy(after, last: after.count - place.melody.count)
    else { return nil }
    return UnwrittenNotes(held: begun.held, lead: begun.lead, attempts: attempts + 1)
  }

  /// The highest of those notes that begin together.
  private static func tops(_ notes: [PlacedNote]) -> [Int] {
    var tops: [(start: Int, key: Int)] = []
    for note in notes {
      if let last = tops.last, last.start == note.start {
        tops[tops.count - 1].key = max(last.key, note.key)
      } else {
        tops.append((note.start, note.key))
      }
    }
    return tops.map(\.key)
  }
}

extension WrittenMelody {
  /// The MIDI keys of its notes, one after the other.
  var keys: [Int] { bars.flatMap(\.notes).compactMap(\.pitch) }
}
