import Testing

@testable import lilt

@Suite struct EngravedPageTests {
  private static let tune =
    "X:1\nT:Sixteen\nM:6/8\nL:1/8\nK:D\n"
    + "A|:dAF DFA|ded cBA|dcd efg|fdf ece|\ndAF DFA|ded cBA|gfe dcB|AFE D2A:|\n"
    + "|:fef dfa|gfg ecA|fef dfa|gec d2A|\nfef dfa|gfg ecA|Bcd efg|fec d2A:|\n"

  @Test func `a system is a line of the text, and a long line several`() {
    #expect(EngravedPage(text: Self.tune, focus: 1).systems() == [0...4, 5...8, 9...12, 13...16])
    let bars = String(repeating: "c8|", count: 20)
    let long = EngravedPage(text: "X:1\nM:4/4\nL:1/8\nK:C\n\(bars)\n", focus: 1)
    #expect(long.systems() == [1...8, 9...16, 17...20])
  }

  @Test(arguments: [(1, 0...8), (8, 0...8), (9, 9...16), (16, 9...16)])
  func `pages turn by as many systems as there is room, and the last one is full`(
    bar: Int, bars: ClosedRange<Int>
  ) {
    let systems = EngravedPage(text: Self.tune, focus: bar).systems()
    #expect(EngravedPage.page(of: systems, 2, with: bar) == bars)
    #expect(EngravedPage.page(of: systems, 3, with: 16) == 5...16)
  }

  @Test(.enabled(if: ExternalProgram.engraver.isInstalled, "needs abcm2ps"))
  func `as many systems are drawn as the height holds`() throws {
    let page = EngravedPage(text: Self.tune, focus: 14)
    let whole = try page.drawn(width: 600, height: 2000)
    #expect(whole.bars == 0...16)
    let high = try #require(EngravedPage.height(of: whole.svg))
    let half = try page.drawn(width: 600, height: high * 0.6)
    #expect(half.bars == 9...16)
    #expect(try #require(EngravedPage.height(of: half.svg)) <= high * 0.6)
    #expect(try page.drawn(width: 600, height: 10).bars == 13...16)
  }

  /// As wide as the pane, so that nothing is pressed together, and eight bars where they find room.
  @Test(
    .enabled(if: ExternalProgram.engraver.isInstalled, "needs abcm2ps"),
    arguments: [
      (560, 154), (840, 308), (1400, 420), (320, 100),
    ])
  func `staves are drawn as large as lets a pane show a line of the tune`(
    width: Int, height: Int
  ) throws {
    let page = EngravedPage(text: Self.tune, focus: 1)
    let drawn = try page.drawn(inPixels: (width, height))
    let high = try #require(EngravedPage.height(of: drawn.svg))
    let wide = try #require(EngravedPage.width(of: drawn.svg))
    #expect(drawn.bars.contains(1))
    #expect(drawn.bars.count >= (width > 400 ? 4 : 1))
    // Scaled to the pane's width it is no higher than the pane; one bar in a narrow one may be.
    let isWide = width > 400
    #expect(!isWide || high / wide * Double(width) <= Double(height) + 1, "\(high) \(wide)")
  }
}
