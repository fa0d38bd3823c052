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
      severity: severity, range: lower..<upper, line: low + 1, column: column,
      sentence: withoutControls(sentence), subject: subject, mayPass: mayPass)
  }
}

/// A sentence that quotes the text, with control characters as their names, `<NUL>`: a terminal would
/// obey them or show nothing.
package func withoutControls(_ sentence: String) -> String {
  // Nearly all have none, which their bytes show: of what is no ASCII, only C2 begins a control.
  if sentence.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F && $0 != 0xC2 }) { return sentence }
  func isControl(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.generalCategory == .control }
  guard sentence.unicodeScalars.contains(where: isControl) else { return sentence }
  return sentence.unicodeScalars.reduce(into: "") { text, scalar in
    guard isControl(scalar) else {
      text.unicodeScalars.append(scalar)
      return
    }
    let number = Int(scalar.value)
    let name =
      controlNames.indices.contains(number)
      ? controlNames[number]
      : "U+" + String(0x10000 + number, radix: 16, uppercase: true).dropFirst()
    text += "<\(name)>"
  }
}

private let controlNames = [
  "NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS", "TAB", "LF", "VT", "FF", "CR", "SO",
  "SI", "DLE", "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM", "SUB", "ESC", "FS",
  "GS", "RS", "US",
]
