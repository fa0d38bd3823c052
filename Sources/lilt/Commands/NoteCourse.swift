import Notes
import Training

/// A training of pitch, step and duration that leaves no files: what experiments run.
struct NoteCourse: LoopedTraining {
  let trainer: NoteTrainer
  let valid: [[TimedNote]]
  private let onStep: (Double) -> Bool
  private(set) var course = TrainCourse()
  private let began = TrainRun.now()

  init(_ trainer: NoteTrainer, valid: [[TimedNote]], onStep: @escaping (Double) -> Bool) {
    self.trainer = trainer
    self.valid = valid
    self.onStep = onStep
  }

  var step: Int { trainer.step }
  var epoch: Int { trainer.step / trainer.stepsPerEpoch }
  var epochs: Double { Double(trainer.step) / Double(trainer.stepsPerEpoch) }
  var seconds: Double { TrainRun.now() - began }
  let epochsWithoutGain = 0
  var measuredStep: Int { course.points.last?.step ?? -1 }

  func goesOn(at progress: Double) -> Bool { onStep(progress) }

  mutating func takeStep(progress: Double) throws {
    course.add(loss: try trainer.takeStep(progress: progress).total)
  }

  mutating func endEpoch() {
    guard let onTrain = trainer.evaluate() else { return }
    let shown = trainer.evaluate(valid) ?? onTrain
    trainer.note(valid: shown.total)
    course.add(valid: shown, train: onTrain, step: trainer.step)
  }
}
