import ArgumentParser
import Neural
import Training

extension Activation: ExpressibleByArgument {
  /// An activation by its name; Keras writes some with an underscore.
  public init?(argument: String) { self.init(name: argument.replacing("_", with: "-")) }

  public static var allValueStrings: [String] {
    trainableNames.map { String($0.prefix { $0 != "[" }) }
  }
}

extension NetworkShape.Cell: ExpressibleByArgument {}
extension OptimizerSettings.Rule: ExpressibleByArgument {}
extension Schedule.Course: ExpressibleByArgument {}
extension Initialisation.Rule: ExpressibleByArgument {}
extension TrainPreset: ExpressibleByArgument {}

/// Options that say what the network looks like; each wins over the preset.
struct NetworkOptions: ParsableArguments {
  @Option(help: "lstm, gru or rnn.")
  var cell: NetworkShape.Cell?
  @Option(help: "Units of the recurrent layers, such as 512,512.")
  var layers: String?
  @Option(help: "Width of the embedding; 0 is one-hot.")
  var embedding: Int?
  @Option(help: "Units of dense layers before the scores, such as 256; 0 is none.")
  var dense: String?
  @Option(
    name: .customLong("dense-activation"),
    help: """
      What dense layers before the scores make of their sums: relu (the default), leaky-relu or \
      leaky-relu=SLOPE (0.01 unless it is said), elu, tanh, sigmoid or linear.
      """)
  var denseActivation: Activation?
  @Option(help: "Share of the layers' outputs that is dropped (0 to below 1).")
  var dropout: Float?
  @Flag(name: .customLong("locked-dropout"), help: "Drop the same outputs all along a sequence.")
  var lockedDropout = false
  @Option(
    name: .customLong("weight-dropout"),
    help: "Share of the recurrent weights that is dropped in each step (0 to below 1).")
  var weightDropout: Float?
  @Flag(name: .customLong("batch-norm"), help: "Normalise what dense layers read over the batch.")
  var batchNorm = false

  func check() throws {
    if let layers, Self.sizes(layers) == nil || Self.sizes(layers)?.isEmpty ?? true {
      throw ValidationError("--layers must be numbers with commas between, such as 512,512")
    }
    if let dense, Self.sizes(dense) == nil {
      throw ValidationError("--dense must be numbers with commas between, such as 256")
    }
    if let denseActivation, !denseActivation.isTrainable {
      let names = Activation.trainableNames.joined(separator: ", ")
      throw ValidationError("--dense-activation is one of \(names), with a slope from 0 to 1")
    }
    if let embedding, !(0...NetworkShape.widestLayer).contains(embedding) {
      throw ValidationError("--embedding must be 0 to \(NetworkShape.widestLayer)")
    }
    if !(0..<1).contains(dropout ?? 0) || !(0..<1).contains(weightDropout ?? 0) {
      throw ValidationError("--dropout and --weight-dropout must be at least 0 and below 1")
    }
  }

  private static func sizes(_ text: String) -> [Int]? {
    if text == "0" { return [] }
    var sizes: [Int] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let size = Int(part), (1...NetworkShape.widestLayer).contains(size) else {
        return nil
      }
      sizes.append(size)
    }
    return sizes
  }

  func shape(preset: TrainPreset?, vocabularySize: Int) -> NetworkShape {
    var shape =
      preset?.shape(vocabularySize: vocabularySize)
      ?? NetworkShape(
        vocabularySize: vocabularySize, input: .embedding(width: 96), layerSizes: [512, 512],
        dropout: 0.15)
    if let cell { shape.cell = cell }
    if let layers, let sizes = Self.sizes(layers) { shape.layerSizes = sizes }
    if let embedding { shape.input = embedding == 0 ? .oneHot : .embedding(width: embedding) }
    if let dense, let sizes = Self.sizes(dense) { shape.denseSizes = sizes }
    if let denseActivation { shape.denseActivation = denseActivation }
    if batchNorm { shape.isBatchNormalised = true }
    return thinned(shape)
  }

  /// The shape of a model from which training starts.
  func shape(from known: NetworkShape) -> NetworkShape {
    var shape = known
    shape.dropout = 0.15
    return thinned(shape)
  }

  private func thinned(_ known: NetworkShape) -> NetworkShape {
    var shape = known
    if let dropout { shape.dropout = dropout }
    if let weightDropout { shape.weightDropout = weightDropout }
    if lockedDropout { shape.isDropoutLocked = true }
    return shape
  }

  /// Whether an option says what layers there are.
  var namesNetwork: Bool {
    cell != nil || layers != nil || embedding != nil || dense != nil || denseActivation != nil
      || batchNorm
  }
}

