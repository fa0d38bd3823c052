import Music

extension PlayOrder {
  /// Follows D.C., D.S., fine and coda, once and without inner repeats.
  mutating func followJumps() {
    guard
      let source = marks.indices.first(where: {
        $0 > 0 && marks[$0].jumps.contains(where: \.returns)
      }),
      let jump = marks[source].jumps.first(where: \.returns),
      let last = played.lastIndex(of: source - 1)
    else { return }
    let rest = Array(stretches[(last + 1)...])
    let restAtoms = Array(played[(last + 1)...])
    removeStretches(after: last)
    let start = jump.goesToSign ? marks.firstIndex { $0.jumps.contains(.segno) } ?? 0 : 0
    let codas = marks.indices.filter { marks[$0].jumps.contains(.coda) }
    let leave = marks.indices.first { marks[$0].jumps.contains(.toCoda) } ?? codas.first
    let goal = codas.last.flatMap { $0 == leave ? nil : $0 }
    let skipped = endingsBeforeTheLast()
    for atom in start..<(marks.count - 1) {
      if skipped.contains(atom) { continue }
      play(atom..<(atom + 1), pass: 2)
      let place = atom + 1
      if marks[place].jumps.contains(.fine) { return }
      if place == leave, let goal, goal >= place {
        play(goal..<(marks.count - 1), pass: 2)
        return
      }
      if place == source { break }
    }
    append(rest, restAtoms)
  }

  /// Atoms of every ending that another ending of its group follows.
  private func endingsBeforeTheLast() -> Set<Int> {
    var atoms: Set<Int> = []
    for place in marks.indices where marks[place].endings != 0 {
      let next = marks.indices.first { index in
        let mark = marks[index]
        return index > place
          && (mark.ends > 0 || mark.isDouble || mark.starts > 0 || mark.part != 0
            || mark.endings != 0)
      }
      if let next, marks[next].endings != 0, marks[next].starts == 0 {
        atoms.formUnion(place..<next)
      }
    }
    return atoms
  }
}

extension Jump {
  var returns: Bool {
    switch self {
    case .daCapo, .daCapoAlFine, .daCapoAlCoda, .dalSegno, .dalSegnoAlFine, .dalSegnoAlCoda: true
    case .segno, .coda, .fine, .toCoda: false
    }
  }
  var goesToSign: Bool {
    self == .dalSegno || self == .dalSegnoAlFine || self == .dalSegnoAlCoda
  }
}
