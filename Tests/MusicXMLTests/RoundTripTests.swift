import ABC
import Music
import Testing

@testable import MusicXML

/// What a listener hears of a tune.
struct Heard: Equatable {
  struct Note: Equatable, Comparable, CustomStringConvertible {
    var start: Int
    var end: Int
    var key: Int
    static func < (left: Note, right: Note) -> Bool {
      (left.start, left.key, left.end) < (right.start, right.key, right.end)
    }
    var description: String { "\(key)@\(start)-\(end)" }
  }
  var notes: [Note]
  var tempos: [String]
  var lyrics: [String]

  init(_ text: String) {
    let performance = ParsedTune(text: text).performance()
    notes = performance.notes.map {
      Note(start: $0.start.count, end: $0.end.count, key: $0.pitch.key)
    }.sorted()
    tempos = performance.tempos.map { "\($0.at.count): \(($0.quartersPerMinute * 10).rounded())" }
    lyrics = performance.lyrics.map { "\($0.at.count) \($0.text)" }.sorted()
  }
}

func xml(_ text: String) -> String {
  ScoreFile.document(of: ParsedTune(text: text), text: Array(text.utf8)).text
}

/// A tune through a file and back.
func back(_ text: String) throws -> String { try ScoreFile.abc(Array(xml(text).utf8)).text }

@Suite struct RoundTripTests {
  static let head = "X:1\nT:Try\nM:4/4\nL:1/8\nQ:1/4=100\nK:D\n"

  @Test(arguments: [
    "DEFG ABcd|e2d2 c4|]",
    "A>B c<d e3f|(3ABc (3d2e2f2 z2|(5ABcde f3|]",
    "[M:6/8](2AB (4ABcd|(3:2:4A2BBc d2|]",
    "^F=F_B A-|A4- A/2B/2 c3|^c-|c2 =c6|]",
    "[FAd]2 [F-A-d]2|[FA]2 [DF]4|]",
    "{c}d2 {cBA}B2 {^g}a4|]",
    "|:D4 E4|F4 G4:|\nA4 B4|1 c8:|2 d8|]",
    "|:D4|F4|[1,3 A8:|[2 B8::e4|f4:|",
    "D4::E4:|F4|::G8::|",
    "A2|:DEFG ABcd|e6:|f2|g8|]",
    "\"D\"D4\"A7/C#\"E4|\"Bm7b5\"F4\"N.C.\"G4|\"G7sus4\"z8|\"^words\"A8|]",
    "Z4|D8|Z|]",
    "D2 [K:Edor]F2 [M:3/4]G2|A6|[K:Gm]B6|[Q:3/8=60]A6|[K:C exp ^f _b]F2 B2 c2|]",
    ".A~B TcHd|!>!e !tenuto!f !turn!g2 !mordent!a4|!arpeggio![DFA]8|]",
    "!segno!D8|E8!coda!|F8!D.S.alcoda!|!coda!G8|]",
    "D8|!fine!E8|F8!D.C.alfine!|]",
    "(AB cd)(ef)(gf)|A8|]",
    "A5 B3|d7 e|(3:2:2A5B1 z4|]",
    "A4 B4&D8|[DF]4 G4&&x8|A,8|]",
    "!p!A4!ff!B4|!<(!cdef!<)!g4|]",
    "Hel4 x4|]",
    "A,,4 c''4|_e'=e' ^^f __b c4|]",
    "d2-dc d2-|dcBA- A4|]",
    "A B c d e f g a|b3/2a/2 g3/4f/4 e//d// c2|]",
  ])
  func `a tune sounds the same after a file has been written and read`(music: String) throws {
    let text = RoundTripTests.head + music + "\n"
    let again = try back(text)
    #expect(Heard(again) == Heard(text), "\(again)")
  }

  @Test func `voices, their instruments and their keys come back`() throws {
    let text = """
      X:7
      T:Two
      M:3/4
      L:1/4
      V:1 name="Fiddle"
      V:2 name="Cello" clef=bass
      K:G
      V:1
      %%MIDI program 40
      GAB|d2B|A3|]
      V:2
      G,3|B,2G,|D,3|]
      """
    #expect(try Heard(back(text)) == Heard(text))
    let tune = ParsedTune(text: try back(text))
    #expect(tune.voices.map(\.name) == ["Fiddle", "Cello"])
    #expect(tune.header.number == 7)
    #expect(tune.performance().tracks.first?.program == 40)
  }

  @Test func `words come back verse by verse`() throws {
    let text =
      RoundTripTests.head
      + "|:ABcd e2d2|c8:|\nw: one two-three_ four five six sev-en\nw: un deux trois * quatre cinq\nA8|]\nw: end\n"
    #expect(try Heard(back(text)).lyrics == Heard(text).lyrics)
    #expect(Heard(text).lyrics.count > 8)
  }

  @Test(arguments: ["D", "Edor", "Amix", "F#m", "Bb", "Glyd", "Ephr", "Bloc", "C", "Abm"])
  func `a key keeps its tonic and its mode`(key: String) throws {
    let text = "X:1\nT:K\nM:4/4\nL:1/8\nK:\(key)\nABcd|]\n"
    #expect(ParsedTune(text: try back(text)).header.key == key)
  }

  @Test func `title, composer and rhythm come back`() throws {
    let text =
      "X:3\nT:A & <B> \"C\"\nT:Second\nC:Who\nR:jig\nZ:Scribe\nM:6/8\nL:1/8\nK:G\nGAB c3|]\n"
    let header = ParsedTune(text: try back(text)).header
    #expect(header.titles == ["A & <B> \"C\"", "Second"])
    #expect(header.composer == "Who")
    #expect(header.rhythm == "jig")
    #expect(header.transcriptions == ["Scribe"])
  }
}
