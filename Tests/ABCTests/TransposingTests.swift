import Testing

@testable import ABC

/// Keys, notes and chord names that move, and come back as they were.
@Suite struct TransposingTests {
  private func chords(_ text: String, by semitones: Int) -> [String] {
    ParsedTune(text: TuneTransform.transpose(text, semitones: semitones).text).chordSymbols
      .map(\.text)
  }

  static let major =
    "X:1\nT:Chords in G\nM:4/4\nL:1/4\nK:G\n\"G\"G4|\"Em\"e4|\"Am\"A4|\"D7\"d4|\"B7\"B4|\"C\"c4|\"F\"=f4|"
    + "\"D/F#\"d4|\"(Em)\"e4|\"G(Em)\"G4|\n"
  static let minor =
    "X:1\nM:4/4\nL:1/4\nK:Am\n\"Am\"A4|\"E7\"e4|\"G\"G4|\"F\"f4|\"Dm\"d4|\"C\"c4|\n"

  @Test(arguments: [
    (-3, "E C#m F#m B7 G#7 A D B/D# (C#m) E(C#m)"),
    (-1, "F# D#m G#m C#7 A#7 B E C#/E# (D#m) F#(D#m)"),
    (4, "B G#m C#m F#7 D#7 E A F#/A# (G#m) B(G#m)"), (0, "G Em Am D7 B7 C F D/F# (Em) G(Em)"),
    (3, "Bb Gm Cm F7 D7 Eb Ab F/A (Gm) Bb(Gm)"), (12, "G Em Am D7 B7 C F D/F# (Em) G(Em)"),
  ])
  func `chord names lie in the place of their key`(semitones: Int, names: String) {
    #expect(chords(Self.major, by: semitones).joined(separator: " ") == names)
  }

  @Test(arguments: [
    (6, "D#m A#7 C# B G#m F#"), (-1, "G#m D#7 F# E C#m B"), (1, "Bbm F7 Ab Gb Ebm Db"),
  ])
  func `in minor keys, too`(semitones: Int, names: String) {
    #expect(chords(Self.minor, by: semitones).joined(separator: " ") == names)
  }

  @Test func `alternatives and other words beside chords`() {
    let text =
      "K:C\n\"C (C/E)\"C\"Dm;F\"D\"G7(b9)\"G\"C\\nAm\"C\"(slowly)\"C\"Fine\"C\"B♭7\"_B\"C6/9\"C|\n"
    #expect(
      chords(text, by: 2)
        == ["D (D/F#)", "Em;G", "A7(b9)", "D\\nBm", "(slowly)", "Fine", "C7", "D6/9"])
  }

  @Test func `a chord moves with the key of its own voice`() {
    let text = "X:1\nL:1/4\nK:C\nV:1\n\"C\"C4|[K:D]\"A\"A4|\nV:2\n\"F\"F4|\"G\"G4|\n"
    #expect(chords(text, by: 1) == ["Db", "Bb", "Gb", "Ab"])
  }

  static let keys = [
    "C", "G", "D", "A", "E", "B", "F#", "Db", "Ab", "Eb", "Bb", "F", "Am", "Em", "Bm", "F#m", "C#m",
    "G#m", "D#m", "Bbm", "Fm", "Cm", "Gm", "Dm", "Ador", "Bmix", "F#phr", "Clyd", "Eloc",
    "D dorian",
    "G major clef=treble-8", " D", "D=c", "Dm^c", "A^g_b clef=bass",
  ]

  /// Everything that a key may hold: each letter raised, lowered and made natural again in it, with
  /// chords near and far.
  private static func tune(_ key: String) -> String {
    let scale = KeySignature(fifths: KeyField(key).signature?.fifths ?? 0).alterations
    var signs = ""
    for (letter, name) in "CDEFGAB".enumerated() {
      for step in [1, -1, 0] {
        signs += NoteText.sign(min(max(Int(scale[letter]) + step, -2), 2)) + String(name)
      }
    }
    let music =
      "\"C\"C2 D/2E/ F3/2G//A/B///|\"F#m7b5/C#\"\(signs), c'C,,|{ab}[CEG]2>[AB]4 (3ABc z4|\n"
      + "\"(Em)\"C-C \"G7(b9)\"(Ad) \"Bb (Eb/G)\"e2 \"E7\"B!trill!A|]\nw:a b c\n% \"C\" CDE\n"
    return "X:1\nT:A C D\nM:4/4\nL:1/8\nK:\(key)\n" + music
  }

  /// Keys that sound like another with fewer signs.
  static let unusualKeys = [
    "Gb", "Cb", "C#", "Ebm", "Abm", "A#m", "Gb clef=bass", "C#mix", "Gbmaj ",
  ]

  @Test(arguments: keys + unusualKeys)
  func `there and back again is the same text`(key: String) {
    let text = Self.tune(key)
    for semitones in 1...24 {
      for (there, back) in [(semitones, -semitones), (-semitones, semitones)] {
        let moved = TuneTransform.transpose(text, semitones: there).text
        #expect(TuneTransform.transpose(moved, semitones: back).text == text, "\(key) \(there)")
      }
    }
  }

  @Test(arguments: keys + unusualKeys)
  func `twelve single steps and an octave back are the same text`(key: String) {
    let text = Self.tune(key)
    var moved = text
    for _ in 0..<12 { moved = TuneTransform.transpose(moved, semitones: 1).text }
    #expect(TuneTransform.transpose(moved, semitones: -12).text == text)
    #expect(moved == TuneTransform.transpose(text, semitones: 12).text)
  }

  @Test func `a key that sounds like a simpler one is remembered in a comment`() {
    func moved(_ text: String, _ semitones: Int) -> String {
      TuneTransform.transpose(text, semitones: semitones).text
    }
    #expect(moved("K:Gb\nGBd|\n", 1) == "K:G %from Gb\nGBd|\n")
    #expect(moved("K:Gb % mine\nGBd|\n", 1) == "K:G  %from Gb% mine\nGBd|\n")
    #expect(moved("K:G %from Gb\nGBd|\n", 2) == "K:A %from Gb\nAce|\n")
    #expect(moved("K:G %from Gb\nGBd|\n", -1) == "K:Gb\nGBd|\n")
    #expect(moved("K:G %from Gb\nGBd|\n", 11) == "K:Gb\ngbd'|\n")
    #expect(moved("K:F#\nFAc|\n", 1) == "K:G\nGBd|\n")
    #expect(ParsedTune(text: "X:1\nK:G %from Gb\nGBd|\n").diagnostics.isEmpty)
  }

  @Test(arguments: ["Gb", "Cb", "C#", "Ebm", "Abm", "A#m", "none", "", "HP", "C exp ^f _b"])
  func `an octave changes no key and no chord`(key: String) {
    let text = Self.tune(key)
    let moved = TuneTransform.transpose(text, semitones: 12).text
    #expect(moved.utf8Contains("K:\(key)\n"))
    #expect(TuneTransform.transpose(moved, semitones: -12).text == text)
  }

  @Test(arguments: [1, 5, 7, 11, -1, -6])
  func `no sign is stronger than two, and the sound is right`(semitones: Int) {
    let text = "K:C\n^^F^^C^^G^^D__B__E__A__D|\n"
    let moved = TuneTransform.transpose(text, semitones: semitones).text
    #expect(Tunes.sound(moved).map { $0[2] } == Tunes.sound(text).map { $0[2] + semitones })
  }
}
