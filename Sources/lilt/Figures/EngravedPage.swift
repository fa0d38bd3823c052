import ABC

/// As much of a tune as engraved notation shows in a pane: whole systems, one for each line of the
/// text, as many as find room, the one with the place looked at among them.
struct EngravedPage: Hashable, Sendable {
  /// The tune in ABC.
  var text: String
  /// The number of the bar that is to be seen.
  var focus: Int

  /// How much larger than on paper staves are drawn, the best first: the smaller they are, the more
  /// bars there are to be seen in a low pane.
  private static let zooms = [1.5, 1.25, 1.0]
  /// So many bars are enough not to draw them smaller.
  private static let enough = 8

  /// The page that a pane of some pixels shows best.
  ///
  /// - Returns: SVG, and the numbers of the bars in it.
  /// - Throws: `CommandFailure` as `Engraving.svg`.
  func drawn(
    inPixels size: (width: Int, height: Int)
  ) throws(CommandFailure) -> (svg: String, bars: ClosedRange<Int>) {
    var best: (svg: String, bars: ClosedRange<Int>)?
    for zoom in Self.zooms {
      let (width, height) = (Double(size.width) / zoom, Double(size.height) / zoom)
      let page = try drawn(width: width, height: height)
      // What is higher is pressed into the pane, and narrower than it.
      guard Self.height(of: page.svg) ?? 0 <= height else { continue }
      if page.bars.count >= min(Self.enough, count) { return page }
      if page.bars.count > best?.bars.count ?? 0 { best = page }
    }
    if let best { return best }
    return try drawn(width: Double(size.width), height: Double(size.height))
  }

  /// How many bars there are.
  private var count: Int {
    Set(ParsedTune(text: text).bars.map(\.number)).count
  }

  /// - Parameters:
  ///   - width: Of the pane, in the units of SVG.
  ///   - height: The same; what is higher than that, because one system alone is, is drawn all the
  ///     same.
  /// - Returns: SVG, and the numbers of the bars in it.
  /// - Throws: `CommandFailure` as `Engraving.svg`.
  func drawn(
    width: Double, height: Double
  ) throws(CommandFailure) -> (svg: String, bars: ClosedRange<Int>) {
    var page = try drawn(width: width, height: height, ofAtMost: Self.mostBars)
    if Self.height(of: page.svg) ?? 0 > height {
      // A line of the text is several on this page: half of it may fit.
      page = try drawn(width: width, height: height, ofAtMost: Self.mostBars / 2)
    }
    return page
  }

  private func drawn(
    width: Double, height: Double, ofAtMost most: Int
  ) throws(CommandFailure) -> (svg: String, bars: ClosedRange<Int>) {
    let systems = systems(ofAtMost: most)
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
  func systems(ofAtMost mostBars: Int = mostBars) -> [ClosedRange<Int>] {
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
      let isFull = bar.number - last.lowerBound >= mostBars
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

  /// Staves are filled, wherever the text breaks its lines: those of wide text would be pressed together.
  private static func head(width: Double) -> String {
    """
    %%pagewidth \(Int(width))pt
    %%leftmargin 6pt
    %%rightmargin 6pt
    %%topspace 0
    %%musicspace 0
    %%staffsep 40
    %%printtempo 0
    %%continueall 1

    """
  }

  /// What the head of an SVG says; `nil` where it says none.
  static func height(of svg: String) -> Double? { number(" height=\"", in: svg) }
  static func width(of svg: String) -> Double? { number("\twidth=\"", in: svg) }

  private static func number(_ attribute: String, in svg: String) -> Double? {
    guard let found = svg.prefix(2000).firstRange(of: attribute) else { return nil }
    return Double(svg[found.upperBound...].prefix { $0.isNumber || $0 == "." })
  }
}
