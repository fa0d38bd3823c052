import Music

/// The notes of one track, as far as it matters how long they are held.
package struct PlayedLine {
  /// How a player, or a program, ends notes.
  package enum Manner: Equatable {
    /// As they are written.
    case written
    /// After this part of their length.
    case gate(Double)
    /// This much too early.
    case gap(Int)
    /// Now so, now so.
    case loose

    package var isWritten: Bool { self == .written }

    /// How long a note lasts in full that is played so.
    func fullLength(of note: Note) -> Int {
      switch self {
      case .gate(let part): Int((Double(note.length) / part).rounded())
      case .gap(let gap): note.length + gap
      case .written, .loose: note.length
      }
    }
  }

  package struct Note {
    /// Where it is written.
    let start: Int
    /// Where it would end if it were as long as it was played.
    var end: Int
    let playedEnd: Int
    let pedalEnd: Int?

    package init(start: Int, played: PlayedNote) {
      self.start = start
      end = start + max(1, played.end - played.start)
      playedEnd = played.end
      pedalEnd = played.pedalEnd.map { start + max(1, $0 - played.start) }
    }

    var length: Int { end - start }
  }

  /// Distinct, in order.
  private let starts: [Int]
  /// When the first note was played that is written at each of them.
  private let playedStarts: [Int: Int]
  /// The part of the notes that end where another begins, 0...1.
  package let touching: Double
  /// Held part of the time to the next start, and what is missing, of the notes that end before it.
  private let ratios: [Double]
  private let gaps: [Int]
  /// At how many moments notes begin that end before the next start.
  package let detached: Int
  private let reach: Int
  /// Whether a gate was bent with its note when the note was written straight.
  private let isSwung: Bool
  /// Whether every end lies on a thirty-second note or a triplet's place.
  private let endsAreWritten: Bool
  /// The one manner that explains nearly all lengths.
  private let common: MannerSearch.Found?
  private let search: MannerSearch
  /// Whether fingers stay where the next note has begun, in most of the notes that overlap.
  private let isLegato: Bool
  /// Whether those notes end anywhere.
  private let hasRoughTails: Bool

  package init(_ notes: [(start: Int, played: PlayedNote)], reach: Int, isSwung: Bool) {
    starts = Set(notes.map(\.start)).sorted()
    playedStarts = Dictionary(notes.map { ($0.start, $0.played.start) }) { min($0, $1) }
    self.reach = reach
    self.isSwung = isSwung
    var touching = 0
    var written = 0
    var ratios: [Double] = []
    var gaps: [Int] = []
    var detached: Set<Int> = []
    var (tails, rough, voices) = (0, 0, 0)
    let line = notes.map { Note(start: $0.start, played: $0.played) }
    for note in line {
      let start = note.start
      if note.pedalEnd == nil, PlayedLine.isPlain(note.end) { written += 1 }
      if let next = PlayedLine.first(in: starts, from: start + 1), note.end > next + reach {
        if PlayedLine.isTail(note, next) {
          tails += 1
          if !PlayedLine.isPlain(note.end) { rough += 1 }
        } else {
          voices += 1
        }
      }
      guard note.pedalEnd == nil,
        let next = PlayedLine.first(in: starts, from: max(note.end - reach, start + 1))
      else { continue }
      if next <= note.end + reach {
        touching += 1
      } else if next - start <= 2 * Unit.perWhole {
        ratios.append(Double(note.length) / Double(next - start))
        gaps.append(next - note.end)
        detached.insert(start)
      }
    }
    let judged = touching + ratios.count
    self.touching = judged > 0 ? Double(touching) / Double(judged) : 1
    self.ratios = ratios
    self.gaps = gaps
    self.detached = detached.count
    endsAreWritten = written * 20 >= notes.count * 19
    isLegato = tails >= 3 && tails >= 2 * voices
    hasRoughTails = rough * 2 > tails
    search = MannerSearch(line, starts: starts, reach: reach)
    // Swung notes are held for two lengths, and several manners explain those.
    common = touching * 2 < judged && !isSwung ? search.best() : nil
  }

  private static let plain = WrittenPlaces.Grid(steps: [60 * Unit.perTick, 80 * Unit.perTick])

  private static func isPlain(_ moment: Int) -> Bool { plain.contains(moment, within: 0) }

  /// How the notes are ended, by what most of them do.
  package func manner(isWritten: Bool, isNotation: Bool) -> Manner {
    if let common, isBelievable(common, isWritten: isWritten, isNotation: isNotation) {
      return common.manner
    }
    // A gate leaves nothing as it is; where some notes touch, staccato ones are meant.
    if touching >= 0.5 || touching >= 0.2 && isWritten && endsAreWritten { return .written }
    // A few ends are no manner yet.
    if isWritten && endsAreWritten && (isNotation || detached < 4) { return .written }
    guard !ratios.isEmpty else { return .written }
    let ratio = ratios.sorted()[ratios.count / 2]
    let gap = gaps.sorted()[gaps.count / 2]
    let slack = isWritten && !isSwung ? 0.04 : 0.08
    let gapSlack = isSwung ? max(reach, 20 * Unit.perTick) : reach
    let byRatio = ratios.count { abs($0 - ratio) <= slack }
    let byGap = gaps.count { abs($0 - gap) <= gapSlack }
    if max(byRatio, byGap) * 5 >= ratios.count * 3 {
      return byRatio >= byGap ? .gate(ratio) : .gap(gap)
    }
    return isWritten && endsAreWritten ? .written : .loose
  }

  /// Where all ends are plain the notes may simply be as long as they are, with rests behind them;
  /// but not with a voice for each.
  private func isBelievable(
    _ found: MannerSearch.Found, isWritten: Bool, isNotation: Bool
  ) -> Bool {
    if isWritten && endsAreWritten && (touching >= 0.2 || isNotation || detached < 4) {
      return found.meeting > touching + 0.4 && isLegato
    }
    return true
  }

  /// Whether notes that do not touch the next ones end as this gate lets them.
  package func agrees(with manner: Manner) -> Bool {
    guard case .gate(let part) = manner, touching < 0.5, !ratios.isEmpty else { return false }
    return abs(ratios.sorted()[ratios.count / 2] - part) <= 0.05
  }

  /// Where a note ends that is played in this manner.
  package func end(of note: Note, played manner: Manner, steps: BeatSteps, reach: Int) -> Int {
    let next = firstStart(after: note.start)
    var note = note
    if let next, !steps.isWritten, note.end > next, let begun = playedStarts[next],
      note.playedEnd <= begun + lingering(note, next)
    {
      // It was over when the next began; only their places have come closer.
      note.end = next
    }
    if let pedal = note.pedalEnd {
      if let next, note.end <= next + lingering(note, next) {
        let held = min(pedal, next) - note.start
        if held * 4 >= (next - note.start) * 3 { return next }
      }
      if note.end < pedal, pedal < next ?? .max {
        return place(of: pedal, after: note.start, steps, next)
      }
    }
    if manner == common?.manner, let end = search.end(of: note, played: manner) {
      return end.place
    }
    if let next, isFinger(note, on: next, steps) { return next }
    if let met = start(metBy: note, steps) { return met }
    switch manner {
    case .written: return writtenEnd(of: note, next: next, steps)
    case .gate, .gap:
      return end(note, target: note.start + manner.fullLength(of: note), next: next, steps)
    case .loose:
      if let next, note.end <= next {
        if note.length * 20 >= (next - note.start) * 9 { return next }
      } else if let cover = PlayedLine.first(in: starts, from: note.end),
        note.length * 5 >= (cover - note.start) * 4
      {
        return cover
      }
      let full = note.start + note.length * (next == nil ? 8 : 4) / (next == nil ? 7 : 3)
      return place(of: full, after: note.start, steps, next)
    }
  }

  /// A drum has no length: its note lasts until the next, at most to the end of the beat.
  package func endOfHit(_ note: Note) -> Int {
    let beat = (note.start / Unit.perQuarter + 1) * Unit.perQuarter
    return min(beat, firstStart(after: note.start) ?? beat)
  }

  /// The start at which a note ends, give or take what fingers linger.
  private func start(metBy note: Note, _ steps: BeatSteps) -> Int? {
    if let next = PlayedLine.first(in: starts, from: max(note.end - reach, note.start + 1)),
      next <= note.end + reach
    {
      return next
    }
    guard let before = lastStart(before: note.end), before > note.start else { return nil }
    if steps.isWritten && PlayedLine.isPlain(note.end) { return nil }
    return note.end - before <= lingering(note, before) ? before : nil
  }

  /// Whether a note that sounds on after `next` has begun may still be of the same voice.
  private static func isTail(_ note: Note, _ next: Int) -> Bool {
    note.end - next <= (next - note.start) * 11 / 20
  }

  /// Whether a note that sounds when the next begins is one that a finger has not yet let go of.
  private func isFinger(_ note: Note, on next: Int, _ steps: BeatSteps) -> Bool {
    let tail = note.end - next
    guard tail > reach else { return false }
    if steps.isWritten, !(isLegato && hasRoughTails) {
      // Voices end where notes begin, or on places of their own that nobody's fingers know.
      if let met = PlayedLine.first(in: starts, from: note.end - reach), met <= note.end + reach {
        return false
      }
      if PlayedLine.isPlain(note.end), tail >= Unit.perQuarter / 6 {
        return false
      }
    }
    return tail <= (next - note.start) / 4 || isLegato && PlayedLine.isTail(note, next)
  }

  /// How long a finger may stay where the next note has begun.
  private func lingering(_ note: Note, _ start: Int) -> Int {
    max(reach, min(Unit.perQuarter / 8, (start - note.start) / 6))
  }

  /// The end of a note among others that are as long as they are written.
  private func writtenEnd(of note: Note, next: Int?, _ steps: BeatSteps) -> Int {
    let cover = PlayedLine.first(in: starts, from: note.end)
    if steps.isWritten {
      let isFifth = [note.start, cover ?? note.start].contains { !PlayedLine.isPlain($0) }
      // A tick late or early is the same place.
      let plain = PlayedLine.plain.nearest(to: note.end, within: reach)
      if let plain, plain != note.end, plain > note.start,
        touching < 0.95 || !WrittenPlaces.isWritten(note.end)
      {
        return plain
      }
      let isKept =
        plain == note.end
        || isFifth && note.end.isMultiple(of: 48 * Unit.perTick)
        || touching >= 0.95 && WrittenPlaces.isWritten(note.end) && !isGated(note, cover)
      let isBreath =
        cover.map {
          $0 - note.end < 120 * Unit.perTick && note.length * 5 >= ($0 - note.start) * 4
        } ?? false
      if isKept && !(isBreath && touching < 0.95) { return note.end }
    }
    if let cover, note.length * 5 >= (cover - note.start) * 3 { return cover }
    return place(of: note.end, after: note.start, steps, next)
  }

  /// Nine tenths or nineteen twentieths of the way are a way of playing.
  private func isGated(_ note: Note, _ cover: Int?) -> Bool {
    cover.map { note.length * 20 >= ($0 - note.start) * 17 } ?? false
  }

  /// The end of a note that would last until `target` if it were held in full.
  private func end(_ note: Note, target: Int, next: Int?, _ steps: BeatSteps) -> Int {
    let full = max(target, note.start + 1)
    let slack = max(reach, (full - note.start) / 8)
    // No rest is a fifth of what it follows.
    if let next, note.end <= next, (full - note.start) * 100 >= (next - note.start) * 79 {
      return next
    }
    let near = [lastStart(before: full + 1), PlayedLine.first(in: starts, from: full)]
      .compactMap { $0 }.filter { $0 > note.start && abs($0 - full) <= slack }
    if let nearest = near.min(by: { abs($0 - full) < abs($1 - full) }) { return nearest }
    return place(of: full, after: note.start, steps, note.end <= next ?? .max ? next : nil)
  }

  /// The simplest place near a moment, not after `limit`.
  private func place(of moment: Int, after start: Int, _ steps: BeatSteps, _ limit: Int?) -> Int {
    let tick = Unit.perTick
    var choices: [(step: Int, cost: Int)] = [
      (480 * tick, (isSwung ? -200 : -30) * tick), (240 * tick, 0), (320 * tick, 20 * tick),
      (160 * tick, 40 * tick), (120 * tick, 40 * tick),
    ]
    if case .played = steps {
      choices = [(Unit.perQuarter / max(2, steps.parts(around: moment) ?? 2), 0)]
    }
    // What is long is rounded in the large.
    if moment - start > 2 * Unit.perQuarter { choices[0].cost -= 60 * tick }
    let places = choices.map { choice -> (place: Int, cost: Int) in
      let place = (moment + choice.step / 2) / choice.step * choice.step
      return (place, abs(place - moment) + choice.cost)
    }.filter { $0.place > start }
    let best = places.min { $0.cost < $1.cost }?.place ?? start + (choices.last?.step ?? 1)
    return min(best, limit ?? .max)
  }

  private func firstStart(after moment: Int) -> Int? {
    PlayedLine.first(in: starts, from: moment + 1)
  }

  private func lastStart(before moment: Int) -> Int? {
    let place = PlayedLine.place(in: starts, from: moment)
    return place > 0 ? starts[place - 1] : nil
  }

  static func first(in starts: [Int], from moment: Int) -> Int? {
    let place = place(in: starts, from: moment)
    return place < starts.count ? starts[place] : nil
  }

  static func place(in starts: [Int], from moment: Int) -> Int {
    var (low, high) = (0, starts.count)
    while low < high {
      let middle = (low + high) / 2
      if starts[middle] < moment { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
