import ABC
import MIDI
import Music
import Testing

/// Folk tunes with what makes transcribing hard: pickups, endings, tuplets, graces, broken rhythm,
/// ties over bar lines, changes on the way.
private let tunes = [
  """
  X:1
  T:Pickup, endings and broken rhythm
  M:6/8
  L:1/8
  K:D
  A|d>ed fga|g>af ecA|d2d dcd|e3 e2A|d>ed fga|g>af ecA|def ecA|1 d3 d2:|2 d3 d3||
  |:f2f gfe|f2f a2f|g2e c2A|e3 e2f|f2f gfe|f2f a2f|gfe ecA|d3 d3:|
  """,
  """
  X:2
  T:Tuplets and graces
  M:4/4
  L:1/8
  K:Em
  E2{F}GE (3Bcd ef|{gf}e2 d2 (5edcBA G2|(7GABcdef (3:2:2g2f e2 d2|[EB]4- [EB]2z2|
  B>c d<e {a}g2 fe|^d2 e2 =d2 ^c=c|B4-|B2 A/2G/2F/2E/2|E8|]
  """,
  """
  X:3
  T:Changes
  M:3/4
  L:1/4
  Q:1/4=90
  K:Bb
  B, D F|[K:C][M:2/4]C E|[Q:1/4=60]^F _A|[M:5/8]B/2c/2d/2e/2f/2|z5/2|g5/2|]
  """,
  """
  X:4
  T:Two voices
  M:4/4
  L:1/8
  K:G
  V:1
  |:G2B2 d2g2|f4 d4:|
  V:2
  |:G,4 D,4|D,,8:|
  """,
]

@Suite struct RoundTripTests {
  /// Start, end and key of everything that sounds, in any order of voices.
  private func heard(_ performance: Performance) -> [String] {
    performance.notes.map { "\($0.start) \($0.end) \($0.pitch.key)" }.sorted()
  }

  /// ABC → MIDI → ABC → MIDI; what is heard of the first and of the second file.
  private func roundTrip(
    _ tune: ParsedTune
  ) throws -> (first: [String], second: [String], abc: String) {
    let first = try MIDIFile(bytes: MIDIFile(performance: tune.performance()).bytes).performance
    let written = abcTranscription(of: first) { ParsedTune(text: $0).performance() }
    let again = ParsedTune(text: written.text)
    #expect(again.diagnostics.filter { $0.severity == .error }.map(\.sentence) == [])
    let second = try MIDIFile(bytes: MIDIFile(performance: again.performance()).bytes).performance
    return (heard(first), heard(second), written.text)
  }

  @Test(arguments: tunes)
  func `a tune exported, written down again and exported again sounds the same`(
    text: String
  ) throws {
    let trip = try roundTrip(ParsedTune(text: text))
    #expect(!trip.first.isEmpty)
    #expect(trip.first == trip.second, "\(trip.abc)")
  }

  @Test func `endings, pickup and grace notes are found again`() throws {
    let jig = try roundTrip(ParsedTune(text: tunes[0])).abc
    #expect(jig.contains("|:A|d>ed fga|"))
    #expect(jig.contains("|1 d3 d2:|2 d3 d3||\n|:f2f gfe|"))
    let reel = try roundTrip(ParsedTune(text: tunes[1])).abc
    #expect(reel.contains("E2{F}GE (3Bcdef|{gf}e2d2 (5edcBAG2|(7GABcdef"))
  }

  /// Chord changes within bars, over a bass of their own, in both passes, and a silence.
  private static let accompanied = """
    X:1
    T:Accompanied
    M:4/4
    L:1/8
    K:Bb
    FG|"Bb"B2d2 "Eb/G"e2g2|"F7"f4 "Cm7"e2dc|"Bb"B2d2 "Eb"e2g2|"F7"A4 "Bb"B2:|
    |:cd|"Gm"d2g2 "D"f2d2|"Eb"e2c2 "F"A4|"N.C."B2d2 f2d2|B4 c2d2|"Gm"g2d2 "Cm"e2c2|"F7"A4 "Bb"B2:|
    """

  @Test func `bass and chords of our own come back as chord symbols`() throws {
    let trip = try roundTrip(ParsedTune(text: RoundTripTests.accompanied))
    #expect(trip.first == trip.second, "\(trip.abc)")
    #expect(!trip.abc.contains("V:"))
    #expect(
      trip.abc.contains("|:F/2G/2|\"Bb\"Bd \"Eb/G\"eg|\"F7\"f2 \"Cm7\"ed/2c/2|"), "\(trip.abc)")
    #expect(trip.abc.contains("|\"N.C.\"Bd fd|"))
  }

  @Test func `a bass that no chord symbol asks for stays a voice`() throws {
    var file = try MIDIFile(
      bytes: MIDIFile.bytes(of: ParsedTune(text: RoundTripTests.accompanied).performance())
    ).performance
    let walking = file.notes.firstIndex { file.tracks[$0.track].role == .bass }
    let place = try #require(walking)
    file.notes[place].pitch = try #require(Pitch(key: 39))
    let written = abcTranscription(of: file) { ParsedTune(text: $0).performance() }
    #expect(written.text.contains("name=\"Bass\""))
    #expect(heard(ParsedTune(text: written.text).performance()) == heard(file))
  }

  @Test(
    .enabled(if: !developmentTunebooks.isEmpty, "the development data are not here"),
    arguments: developmentTunebooks.map(\.name))
  func `every tune of the development tunebooks survives the round trip`(name: String) throws {
    for book in developmentTunebooks where book.name == name {
      let book = Tunebook(bytes: book.bytes)
      for index in book.tunes.indices {
        let trip = try roundTrip(book.parsedTune(index))
        #expect(trip.first == trip.second, "\(book.tunes[index].title)\n\(trip.abc)")
      }
    }
  }
}
