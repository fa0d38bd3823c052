import ABC
import Music
import Notes
import Testing

@Suite struct BarTranscriberTests {
  private let inD = BarTranscriber(meter: (4, 4), unitLength: 480, fifths: 2)

  @Test func `notes of a bar are written in groups, with the signs that the key asks for`() {
    let notes = [(0, 480, 62), (480, 480, 66), (960, 960, 69), (1920, 480, 72), (2400, 480, 61)]
    let text = inD.text(
      notes.map { PlacedNote(start: $0.0, length: $0.1, key: $0.2) }, part: 0..<3840, barStart: 0)
    #expect(text == "DFA2 =c^Cz2")
  }

  @Test func `what overlaps is cut and tied, and held over the bar line`() {
    let notes = [
      PlacedNote(start: 0, length: 4800, key: 60), PlacedNote(start: 960, length: 960, key: 64),
    ]
    let plain = BarTranscriber(meter: (4, 4), unitLength: 480, fifths: 0)
    #expect(plain.text(notes, part: 0..<3840, barStart: 0) == "C2-[C-E]2 C4-")
    #expect(plain.text(notes, part: 3840..<7680, barStart: 3840) == "C2z6")
    #expect(plain.text(notes, part: 0..<3840, barStart: 0, isHeldOn: false) == "C2-[C-E]2 C4")
  }

  @Test func `any music is read back from its bars as it was`() {
    var random = Seeded(state: 9)
    for fifths in [-3, 0, 4] {
      let bars = BarTranscriber(meter: (3, 4), unitLength: 480, fifths: fifths)
      for _ in 0..<40 {
        var notes: [PlacedNote] = []
        for _ in 0..<14 {
          let note = PlacedNote(
            start: Int.random(in: 0..<40, using: &random) * 240,
            length: Int.random(in: 1..<12, using: &random) * 240,
            key: Int.random(in: 36..<90, using: &random))
          let isFree = !notes.contains {
            $0.key == note.key && $0.start < note.end && note.start < $0.end
          }
          if isFree { notes.append(note) }
        }
        notes.sort { ($0.start, $0.key) < ($1.start, $1.key) }
        let key = ["-3": "Eb", "0": "C", "4": "E"]["\(fifths)"] ?? "C"
        let music = (0..<5).map { bar in
          bars.text(
            notes, part: bar * 2880..<(bar + 1) * 2880, barStart: bar * 2880, isHeldOn: bar < 4)
        }.joined(separator: " | ")
        let tune = ParsedTune(text: "X:1\nM:3/4\nL:1/8\nK:\(key)\n\(music) |]\n")
        #expect(tune.diagnostics.isEmpty, "\(music)\n\(tune.diagnostics)")
        let heard = tune.performance(PlaybackOptions()).notes.map {
          [$0.start.count, $0.pitch.key]
        }
        #expect(heard == notes.map { [$0.start, $0.key] }, "\(music)")
      }
    }
  }

  private struct Seeded: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ state >> 29
    }
  }
}
