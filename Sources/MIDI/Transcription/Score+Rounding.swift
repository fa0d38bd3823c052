import Music

extension Score {
  /// Ways to divide a beat, with what it costs to believe in them.
  private static let divisions: [(parts: Int, cost: Double)] = [
    (1, 0), (2, 0.3), (4, 0.9), (3, 1.4), (6, 3.2), (8, 3.6),
  ]
  /// How far from its place a played note usually is, in quarters.
  private static let looseness = 0.035

  /// Moves every start to a division of its beat, chosen for each beat from all the notes in it,
  /// and every end to the next start where it is close, else to the same grid.
  mutating func roundToGrid(keepingStarts: Bool) {
    guard !notes.isEmpty else { return }
    let before = notes
    let beat = Unit.perQuarter
    var partsOfBeat: [Int: Int] = [:]
    // A note a little ahead of the beat belongs to it.
    func beatIndex(_ moment: Int) -> Int { (moment + beat / 11) / beat }
    var first = 0
    while first < notes.count {
      let index = beatIndex(notes[first].start)
      var last = first
      while last < notes.count && beatIndex(notes[last].start) == index { last += 1 }
      let offsets = notes[first..<last].map { Double($0.start - index * beat) / Double(beat) }
      let parts = Score.bestDivision(of: offsets)
      partsOfBeat[index] = parts
      if !keepingStarts {
        for position in first..<last {
          let step = beat / parts
          let offset = notes[position].start - index * beat
          let count = Int((Double(offset) / Double(step)).rounded())
          notes[position].start = max(0, index * beat + count * step)
        }
      }
      first = last
    }
    roundEnds(before: before) { partsOfBeat[beatIndex($0)] ?? 2 }
  }

  private static func bestDivision(of offsets: [Double]) -> Int {
    var best = (parts: 4, cost: Double.infinity)
    for division in divisions {
      let parts = Double(division.parts)
      let error = offsets.reduce(0) { sum, offset in
        let distance = (offset - (offset * parts).rounded() / parts) / looseness
        return sum + distance * distance / 2
      }
      // Notes clearly apart must not fall on one place.
      let collisions = zip(offsets, offsets.dropFirst()).count { first, second in
        second - first > 0.08 && (first * parts).rounded() == (second * parts).rounded()
      }
      let cost = error + division.cost + Double(collisions) * 2
      if cost < best.cost { best = (division.parts, cost) }
    }
    return best.parts
  }

  private mutating func roundEnds(before: [Note], parts: (Int) -> Int) {
    var nextStart: [Int] = Array(repeating: .max, count: notes.count)
    var following: [Int: (start: Int, later: Int)] = [:]
    for index in notes.indices.reversed() {
      let note = notes[index]
      let known = following[note.track] ?? (.max, .max)
      let later = known.start > note.start ? known.start : known.later
      nextStart[index] = later
      following[note.track] = (note.start, later)
    }
    for index in notes.indices {
      let start = notes[index].start
      let step = Unit.perQuarter / max(2, parts(before[index].end))
      let moved = start - before[index].start
      let end = before[index].end + moved
      let next = nextStart[index]
      let room = next == .max ? Int.max : next - start
      // Detached notes are written full, and a finger that lingers is no second voice.
      let gap = next == .max ? Int.max : next - end
      if gap != .max && gap <= max(room / 3, step / 2) && gap > -max(step, room / 4) {
        notes[index].end = next
      } else {
        let place = Int((Double(before[index].end) / Double(step)).rounded()) * step
        notes[index].end = place > start ? place : start + min(step, room)
      }
    }
    end = max(notes.map(\.end).max() ?? 0, 0)
  }

  /// Reports how many notes were moved and how far, where it is more than a few ticks.
  mutating func tellRounding(before: [Note]) {
    func tell(_ distances: [Int], _ what: String) {
      let farthest = (distances.max() ?? 0) * 1000 / Unit.perQuarter
      guard farthest >= 5 else { return }
      report.append(
        "\(distances.count { $0 > 0 }) of \(notes.count) \(what), at most by \(farthest) "
          + "thousandths of a quarter note.")
    }
    tell(zip(before, notes).map { abs($0.start - $1.start) }, "notes were moved to the beat grid")
    tell(
      zip(before, notes).map { abs(($0.end - $0.start) - ($1.end - $1.start)) },
      "lengths were rounded")
  }
}
