import Corpus

/// A training as a picture: the curves of loss and F1, and how often pitches, steps and lengths occur
/// in the corpus.
struct TrainReport {
  var course: TrainCourse
  /// Nil where nothing was counted.
  var music: NoteDistributions?

  /// A page or a picture, by the ending of the path.
  func text(path: String) -> String {
    guard path.hasSuffix(".html") else { return svg }
    return """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8"><title>Training report</title></head>
      <body style="font-family:sans-serif">
      <h1>Training report</h1>
      \(svg)
      </body></html>

      """
  }

  private static let width = 640.0
  private static let height = 220.0

  private var svg: String {
    let steps = course.points.map { Double($0.step) }
    let onTrain = course.points.filter { $0.onTrain != nil }
    let trainSteps = onTrain.map { Double($0.step) }
    let music = music ?? NoteDistributions()
    let charts = [
      chart(
        "Bits per character", steps,
        [
          ("train", "#c0392b", course.points.map(\.train)),
          ("valid", "#2471a3", course.points.map(\.valid)),
        ]),
      chart(
        "Accuracy and F1 on valid", steps,
        [
          ("accuracy", "#117a65", course.points.map(\.accuracy)),
          ("macro F1", "#9a7d0a", course.points.map(\.macroF1)),
          ("weighted F1", "#76448a", course.points.map(\.weightedF1)),
        ]),
      chart(
        "Accuracy and F1 on train", trainSteps,
        [
          ("accuracy", "#117a65", onTrain.compactMap { $0.onTrain?.accuracy }),
          ("macro F1", "#9a7d0a", onTrain.compactMap { $0.onTrain?.macroF1 }),
          ("weighted F1", "#76448a", onTrain.compactMap { $0.onTrain?.weightedF1 }),
        ]),
      bars("Pitches, as MIDI keys", music.pitches) { "\($0)" },
      bars("Intervals between notes, in half tones", music.intervals) { "\($0)" },
      bars("Steps between notes, in quarters", music.steps, NoteDistributions.quarters),
      bars("Lengths of notes, in quarters", music.lengths, NoteDistributions.quarters),
    ]
    let total = Self.height * Double(charts.count)
    let parts = charts.enumerated().map { index, chart in
      "<g transform=\"translate(0 \(Int(Self.height) * index))\">\(chart)</g>"
    }
    return
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(Int(Self.width)) \(Int(total))\""
      + " width=\"\(Int(Self.width))\" font-family=\"sans-serif\" font-size=\"11\">\n"
      + parts.joined(separator: "\n") + "\n</svg>\n"
  }

  private func label(_ x: Double, _ y: Double, _ text: String, color: String = "#222") -> String {
    "<text x=\"\(decimals(x, 1))\" y=\"\(decimals(y, 1))\" fill=\"\(color)\">\(text)</text>"
  }

  private func chart(
    _ title: String, _ steps: [Double], _ curves: [(name: String, color: String, values: [Double])]
  ) -> String {
    let all = curves.flatMap(\.values).filter(\.isFinite)
    guard let lowest = all.min(), let highest = all.max(), let last = steps.last else {
      return label(10, 20, "\(title): nothing was measured yet")
    }
    let first = steps.first ?? 0
    var text = label(10, 16, title)
    for (index, curve) in curves.enumerated() {
      let points = zip(steps, curve.values).filter(\.1.isFinite).map { step, value in
        let x = 50 + (step - first) / max(last - first, 1) * (Self.width - 70)
        let y = 190 - (value - lowest) / max(highest - lowest, 1e-9) * 150
        return "\(decimals(x, 1)),\(decimals(y, 1))"
      }
      text +=
        "<polyline fill=\"none\" stroke=\"\(curve.color)\" stroke-width=\"1.5\" points=\""
        + points.joined(separator: " ") + "\"/>"
      text += label(200 + 110 * Double(index), 16, curve.name, color: curve.color)
    }
    return text + label(5, 194, decimals(lowest, 3)) + label(5, 44, decimals(highest, 3))
      + label(50, 208, "step \(Int(first))") + label(Self.width - 90, 208, "step \(Int(last))")
  }

  /// The values that are at least a thousandth of all, and 40 of them at most.
  private func bars(
    _ title: String, _ distribution: Distribution, _ name: (Int) -> String
  ) -> String {
    let counts = distribution.mostFrequent(40).filter { 1000 * $0.count >= distribution.total }
    guard let most = counts.map(\.count).max(), most > 0 else {
      return label(10, 20, "\(title): none")
    }
    let width = (Self.width - 70) / Double(counts.count)
    var text = label(10, 16, title)
    for (index, bar) in counts.enumerated() {
      let height = 150 * Double(bar.count) / Double(most)
      let x = 50 + width * Double(index)
      text +=
        "<rect x=\"\(decimals(x, 1))\" y=\"\(decimals(190 - height, 1))\" fill=\"#5d6d7e\" "
        + "width=\"\(decimals(width * 0.8, 1))\" height=\"\(decimals(height, 1))\"/>"
      let share = decimals(100 * distribution.share(bar.value), 1)
      text += "<g font-size=\"8\"><title>\(name(bar.value)): \(share) %</title>"
      text += label(x, index % 2 == 0 ? 200 : 209, name(bar.value)) + "</g>"
    }
    return text
      + label(
        5, 44,
        decimals(100 * distribution.share(counts.first { $0.count == most }?.value ?? 0), 1) + " %")
  }
}
