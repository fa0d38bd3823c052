import Music

extension Performer {
  /// Sets syllables at the moments their notes sound. Each pass of a section, and each time that a
  /// part comes again, sings the next verse, and the first again after the last. Where a verse
  /// gives a note nothing, nothing is sung.
  mutating func sing() {
    guard !tune.lyrics.isEmpty else { return }
    var syllables: [Int: [ParsedTune.Lyric]] = [:]
    for lyric in tune.lyrics { syllables[lyric.note, default: []].append(lyric) }
    let blocks = tune.script.lyricBlocks.sorted { $0.notes.lowerBound < $1.notes.lowerBound }
    var heard: Set<Int> = []
    for index in times.indices.sorted(by: { times[$0].start < times[$1].start }) {
      guard let note = sounds[index].written, let lines = syllables[note],
        let block = block(of: note, in: blocks)
      else { continue }
      let isFirst = heard.insert(note).inserted
      let pass = verse(at: times[index].start, in: sounds[index].track)
      let verse = (pass - 1) % max(block.ends.count, 1) + 1
      var line = lines.first { $0.verse == verse }
      // A second ending may have its words in the first verse's line, when its own has ended.
      if line == nil, isFirst, verse > 1, block.ends[verse - 1] < note {
        line = lines.last { $0.verse < verse }
      }
      if let line { performance.lyrics.append(.init(at: sounds[index].start, text: line.text)) }
    }
  }

  private func block(of note: Int, in blocks: [LyricLine.Block]) -> LyricLine.Block? {
    var (low, high) = (0, blocks.count)
    while low < high {
      let middle = (low + high) / 2
      if blocks[middle].notes.lowerBound <= note { low = middle + 1 } else { high = middle }
    }
    // Lines of several voices may lie within one another.
    return blocks[..<low].last { $0.notes.contains(note) }
  }

  /// The verse of the last stretch that begins by then.
  private func verse(at moment: Fraction, in voice: Int) -> Int {
    guard verses.indices.contains(voice) else { return 1 }
    let stretches = verses[voice]
    var (low, high) = (0, stretches.count)
    while low < high {
      let middle = (low + high) / 2
      if stretches[middle].start <= moment { low = middle + 1 } else { high = middle }
    }
    return low > 0 ? stretches[low - 1].verse : 1
  }
}
