import Form
import Testing

@Suite struct MelodyReaderTests {
  static let header = "R:jig\nM:6/8\nL:1/8\nK:D\n"
  static let eighth = MelodyReader.whole / 8

  private func notes(_ music: String, header: String = Self.header) -> [MelodyNote] {
    MelodyReader(header + music).bars.flatMap(\.notes)
  }

  @Test func `pitches follow the signature, and accidentals last until the bar line`() {
    #expect(notes("FCc=cc|c^gg,").map(\.pitch) == [66, 61, 73, 72, 72, 73, 80, 67])
  }

  @Test func `lengths are counted in unit notes, with tuplets and broken rhythm`() {
    let lengths = notes("A2A/A3/2(3ABc A>B A<<B (2AB").map(\.length)
    let unit = Self.eighth
    let expected = [
      2 * unit, unit / 2, 3 * unit / 2, 2 * unit / 3, 2 * unit / 3, 2 * unit / 3, 3 * unit / 2,
      unit / 2, unit / 4, 7 * unit / 4, 3 * unit / 2, 3 * unit / 2,
    ]
    #expect(lengths == expected)
  }

  @Test func `chords count as their top note, rests as rests, grace notes not at all`() {
    let read = notes("\"Dm7\"[DFA]2 z {efg}~d !trill!.e")
    #expect(read.map(\.pitch) == [69, nil, 74, 76])
    #expect(read.map(\.onset) == [0, 2, 3, 4].map { $0 * Self.eighth })
  }

  @Test func `the length inside a chord is multiplied by the one after it`() {
    #expect(notes("[D2A2]3").map(\.length) == [6 * Self.eighth])
  }

  @Test func `a part ends at a repeat or a double bar, not at its first ending`() {
    let reader = MelodyReader(
      Self.header + "A|:d3 d3|e3 e3|1 f3 f3:|2 g3 g3||\na6|b6|]\n")
    #expect(reader.bars.map(\.part) == [0, 0, 0, 0, 0, 1, 1])
    #expect(reader.bars.map(\.ending) == [0, 0, 0, 1, 2, 0, 0])
    #expect(reader.bars.map(\.isPickup) == [true, false, false, false, false, false, false])
  }

  @Test(arguments: [
    ("C", 0, [0, 0, 0, 0, 0, 0, 0]), ("Em", 4, [0, 0, 0, 1, 0, 0, 0]),
    ("Ador", 9, [0, 0, 0, 1, 0, 0, 0]), ("Bbmaj", 10, [0, 0, -1, 0, 0, 0, -1]),
    ("F#m", 6, [1, 0, 0, 1, 1, 0, 0]), ("D mix", 2, [0, 0, 0, 1, 0, 0, 0]),
  ])
  func `a key has a tonic and a signature`(name: String, tonic: Int, signature: [Int]) {
    let reader = MelodyReader("L:1/8\nK:\(name)\n")
    #expect(reader.tonic == tonic)
    #expect(reader.signature == signature)
  }

  @Test func `a key within the music counts from there on`() {
    #expect(notes("F|[K:C]F|\nK:G\nF|").map(\.pitch) == [66, 65, 66])
  }

  @Test func `the text of a bar is where its music stands`() {
    let text = Self.header + "A|: d3 d3 |\n\"Em\"e6:|"
    let scalars = Array(text.unicodeScalars)
    let bars = MelodyReader(text).bars.map { bar in
      String(String.UnicodeScalarView(scalars[bar.text]))
    }
    #expect(bars == ["A", "d3 d3 ", "\"Em\"e6"])
  }

  @Test func `whatever text is read, at whatever length it is cut, the reader goes on`() {
    let text = Self.header + "[1|[K:]((3:2:9 A>>><<B[C2E/]//|:::|]12\"x\n!y\n{z\nM:0/0\nL:\nab"
    let scalars = Array(text.unicodeScalars)
    for end in 0...scalars.count {
      let reader = MelodyReader(String(String.UnicodeScalarView(scalars[..<end])))
      #expect(reader.count == end)
      #expect(reader.bars.allSatisfy { $0.text.upperBound <= end && $0.length > 0 })
    }
  }
}
