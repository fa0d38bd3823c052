import Testing

@testable import ABC

@Suite struct KeyFieldTests {
  /// The letters C D E F G A B of a signature as -2...2.
  private func signs(_ text: String) -> [Int]? {
    KeyField(text).signature.map { signature in
      (0..<7).map { Int(signature.alterations[$0]) }
    }
  }

  @Test(arguments: [
    ("D^g_b", [1, 0, 0, 1, 1, 0, -1]), ("D ^g _b", [1, 0, 0, 1, 1, 0, -1]),
    ("Dm^c", [1, 0, 0, 0, 0, 0, -1]), ("D m ^c", [1, 0, 0, 0, 0, 0, -1]),
    ("D=c", [0, 0, 0, 1, 0, 0, 0]), ("Bb^f", [0, 0, -1, 1, 0, 0, -1]),
    ("D_B", [1, 0, 0, 1, 0, 0, -1]), ("G=f", [0, 0, 0, 0, 0, 0, 0]),
    ("G =f", [0, 0, 0, 0, 0, 0, 0]), ("Dmix^g", [0, 0, 0, 1, 1, 0, 0]),
    ("Dmixolydian^g=c", [0, 0, 0, 1, 1, 0, 0]), ("Ador ^^f", [0, 0, 0, 2, 0, 0, 0]),
    ("D exp^c^f", [1, 0, 0, 1, 0, 0, 0]), ("Dexp^c", [1, 0, 0, 0, 0, 0, 0]),
    ("D exp _b ^f", [0, 0, 0, 1, 0, 0, -1]), ("Am=c clef=bass", [0, 0, 0, 0, 0, 0, 0]),
    ("F#m", [1, 0, 0, 1, 1, 0, 0]), ("F# minor", [1, 0, 0, 1, 1, 0, 0]),
    ("F♯m", [1, 0, 0, 1, 1, 0, 0]), ("B♭", [0, 0, -1, 0, 0, 0, -1]),
    ("Bflat major", [0, 0, -1, 0, 0, 0, -1]), ("B flat", [0, 0, -1, 0, 0, 0, -1]),
    ("am", [0, 0, 0, 0, 0, 0, 0]), ("g", [0, 0, 0, 1, 0, 0, 0]),
    ("none ^f", [0, 0, 0, 1, 0, 0, 0]),
    ("HP", [1, 0, 0, 1, 0, 0, 0]), ("Hp clef=treble", [1, 0, 0, 1, 0, 0, 0]),
    ("^f_b", [0, 0, 0, 1, 0, 0, -1]), ("  D  ", [1, 0, 0, 1, 0, 0, 0]),
    ("", [0, 0, 0, 0, 0, 0, 0]),
    ("Bbdorian=e", [0, -1, 0, 0, 0, -1, -1]),
  ])
  func `tonic, mode and accidentals are read with blanks or without`(text: String, signs: [Int]) {
    #expect(self.signs(text) == signs)
    #expect(KeyField(text).unknown.isEmpty)
  }

  @Test(arguments: [
    ("Gmtreble-8", "Gm", -1), ("Dmixclef=bass", "Dmix", 0), ("Dtreble+8", "D", 1),
    ("Bbass", "B", 0), ("Bbbass-8", "Bb", -1), ("D^fclef=bass", "D", 0),
    ("Dm octave=-1 clef=treble_8", "Dm", 0), ("clef=alto", "", 0), ("bass", "", 0),
    ("treble-8", "", -1),
  ])
  func `a clef may be glued to the key`(text: String, name: String, octave: Int) {
    let field = KeyField(text)
    #expect(field.name == name)
    #expect(field.sound.clefOctave == octave)
    #expect(field.unknown.isEmpty)
  }

  @Test func `middle, octave and transpose stand beside the key without blanks between them`() {
    let field = KeyField("D m=B octave=-1 transpose=2 stafflines=1")
    #expect(field.name == "D")
    #expect(field.sound.octave == -1 && field.sound.transpose == 2)
    #expect(field.unknown.isEmpty)
  }

  @Test(arguments: [
    ("Dmyx", "D", "myx"), ("D/G", "D", "/G"), ("D mayor", "D", "mayor"), ("Dm!", "Dm", "!"),
    ("C clef=trebel", "C", "clef=trebel"), ("C trebel", "C", "trebel"),
    ("C ocatve=1", "C", "ocatve=1"),
  ])
  func `what is not clear is named, and the rest holds`(text: String, name: String, unknown: String)
  {
    #expect(KeyField(text).name == name)
    #expect(KeyField(text).unknown == [unknown])
  }

  @Test(arguments: [
    ("K:Dmyx", "“myx” (did you mean “mix”?)"), ("K:D/G", "“/G”; it is ignored"),
    ("K:C clef=trebel", "“clef=trebel” (did you mean “clef=treble”?)"),
    ("K:C clef=bas3", "“clef=bas3” (did you mean “clef=bass3”?)"),
    ("K:C ocatve=1", "“ocatve=1” (did you mean “octave=1”?)"),
    ("K:C perk", "“perk” (did you mean “perc”?)"),
    ("V:1 clef=tennor\nK:C", "“clef=tennor” (did you mean “clef=tenor”?)"),
  ])
  func `the nearest valid word is offered`(fields: String, part: String) {
    let tune = ParsedTune(text: "X:1\nM:4/4\nL:1/4\n" + fields + "\nFcFc|\n")
    #expect(tune.diagnostics.map(\.severity) == [.warning])
    #expect(
      tune.diagnostics.first.map { $0.sentence.utf8Contains(part) } == true, "\(tune.diagnostics)")
  }

  @Test func `an inline key without a blank changes what follows`() {
    let tune = ParsedTune(text: "X:1\nM:4/4\nL:1/4\nK:F\nEFBc|[K:Bb^f]EFBc|\n")
    #expect(tune.notes.compactMap { $0.pitch?.key } == [64, 65, 70, 72, 63, 66, 70, 72])
    #expect(tune.diagnostics.isEmpty)
  }
}
