import Music
import Notes
import Testing

@Suite struct NoteEncodingTests {
  private func performance(_ notes: [(start: Int, length: Int, key: Int)]) -> Performance {
    var performance = Performance()
    performance.tracks = [.init(name: "", role: .melody, channel: 0, program: 0)]
    performance.notes = notes.compactMap { note in
      Pitch(key: note.key).map {
        .init(
          start: Tick(note.start), end: Tick(note.start + note.length), pitch: $0, velocity: 80,
          track: 0)
      }
    }
    return performance
  }

  private func keys(_ performance: Performance) -> [[Int]] {
    performance.notes.map {
      [$0.start.count, $0.end.count - $0.start.count, $0.pitch.key]
    }
  }

  @Test func `notes on the grid come back from sixteenths as they were`() {
    let notes = [(0, 480, 62), (480, 240, 64), (480, 960, 57), (1440, 1920, 60)]
    let given = performance(notes.map { (start: $0.0, length: $0.1, key: $0.2) })
    let tokens = NoteEncoding.midiSixteenths.tokens(of: given)
    #expect(tokens.filter { $0 == " " }.count == 6)
    let back = NoteEncoding.midiSixteenths.performance(of: tokens)
    #expect(Set(keys(back)) == Set(keys(given)))
  }

  @Test func `MIDI as characters is the published alphabet of 108`() {
    // A quarter, then an eighth: the length of an eighth is not said.
    let given = performance([(0, 960, 60), (960, 480, 62)])
    #expect(NoteEncoding.midiCharacters.tokens(of: given) == ["60", "2", "1", "1", "62"])
    let all = (1...108).compactMap { NoteEncoding.midiCharacters.meaning(of: String($0)) }
    #expect(all.count == 108)
    #expect(all.prefix(2) == [.step, .length(2)] && all[19] == .length(20) && all[20] == .key(21))
    #expect(NoteEncoding.midiCharacters.meaning(of: "109") == nil)
    // Longer notes than there are lengths last as long as there is one.
    let long = NoteEncoding.midiCharacters.tokens(of: performance([(0, 480 * 31, 60)]))
    #expect(long == ["60", "20"])
  }

  @Test(arguments: [
    // A length without its note is a step.
    ("1 5 1 60", [[1440, 480, 60]]),
    // A key said again at once lasts one longer.
    ("60 60 60 1", [[0, 1440, 60]]), ("60 3 1", [[0, 1440, 60]]),
    // One that begins again while it sounds is ignored, with its length.
    ("60 4 1 60 8 1 62", [[0, 1920, 60], [960, 480, 62]]),
    // Behind its end it begins again.
    ("60 2 1 1 60", [[0, 960, 60], [960, 480, 60]]),
  ])
  func `characters are decoded by the published rules`(_ text: String, _ notes: [[Int]]) {
    let tokens = text.split(separator: " ").map(String.init)
    #expect(keys(NoteEncoding.midiCharacters.performance(of: tokens)) == notes)
  }

  @Test func `a vocabulary tells which encoding a file of another program has`() {
    let numbers = (1...108).map(String.init)
    #expect(NoteEncoding(name: "tokens", vocabulary: numbers) == .midiCharacters)
    #expect(NoteEncoding(name: "tokens", vocabulary: ["C4", "E-5", "4.7.11"]) == .noteChords)
    #expect(NoteEncoding(name: "tokens", vocabulary: ["a", "b"]) == nil)
    #expect(NoteEncoding(name: "midi-characters", vocabulary: [" ", "5"]) == .midiSixteenths)
    let named = ["C4": 60, "E-5": 75, "F#3": 54, "B-2": 46]
    for (name, key) in named {
      #expect(NoteEncoding.noteChords.meaning(of: name) == .key(key), "\(name)")
    }
    let known = NoteVocabulary(.noteChords, ["C4", "11.2.5"])
    #expect(known.place(of: "60") == 0)
    #expect(known.place(of: "2.5.11") == 1)
  }

  @Test func `what begins together is a chord, and an octave is no key`() {
    let given = performance([
      (0, 480, 60), (0, 480, 64), (0, 480, 79), (480, 480, 62), (960, 9, 50), (960, 9, 62),
    ])
    #expect(NoteEncoding.noteChords.tokens(of: given) == ["0.4.7", "62", "2."])
    let back = NoteEncoding.noteChords.performance(of: ["0.4.7", "62", "2."])
    #expect(back.notes.map(\.pitch.key) == [60, 64, 67, 62, 62])
  }

  @Test func `unknown notes and chords become the nearest known`() {
    let known = NoteVocabulary(.noteChords, ["60", "67", "0.4.7", "2.7.11"])
    #expect(known.nearest(to: "65") == 1)
    #expect(known.nearest(to: "0.4.9") == 2)
    #expect(known.nearest(to: "2.5.7.11") == 3)
    // Where there are only chords, one with its pitch.
    #expect(NoteVocabulary(.noteChords, ["2.5", "0.4"]).nearest(to: "60") == 1)
    #expect(NoteVocabulary(.midiCharacters, ["1", "60"]).nearest(to: "4") == nil)
  }

  @Test func `moving tokens moves the music`() {
    let given = performance([(0, 480, 60), (0, 480, 64), (480, 480, 71)])
    for encoding in NoteEncoding.allCases {
      let tokens = encoding.tokens(of: given)
      let moved = encoding.transposed(tokens, by: 3)
      let expected = encoding.tokens(
        of: performance([(0, 480, 63), (0, 480, 67), (480, 480, 74)]))
      #expect(moved == expected)
      #expect(encoding.transposed(tokens, by: 100) == nil || encoding == .noteChords)
    }
  }

  @Test(arguments: NoteEncoding.allCases)
  func `any tokens give music in which no key sounds twice`(_ encoding: NoteEncoding) {
    var random = Seeded(state: 4)
    let texts = [
      " ", "1", "2", "8", "20", "60", "64", "x", "999", "0.4.7", "\u{13c}", "\u{180}", "",
    ]
    for _ in 0..<200 {
      let tokens = (0..<60).map { _ in texts.randomElement(using: &random) ?? " " }
      let notes = encoding.decoded(tokens).performance.placedNotes
      for key in Set(notes.map(\.key)) {
        let own = notes.filter { $0.key == key }
        #expect(zip(own, own.dropFirst()).allSatisfy { $0.end <= $1.start })
      }
    }
    #expect(NoteEncoding.noteChords.performance(of: ["999", "-3", "a.b", "."]).notes.isEmpty)
  }

  @Test func `what a network wrote wrongly is counted`() {
    let repairs = NoteEncoding.midiCharacters.decoded(["3", "60", "4", "64", "1", "60", "2", "x"])
      .repairs
    #expect(repairs.strayLengths == 1)
    #expect(repairs.overlaps == 1)
    #expect(repairs.unknownTokens == 1)
    #expect(repairs.total == 3)
    #expect(NoteEncoding.midiCharacters.decoded(["60", "4", "1", "64"]).repairs.total == 0)
    #expect(
      NoteEncoding.noteChords.decoded(["60", "0.4.7", "x", "200"]).repairs.unknownTokens == 2)
  }
}

private struct Seeded: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state ^ state >> 29
  }
}
