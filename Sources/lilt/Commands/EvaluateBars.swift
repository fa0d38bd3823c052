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
    var bars: [Bar] = []
    var left = ""
    for bar in tune.bars where bar.voice == 0 {
      let close = Self.sign(bytes, bar.range)
      if bar.length > .zero {
        bars.append(
          Bar(length: bar.length, expected: bar.expected, left: left, close: close))
        left = close
      } else {
        left += close
      }
    }
    var isOpen = false
    for sign in bars.map(\.left) + [left] {
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

  /// The bar line at the end of a bar, its ending's number included.
  private static func sign(_ bytes: [UInt8], _ range: Range<Int>) -> String {
    guard range.upperBound <= bytes.count else { return "" }
    var start = range.upperBound
    let signs = Array("|:[]".utf8)
    while start > range.lowerBound, signs.contains(bytes[start - 1]) || bytes[start - 1] <= 32 {
      start -= 1
    }
    var end = range.upperBound
    while end < bytes.count, (0x30...0x39).contains(bytes[end]) || bytes[end] == 0x2c { end += 1 }
    return String(decoding: bytes[start..<end].filter { $0 > 32 }, as: UTF8.self)
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
