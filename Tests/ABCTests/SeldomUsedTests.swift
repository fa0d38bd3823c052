import Testing

@testable import ABC

/// Constructs of the standard that tunes seldom use, each with the notes that follow from its text.
@Suite struct SeldomUsedTests {
  static let accidentals = [
    Rule("accidental octave (§4.2)", "^Ff,F'|F|", "66:1/2 66:1/2 78:1/2 65:1/2"),
    Rule("accidental not (§11.3)", "%%propagate-accidentals not\nK:C\n^FF|", "66:1/2 65:1/2"),
    Rule("accidental natural (§4.2)", "K:D\n=FF|F|", "65:1/2 65:1/2 66:1/2"),
    Rule("accidental repeat (§11.3)", "|:^F:|F|", "66:1/2 66:1/2 65:1/2"),
    Rule("accidental chord (§4.2)", "[^FA]F|", "[66,69]:1/2 66:1/2"),
    Rule("accidental doubled (§4.2)", "__B^^F|", "69:1/2 67:1/2"),
    Rule("accidental at a line end (§4.2)", "^F\nF|F", "66:1/2 66:1/2 65:1/2"),
    Rule("octave lower (§4.1)", "c,,C'''B,,,", "48:1/2 96:1/2 35:1/2"),
  ]

  static let ties = [
    Rule("tie accidental (§4.11)", "^F4-|F2F2|", "66:3 65:1"),
    Rule(
      "tie accidental twice (§4.11)", "^F4-|F2FF^FF|F", "66:3 65:1/2 65:1/2 66:1/2 66:1/2 65:1/2"),
    Rule("tie chain (§4.11)", "C-C-C D", "60:3/2 62:1/2"),
    Rule("tie chord (§4.11)", "[CE]-[CE][C-E-][CE]", "[60,64]:1 [60,64]:1"),
    Rule("tie line (§4.11)", "C-|\nC|", "60:1"),
    Rule("tie other (§4.11)", "C-D", "60:1/2 62:1/2"),
    Rule("tie repeat (§4.11)", "|:CD-:|D2|", "60:1/2 62:1/2 60:1/2 62:3/2"),
    Rule("tie ending (§4.11)", "|:C-|1C:|2C2|", "60:1 60:3/2"),
    Rule("tie partial (§4.11)", "[C-E]C|", "60:1 & 64:1/2"),
    Rule("broken 2 (§4.4)", "C>>D C<<D", "60:7/8 62:1/8 60:1/8 62:7/8"),
    Rule("broken rest (§4.4)", "C>z z<C", "60:3/4 r:1/4 r:1/4 60:3/4"),
    Rule("broken triplet (§4.4)", "(3C>DE", "60:1/2 62:1/6 64:1/3"),
    Rule("broken tie (§4.11)", "C>DD<-D", "60:3/4 62:1/4 62:1"),
    Rule("broken tied after it (§4.11)", "C>D-D<E", "60:3/4 62:1/2 64:3/4"),
    Rule("broken bar (§4.4)", "C>|D", "60:3/4 62:1/4"),
    Rule("slur (§4.11)", "(C(DE)F).(GA)", "60:1/2 62:1/2 64:1/2 65:1/2 67:1/2 69:1/2"),
    Rule("slur triplet (§4.11)", "((3CDE)F)", "60:1/3 62:1/3 64:1/3 65:1/2"),
  ]

