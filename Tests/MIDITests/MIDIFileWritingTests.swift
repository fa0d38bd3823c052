import MIDI
import Music
import Testing

@Suite struct MIDIFileWritingTests {
  @Test func `a one note tune is written byte for byte as expected`() {
    let file = MIDIFile(performance: performance([(60, 0, 960)]))
    let expected: [UInt8] =
      Array("MThd".utf8) + [0, 0, 0, 6, 0, 1, 0, 2, 0x01, 0xE0]
      + Array("MTrk".utf8) + [0, 0, 0, 34]
      + [0, 0xFF, 3, 4] + Array("Test".utf8)
      + [0, 0xFF, 0x51, 3, 0x07, 0xA1, 0x20]
      + [0, 0xFF, 0x58, 4, 4, 2, 24, 8]
      + [0, 0xFF, 0x59, 2, 0, 0]
      + [0x83, 0x60, 0xFF, 0x2F, 0]
      + Array("MTrk".utf8) + [0, 0, 0, 26]
      + [0, 0xFF, 3, 6] + Array("Melody".utf8)
      + [0, 0xC0, 0]
      + [0, 0x90, 60, 80]
      + [0x83, 0x60, 0x80, 60, 0]
      + [0, 0xFF, 0x2F, 0]
    #expect(file.bytes == expected)
  }

  @Test func `two exports of one performance are the same bytes`() {
    let tune = performance([(60, 0, 480), (64, 0, 480), (67, 480, 480), (60, 960, 960)])
    #expect(MIDIFile(performance: tune).bytes == MIDIFile(performance: tune).bytes)
  }

  /// Settings in the middle, chords, one moment for many things, and notes out of order.
  static let shapes: [Performance] = {
    var crowded = performance((0..<1200).map { (60 + $0 % 12, 0, 960 + $0) })
    crowded.notes.append(contentsOf: performance([(50, 4000, 960)]).notes)
    var busy = performance([(60, 960, 960), (64, 960, 480), (60, 0, 960), (67, 1440, 1)])
    busy.programs = [.init(at: Tick(960), track: 0, program: 40)]
    busy.lyrics = [.init(at: Tick(960), text: "la"), .init(at: Tick(5000), text: "end")]
    busy.markers = [.init(at: Tick(1920), text: "B")]
    busy.tracks.append(.init(name: "Drums", role: .drums, channel: 9, program: 0))
    busy.notes.append(
      .init(start: Tick(480), end: Tick(490), pitch: busy.notes[0].pitch, velocity: 0, track: 1))
    var late = performance([(60, 0, 960), (62, 1 << 40, 960)])
    late.end = Tick(1 << 41)
    return [performance([]), performance([(60, 960, 0)]), busy, crowded, late]
  }()

  @Test(arguments: shapes.indices)
  func `bytes made at once are those of the file as a value`(index: Int) throws {
    let tune = MIDIFileWritingTests.shapes[index]
    let bytes = MIDIFile.bytes(of: tune, copyright: "1850")
    #expect(bytes == MIDIFile(performance: tune, copyright: "1850").bytes)
    #expect(try MIDIFile(bytes: bytes).performance.notes.count == tune.notes.count)
  }

  @Test func `480 ticks to the quarter unless a moment needs 960`() {
    let even = MIDIFile(performance: performance([(60, 0, 640), (62, 640, 320)]))
    #expect(even.division == .ticksPerQuarter(480))
    let odd = MIDIFile(performance: performance([(60, 0, 137), (62, 137, 137)]))
    #expect(odd.division == .ticksPerQuarter(960))
    #expect(odd.tracks[1].events.map(\.at).max() == 274)
  }

  @Test func `a note that ends where the same pitch begins is closed first`() {
    let file = MIDIFile(performance: performance([(60, 0, 960), (60, 960, 960)]))
    let notes = file.tracks[1].events.compactMap { timed -> String? in
      switch timed.event {
      case .noteOn: "on \(timed.at)"
      case .noteOff: "off \(timed.at)"
      default: nil
      }
    }
    #expect(notes == ["on 0", "off 480", "on 480", "off 960"])
  }

  @Test func `a note without length lasts one tick`() {
    let file = MIDIFile(performance: performance([(60, 960, 0)], end: 960))
    #expect(file.tracks[1].events.last == .init(at: 961, .noteOff(channel: 0, key: 60)))
    #expect(file.tracks[1].end == 961)
  }

  @Test func `every track ends where the performance ends`() {
    let file = MIDIFile(performance: performance([(60, 0, 960)], end: 3840))
    #expect(file.tracks.map(\.end) == [1920, 1920])
  }

  @Test func `the tempo is written at the start even where the performance names none`() {
    var tune = performance([(60, 0, 960)])
    tune.tempos = []
    let events = MIDIFile(performance: tune).tracks[0].events
    #expect(events.contains(.init(at: 0, .tempo(microsecondsPerQuarter: 500_000))))
  }

  @Test(arguments: [
    (Double.nan, 500_000), (.infinity, 1), (1e-9, 16_777_215), (0.0, 500_000), (90.0, 666_667),
  ])
  func `any tempo gives a tempo a reader accepts`(quarters: Double, microseconds: Int) {
    var tune = performance([(60, 0, 960)])
    tune.tempos = [.init(at: .zero, quartersPerMinute: quarters)]
    let tempos = MIDIFile(performance: tune).tracks[0].events.compactMap { timed -> Int? in
      if case .tempo(let value) = timed.event { value } else { nil }
    }
    #expect(tempos == [microseconds])
  }

