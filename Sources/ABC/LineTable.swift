/// Line and column of byte offsets.
struct LineTable {
  private let text: [UInt8]
  private var starts: [Int] = []

  init(_ text: [UInt8]) {
    self.text = text
  }

  private mutating func fill() {
    starts = [0]
    for index in text.indices {
      let isReturn = text[index] == 0x0D && (index + 1 == text.count || text[index + 1] != 0x0A)
      if text[index] == 0x0A || isReturn { starts.append(index + 1) }
    }
  }

  /// A diagnostic with its place; a range that cuts a character is widened to hold all of it.
  mutating func diagnostic(
    _ severity: Diagnostic.Severity, _ sentence: String, _ range: Range<Int>,
    subject: Diagnostic.Subject = .writing, mayPass: Bool = false
  ) -> Diagnostic {
    if starts.isEmpty { fill() }
    var lower = min(max(range.lowerBound, 0), text.count)
    var upper = min(max(range.upperBound, lower), text.count)
    while lower > 0, lower < text.count, text[lower] & 0xC0 == 0x80 { lower -= 1 }
    while upper < text.count, text[upper] & 0xC0 == 0x80 { upper += 1 }
    var low = 0
    var high = starts.count
    while low + 1 < high {
      let middle = (low + high) / 2
      if starts[middle] <= lower { low = middle } else { high = middle }
    }
    let before = text[starts[low]..<lower]
    let column = before.reduce(1) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 }
    return Diagnostic(
      severity: severity, range: lower..<upper, line: low + 1, column: column, sentence: sentence,
      subject: subject, mayPass: mayPass)
  }
}