  static let rhythm = [
    Rule("broken grace (§4.12)", "A>{g}B", "69:3/4 71:1/4"),
    Rule("rest x (§4.5)", "Cx2D", "60:1/2 r:1 62:1/2"),
    Rule("rest X (§4.5)", "C8|X2|D8|", "60:4 r:8 62:4"),
    Rule("rest Z change (§4.5)", "C|[M:3/4]Z|D", "60:1/2 r:3 62:1/2"),
    Rule(
      "tuplets (§4.13)", "(2CD(3CDE(4CDEF(7CDEFGAB(8CDEFGABc(9CDEFGABcd",
      "60:3/4 62:3/4 60:1/3 62:1/3 64:1/3 60:3/8 62:3/8 64:3/8 65:3/8 60:1/7 62:1/7 64:1/7 65:1/7 67:1/7 69:1/7 71:1/7 60:3/16 62:3/16 64:3/16 65:3/16 67:3/16 69:3/16 71:3/16 72:3/16 60:1/9 62:1/9 64:1/9 65:1/9 67:1/9 69:1/9 71:1/9 72:1/9 74:1/9"
    ),
    Rule(
      "tuplet 7 9/8 (§4.13)", "(7CDEFGAB",
      "60:3/14 62:3/14 64:3/14 65:3/14 67:3/14 69:3/14 71:3/14", header: "M:9/8\nL:1/8\n"),
    Rule(
      "tuplet changed (§4.13)", "C|[M:6/8](5CDEFG|",
      "60:1/2 60:3/10 62:3/10 64:3/10 65:3/10 67:3/10"),
    Rule("tuplet 3::4 (§4.13)", "(3::4CDEF", "60:1/3 62:1/3 64:1/3 65:1/3"),
    Rule("tuplet 3:2:2 (§4.13)", "(3:2:2C2D E", "60:2/3 62:1/3 64:1/2"),
    Rule("tuplet 3:: (§4.13)", "(3::CDE", "60:1/3 62:1/3 64:1/3"),
    Rule("tuplet chord rest (§4.13)", "(3[CE]zD", "[60,64]:1/3 r:1/3 62:1/3"),
    Rule("tuplet grace (§4.13)", "(3C{d}DE F", "60:1/3 62:1/3 64:1/3 65:1/2"),
    Rule("tuplet space (§4.13)", "(3 C D E", "60:1/3 62:1/3 64:1/3"),
    Rule("tuplet bar (§4.13)", "(3CD|E F", "60:1/3 62:1/3 64:1/3 65:1/2"),
    Rule("tuplet nested (§4.13)", "(3:2:4C(3DEFG", "60:1/3 62:2/9 64:2/9 65:2/9 67:1/2"),
    Rule("tuplet chordsym (§4.13)", "(3\"Am\"C\"^x\"D!trill!E", "60:1/3 62:1/3 64:1/3"),
    Rule("grace chord (§4.12)", "{[CE]d}C2{/ab}[EG]2", "60:1 [64,67]:1"),
    Rule("grace len (§4.12)", "{a2b/}C2D", "60:1 62:1/2"),
    Rule("grace tie (§4.12)", "C-{d}C", "60:1/2 60:1/2"),
    Rule(
      "length mix (§4.3)", "C//C3/2C/4C3/C///C6/4",
      "60:1/8 60:3/4 60:1/8 60:3/4 60:1/16 60:3/4"),
    Rule("y (§6.1.2)", "CyDy2Ey/F", "60:1/2 62:1/2 64:1/2 65:1/2"),
    Rule(
      "Z in voices (§4.5)", "V:1\nC6|Z|C6|\nV:2\nZ3|",
      "60:3 r:3 60:3", header: "M:3/4\nL:1/8\n"),
  ]

  static let chords = [
    Rule("chord 2 (§4.17)", "[C2E2]D [CE]/ [CE]3/2", "[60,64]:1 62:1/2 [60,64]:1/4 [60,64]:3/4"),
    Rule("chord space (§4.17)", "[ C E G ]", "[60,64,67]:1/2"),
    Rule("chord accidental oct (§4.17)", "[C,^E'g]", "[48,77,79]:1/2"),
    Rule("chord decoration (§4.17)", "!f![C!3!E]\"x\"[D.F]", "[60,64]:1/2 [62,65]:1/2"),
  ]

