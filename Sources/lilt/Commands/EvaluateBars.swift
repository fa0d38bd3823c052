import ABC
import Music

/// Which bars of a tune have the length that the meter asks for, and whether repeats are in order.
///
/// A bar may be short only where another makes it whole: a pickup, and bars beside a repeat, a double
/// bar or an ending, if both together fill a bar, as the tune is played or as it stands.
struct EvaluateBars {
  private(set) var count = 0
  private(set) var right = 0
  /// Whether every repeat that is opened is closed before the next, and before the end.
  private(set) var closesRepeats = true

  private struct Bar {
    var length: Fraction
    var expected: Fraction?
    /// The signs at its sides.
    var left: String
    var close: String
    var isSoftLeft: Bool { Self.isSoft(left) }
    var isSoftRight: Bool { Self.isSoft(close) }

    private static func isSoft(_ sign: String) -> Bool {
      sign.contains("||") || sign.contains { ":[]0123456789".contains($0) }
    }
  }

  init(_ tune: ParsedTune, text: String) {
    let bytes = Array(text.utf8)
    let written = tune.bars.filter { $0.voice == 0 && $0.length > .zero }
    var starts = [Self.sign(bytes, 0..<(written.first?.range.lowerBound ?? 0), opens: true)]
    for (bar, next) in zip(written, written.dropFirst()) {
      let close = Self.close(bytes, bar.range)
      starts.append(
        Self.sign(bytes, close..<max(close, next.range.lowerBound), opens: true))
    }
    let end = written.last.map { Self.sign(bytes, Self.close(bytes, $0.range)..<bytes.count) }
    starts.append(end ?? "")
    let bars = written.enumerated().map { index, bar in
      Bar(
        length: bar.length, expected: bar.expected, left: starts[index], close: starts[index + 1])
    }
    var isOpen = false
    for sign in starts {
      if sign.hasPrefix(":") || sign.contains(":|") || sign.contains("::") { isOpen = false }
      guard sign.contains("|:") || sign.contains("::") else { continue }
      if isOpen { closesRepeats = false }
      isOpen = true
    }
    if isOpen { closesRepeats = false }
    for index in bars.indices {
      guard let expected = bars[index].expected else { continue }
      count += 1
      if bars[index].length == expected || Self.isHalf(bars, index, of: expected) { right += 1 }
    }
  }

  /// Where the bar line at the end of a bar starts.
  private static func close(_ bytes: [UInt8], _ range: Range<Int>) -> Int {
    var start = min(range.upperBound, bytes.count)
    let signs = Array("|:[] \n".utf8)
    while start > range.lowerBound, signs.contains(bytes[start - 1]) { start -= 1 }
    return start
  }

  /// The bar lines in a range, without fields between them; where they open a bar, with the number
  /// of its ending.
  private static func sign(_ bytes: [UInt8], _ range: Range<Int>, opens: Bool = false) -> String {
    var end = min(range.upperBound, bytes.count)
    guard range.lowerBound <= end else { return "" }
    let digits: ClosedRange<UInt8> = 0x30...0x39
    while opens, end < bytes.count, digits.contains(bytes[end]) || bytes[end] == 0x2c { end += 1 }
    let text = String(decoding: bytes[range.lowerBound..<end], as: UTF8.self)
    let lines = text.split(separator: "\n").filter { line in
      !(line.dropFirst().hasPrefix(":") && line.first?.isLetter ?? false)
    }
    return String(lines.joined().filter { "|:[]0123456789,".contains($0) })
  }

  /// Whether another bar makes a short one whole.
  private static func isHalf(_ bars: [Bar], _ index: Int, of expected: Fraction) -> Bool {
    let bar = bars[index]
    guard bar.length < expected else { return false }
    if index == 0 { return true }
    func fits(_ other: Int) -> Bool {
      other != index && bars.indices.contains(other) && bar.length + bars[other].length == expected
    }
    // Where the repeated section starts, and where it ends.
    let start = bars.indices.last { $0 <= index && opensRepeat(bars[$0]) } ?? 0
    if bar.isSoftRight || index == bars.count - 1 {
      if fits(start) || fits(0) || fits(index + 1) { return true }
      let end = bars.indices.first { $0 > index && opensRepeat(bars[$0]) } ?? bars.count
      let endings = (index..<end).filter { $0 > index && bars[$0].left.contains(where: \.isNumber) }
      if endings.contains(where: fits) { return true }
    }
    if bar.isSoftLeft {
      let end = bars.indices.first { $0 > index && opensRepeat(bars[$0]) } ?? bars.count
      let others = (start..<end).filter { bars[$0].isSoftRight || $0 == bars.count - 1 }
      if fits(index - 1) || others.contains(where: fits) { return true }
    }
    return false
  }

  private static func opensRepeat(_ bar: Bar) -> Bool {
    var sign = Substring(bar.left)
    while let last = sign.last, last.isNumber || last == "[" || last == "," { sign.removeLast() }
    return sign.hasSuffix(":")
  }
}
