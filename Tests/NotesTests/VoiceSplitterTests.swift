import Music
import Notes
import Testing

@Suite struct VoiceSplitterTests {
  private let quarter = Tick.perQuarter

  /// Notes as (quarter, quarters, key).
  private func notes(_ list: [(Int, Int, Int)]) -> [PlacedNote] {
    list.map { PlacedNote(start: $0.0 * quarter, length: $0.1 * quarter, key: $0.2) }
  }

  @Test func `a melody and its bass go their own ways, whichever of them begins`() {
    var splitter = VoiceSplitter([
      .init(register: 74, isLine: true), .init(register: 45, isLine: true),
    ])
    let mixed = notes([
      (0, 1, 43), (0, 1, 71), (1, 1, 74), (2, 1, 50), (2, 1, 67), (3, 1, 48),
    ])
    #expect(splitter.split(mixed) == [1, 0, 0, 1, 0, 1])
  }

  @Test func `chords stay together below the melody, also where it rests`() {
    var splitter = VoiceSplitter([
      .init(register: 76, isLine: true), .init(register: 55, isLine: false),
    ])
    let mixed = notes([
      (0, 1, 55), (0, 1, 59), (0, 1, 62), (0, 1, 79), (1, 1, 55), (1, 1, 59), (1, 1, 62),
    ])
    #expect(splitter.split(mixed) == [1, 1, 1, 0, 1, 1, 1])
  }

  @Test func `a line that sounds on is given no second note while another voice is near`() {
    let chords = VoiceSplitter.Voice(register: 60, isLine: false)
    let mixed = notes([(0, 4, 67), (1, 1, 65)])
    var line = VoiceSplitter([.init(register: 69, isLine: true), chords])
    #expect(line.split(mixed) == [0, 1])
    var held = VoiceSplitter([.init(register: 69, isLine: true), chords])
    held.hold(until: 4 * quarter, in: 0)
    #expect(held.split(notes([(0, 1, 66)])) == [1])
    var several = VoiceSplitter([.init(register: 69, isLine: false), chords])
    #expect(several.split(mixed) == [0, 0])
  }

  @Test func `voices do not cross within a chord, and their registers follow what they play`() {
    var splitter = VoiceSplitter(VoiceSplitter.beginning(3))
    #expect(splitter.split(notes([(0, 1, 50), (0, 1, 60), (0, 1, 76)])) == [2, 1, 0])
    let before = splitter.voices[0].register
    _ = splitter.split(notes([(1, 1, 88)]))
    #expect(splitter.voices[0].register > before)
  }

  @Test func `what a voice plays says where it lies and whether it is a line`() {
    let line = VoiceSplitter.voice(of: notes([(0, 1, 60), (1, 1, 62)]))
    #expect(line == .init(register: 61, isLine: true))
    let chords = VoiceSplitter.voice(of: notes([(0, 2, 60), (1, 1, 64)]))
    #expect(chords == .init(register: 62, isLine: false))
    #expect(VoiceSplitter.voice(of: notes([(0, 1, 60)])) == nil)
    var one = VoiceSplitter([.init(register: 60, isLine: true)])
    #expect(one.split(notes([(0, 1, 20), (0, 1, 100)])) == [0, 0])
  }
}