  static let repeats = [
    Rule("repeat thin (§4.8)", "C::D:|", "60:1/2 60:1/2 62:1/2 62:1/2"),
    Rule(
      "repeat spellings (§4.8)", "C:||:D:|E:|:F:||",
      "60:1/2 60:1/2 62:1/2 62:1/2 64:1/2 64:1/2 65:1/2 65:1/2"),
    Rule(
      "repeat bracket spellings (§4.8)", "[|:C:|]D[|E|]F||", "60:1/2 60:1/2 62:1/2 64:1/2 65:1/2"),
    Rule("repeat space (§4.8)", "|: C : | D", "60:1/2 62:1/2"),
    Rule(
      "repeat pickup (§4.8)", "C|DEFG:|",
      "60:1/2 62:1/2 64:1/2 65:1/2 67:1/2 60:1/2 62:1/2 64:1/2 65:1/2 67:1/2"),
    Rule("repeat last open (§4.8)", "|:C:|D", "60:1/2 60:1/2 62:1/2"),
    Rule(
      "endings list (§4.10)", "|:C[1,3D:|[2E:|[4F|]",
      "60:1/2 62:1/2 60:1/2 64:1/2 60:1/2 62:1/2 60:1/2 65:1/2"),
    Rule(
      "endings list2 (§4.10)", "|:C|1-2,4 D:|3 E|]",
      "60:1/2 62:1/2 60:1/2 62:1/2 60:1/2 64:1/2 60:1/2 62:1/2"),
    Rule("endings bracket space (§4.9)", "|:C| [1 D :| [2 E |]", "60:1/2 62:1/2 60:1/2 64:1/2"),
    Rule("endings second repeat (§4.10)", "|:C|1D:|2E:|F", "60:1/2 62:1/2 60:1/2 64:1/2 65:1/2"),
    Rule(
      "endings multi bar (§4.9)", "|:C|1D|E:|2F|G||A",
      "60:1/2 62:1/2 64:1/2 60:1/2 65:1/2 67:1/2 69:1/2"),
    Rule("endings without a start (§4.9)", "C|1D:|2E||", "60:1/2 62:1/2 60:1/2 64:1/2"),
    Rule(
      "endings then explicit (§4.9)", "|:C|1D:|2E|:F:|",
      "60:1/2 62:1/2 60:1/2 64:1/2 65:1/2 65:1/2"),
    Rule("bars dotted (§4.8)", "C.|D[|]E|[|F", "60:1/2 62:1/2 64:1/2 65:1/2"),
    Rule("bar ] (§4.8)", "C[||]D", "60:1/2 62:1/2"),
  ]

  static let parts = [
    Rule("parts simple (§3.1.9)", "P:A2B\nK:C\nP:A\nC|\nP:B\n|:D:|", "60:1/2 60:1/2 62:1/2 62:1/2"),
    Rule(
      "parts dots (§3.1.9)", "P:A.B.(AB)2\nK:C\nP:A\nC|\nP:B\nD|",
      "60:1/2 62:1/2 60:1/2 62:1/2 60:1/2 62:1/2"),
    Rule(
      "parts endings (§3.1.9)", "P:A4\nK:C\nP:A\nC[1D|[2E|[3F|[4G|]",
      "60:1/2 62:1/2 60:1/2 64:1/2 60:1/2 65:1/2 60:1/2 67:1/2"),
    Rule("parts none (§3.1.9)", "P:A\nC|\nP:B\nD|", "60:1/2 62:1/2"),
    Rule("parts key (§3.1.9)", "P:ABA\nK:C\nP:A\nF|\nP:B\nK:D\nF|", "65:1/2 66:1/2 65:1/2"),
    Rule(
      "tempo in P (§3.1.9)", "P:AA\nK:C\nP:A\n|:C|1D:|2E||",
      "60:1/2 62:1/2 60:1/2 64:1/2 60:1/2 62:1/2 60:1/2 64:1/2"),
  ]

