import Testing

@testable import Corpus

@Suite struct TranspositionTests {
  private func tune(_ text: String) throws -> ModelTune { try ModelTune.read(text).get() }

  @Test func `a tune goes from G to A with its accidentals kept at their distance`() throws {
    let moved = try tune("X:1\nM:4/4\nL:1/8\nK:G\nG^c=fF|_B\"D7/F#\"[K:Em]^d|").transposed(
      toSharps: 3)
    #expect(moved?.header == "M:4/4\nL:1/8\nK:A\n")
    #expect(moved?.body == "A^d=gG|=c\"E7/G#\"[K:F#m]^e|\n\n")
  }

  @Test func `a tune goes down where that is nearer`() throws {
    let moved = try tune("X:1\nM:4/4\nL:1/8\nK:Bb\nBb C, c'|\nK:Gm\nG^F|").transposed(toSharps: 3)
    #expect(moved?.body == "Aa B,, b|\nK:F#m\nF^E|\n\n")
  }

  @Test(arguments: -3...4)
  func `there and back gives the same text`(sharps: Int) throws {
    let text = "X:1\nR:reel\nM:C|\nL:1/8\nK:Ador\n\"Am\"A2{Bc}~e>^d (3efg \"G\"[Bd]|1 G,=f:|"
    let first = try tune(text)
    let there = try #require(first.transposed(toSharps: sharps))
    let back = try #require(there.transposed(toSharps: first.key.sharps))
    // A tritone may come back an octave away.
    if abs(sharps - first.key.sharps) != 6 { #expect(back == first) }
  }

  @Test func `sounding intervals stay the same in every key`() throws {
    let first = try tune("X:1\nM:6/8\nL:1/8\nK:Dm\nd^cd _e=B^G|AB,c'|")
    let expected = Melody(first).intervals
    for sharps in -3...4 {
      let moved = try #require(first.transposed(toSharps: sharps))
      #expect(Melody(moved).intervals == expected)
    }
  }
}
