import Music
import Testing

@testable import ABC

@Suite struct OrnamentStyleTests {
  /// Keys and lengths in ticks of a quarter note with a sign, in C.
  private func played(
    _ music: String, _ style: OrnamentStyle = .standard
  ) -> [(key: Int, ticks: Int)] {
    var options = PlaybackOptions()
    options.style = style
    return ParsedTune(text: "M:4/4\nL:1/4\nK:C\n\(music)|").performance(options).notes.map {
      ($0.pitch.key, $0.end.count - $0.start.count)
    }
  }

  private func style(_ sign: OrnamentStyle.Sign, _ text: String) throws -> OrnamentStyle {
    var style = OrnamentStyle.standard
    let pattern = try #require(OrnamentPattern(text))
    style.patterns[sign] = pattern
    return style
  }

  @Test func `a roll of three even parts begins the second with a cut, the third with a tip`()
    throws
  {
    let style = try style(.roll, "note:8 above:1 note:7 below:1 note:7")
    let notes = played("~c3/2", style)
    #expect(notes.map(\.key) == [72, 74, 72, 71, 72])
    #expect(notes.map(\.ticks) == [480, 60, 420, 60, 420])
  }

  @Test func `a length that is capped leaves the rest to the others by their shares`() throws {
    let style = try style(.lowerMordent, "note:1<1/64 below:1<1/64 note:2")
    #expect(played("Mc", style).map(\.ticks) == [60, 60, 840])
    #expect(played("Mc", style).map(\.key) == [72, 71, 72])
    // What is shorter than its cap keeps its share.
    let long = try self.style(.turn, "above:1<1/2 note:1 below:1<1/2 note:1")
    #expect(played("!turn!c", long).map(\.ticks) == [240, 240, 240, 240])
  }

  @Test func `two notes alternate as often as they fit, from the one that is named first`() throws {
    let style = try style(.trill, "repeat above=1/16 note=1/16")
    let notes = played("Tc", style)
    #expect(notes.map(\.key) == [74, 72, 74, 72])
    #expect(notes.map(\.ticks) == [240, 240, 240, 240])
  }

  @Test func `grace notes last the part of their written length that the style says`() {
    var style = OrnamentStyle.standard
    #expect(played("{d}c").first?.ticks == 240)
    style.graces = Fraction(1, 8)
    #expect(played("{d}c", style).map(\.ticks) == [120, 840])
    // A line of the tune's own counts more.
    let tune = ParsedTune(text: "%%MIDI gracedivider 2\nM:4/4\nL:1/4\nK:C\n{d}c|")
    var options = PlaybackOptions()
    options.style = style
    let length = tune.performance(options).notes.first.map { $0.end.count - $0.start.count }
    #expect(length == 480)
  }

  @Test(arguments: [
    "", ":", "note:0", "note:100", "note<1/32", "note<", "note<0/4", "note=1/32", "repeat note",
    "repeat", "repeat note=1/32 above=1/16", "noot", "note:1:2", "note above<1/0 note", "note<2",
    String(repeating: "note ", count: 17),
  ])
  func `what is no pattern is none`(text: String) {
    #expect(OrnamentPattern(text) == nil)
  }

  @Test func `every sign of the standard fills its note exactly, whatever its length`() {
    for pattern in OrnamentStyle.standard.patterns.values {
      for length in [Fraction(1, 16), Fraction(1, 8), Fraction(3, 8), Fraction(1), Fraction(7, 5)] {
        let notes = pattern.notes(for: length)
        #expect(notes.reduce(Fraction.zero) { $0 + $1.length } == length, "\(pattern)")
        #expect(notes.allSatisfy { $0.length > .zero })
      }
    }
  }
}
