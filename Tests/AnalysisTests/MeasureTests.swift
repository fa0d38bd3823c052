import Music
import Testing

@testable import Analysis

/// Every measure of the panel on tunes whose values are counted by hand.
@Suite struct MeasureTests {
  private func value(_ measure: Measure, _ text: String) -> Double? {
    measures(text).panel[measure]
  }

  private func isNear(_ value: Double?, _ expected: Double) -> Bool {
    value.map { abs($0 - expected) < 1e-9 } ?? false
  }

  @Test func `inner bars are right where they are as long as the meter, alone or with a neighbour`()
  {
    #expect(value(.innerBarsRight, Reel.whole) == 1)
    // 1 of 16 bars is an eighth short.
    #expect(isNear(value(.innerBarsRight, Reel.whole([3: "G2BG d2B"])), 15.0 / 16))
    // Two halves make one bar; a short bar at the end of a part is none inside it.
    #expect(value(.innerBarsRight, Reel.whole([3: "G2BG|d2BG"])) == 1)
    #expect(value(.innerBarsRight, Reel.whole([8: "A2FA G3"])) == 1)
  }

  @Test func `range is lowest and highest note on fiddle and whistle, and the distance between`() {
    // F#4 to B5.
    #expect(value(.ambitus, Reel.whole) == 17)
    #expect(value(.onFiddle, Reel.whole) == 1)
    #expect(value(.onWhistle, Reel.whole) == 1)
    #expect(value(.onWhistle, Reel.whole([4: "A2CA G4"])) == 0)
    #expect(value(.onFiddle, Reel.whole([4: "A2CA G4"])) == 1)
    #expect(value(.onFiddle, Reel.whole([4: "A2^F,A G4"])) == 0)
    #expect(value(.onFiddle, Reel.whole([4: "A2c'A G4"])) == 0)
  }

  @Test func `notes outside the key are counted in the key where they stand`() {
    #expect(value(.outsideKey, Reel.whole) == 0)
    // 92 notes; one accidental sounds twice in its bar.
    #expect(isNear(value(.outsideKey, Reel.whole([1: "G2_BG d2BG"])), 2.0 / 92))
    #expect(value(.outsideKey, Reel.whole([1: "[K:Gm]G2BG d2BG[K:G]"])) == 0)
  }

  @Test func `parts are measured in bars, pickup and last bar together`() {
    #expect(value(.partsOfEight, Reel.whole) == 1)
    #expect(value(.partsOfFourEightSixteen, Reel.whole) == 1)
    #expect(value(.wholeParts, Reel.whole) == 1)
    let seven = Reel.text([Reel.part(Array(Reel.first.dropLast())), Reel.part(Reel.second)])
    #expect(value(.partsOfEight, seven) == 0)
    #expect(value(.partsOfFourEightSixteen, seven) == 0)
    #expect(value(.wholeParts, seven) == 1)
    let four = Reel.text([Reel.part(Array(Reel.first.prefix(4))), Reel.part(Reel.second)])
    #expect(value(.partsOfEight, four) == 0)
    #expect(value(.partsOfFourEightSixteen, four) == 1)
    let pickup = ["D|" + Reel.a] + Reel.first[1..<7]
    #expect(value(.wholeParts, Reel.text([Reel.part(pickup + ["A2FA G3"])])) == 1)
    #expect(value(.wholeParts, Reel.text([Reel.part(pickup + [Reel.d])])) == 0)
  }

  @Test(arguments: [
    (15, 2, 8), (17, 2, 8), (31, 2, 16), (7, 2, 4), (9, 2, 4), (63, 8, 8), (8, 1, 8),
  ])
  func `halves are rounded to the even number`(top: Int, bottom: Int, rounded: Int) {
    #expect(TuneMeasures.rounded(Fraction(top, bottom)) == rounded)
  }

  @Test func `second endings belong to their part and are not counted in its length`() {
    let ended = (Reel.first.dropLast() + ["1 " + Reel.d + ":", "2 A2FA B4|"]).joined(separator: "|")
    let tune = Reel.text(["|:" + ended, Reel.part(Reel.second)])
    #expect(value(.endings, tune) == 1)
    #expect(value(.endings, Reel.whole) == 0)
    #expect(value(.partsOfEight, tune) == 1)
    let parts = measures(tune).melody.parts
    #expect(parts.map(\.bars.count) == [8, 8])
    #expect(parts.map(\.laterEndings.count) == [1, 0])
  }

