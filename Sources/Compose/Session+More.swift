import ABC
import Music

/// `alt.more`: others like the alternative that is shown. They keep its beginning, half of its bars
/// or of its only bar, so that the model goes on from what the musician liked; of what it writes
/// then, the nearest in contour comes first.
extension Session {
  mutating func moreLikeThis() -> [Effect] {
    guard let open = alternatives else {
      notice("there are no alternatives yet (a asks for some)")
      return []
    }
    guard open.selected > 0 else {
      notice("that is the original: hear an alternative first, then m writes others like it")
      return []
    }
    guard open.candidates[open.selected - 1].isReady, let own = barsOfAlternative,
      let source = source(like: history.currentIdentifier, open, own)
    else {
      notice("alternative \(open.selected) has no beginning to keep")
      return []
    }
    let isWriting = !open.requests.isEmpty
    let number = open.selected
    var held = open.candidates.filter(\.isHeld)
    var shown = open.candidates[number - 1]
    if !shown.isHeld {
      shown.isHeld = true
      held.append(shown)
    }
    writer.alternatives?.startAnew(with: held)
    writer.alternatives?.source = source
    writer.alternatives?.wanted = min(max(open.wanted, held.count + 3), Alternatives.most)
    writer.alternatives?.selected = (held.firstIndex { $0.version == shown.version } ?? 0) + 1
    writer.alternatives?.isUntouched = true
    notice("\(number) is held; others that begin like it are being written")
    return (isWriting ? [.cancelGeneration] : []) + askForMissing()
  }

  /// What is left to write behind the beginning of a version; `nil` where nothing is.
  private func source(
    like version: History.Identifier, _ open: Alternatives, _ own: ClosedRange<Int>
  ) -> Alternatives.Source? {
    let voice = parsed.bars[own.lowerBound].voice
    let bars = own.filter { parsed.bars[$0].voice == voice && parsed.bars[$0].length > .zero }
    let kept = (bars.count + 1) / 2
    func filling(_ gaps: [Gap]) -> Alternatives.Source? {
      guard !gaps.isEmpty else { return nil }
      return Alternatives.Source(
        version: version, task: .fill(gaps), room: Room(gaps: gaps), isModel: true)
    }
    switch open.kind {
    case .phrase where bars.count > 1:
      let end = draft.count - open.kept
      let cut = parsed.bars[bars[kept - 1]].range.upperBound
      guard cut < end else { return nil }
      let endless = Gap(cut..<cut, length: nil, isEndless: true)
      return Alternatives.Source(
        version: version, task: open.task,
        room: Room(edits: [Edit(cut..<end, "")], gaps: open.kept > 0 ? [endless] : []),
        isModel: true)
    case .phrase, .bars, .notes, .voice:
      if bars.count > 1 {
        return filling(similarGaps(ofBars: bars.dropFirst(kept), open.kind))
      }
      return bars.first.flatMap { secondHalf(of: $0) }.flatMap { filling([$0]) }
    case .variation(let aspect):
      if bars.count > 1 { return filling(variationGaps(ofBars: bars.dropFirst(kept), aspect)) }
      return filling(variationGaps(ofBars: bars, aspect))
    case .chords: return nil
    }
  }

  private func similarGaps(
    ofBars bars: some Sequence<Int>, _ kind: Alternatives.Kind
  ) -> [Gap] {
    if case .voice(let weight) = kind { return harmonicGaps(ofBars: Array(bars), weight: weight) }
    return gaps(ofBars: bars)
  }

  /// The part of a bar behind the beat nearest its middle at which notes divide.
  private func secondHalf(of bar: Int) -> Gap? {
    let beat = parsed.header.beatLength
    let length = parsed.bars[bar].length
    guard beat > .zero else { return nil }
    let count = Int(length.value / beat.value + 1e-9)
    let order = (1..<max(count, 1)).sorted {
      (abs(2 * $0 - count), $0) < (abs(2 * $1 - count), $1)
    }
    return order.lazy.compactMap { self.gap(in: bar, from: beat * $0, to: length) }.first
  }

  func contour(of version: History.Identifier) -> MelodyContour {
    let score = Score(text: history.versions[version].text)
    return MelodyContour(
      score.parsed,
      bars: barsOfAlternative(in: score, history.versions[version].byteCount))
  }
}
