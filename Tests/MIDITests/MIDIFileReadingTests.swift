import MIDI
import Music
import Testing

/// Bytes of a file made by hand: what a good writer would never write.
func midi(
  format: UInt8 = 1, count: Int? = nil, division: [UInt8] = [1, 0xE0], extraHeader: [UInt8] = [],
  _ tracks: [UInt8]...
) -> [UInt8] {
  let count = count ?? tracks.count
  return Array("MThd".utf8) + [0, 0, 0, UInt8(6 + extraHeader.count), 0, format]
    + [UInt8(count >> 8), UInt8(count & 0xFF)] + division + extraHeader
    + tracks.flatMap { chunk("MTrk", $0) }
}

func chunk(_ name: String, _ body: [UInt8]) -> [UInt8] {
  Array(name.utf8) + (0..<4).reversed().map { UInt8(body.count >> (8 * $0) & 0xFF) } + body
}

let end: [UInt8] = [0, 0xFF, 0x2F, 0]
/// Middle C for a quarter at 480 ticks, from the start.
let middleC: [UInt8] = [0, 0x90, 60, 80, 0x83, 0x60, 0x80, 60, 0]

func read(_ bytes: [UInt8]) throws -> [String] {
  sounds(try MIDIFile(bytes: bytes).performance)
}

@Suite struct MIDIFileReadingTests {
  @Test func `what was written is read back`() throws {
    var tune = performance(
      [(60, 0, 960), (64, 0, 960), (67, 960, 320), (67, 1280, 640)], end: 3840)
    tune.tempos.append(.init(at: Tick(960), quartersPerMinute: 60))
    tune.meters.append(.init(at: Tick(960), beats: 6, unit: 8))
    tune.keys.append(.init(at: Tick(960), fifths: -4, isMinor: true))
    tune.markers = [.init(at: Tick(960), text: "B")]
    tune.lyrics = [.init(at: .zero, text: "la")]
    let read = try MIDIFile(bytes: MIDIFile(performance: tune).bytes)
    #expect(read == MIDIFile(performance: tune))
    #expect(read.repairs == [])
    #expect(read.performance.notes == tune.notes)
    #expect(read.performance.tempos == tune.tempos)
    #expect(read.performance.meters == tune.meters)
    #expect(read.performance.keys == tune.keys)
    #expect(read.performance.markers == tune.markers)
    #expect(read.performance.lyrics == tune.lyrics)
    #expect(read.performance.title == "Test")
    #expect(read.performance.end == tune.end)
  }

  @Test func `an empty file, text and a picture are refused with a sentence`() {
    #expect(throws: MIDIError.empty) { try MIDIFile(bytes: []) }
    #expect(throws: MIDIError.notMIDI) { try MIDIFile(bytes: Array("X:1\nK:C\nCDEF\n".utf8)) }
    #expect(throws: MIDIError.notMIDI) { try MIDIFile(bytes: [0x89, 0x50, 0x4E, 0x47]) }
    #expect(throws: MIDIError.headerCutOff) { try MIDIFile(bytes: Array("MThd".utf8)) }
    #expect(MIDIError.notMIDI.description.hasSuffix("."))
  }

  @Test func `formats 0 and 1 sound the same`() throws {
    #expect(try read(midi(format: 0, middleC + end)) == ["60@0+960"])
    #expect(try read(midi(format: 1, end, middleC + end)) == ["60@0+960"])
  }

  @Test func `the songs of format 2 follow one another`() throws {
    let bytes = midi(format: 2, middleC + end, middleC + end)
    #expect(try read(bytes) == ["60@0+960", "60@960+960"])
  }

  @Test func `an unknown format is read as format 1`() throws {
    let file = try MIDIFile(bytes: midi(format: 7, middleC + end))
    #expect(sounds(file.performance) == ["60@0+960"])
    #expect(!file.repairs.isEmpty)
  }

  @Test func `a longer header is stepped over`() throws {
    #expect(try read(midi(extraHeader: [1, 2, 3, 4], middleC + end)) == ["60@0+960"])
  }

  @Test(arguments: [0, 1, 5, 65535])
  func `a wrong number of tracks in the header does not matter`(count: Int) throws {
    let file = try MIDIFile(bytes: midi(count: count, middleC + end, middleC + end))
    #expect(file.tracks.count == 2)
    #expect(file.repairs.count == 1)
  }

