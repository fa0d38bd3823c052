import Music

/// How alike stretches of melody are: the Levenshtein distance of what sounds at each unit of time.
enum Likeness {
  /// The likeness from which on two bars count as the same said again.
  static let same = 0.75

  /// A pitch where a note begins, `goesOn` where one sounds on, `rest` where one is silent.
  typealias Grid = [Int16]

  /// Sixteen bars of 4/4 are 128 eighths.
  private static let mostUnits = 2048
  private static let rest: Int16 = -1
  private static let goesOn: Int16 = -2

  /// What begins or goes on at each unit of time; a note shorter than the unit takes one.
  static func grid(_ notes: some Sequence<WrittenMelody.Note>, unit: Fraction) -> Grid {
    var grid: Grid = []
    for note in notes {
      grid.append(note.pitch.map { Int16($0) } ?? rest)
      let units = note.length / unit
      let count = units.numerator / units.denominator
      // A rest of hundreds of bars says no more than one of a few.
      for _ in 1..<min(max(count, 1), 256) { grid.append(goesOn) }
    }
    return grid
  }

  /// 1 where two grids are the same, 0 where they have nothing in common:
  /// 1 − distance / the longer one's length. Of very long ones only the beginnings are compared.
  static func between(_ first: Grid, _ second: Grid) -> Double {
    if first.count > mostUnits || second.count > mostUnits {
      return between(Array(first.prefix(mostUnits)), Array(second.prefix(mostUnits)))
    }
    let longest = max(first.count, second.count)
    if longest == 0 || first == second { return 1 }
    return 1 - Double(distance(first, second)) / Double(longest)
  }

  /// Insertions, deletions and replacements that turn one into the other.
  private static func distance(_ first: Grid, _ second: Grid) -> Int {
    if first.isEmpty || second.isEmpty { return max(first.count, second.count) }
    return withUnsafeTemporaryAllocation(of: Int.self, capacity: second.count + 1) { row in
      for column in 0...second.count { row.initializeElement(at: column, to: column) }
      for (index, own) in first.enumerated() {
        var diagonal = row[0]
        row[0] = index + 1
        for column in 1...second.count {
          let replaced = diagonal + (own == second[column - 1] ? 0 : 1)
          diagonal = row[column]
          row[column] = min(replaced, diagonal + 1, row[column - 1] + 1)
        }
      }
      return row[second.count]
    }
  }
}
