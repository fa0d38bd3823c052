import ABC
import Music
import Testing

@testable import MIDI

/// Choosing tracks of a file, and making one of several.
@Suite struct TrackChoiceTests {
  private static let tune = ParsedTune(
    text: """
      X:1
      M:4/4
      L:1/4
      K:C
      V:1 name="Flute"
      cdef|
      V:2 name="Fiddle"
      ABcd|
      V:3 name="Bass"
      C,4|

      """)

  private func file() throws -> MIDIFile {
    try MIDIFile(bytes: MIDIFile.bytes(of: Self.tune.performance()))
  }

  private func keys(_ file: MIDIFile) -> [[Int]] {
    let performance = file.performance
    return performance.tracks.indices.map { track in
      performance.notes.filter { $0.track == track }.map(\.pitch.key)
    }.filter { !$0.isEmpty }
  }

  @Test func `the parts of a file are counted and named as they sound`() throws {
    let parts = try file().parts
    #expect(parts.map(\.number) == [1, 2, 3])
    #expect(parts.map(\.name) == ["Flute", "Fiddle", "Bass"])
    #expect(parts.map(\.noteCount) == [4, 4, 1])
  }

  @Test func `chosen tracks sound as they did, the others not at all`() throws {
    let whole = try file()
    let all = keys(whole)
    for (choice, places) in [("2", [1]), ("1,3", [0, 2]), ("2-3", [1, 2]), ("3 1", [0, 2])] {
      let chosen = try whole.choosing(#require(TrackChoice(choice)))
      #expect(keys(chosen) == places.map { all[$0] }, "\(choice)")
      // What is no note stays: tempo, meter, key, title.
      #expect(chosen.performance.tempos == whole.performance.tempos)
      #expect(chosen.performance.meters == whole.performance.meters)
      let again = try MIDIFile(bytes: chosen.bytes)
      #expect(keys(again) == keys(chosen))
    }
  }

  @Test func `merged tracks are one, and its chords are what began together`() throws {
    let merged = try file().choosing(#require(TrackChoice("merge")))
    #expect(keys(merged).map { $0.sorted() } == [keys(try file()).flatMap { $0 }.sorted()])
    #expect(abcTranscription(of: merged).text.contains("["))
    let two = try file().choosing(#require(TrackChoice("merge 1,2")))
    #expect(keys(two).count == 1)
    #expect(keys(two)[0].count == 8)
  }

  @Test(arguments: ["", "x", "0", "1-", "-2", "3-1", "merge x", "1,,b", "10000"])
  func `what is no choice is refused`(text: String) {
    #expect(TrackChoice(text) == nil)
  }

  @Test func `a track that is not there is named with those that are`() throws {
    let file = try file()
    #expect(throws: MIDIError.noPart(4, of: 3)) {
      try file.choosing(TrackChoice("1,4") ?? TrackChoice("1")!)
    }
    #expect(MIDIError.noPart(4, of: 3).description.contains("1 to 3"))
  }

  @Test func `whatever tracks are chosen of whatever file, notes are never made`() throws {
    var random = SystemRandomNumberGenerator()
    let bytes = MIDIFile.bytes(of: Self.tune.performance())
    for _ in 0..<400 {
      var damaged = bytes
      for _ in 0..<Int.random(in: 1...8, using: &random) {
        damaged[Int.random(in: 14..<damaged.count, using: &random)] = UInt8.random(
          in: 0...255, using: &random)
      }
      guard let file = try? MIDIFile(bytes: damaged) else { continue }
      let parts = file.parts
      #expect(parts.count == file.performance.tracks.count)
      for choice in ["merge", "1", "merge 1"] {
        guard let choice = TrackChoice(choice), let chosen = try? file.choosing(choice) else {
          continue
        }
        #expect(
          chosen.parts.reduce(0) { $0 + $1.noteCount } <= parts.reduce(0) { $0 + $1.noteCount })
        _ = chosen.performance
      }
    }
  }
}
