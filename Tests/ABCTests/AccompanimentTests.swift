import Music
import Testing

@testable import ABC

@Suite struct AccompanimentTests {
  @Test func `an instrument changes where the text says so, and back with a repeat`() {
    let tune = ParsedTune(
      text: """
        M:4/4
        L:1/4
        %%MIDI program 24
        K:C
        |:"C"C4|
        %%MIDI program 73
        %%MIDI chordprog 19
        D4:|
        """)
    let performance = tune.performance()
    let bar = 4 * Tick.perQuarter
    #expect(performance.tracks[0].program == 24)
    let melody = performance.programs.filter { $0.track == 0 }
    #expect(melody.map(\.at.count) == [bar, 2 * bar, 3 * bar])
    #expect(melody.map(\.program) == [73, 24, 73])
    let chords = performance.programs.filter { $0.track != 0 }
    #expect(chords.map { performance.tracks[$0.track].role } == [.chords])
    #expect(chords.map(\.at.count) == [bar])
  }

  @Test func `the program of a voice goes before that of the header`() {
    let tune = ParsedTune(
      text: "%%MIDI program 24\nK:C\nV:1\nC4|\nV:2\n%%MIDI program 32\nC,4|\n")
    #expect(tune.performance(.plain).tracks.map(\.program) == [24, 32])
    #expect(tune.performance(.plain).programs.isEmpty)
  }

  static func notes(_ text: String, _ role: Performance.Track.Role) -> [String] {
    let performance = ParsedTune(text: text).performance()
    return performance.notes.filter { performance.tracks[$0.track].role == role }.map {
      "\($0.pitch.key)@\(Fraction($0.start.count, Tick.perQuarter))"
    }
  }

  @Test(arguments: [
    ("4/4", "C8|", ["36@0", "36@2"], ["48@1", "48@3"]),
    ("3/4", "C6|", ["36@0"], ["48@1", "48@2"]),
    ("6/8", "C6|", ["36@0", "36@3/2"], ["48@1", "48@5/2"]),
    ("2/4", "C4|", ["36@0"], ["48@1"]),
  ])
  func `bass and chords take turns as the meter asks`(
    meter: String, music: String, bass: [String], chords: [String]
  ) {
    let text = "M:\(meter)\nL:1/8\nK:C\n\"C\"\(music)"
    #expect(AccompanimentTests.notes(text, .bass) == bass)
    #expect(AccompanimentTests.notes(text, .chords).filter { $0.hasPrefix("48") } == chords)
  }

  static let names: [(String, [Int]?, Int)] = [
    ("C", [0, 4, 7], 0), ("Am", [0, 3, 7], 9), ("Bbmaj7", [0, 4, 7, 11], 10),
    ("F#m7b5", [0, 3, 6, 10], 6), ("C/E", [0, 4, 7], 0), ("Am7/G", [0, 3, 7, 10], 9),
    ("Emin", [0, 3, 7], 4), ("C°", [0, 3, 6], 0), ("G7b9", [0, 4, 7, 10, 13], 7),
    ("G7(b9)", [0, 4, 7, 10, 13], 7),
    ("G(Em)", [0, 4, 7], 7), ("Dsus4", [0, 5, 7], 2), ("D7sus4", [0, 5, 7, 10], 2),
    ("C6/9", [0, 4, 7, 9, 14], 0), ("E♭m", [0, 3, 7], 3), ("A+", [0, 4, 8], 9), ("C7weird", [], 0),
  ]

  @Test(arguments: names)
  func `a chord symbol is understood`(name: String, intervals: [Int]?, root: Int) {
    guard case .chord(let chord) = ChordName.read(name) else {
      Issue.record("\(name) was not read as a chord")
      return
    }
    #expect(chord.intervals == intervals)
    #expect(chord.root == root)
  }

  @Test(arguments: ["Fine", "D.C.", "Slow", "Bridge", "", "x", "Coda", "A part", "Chorus"])
  func `words above the music are no chords`(text: String) {
    #expect(ChordName.read(text) == .words)
  }

  @Test func `a slash puts another note in the bass`() {
    let text = "M:4/4\nL:1/4\nK:C\n\"C/E\"C4|"
    #expect(AccompanimentTests.notes(text, .bass) == ["40@0", "40@2"])
  }

  @Test func `N.C. is silence until the next symbol`() {
    let text = "M:4/4\nL:1/4\nK:C\n\"C\"C4|\"N.C.\"C4|\"G\"C4|"
    #expect(AccompanimentTests.notes(text, .bass) == ["36@0", "36@2", "43@8", "43@10"])
  }

  @Test func `nothing sounds before the first symbol`() {
    let text = "M:4/4\nL:1/4\nK:C\nC4|\"C\"C4|"
    #expect(AccompanimentTests.notes(text, .bass) == ["36@4", "36@6"])
  }

