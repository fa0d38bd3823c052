import Neural

/// What the lines of a training text say about the tunes in it.
struct TrainingTextLines {
  /// The fields before the notes of most tunes, in their usual order: `XTMLK`; nil where there is no
  /// tune.
  private(set) var headerFields: String?
  /// The line ends that stand before most tunes, those that end the line before included; nil where
  /// there is no second tune.
  private(set) var start: String?
  /// How headers are spelt; nil where there is no tune.
  private(set) var spelling: HeaderSpelling?

  /// Fields with few different values, which are learnt.
  private static let listed: Set<Character> = ["K", "L", "M", "P", "Q", "R"]

  init(_ text: String) {
    var tunes = 0
    var counts: [Character: (tunes: Int, places: Int)] = [:]
    var gaps: [Int: Int] = [:]
    var values: [Character: [String: Int]] = [:]
    var blanksAfter: [Character: Int] = [:]
    var blanks = 0
    var isFirst = true
    var isInHeader = false
    var seen: [Character] = []
    for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
      if line.isEmpty {
        blanks += 1
        isInHeader = false
        continue
      }
      defer {
        blanks = 0
        isFirst = false
      }
      // A remark ends no header (ABC 2.1 §2.2.3).
      if line.utf8.first == UInt8(ascii: "%") { continue }
      let start = line.utf8.prefix(2)
      guard start.count == 2, start.last == UInt8(ascii: ":"), let letter = line.first,
        letter.isASCII, letter.isLetter
      else {
        isInHeader = false
        continue
      }
      if !isInHeader {
        guard letter == "X" || line.first?.isUppercase == true, letter != "w", letter != "W" else {
          continue
        }
        isInHeader = true
        if !isFirst, letter == "X" || blanks > 0 { gaps[blanks + 1, default: 0] += 1 }
        seen = []
      }
      if !seen.contains(letter) { seen.append(letter) }
      let rest = line.dropFirst(2)
      blanksAfter[letter, default: 0] += rest.first == " " ? 1 : -1
      let value = String(rest.drop { $0 == " " })
      if Self.listed.contains(letter), !value.isEmpty, value.utf8.count <= 64 {
        values[letter, default: [:]][value, default: 0] += 1
      }
      if letter == "K" {
        tunes += 1
        for (place, letter) in seen.enumerated() {
          counts[letter, default: (0, 0)].tunes += 1
          counts[letter, default: (0, 0)].places += place
        }
        isInHeader = false
      }
    }
    guard tunes > 0 else { return }
    let usual = counts.filter { $0.value.tunes * 2 >= tunes }
    let order = usual.sorted {
      let left = Double($0.value.places) / Double($0.value.tunes)
      let right = Double($1.value.places) / Double($1.value.tunes)
      return (left, $0.key) < (right, $1.key)
    }
    headerFields = String(order.map(\.key))
    spelling = HeaderSpelling(
      values: values.mapValues { counts in
        counts.sorted { (-$0.value, $0.key) < (-$1.value, $1.key) }
          .prefix(HeaderSpelling.mostValues).map(\.key)
      }, spaced: Set(blanksAfter.filter { $0.value > 0 }.keys))
    if let gap = gaps.max(by: { ($0.value, -$0.key) < ($1.value, -$1.key) })?.key {
      start = String(repeating: "\n", count: min(gap, 16))
    }
  }
}
