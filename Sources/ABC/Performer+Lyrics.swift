import Music

extension Performer {
  /// Sets syllables at the moments their notes sound; the second pass sings the second verse.
  mutating func sing() {
    guard !tune.lyrics.isEmpty else { return }
    var verses: [Int: [ParsedTune.Lyric]] = [:]
    for lyric in tune.lyrics { verses[lyric.note, default: []].append(lyric) }
    var passes: [Int: Int] = [:]
    for sound in sounds.sorted(by: { $0.start < $1.start }) where sound.written >= 0 {
      let written = Int(sound.written)
      guard let lines = verses[written], let first = lines.first else { continue }
      let pass = passes[written, default: 0]
      passes[written] = pass + 1
      let text = pass < lines.count ? lines[pass].text : first.text
      performance.lyrics.append(.init(at: Tick(sound.start), text: text))
    }
  }
}
