import Music
import Testing

@testable import ABC

/// Fields, labels and signs where one section ends and another begins.
@Suite struct SectionBorderTests {
  static let header = "X:1\nT:t\nM:4/4\nL:1/4\nK:C\n"

  private func performance(_ body: String) -> Performance {
    ParsedTune(text: Self.header + body).performance()
  }

  /// Moments in quarters.
  private func quarters(_ tick: Tick) -> Double { Double(tick.count) / Double(Tick.perQuarter) }

  @Test(arguments: [
    "Q:1/4=60\n|:CDEF:|\n", "[Q:1/4=60]|:CDEF:|\n", "[Q:1/4=60][|:CDEF:|\n",
    "|:[Q:1/4=60]CDEF:|\n", "%%text x\nQ:1/4=60\n||:CDEF:|\n",
  ])
  func `a tempo just before a repeat belongs to its first pass`(body: String) {
    let tempos = performance(body).tempos
    #expect(tempos.map(\.quartersPerMinute) == [60])
    #expect(tempos.map(\.at) == [.zero])
  }

  @Test(arguments: ["|:CDEF:|\nQ:1/4=60\n|:GABc:|\n", "|:CDEF:|[Q:1/4=60]|:GABc:|\n"])
  func `a tempo between two repeats belongs to the second`(body: String) {
    let tempos = performance(body).tempos
    #expect(tempos.map(\.quartersPerMinute) == [120, 60])
    #expect(tempos.map { quarters($0.at) } == [0, 8])
  }

  @Test func `a meter just before a repeat shapes the accompaniment of both passes`() {
    let heard = performance("M:3/4\n|:\"C\"CEG|\"G\"GBd:|\n")
    #expect(heard.meters.map(\.beats) == [3])
    let bass = heard.notes.filter { heard.tracks[$0.track].role == .bass }
    #expect(bass.map { quarters($0.start) } == [0, 3, 6, 9])
    #expect(bass.map(\.pitch.key) == [36, 43, 36, 43])
    let chords = heard.notes.filter { heard.tracks[$0.track].role == .chords }
    #expect(Set(chords.map { quarters($0.start) }).sorted() == [1, 2, 4, 5, 7, 8, 10, 11])
  }

  @Test(arguments: ["K:Bb\n|:BFBF:|\n", "[K:Bb]|:BFBF:|\n"])
  func `a key just before a repeat is there from its beginning`(body: String) {
    let keys = performance(body).keys
    #expect(keys.map(\.fifths) == [-2])
    #expect(keys.map(\.at) == [.zero])
  }

  @Test func `a program and a controller just before a repeat hold from its beginning`() {
    let heard = performance("[I:MIDI program 40]\n%%MIDI control 10 20\n|:CDEF:|\n")
    #expect(heard.tracks[0].program == 40)
    #expect(heard.controls.first.map { [$0.controller, $0.value, $0.at.count] } == [10, 20, 0])
  }

  @Test(arguments: [
    "(7:2:6CDEFGA|", "CDEF|", "(5:2:3CDE|(5:2:3CDE|", "\"C\"(7:2:5CDEFG|", "C>D(3EFG|",
    "[CE]2 (11:3:5CDEFG|",
  ])
  func `a repeated section sounds as if it were written twice, to the tick`(section: String) {
    func heard(_ body: String) -> Performance {
      ParsedTune(text: Self.header + "M:none\n" + body + "\n").performance()
    }
    let repeated = heard("|:\(section.dropLast()):|CDEF|]").notes
    let written = heard("\(section)\(section)CDEF|]").notes
    #expect(repeated.map(\.start) == written.map(\.start))
    #expect(repeated.map(\.end) == written.map(\.end))
    #expect(repeated.map(\.pitch) == written.map(\.pitch))
  }

