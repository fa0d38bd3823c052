import Corpus

/// The charts and the table of an experiment, drawn as its article draws them.
struct ExperimentFigure {
  let experiment: Experiment
  let variants: [Experiment.Variant]
  /// By the variants' names; those that are missing have not been run yet.
  let results: [String: ExperimentResult]
  /// Of the corpus, where notes are counted.
  var data: TimedCounts?

  private var done: [(variant: Experiment.Variant, result: ExperimentResult)] {
    variants.compactMap { variant in results[variant.name].map { (variant, $0) } }
  }

  var sheet: PlotSheet {
    let open = variants.count - done.count
    return PlotSheet(
      title: "\(experiment.rawValue): \(experiment.summary)",
      summary: open == 0 ? "" : "\(open) of \(variants.count) trainings are still to be run.",
      plots: plots, table: table)
  }

  private var plots: [Plot] {
    switch experiment.encoding {
    case .abc: epochs("Bits per character", "Macro F1", "Weighted F1")
    case .midiCharacters, .midiSixteenths:
      experiment == .midiConvergence ? [convergence] : overSizes
    case .pitchStepDuration: written
    case .noteChords: epochs("Bits per token", nil, nil) + histograms
    }
  }

  private var table: [[String]] {
    var rows = [
      ["", "epochs", "train", "valid", "accuracy", "macro F1", "weighted F1", "distance"]
    ]
    for (variant, result) in done {
      let last = result.course.points.last
      rows.append(
        [variant.name, "\(variant.epochs)"]
          + [
            last?.train, last?.valid, last?.accuracy, last?.macroF1, last?.weightedF1,
            result.distance,
          ]
          .map { value in
            value.flatMap { $0.isFinite ? decimals($0, 4) : nil } ?? ""
          })
    }
    return rows
  }

  /// Curves over epochs, not only their ends.
  private func curves(
    _ value: (TrainCourse.Point) -> Double?
  ) -> [Plot.Curve] {
    done.map { variant, result in
      let points = result.course.points
      let last = Double(max(points.last?.step ?? 1, 1))
      return Plot.Curve(
        name: variant.name,
        points: points.compactMap { point in
          value(point).map { (Double(point.step) / last * Double(variant.epochs), $0) }
        })
    }
  }

  private func epochs(_ loss: String, _ macro: String?, _ weighted: String?) -> [Plot] {
    var plots = [
      Plot(title: loss + " on valid", xLabel: "epochs", curves: curves(\.valid)),
      Plot(title: loss + " on train", xLabel: "epochs", curves: curves(\.train)),
      Plot(title: "Accuracy on valid", xLabel: "epochs", curves: curves(\.accuracy)),
      Plot(title: "Accuracy on train", xLabel: "epochs", curves: curves { $0.onTrain?.accuracy }),
    ]
    if let macro {
      plots.append(Plot(title: macro + " on valid", xLabel: "epochs", curves: curves(\.macroF1)))
      plots.append(
        Plot(title: macro + " on train", xLabel: "epochs", curves: curves { $0.onTrain?.macroF1 }))
    }
    if let weighted {
      plots.append(
        Plot(title: weighted + " on valid", xLabel: "epochs", curves: curves(\.weightedF1)))
    }
    return plots
  }

  private var convergence: Plot {
    Plot(
      title: "Bits per token on train", xLabel: "epochs", xScale: .logarithmic,
      yScale: .logarithmic, curves: curves(\.train))
  }

  /// Lowest training loss, and distance, over data sizes; one curve for each series.
  private var overSizes: [Plot] {
    func curves(_ value: (ExperimentResult) -> Double?) -> [Plot.Curve] {
      var names: [String] = []
      for (variant, _) in done where !names.contains(variant.series) {
        names.append(variant.series)
      }
      return names.map { name in
        Plot.Curve(
          name: name,
          points: done.filter { $0.variant.series == name }.compactMap { variant, result in
            value(result).map { (Double(variant.dataSize ?? 0), $0) }
          })
      }
    }
    let losses = curves { $0.course.points.map(\.train).min() }
    var plots = [
      Plot(
        title: "Lowest training loss, bits per token", xLabel: "data size, tokens",
        xScale: .logarithmic, curves: losses),
      Plot(
        title: "The same, log-log", xLabel: "data size, tokens", xScale: .logarithmic,
        yScale: .logarithmic, curves: losses),
    ]
    guard experiment == .midiDataSize else { return plots }
    var distances = curves(\.distance)
    let sizes = done.compactMap { $0.variant.dataSize.map(Double.init) }
    if let first = sizes.min(), let last = sizes.max(), last > first {
      for (name, height) in [("nearly the same, 0.01", 0.01), ("as far as silence, 1", 1.0)] {
        distances.append(Plot.Curve(name: name, points: [(first, height), (last, height)]))
      }
    }
    plots.append(
      Plot(
        title: "Distance from the data", xLabel: "data size, tokens", xScale: .logarithmic,
        curves: distances))
    plots.append(
      Plot(
        title: "The same, log-log", xLabel: "data size, tokens", xScale: .logarithmic,
        yScale: .logarithmic, curves: distances))
    return plots
  }

