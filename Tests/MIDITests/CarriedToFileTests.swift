import Music
import Testing

@testable import MIDI

/// What a performance says beside notes reaches the file.
@Suite struct CarriedToFileTests {
  private func file(_ change: (inout Performance) -> Void) -> MIDIFile {
    var performance = Performance()
    performance.tracks = [
      .init(name: "Tune", role: .melody, channel: 0, program: 0),
      .init(name: "Kit", role: .drums, channel: 9, program: 0),
    ]
    performance.notes = [60, 38].enumerated().compactMap { track, key in
      Pitch(key: key).map {
        .init(start: .zero, end: Tick(960), pitch: $0, velocity: 80, track: track)
      }
    }
    performance.end = Tick(960)
    change(&performance)
    return MIDIFile(performance: performance)
  }

  private func bytesAreThoseOfTheFile(_ performance: Performance) -> Bool {
    MIDIFile.bytes(of: performance) == MIDIFile(performance: performance).bytes
  }

  @Test func `drums are on channel 10 and come back as drums`() throws {
    let read = try MIDIFile(bytes: file { _ in }.bytes).performance
    #expect(read.tracks.map(\.role) == [.melody, .drums])
    #expect(read.tracks.map(\.channel) == [0, 9])
  }

  @Test func `controllers are written on the channel of their track`() throws {
    let made = file {
      $0.controls = [
        .init(at: .zero, track: 0, controller: 7, value: 35),
        .init(at: Tick(480), track: 1, controller: 10, value: 127),
      ]
    }
    #expect(
      made.tracks[1].events.contains {
        $0.at == 0 && $0.event == .controlChange(channel: 0, controller: 7, value: 35)
      })
    #expect(
      made.tracks[2].events.contains {
        $0.at == 240 && $0.event == .controlChange(channel: 9, controller: 10, value: 127)
      })
    #expect(
      made.bytes.contains(where: { $0 == 0xB0 }) && made.bytes.contains(where: { $0 == 0xB9 }))
    // What a reader makes of it has the same notes.
    #expect(try MIDIFile(bytes: made.bytes).performance.notes.count == 2)
  }

  @Test func `a controller off the grid of 480 keeps its moment`() {
    let made = file { $0.controls = [.init(at: Tick(481), track: 0, controller: 7, value: 1)] }
    #expect(made.division == .ticksPerQuarter(960))
  }

  @Test func `credits and copyright stand at the start`() throws {
    let made = file {
      $0.credits = ["Composer: Nobody", "Transcription: somebody"]
      $0.copyright = "2001 nobody"
    }
    let texts = try MIDIFile(bytes: made.bytes).tracks[0].events.filter { $0.at == 0 }.map(\.event)
    #expect(texts.contains(.text(.copyright, "2001 nobody")))
    #expect(texts.contains(.text(.text, "Composer: Nobody")))
    #expect(texts.contains(.text(.text, "Transcription: somebody")))
  }

  @Test func `bytes without a list of events are the same`() {
    var performance = MIDITests.performance([(60, 10, 950)])
    performance.controls = [.init(at: Tick(10), track: 0, controller: 200, value: -4)]
    performance.credits = ["x"]
    performance.copyright = "y"
    #expect(bytesAreThoseOfTheFile(performance))
  }
}
