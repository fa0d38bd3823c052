/// The entry of `candidates` that `word` was most likely meant to be; `nil` where none is near.
/// Near means at most a third of the letters differ.
func nearest(to word: String, in candidates: some Sequence<String>) -> String? {
  var best: (word: String, distance: Int)?
  for candidate in candidates {
    let distance = editDistance(Array(word.utf8), Array(candidate.utf8))
    if distance < best?.distance ?? .max { best = (candidate, distance) }
  }
  guard let best, best.distance <= max(1, max(word.utf8.count, best.word.utf8.count) / 3) else {
    return candidates.first { !word.isEmpty && $0.hasPrefix(word) }
  }
  return best.word
}

/// Insertions, deletions, replacements and swaps of neighbours that turn one into the other.
private func editDistance(_ first: [UInt8], _ second: [UInt8]) -> Int {
  guard first.count <= 64, second.count <= 64 else { return .max / 2 }
  var rows = [Array(0...second.count)]
  for (i, left) in first.enumerated() {
    var row = [i + 1]
    for (j, right) in second.enumerated() {
      var cost = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (left == right ? 0 : 1))
      if i > 0, j > 0, left == second[j - 1], first[i - 1] == right {
        cost = min(cost, rows[i - 1][j - 1] + 1)
      }
      row.append(cost)
    }
    rows.append(row)
  }
  return rows[first.count][second.count]
}

/// ` (did you mean 'temp'?)`, or nothing.
func suggestion(for word: String, in candidates: some Sequence<String>) -> String {
  nearest(to: word, in: candidates).map { " (did you mean '\($0)'?)" } ?? ""
}
