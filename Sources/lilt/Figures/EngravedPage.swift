import ABC

/// As much of a tune as engraved notation shows in a pane: whole systems, one for each line of the
/// text, as many as find room, the one with the place looked at among them.
struct EngravedPage: Hashable, Sendable {
  /// The tune in ABC.
  var text: String
  /// The number of the bar that is to be seen.
  var focus: Int

  /// - Parameters:
  ///   - width: Of the pane, in the units of SVG.
  ///   - height: The same; what is higher than that, because one system alone is, is drawn all the
  ///     same.
  /// - Returns: SVG, and the numbers of the bars in it.
  /// - Throws: `CommandFailure` as `Engraving.svg`.
  func drawn(
    width: Double, height: Double
  ) throws(CommandFailure) -> (svg: String, bars: ClosedRange<Int>) {
    let systems = systems
    var count = systems.count
    while true {
      let bars = Self.page(of: systems, count, with: focus)
      let svg = try Engraving.svg(of: Self.head(width: width) + excerpt(bars))
      let high = Self.height(of: svg) ?? height
      guard high > height, count > 1 else { return (svg, bars) }
      // As many as this one says; one less at least.
      count = max(min(Int(height * Double(count) / high), count - 1), 1)
    }
  }

  /// The bars of each line of the first voice; where none are longer than a pane can hold, as the
  /// text has them.
  var systems: [ClosedRange<Int>] {
    let tune = ParsedTune(text: text)
    let bytes = Array(text.utf8)
    var systems: [ClosedRange<Int>] = []
    var end = 0
    for bar in tune.bars where bar.voice == 0 {
      let start = min(bar.range.lowerBound, bytes.count)
      let isNewLine = end <= start && bytes[end..<start].contains(UInt8(ascii: "\n"))
      let opens = bytes[bar.range].prefix { $0 == 0x20 || $0 == 0x0A }.contains(0x0A)
      end = bar.range.upperBound
      guard let last = systems.last, !isNewLine, !opens else {
        if let last = systems.last, last.upperBound >= bar.number { continue }
        systems.append(bar.number...bar.number)
        continue
      }
      let isFull = bar.number - last.lowerBound >= Self.mostBars
      if isFull {
        systems.append(bar.number...bar.number)
      } else {
        systems[systems.count - 1] = last.lowerBound...max(bar.number, last.upperBound)
      }
    }
    return systems
  }

  /// A line of the text that is longer is more than one system.
  private static let mostBars = 8

  /// The bars of the page of so many systems that a bar is on; the last page is full, too.
  static func page(
    of systems: [ClosedRange<Int>], _ count: Int, with bar: Int
  ) -> ClosedRange<Int> {
    guard let last = systems.last, count > 0 else { return bar...bar }
    let here = systems.firstIndex { $0.upperBound >= bar } ?? systems.count - 1
    let first = max(min(here / count * count, systems.count - count), 0)
    let end = min(first + count, systems.count) - 1
    return systems[first]
      .lowerBound...max(
        systems.indices.contains(end) ? systems[end].upperBound : last.upperBound,
        systems[first].lowerBound)
  }

  /// These bars without what stands above the music on paper.
  private func excerpt(_ bars: ClosedRange<Int>) -> String {
    let unwanted: Set<String> = ["T:", "C:", "R:", "Z:", "N:", "S:", "O:", "H:", "Q:"]
    let part = TuneTransform.excerpt(text, bars: bars) ?? text
    return part.split(separator: "\n", omittingEmptySubsequences: false)
      .filter { !unwanted.contains(String($0.prefix(2))) }.joined(separator: "\n")
  }

  private static func head(width: Double) -> String {
    """
    %%pagewidth \(Int(width))pt
    %%leftmargin 6pt
    %%rightmargin 6pt
    %%topspace 0
    %%musicspace 0
    %%staffsep 40
    %%printtempo 0

    """
  }

  /// What the head of an SVG says; `nil` where it says none.
  static func height(of svg: String) -> Double? {
    guard let found = svg.prefix(2000).firstRange(of: " height=\"") else { return nil }
    return Double(svg[found.upperBound...].prefix { $0.isNumber || $0 == "." })
  }
}