/// Options that say how it is trained; each wins over the preset.
struct TrainingOptions: ParsableArguments {
  @Option(help: "Rows read side by side.")
  var batch: Int?
  @Option(help: "Characters through which gradients go back.")
  var sequence: Int?
  @Option(help: "sgd, adagrad, rmsprop, adam or adamw.")
  var optimizer: OptimizerSettings.Rule?
  @Option(help: "Share of the last change that sgd and rmsprop keep.")
  var momentum: Float?
  @Option(help: "Weight decay.")
  var decay: Float?
  @Option(help: "Learning rate at its highest.")
  var rate: Double?
  @Option(help: "constant, cosine, step or plateau.")
  var schedule: Schedule.Course?
  @Option(name: .customLong("warm-up"), help: "Steps in which the rate rises from 0.")
  var warmUp: Int?
  @Option(help: "Shorten gradients longer than this; 0 leaves them.")
  var clip: Double?
  @Option(name: .customLong("init"), help: "uniform, xavier or orthogonal.")
  var initialisation: Initialisation.Rule?
  @Option(name: .customLong("forget-bias"), help: "What forget gates' biases start at.")
  var forgetBias: Float?
  @Option(help: "Read every tune so many times.")
  var epochs: Int?
  @Option(help: "Stop after so many steps.")
  var steps: Int?
  @Option(help: "Stop after so many minutes.")
  var minutes: Double?
  @Option(help: "Stop when so many epochs did not lower the loss on valid; 0 never does.")
  var patience = 0
  @Option(help: "auto, fp32 or bf16.")
  var precision = Arithmetic.auto
  @Option(help: "Threads that compute.")
  var threads = 2
  @Option(help: "Chooses the first weights and the order of tunes.")
  var seed: UInt64 = 0
  @Option(
    name: .customLong("original-share"),
    help: "How often a tune is read in the key it was written in (0 to 1).")
  var originalShare: Double?
  @Flag(help: "Read every sequence from a state of zeros, not from where its row stopped.")
  var windows = false
  @Flag(help: "JSON lines, also on a terminal.")
  var json = false

  enum Arithmetic: String, CaseIterable, ExpressibleByArgument { case auto, fp32, bf16 }

  func check() throws {
    func check(_ isRight: Bool, _ sentence: String) throws {
      if !isRight { throw ValidationError(sentence) }
    }
    try check((1...4096).contains(batch ?? 1), "--batch must be 1 to 4096")
    try check((1...65536).contains(sequence ?? 1), "--sequence must be 1 to 65536")
    try check((1...64).contains(threads), "--threads must be 1 to 64")
    try check(rate.map { $0 > 0 && $0 <= 100 } ?? true, "--rate must be above 0, at most 100")
    try check((0...1_000_000).contains(warmUp ?? 0), "--warm-up must be 0 to 1000000")
    try check(clip.map { $0 >= 0 && $0.isFinite } ?? true, "--clip must be 0 or more")
    try check((1...1_000_000).contains(epochs ?? 1), "--epochs must be 1 to 1000000")
    try check((1...1_000_000_000).contains(steps ?? 1), "--steps must be 1 or more")
    try check(
      minutes.map { $0 > 0 && $0 <= 1_000_000 } ?? true, "--minutes must be above 0")
    try check((0...1_000_000).contains(patience), "--patience must be 0 or more")
    try check((0...1).contains(originalShare ?? 0), "--original-share must be 0 to 1")
    try check((0..<1).contains(momentum ?? 0), "--momentum must be at least 0 and below 1")
    try check((0...1).contains(decay ?? 0), "--decay must be 0 to 1")
  }

  /// A network that `isStarted` from a model is to change little: its rate is a quarter.
  func settings(
    preset: TrainPreset?, shape: NetworkShape? = nil, isStarted: Bool = false
  ) -> TrainerSettings {
    let known = shape ?? preset?.shape(vocabularySize: 1)
    var settings =
      known.flatMap { preset?.settings(for: $0) } ?? TrainerSettings(batch: 32, steps: 64)
    if let batch { settings.batch = batch }
    if let sequence { settings.steps = sequence }
    if let optimizer {
      settings.optimizer = OptimizerSettings(rule: optimizer)
      settings.schedule.rate = settings.optimizer.usualRate
    }
    if let momentum { settings.optimizer.momentum = momentum }
    if let decay { settings.optimizer.decay = decay }
    if isStarted { settings.schedule.rate /= 4 }
    if let rate { settings.schedule.rate = rate }
    if let schedule { settings.schedule.course = schedule }
    if let warmUp { settings.schedule.warmUp = warmUp }
    if let clip { settings.clipping = clip }
    if let initialisation { settings.initialisation.rule = initialisation }
    if let forgetBias { settings.initialisation.forgetBias = forgetBias }
    if let originalShare { settings.originalShare = originalShare }
    switch precision {
    case .auto: settings.precision = .best
    case .fp32: settings.precision = .float32
    case .bf16: settings.precision = .bfloat16
    }
    settings.threads = threads
    settings.seed = seed
    return settings
  }

  /// When training ends.
  struct Limits {
    var epochs: Int?
    var steps: Int?
    var minutes: Double?
    var patience: Int

    /// How much is done, 0...1.
    func progress(epochs done: Double, step: Int, seconds: Double) -> Double {
      var progress = 0.0
      if let epochs { progress = max(progress, done / Double(epochs)) }
      if let steps { progress = max(progress, Double(step) / Double(steps)) }
      if let minutes { progress = max(progress, seconds / (60 * minutes)) }
      return min(1, progress)
    }
  }

  /// - Parameter tokens: Of the text that is trained on.
  func limits(preset: TrainPreset?, shape: NetworkShape, tokens: Int) -> Limits {
    let hasLimit = epochs != nil || steps != nil || minutes != nil
    let usual = preset?.epochs(for: shape, tokens: tokens) ?? 30
    return Limits(
      epochs: epochs ?? (hasLimit ? nil : usual), steps: steps, minutes: minutes,
      patience: patience)
  }

  /// Whether every sequence is read from a state of zeros.
  func readsWindows(preset: TrainPreset?) -> Bool { windows || preset?.readsWindows ?? false }
}