  /// What was written beside the data, and the losses.
  private var written: [Plot] {
    var series: [(name: String, counts: TimedCounts)] = data.map { [("data", $0)] } ?? []
    for (variant, result) in done {
      for (name, counts) in result.written {
        series.append((variant.temperatures.count > 1 ? name : variant.name, counts))
      }
    }
    let seconds = TimedCounts.seconds
    return [
      TrainReport.bars(
        "Pitches", "MIDI keys", series.map { ($0.name, $0.counts.pitches) }, isEven: true
      ) {
        "\($0)"
      },
      TrainReport.bars(
        "Steps", "seconds", series.map { ($0.name, $0.counts.steps) }, isEven: true, seconds),
      TrainReport.bars(
        "Durations", "seconds", series.map { ($0.name, $0.counts.durations) }, isEven: true,
        seconds),
      Plot(title: "Loss on valid", xLabel: "epochs", curves: curves(\.valid)),
      Plot(title: "Loss on train", xLabel: "epochs", curves: curves(\.train)),
    ]
  }

  private var histograms: [Plot] {
    done.filter { !$0.result.weights.isEmpty }.map { variant, result in
      let total = Double(max(1, result.weights.reduce(0, +)))
      let width = 2 * Double(ExperimentResult.weightLimit) / Double(ExperimentResult.bins)
      return Plot(
        title: "Weights of \(variant.name)", xLabel: "weight", yLabel: "%",
        bars: [
          .init(
            name: "",
            values: result.weights.enumerated().map { place, count in
              (
                decimals((Double(place) + 0.5) * width - Double(ExperimentResult.weightLimit), 2),
                100 * Double(count) / total
              )
            })
        ])
    }
  }

  /// One JSON object with every curve's numbers.
  var json: String {
    let entries = done.map { variant, result in
      let points = result.course.points.map { point in
        "{\"step\":\(point.step),\"train\":\(number(point.train)),\"valid\":\(number(point.valid))"
          + ",\"accuracy\":\(number(point.accuracy)),\"macro_f1\":\(number(point.macroF1))"
          + ",\"weighted_f1\":\(number(point.weightedF1))}"
      }
      let written = result.written.map { name, counts in
        "{\"name\":\(jsonText(name)),\"pitches\":\(object(counts.pitches)),"
          + "\"steps_twentieths\":\(object(counts.steps)),"
          + "\"durations_twentieths\":\(object(counts.durations))}"
      }
      return "{\"name\":\(jsonText(variant.name)),\"epochs\":\(variant.epochs)"
        + ",\"parameters\":\(variant.shape.parameterCount)"
        + (variant.dataSize.map { ",\"data_size\":\($0)" } ?? "")
        + (result.distance.map { ",\"distance\":\(number($0))" } ?? "")
        + ",\"course\":[\(points.joined(separator: ","))]"
        + ",\"written\":[\(written.joined(separator: ","))]"
        + ",\"weights\":\(result.weights)}"
    }
    return "{\"v\":1,\"experiment\":\(jsonText(experiment.rawValue))"
      + ",\"trainings\":\(variants.count),\"done\":\(done.count)"
      + ",\"results\":[\(entries.joined(separator: ","))]}\n"
  }

  private func number(_ value: Double) -> String { value.isFinite ? decimals(value, 5) : "null" }

  private func object(_ counts: Distribution) -> String {
    "{"
      + counts.counts.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }
      .joined(separator: ",") + "}"
  }
}
