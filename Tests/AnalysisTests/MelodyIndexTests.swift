import Testing

@testable import Analysis

/// Shared runs, found by the index and by looking everywhere.
@Suite struct MelodyIndexTests {
  /// Looks at every place of every melody.
  private func slowMatch(_ melodies: [[Int8]], _ history: ArraySlice<Int8>, _ excluded: Int?) -> Int
  {
    var longest = 0
    for (index, melody) in melodies.enumerated() where index != excluded {
      for end in melody.indices {
        var common = 0
        while common <= end, common < history.count,
          melody[end - common] == history[history.endIndex - 1 - common]
        {
          common += 1
        }
        longest = max(longest, common)
      }
    }
    return longest >= MelodyIndex.leastIntervals ? longest + 1 : 0
  }

  @Test func `the index finds what looking everywhere finds, after each note`() {
    var random = FixedRandom(state: 3)
    for _ in 0..<20 {
      // Few different intervals, so that much is shared.
      let melodies = (0..<12).map { _ in
        (0..<Int.random(in: 0..<60, using: &random)).map { _ in
          Int8.random(in: -1...1, using: &random)
        }
      }
      let index = MelodyIndex(melodies)
      #expect(index.count == 12)
      #expect(index.intervalCount == melodies.reduce(0) { $0 + $1.count })
      let melody = (0..<50).map { _ in Int8.random(in: -1...1, using: &random) }
      for end in 0...melody.count {
        for excluded in [nil, 3] {
          let match = index.match(endOf: melody[..<end], excluding: excluded)
          #expect(match?.notes ?? 0 == slowMatch(melodies, melody[..<end], excluded))
          if let match {
            // The run stands where the match says.
            let source = melodies[match.melody]
            let last = match.lastNote - 1
            let shared = source[(last - match.notes + 2)...last]
            #expect(shared.elementsEqual(melody[(end - match.notes + 1)..<end]))
          }
        }
      }
    }
  }

  @Test func `the longest run anywhere in a melody is found with its tune`() {
    let known: [Int8] = [2, 2, 1, 2, 2, 2, 1, -1, -2, -2, -2, -1]
    let index = MelodyIndex([[5, 5, 5], known])
    #expect(
      index.longestMatch([7] + known.prefix(10) + [9])
        == MelodyIndex.Match(notes: 11, melody: 1, lastNote: 10))
    #expect(index.longestMatch([7] + known.prefix(7)) == nil)
    #expect(index.longestMatch(known, excluding: 1) == nil)
    #expect(MelodyIndex([]).longestMatch(known) == nil)
  }
}
