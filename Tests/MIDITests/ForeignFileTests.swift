import ABC
import MIDI
import Music
import Testing

/// Files as other programs write them: lengths that are played, ends that come late, meters that
/// only say where a bar line stands.
@Suite struct ForeignFileTests {
  private func field(_ name: Character, in transcription: Transcription) -> String? {
    transcription.text.split(separator: "\n").first { $0.hasPrefix("\(name):") }
      .map { String($0.dropFirst(2)) }
  }

  private func complaints(_ transcription: Transcription) -> [String] {
    ParsedTune(text: transcription.text).diagnostics.map(\.sentence)
  }

  private func transcribed(_ maker: FileMaker) throws -> Transcription {
    abcTranscription(of: try maker.reread()) { ParsedTune(text: $0).performance() }
  }

  /// A tune exported by Lilt itself and written down again.
  private func again(_ text: String) throws -> Transcription {
    let bytes = MIDIFile.bytes(of: ParsedTune(text: text).performance())
    return abcTranscription(of: try MIDIFile(bytes: bytes)) { ParsedTune(text: $0).performance() }
  }

  private static let tune: [(Int, Double)] = [
    (62, 1), (66, 1), (69, 0.5), (67, 0.5), (66, 1), (64, 1), (67, 1), (71, 0.5), (69, 0.5),
    (67, 1), (66, 1), (69, 1), (74, 0.5), (73, 0.5), (71, 1), (69, 2), (62, 2),
  ]

  @Test(
    arguments: [96, 120, 192, 220, 384, 480, 960],
    [50, 60, 66, 70, 75, 80, 85, 88, 90, 95, 97, 99, 100])
  func `notes held for any part of their length are written in full`(
    division: Int, percent: Int
  ) throws {
    var maker = FileMaker(division: division, voices: [FileMaker.line(Self.tune)])
    maker.key = (2, false)
    maker.gate = { $0 * percent / 100 }
    let written = try transcribed(maker)
    #expect(music(written) == ["D2F2 AGF2|E2G2 BAG2|F2A2 dcB2|A4 D4|]"])
    #expect(field("K", in: written) == "D")
  }

  @Test(arguments: Array(stride(from: 1, through: 61, by: 3)))
  func `notes that end some ticks early are written in full`(ticks: Int) throws {
    var maker = FileMaker(voices: [FileMaker.line(Self.tune)])
    maker.key = (2, false)
    maker.gate = { $0 - ticks }
    #expect(music(try transcribed(maker)) == ["D2F2 AGF2|E2G2 BAG2|F2A2 dcB2|A4 D4|]"])
    // A percentage and a tick, as some programs do.
    maker.gate = { $0 * 95 / 100 - 1 }
    #expect(music(try transcribed(maker)) == ["D2F2 AGF2|E2G2 BAG2|F2A2 dcB2|A4 D4|]"])
  }

  @Test func `triplets held for a part of their length are triplets`() throws {
    let third = 1.0 / 3
    let bar: [(Int, Double)] = [
      (62, 1), (66, third), (67, third), (69, third), (71, 1), (69, 1),
    ]
    var maker = FileMaker(
      voices: [FileMaker.line(bar + bar + [(66, 1), (64, 1), (62, 2)])], key: (2, false))
    maker.gate = { $0 * 95 / 100 }
    #expect(music(try transcribed(maker)) == ["D2(3FGA B2A2|D2(3FGA B2A2|F2E2 D4|]"])
  }

  @Test func `rests of a detached tune stay rests`() throws {
    var maker = FileMaker(
      voices: [
        FileMaker.line([
          (62, 1), (66, 1), (69, 0.5), (0, 0.5), (66, 1), (64, 1), (0, 1), (71, 0.5), (69, 0.5),
          (67, 1), (66, 0.5), (64, 0.5), (62, 1), (0, 1), (62, 1),
        ])
      ], key: (2, false))
    maker.gate = { $0 * 85 / 100 }
    #expect(music(try transcribed(maker)) == ["D2F2 AzF2|E2z2 BAG2|FED2 z2D2|]"])
  }

