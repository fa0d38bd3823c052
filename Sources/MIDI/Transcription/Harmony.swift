import Music
import Notes

/// The chord symbols behind a bass track and a chord track such as Lilt plays for them.
struct Harmony {
  struct Symbol: Hashable {
    /// When its first note sounds, in ticks.
    var at: Int
    /// It may also be written earlier, as long as it comes after this moment.
    var after: Int
    /// As ABC writes it, without quotation marks: `F#m7`, `N.C.`.
    var text: String
  }

  /// The performance without the two tracks.
  private(set) var melody: Performance
  /// One for each bass note, and one wherever the chord changes between two.
  private(set) var symbols: [Symbol] = []

  /// A moment at which a bar begins: the rhythms of all meters begin with a bass note, and most
  /// bars hold more than one.
  private(set) var downbeat = Tick.zero

  /// `nil` when there are no such tracks, or they hold anything that no symbol asks for.
  init?(_ performance: Performance) {
    let tracks = performance.tracks
    let basses = tracks.indices.filter { tracks[$0].role == .bass }
    let others = tracks.indices.filter { tracks[$0].role == .chords }
    guard basses.count == 1, others.count == 1 else { return nil }
    let (bass, chords) = (basses[0], others[0])
    guard performance.notes.contains(where: { $0.track != bass && $0.track != chords }) else {
      return nil
    }
    melody = performance
    melody.notes.removeAll { $0.track == bass || $0.track == chords }
    guard
      let steps = Harmony.steps(
        bass: performance.notes.filter { $0.track == bass },
        chords: performance.notes.filter { $0.track == chords })
    else { return nil }
    let loudest = melody.notes.lazy.map(\.velocity).max() ?? 0
    downbeat = Harmony.downbeat(
      steps, bar: Harmony.barLength(of: performance),
      stressed: Set(melody.notes.lazy.filter { $0.velocity == loudest }.map(\.start.count)))
    let isFlat = (performance.keys.first?.fifths ?? 0) < 0
    write(steps, isFlat: isFlat, bar: Harmony.barLength(of: performance))
    guard !symbols.isEmpty else { return nil }
  }

  /// Notes of one moment: a bass note, a chord, or both.
  private struct Step {
    var at: Int
    var end: Int
    /// 0...11, C is 0.
    var bass: Int?
    var chord: Chord?
  }

  private struct Chord: Hashable {
    var root: Int
    var kind: String
  }

  private static func steps(
    bass: [Performance.Note], chords: [Performance.Note]
  ) -> [Step]? {
    var steps: [Int: Step] = [:]
    for note in bass {
      let at = note.start.count
      guard (36..<48).contains(note.pitch.key), steps[at] == nil else { return nil }
      steps[at] = Step(at: at, end: note.end.count, bass: note.pitch.key - 36)
    }
    for (start, notes) in Dictionary(grouping: chords, by: \.start.count) {
      let keys = notes.map(\.pitch.key).sorted()
      guard let lowest = keys.first, (48..<60).contains(lowest),
        let kind = kinds[keys.dropFirst().map { $0 - lowest }],
        Set(notes.map(\.end)).count == 1
      else { return nil }
      var step = steps[start] ?? Step(at: start, end: notes[0].end.count)
      step.chord = Chord(root: lowest - 48, kind: kind)
      steps[start] = step
    }
    return steps.values.sorted { $0.at < $1.at }
  }

  /// The place of the bar at which chords change most often, below the loudest notes.
  private static func downbeat(_ steps: [Step], bar: Int, stressed: Set<Int>) -> Tick {
    var counts: [Int: Int] = [:]
    var last: Int?
    for step in steps {
      guard let bass = step.bass else { continue }
      counts[step.at % bar, default: 0] +=
        (bass == last ? 1 : 3) + (stressed.contains(step.at) ? 2 : 0)
      last = bass
    }
    let best = counts.max { ($0.value, -$0.key) < ($1.value, -$1.key) }
    return Tick(best?.key ?? 0)
  }

