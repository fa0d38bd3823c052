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
    #expect(found == expected, "\(tune)\n\(transcription.text)\(transcription.report)")
    guard found == expected, !tune.isPedalled else { return }
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
