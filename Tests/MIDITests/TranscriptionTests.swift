import MIDI
import Music
import Testing

/// A melody without rests: (key, length in ticks of 1/960 quarter).
private func melody(
  _ notes: [(key: Int, length: Int)], meter: (Int, Int) = (4, 4), fifths: Int = 0,
  isMinor: Bool = false
) -> Performance {
  var start = 0
  var placed: [(key: Int, start: Int, length: Int)] = []
  for note in notes {
    if note.key > 0 { placed.append((note.key, start, note.length)) }
    start += note.length
  }
  var tune = performance(placed, end: start)
  tune.meters = [.init(at: .zero, beats: meter.0, unit: meter.1)]
  tune.keys = [.init(at: .zero, fifths: fifths, isMinor: isMinor)]
  return tune
}

/// The keys, each lasting `length`.
private func even(_ keys: [Int], _ length: Int) -> [(key: Int, length: Int)] {
  keys.map { ($0, length) }
}

@Suite struct TranscriptionTests {
  @Test func `a scale in G has the fields of a tune and no accidentals`() {
    var tune = melody(even([67, 69, 71, 72, 74, 76, 78, 79], 480), fifths: 1)
    tune.title = "Scale\nof 100%"
    let written = Transcription(tune, number: 7)
    #expect(
      written.text == """
        X:7
        T:Scale of 100
        M:4/4
        L:1/8
        Q:1/4=120
        K:G
        GABc defg|]

        """)
    #expect(written.report == [])
  }

  @Test func `an accidental is written once a bar and again in another octave`() {
    let tune = melody(even([66, 66, 65, 66, 78, 78, 67, 67, 66], 480))
    #expect(music(Transcription(tune)) == ["^FF=F^F ^ffGG|^F|]"])
  }

  @Test func `raised sevenths are sharps and lowered thirds flats`() {
    let tune = melody(even([68, 69, 63, 64, 70, 69, 61, 62], 480))
    #expect(music(Transcription(tune)) == ["^GA_E=E _BA^CD|]"])
  }

  @Test func `a note held over the bar line is tied, and its accidental is not written again`() {
    let tune = melody([(72, 2880), (66, 1920), (66, 480), (64, 480)])
    #expect(music(Transcription(tune)) == ["c6^F2-|F2^FE|]"])
  }

  @Test func `triplets, quintuplets and septuplets are found`() {
    #expect(
      music(Transcription(melody(even([60, 62, 64, 65, 67, 69], 320) + [(72, 1920)])))
        == ["(3CDE(3FGA c4|]"])
    #expect(
      music(Transcription(melody(even([60, 62, 64, 62, 60], 384) + [(72, 1920)])))
        == ["(5:4:5CDEDC c4|]"])
    // Sevenths of a half note do not fall on ticks.
    let sevenths = [0, 274, 549, 823, 1097, 1371, 1646, 1920]
    let notes = zip(sevenths, sevenths.dropFirst()).enumerated().map {
      (key: 60 + $0.offset, length: $0.element.1 - $0.element.0)
    }
    let plain =
      even([72, 71, 69, 67, 65, 64, 62, 60], 480) + even([72, 71, 69, 67, 65, 64, 62, 60], 480)
    #expect(
      music(Transcription(melody(notes + [(72, 1920)] + plain)))
        == ["(7:4:7C^CD^DEF^F =c4|cBAG FEDC|cBAG FEDC|]"])
  }

  @Test func `a long and a short triplet member share one tuplet`() {
    #expect(
      music(Transcription(melody([(60, 640), (62, 320), (64, 960), (65, 1920)])))
        == ["(3:2:2C2DE2 F4|]"])
  }

  @Test func `dotted pairs are written as broken rhythm`() {
    #expect(
      music(Transcription(melody([(60, 720), (62, 240), (64, 240), (65, 720), (67, 1920)])))
        == ["C>DE<F G4|]"])
  }

  @Test func `short notes just before a beat's note are grace notes`() {
    let tune = melody([(60, 960), (64, 120), (65, 120), (67, 720), (69, 1920)])
    #expect(music(Transcription(tune)) == ["C2{EF}G2 A4|]"])
  }

  @Test func `chords and rests are written`() {
    let tune = performance([(60, 0, 960), (64, 0, 960), (67, 0, 960), (62, 1920, 1920)])
    #expect(music(Transcription(tune)) == ["[CEG]2z2 D4|]"])
  }

  @Test func `notes that overlap become voices`() {
    let tune = performance([(72, 0, 960), (74, 960, 960), (48, 0, 1920)])
    let written = Transcription(tune)
    #expect(written.text.contains("V:1 name=\"Melody\"\nV:2 name=\"Melody\" clef=bass\nK:C\n"))
    #expect(music(written) == ["V:1", "c2d2|]", "V:2", "C,4|]"])
  }

  @Test func `a pickup is kept short when the stress says where the bars begin`() {
    var tune = melody(
      [(62, 480)] + (0..<6).flatMap { _ in even([67, 69, 71, 74, 71, 69], 480) } + [(67, 2400)],
      meter: (6, 8), fifths: 1)
    for index in tune.notes.indices {
      tune.notes[index].velocity = (tune.notes[index].start.count - 480) % 2880 == 0 ? 105 : 80
    }
    #expect(music(Transcription(tune)).first?.hasPrefix("D|GAB dBA|") == true)
  }

  @Test func `a section played twice is written once, with its pickup, between repeat signs`() {
    let first =
      [(62, 480)] + even([67, 69, 71, 72, 74, 76, 78, 79], 480)
      + (0..<2).flatMap { _ in even([79, 78, 76, 74, 72, 71, 69, 66], 480) } + [(67, 3360)]
    var tune = melody(first + first + [(74, 3840)], fifths: 1)
    for index in tune.notes.indices {
      tune.notes[index].velocity = (tune.notes[index].start.count - 480) % 3840 == 0 ? 105 : 80
    }
    #expect(
      music(Transcription(tune)) == [
        "|:D|GABc defg|gfed cBAF|gfed cBAF|G7:|", "d-|d7|]",
      ])
  }

  @Test func `swung eighths are written even, and the report says so`() {
    let tune = melody((0..<16).flatMap { [([60, 62, 64, 65][$0 % 4], 640), (67, 320)] })
    let written = Transcription(tune)
    #expect(music(written).first?.hasPrefix("CGDG EGFG|") == true)
    #expect(written.report.contains { $0.contains("swung 2:1") })
  }

  @Test func `a performance that is a little early, late and short is written straight`() {
    var dice = Dice(state: 3)
    let exact = melody(even([60, 62, 64, 65, 67, 69, 71, 72], 480) + [(72, 960), (67, 960)])
    var played = exact
    for index in played.notes.indices {
      played.notes[index].start += Tick(Int.random(in: -45...45, using: &dice))
      if played.notes[index].start < .zero { played.notes[index].start = .zero }
      let length = (exact.notes[index].end - exact.notes[index].start).count
      played.notes[index].end =
        played.notes[index].start + Tick(length * Int.random(in: 75...100, using: &dice) / 100)
    }
    let written = Transcription(played)
    #expect(music(written) == music(Transcription(exact)))
    #expect(written.report.count == 2)
  }

  @Test func `the key is found where the file says C major to everything`() {
    let keys = [66, 68, 69, 71, 73, 69, 68, 66, 73, 71, 69, 68, 66, 65, 66, 66]
    let written = Transcription(melody(even(keys, 480)))
    #expect(written.text.contains("K:F#m\n"))
    #expect(written.report == ["The key F#m was found from the notes."])
  }

  @Test func `a minor signature whose tune ends on the second fifth is dorian`() {
    let keys = [64, 66, 67, 69, 71, 73, 74, 76, 71, 69, 67, 66, 64, 64, 64, 64]
    let tune = melody(even(keys, 480), fifths: 2, isMinor: true)
    #expect(Transcription(tune).text.contains("K:Edor\n"))
  }

  @Test(arguments: [(3, 4), (2, 4), (4, 4)])
  func `a meter is estimated from what is stressed`(beats: Int, unit: Int) {
    let eighths = beats * 8 / unit
    var tune = melody((0..<12 * eighths).map { (60 + $0 * 5 % 12, 480) })
    tune.meters = []
    for index in tune.notes.indices where index % eighths == 0 { tune.notes[index].velocity = 110 }
    let written = Transcription(tune)
    #expect(written.text.contains("M:\(beats)/\(unit)\n"))
    #expect(written.report.contains { $0.hasPrefix("No meter is given") })
  }

  @Test func `changes of meter, key and tempo stand where they happen`() {
    var tune = melody(even([60, 62, 64, 65], 960) + even([67, 69, 71], 960), fifths: 0)
    tune.meters.append(.init(at: Tick(3840), beats: 3, unit: 4))
    tune.keys.append(.init(at: Tick(3840), fifths: 2, isMinor: false))
    tune.tempos.append(.init(at: Tick(3840), quartersPerMinute: 60))
    #expect(
      music(Transcription(tune)) == ["CD EF|[M:3/4][K:D][Q:1/4=60]G A B|]"])
  }

  @Test func `long silences are counted in bars`() {
    let tune = performance([(60, 0, 3840), (60, 3840 * 20, 3840)])
    #expect(music(Transcription(tune)) == ["C8|Z19|", "C8|]"])
  }

  @Test func `drums keep their channel and instruments their program`() {
    var tune = performance([(36, 0, 3840), (60, 0, 3840)])
    tune.tracks = [
      .init(name: "Flute", role: .melody, channel: 0, program: 73, programIsExplicit: true),
      .init(name: "Kit", role: .drums, channel: 9, program: 0),
    ]
    tune.notes[0].track = 1
    let lines = music(Transcription(tune))
    #expect(
      lines == ["V:1", "%%MIDI program 73", "C8|]", "V:2", "%%MIDI channel 10", "C,,8|]"])
  }

  @Test func `nothing and one note are tunes too`() {
    #expect(music(Transcription(Performance())) == ["z|]"])
    #expect(music(Transcription(performance([(60, 0, 960)]))) == ["C2|]"])
  }

  @Test func `noise of any kind is written down in bounded time`() {
    var dice = Dice(state: 11)
    for round in 0..<15 {
      var tune = performance(
        (0..<200).map { _ in
          (
            Int.random(in: 0...127, using: &dice), Int.random(in: 0...60_000, using: &dice),
            Int.random(in: 0...20_000, using: &dice)
          )
        })
      if round % 3 == 0 { tune.notes[5].end = Tick(1 << 45) }
      if round % 4 == 0 { tune.meters = [.init(at: Tick(7), beats: 255, unit: 32)] }
      if round % 5 == 0 { tune.meters = [.init(at: .zero, beats: 1, unit: 32)] }
      tune.notes.sort { $0.start < $1.start }
      let written = Transcription(tune)
      #expect(written.text.hasSuffix("|]\n"))
      #expect(written.text.utf8.count < 20_000_000)
    }
  }
}
