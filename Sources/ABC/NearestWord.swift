/// The entry of `candidates` that a misspelt word was most likely meant to be; `nil` where none is
/// near. Near means that at most a third of the letters are wrong, missing or swapped, and not all.
public func nearestWord(to word: String, among candidates: some Sequence<String>) -> String? {
  let bytes = Array(word.lowercased().utf8)
  guard (1...64).contains(bytes.count) else { return nil }
  var best: (word: String, distance: Int)?
  for candidate in candidates {
    let distance = editDistance(bytes, Array(candidate.lowercased().utf8))
    if distance < best?.distance ?? .max { best = (candidate, distance) }
  }
  guard let best else { return nil }
  let longest = max(bytes.count, best.word.utf8.count)
  return best.distance <= max(1, longest / 3) && best.distance < longest ? best.word : nil
}

/// ` (did you mean 'temp'?)`, or nothing where no word is near.
public func suggestion(for word: String, among candidates: some Sequence<String>) -> String {
  nearestWord(to: word, among: candidates).map { " (did you mean '\($0)'?)" } ?? ""
}

/// Insertions, deletions, replacements and swaps of neighbours that turn one into the other.
private func editDistance(_ first: [UInt8], _ second: [UInt8]) -> Int {
  var before: [Int] = []
  var rows = Array(0...second.count)
  for (i, left) in first.enumerated() {
    var row = [i + 1]
    for (j, right) in second.enumerated() {
      var cost = min(rows[j + 1] + 1, row[j] + 1, rows[j] + (left == right ? 0 : 1))
      if i > 0, j > 0, left == second[j - 1], first[i - 1] == right {
        cost = min(cost, before[j - 1] + 1)
      }
      row.append(cost)
    }
    (before, rows) = (rows, row)
  }
  return rows[second.count]
}
