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
  E2{F}GE (3Bcd ef|{gf}e2 d2 (5edcBA G2|(7GABcdef (3:2:2g2f e2|[EB]4- [EB]2z2|
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
    let written = abcTranscription(of: first)
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
