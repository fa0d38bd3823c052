import Neural
import Training

/// How a training went, kept with what is needed to resume it.
struct TrainCourse {
  struct Point {
    var step: Int
    var train: Double
    var valid: Double
    var accuracy: Double
    var macroF1: Double
    var weightedF1: Double
  }

  /// One for each time that valid was measured.
  private(set) var points: [Point] = []
  private var bits = 0.0
  private var steps = 0
  /// Mean over the steps since valid was measured last, or up to that.
  private(set) var recentBits = 0.0

  init() {}

  /// Reads what `text` wrote; lines that are damaged are left out.
  init(_ text: String) {
    for line in text.split(separator: ";") {
      let numbers = line.split(separator: " ").compactMap { Double($0) }
      guard numbers.count == 6, let step = Int(exactly: numbers[0]) else { continue }
      points.append(
        Point(
          step: step, train: numbers[1], valid: numbers[2], accuracy: numbers[3],
          macroF1: numbers[4], weightedF1: numbers[5]))
    }
  }

  var text: String {
    points.map {
      "\($0.step) \($0.train) \($0.valid) \($0.accuracy) \($0.macroF1) \($0.weightedF1)"
    }.joined(separator: ";")
  }

  mutating func add(step: StepReport) {
    bits += step.bitsPerToken
    steps += 1
    recentBits = bits / Double(steps)
  }

  mutating func add(valid: Evaluation, step: Int) {
    points.append(
      Point(
        step: step, train: recentBits, valid: valid.bitsPerToken, accuracy: valid.accuracy,
        macroF1: valid.macroF1, weightedF1: valid.weightedF1))
    bits = 0
    steps = 0
  }
}

/// What a new checkpoint says of itself; see `ModelDescription`.
enum TrainMetadata {
  static func entries(
    _ material: TrainMaterial, name: String, licence: String
  ) -> [String: String] {
    let list = material.vocabulary.map(jsonText)
    var entries = [
      "lilt.format": "1", "encoding": material.encoding,
      "vocabulary": "[" + list.joined(separator: ",") + "]", "header_fields": "RMLK",
      "start": jsonText(TrainingText.start), "end": jsonText("\n\n"),
      "trained_by": "lilt \(Lilt.version)",
    ]
    if !name.isEmpty { entries["name"] = name }
    if !licence.isEmpty { entries["licence"] = licence }
    return entries
  }

  /// The recipe as one JSON object.
  static func hyperparameters(
    _ shape: NetworkShape, _ settings: TrainerSettings, step: Int
  ) -> String {
    let embedding: Int
    if case .embedding(let width) = shape.input { embedding = width } else { embedding = 0 }
    return "{\"cell\":\"\(shape.cell.rawValue)\",\"embedding\":\(embedding)"
      + ",\"layers\":\(shape.layerSizes),\"dense\":\(shape.denseSizes)"
      + ",\"dropout\":\(shape.dropout),\"weight_dropout\":\(shape.weightDropout),\"batch\":\(settings.batch)"
      + ",\"sequence\":\(settings.steps),\"optimizer\":\"\(settings.optimizer.rule.rawValue)\""
      + ",\"rate\":\(settings.schedule.rate)"
      + ",\"schedule\":\"\(settings.schedule.course.rawValue)\",\"clip\":\(settings.clipping)"
      + ",\"original_share\":\(settings.originalShare),\"seed\":\(settings.seed)"
      + ",\"precision\":\"\(settings.precision.rawValue)\",\"steps\":\(step)}"
  }
}
