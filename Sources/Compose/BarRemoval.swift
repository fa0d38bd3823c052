import ABC

/// What goes out of a text when bars are cut: their music, and a bar line for each. Double bars, repeat
/// signs, endings, fields and line ends stay.
struct BarRemoval {
  /// In the order of the text.
  private(set) var ranges: [Range<Int>]
  private let bytes: [UInt8]

  /// - Parameters:
  ///   - frames: The bars to be cut, in a row, with the bytes of each up to the end of its bar line.
  ///   - before: The bar in front of them.
  init(
    _ bytes: [UInt8], frames: [(frame: BarFrame, end: Int)], before: (frame: BarFrame, end: Int)?
  ) {
    self.bytes = bytes
    ranges = frames.map(\.frame.music).filter { !$0.isEmpty }
    let lines = frames.map { $0.frame.music.upperBound..<$0.end }
    let plain = lines.filter { isLine("|", $0) }
    let framing = lines.first { !isLine("|", $0) && !isLine("", $0) }
    ranges += plain
    sort()
    if let framing, let before { join(before, framing) }
    dropEmptyLines()
  }

  /// Where a bar line in front of what is cut meets the sign that stays behind it, one of the two is
  /// enough.
  private mutating func join(_ before: (frame: BarFrame, end: Int), _ framing: Range<Int>) {
    let line = before.frame.music.upperBound..<before.end
    let isBare = isBlank(from: before.end, to: framing.lowerBound)
    if isBare, isLine("|", line) {
      ranges.removeAll { line.upperBound <= $0.lowerBound && $0.upperBound <= framing.lowerBound }
      ranges.append(line.lowerBound..<framing.lowerBound)
    } else if isBare, isLine("||", line), isLine("||", framing) {
      ranges.append(framing)
    }
    sort()
  }

  private mutating func sort() { ranges.sort { $0.lowerBound < $1.lowerBound } }

  private func isLine(_ sign: String, _ range: Range<Int>) -> Bool {
    String(decoding: bytes[range], as: UTF8.self).trimmingLines() == sign
  }

  private func isRemoved(_ place: Int) -> Bool { ranges.contains { $0.contains(place) } }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0A || byte == 0x0D
  }

  /// Whether nothing but blanks and line ends is left between two places.
  private func isBlank(from start: Int, to end: Int) -> Bool {
    (start..<max(start, end)).allSatisfy { BarRemoval.isBlank(bytes[$0]) || isRemoved($0) }
  }

  /// A line of which nothing is left goes with its end: an empty one would end the tune.
  private mutating func dropEmptyLines() {
    let newline = UInt8(ascii: "\n")
    var lines: [Range<Int>] = []
    for range in ranges {
      let start = (bytes[..<range.lowerBound].lastIndex(of: newline) ?? -1) + 1
      guard let end = bytes[range.upperBound...].firstIndex(of: newline),
        isBlank(from: start, to: end)
      else { continue }
      lines.append(start..<end + 1)
    }
    for line in lines where !ranges.contains(where: { $0.contains(line.upperBound - 1) }) {
      ranges.append(line)
    }
    // One range for what touches or overlaps.
    sort()
    var merged: [Range<Int>] = []
    for range in ranges {
      if let last = merged.last, range.lowerBound <= last.upperBound {
        merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
      } else {
        merged.append(range)
      }
    }
    ranges = merged
  }
}
