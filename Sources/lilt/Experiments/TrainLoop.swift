import Notes
import Training

/// The loop of a training that is measured after every epoch and leaves no files: what comparisons and
/// experiments run.
struct TrainLoop {
  let limits: TrainingOptions.Limits
  /// Hears after every step how much is done, 0...1; false stops.
  var onStep: (Double) -> Bool = { _ in true }

  /// What came of a training.
  struct Outcome {
    var course: TrainCourse
    /// False where it was stopped.
    var isComplete = true
  }

  /// Trains a network of tokens.
  func run(_ trainer: Trainer, valid: TrainingText) throws(TrainingError) -> Outcome {
    var course = TrainCourse()
    let began = TrainRun.now()
    var epoch = trainer.epoch
    func measure() {
      let evaluation = valid.items.isEmpty ? nil : trainer.evaluate(valid)
      let onTrain = trainer.takeTally()
      guard let shown = evaluation ?? onTrain else { return }
      trainer.note(valid: shown.bitsPerToken)
      course.add(valid: shown, train: onTrain, step: trainer.step)
    }
    while true {
      let progress = limits.progress(
        epochs: Double(trainer.epoch) + trainer.epochProgress, step: trainer.step,
        seconds: TrainRun.now() - began)
      guard onStep(progress) else { return Outcome(course: course, isComplete: false) }
      if progress >= 1 { break }
      course.add(step: try trainer.takeStep(progress: progress))
      if trainer.epoch != epoch {
        epoch = trainer.epoch
        measure()
      }
    }
    if course.points.last?.step != trainer.step { measure() }
    return Outcome(course: course)
  }

  /// Trains a network of notes.
  func run(_ trainer: NoteTrainer, valid: [[TimedNote]]) throws(TrainingError) -> Outcome {
    var course = TrainCourse()
    let began = TrainRun.now()
    let stepsPerEpoch = max(1, trainer.windowCount / trainer.settings.batch)
    func measure() {
      guard let onTrain = trainer.evaluate() else { return }
      let shown = trainer.evaluate(valid) ?? onTrain
      trainer.note(valid: shown.total)
      course.add(valid: shown, train: onTrain, step: trainer.step)
    }
    while true {
      let progress = limits.progress(
        epochs: Double(trainer.step) / Double(stepsPerEpoch), step: trainer.step,
        seconds: TrainRun.now() - began)
      guard onStep(progress) else { return Outcome(course: course, isComplete: false) }
      if progress >= 1 { break }
      course.add(loss: try trainer.takeStep(progress: progress).total)
      if trainer.step % stepsPerEpoch == 0 { measure() }
    }
    if course.points.last?.step != trainer.step { measure() }
    return Outcome(course: course)
  }
}
