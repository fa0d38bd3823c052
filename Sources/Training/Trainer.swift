/// How a network is trained.
public struct TrainerSettings: Hashable, Sendable {
  /// Rows read side by side.
  public var batch: Int
  /// Tokens through which gradients go back.
  public var steps: Int
  public var optimizer: OptimizerSettings
  public var schedule: Schedule
  /// Gradients longer than this are shortened to it; 0 leaves them.
  public var clipping: Double
  public var initialisation: Initialisation
  public var precision: TrainingPrecision
  public var threads: Int
  public var seed: UInt64
  /// How often a tune is read in the key it was written in.
  public var originalShare: Double

  public init(
    batch: Int = 64, steps: Int = 128,
    optimizer: OptimizerSettings = OptimizerSettings(rule: .adamw),
    schedule: Schedule? = nil, clipping: Double = 1,
    initialisation: Initialisation = Initialisation(rule: .orthogonal, forgetBias: 1),
    precision: TrainingPrecision = .best, threads: Int = 2, seed: UInt64 = 0,
    originalShare: Double = 0.25
  ) {
    self.batch = batch
    self.steps = steps
    self.optimizer = optimizer
    self.schedule = schedule ?? Schedule(rate: optimizer.usualRate, warmUp: 100)
    self.clipping = clipping
    self.initialisation = initialisation
    self.precision = precision
    self.threads = threads
    self.seed = seed
    self.originalShare = originalShare
  }
}

/// What one step did.
public struct StepReport: Hashable, Sendable {
  /// Steps taken, this one included.
  public var step: Int
  /// Times that the whole text was read before.
  public var epoch: Int
  /// How much of this epoch was read, 0...1.
  public var epochProgress: Double
  /// Mean of -log2 p over the batch.
  public var bitsPerToken: Double
  public var accuracy: Double
  public var rate: Double
  /// Length of the gradient before it was shortened.
  public var gradientNorm: Double
  /// Tokens of this step.
  public var tokens: Int
}

/// Trains one network on one text, a step at a time; the caller owns the loop.
public final class Trainer {
  public let settings: TrainerSettings
  public let network: TrainingNetwork
  let text: TrainingText
  var streams: TokenStreams
  let optimizer: Optimizer
  private var batch: Batch
  /// Steps taken.
  public internal(set) var step = 0
  /// How often a plateau was met, for schedules that ask.
  public internal(set) var falls = 0
  var bestOnValid = Double.infinity
  var epochsWithoutGain = 0
  private var tally: Tally
  /// Whether a row goes on from what it remembers of the batch before; else every batch is a set of
  /// windows, each read from a state of zeros.
  public let isStateful: Bool

  public init(
    _ shape: NetworkShape, text: TrainingText, settings: TrainerSettings, isStateful: Bool = true
  ) throws(TrainingError) {
    let needed = 2 * settings.batch
    guard text.tokenCount >= needed else {
      throw .tooLittleText(tokens: text.tokenCount, needed: needed)
    }
    self.settings = settings
    self.text = text
    self.isStateful = isStateful
    network = try TrainingNetwork(
      shape, batch: settings.batch, steps: settings.steps, precision: settings.precision,
      threads: settings.threads, initialisation: settings.initialisation, seed: settings.seed)
    streams = TokenStreams(
      text, batch: settings.batch, repeats: true, seed: settings.seed,
      originalShare: settings.originalShare)
    optimizer = try Optimizer(
      settings.optimizer, count: network.parameters.count, arithmetic: network.arithmetic)
    batch = Batch(grid: network.grid)
    tally = Tally(labels: shape.outputCount)
    network.prepare(step: 0)
  }

  /// Times that the whole text was read.
  public var epoch: Int { streams.epoch }
  /// How much of the current epoch was read, 0...1.
  public var epochProgress: Double { streams.progress }