  static let fields = [
    Rule("inline K repeat (§3.2)", "|:F|[K:D]F:|", "65:1/2 66:1/2 65:1/2 66:1/2"),
    Rule("inline many (§3.2)", "[L:1/4][K:G][M:3/4]F|[r:abc CDE]G", "66:1 67:1"),
    Rule("field L (§3.2)", "C|\nL:1/16\nC|", "60:1/2 60:1/4"),
    Rule("field M (§3.2)", "C|\nM:6/8\nZ|D", "60:1/2 r:3 62:1/2"),
    Rule(
      "words under the notes (§5)", "C D E|\nw: CDE do-re\n+: CDE more\ns: !p! ** !f!\nW: CDE\nF|",
      "60:1/2 62:1/2 64:1/2 65:1/2"),
    Rule("reserved (§8.1)", "C#D*E;F?G@A", "60:1/2 62:1/2 64:1/2 65:1/2 67:1/2 69:1/2"),
    Rule("comment (§2.2.5)", "CD % EF\n%GA\nE|", "60:1/2 62:1/2 64:1/2"),
    Rule("quoted percent (§2.2.5)", "\"50\\% x\"C D|", "60:1/2 62:1/2"),
    Rule("annot bar (§4.19)", "\"^a|b :| c\"C\"<x\"D|", "60:1/2 62:1/2"),
    Rule("line break by ! (§12.1.1)", "CD!\nEF|", "60:1/2 62:1/2 64:1/2 65:1/2"),
    Rule(
      "line break by ! inside a line (§12.1.1)", "I:linebreak !\nK:C\nCD!EF|",
      "60:1/2 62:1/2 64:1/2 65:1/2"),
    Rule("continued field (§2.2.6)", "CD\\\n%%foo\nw: ab cd\nEF|", "60:1/2 62:1/2 64:1/2 65:1/2"),
    Rule("continued comment (§2.2.6)", "CD\\ % c\nEF|", "60:1/2 62:1/2 64:1/2 65:1/2"),
    Rule("plus T (§3.3)", "N:abc\nK:C\n+:CDE\nK:C\nC|\n+:D", "60:1/2"),
    Rule("midi oct (§abcMIDI)", "%%MIDI program 5\n%%MIDI rtranspose 2\nK:C\nC|", "62:1/2"),
    Rule("empty ends (§2.2)", "C|\n\nD|", "60:1/2"),
    Rule("text block (§2.2)", "%%begintext\nK:C\nCDE\n%%endtext\nC|", "60:1/2"),
    Rule(
      "inline voice P (§3.2)", "[P:A]C|[P:B]D|[Q:1/4=90][I:MIDI program 3]E|",
      "60:1/2 62:1/2 64:1/2"),
    Rule("chord after K (§4)", "[K:G]F[K:Gmix]F", "66:1/2 65:1/2"),
  ]

  static let keys = [
    Rule(
      "key all (§3.1.14)", "K:Bb\nBE|[K:F#]E|[K:Cb]F|[K:C#]B",
      "70:1/2 63:1/2 65:1/2 64:1/2 72:1/2"),
    Rule(
      "key dor (§3.1.14)",
      "K:D dorian\nFC|[K:E DORIAN]F|[K:Flydian]B|[K:C ionian]B|[K:Am]G|[K:A Aeolian]F|[K:F#m]C",
      "65:1/2 60:1/2 66:1/2 71:1/2 71:1/2 67:1/2 65:1/2 61:1/2"),
    Rule("key exp (§3.1.14)", "K:D exp _b ^f\nFCB|", "66:1/2 60:1/2 70:1/2"),
    Rule("key mod (§3.1.14)", "K:D Phr ^f\nFEB|", "66:1/2 63:1/2 70:1/2"),
    Rule("key Hp (§3.1.14)", "K:Hp\nFCG|", "66:1/2 61:1/2 67:1/2"),
    Rule("key empty (§3.1.14)", "K:\nF|", "65:1/2"),
    Rule("key clef mid (§4.6)", "K:D\nF|[K:clef=bass]F|[K:treble]F", "66:1/2 66:1/2 66:1/2"),
    Rule("key treble 8 (§4.6)", "K:C treble-8\nC|", "48:1/2"),
    Rule("key octave (§4.6)", "K:C octave=-1\nC|", "48:1/2"),
    Rule("key bass (§4.6)", "K:C bass\nC,|", "48:1/2"),
    Rule("key middle (§4.6)", "K:C clef=bass middle=d\nD|", "62:1/2"),
    Rule("key t (§4.6)", "K:C t=12\nD|", "74:1/2"),
  ]

