import Glibc
import Music
import Testing

@testable import ABC

/// Tunes to try things on: some of our own, and every twentieth of `../shared/data/valid` where
/// that folder is present.
enum Tunes {
  static let own = [
    "X:1\nT:Jig\nM:6/8\nL:1/8\nK:Edor\nE|\"Em\"B2e ^dBG|(3ABA ^G2 =G2A|1\"D7\"AFD E2:|2AFD E3||\n{^f}g3 B-B^A|[Ec]3 _d>=d:|\n",
    "X:2\nM:4/4\nL:1/4\nK:Bb\n|:\"Bb\"B,2 ^F=E|[K:Dm]\"A7/C#\"^cA_e2:|\n[K:Gm]G^F=F_G-|_G4|]\n",
    "X:3\nT:Parts\nM:C\nL:1/8\nP:ABA\nK:A exp ^f ^c\nP:A\n|:ABcd efg_a:|\nP:B\nCDEF G3A|\n",
    "X:5\nM:6/8\nL:1/8\nK:D\n|:gfe|1g3:|2f3||\nK:Am\nfdB|1cAF:|2cAG||\n",
    "X:4\nM:3/4\nL:1/4\nK:C#m\nG/^^F/G A|B^^c z|\"C#m\"[CEG]3|]\n",
  ]

  static let all: [String] = {
    var tunes = own
    let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    for name in ["nottingham", "oneills", "ryans", "airds", "irish"] {
      guard let file = fopen(root + "/../shared/data/valid/\(name).abc", "rb") else { continue }
      defer { fclose(file) }
      var bytes = [UInt8](repeating: 0, count: 1 << 20)
      let count = fread(&bytes, 1, bytes.count, file)
      let book = Tunebook(bytes: Array(bytes[..<count]))
      for index in stride(from: 0, to: book.tunes.count, by: 20) {
        tunes.append(book.text(of: index))
      }
    }
    return tunes
  }()

  /// Start, end and key of every note played, without accompaniment and ornaments.
  static func sound(_ text: String, jumps: Bool = true) -> [[Int]] {
    var options = PlaybackOptions.plain
    options.followsJumps = jumps
    return ParsedTune(text: text).performance(options).notes.map {
      [$0.start.count, $0.end.count, $0.pitch.key]
    }
  }
}

@Suite struct TransformTests {
  @Test(arguments: [-12, -7, -5, -1, 1, 2, 3, 4, 6, 11, 12])
  func `a transposed tune sounds the same, higher or lower`(semitones: Int) {
    for text in Tunes.all {
      let moved = TuneTransform.transpose(text, semitones: semitones)
      let expected = Tunes.sound(text).map { [$0[0], $0[1], $0[2] + semitones] }.sorted {
        $0.lexicographicallyPrecedes($1)
      }
      let heard = Tunes.sound(moved.text).sorted { $0.lexicographicallyPrecedes($1) }
      #expect(heard == expected, "\(text)\n\(moved.text)")
    }
  }

  @Test func `a transposed tune is respelled in its new key, chord symbols too`() {
    let moved = TuneTransform.transpose(
      "M:4/4\nL:1/8\nK:D\n\"D\"F2 \"A7/C#\"^G=c|\"Bm\"B,,d'|\n", semitones: 1)
    #expect(moved.text == "M:4/4\nL:1/8\nK:Eb\n\"Eb\"G2 \"Bb7/D\"=A_d|\"Cm\"C,e'|\n")
    #expect(TuneTransform.transpose("K:Ador\nA^G|", semitones: -2).text == "K:Gdor\nG^F|")
    #expect(TuneTransform.transpose("K:D =c\nFc|", semitones: 7).text == "K:A =g\ncg|")
    #expect(TuneTransform.transpose("CEG|", semitones: 2).text == "K:D\nDFA|")
  }

  @Test func `there and back again is the same tune`() {
    for text in Tunes.own {
      let there = TuneTransform.transpose(text, semitones: 5).text
      #expect(Tunes.sound(TuneTransform.transpose(there, semitones: -5).text) == Tunes.sound(text))
    }
  }

