import Music

/// Whether the voices of a tune keep together.
extension TuneAssembler {
  /// Where a bar ends, and which one it is.
  private typealias Edge = (end: Fraction, bar: Int)

  /// The first bar of each voice that does not end where one of the first voice does, and voices
  /// that are shorter than the first.
  func checkVoices(_ lines: inout LineTable, _ found: inout [Diagnostic]) {
    guard voices.count > 1 else { return }
    let edges = edges
    guard let lead = edges[0].last, isRegular(0) else { return }
    let first = Set(edges[0].map(\.end))
    for voice in 1..<voices.count {
      guard let last = edges[voice].last, isRegular(voice) else { continue }
      if let uneven = edges[voice].first(where: { $0.end <= lead.end && !first.contains($0.end) }) {
        found.append(
          lines.diagnostic(
            .warning,
            "\(tune.name(of: tune.bars[uneven.bar])) does not end together with a bar of the first "
              + "voice; nothing is filled in.", tune.bars[uneven.bar].range))
      } else if last.end != lead.end, !isGrowing(0), !isGrowing(voice) {
        let isShorter = last.end < lead.end
        let shorter = isShorter ? voice : 0
        let bar = tune.bars[(isShorter ? last : lead).bar]
        found.append(
          lines.diagnostic(
            .warning,
            "The voices are not equally long: \u{201C}\(tune.voices[shorter].name)\u{201D} ends after "
              + "\(bars(edges[shorter])), \u{201C}\(tune.voices[isShorter ? 0 : voice].name)\u{201D} after "
              + "\(bars(edges[isShorter ? 0 : voice])).", bar.range, mayPass: true))
      }
    }
  }

  private func bars(_ edges: [Edge]) -> String {
    edges.count == 1 ? "1 bar" : "\(edges.count) bars"
  }

  /// Every bar line of each voice; a rest of several bars has all of theirs.
  private var edges: [[Edge]] {
    var edges = [[Edge]](repeating: [], count: voices.count)
    for (index, bar) in tune.bars.enumerated()
    where bar.voice < edges.count && bar.length > .zero
      && (bar.isClosed || bar.length == bar.expected)
    {
      let count = restBars[index] ?? 1
      let part = bar.length / Fraction(count)
      for number in 1...max(count, 1) {
        edges[bar.voice].append((bar.start + part * number, index))
      }
    }
    return edges
  }

  /// Whether every bar adds up: one that does not has been told already.
  private func isRegular(_ voice: Int) -> Bool {
    tune.bars.allSatisfy { bar in
      bar.voice != voice || bar.mayDiffer || !bar.isClosed
        || bar.length == bar.expected ?? bar.length
    }
  }

  /// Whether the voice ends inside a bar that is not closed, and not full.
  private func isGrowing(_ voice: Int) -> Bool {
    tune.bars.last { $0.voice == voice }.map { bar in
      !bar.isClosed && bar.expected.map { bar.length < $0 } ?? true
    } ?? true
  }
}