  @Test(arguments: [
    "|[1 %:|[2 $||", "|1 %:|2 $||", "|\n[1 %:|\n[2 $|]", "|1,3 %:|2 $||", "|1 %:|2 $:|",
  ])
  func `endings are known in each of their spellings`(ending: String) {
    let ends = ending.replacing("%", with: Reel.d).replacing("$", with: "A2FA B4")
    let tune = Reel.text([
      "|:" + Reel.first.prefix(7).joined(separator: "|") + ends, Reel.part(Reel.second),
    ])
    let parts = measures(tune).melody.parts
    #expect(parts.map(\.bars.count) == [8, 8])
    #expect(parts.map(\.laterEndings.count) == [1, 0])
  }

  @Test func `an ending that begins in the middle of a bar leaves the bar whole`() {
    let bars = "|:" + Reel.first.prefix(7).joined(separator: "|") + "|A2FA[1 G4:|[2 B4||"
    let parts = measures(Reel.text([bars, Reel.part(Reel.second)])).melody.parts
    #expect(parts.map(\.bars.count) == [8, 8])
    #expect(parts.map(\.laterEndings.count) == [1, 0])
  }

  @Test(arguments: ["::", ":|\n|:", "||", "|]\n", "|:", ":||:", ":|:"])
  func `a part ends at each of these signs`(sign: String) {
    let text = Reel.first.joined(separator: "|") + sign + Reel.second.joined(separator: "|") + "|]"
    #expect(measures(Reel.text([text])).melody.parts.map(\.bars.count) == [8, 8])
  }

  @Test func `a line that begins with a bar line starts no part`() {
    let halves = [Reel.first[0..<4], Reel.first[4..<8]].map { $0.joined(separator: "|") }
    let tune = Reel.text(["|:" + halves[0] + "|\n|" + halves[1] + ":|", Reel.part(Reel.second)])
    #expect(measures(tune).melody.parts.map(\.bars.count) == [8, 8])
  }

  @Test
  func `cadences are the last note, and what stands in the middle of a last and a fourth bar`() {
    #expect(value(.finalTonic, Reel.whole) == 1)
    #expect(value(.tonicCadences, Reel.whole) == 1)
    // The fourth bar comes to rest on the tonic in both parts; then on the second step in one.
    #expect(value(.fourthBarOpen, Reel.whole) == 0)
    #expect(value(.fourthBarOpen, Reel.whole([4: "G2FG A4"])) == 0.5)
    #expect(value(.tonicCadences, Reel.whole([8: "G2FG A4"])) == 0.5)
    // What follows the middle of the bar counts for neither.
    #expect(value(.tonicCadences, Reel.whole([8: "A2FA G2AB"])) == 1)
    let away = Reel.text([
      Reel.part(Reel.second), Reel.part(Array(Reel.first.dropLast() + ["A2FG A4"])),
    ])
    #expect(value(.finalTonic, away) == 0)
    let dorian = Reel.text([Reel.part(Reel.first), Reel.part(Reel.second)], key: "Ador")
    #expect(value(.finalTonic, dorian) == 0)
  }

  @Test func `the second part is compared with the first in height and shape`() {
    // 46 notes each: sums 3209 and 3419.
    #expect(isNear(value(.secondPartHigher, Reel.whole), 210.0 / 46))
    let twice = Reel.text([Reel.part(Reel.first), Reel.part(Reel.first)])
    #expect(value(.partsAlike, twice) == 1)
    #expect(value(.endsRhyme, Reel.whole) == 1)
    #expect(value(.endsRhyme, Reel.whole([7: Reel.a, 8: Reel.b])) == 0)
    #expect(value(.partsAlike, Reel.text([Reel.part(Reel.first)])) == nil)
  }