  @Test func `steps of the scale keep the key`() {
    #expect(
      TuneTransform.transpose("K:G\n\"G\"GB^cd'|", steps: 2).text == "K:G\n\"Bm\"Bd^ef'|")
    #expect(TuneTransform.transpose("K:C\nC,B,cb|", steps: -1).text == "K:C\nB,,A,Ba|")
  }

  @Test func `an inversion mirrors the melody at its first note`() {
    #expect(TuneTransform.invert("K:C\nCDE^FG2|").text == "K:C\nCB,A,_G,F,2|")
    for text in Tunes.own {
      let twice = TuneTransform.invert(TuneTransform.invert(text).text).text
      #expect(Tunes.sound(twice) == Tunes.sound(text))
    }
  }

  @Test func `lengths are doubled and halved with their meter`() {
    let text = "M:4/4\nL:1/8\nK:C\nC2 D/E// [FA]3 z>G (3ABc|\n"
    let doubled = TuneTransform.stretch(text, by: Fraction(2))
    #expect(doubled.text == "M:4/2\nL:1/8\nK:C\nC4 DE/ [F2A2]3 z2>G2 (3A2B2c2|\n")
    #expect(
      TuneTransform.stretch(doubled.text, by: Fraction(1, 2)).text.hasSuffix(
        "C2 D/E/4 [FA]3 z>G (3ABc|\n"))
    for text in Tunes.own {
      let long = Tunes.sound(TuneTransform.stretch(text, by: Fraction(2)).text)
      #expect(long.map { $0[2] } == Tunes.sound(text).map { $0[2] })
      #expect(long.last?[1] == Tunes.sound(text).last.map { $0[1] * 2 })
    }
    let part = TuneTransform.stretch("K:C\nCDE|", by: Fraction(2), range: 5..<6)
    #expect(part.text == "K:C\nCD2E|")
  }

  @Test func `words go with their notes when repeats are written out`() {
    let text = """
      X:1
      T:Words below
      M:6/8
      L:1/8
      K:D
      |:"D"D2F "A7"ECA,|1 "G"G3 "A"A3:|2 "D"D6|]
      w:one two three four five|six seven|eight
      K:Em
      "Em"E2F G2E|E6|]
      w:nine and ten are|done

      """
    #expect(
      TuneTransform.unfold(text).text == """
        X:1
        T:Words below
        M:6/8
        L:1/8
        K:D
        "D"D2F "A7"ECA,|
        w:one two three four five
        "G"G3 "A"A3|
        w:six seven
        "D"D2F "A7"ECA,|
        w:one two three four five
        "D"D6|
        w:eight
        K:Em
        "Em"E2F G2E|E6|]
        w:nine and ten are done

        """)
  }

  @Test(arguments: [
    "|:C2 D2|E4:|\nw:A-ve Ma-|ri~a\nw:se-cond verse|here\n",
    "|:[CE]2 {d}D2|E2 z2|\nw:one two|three\nF4-|F4:|\nw:four _\n",
    "|:C4|1 D4:|2 E4|]\nw:a well\\-known|one\nw:b|two\n",
    "C2 \\\nD2|E4|\nw:one two three\n|:F4|G4:|\n",
  ])
  func `every syllable is sung as often as before`(music: String) {
    let text = "X:1\nT:t\nM:4/4\nL:1/4\nK:C\n" + music
    let flat = TuneTransform.unfold(text)
    let old = PlayedWords.all(of: ParsedTune(text: text))
    #expect(!old.isEmpty)
    #expect(PlayedWords.all(of: ParsedTune(text: flat.text)) == old)
    #expect(!flat.text.contains(":|"))
    #expect(!flat.text.contains("[K:"))
  }

  @Test(arguments: [[6, -6], [6, 6, -12], [1, -2, 1], [-1, 1], [11, -11]])
  func `transposing there and back gives the same text`(steps: [Int]) {
    let text = "X:1\nT:t\nM:4/4\nL:1/4\nK:Am\n\"Am\"A4|\"E7\"e4|\"G\"G4|\"F\"f4|\"Dm\"d4|\"C\"c4|\n"
    let back = steps.reduce(text) { TuneTransform.transpose($0, semitones: $1).text }
    #expect(back == text)
  }

  @Test func `an unfolded tune has no signs and sounds the same`() {
    for text in Tunes.all {
      let flat = TuneTransform.unfold(text)
      #expect(Tunes.sound(flat.text, jumps: false) == Tunes.sound(text, jumps: false), "\(text)")
      #expect(!flat.diagnostics.contains { $0.sentence.utf8Contains("unchanged") }, "\(text)")
      let music = ParsedTune(text: flat.text).script.voices.joined()
      #expect(!music.contains { if case .ending = $0.content { true } else { false } })
    }
  }

  @Test func `a folded tune sounds the same and is shorter`() {
    let flat =
      "X:1\nM:4/4\nL:1/4\nK:C\nCDEF|GABc|CDEF|GABc|c2d2|e2f2|g2a2|b4|c2d2|e2f2|g2a2|c'4|]\n"
    let folded = TuneTransform.fold(flat)
    #expect(folded.text.utf8Contains("|:CDEF|GABc:|"))
    #expect(folded.text.utf8Contains("|1 b4:|2 c'4|"))
    #expect(Tunes.sound(folded.text) == Tunes.sound(flat))
    for text in Tunes.all {
      #expect(
        Tunes.sound(TuneTransform.fold(text).text, jumps: false)
          == Tunes.sound(text, jumps: false), "\(text)")
    }
  }

  static let ofSeveralVoices = [
    "X:1\nM:4/4\nL:1/8\nV:1\nV:2 clef=bass\nK:G\nV:1\n|:G2B2 d2g2|f4 [df]4|1 g8:|2 g4 G4||\n"
      + "w: la la\nV:2\n|:G,4 D,4|D,,8|1 G,,8:|2 G,,8||\nV:1\na4 [K:D]f4|c8|]\nV:2\nA,8|[K:D]C,8|]\n",
    "X:2\nP:AAB\nM:3/4\nL:1/4\nK:C\nP:A\n[V:T] GAB|[V:B] C2D|\n[V:T] c2d|[V:B] E3|\n"
      + "P:B\n[V:T] e-e2|[V:B] z3|\n",
    // Only the first voice says what is repeated; the second has a program and another meter.
    "X:3\nM:2/4\nL:1/8\nK:C\nV:1\n|:CDEF|G4:|\nM:3/4\ncdefga|\n"
      + "V:2\n%%MIDI program 40\nC,4|E,4|\nM:3/4\nC,6|\n",
  ]

  /// The same with the voice that each note belongs to.
  private func parts(_ text: String) -> [[Int]] {
    ParsedTune(text: text).performance(.plain).notes.map {
      [$0.track, $0.start.count, $0.end.count, $0.pitch.key]
    }
  }

  @Test(arguments: ofSeveralVoices)
  func `voices are unfolded and folded together`(text: String) {
    let flat = TuneTransform.unfold(text)
    #expect(flat.diagnostics.filter { $0.severity == .error } == [])
    #expect(!flat.text.utf8Contains(":|"))
    #expect(!flat.text.utf8Contains("P:"))
    #expect(parts(flat.text) == parts(text))
    let folded = TuneTransform.fold(flat.text)
    #expect(folded.diagnostics.filter { $0.severity == .error } == [])
    #expect(parts(folded.text) == parts(text))
  }

  @Test func `a section that two voices repeat gets its signs in both`() {
    let folded = TuneTransform.fold(
      TuneTransform.unfold(TransformTests.ofSeveralVoices[2]).text)
    #expect(folded.text.utf8Contains("|:CDEF|G4:|"))
    #expect(folded.text.utf8Contains("|:[I:MIDI program 40]C,4|E,4:|"))
    #expect(ParsedTune(text: folded.text).performance().tracks.map(\.program) == [0, 40])
  }

  @Test func `voices are turned around together, and twice is the tune again`() {
    let turned = TuneTransform.retrograde(TransformTests.ofSeveralVoices[1])
    #expect(turned.text.utf8Contains("V:T\ne2-e|dc2|BAG|dc2|BAG|]"))
    #expect(turned.text.utf8Contains("V:B\nz3|E3|DC2|E3|DC2|]"))
    #expect(
      parts(TuneTransform.retrograde(turned.text).text)
        == parts(TransformTests.ofSeveralVoices[1]))
    let uneven = "L:1/4\nK:C\nV:1\nCDEF|\nV:2\nC2|\n"
    #expect(TuneTransform.retrograde(uneven).text == uneven)
  }

  @Test func `macros are written out before notes are moved`() {
    let text =
      "X:1\nM:4/4\nL:1/8\nm: ~G2 = {A}G{F}G\nm: n3 = (3n/o/n/ n2\nK:D\n~G2A2 d3 e|g4 ~G2 z2|]\n"
    let moved = TuneTransform.transpose(text, semitones: 2)
    #expect(
      Tunes.sound(moved.text) == Tunes.sound(text).map { [$0[0], $0[1], $0[2] + 2] })
    #expect(!moved.text.utf8Contains("m:"))
    #expect(moved.text.utf8Contains("{B}A{G}AB2 (3e/f/e/ e2 f|"))
    let back = TuneTransform.transpose(moved.text, semitones: -2)
    #expect(Tunes.sound(back.text) == Tunes.sound(text))
    #expect(TuneTransform.transpose(text, steps: 7).text.utf8Contains("{a}g{f}ga2"))
    #expect(TuneTransform.retrograde(text).text.utf8Contains("z2"))
  }

  @Test func `a retrograde plays the notes from the last to the first`() {
    let turned = TuneTransform.retrograde("M:4/4\nL:1/8\nK:D\nF2 ^G/A/ (3Bcd e2|f4- f2 z2|]\n")
    let original = Tunes.sound("M:4/4\nL:1/8\nK:D\nF2 ^G/A/ (3Bcd e2|f4- f2 z2|]\n")
    #expect(Tunes.sound(turned.text).map { $0[2] } == original.reversed().map { $0[2] })
    #expect(
      Tunes.sound(turned.text).map { $0[1] - $0[0] } == original.reversed().map { $0[1] - $0[0] })
    let twice = TuneTransform.retrograde(TuneTransform.retrograde(Tunes.own[4]).text).text
    #expect(Tunes.sound(twice) == Tunes.sound(Tunes.own[4]))
  }

  @Test(arguments: RobustnessTests.absurd)
  func `transforms of absurd text neither crash nor hang`(text: String) {
    for whole in [text, "X:1\nM:4/4\nL:1/8\nK:D\n" + text] {
      _ = TuneTransform.transpose(whole, semitones: 3)
      _ = TuneTransform.transpose(whole, steps: -3)
      _ = TuneTransform.invert(whole)
      _ = TuneTransform.stretch(whole, by: Fraction(2))
      _ = TuneTransform.fold(whole)
      _ = TuneTransform.retrograde(whole)
      _ = ABCWriter.canonical(whole)
    }
  }
}

@Suite struct ABCWriterTests {
  @Test func `the canonical form sounds the same and is stable`() {
    for text in Tunes.all + [IncrementalTuneTests.reel] {
      let written = ABCWriter.canonical(text)
      #expect(Tunes.sound(written) == Tunes.sound(text), "\(text)")
      #expect(ABCWriter.canonical(written) == written)
      #expect(
        ParsedTune(text: written).chordSymbols.map(\.text)
          == ParsedTune(text: text).chordSymbols.map(\.text))
    }
  }

  @Test func `spelling is made shortest and blanks even`() {
    let written = ABCWriter.canonical(
      "K: D % two sharps\nL:1/8\nX: 1\nT:  A tune \nCD`E  C' c,2/4 | A1 B3/1:||: [ce]4/2 z1/2 :|\n")
    #expect(written.hasSuffix("\n"))
    let music = ABCWriter.canonical(
      "X: 1\nL:1/8\nT:  A tune \nK: D\nCD`E  C' c,/2 | A1 B3/1:||: [ce]4/2 z1/2 :|\n")
    #expect(music == "X:1\nT:A tune\nL:1/8\nK:D\nCDE c C/|A B3::[ce]2 z/:|\n")
  }
}
