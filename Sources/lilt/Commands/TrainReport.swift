import Corpus

/// A training as a picture: the curves of loss and F1, and how often pitches, steps and lengths occur
/// in the corpus.
struct TrainReport {
  var course: TrainCourse
  /// Nil where nothing was counted.
  var music: NoteDistributions?
  /// What the losses are.
  var unit = "Bits per character"

  /// A page or a picture, by the ending of the path.
  func text(path: String) -> String {
    PlotSheet(title: "Training report", plots: plots).text(path: path)
  }

  private var plots: [Plot] {
    let points = course.points
    func curve(_ name: String, _ value: (TrainCourse.Point) -> Double?) -> Plot.Curve {
      Plot.Curve(
        name: name,
        points: points.compactMap { point in value(point).map { (Double(point.step), $0) } })
    }
    func scores(_ title: String, _ value: @escaping (TrainCourse.Point) -> TrainCourse.Scores?)
      -> Plot
    {
      let curves = [
        curve("accuracy") { value($0)?.accuracy }, curve("macro F1") { value($0)?.macroF1 },
        curve("weighted F1") { value($0)?.weightedF1 },
      ]
      // A network of notes has no F1.
      return Plot(
        title: title, xLabel: "steps",
        curves: curves.filter { $0.points.isEmpty || $0.points.contains { $0.y.isFinite } })
    }
    var plots = [
      Plot(
        title: unit, xLabel: "steps", curves: [curve("train", \.train), curve("valid", \.valid)]),
      scores("Accuracy and F1 on valid") {
        .init(accuracy: $0.accuracy, macroF1: $0.macroF1, weightedF1: $0.weightedF1)
      },
      scores("Accuracy and F1 on train", \.onTrain),
    ]
    if let music {
      plots += Self.counts([("", music)])
    }
    return plots
  }

  /// How often pitches, intervals, steps and lengths occur in music, one beside the other.
  static func counts(_ music: [(name: String, counts: NoteDistributions)]) -> [Plot] {
    [
      bars("Pitches", "MIDI keys", music.map { ($0.name, $0.counts.pitches) }) { "\($0)" },
      bars("Intervals between notes", "half tones", music.map { ($0.name, $0.counts.intervals) }) {
        "\($0)"
      },
      bars(
        "Steps between notes", "quarters", music.map { ($0.name, $0.counts.steps) },
        NoteDistributions.quarters),
      bars(
        "Lengths of notes", "quarters", music.map { ($0.name, $0.counts.lengths) },
        NoteDistributions.quarters),
    ]
  }

  /// Most bars of a chart whose axis is even: the MIDI keys.
  private static let mostBars = 128

  /// The values that are at least a thousandth of all in any, and 40 of them at most; where the axis is
  /// even all from the least to the greatest of these.
  static func bars(
    _ title: String, _ unit: String, _ series: [(name: String, counts: Distribution)],
    isEven: Bool = false, _ name: (Int) -> String
  ) -> Plot {
    var values: Set<Int> = []
    for (_, counts) in series {
      values.formUnion(
        counts.mostFrequent(40).filter { 1000 * $0.count >= counts.total }.map(\.value))
    }
    var shown = Array(values.sorted().prefix(48))
    if isEven, let first = values.min(), let last = values.max() {
      shown = Array(first...min(last, first + mostBars - 1))
    }
    return Plot(
      title: title, xLabel: unit, yLabel: "%",
      bars: series.map { own in
        Plot.Bars(
          name: own.name, values: shown.map { (name($0), 100 * own.counts.share($0)) })
      })
  }
}