  /// Reads one batch and changes the weights.
  ///
  /// `progress` says how much of the training is done, 0...1, for the schedule. Throws when the loss
  /// or the gradient is not a finite number; the weights are those of the step before then.
  public func takeStep(progress: Double) throws(TrainingError) -> StepReport {
    _ = streams.fill(&batch, trains: true)
    network.forward(batch, keepsState: isStateful, trains: true, step: step)
    let loss = network.loss(batch) { self.tally.add(target: $0, best: $1) }
    tally.add(nats: loss.nats)
    network.backward(batch)
    let set = network.parameters
    let norm = optimizer.norm(set.gradients, pool: network.pool)
    guard loss.nats.isFinite, norm.isFinite else { throw .notFinite(step: step + 1) }
    let scale = settings.clipping > 0 && norm > settings.clipping ? settings.clipping / norm : 1
    let rate = settings.schedule.rate(step: step, progress: progress, falls: falls)
    optimizer.update(
      weights: set.values, gradients: set.gradients, rate: rate, scale: scale,
      pool: network.pool)
    step += 1
    network.prepare(step: step)
    return StepReport(
      step: step, epoch: streams.epoch, epochProgress: streams.progress,
      bitsPerToken: loss.mean * 1.442_695_040_888_963_4,
      accuracy: Double(loss.correct) / Double(max(loss.predictions, 1)), rate: rate,
      gradientNorm: norm, tokens: loss.predictions)
  }

  /// How the steps since the last call foretold what they read, before each changed the weights and
  /// with outputs dropped; nil where there was none.
  public func takeTally() -> Evaluation? {
    defer { tally = Tally(labels: network.shape.outputCount) }
    let evaluation = tally.evaluation
    return evaluation.count > 0 ? evaluation : nil
  }

  /// Measures another text, every tune as it was written and from a state of zeros. What the
  /// training streams remember is put back afterwards.
  public func evaluate(_ text: TrainingText) -> Evaluation {
    let state = network.state
    let thins = network.shape.weightDropout > 0
    if thins { network.prepare() }
    defer {
      network.state = state
      if thins { network.prepare(step: step) }
    }
    var streams = TokenStreams(
      text, batch: settings.batch, repeats: false, seed: 0, originalShare: 1)
    var tally = Tally(labels: network.shape.outputCount)
    var batch = Batch(grid: network.grid)
    while streams.fill(&batch, trains: false) {
      network.forward(batch, keepsState: true, trains: false, step: 0)
      let loss = network.loss(batch) { tally.add(target: $0, best: $1) }
      tally.add(nats: loss.nats)
    }
    return tally.evaluation
  }

  /// Tells the schedule how an epoch went; true when the loss was the lowest so far.
  @discardableResult
  public func note(valid bits: Double) -> Bool {
    if bits < bestOnValid {
      bestOnValid = bits
      epochsWithoutGain = 0
      return true
    }
    epochsWithoutGain += 1
    if epochsWithoutGain % max(settings.schedule.patience, 1) == 0 { falls += 1 }
    return false
  }
}

extension TrainingNetwork {
  /// What the rows remember at the end of a batch: hidden and memory of each layer.
  var state: [[Float]] {
    get {
      layers.flatMap { layer in
        [layer.hidden, layer.memory].compactMap { storage in
          storage.map { layer.lastSlots($0) }
        }
      }
    }
    set {
      var index = 0
      for layer in layers {
        for storage in [layer.hidden, layer.memory] {
          guard let storage, newValue.indices.contains(index) else { continue }
          layer.setLastSlots(storage, newValue[index])
          index += 1
        }
      }
    }
  }
}

extension RecurrentLayer {
  /// The last moment of all groups, row by row.
  fileprivate func lastSlots(_ storage: Storage) -> [Float] {
    var values: [Float] = []
    values.reserveCapacity(grid.batch * units)
    for group in 0..<grid.groups {
      let start = grid.start(group, grid.steps, slots: grid.steps + 1) * units
      let count = grid.rows(group).count * units
      values += UnsafeBufferPointer(start: storage.floats + start, count: count)
    }
    return values
  }

  fileprivate func setLastSlots(_ storage: Storage, _ values: [Float]) {
    guard values.count == grid.batch * units else { return }
    for group in 0..<grid.groups {
      let start = grid.start(group, grid.steps, slots: grid.steps + 1) * units
      let rows = grid.rows(group)
      for index in 0..<rows.count * units {
        storage.floats[start + index] = values[rows.lowerBound * units + index]
      }
    }
  }
}