  @Test func `65535 tracks promised by 18 bytes are not believed`() {
    let bytes = midi(count: 65535) + Array("MTrk".utf8)
    #expect(bytes.count == 18)
    #expect(throws: MIDIError.noTracks) { try MIDIFile(bytes: bytes) }
  }

  @Test func `unknown chunks are skipped by their length`() throws {
    let bytes = midi(end) + chunk("XFIH", [1, 2, 3]) + chunk("MTrk", middleC + end)
    #expect(try read(bytes) == ["60@0+960"])
  }

  @Test func `a RIFF wrapper is opened`() throws {
    let inner = midi(middleC + end)
    let bytes =
      Array("RIFF".utf8) + [0, 0, 0, 0] + Array("RMID".utf8)
      + Array("DISP".utf8) + [3, 0, 0, 0, 1, 2, 3, 0]
      + Array("data".utf8) + [UInt8(inner.count), 0, 0, 0] + inner + [9, 9, 9]
    #expect(try read(bytes) == ["60@0+960"])
    #expect(throws: MIDIError.notMIDI) {
      try MIDIFile(bytes: Array("RIFF".utf8) + [4, 0, 0, 0] + Array("WAVE".utf8))
    }
    for count in 0..<bytes.count - 3 { _ = try? MIDIFile(bytes: Array(bytes.prefix(count))) }
  }

  @Test(arguments: [
    ([0xE7, 40] as [UInt8], 1000), ([0xE8, 40], 960), ([0xE2, 80], 2400), ([0xE3, 100], 2997),
  ])
  func `frames are absolute time at 120 quarters a minute`(
    division: [UInt8], ticksPerSecond: Int
  ) throws {
    // A note of one second: two quarters. Its tempo event must not change it.
    let length: [UInt8] = [UInt8(ticksPerSecond >> 7) | 0x80, UInt8(ticksPerSecond & 0x7F)]
    let body: [UInt8] =
      [0, 0xFF, 0x51, 3, 0x0F, 0x42, 0x40, 0, 0x90, 60, 80] + length + [0x80, 60, 0]
    let file = try MIDIFile(bytes: midi(division: division, body + end))
    let note = try #require(file.performance.notes.first)
    #expect(note.end == Tick(1920))
    #expect(file.performance.tempos.map(\.quartersPerMinute) == [120])
  }

  @Test(arguments: [[0, 0], [0xE8, 0]] as [[UInt8]])
  func `a division of 0 is refused`(division: [UInt8]) {
    #expect(throws: MIDIError.noDivision) {
      try MIDIFile(bytes: midi(division: division, middleC + end))
    }
  }

  @Test func `running status goes on after meta and sysex events`() throws {
    let body: [UInt8] =
      [0, 0x90, 60, 80, 0x60, 60, 0]
      + [0, 0xFF, 1, 2, 0x68, 0x69, 0, 62, 80, 0x60, 62, 0]
      + [0, 0xF0, 3, 0x43, 0x10, 0xF7, 0, 64, 80, 0x60, 64, 0]
    #expect(try read(midi(body + end)) == ["60@0+192", "62@192+192", "64@384+192"])
  }

  @Test func `data bytes before any status are stepped over`() throws {
    #expect(try read(midi([0, 60] + middleC + end)) == ["60@0+960"])
  }

  @Test func `a note-on without velocity is a note-off`() throws {
    #expect(try read(midi([0, 0x90, 60, 80, 0x60, 0x90, 60, 0] + end)) == ["60@0+192"])
  }

  @Test func `of overlapping notes of one pitch the first begun is the first ended`() throws {
    let body: [UInt8] = [
      0, 0x90, 60, 80, 0x60, 60, 81, 0x60, 60, 0, 0x60, 60, 0,
    ]
    #expect(try read(midi(body + end)) == ["60@0+384", "60@192+384"])
  }

  @Test func `notes never closed end with their track`() throws {
    let body: [UInt8] = [0, 0x90, 60, 80, 0x60, 64, 80, 0x60, 0xFF, 0x2F, 0]
    #expect(try read(midi(body)) == ["60@0+384", "64@192+192"])
  }

  @Test func `a grace note whose off was written before its on leaves no note hanging`() throws {
    let grace: [UInt8] = [0, 0x80, 66, 0, 0, 0x90, 66, 80]
    let main: [UInt8] = [0, 0x90, 64, 80, 0x60, 0x80, 64, 0, 0, 0x90, 66, 80, 0x60, 0x80, 66, 0]
    #expect(
      try read(midi(grace + main + grace + main + end)) == [
        "64@0+192", "66@192+192", "64@384+192", "66@576+192",
      ])
  }

  @Test func `a key struck twice at once is struck once`() throws {
    let body: [UInt8] = [0, 0x90, 60, 80, 0, 60, 80, 0x60, 0x80, 60, 0]
    #expect(try read(midi(body + end)) == ["60@0+192"])
  }

  @Test func `a note that nothing ends lasts until its key is struck again`() throws {
    let body: [UInt8] = [
      0, 0x90, 60, 80, 0x60, 64, 80, 0x60, 0x80, 64, 0, 0, 0x90, 60, 80, 0x60, 0x80, 60, 0,
    ]
    #expect(try read(midi(body + end)) == ["60@0+384", "64@192+192", "60@384+192"])
  }

  @Test func `a note-off without its note is passed over`() throws {
    #expect(try read(midi([0, 0x80, 60, 0] + middleC + [0, 0x80, 60, 0] + end)) == ["60@0+960"])
  }

  @Test func `a note of no length lasts one tick`() throws {
    #expect(try read(midi([0, 0x90, 60, 80, 0, 60, 0] + end)) == ["60@0+1"])
  }

  @Test func `system exclusive data may hold any byte`() throws {
    let body: [UInt8] = [0, 0xF0, 4, 0xFF, 0x2F, 0x90, 0xF7, 0, 0xF7, 2, 0xF8, 0x80]
    #expect(try read(midi(body + middleC + end)) == ["60@0+960"])
  }

  @Test func `system messages from a wire are skipped with their data`() throws {
    let body: [UInt8] = [0, 0xF2, 1, 2, 0, 0xF1, 3, 0, 0xF8, 0, 0xFE]
    #expect(try read(midi(body + middleC + end)) == ["60@0+960"])
  }

  @Test func `data bytes above 127 are clipped`() throws {
    let body: [UInt8] = [0, 0x90, 200, 255, 0x60, 0x80, 127, 0]
    let notes = try MIDIFile(bytes: midi(body + end)).performance.notes
    #expect(notes.map(\.pitch.key) == [127])
    #expect(notes.map(\.velocity) == [127])
    #expect(notes.map(\.end) == [Tick(192)])
  }

  @Test func `a meta event longer than its track is cut`() throws {
    let file = try MIDIFile(bytes: midi(middleC + [0, 0xFF, 6, 0x7F, 0x41]))
    #expect(sounds(file.performance) == ["60@0+960"])
    #expect(file.performance.markers.map(\.text) == ["A"])
    #expect(file.repairs.count == 2)
  }

  @Test func `a last chunk that is cut off keeps what is there`() throws {
    let bytes = midi(end, middleC + middleC + end)
    let file = try MIDIFile(bytes: Array(bytes.dropLast(9)))
    #expect(sounds(file.performance) == ["60@0+960", "60@960+1"])
    #expect(file.repairs.first == "Track 2 is cut off; what is there was read.")
  }

  @Test func `a track needs no end of track`() throws {
    #expect(try read(midi(middleC)) == ["60@0+960"])
  }

  @Test func `bytes after an early end of track are left out`() throws {
    let file = try MIDIFile(bytes: midi(middleC + end + middleC))
    #expect(sounds(file.performance) == ["60@0+960"])
    #expect(file.repairs.count == 1)
  }

  @Test func `of a track with a number of more than four bytes, what comes before is kept`() throws
  {
    let damage: [UInt8] = [0x81, 0x81, 0x81, 0x81, 0x00, 0x90, 60, 80]
    let file = try MIDIFile(bytes: midi(middleC + damage + end, middleC + middleC + end))
    #expect(file.tracks.count == 2)
    #expect(sounds(file.performance) == ["60@0+960", "60@0+960", "60@960+960"])
    #expect(
      file.repairs == [
        "Track 1 is damaged: the number at byte 31 has more than four bytes; what comes before it "
          + "was read."
      ])
  }

  @Test func `a track whose length is too great does not hide the next one`() throws {
    var bytes = midi(middleC + end, middleC + end)
    // The first track's length takes in the second.
    bytes[21] = UInt8(middleC.count + end.count + 8 + 4)
    let file = try MIDIFile(bytes: bytes)
    #expect(file.tracks.count == 2)
    #expect(sounds(file.performance) == ["60@0+960", "60@0+960"])
  }

  @Test func `a track whose length is too small does not end the file`() throws {
    var bytes = midi(middleC + middleC + end, middleC + end)
    bytes[21] = UInt8(middleC.count)
    let file = try MIDIFile(bytes: bytes)
    #expect(sounds(file.performance) == ["60@0+960", "60@0+960"])
    #expect(!file.repairs.isEmpty)
  }

  @Test func `the sustain pedal holds notes until it comes up or their key is struck again`() throws
  {
    let short: [UInt8] = [0, 0x90, 60, 80, 0x60, 60, 0]
    let pedalled: [UInt8] =
      [0, 0xB0, 64, 127] + short + [0, 62, 80, 0x60, 62, 0] + [0, 60, 80, 0x60, 60, 0]
      + [0x60, 0xB0, 64, 0]
    #expect(try read(midi(pedalled + end)) == ["60@0+384", "62@192+576", "60@384+384"])
    // A pedal that nobody lets go ends with its track.
    let held: [UInt8] = [0, 0xB0, 64, 64] + short + [0x60, 0xFF, 0x2F, 0]
    #expect(try read(midi(held)) == ["60@0+384"])
  }

  @Test func `pauses of years are survived`() throws {
    let years: [UInt8] = [0xFF, 0xFF, 0xFF, 0x7F]
    let silence = (0..<2000).flatMap { _ -> [UInt8] in years + [0xB0, 7, 100] }
    let tune = try MIDIFile(bytes: midi(division: [0, 1], silence + middleC + end)).performance
    #expect(tune.notes.count == 1)
    #expect(tune.bars.count == 20_000)
    #expect(tune.notes[0].end > tune.notes[0].start)
  }

  @Test func `a tempo of 0 and meters of 0 beats or unknown unit are ignored`() throws {
    let body: [UInt8] =
      [0, 0xFF, 0x51, 3, 0, 0, 0, 0, 0xFF, 0x58, 4, 0, 2, 24, 8, 0, 0xFF, 0x58, 4, 3, 255, 24, 8]
      + [0, 0xFF, 0x51, 1, 7, 0, 0xFF, 0x58, 1, 3, 0, 0xFF, 0x59, 2, 100, 0, 0, 0xFF, 0x59, 0]
    let tune = try MIDIFile(bytes: midi(body + middleC + end)).performance
    #expect(tune.tempos == [.init(at: .zero, quartersPerMinute: 120)])
    #expect(tune.meters == [.init(at: .zero, beats: 4, unit: 4)])
    #expect(tune.keys == [])
  }

  @Test(
    arguments: [
      (Array("Ré".utf8), "Ré"), ([0x52, 0xE9], "Ré"), ([0x93, 0x41, 0x94], "“A”"),
      ([0x82, 0xA0, 0x83, 0x41], "あア"), ([0x93, 0xFA, 0x96, 0x7B, 0x8C, 0xEA], "日本語"),
      ([0x43, 0x61, 0x66, 0xE9, 0x20, 0x6E, 0x6F, 0x69, 0x72], "Café noir"),
      ([0x41, 0x1B, 0x5B, 0x31, 0x6D, 0x07], "A [1m "), ([0x41, 0, 0x42], "A"),
    ] as [([UInt8], String)])
  func `names are read as UTF-8, Shift-JIS or Latin-1`(data: [UInt8], text: String) throws {
    let body = [0, 0xFF, 3, UInt8(data.count)] + data
    #expect(try MIDIFile(bytes: midi(body + middleC + end)).performance.title == text)
  }

  @Test func `channels of one track are tracks of the performance, and channel 10 is drums`() throws
  {
    let body: [UInt8] =
      [0, 0xC1, 40, 0, 0x90, 60, 80, 0, 0x91, 64, 80, 0, 0x99, 36, 80, 0x60, 0x90, 60, 0]
      + [0, 0x81, 64, 0, 0, 0x89, 36, 0]
    let tune = try MIDIFile(bytes: midi(format: 0, body + end)).performance
    #expect(tune.tracks.map(\.role) == [.melody, .melody, .drums])
    #expect(tune.tracks.map(\.channel) == [0, 1, 9])
    #expect(tune.tracks.map(\.program) == [0, 40, 0])
  }
}
