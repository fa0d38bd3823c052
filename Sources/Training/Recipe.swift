/// What a training depends on besides its text: the network and how it is trained, each value under
/// the name that people know it by.
public struct Recipe: Hashable, Sendable {
  public struct Value: Hashable, Sendable {
    public var name: String
    public var value: String
  }

  public var values: [Value] = []

  public init(_ shape: NetworkShape, _ settings: TrainerSettings, isStateful: Bool = true) {
    func add(_ name: String, _ value: Any) { values.append(Value(name: name, value: "\(value)")) }
    func list(_ sizes: [Int]) -> String {
      sizes.isEmpty ? "0" : sizes.map(String.init).joined(separator: ",")
    }
    add("cell", shape.cell.rawValue)
    add("layers", list(shape.layerSizes))
    switch shape.input {
    case .embedding(let width): add("embedding", width)
    case .oneHot: add("embedding", 0)
    case .scaledToken, .numbers: break
    }
    add("dense", list(shape.denseSizes))
    if !shape.denseSizes.isEmpty { add("dense-activation", shape.denseActivation.name) }
    add("dropout", shape.dropout)
    if let share = shape.denseDropout { add("dense dropout", share) }
    add("locked-dropout", shape.isDropoutLocked)
    add("weight-dropout", shape.weightDropout)
    add("batch-norm", shape.isBatchNormalised)
    add("batch", settings.batch)
    add("sequence", settings.steps)
    add("optimizer", settings.optimizer.rule.rawValue)
    add("momentum", settings.optimizer.momentum)
    add("decay", settings.optimizer.decay)
    add("rate", settings.schedule.rate)
    add("schedule", settings.schedule.course.rawValue)
    add("warm-up", settings.schedule.warmUp)
    add("clip", settings.clipping)
    add("init", settings.initialisation.rule.rawValue)
    add("forget-bias", settings.initialisation.forgetBias ?? 0)
    add("precision", settings.precision.rawValue)
    add("threads", settings.threads)
    add("seed", settings.seed)
    add("original-share", settings.originalShare)
    add("windows", !isStateful)
  }

  /// Reads what `text` wrote.
  init(_ text: String) {
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 {
        values.append(Value(name: String(parts[0]), value: String(parts[1])))
      }
    }
  }

  var text: String { values.map { "\($0.name)=\($0.value)" }.joined(separator: "\n") }

  /// The values that are not the same in another recipe.
  func differences(from other: Recipe) -> [TrainingError.Difference] {
    values.compactMap { value in
      let given = other.values.first { $0.name == value.name }?.value
      return given == value.value
        ? nil : .init(name: value.name, kept: value.value, given: given ?? "not given")
    }
  }
}
