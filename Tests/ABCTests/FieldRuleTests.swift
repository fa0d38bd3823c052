import Testing

@testable import ABC

@Suite struct FieldRuleTests {
  static let keys: [(String, String)] = [
    ("C", "60 62 64 65 67 69 71"), ("D", "61 62 64 66 67 69 71"), ("Dmaj", "61 62 64 66 67 69 71"),
    ("D Major", "61 62 64 66 67 69 71"), ("Dm", "60 62 64 65 67 69 70"),
    ("Ddor", "60 62 64 65 67 69 71"), ("D dorian", "60 62 64 65 67 69 71"),
    ("GMix", "60 62 64 65 67 69 71"), ("Bb", "60 62 63 65 67 69 70"),
    ("F#m", "61 62 64 66 68 69 71"), ("ELyd", "61 63 64 66 68 70 71"),
    ("APhr", "60 62 64 65 67 69 70"), ("BLoc", "60 62 64 65 67 69 71"),
    ("Cb", "59 61 63 64 66 68 70"), ("C#", "61 63 65 66 68 70 72"),
    ("AMINOR", "60 62 64 65 67 69 71"), ("AAeolian", "60 62 64 65 67 69 71"),
    ("GIon", "60 62 64 66 67 69 71"), ("HP", "61 62 64 66 67 69 71"),
    ("Hp", "61 62 64 66 67 69 71"), ("none", "60 62 64 65 67 69 71"),
    ("", "60 62 64 65 67 69 71"), ("D exp _b _e ^f", "60 62 63 66 67 69 70"),
    ("D =c ^g", "60 62 64 66 68 69 71"), ("Am ^f ^g", "60 62 64 66 68 69 71"),
    ("D exp", "60 62 64 65 67 69 71"), ("clef=bass", "60 62 64 65 67 69 71"),
    ("G clef=treble", "60 62 64 66 67 69 71"), ("bass", "60 62 64 65 67 69 71"),
    ("D bass-8", "49 50 52 54 55 57 59"), ("C treble-8", "48 50 52 53 55 57 59"),
    ("C clef=treble+8", "72 74 76 77 79 81 83"), ("C octave=1", "72 74 76 77 79 81 83"),
    ("C transpose=2", "62 64 66 67 69 71 73"), ("C t=-2", "58 60 62 63 65 67 69"),
    ("C middle=d", "60 62 64 65 67 69 71"),
  ]

  @Test(arguments: keys)
  func `a key field gives its scale`(key: String, scale: String) {
    let tune = ParsedTune(text: "X:1\nL:1/8\nK:\(key)\nCDEFGAB|")
    #expect(tune.notes.map { "\($0.pitch?.key ?? -1)" }.joined(separator: " ") == scale)
    #expect(!tune.diagnostics.contains { $0.severity == .warning })
  }

  static let tempos: [(String, Double?)] = [
    ("1/4=96", 96), ("3/8=80", 120), ("1/2=60", 120), ("1/4 3/8 1/4 3/8=40", 200),
    ("\"Allegro\" 1/4=90", 90), ("1/4=90 \"Slowly\"", 90), ("\"Allegro\"", 120), ("120", 60),
    ("\"Adagio\"", 59), ("C=100", 50), ("C3=40", 60), ("rubbish", nil), ("1/4=0", nil),
    ("1/0=10", nil), ("99999999999", 4000),
  ]

  @Test(arguments: tempos)
  func `a tempo field gives quarter notes a minute`(field: String, quarters: Double?) {
    let tune = ParsedTune(text: "X:1\nL:1/8\nQ:\(field)\nK:C\nC|")
    #expect(tune.header.quartersPerMinute == quarters)
  }

  @Test(arguments: [
    ("4/4", 4, 4), ("C", 4, 4), ("C|", 2, 2), ("6/8", 6, 8), ("(2+3+2)/8", 7, 8), ("2+3/8", 5, 8),
    ("none", 0, 4), ("", 0, 4), ("3/4+2/4", 5, 4),
  ])
  func `a meter is read`(text: String, beats: Int, unit: Int) {
    let meter = Meter(text)
    #expect(meter?.beats == beats)
    #expect(meter?.unit == unit)
  }

  @Test(arguments: ["x", "4/", "/4", "4/0", "0/4", "9999999999/8", "4/4x"])
  func `what is no meter is refused`(text: String) {
    #expect(Meter(text) == nil)
  }

