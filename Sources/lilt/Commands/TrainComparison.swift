import Corpus
import Training

/// The same network trained with other optimizers, other dropout and other sizes, one thing changed
/// at a time; a table says what each came to on valid.
struct TrainComparison {
  let command: TrainCommand
  let material: TrainMaterial

  private struct Variant {
    var name: String
    var shape: NetworkShape
    var settings: TrainerSettings
  }

  func run() throws {
    let limits = command.training.limits(preset: command.preset)
    StandardOutput.line("| changed | train bits | valid bits | accuracy | macro F1 | weighted F1 |")
    StandardOutput.line("| --- | --- | --- | --- | --- | --- |")
    for variant in variants {
      let row: String
      do throws(TrainingError) {
        row = try self.row(variant, limits: limits)
      } catch {
        row = "\(error.description) | | | |"
      }
      StandardOutput.line("| \(variant.name) | \(row) |")
    }
  }

  private func row(
    _ variant: Variant, limits: TrainingOptions.Limits
  ) throws(TrainingError) -> String {
    let trainer = try Trainer(
      variant.shape, text: material.train, settings: variant.settings,
      isStateful: !command.training.windows)
    var course = TrainCourse()
    let began = TrainRun.now()
    while true {
      let progress = limits.progress(
        epochs: Double(trainer.epoch) + trainer.epochProgress, step: trainer.step,
        seconds: TrainRun.now() - began)
      if progress >= 1 { break }
      course.add(step: try trainer.takeStep(progress: progress))
    }
    let valid = trainer.evaluate(material.valid)
    return [
      course.recentBits, valid.bitsPerToken, valid.accuracy, valid.macroF1, valid.weightedF1,
    ].map { decimals($0, 4) }.joined(separator: " | ")
  }

  private var variants: [Variant] {
    let shape = command.network.shape(
      preset: command.preset, vocabularySize: material.vocabulary.count)
    let settings = command.training.settings(preset: command.preset)
    var variants: [Variant] = []
    for rule in OptimizerSettings.Rule.allCases {
      var other = settings
      other.optimizer = OptimizerSettings(rule: rule, momentum: rule == .sgd ? 0.9 : 0)
      other.schedule.rate =
        command.training.rate ?? (rule == .sgd ? 0.1 : other.optimizer.usualRate)
      variants.append(Variant(name: rule.rawValue, shape: shape, settings: other))
    }
    for dropout: Float in [0, 0.2, 0.5] {
      var other = shape
      other.dropout = dropout
      variants.append(Variant(name: "dropout \(dropout)", shape: other, settings: settings))
    }
    for factor in [1, 2, 4] {
      var other = shape
      other.layerSizes = shape.layerSizes.map { max(2, $0 / 2 * factor / 2 * 2) }
      let sizes = other.layerSizes.map(String.init).joined(separator: ", ")
      variants.append(Variant(name: "layers \(sizes)", shape: other, settings: settings))
    }
    return variants
  }
}