  private mutating func write(_ steps: [Step], isFlat: Bool, bar: Int) {
    var holding: (chord: Chord, bass: Int)?
    func name(_ chord: Chord, over bass: Int) -> String {
      let names = isFlat ? Harmony.flats : Harmony.sharps
      let slash = bass == chord.root ? "" : "/" + names[bass]
      return names[chord.root] + chord.kind + slash
    }
    var last = -1
    for (index, step) in steps.enumerated() {
      if index > 0, step.at - steps[index - 1].at > bar {
        // Longer than any rhythm is silent.
        let silence = Harmony.silence(after: index - 1, steps)
        symbols.append(silence)
        last = silence.at - 1
        holding = nil
      }
      defer { last = step.at }
      // The chord that goes with a bass note is the one that sounds next, before another bass note.
      var chord = step.chord
      if chord == nil, index + 1 < steps.count, steps[index + 1].bass == nil {
        chord = steps[index + 1].chord
      }
      if let bass = step.bass {
        if let holding, chord?.root != bass, holding.bass == bass, step.chord == nil {
          // The chord changes only after this bass note.
          symbols.append(
            Symbol(at: step.at, after: last, text: name(holding.chord, over: holding.bass)))
          continue
        }
        // A bass note alone keeps the kind of a chord on the same root.
        let new = chord ?? holding.flatMap { $0.bass == bass ? $0.chord : nil }
        let found = new ?? Chord(root: bass, kind: "")
        holding = (found, bass)
        symbols.append(Symbol(at: step.at, after: last, text: name(found, over: bass)))
      } else if let chord, holding?.chord != chord {
        holding = (chord, chord.root)
        symbols.append(Symbol(at: step.at, after: last, text: name(chord, over: chord.root)))
      }
    }
    if let end = steps.last, melody.end.count - end.at > bar {
      symbols.append(Harmony.silence(after: steps.count - 1, steps))
    }
  }

  /// `N.C.` where the next step would be.
  private static func silence(after index: Int, _ steps: [Step]) -> Symbol {
    let step = steps[index]
    let before = index > 0 ? steps[index - 1].at : step.at
    let at = before < step.at ? step.at + (step.at - before) : step.end
    return Symbol(at: at, after: step.at, text: "N.C.")
  }

  private static func barLength(of performance: Performance) -> Int {
    let meter = performance.meters.first
    let beats = max(meter?.beats ?? 4, 1)
    return Tick.perQuarter * 4 * beats / max(meter?.unit ?? 4, 1)
  }

  /// Whether a performance sounds as another one: the melody in any order of voices, bass and
  /// chords with their loudness and instruments.
  static func isSame(_ one: Performance, _ other: Performance) -> Bool {
    func sound(_ performance: Performance) -> [[Int]] {
      performance.notes.map { note in
        let role = performance.tracks[note.track].role
        let place = role == .bass ? 1 : role == .chords ? 2 : 0
        return [
          note.start.count, note.end.count, note.pitch.key, place,
          place > 0 ? note.velocity : 0,
          place > 0 ? performance.tracks[note.track].program : 0,
        ]
      }.sorted { $0.lexicographicallyPrecedes($1) }
    }
    return sound(one) == sound(other)
  }

  private static let sharps = ["C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B"]
  private static let flats = ["C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"]