  @Test(arguments: [(4, 4, 24), (6, 8, 36), (3, 4, 24), (2, 2, 48), (3, 8, 12), (12, 8, 36)])
  func `the metronome clicks on the beat`(beats: Int, unit: Int, clocks: Int) {
    var tune = performance([(60, 0, 960)])
    tune.meters = [.init(at: .zero, beats: beats, unit: unit)]
    let meter = MIDIFile.Event.meter(beats: beats, unit: unit, clocksPerBeat: clocks)
    #expect(MIDIFile(performance: tune).tracks[0].events.contains(.init(at: 0, meter)))
  }

  @Test func `changes of tempo, meter and key, and markers, stand on the conductor track`() {
    var tune = performance([(60, 0, 7680)])
    tune.tempos.append(.init(at: Tick(3840), quartersPerMinute: 60))
    tune.meters.append(.init(at: Tick(3840), beats: 3, unit: 4))
    tune.keys.append(.init(at: Tick(3840), fifths: -3, isMinor: true))
    tune.markers = [.init(at: .zero, text: "A"), .init(at: Tick(3840), text: "B")]
    let later = MIDIFile(performance: tune).tracks[0].events.filter { $0.at == 1920 }
    #expect(
      later.map(\.event) == [
        .tempo(microsecondsPerQuarter: 1_000_000), .meter(beats: 3, unit: 4, clocksPerBeat: 24),
        .key(fifths: -3, isMinor: true), .text(.marker, "B"),
      ])
  }

  @Test func `channel 10 carries drums and nothing else`() {
    var tune = performance([(60, 0, 960)])
    tune.tracks = [
      .init(name: "Tune", role: .melody, channel: 9, program: 0),
      .init(name: "Drums", role: .drums, channel: 3, program: 0),
    ]
    tune.notes.append(tune.notes[0])
    tune.notes[1].track = 1
    let file = MIDIFile(performance: tune)
    let channels = file.tracks.map { track in
      track.events.compactMap { timed -> Int? in
        if case .noteOn(let channel, _, _) = timed.event { channel } else { nil }
      }
    }
    #expect(channels == [[], [0], [9]])
  }

  @Test func `an instrument that changes on the way is written, and read back`() throws {
    var tune = performance([(60, 0, 960), (62, 960, 960), (64, 1920, 960)])
    tune.tracks[0].program = 24
    tune.programs = [.init(at: Tick(960), track: 0, program: 73)]
    let file = MIDIFile(performance: tune)
    let events = file.tracks[1].events.filter { $0.at == 480 }.map(\.event)
    #expect(
      events == [
        .programChange(channel: 0, program: 73), .noteOff(channel: 0, key: 60),
        .noteOn(channel: 0, key: 62, velocity: 80),
      ])
    let heard = try MIDIFile(bytes: file.bytes).performance
    #expect(heard.tracks[0].program == 24)
    #expect(heard.programs == tune.programs)
  }

  @Test func `notes that are out of order or overlap are written by their moments`() {
    let tune = performance([(64, 960, 960), (60, 0, 2880), (62, 0, 960), (60, 960, 480)])
    let moments = MIDIFile(performance: tune).tracks[1].events.map { timed in
      switch timed.event {
      case .noteOn(_, let key, _): "\(timed.at) on \(key)"
      case .noteOff(_, let key): "\(timed.at) off \(key)"
      default: "\(timed.at)"
      }
    }
    #expect(
      moments == [
        "0", "0", "0 on 60", "0 on 62", "480 off 62", "480 on 64", "480 on 60", "720 off 60",
        "960 off 64", "1440 off 60",
      ])
  }

  @Test func `thousands of notes at once are written, each with its end`() throws {
    let many = (0..<5000).map { (key: $0 % 128, start: $0 / 3, length: 20_000 - $0) }
    let tune = performance(many)
    let heard = try MIDIFile(bytes: MIDIFile(performance: tune).bytes).performance
    #expect(heard.notes.count == 5000)
    #expect(heard.notes.map(\.start) == tune.notes.map(\.start))
  }

  @Test func `lyrics and copyright are kept as UTF-8`() {
    var tune = performance([(60, 0, 960)])
    tune.lyrics = [.init(at: .zero, text: "Sé")]
    let file = MIDIFile(performance: tune, copyright: "© 1850")
    #expect(file.tracks[0].events.contains(.init(at: 0, .text(.copyright, "© 1850"))))
    #expect(file.tracks[1].events.contains(.init(at: 0, .text(.lyric, "Sé"))))
  }

  @Test func `a delta of more than four bytes is bridged`() {
    var track = MIDIFile.Track()
    track.end = 0x2000_0000
    let file = MIDIFile(format: 0, division: .ticksPerQuarter(480), tracks: [track])
    let body: [UInt8] =
      [0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0x01, 0, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0x01, 0]
      + [0x02, 0xFF, 0x2F, 0]
    #expect(Array(file.bytes.suffix(body.count)) == body)
  }
}
