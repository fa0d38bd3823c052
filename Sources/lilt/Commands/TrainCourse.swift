import Form
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
    /// The same three on the steps before; nil in files of older versions.
    var onTrain: Scores?
  }

  struct Scores {
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
      guard numbers.count == 6 || numbers.count == 9, let step = Int(exactly: numbers[0]) else {
        continue
      }
      points.append(
        Point(
          step: step, train: numbers[1], valid: numbers[2], accuracy: numbers[3],
          macroF1: numbers[4], weightedF1: numbers[5],
          onTrain: numbers.count == 9
            ? Scores(accuracy: numbers[6], macroF1: numbers[7], weightedF1: numbers[8]) : nil))
    }
  }

  var text: String {
    points.map { point in
      let onTrain = point.onTrain.map { " \($0.accuracy) \($0.macroF1) \($0.weightedF1)" } ?? ""
      return "\(point.step) \(point.train) \(point.valid) \(point.accuracy) \(point.macroF1)"
        + " \(point.weightedF1)\(onTrain)"
    }.joined(separator: ";")
  }

  mutating func add(step: StepReport) { add(loss: step.bitsPerToken) }

  mutating func add(loss: Double) {
    bits += loss
    steps += 1
    recentBits = bits / Double(steps)
  }

  /// Of a network of notes: losses instead of bits, and right pitches.
  mutating func add(valid: NoteLoss, train: NoteLoss, step: Int) {
    points.append(
      Point(
        step: step, train: train.total, valid: valid.total, accuracy: valid.accuracy, macroF1: .nan,
        weightedF1: .nan, onTrain: Scores(accuracy: train.accuracy, macroF1: .nan, weightedF1: .nan)
      ))
    bits = 0
    steps = 0
  }

  mutating func add(valid: Evaluation, train: Evaluation?, step: Int) {
    points.append(
      Point(
        step: step, train: recentBits, valid: valid.bitsPerToken, accuracy: valid.accuracy,
        macroF1: valid.macroF1, weightedF1: valid.weightedF1,
        onTrain: train.map {
          Scores(accuracy: $0.accuracy, macroF1: $0.macroF1, weightedF1: $0.weightedF1)
        }))
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
      "vocabulary": "[" + list.joined(separator: ",") + "]",
      "trained_by": "lilt \(Lilt.version)",
    ]
    if material.notes == nil {
      entries["header_fields"] = material.header?.fields ?? "RMLK"
      entries["header_spelling"] = material.header?.spelling.json
      entries["start"] = jsonText(material.header?.start ?? TrainingText.start)
      entries["end"] = jsonText("\n\n")
      let signs = PlanProjection.characters.map { String(Character($0)) }
      if Set(signs).isSubset(of: material.vocabulary) {
        entries["projection"] = PlanProjection.name
      }
    }
    if material.voices > 1 { entries["voices"] = String(material.voices) }
    if !name.isEmpty { entries["name"] = name }
    if !licence.isEmpty { entries["licence"] = licence }
    return entries
  }

  /// The recipe as one JSON object.
  static func hyperparameters(
    _ shape: NetworkShape, _ settings: TrainerSettings, step: Int
  ) -> String {
    var embedding = 0
    if case .embedding(let width) = shape.input { embedding = width }
    let input = shape.input == .scaledToken ? ",\"input\":\"scaled-token\"" : ""
    return "{\"cell\":\"\(shape.cell.rawValue)\",\"embedding\":\(embedding)\(input)"
      + ",\"layers\":\(shape.layerSizes),\"dense\":\(shape.denseSizes)"
      + (shape.denseSizes.isEmpty
        ? "" : ",\"dense_activation\":\"\(shape.denseActivation.name)\"")
      + (shape.isBatchNormalised ? ",\"batch_norm\":true" : "")
      + ",\"dropout\":\(shape.dropout),\"locked_dropout\":\(shape.isDropoutLocked)"
      + ",\"weight_dropout\":\(shape.weightDropout),\"batch\":\(settings.batch)"
      + ",\"sequence\":\(settings.steps),\"optimizer\":\"\(settings.optimizer.rule.rawValue)\""
      + ",\"rate\":\(settings.schedule.rate)"
      + ",\"schedule\":\"\(settings.schedule.course.rawValue)\",\"clip\":\(settings.clipping)"
      + ",\"original_share\":\(settings.originalShare),\"seed\":\(settings.seed)"
      + ",\"precision\":\"\(settings.precision.rawValue)\",\"steps\":\(step)}"
  }
}