  @Test func `what begins between all places is put on the nearest, and told`() throws {
    let notes = FileMaker.even([60, 62, 64, 65, 67, 69, 71, 72], 1)
    let odd = 1267.0 / 480
    let long = [
      FileMaker.Note(key: 74, start: 8, length: odd),
      .init(key: 76, start: 8 + odd, length: 4 - odd),
    ]
    let after = FileMaker.line([(72, 1), (71, 1), (69, 1), (67, 1), (60, 4)], from: 12)
    let written = try transcribed(FileMaker(voices: [notes + long + after]))
    #expect(music(written).first == "CD EF|GA Bc|d21/8e11/8|cB AG|")
    #expect(complaints(written) == [])
    #expect(written.report.contains { $0.hasPrefix("1 of 15 notes were moved") })
  }

  @Test func `triplets over two beats are triplets, however many there are`() throws {
    let triplets = """
      X:1
      M:4/4
      L:1/8
      K:C
      (3e2c2G2 (3A2c2e2|(3f2d2A2 (3B2d2f2|(3e2c2G2 (3A2c2e2|(3f2d2B2 (3d2e2f2|e8|
      """
    let written = try again(triplets)
    #expect(
      music(written) == ["(3ecG (3Ace|(3fdA (3Bdf|(3ecG (3Ace|(3fdB (3def|", "e4|]"])
    #expect(written.report == [])
  }

  @Test func `long and short members of triplets over two beats are not swung`() throws {
    let pair = "(3:2:2f2d (3:2:2e2c|"
    let written = try again(
      "X:1\nM:4/4\nL:1/4\nK:C\n(3:2:2e2c e2|" + pair + pair + pair + pair + "e4|\n")
    #expect(
      music(written) == [
        "(3:2:2e4c2 e4|(3:2:2f4d2 (3:2:2e4c2|(3:2:2f4d2 (3:2:2e4c2|(3:2:2f4d2 (3:2:2e4c2|",
        "(3:2:2f4d2 (3:2:2e4c2|e8|]",
      ])
    let few = try again(
      "X:1\nM:3/2\nL:1/4\nK:F\nF4 A2|(3:2:2c4G2 A2|B4 A2|(3:2:2F4A2 c2|B2 A2 G2|F6|\n")
    #expect(music(few).first == "F8 A4|(3:2:2c8G4 A4|B8 A4|(3:2:2F8A4 c4|")
  }

  @Test func `fives and sevens stay what they are`() throws {
    let written = try again(
      "X:1\nM:4/4\nL:1/8\nK:C\n(5CDEFG A2 (7cBAGFED B2|C4 (5:4:5cdefg|c8|\n")
    #expect(music(written) == ["(5CDEFGA2 (7cBAGFEDB2|C4 (5:4:5cdefg|c8|]"])
    // A coarse clock rounds every member.
    var maker = FileMaker(division: 96)
    maker.voices = [
      FileMaker.line(
        (0..<7).map { (72 - $0, 1.0 / 7) } + (0..<5).map { (60 + $0, 0.2) } + [(72, 2)])
    ]
    let coarse = try transcribed(maker)
    #expect(music(coarse) == ["(7cB_BA_AG^F(5C^CD^DE =c4|]"], "\(coarse.text)")
  }

  @Test func `sixteenths before a longer note are no grace notes`() throws {
    let half = 0.25
    let maker = FileMaker(
      voices: [
        FileMaker.line([
          (62, 1), (66, 1), (69, half), (71, half), (73, 0.5), (74, 1), (73, 1), (71, 1), (69, 2),
          (74, half), (73, half), (71, 0.5), (69, 1), (67, 1), (66, 1), (64, 1), (66, 1), (62, 2),
        ])
      ], key: (2, false))
    #expect(
      music(try transcribed(maker)) == ["DF A/4B/4c/2d|cB A2|d/4c/4B/2A GF|EF D2|]"])
  }

  private static let scale = [62, 64, 66, 67, 69, 71, 73, 74]

  @Test func `tempi after the last note are no music`() throws {
    var maker = FileMaker(
      voices: [FileMaker.even(Self.scale + Self.scale, 0.5)], key: (2, false))
    maker.tempos += (0..<20).map { (100 + Double($0), 16 + 64 * Double($0)) }
    #expect(music(try transcribed(maker)) == ["DEFG ABcd|DEFG ABcd|]"])
  }

  @Test func `a track that ends late adds no rest`() throws {
    var maker = FileMaker(voices: [FileMaker.even([60, 62, 64, 65], 1)])
    maker.lateEnd = 25
    #expect(music(try transcribed(maker)) == ["CD EF|]"])
  }

  @Test func `a first meter that is short is a pickup`() throws {
    let bar = [74, 73, 71, 69, 66, 62]
    var maker = FileMaker(
      voices: [FileMaker.even([69] + bar + bar, 0.5)], key: (2, false))
    maker.meters = [(1, 8, 0), (6, 8, 0.5)]
    let written = try transcribed(maker)
    #expect(field("M", in: written) == "6/8")
    #expect(music(written) == ["A|dcB AFD|dcB AFD|]"])
  }

  @Test func `bar lines follow the bass after a pickup`() throws {
    var maker = FileMaker(voices: [
      FileMaker.even([67, 72, 74, 76, 72, 67, 64, 65, 69, 72, 67, 71, 74], 0.5)
        + FileMaker.line([(72, 1.5), (72, 1)], from: 6.5),
      FileMaker.line(
        [(48, 1.5), (48, 1.5), (41, 1.5), (43, 1.5), (48, 1.5), (48, 1)], from: 0.5),
    ])
    maker.meters = [(6, 8, 0)]
    #expect(
      music(try transcribed(maker)) == [
        "V:1", "G|cde cGE|FAc GBd|c3 c2|]", "V:2", "z|C,3 C,3|F,,3 G,,3|C,3 C,2|]",
      ])
  }

  @Test func `a meter said again is not written, and its bar lines stand`() throws {
    var maker = FileMaker(
      voices: [
        FileMaker.even([67, 60, 62, 64, 65, 67, 69, 71, 67, 72, 71, 69, 67, 65, 64, 60], 1)
      ])
    maker.meters = [(4, 4, 0), (4, 4, 1), (4, 4, 8), (4, 4, 9)]
    let written = try transcribed(maker)
    #expect(music(written) == ["G|CD EF|GA B|G|cB AG|FE C|]"])
    #expect(complaints(written) == [])
  }

  @Test func `a bar that meters cut in two is still one bar`() throws {
    var maker = FileMaker(voices: [FileMaker.even((0..<16).map { 60 + $0 % 8 }, 1)])
    maker.meters = [(4, 4, 0), (3, 4, 4), (1, 4, 7), (4, 4, 8)]
    let written = try transcribed(maker)
    #expect(music(written).joined().filter { $0 == "|" }.count == 5)
    #expect(!music(written).joined().contains("[M:"))
    #expect(complaints(written) == [])
  }

  @Test func `swung sixteenths are written straight, in any proportion`() throws {
    for (long, proportion) in [(2.0 / 3, "2:1"), (0.6, "3:2"), (0.58, "58:42")] {
      let notes = (0..<32).flatMap { index -> [(Int, Double)] in
        [(60 + index * 2 % 12, long / 2), (61 + index * 2 % 12, (1 - long) / 2)]
      }
      let written = try transcribed(FileMaker(voices: [FileMaker.line(notes)]))
      #expect(
        music(written).first?.hasPrefix("C/2^C/2D/2^D/2E/2F/2^F/2G/2 ") == true, "\(written.text)")
      #expect(
        written.report.contains {
          $0.hasPrefix("The sixteenths are swung \(proportion) in 32 eighths")
        }, "\(written.report)")
    }
  }

  @Test func `notes that are at home in no key are written in C`() throws {
    var maker = FileMaker(voices: [FileMaker.even((60..<80).map { $0 }, 0.5)])
    maker.key = nil
    let written = try transcribed(maker)
    #expect(written.text.contains("\nK:C\n"), "\(written.text)")
    #expect(written.report.contains("The notes are at home in no key; K:C was written."))
  }

  @Test(arguments: [0.55, 0.58, 0.6, 0.62, 2.0 / 3, 0.7])
  func `eighths swung in any proportion are written straight`(long: Double) throws {
    let keys = [60, 64, 67, 72, 71, 67, 65, 62]
    let notes = (0..<32).map { (keys[$0 % 8], $0 % 2 == 0 ? long : 1 - long) }
    let written = try transcribed(FileMaker(voices: [FileMaker.line(notes)]))
    #expect(music(written).first?.hasPrefix("CEGc BGFD|") == true, "\(written.text)")
    #expect(written.report.contains { $0.contains("are swung") })
  }

  @Test func `raised neighbours are sharps, and chromatic scales go up in sharps, down in flats`()
    throws
  {
    var maker = FileMaker(
      voices: [
        FileMaker.line(
          [69, 72, 76, 75, 76, 75, 76, 74, 72, 71].map { ($0, 0.5) } + [(69, 1), (69, 0.5)]
            + [(68, 0.5), (69, 1), (71, 0.5), (70, 0.5), (71, 1), (69, 2)])
      ], key: (0, true))
    #expect(music(try transcribed(maker)) == ["Ace^d ede=d|cBA2 A^GA2|B^AB2 =A4|]"])
    maker.key = (-3, true)
    maker.voices = [
      FileMaker.even([72, 71, 72, 67, 66, 67, 63, 62, 63, 60, 66, 67], 0.5)
        + [.init(key: 72, start: 6, length: 2)]
    ]
    #expect(music(try transcribed(maker)) == ["c=BcG ^FGED|EC^FG c4|]"])
    maker.key = (0, false)
    maker.voices = [
      FileMaker.even(Array(60...72) + (61...71).reversed(), 0.5)
        + [.init(key: 60, start: 12, length: 1)]
    ]
    #expect(
      music(try transcribed(maker)) == ["C^CD^D EF^FG|^GA^AB cB_B=A|_AG_GF E_ED_D|C2|]"])
  }

  @Test func `a stated key stays where a tune ends elsewhere`() throws {
    let written = try again("X:1\nM:4/4\nL:1/4\nK:D\nBcdf|f2e2|dcBA|B4|\n")
    #expect(field("K", in: written) == "D")
  }

  @Test func `music without a meter stays without bars`() throws {
    let written = try again("X:1\nM:none\nL:1/4\nK:C\nCDE FGAB cdc2 B3 c6|\n")
    #expect(field("M", in: written) == "none")
    #expect(written.report.contains { $0.hasPrefix("No meter is given") })
    #expect(complaints(written) == [])
  }

  @Test func `a tempo that changes within a bar stands where it changes`() throws {
    let written = try again("X:1\nM:4/4\nL:1/4\nQ:1/4=120\nK:C\nCD[Q:1/4=60]EF|GABc|\n")
    #expect(music(written) == ["CD [Q:1/4=60]EF|GA Bc|]"])
    let held = try again("X:1\nM:4/4\nL:1/4\nQ:1/4=120\nK:C\nC4-|[Q:1/4=60]C2EF|G4-|GABc|\n")
    #expect(music(held) == ["C4-|[Q:1/4=60]C2 EF|G4-|GA Bc|]"])
  }

  @Test func `drums are written for channel 10`() throws {
    var maker = FileMaker(voices: [
      FileMaker.even([60, 62, 64, 65], 1), FileMaker.even([36, 42, 38, 42, 36, 42, 38, 42], 0.5),
    ])
    maker.endsWithDrums = true
    let written = try transcribed(maker)
    #expect(written.text.contains("V:2 clef=perc\n"))
    #expect(
      music(written) == [
        "V:1", "C2D2 E2F2|]", "V:2", "%%MIDI channel 10", "C,,^F,,D,,F,, C,,F,,D,,F,,|]",
      ])
  }

  @Test func `short notes under a pedal last until the next`() throws {
    var maker = FileMaker(voices: [FileMaker.even([60, 64, 67, 72, 71, 67, 65, 62], 0.5)])
    maker.gate = { $0 / 8 }
    maker.pedals = [(0, 1.95), (2, 3.95)]
    let written = try transcribed(maker)
    #expect(music(written) == ["CEGc BGFD|]"], "\(written.text)")
  }

  @Test func `a recording that begins beside the beat is moved onto it`() throws {
    let maker = FileMaker(
      voices: [FileMaker.even([60, 62, 64, 65, 67, 69, 71, 72], 0.5, from: 37.0 / 480)])
    let written = try transcribed(maker)
    #expect(music(written) == ["CDEF GABc|]"])
    #expect(written.report.contains { $0.hasPrefix("Everything was moved") })
  }

  @Test func `any numerator of a length is read as it is`() {
    let tune = ParsedTune(text: "X:1\nM:4/4\nL:1/4\nK:C\nc1267/480 d653/480|e4|\n")
    #expect(tune.diagnostics.map(\.sentence) == [])
    let starts = tune.performance().notes.map(\.start)
    #expect(starts == [.zero, Tick(2534), Tick(3840)])
  }
}