  static let fields = [
    Rule("inline fields", "C[L:1/4]C[K:D]F[M:3/4]z[r:a remark]C|", "60:1/2 60:1 66:1 r:1 61:1"),
    Rule("a field on its own line", "F|\nK:D\nF|", "65:1/2 66:1/2"),
    Rule("an unknown field is no music", "C|\nY: CDEF\nJ:x\nD|", "60:1/2 62:1/2"),
    Rule("comments", "C % D E\n%F\nG|", "60:1/2 67:1/2"),
    Rule("a continued line", "C\\\nD\\ % so\nE|", "60:1/2 62:1/2 64:1/2"),
    Rule("an empty line ends the tune", "C|\n\nD|", "60:1/2"),
    Rule("old line breaks", "CD!\nEF$GA|", "60:1/2 62:1/2 64:1/2 65:1/2 67:1/2 69:1/2"),
    Rule("I:linebreak !", "I:linebreak !\nC!D!E|", "60:1/2 62:1/2 64:1/2"),
    Rule("reserved signs", "C#*;?@D|", "60:1/2 62:1/2"),
    Rule("back quotes", "C`D``E|", "60:1/2 62:1/2 64:1/2"),
    Rule("a field continued", "C|\nw: la\n+: la\nD|", "60:1/2 62:1/2"),
    Rule(
      "decorations", "!trill!C+fermata+D.E~FuGvAHB|",
      "60:1/2 62:1/2 64:1/2 65:1/2 67:1/2 69:1/2 71:1/2"),
    Rule("text in quotes", "\"Am\"C\"^up\"D\"@1,2 here\"E|", "60:1/2 62:1/2 64:1/2"),
    Rule("U: makes a letter a sign", "U:W=!trill!\nWCD|", "60:1/2 62:1/2"),
    Rule("a macro", "m:~G2=G{A}GG\n~G2C|", "67:1/2 67:1/2 67:1/2 60:1/2"),
    Rule(
      "a macro that transposes", "m:~n2=n/o/n/m/\n~c2~D2|",
      "72:1/4 74:1/4 72:1/4 71:1/4 62:1/4 64:1/4 62:1/4 60:1/4"),
    Rule("%%MIDI transpose", "%%MIDI transpose 2\nC%%\n|", "62:1/2"),
    Rule("text blocks", "C|\n%%begintext\nDEF\n%%endtext\nG|", "60:1/2 67:1/2"),
    Rule("a letter and a repeat sign are music", "E|\nC:|", "64:1/2 60:1/2 64:1/2 60:1/2"),
    Rule("slurs", "(C(DE)F)|.(GA)|", "60:1/2 62:1/2 64:1/2 65:1/2 67:1/2 69:1/2"),
  ]

  static let voices = [
    Rule("on lines", "V:1\nC|\nV:2\nC,|\nV:1\nD|\nV:2\nD,|", "60:1/2 62:1/2 & 48:1/2 50:1/2"),
    Rule("inline", "[V:1]C|[V:2]C,|\n[V:1]D|[V:2]D,|", "60:1/2 62:1/2 & 48:1/2 50:1/2"),
    Rule(
      "declared in the header", "V:T\nV:B clef=bass octave=-1\nK:C\n[V:T]C|\n[V:B]C|",
      "60:1/2 & 48:1/2"),
    Rule("own unit, meter and key", "V:1\nV:2\nK:C\nV:1\n[L:1/4][K:D]F|\nV:2\nF2|", "66:1 & 65:1"),
    Rule("overlay", "C2D2&E4|F|", "60:1 62:1 65:1/2 & 64:2"),
    Rule("two overlays", "C4&E4&G4|F|", "60:2 65:1/2 & 64:2 & 67:2"),
    Rule("an overlay of two bars", "C8|D8|&&E8|F8|G8|", "60:4 62:4 67:4 & 64:4 65:4"),
    Rule("an overlay has its own accidentals", "^C4&C4|", "61:2 & 60:2"),
    Rule("a tie passes an overlay", "C8-&E8|C8|", "60:8 & 64:4"),
  ]

  @Test(arguments: fields + voices)
  func `a field does what it says`(rule: Rule) {
    #expect(Heard(tune: ParsedTune(text: rule.text)) == Heard(expected: rule.heard))
  }
}