  @Test func `repetition is counted bar by bar`() {
    let first = Reel.text([Reel.part(Reel.first)])
    #expect(value(.fifthBarReturns, first) == 1)
    #expect(
      value(
        .fifthBarReturns,
        Reel.text([Reel.part([Reel.a, Reel.b, Reel.a, Reel.d, Reel.c, Reel.e, Reel.c, Reel.d])]))
        == 0)
    // Of bars 2 to 8 the third, fifth, sixth and eighth were heard before.
    #expect(isNear(value(.barsSaidBefore, first), 4.0 / 7))
    #expect(value(.distinctBars, first) == 0.5)
    #expect(value(.barsEqualNext, first) == 0)
    #expect(isNear(value(.barsEqualNext, Reel.text([Reel.part([Reel.a] + Reel.first)])), 1.0 / 8))
    // Lag 4: 1, 1, ½, 1; lag 2: 1, ½, 1, ½, ½, ½. No bar has one eight bars before.
    #expect(value(.likenessAfterFour, first) == 0.875)
    #expect(isNear(value(.likenessAfterTwo, first), 4.0 / 6))
    #expect(value(.likenessAfterEight, first) == nil)
    #expect(value(.fourBarPeak, first) == nil)
    let echoes = measures(first).echoes.filter(\.isSame)
    #expect(echoes.map(\.bar) == [2, 4, 5, 7])
    #expect(echoes.map(\.earlier) == [0, 2, 1, 3])
  }

  @Test func `the peak at four bars is what the four bars before say more than the two and eight`()
    throws
  {
    // Each part says its four bars twice.
    let tune = Reel.text([
      Reel.part([Reel.a, Reel.b, Reel.c, Reel.d, Reel.a, Reel.b, Reel.c, Reel.d]),
      Reel.part([Reel.a, Reel.b, Reel.c, Reel.d, Reel.a, Reel.b, Reel.c, Reel.d]),
    ])
    let panel = measures(tune).panel
    let two = try #require(panel[.likenessAfterTwo])
    #expect(panel[.likenessAfterFour] == 1)
    #expect(panel[.likenessAfterEight] == 1)
    #expect(isNear(panel[.fourBarPeak], 1 - (two + 1) / 2))
  }

  @Test func `likeness is one minus the edit distance over the length`() {
    #expect(Likeness.between([1, 2, 3, 4], [1, 2, 3, 4]) == 1)
    #expect(Likeness.between([1, 2, 3, 4], [1, 9, 3, 4]) == 0.75)
    #expect(Likeness.between([1, 2, 3, 4], [2, 3, 4, 5]) == 0.5)
    #expect(Likeness.between([1, 2], [1, 2, 3, 4]) == 0.5)
    #expect(Likeness.between([], [1, 2]) == 0)
    #expect(Likeness.between([], []) == 1)
  }

  @Test func `notes go on in the grid, short ones take a place, rests are silent`() {
    let melody = measures("X:1\nM:4/4\nL:1/8\nK:C\nC2 D/E/ z F G|").melody
    #expect(
      Likeness.grid(melody.bars[0].notes, unit: Fraction(1, 8)) == [60, -2, 62, 64, -1, 65, 67])
  }

  @Test func `chords count with their top note, graces and other voices not at all`() {
    let text = "X:1\nM:4/4\nL:1/8\nK:C\nV:1\n[CEG]2{c}[c2E2] D2 &G,8 E2|\nV:2\nC8|\n"
    let notes = measures(text).melody.bars.flatMap(\.notes)
    #expect(notes.compactMap(\.pitch).prefix(3) == [67, 72, 62])
    #expect(!notes.contains { $0.pitch == 55 })
  }

  @Test func `fewer than sixteen notes are not measured`() {
    #expect(measures(Reel.text(["GABc dcBA|GABc dcB|"])).panel.isEmpty)
    #expect(!measures(Reel.text(["GABc dcBA|GABc dcBA|"])).panel.isEmpty)
    #expect(measures("").panel.isEmpty)
  }

  @Test func `free meter has no bars to be right or whole`() {
    let panel = measures(Reel.text([Reel.part(Reel.first)], meter: "none")).panel
    #expect(panel[.innerBarsRight] == nil)
    #expect(panel[.wholeParts] == nil)
    #expect(panel[.finalTonic] == 1)
  }

  @Test(
    arguments: [
      ("Double Jig", "6/8", "jig"), ("", "6/8", "jig"), ("slip jig", "9/8", "slip jig"),
      ("", "9/8", "slip jig"), ("Reel", "C|", "reel"), ("", "C", "4/4"), ("", "", "4/4"),
      ("", "C|", "2/2"), ("march", "2/4", "march"), ("Irish hornpipe", "4/4", "hornpipe"),
    ])
  func `a dance is named by its rhythm, else by its meter`(
    rhythm: String, meter: String, name: String
  ) {
    #expect(Dance(rhythm: rhythm, meter: meter).name == name)
  }
}
