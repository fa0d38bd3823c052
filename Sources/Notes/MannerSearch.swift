import Music

/// Finds the one articulation that explains a line: that nearly all notes are held for the same part
/// of their written lengths, or for the same time too long or too short.
///
/// What a note would last in full either meets the start of another or is a plain value with a rest
/// behind it. Of several such readings the one is believed in which the fewest notes run into the
/// next and the most are followed at once: gates of 95 % with rests as long as their notes are not
/// gates of 47 %, and notes held a fifth too long are one voice, not two.
struct MannerSearch {
  struct Found {
    var manner: PlayedLine.Manner
    /// The part of the notes that meet another in full, 0...1.
    var meeting: Double
    /// What it costs to believe in, a note.
    fileprivate var cost: Double
  }

  /// Distinct, in order.
  private let starts: [Int]
  private let notes: [PlayedLine.Note]
  private let reach: Int
  /// Where rests begin: on the sixteenths, and on triplets where there are any.
  private let rests: WrittenPlaces.Grid

  /// What a gate may be: notes held for twice their length are two voices.
  private static let gates = 0.38...1.55
  /// A program is as exact as the clock of its file; players are explained by nothing so narrow.
  private static let exactness = 8 * Unit.perTick
  /// Notes that are looked at; more don't change the picture.
  private static let most = 2000

  init(_ notes: [PlayedLine.Note], starts: [Int], reach: Int) {
    self.notes = Array(notes.filter { $0.pedalEnd == nil }.prefix(MannerSearch.most))
    self.starts = starts
    self.reach = min(reach, MannerSearch.exactness)
    let (sixteenth, triplet) = (Unit.perQuarter / 4, Unit.perQuarter / 3)
    let hasTriplets = starts.contains {
      $0.isMultiple(of: triplet) && !$0.isMultiple(of: sixteenth)
    }
    rests = WrittenPlaces.Grid(steps: hasTriplets ? [sixteenth, triplet] : [sixteenth])
  }

  /// `nil` where no single manner explains nine notes of ten, or there are too few.
  func best() -> Found? {
    guard starts.count >= 8, notes.count >= 8, !areAlike else { return nil }
    return candidates().compactMap(found).min { $0.cost < $1.cost }
  }

  /// Whether all notes are equally short, wherever the next begins: then their lengths say nothing.
  private var areAlike: Bool {
    let lengths = notes.map(\.length).sorted()
    let distances = notes.compactMap { note in
      PlayedLine.first(in: starts, from: note.start + 1).map { $0 - note.start }
    }.sorted()
    guard let shortest = distances.first, let farthest = distances.last else { return true }
    return lengths[lengths.count - 1] - lengths[0] <= 2 * reach && farthest * 2 >= shortest * 3
  }

  /// Where a note would end in full; `nil` where this manner doesn't explain it.
  func end(
    of note: PlayedLine.Note, played manner: PlayedLine.Manner
  ) -> (place: Int, meets: Bool)? {
    let full = manner.fullLength(of: note)
    guard full > 0 else { return nil }
    let part = if case .gate(let part) = manner { min(part, 1) } else { 1.0 }
    // The clock of the file rounds what the gate cuts off.
    let slack = Int(Double(2 * reach) / part) + full / 100
    let moment = note.start + full
    let after = PlayedLine.place(in: starts, from: moment)
    let near = [after - 1, after].filter { starts.indices.contains($0) }.map { starts[$0] }
      .filter { $0 > note.start }.min { abs($0 - moment) < abs($1 - moment) }
    if let near, abs(near - moment) <= slack { return (near, true) }
    guard let plain = rests.nearest(to: moment, within: slack), plain > note.start else {
      return nil
    }
    return (plain, false)
  }

  /// Voices that are not there cost more than rests that are.
  private func found(_ manner: PlayedLine.Manner) -> Found? {
    var (explained, meeting, cost) = (0, 0, 0.0)
    for note in notes {
      guard let end = end(of: note, played: manner) else { continue }
      explained += 1
      if end.meets { meeting += 1 } else { cost += 1 }
      if let next = PlayedLine.first(in: starts, from: note.start + 1), end.place > next {
        cost += note.end > next ? 0.5 : 8
      }
    }
    guard explained * 10 >= notes.count * 9, meeting * 10 >= notes.count else { return nil }
    let count = Double(notes.count)
    cost += 8 * Double(notes.count - explained)
    return Found(manner: manner, meeting: Double(meeting) / count, cost: cost / count)
  }

  /// The commonest parts and gaps, up to the starts before and after the end of each note.
  private func candidates() -> [PlayedLine.Manner] {
    var parts: [Int: (count: Int, held: Int, full: Int)] = [:]
    var gaps: [Int: [Int]] = [:]
    let step = max(1, reach)
    for note in notes {
      let after = PlayedLine.place(in: starts, from: note.end)
      let next = PlayedLine.place(in: starts, from: note.start + 1)
      for place in Set([next, after - 1, after])
      where starts.indices.contains(place) && starts[place] > note.start {
        let full = starts[place] - note.start
        let part = Double(note.length) / Double(full)
        if MannerSearch.gates.contains(part) {
          let sum = parts[Int(part * 50)] ?? (0, 0, 0)
          parts[Int(part * 50)] = (sum.count + 1, sum.held + note.length, sum.full + full)
        }
        let gap = full - note.length
        if abs(gap) <= Unit.perQuarter / 4 { gaps[gap / step, default: []].append(gap) }
      }
    }
    let commonParts = parts.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }
      .prefix(10).map { Double($0.value.held) / Double($0.value.full) }
    let commonGaps = gaps.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }
      .prefix(10).map { $0.value.sorted()[$0.value.count / 2] }
    return commonParts.map { .gate($0) } + commonGaps.map { .gap($0) }
  }
}
