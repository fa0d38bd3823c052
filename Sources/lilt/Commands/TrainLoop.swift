import ArgumentParser
import Training

/// A training that a `TrainLoop` takes through its epochs.
protocol LoopedTraining {
  /// Steps taken.
  var step: Int { get }
  /// How often everything was read, whole times and with the part of the present epoch.
  var epoch: Int { get }
  var epochs: Double { get }
  /// Since it began, without the time in which it was interrupted.
  var seconds: Double { get }
  /// Epochs that were measured since the best one.
  var epochsWithoutGain: Int { get }
  /// The step that was measured last.
  var measuredStep: Int { get }

  /// Hears before each step, and at the end, how much is done, 0...1; false stops.
  mutating func goesOn(at progress: Double) throws -> Bool
  /// Reads one batch and changes the weights.
  mutating func takeStep(progress: Double) throws
  /// Measures.
  mutating func endEpoch() throws
}

/// A training that leaves files behind, and can be gone on with.
protocol ResumableTraining: LoopedTraining {
  var signals: AwaitedSignals { get }
  /// The command line that goes on with it.
  var resumeLine: String { get }
  func save() throws
}

extension ResumableTraining {
  /// Stops, with everything kept, where a signal came.
  func goesOn(at progress: Double) throws -> Bool {
    guard let signal = signals.next(milliseconds: 0) else { return true }
    try save()
    StandardError.line("stopped at step \(step); go on with: \(resumeLine)")
    throw ExitCode(128 + signal)
  }
}

/// Counts what a training reads, and says now and then how fast.
struct SpeedMeter {
  private var lastShown = -Double.infinity
  private var count = 0

  /// Adds what a step has read.
  ///
  /// - Parameter seconds: From one word to the next.
  /// - Returns: How much is read a second where it is time to say so, 0 the first time; else `nil`.
  mutating func add(_ read: Int, every seconds: Double) -> Double? {
    count += read
    let now = TrainRun.now()
    guard now - lastShown >= seconds else { return nil }
    defer { (lastShown, count) = (now, 0) }
    return lastShown.isFinite ? Double(count) / (now - lastShown) : 0
  }
}

/// The loop of every training: steps until its limits are reached, measured after each epoch and once
/// more at its end.
struct TrainLoop {
  let limits: TrainingOptions.Limits

  /// False where it was stopped.
  func run(_ training: inout some LoopedTraining) throws -> Bool {
    var epoch = training.epoch
    while true {
      let progress = limits.progress(
        epochs: training.epochs, step: training.step, seconds: training.seconds)
      guard try training.goesOn(at: progress) else { return false }
      if progress >= 1 { break }
      try training.takeStep(progress: progress)
      guard training.epoch != epoch else { continue }
      epoch = training.epoch
      try training.endEpoch()
      if limits.patience > 0, training.epochsWithoutGain >= limits.patience { break }
    }
    if training.measuredStep != training.step { try training.endEpoch() }
    return true
  }
}

/// A training of tokens that leaves no files: what comparisons and experiments run.
struct TokenCourse: LoopedTraining {
  let trainer: Trainer
  let valid: TrainingText
  private let onStep: (Double) -> Bool
  private(set) var course = TrainCourse()
  private let began = TrainRun.now()

  init(_ trainer: Trainer, valid: TrainingText, onStep: @escaping (Double) -> Bool = { _ in true })
  {
    self.trainer = trainer
    self.valid = valid
    self.onStep = onStep
  }

  var step: Int { trainer.step }
  var epoch: Int { trainer.epoch }
  var epochs: Double { Double(trainer.epoch) + trainer.epochProgress }
  var seconds: Double { TrainRun.now() - began }
  let epochsWithoutGain = 0
  var measuredStep: Int { course.points.last?.step ?? -1 }

  func goesOn(at progress: Double) -> Bool { onStep(progress) }

  mutating func takeStep(progress: Double) throws {
    course.add(step: try trainer.takeStep(progress: progress))
  }

  mutating func endEpoch() {
    let evaluation = valid.items.isEmpty ? nil : trainer.evaluate(valid)
    let onTrain = trainer.takeTally()
    guard let shown = evaluation ?? onTrain else { return }
    trainer.note(valid: shown.bitsPerToken)
    course.add(valid: shown, train: onTrain, step: trainer.step)
  }
}
