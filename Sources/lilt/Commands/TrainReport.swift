import Corpus

/// A training as a picture: the curves of loss and F1, and how often pitches and lengths occur.
struct TrainReport {
  var course: TrainCourse
  var tunes: [ModelTune]

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
    let intervals = counts(
      tunes.flatMap { Melody($0).intervals.filter { (-12...12).contains($0) } })
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
      bars("Steps between notes, in half tones", intervals),
      bars("Keys of the tunes, in sharps", counts(tunes.map(\.key.sharps))),
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

  private func counts(_ values: [Int]) -> [(Int, Int)] {
    var counts: [Int: Int] = [:]
    for value in values { counts[value, default: 0] += 1 }
    return counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
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

  private func bars(_ title: String, _ counts: [(value: Int, count: Int)]) -> String {
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
      text += label(x, 204, "\(bar.value)")
    }
    return text + label(5, 44, "\(most)")
  }
}