  /// Kinds of chords by their intervals above the root.
  private static let kinds: [[Int]: String] = [
    [4, 7]: "", [3, 7]: "m", [4, 7, 10]: "7", [3, 7, 10]: "m7", [4, 7, 11]: "maj7",
    [3, 6]: "dim", [3, 6, 9]: "dim7", [3, 6, 10]: "m7b5", [4, 8]: "aug", [4, 8, 10]: "aug7",
    [4, 7, 9]: "6", [3, 7, 9]: "m6", [4, 7, 10, 14]: "9", [3, 7, 10, 14]: "m9",
    [4, 7, 11, 14]: "maj9", [4, 7, 10, 14, 17]: "11", [3, 7, 10, 14, 17]: "m11",
    [4, 7, 10, 14, 21]: "13", [7]: "5", [3, 7, 11]: "mM7", [5, 7]: "sus4", [2, 7]: "sus2",
    [5, 7, 10]: "7sus4", [2, 7, 10]: "7sus2", [5, 7, 10, 14]: "9sus4", [4, 7, 10, 13]: "7b9",
    [4, 7, 10, 15]: "7#9", [4, 6, 10]: "7b5", [4, 7, 10, 18]: "7#11", [4, 7, 14]: "add9",
    [3, 7, 14]: "madd9", [4, 7, 9, 14]: "6/9", [4, 7, 10, 20]: "7b13", [3, 6, 9, 14]: "dim9",
    [4, 7, 11, 18]: "maj7#11",
  ]
}

extension Score {
  /// A chord symbol on the written time line, in units.
  struct Symbol: Hashable {
    var at: Int
    var after: Int
    var text: String
  }

  /// Takes the symbols that must be written, once repeats are folded: of two passes the first
  /// says what sounds.
  mutating func take(_ found: [Harmony.Symbol]) {
    let moments = found.map { $0.at * Unit.perTick + delay }
    let places = Dictionary(zip(moments, found.indices)) { first, _ in first }
    var last = ""
    for (symbol, moment) in zip(found, moments) {
      guard !removed.contains(where: { $0.at <= moment && moment < $0.at + $0.by }) else {
        continue
      }
      // What is said already need only be said again where the second pass comes from elsewhere.
      let isNews = removed.contains { fold in
        guard fold.first <= moment, moment < fold.first + fold.by,
          let second = places[moment + fold.at - fold.first], second > 0
        else { return false }
        return found[second].text == symbol.text && found[second - 1].text != symbol.text
      }
      guard symbol.text != last || isNews else { continue }
      let at = position(of: Tick(symbol.at))
      let reach = symbol.after < 0 ? at + 1 : (symbol.at - symbol.after) * Unit.perTick
      symbols.append(Symbol(at: at, after: at - reach, text: symbol.text))
      last = symbol.text
    }
  }
}

extension [BarItem] {
  /// Puts chord symbols before the notes where they come into force; a note that is held there is
  /// written as two.
  func with(_ symbols: some Sequence<Score.Symbol>) -> [BarItem] {
    var items = self
    for symbol in symbols {
      let place =
        items.lastIndex { $0.start > symbol.after && $0.start <= symbol.at }
        ?? items.split(at: symbol.at)
      if let place { items[place].symbol = symbol.text }
    }
    return items
  }

  /// Puts fields before the notes that begin with them, or where a plain note is held there,
  /// between two halves of it; else before the next note.
  func with(_ fields: [(at: Int, text: String)]) -> [BarItem] {
    var items = self
    for field in fields {
      let place =
        items.firstIndex { $0.start == field.at } ?? items.splitPlain(at: field.at)
        ?? items.firstIndex { $0.start > field.at }
      if let place { items[place].fields = field.text }
    }
    return items
  }

  private mutating func splitPlain(at moment: Int) -> Int? {
    let grid = Unit.perQuarter / 16
    let holding = last { $0.start < moment }
    guard let holding, holding.start.isMultiple(of: grid), holding.length.isMultiple(of: grid)
    else { return nil }
    return split(at: moment)
  }

  /// Cuts the item that holds at a moment; where the second part stands.
  private mutating func split(at moment: Int) -> Int? {
    guard let place = lastIndex(where: { $0.start < moment && $0.start + $0.length > moment })
    else { return nil }
    var rest = self[place]
    rest.start = moment
    rest.length = self[place].start + self[place].length - moment
    rest.symbol = nil
    rest.fields = ""
    rest.isTiedFromBefore = !rest.keys.isEmpty
    self[place].length -= rest.length
    if !rest.keys.isEmpty { self[place].isTiedOn = true }
    insert(rest, at: place + 1)
    return place + 1
  }
}
