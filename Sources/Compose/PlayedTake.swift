import Music
import Notes

/// Notes as they are played in, on a time line of ticks that begins where the take is to stand, and
/// the places in which they will be written.
///
/// What is played to the clock goes through the stages of a transcription that settle starts and
/// lengths (`BeatSteps`, `PlayedLine`); what is entered step by step stands where it was put.
struct PlayedTake: Sendable, Equatable {
  struct Note: Sendable, Equatable {
    var key: Int
    /// Ticks; negative before the first bar line.
    var start: Int
    /// `nil` while the key is down, or where nobody says when it is let go.
    var end: Int?
    /// Whether it stands where it was put.
    var isExact = false
    /// Whether its end was taken from the next note's start.
    var isCut = false
  }

  private(set) var notes: [Note] = []
  /// Whether ends of notes are told.
  var knowsReleases = false
  /// Ticks of a note whose end nobody knows.
  var step = Tick.perQuarter / 2
  /// Ticks of the unit note length.
  var unit = Tick.perQuarter / 2
  /// Whether three eighths are a beat.
  var isCompound = false

  var isEmpty: Bool { notes.isEmpty }

  // MARK: Playing

  mutating func press(_ key: Int, at tick: Int) {
    if !knowsReleases { cutOpenNotes(at: tick) }
    // The same key again: the note before it is over.
    release(key, at: tick)
    notes.append(Note(key: key, start: tick))
  }

  mutating func release(_ key: Int, at tick: Int) {
    guard let index = notes.lastIndex(where: { $0.key == key && $0.end == nil }) else { return }
    notes[index].end = max(tick, notes[index].start + 1)
  }

  /// The notes of a chord begin; what sounded before is over.
  mutating func pressTogether(_ keys: [Int], at tick: Int) {
    releaseHeld(at: tick)
    notes += keys.map { Note(key: $0, start: tick) }
  }

  mutating func releaseHeld(at tick: Int) { cutOpenNotes(at: tick) }

  /// A key that is held sends itself again and again where the terminal tells no releases: the note
  /// that its repetition began is none.
  mutating func joinRepetition(of key: Int) {
    guard notes.count > 1, let last = notes.last, last.key == key, !last.isExact,
      let before = notes.lastIndex(where: { $0.key == key && $0.end == last.start && $0.isCut })
    else { return }
    notes.removeLast()
    notes[before].end = nil
    notes[before].isCut = false
  }

  private mutating func cutOpenNotes(at tick: Int) {
    for index in notes.indices where notes[index].end == nil {
      notes[index].end = max(tick, notes[index].start + 1)
      notes[index].isCut = true
    }
  }

  /// Lets go of everything that is held.
  mutating func releaseAll(at tick: Int) {
    for index in notes.indices where notes[index].end == nil {
      let end = knowsReleases ? tick : min(tick, notes[index].start + step)
      notes[index].end = max(end, notes[index].start + 1)
    }
  }

  // MARK: Step by step

  mutating func put(_ key: Int, at tick: Int, length: Int) {
    notes.append(Note(key: key, start: tick, end: tick + length, isExact: true))
  }

  /// Takes away what begins at or after a moment.
  mutating func remove(from tick: Int) { notes.removeAll { $0.start >= tick } }

  // MARK: In their places

  /// Far behind the start in whole quarters: no moment there is negative.
  private static let offset = 64 * Unit.perQuarter

  /// Where the notes are written, in ticks; in order of their starts.
  ///
  /// - Parameter now: Up to which moment keys that are down have been held.
  func placed(until now: Int) -> [PlacedNote] {
    let exact = notes.filter(\.isExact).map { note -> PlacedNote in
      let end = note.end ?? note.start + step
      return PlacedNote(start: note.start, length: max(end - note.start, 1), key: note.key)
    }
    let free = notes.filter { !$0.isExact }
    let played = free.map { note in
      let held = knowsReleases ? max(now, note.start + 1) : note.start + step
      return PlayedNote(
        start: note.start * Unit.perTick + PlayedTake.offset,
        end: max(note.end ?? held, note.start + 1) * Unit.perTick + PlayedTake.offset)
    }
    let steps = BeatSteps(
      of: played, unit: unit * Unit.perTick, isCompound: isCompound)
    let starts = played.map { steps.place(of: $0.start) }
    let reach = Unit.perQuarter / 20
    let line = PlayedLine(Array(zip(starts, played)), reach: reach, isSwung: false)
    let manner = line.manner(isWritten: false, isNotation: false)
    var placed: [PlacedNote] = zip(zip(starts, played), free).map { times, note in
      let (start, played) = times
      var end = line.end(
        of: PlayedLine.Note(start: start, played: played), played: manner, steps: steps,
        reach: reach)
      // Nobody has let go of it: it lasts as long as was said.
      if note.end == nil, !knowsReleases { end = start + step * Unit.perTick }
      return PlacedNote(
        start: (start - PlayedTake.offset) / Unit.perTick,
        length: max((end - start) / Unit.perTick, 1), key: note.key)
    }
    placed = PlayedTake.withoutOverlaps(placed)
    return (placed + exact).sorted { ($0.start, $0.key) < ($1.start, $1.key) }
  }

  /// One key sounds once at a time; of two notes that come to stand in one place the longer stays.
  private static func withoutOverlaps(_ notes: [PlacedNote]) -> [PlacedNote] {
    var result: [PlacedNote] = []
    let order = notes.sorted { ($0.start, $0.key, -$0.length) < ($1.start, $1.key, -$1.length) }
    for note in order {
      if let before = result.lastIndex(where: { $0.key == note.key && $0.end > note.start }) {
        if result[before].start == note.start { continue }
        result[before].length = note.start - result[before].start
      }
      result.append(note)
    }
    return result
  }
}