  @Test func `the last chord stays through a repeat until the first comes again`() {
    let text = "M:4/4\nL:1/4\nK:C\n|:C4|\"G\"C4:|"
    #expect(
      AccompanimentTests.notes(text, .bass) == ["43@4", "43@6", "43@8", "43@10", "43@12", "43@14"])
  }

  @Test func `%%MIDI lines change the rhythm, the sounds and switch it off`() {
    let text = """
      M:4/4
      L:1/4
      %%MIDI gchord fc
      %%MIDI bassprog 32
      %%MIDI chordprog 24
      %%MIDI program 73
      K:C
      "C"C4|
      %%MIDI gchordoff
      C4|
      """
    #expect(AccompanimentTests.notes(text, .bass) == ["36@0"])
    let performance = ParsedTune(text: text).performance()
    #expect(performance.tracks.map(\.program) == [73, 32, 24])
    #expect(performance.tracks.map(\.channel) == [0, 1, 2])
    #expect(performance.tracks.allSatisfy { $0.programIsExplicit })
    #expect(performance.notes.filter { $0.track == 2 }.allSatisfy { $0.start.count == 1920 })
  }

  @Test func `drums beat their pattern in every bar while they are on`() {
    let text =
      "M:4/4\nL:1/4\nK:C\n%%MIDI drum dzdd 36 38 42 100 90 80\n%%MIDI drumon\nC4|C4|\n%%MIDI drumoff\nC4|"
    #expect(
      AccompanimentTests.notes(text, .drums) == ["36@0", "38@2", "42@3", "36@4", "38@6", "42@7"])
    #expect(ParsedTune(text: text).performance().tracks.last?.channel == 9)
  }

  @Test func `the first beat is loudest, then the beats, then what lies between`() {
    let notes = ParsedTune(text: "M:4/4\nL:1/8\nK:C\nCDEF|G!p!A|").performance(.plain).notes
    #expect(notes.map(\.velocity) == [105, 80, 95, 80, 105, 35])
  }

  @Test func `many voices keep off the drum channel`() {
    let voices = (1...20).map { "V:\($0)\nC|\n" }.joined()
    let performance = ParsedTune(text: "K:C\n" + voices).performance()
    #expect(performance.tracks.count == 20)
    #expect(performance.tracks.allSatisfy { $0.channel != 9 && (0...15).contains($0.channel) })
  }

  @Test func `syllables sound with their notes, verse by verse`() {
    let text = "M:4/4\nL:1/4\nK:C\n|:CDEF:|\nw:one two three four\nw:five six seven eight\n"
    let lyrics = ParsedTune(text: text).performance().lyrics
    #expect(lyrics.map(\.text) == ["one", "two", "three", "four", "five", "six", "seven", "eight"])
    #expect(lyrics.map(\.at.count) == (0..<8).map { $0 * 960 })
  }

  @Test func `a drum map gives percussion keys to written notes`() {
    let text = "L:1/4\nK:C\n%%MIDI channel 10\n%%MIDI drummap ^g 42\n%%MIDI drummap C 36\nC^gD|"
    let performance = ParsedTune(text: text).performance(.plain)
    #expect(performance.notes.map { $0.pitch.key } == [36, 42, 62])
    #expect(performance.tracks[0].channel == 9)
  }

  @Test func `graces may be made shorter or take a share of their host`() {
    let divided = ParsedTune(text: "L:1/8\n%%MIDI gracedivider 8\nK:C\n{g}C2|")
    #expect(divided.performance(.plain).notes.map { $0.start.count } == [0, 60])
    let shared = ParsedTune(text: "L:1/8\n%%MIDI grace 1/3\nK:C\n{gf}C3|")
    #expect(shared.performance(.plain).notes.map { $0.start.count } == [0, 240, 480])
  }

  /// The figures are what abc2midi 4.84 plays.
  @Test func `trim, chordattack, beatstring and beatmod are played`() {
    let tune = ParsedTune(
      text: """
        X:1
        M:4/4
        L:1/8
        K:C
        %%MIDI trim 1/4
        %%MIDI beatstring fmpp
        C2D/4D/2(EFG)A2-|A2[GEC]2
        %%MIDI chordattack 20
        %%MIDI beatmod -20
        [GEC]2z2|C8|]
        """)
    var options = PlaybackOptions()
    options.accompaniment = false
    let notes = tune.performance(options).notes
    #expect(tune.diagnostics.filter { $0.severity == .error }.isEmpty)
    let heard = notes.map {
      "\($0.pitch.key):\(Fraction($0.end.count - $0.start.count, Tick.perQuarter) * 480)"
    }
    #expect(
      heard == [
        "60:420", "62:60", "62:60", "64:240", "65:240", "67:180", "69:960", "60:420", "64:420",
        "67:420", "67:420", "64:400", "60:380", "60:1860",
      ])
    #expect(notes.map(\.velocity).prefix(2) == [105, 95])
    #expect(notes.last?.velocity == 85)
    let second = notes.dropFirst(7).prefix(3).map(\.velocity)
    #expect(second == [95, 95, 95])
  }

  @Test func `a MIDI line of these that lacks its value is told`() {
    let text = "X:1\nK:C\n%%MIDI trim 1\n%%MIDI beatstring xyz\n%%MIDI chordattack\nC|\n"
    #expect(ParsedTune(text: text).diagnostics.filter { $0.severity == .warning }.count == 3)
  }
}
