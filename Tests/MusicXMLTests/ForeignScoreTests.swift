import ABC
import Testing

@testable import MusicXML

/// Scores as other programs write them.
@Suite struct ForeignScoreTests {
  /// A part with these measures, four divisions to a quarter.
  private func score(_ measures: String, parts: String = "") throws -> String {
    let head =
      "<score-partwise><part-list><score-part id=\"P1\"><part-name/></score-part>\(parts)</part-list>"
      + "<part id=\"P1\">"
    let attributes =
      "<attributes><divisions>4</divisions><key><fifths>1</fifths><mode>major</mode></key>"
      + "<time><beats>2</beats><beat-type>4</beat-type></time></attributes>"
    let text =
      head + measures.replacing("ATTRIBUTES", with: attributes) + "</part></score-partwise>"
    return try ScoreFile.abc(Array(text.utf8)).text
  }

  private func note(_ step: String, _ duration: Int, _ more: String = "") -> String {
    "<note><pitch><step>\(step)</step><octave>4</octave></pitch><duration>\(duration)</duration>"
      + "\(more)</note>"
  }

  private func music(_ text: String) -> [Substring] {
    text.split(separator: "\n").filter { !"XTMLKQVCRZ%w".contains($0.first ?? "X") }
  }

  @Test func `a chord that changes within a note cuts it with a tie`() throws {
    let harmony = { (root: String, kind: String) in
      "<harmony><root><root-step>\(root)</root-step></root><kind>\(kind)</kind><offset>"
    }
    let text = try score(
      "<measure number=\"1\">ATTRIBUTES" + harmony("G", "major") + "0</offset></harmony>"
        + harmony("D", "dominant") + "4</offset></harmony>" + note("G", 8) + "</measure>")
    #expect(music(text) == ["\"G\"G2- \"D7\"G2|"])
  }

  @Test func `a chord note without a voice belongs to the note before it`() throws {
    let chord =
      "<note><chord/><pitch><step>B</step><octave>4</octave></pitch><duration>8</duration></note>"
    let text = try score(
      "<measure number=\"1\">ATTRIBUTES" + note("D", 8, "<voice>1</voice>")
        + "<backup><duration>8</duration></backup>" + note("G", 8, "<voice>2</voice>") + chord
        + "</measure>")
    #expect(music(text) == ["D4 & [GB]4|"])
  }

  @Test func `rests of other parts make no measure longer than its notes`() throws {
    let rest = "<note><rest/><duration>8</duration><voice>1</voice></note>"
    let part = "<score-part id=\"P2\"><part-name/></score-part>"
    let text = try score(
      "<measure number=\"0\">ATTRIBUTES" + note("G", 4) + "</measure><measure number=\"1\">"
        + note("A", 8) + "</measure></part><part id=\"P2\"><measure number=\"0\">ATTRIBUTES" + rest
        + "</measure><measure number=\"1\">" + rest + rest + "</measure>", parts: part)
    #expect(music(text) == ["[V:1]G| A2|", "[V:2]z| z2|"])
  }

  @Test func `a sign set behind the measure's end stands at its end`() throws {
    let text = try score(
      "<measure number=\"1\">ATTRIBUTES" + note("G", 8)
        + "<direction><direction-type><segno/></direction-type><offset>16</offset></direction>"
        + "</measure><measure number=\"2\">" + note("A", 8) + "</measure>")
    #expect(music(text) == ["G4!segno!| A4|"])
  }

  @Test func `two staves of a piano become two voices, two voices of a staff an overlay`() throws {
    let text = try score(
      "<measure number=\"1\">ATTRIBUTES<attributes><staves>2</staves></attributes>"
        + note("G", 8, "<voice>1</voice><staff>1</staff>")
        + "<backup><duration>8</duration></backup>"
        + note("E", 8, "<voice>2</voice><staff>1</staff>")
        + "<backup><duration>8</duration></backup>"
        + note("C", 8, "<voice>5</voice><staff>2</staff>") + "</measure>")
    #expect(text.contains("[V:1]G4 & E4|") && text.contains("[V:2]C4|"))
    #expect(ParsedTune(text: text).diagnostics.isEmpty)
  }

  @Test func `accidentals are written where a reader needs them`() throws {
    let sharp =
      "<note><pitch><step>C</step><alter>1</alter><octave>4</octave></pitch><duration>2</duration></note>"
    let text = try score(
      "<measure number=\"1\">ATTRIBUTES" + sharp + sharp + note("C", 2) + note("F", 2)
        + "</measure>"
        + "<measure number=\"2\">" + note("C", 8) + "</measure>")
    #expect(music(text) == ["^CC =C=F| C4|"])
  }

  @Test func `repeats, endings and their numbers stand at their bars`() throws {
    let text = try score(
      "<measure number=\"1\">ATTRIBUTES<barline location=\"left\"><repeat direction=\"forward\"/></barline>"
        + note("G", 8) + "</measure><measure number=\"2\"><barline location=\"left\">"
        + "<ending number=\"1,2\" type=\"start\"/></barline>" + note("A", 8)
        + "<barline location=\"right\"><ending number=\"1,2\" type=\"stop\"/>"
        + "<repeat direction=\"backward\" times=\"3\"/></barline></measure>"
        + "<measure number=\"3\"><barline location=\"left\"><ending number=\"3\" type=\"start\"/></barline>"
        + note("B", 8) + "<barline><bar-style>light-heavy</bar-style></barline></measure>")
    #expect(music(text) == ["|:G4| [1,2 A4::| [3 B4|]"])
  }

  @Test func `what is not taken over is counted`() throws {
    let quarter =
      "<note><pitch><step>C</step><alter>0.5</alter><octave>4</octave></pitch><duration>4</duration></note>"
    let head = "<score-partwise><part id=\"P1\"><measure number=\"1\">"
    let read = try ScoreFile.abc(
      Array((head + quarter + quarter + "</measure></part></score-partwise>").utf8))
    #expect(read.remarks == ["quarter tones (2) are not taken over."])
  }

  @Test func `a score by time is read like one by parts`() throws {
    let text =
      "<score-timewise><part-list><score-part id=\"P1\"><part-name>A</part-name></score-part>"
      + "<score-part id=\"P2\"><part-name>B</part-name></score-part></part-list>"
      + "<measure number=\"1\"><part id=\"P1\"><attributes><divisions>1</divisions></attributes>"
      + note("G", 4) + "</part><part id=\"P2\"><attributes><divisions>1</divisions></attributes>"
      + note("C", 4) + "</part></measure></score-timewise>"
    let tune = ParsedTune(text: try ScoreFile.abc(Array(text.utf8)).text)
    #expect(tune.voices.map(\.name) == ["A", "B"])
    #expect(tune.notes.compactMap(\.pitch?.key) == [67, 60])
  }
}
