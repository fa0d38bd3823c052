import MIDI
import Music
import Testing

/// Pseudo-random numbers that are the same in every run (SplitMix64).
struct Dice: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

@Suite struct MIDIFileDamageTests {
  /// Good files of many kinds to damage.
  let samples: [[UInt8]] = {
    var tune = performance(
      (0..<12).map { (60 + $0, $0 * 320, 320) } + [(72, 3840, 960), (72, 4800, 137)])
    tune.lyrics = [.init(at: .zero, text: "lá")]
    tune.markers = [.init(at: .zero, text: "A")]
    let running: [UInt8] = [0, 0x90, 60, 80, 0x60, 60, 0, 0, 0xF0, 3, 0x43, 0x10, 0xF7, 0, 62, 80]
    return [
      MIDIFile(performance: tune).bytes,
      midi(format: 0, running + end),
      midi(format: 2, division: [0xE7, 40], middleC + end, middleC + end) + chunk("XFIH", [1]),
    ] + developmentFiles.map(\.bytes).filter { $0.count < 400 }
  }()

  @Test func `a file cut off at any length is read as far as it goes, or refused`() throws {
    for sample in samples {
      let whole = try MIDIFile(bytes: sample).performance.notes.count
      for count in 0..<sample.count {
        guard let file = try? MIDIFile(bytes: Array(sample.prefix(count))) else { continue }
        #expect(file.performance.notes.count <= whole)
        _ = MIDIFile(performance: file.performance).bytes
      }
    }
  }

  @Test func `no damage makes the reader stop, and what it reads can be written`() {
    var dice = Dice(state: 7)
    for round in 0..<6000 {
      var bytes = samples[round % samples.count]
      for _ in 0..<Int.random(in: 1...8, using: &dice) {
        let place = Int.random(in: 0..<bytes.count, using: &dice)
        switch Int.random(in: 0..<4, using: &dice) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &dice)
        case 1: bytes[place] ^= 1 << UInt8.random(in: 0...7, using: &dice)
        case 2:
          bytes.insert([0, 0x7F, 0x80, 0xFF, 0x90].randomElement(using: &dice) ?? 0, at: place)
        default: if bytes.count > 20 { bytes.remove(at: place) }
        }
      }
      guard let file = try? MIDIFile(bytes: bytes) else { continue }
      let heard = file.performance
      #expect(heard.notes.allSatisfy { $0.end > $0.start && heard.tracks.indices ~= $0.track })
      #expect(heard.bars.count <= 20_000)
      if heard.end.count < 1 << 30 {
        #expect((try? MIDIFile(bytes: MIDIFile(performance: heard).bytes)) != nil)
      }
    }
  }

  @Test func `ten thousand tracks and as many programs take no time to speak of`() throws {
    let track: [UInt8] = [0, 0xC0, 5, 0, 0x90, 60, 80] + end
    var bytes = midi(track)
    for _ in 1..<10_000 { bytes += chunk("MTrk", track) }
    let clock = ContinuousClock()
    let time = try clock.measure {
      let heard = try MIDIFile(bytes: bytes).performance
      #expect(heard.tracks.count == 10_000)
      _ = MIDIFile(performance: heard).bytes
    }
    #expect(time < .seconds(10))
  }

  @Test func `a hundred thousand notes of one pitch left open take no time to speak of`() throws {
    let body = (0..<100_000).flatMap { _ -> [UInt8] in [1, 60, 80] }
    let clock = ContinuousClock()
    let time = try clock.measure {
      let heard = try MIDIFile(bytes: midi([0, 0x90, 60, 80] + body + end)).performance
      #expect(heard.notes.count == 100_001)
    }
    #expect(time < .seconds(10))
  }

  @Test(.enabled(if: !developmentFiles.isEmpty, "the development data are not here"))
  func `every development file is read, and writing it changes no note`() throws {
    for sample in developmentFiles {
      let file = try MIDIFile(bytes: sample.bytes)
      // One of them lacks every end of track.
      #expect(file.repairs.allSatisfy { $0.hasSuffix("has no end of track.") }, "\(sample.name)")
      let heard = file.performance
      #expect(!heard.notes.isEmpty, "\(sample.name)")
      let again = try MIDIFile(bytes: MIDIFile(performance: heard).bytes).performance
      #expect(sounds(again).sorted() == sounds(heard).sorted(), "\(sample.name)")
    }
  }
}