  static let voices = [
    Rule("voice lines (§7)", "V:1\nC|D|\nV:2\nC,|\nV:1\nE|", "60:1/2 62:1/2 64:1/2 & 48:1/2"),
    Rule(
      "voice header (§7)", "V:T clef=treble-8\nV:B clef=bass octave=-1\nK:C\nV:T\nC|\nV:B\nC|",
      "48:1/2 & 48:1/2"),
    Rule("voice key (§7)", "V:1\n[K:D]F|\nV:2\nF|", "66:1/2 & 65:1/2"),
    Rule(
      "voice repeats (§7)", "V:1\n|:C:|D\nV:2\n|:E:|F",
      "60:1/2 60:1/2 62:1/2 & 64:1/2 64:1/2 65:1/2"),
    Rule(
      "voice inline lines (§7)", "[V:1]C|D|\n[V:2]E|F|\n[V:1]G|\n[V:2]A|",
      "60:1/2 62:1/2 67:1/2 & 64:1/2 65:1/2 69:1/2"),
    Rule(
      "voice name (§7)", "V:1 name=\"A b\" snm=\"c\" stem=up\nV:2 nm=\"x\"\nK:C\nV:1\nC|\nV:2\nE|",
      "60:1/2 & 64:1/2"),
    Rule("overlay (§7.4)", "C4&E4|G4|", "60:2 67:2 & 64:2", header: "M:2/4\nL:1/8\n"),
    Rule("overlay first (§7.4)", "CD&E2|", "60:1/2 62:1/2 & 64:1", header: "M:2/4\nL:1/8\n"),
    Rule("overlay && (§7.4)", "C4|D4|&&E4|F4|", "60:2 62:2 & 64:2 65:2", header: "M:2/4\nL:1/8\n"),
    Rule("overlay accidental (§7.4)", "^F4&F4|", "66:2 & 65:2", header: "M:2/4\nL:1/8\n"),
  ]

  static let signs = [
    Rule("macro static (§9.1)", "m: ~G2 = {A}G{F}G\nK:C\n~G2G2|", "67:1/2 67:1/2 67:1"),
    Rule("macro name (§9)", "m: tr = CDE\nK:C\ntrG|", "60:1/2 62:1/2 64:1/2 67:1/2"),
    Rule(
      "macro transposing, with graces (§9.2)", "m: Hn = {n}n p\nK:C\nHC HD|",
      "60:1/2 64:1/2 62:1/2 65:1/2"),
    Rule("user (§4.16)", "U: W = !trill!\nU:h=!fermata!\nK:C\nWChD|", "60:1/2 62:1/2"),
    Rule("user nil (§4.16)", "U: T = !nil!\nK:C\nTC|", "60:1/2"),
    Rule(
      "decoration (§4.14)", ".C~DHELFMGOAPBScTdueve",
      "60:1/2 62:1/2 64:1/2 65:1/2 67:1/2 69:1/2 71:1/2 72:1/2 74:1/2 76:1/2 76:1/2"),
    Rule("decoration plus (§4.14)", "I:decoration +\nK:C\n+trill+C+f+D|", "60:1/2 62:1/2"),
  ]

  @Test(
    arguments: accidentals + ties + rhythm + chords + repeats + parts + fields + keys + voices
      + signs)
  func `what is seldom written is heard as the standard says`(rule: Rule) {
    #expect(Heard(tune: ParsedTune(text: rule.text)) == Heard(expected: rule.heard))
  }
}
