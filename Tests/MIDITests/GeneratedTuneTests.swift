import ABC
import MIDI
import Music
import Testing

@Suite struct GeneratedTuneTests {
  /// In 960ths of a quarter.
  private func moment(_ quarters: Double) -> Int { Int((quarters * 960).rounded()) }

  @Test(arguments: Array(0..<300))
  func `every note of a generated file is written where it belongs, as long as it is`(
    seed: Int
  ) throws {
    let tune = GeneratedTune(seed: UInt64(seed))
    let transcription = abcTranscription(of: try tune.maker.reread()) {
      ParsedTune(text: $0).performance()
    }
    let again = ParsedTune(text: transcription.text)
    #expect(again.diagnostics.filter { $0.severity == .error }.map(\.sentence) == [])
    let heard = again.performance().notes
    // Thirds fall between ticks: a tick's difference is none.
    func place(_ moment: Int) -> Int { (moment + 4) / 10 }
    let notes = tune.written + tune.drums
    let expected = notes.map { "\(place(moment($0.start))) \($0.key)" }.sorted()
    let found = heard.map { "\(place($0.start.count)) \($0.pitch.key)" }.sorted()
    try #require(found == expected, "\(tune)\n\(transcription.text)\(transcription.report)")
    // The pedal holds notes longer than they are written.
    if tune.isPedalled { return }
    let drumKeys = Set(tune.drums.map(\.key))
    let lengths = tune.written.map {
      "\(place(moment($0.start))) \($0.key) \(place(moment($0.start + $0.length)))"
    }.sorted()
    let foundLengths = heard.filter { !drumKeys.contains($0.pitch.key) }.map {
      "\(place($0.start.count)) \($0.pitch.key) \(place($0.end.count))"
    }.sorted()
    #expect(
      foundLengths
        == lengths.filter { line in
          !drumKeys.contains(Int(line.split(separator: " ")[1]) ?? 0)
        }, "\(tune)\n\(transcription.text)\(transcription.report)")
  }
}

@Suite struct PlayedInTests {
  /// Played on a keyboard without a click: the pace wanders by eight per cent, fingers are some
  /// 12 ms early or late and leave the keys when they like.
  private func played(_ tune: ParsedTune, seed: UInt64) throws -> MIDIFile {
    var dice = Dice(state: seed)
    var performance = tune.performance()
    let map = TempoMap(performance.tempos)
    let wander = Double.random(in: 12...25, using: &dice)
    func second(_ tick: Tick) -> Double {
      // A wave of straight lines is as good as a sine.
      let written = map.seconds(at: tick)
      let part = (written / wander).truncatingRemainder(dividingBy: 1)
      return 0.4 + written + 0.08 * wander * (part < 0.5 ? part : 1 - part)
    }
    for index in performance.notes.indices {
      let note = performance.notes[index]
      let jitter = (0..<4).reduce(0.0) { sum, _ in sum + Double.random(in: -1...1, using: &dice) }
      let start = second(note.start) + jitter * 0.0104
      let gate = Double.random(in: 0.6...1, using: &dice)
      let end = start + (second(note.end) - second(note.start)) * gate
      performance.notes[index].start = Tick(Int(start * 1920))
      performance.notes[index].end = Tick(Int(end * 1920))
      performance.notes[index].velocity = 80
    }
    performance.notes.sort { $0.start < $1.start }
    performance.tempos = [.init(at: .zero, quartersPerMinute: 120)]
    performance.meters = [.init(at: .zero, beats: 4, unit: 4)]
    performance.end = performance.notes.map(\.end).max() ?? .zero
    return try MIDIFile(bytes: MIDIFile(performance: performance).bytes)
  }

  private static let reel = """
    X:1
    M:4/4
    L:1/8
    K:D
    D2FD AFdA|B2GB AFED|D2FD AFdA|B2AF E2D2|
    d2fd adfa|g2ec A2Bc|d2fd adfa|gfed c2d2|
    D2FD AFdA|B2GB AFED|D2FD AFdA|B2AF E2D2|
    d2fd adfa|g2ec A2Bc|d2fd adfa|gfed c2d2|]
    """

  @Test(arguments: 1...6)
  func `what is played without a click comes out in bars`(seed: UInt64) throws {
    let transcription = abcTranscription(
      of: try played(ParsedTune(text: PlayedInTests.reel), seed: seed))
    #expect(transcription.report.first?.contains("the beat was found by listening") == true)
    #expect(transcription.text.contains("M:4/4\n"))
    let letters = { (text: String) in text.filter { $0.isLetter || $0 == "|" } }
    let bars = letters(music(transcription).joined()).split(separator: "|").map(String.init)
    let wanted = letters("D2FD AFdA|B2GB AFED|D2FD AFdA|B2AF E2D2").split(separator: "|")
      .map(String.init)
    #expect(Array(bars.prefix(4)) == wanted, "\(transcription.text)")
  }
}
