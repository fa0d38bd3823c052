import ABC
import Music

/// `alt.comp`: what was heard of the alternatives, beat by beat, kept as a take of its own.
extension Session {
  /// Notes which alternative sounds at the playhead.
  mutating func noteWhatIsHeard() {
    guard alternatives != nil, player.state == .playing else { return }
    var beat: HeardBeats.Beat?
    // What plays of the original may be only the bars before those that are written.
    if let alternatives, alternatives.hasBars(in: parsed, draft.count), let own = barsOfAlternative,
      let played = score.playedBar(at: player.playhead),
      let bar = own.first(where: { score.leadingBar(of: $0) == played.written })
    {
      let length = max(Tick(parsed.header.beatLength).count, 1)
      beat = HeardBeats.Beat(
        bar: bar - own.lowerBound,
        beat: max(player.playhead.count - played.start.count, 0) / length)
    }
    let shown = history.currentIdentifier
    writer.alternatives?.heard.hear(beat, shown: shown)
  }

  mutating func keepWhatWasHeard() -> [Effect] {
    guard let open = alternatives else {
      notice("there are no alternatives to keep (a asks for some)")
      return []
    }
    guard let base = baseOfComp(open) else {
      notice("nothing of these was heard yet (Space plays, 0-9 switch on the beat)")
      return []
    }
    let used = Set(open.heard.versions.values)
    if used.count == 1, let version = used.first {
      let number = (0...open.candidates.count).first { open.version($0) == version } ?? 0
      notice(
        "only \(number == 0 ? "the original" : "\(number)") was heard: nothing to put together")
      return []
    }
    let (composed, whole) = comp(in: base, open.heard)
    let known = [open.original] + open.candidates.map(\.version)
    if let same = known.firstIndex(where: { history.versions[$0].text == composed }) {
      notice("what was heard is \(same == 0 ? "the original" : "alternative \(same)")")
      return []
    }
    let original = history.versions[open.original].text
    let version = draft.branch(
      from: open.original, head: open.start,
      edits: Edit.edits(from: original, to: composed), origin: .model)
    draft.mark(version, tag: "as heard \(version)")
    var candidate = Alternatives.Candidate(version: version)
    (candidate.isReady, candidate.isHeld, candidate.isComp) = (true, true, true)
    writer.alternatives?.candidates.append(candidate)
    writer.alternatives?.wanted += 1
    let effects = showAlternative(open.candidates.count + 1)
    notice(
      "what was heard is alternative \(open.candidates.count + 1) (Enter takes it)"
        + (whole.isEmpty ? "" : "; \(whole): whole, as its notes cannot be cut at the beat"))
    return effects
  }

  /// A version and the bars in question, read.
  private struct Part {
    var version: History.Identifier
    var score: Score
    var text: String
    var bars: ClosedRange<Int>
  }

  private func part(_ version: History.Identifier) -> Part? {
    let text = history.versions[version].text
    let score = Score(text: text)
    let count = history.versions[version].byteCount
    guard alternatives?.hasBars(in: score.parsed, count) == true,
      let bars = barsOfAlternative(in: score, count)
    else { return nil }
    return Part(version: version, score: score, text: text, bars: bars)
  }

  /// The version whose bars a comp takes the place of: the original, or, where that ends before them,
  /// the longest that was heard. `nil` where nothing was.
  private func baseOfComp(_ open: Alternatives) -> History.Identifier? {
    let heard = Set(open.heard.versions.values)
    guard !heard.isEmpty else { return nil }
    if part(open.original) != nil { return open.original }
    return heard.sorted().compactMap(part).max { $0.bars.count < $1.bars.count }?.version
  }

  /// A version's text with each beat of its bars in question as it was heard.
  ///
  /// - Returns: The text, and the bars that were taken as a whole, in words.
  private func comp(
    in base: History.Identifier, _ heard: HeardBeats
  ) -> (String, whole: String) {
    var parts: [History.Identifier: Part] = [:]
    for version in Set(heard.versions.values).union([base]) { parts[version] = part(version) }
    guard let whole = parts[base] else { return (history.versions[base].text, "") }
    let (parsed, own) = (whole.score.parsed, whole.bars)
    let bytes = Array(whole.text.utf8)
    let beat = parsed.header.beatLength
    var edits: [Edit] = []
    var uncut: [Int] = []
    for bar in own {
      let place = bar - own.lowerBound
      let length = parsed.bars[bar].length
      let beats = max(Int((length.value / max(beat.value, 0.001)).rounded(.up)), 1)
      var segments: [(version: History.Identifier, segment: BarComp.Segment)] = []
      for number in 0..<beats {
        guard let version = heard.version(at: HeardBeats.Beat(bar: place, beat: number)),
          let part = parts[version], place < part.bars.count,
          part.score.parsed.bars[part.bars.lowerBound + place].length == length
        else { continue }
        let to = number == beats - 1 ? length : beat * (number + 1)
        if segments.last?.version == version {
          segments[segments.count - 1].segment.to = to
        } else {
          segments.append(
            (
              version,
              BarComp.Segment(
                tune: part.score.parsed, text: part.text, bar: part.bars.lowerBound + place,
                from: segments.last?.segment.to ?? .zero, to: to)
            ))
        }
      }
      guard !segments.isEmpty else { continue }
      segments[segments.count - 1].segment.to = length
      let longest = segments.max {
        ($0.segment.to - $0.segment.from).value < ($1.segment.to - $1.segment.from).value
      }
      var music: String?
      if segments.count > 1 {
        music = BarComp.music(
          segments.map(\.segment),
          header: plainHeader(
            of: parsed, whole.text, atByte: parsed.bars[bar].range.lowerBound,
            voice: parsed.bars[bar].voice))
        if music == nil { uncut.append(bar) }
      }
      if music == nil, let longest {
        let segment = longest.segment
        let last = segment.tune.notes.last { $0.bar == segment.bar }
        music = segment.text.text(
          atBytes: BarFrame(
            Array(segment.text.utf8), bar: segment.tune.bars[segment.bar].range,
            lastNote: last?.range.upperBound
          ).music)
      }
      let frame = BarFrame(
        bytes, bar: parsed.bars[bar].range,
        lastNote: parsed.notes.last { $0.bar == bar }?.range.upperBound)
      if let music { edits.append(Edit(frame.music, music)) }
    }
    var text = whole.text
    for edit in edits.reversed() { text.replaceBytes(edit.range, with: edit.replacement) }
    let names = uncut.map { "bar \(parsed.bars[$0].number)" }.joined(separator: ", ")
    return (text, names)
  }
}
