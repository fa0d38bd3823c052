import ABC
import Music

/// `vary`: one side of the selected bars written anew, as alternatives.
extension Session {
  mutating func vary(_ argument: String, count: Int?) -> [Effect] {
    let all = Variation.Aspect.allCases
    guard let aspect = Variation.Aspect(rawValue: argument) else {
      guard !argument.isEmpty else { return ask("vary (rhythm, pitch or ornament)", .vary) }
      let nearest = nearestWord(to: argument, among: all.map(\.rawValue))
      complain(
        "'\(argument)' is nothing to vary: rhythm, pitch or ornament"
          + (nearest.map { " (did you mean '\($0)'?)" } ?? ""))
      return []
    }
    guard let model else {
      notice("alternatives need a model (it is still loading, or none is there)")
      return []
    }
    guard let bars = selection ?? score.bar(atByte: cursor).map({ $0...$0 }) else {
      notice("no bar here to vary")
      return []
    }
    let effects = pause()
    draft.closeEdit()
    endSelection()
    let voice = parsed.bars[bars.lowerBound].voice
    let gaps = variationGaps(ofBars: bars.filter { parsed.bars[$0].voice == voice }, aspect)
    guard !gaps.isEmpty else {
      let known = model.vocabulary.contains("~") || model.vocabulary.contains("{")
      notice(
        aspect == .ornament && !known
          ? "\(model.name) knows no ornaments"
          : "there is no \(aspect.rawValue) in \(barNames(bars)) to write anew")
      return effects
    }
    guard isFree(gaps.map(\.range)) else { return effects }
    let side = aspect == .pitch ? "pitches" : aspect == .ornament ? "ornaments" : "rhythm"
    let opened = open(
      .variation(aspect), .fill(gaps), Room(gaps: gaps), name: "the \(side) of \(barNames(bars))",
      min(max(count ?? 4, 1), Alternatives.most))
    return effects + opened
  }

  /// One side of some bars as gaps, each with what it keeps. What the model cannot write (a sign that
  /// it does not know) stays outside of them.
  func variationGaps(ofBars bars: some Sequence<Int>, _ aspect: Variation.Aspect) -> [Gap] {
    let vocabulary = model?.vocabulary ?? []
    func isKnown(_ text: String) -> Bool { text.allSatisfy(vocabulary.contains) }
    var found: [Gap] = []
    for bar in bars {
      guard let whole = gaps(ofBars: [bar]).first else { continue }
      let pieces = MusicPiece.pieces(of: text.text(atBytes: whole.range))
      guard pieces.contains(where: { $0.kind == .pitch }) else { continue }
      if aspect == .rhythm {
        guard whole.length != nil, pieces.allSatisfy({ isKnown($0.text) }) else { continue }
        var gap = whole
        gap.variation = Variation(.rhythm, of: text.text(atBytes: whole.range))
        found.append(gap)
        continue
      }
      if aspect == .ornament, !VariationGrammar.decorations.contains(where: { isKnown("\($0)") }),
        !isKnown("{}")
      {
        continue
      }
      found += pitchGaps(in: whole, pieces, aspect, isKnown)
    }
    return found
  }

  /// The runs of a bar that the model can write; notes held over a bar line stay as they are.
  private func pitchGaps(
    in whole: Gap, _ pieces: [MusicPiece], _ aspect: Variation.Aspect,
    _ isKnown: (String) -> Bool
  ) -> [Gap] {
    let isHeld = parsed.notes.first { whole.range.contains($0.range.lowerBound) }?.isTiedFromBefore
    var gaps: [Gap] = []
    var start = whole.range.lowerBound
    var place = start
    var run: [MusicPiece] = []
    func close() {
      defer {
        run = []
        start = place
      }
      guard run.contains(where: { $0.kind == .pitch }) else { return }
      var gap = Gap(start..<place, length: whole.length)
      gap.allowsChordSymbols = whole.allowsChordSymbols
      gap.variation = Variation(aspect, of: run.map(\.text).joined())
      gaps.append(gap)
    }
    let last = pieces.lastIndex { $0.kind == .pitch }
    let isTiedOn = pieces.last { $0.kind != .space }?.kind == .tie
    let first = pieces.firstIndex { $0.kind == .pitch }
    for (index, piece) in pieces.enumerated() {
      let stays =
        aspect == .pitch && (index == first && isHeld == true || index == last && isTiedOn)
      if stays || !isKnown(piece.text) {
        close()
        place += piece.text.utf8.count
        start = place
      } else {
        place += piece.text.utf8.count
        run.append(piece)
      }
    }
    close()
    return gaps
  }
}