  @Test func `notes that no key can play keep ties and repeats of the others apart`() {
    let high = "g" + String(repeating: "'", count: 5)
    let notes = performance("|:C2-C \(high)-\(high)|D2-D2:|\n").notes
    #expect(notes.map(\.pitch.key) == [60, 62, 60, 62])
    #expect(notes.map { quarters($0.start) } == [0, 5, 9, 14])
    #expect(notes.map { quarters($0.end) } == [3, 9, 12, 18])
  }

  @Test func `labels before repeats mark both passes`() {
    let markers = performance("P:A\n|:CDEF:|\nP:B\n|:GABc:|\n").markers
    #expect(markers.map(\.text) == ["A", "A", "B", "B"])
    #expect(markers.map { quarters($0.at) } == [0, 4, 8, 12])
  }

  @Test(arguments: [
    ("P:A\n|:CDEF|GABc\nP:B\n::cBAG|FEDC:|\n", 32),
    ("P:A\n|:CDEF|GABc|\nP:B\n::cBAG|FEDC:|\n", 32),
    ("[P:A]|:CDEF|GABc[P:B]::cBAG|FEDC:|\n", 32),
    ("P:A\n|:CDEF|\nP:B\nGABc:|\n", 16),
    ("P:A\nCDEF|\nP:B\nGABc:|\n", 12),
    ("P:A\n|:CDEF|\nP:B\n|1 GABc:|2 cBAG|]\n", 16),
  ])
  func `a label closes no repeat`(body: String, length: Int) {
    #expect(quarters(performance(body).end) == Double(length))
  }

  @Test func `an order of parts plays a strain whose repeat ends behind the label`() {
    let text =
      "X:1\nM:4/4\nL:1/4\nP:AB\nK:C\nP:A\n|:CDEF|GABc\nP:B\n::cBAG|FEDC:|\n"
    #expect(quarters(ParsedTune(text: text).performance().end) == 32)
  }

  @Test func `what stands before the first label is the part that no label names`() {
    let text = "X:1\nM:4/4\nL:1/4\nP:AABA\nK:C\nCDEF|\nP:B\nGABc|\n"
    let heard = ParsedTune(text: text)
    #expect(
      Heard(tune: heard)
        == Heard(
          expected:
            "60:1 62:1 64:1 65:1 60:1 62:1 64:1 65:1 67:1 69:1 71:1 72:1 60:1 62:1 64:1 65:1"))
    #expect(heard.diagnostics.map(\.severity) == [.note])
  }

  @Test func `an order without any label is told and changes nothing`() {
    let tune = ParsedTune(text: "X:1\nM:4/4\nL:1/4\nP:AABB\nK:C\nCDEF|GABc|\n")
    #expect(tune.diagnostics.count == 1 && tune.diagnostics[0].sentence.utf8Contains("No part"))
    #expect(tune.notes.count == 8)
  }

  @Test(arguments: ["%%score (A B)\n", "%%staves [A B]\n", "I:score (A B)\n", "[I:staves A B]\n"])
  func `voices that a score line brings in begin together with the others`(line: String) {
    let text =
      "X:1\nT:t\nM:4/4\nL:1/4\nK:C\n%%score A\nV:A\nCDEF|GABc|\n" + line + "V:A\nc4|\nV:B\nE4|\n"
    #expect(
      Heard(tune: ParsedTune(text: text))
        == Heard(expected: "60:1 62:1 64:1 65:1 67:1 69:1 71:1 72:1 72:4 & r:8 64:4"))
    #expect(ParsedTune(text: text).diagnostics.isEmpty)
  }

  @Test func `a voice that begins later waits for the repeats of the others`() {
    let text =
      "X:1\nM:4/4\nL:1/4\nK:C\nV:A\n|:CDEF|1 G4:|2 A4|]\n%%score A B\nV:A\n|:c4:|\nV:B\n|:E4:|\n"
    #expect(
      Heard(tune: ParsedTune(text: text))
        == Heard(
          expected: "60:1 62:1 64:1 65:1 67:4 60:1 62:1 64:1 65:1 69:4 72:4 72:4 & r:16 64:4 64:4"))
  }
}
