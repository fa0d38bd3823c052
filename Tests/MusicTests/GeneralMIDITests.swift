import Music
import Testing

@Suite struct GeneralMIDITests {
  @Test(arguments: [
    ("flute", 73), ("Fiddle", 110), ("piano", 0), ("tin whistle", 78), ("church", 19), ("sax", 65),
    ("73", 73), ("gunshot", 127), ("bassoon", 70), ("guitar", 24), ("synth voice", 54),
  ])
  func `an instrument is found by its name, a musician's word or its number`(
    name: String, program: Int
  ) {
    #expect(GeneralMIDI.program(named: name) == program)
  }

  @Test(arguments: ["", "128", "-1", "kazoo"])
  func `what is none is none`(name: String) {
    #expect(GeneralMIDI.program(named: name) == nil)
  }

  @Test func `there are 128 names, and no two alike`() {
    #expect(GeneralMIDI.names.count == 128)
    #expect(Set(GeneralMIDI.names).count == 128)
    #expect(GeneralMIDI.names.allSatisfy { !$0.contains("\n") && !$0.hasPrefix(" ") })
  }

  @Test func `one instrument for every melody leaves chords and drums as they are`() {
    var tune = Performance()
    tune.tracks = [
      .init(name: "a", role: .melody, channel: 0, program: 0),
      .init(name: "b", role: .chords, channel: 1, program: 24),
      .init(name: "c", role: .drums, channel: 9, program: 0),
    ]
    tune.programs = [
      .init(at: .zero, track: 0, program: 5), .init(at: .zero, track: 1, program: 6),
    ]
    tune.setSound(73)
    #expect(tune.tracks.map(\.program) == [73, 24, 0])
    #expect(tune.programs.map(\.track) == [1])
  }
}
