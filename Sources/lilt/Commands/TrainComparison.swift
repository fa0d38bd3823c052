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
    let limits = command.training.limits(
      preset: command.preset,
      shape: command.network.shape(
        preset: command.preset, vocabularySize: material.vocabulary.count),
      tokens: material.train.tokenCount)
    var sheet = PlotSheet(title: "Comparison of trainings", table: [Self.columns])
    StandardOutput.line("| changed | train bits | valid bits | accuracy | macro F1 | weighted F1 |")
    StandardOutput.line("| --- | --- | --- | --- | --- | --- |")
    var losses: [(label: String, value: Double)] = []
    var scores: [(label: String, value: Double)] = []
    for variant in variants {
      var cells: [String]
      do {
        let (train, valid) = try result(variant, limits: limits)
        cells = [train, valid.bitsPerToken, valid.accuracy, valid.macroF1, valid.weightedF1].map {
          decimals($0, 4)
        }
        losses.append((variant.name, valid.bitsPerToken))
        scores.append((variant.name, valid.macroF1))
      } catch let error as TrainingError {
        cells = [error.description, "", "", "", ""]
      }
      StandardOutput.line("| \(([variant.name] + cells).joined(separator: " | ")) |")
      sheet.table.append([variant.name] + cells)
    }
    guard let path = command.report else { return }
    sheet.plots = [
      Plot(title: "Bits per token on valid", bars: [.init(name: "", values: losses)]),
      Plot(title: "Macro F1 on valid", bars: [.init(name: "", values: scores)]),
    ]
    do throws(FileError) {
      try Files.write(Array(sheet.text(path: path).utf8), to: path)
    } catch {
      throw CommandFailure(.unwritableOutput, error.description)
    }
  }

  private static let columns = [
    "changed", "train bits", "valid bits", "accuracy", "macro F1", "weighted F1",
  ]

  private func result(
    _ variant: Variant, limits: TrainingOptions.Limits
  ) throws -> (train: Double, valid: Evaluation) {
    let trainer = try Trainer(
      variant.shape, text: material.train, settings: variant.settings,
      isStateful: !command.training.readsWindows(preset: command.preset))
    var course = TokenCourse(trainer, valid: material.valid)
    _ = try TrainLoop(limits: limits).run(&course)
    return (course.course.points.last?.train ?? .nan, trainer.evaluate(material.valid))
  }

  private var variants: [Variant] {
    let shape = command.network.shape(
      preset: command.preset, vocabularySize: material.vocabulary.count)
    let settings = command.training.settings(preset: command.preset, shape: shape)
    var variants: [Variant] = []
    for rule in OptimizerSettings.Rule.allCases {
      var other = settings
      other.optimizer = OptimizerSettings(
        rule: rule, momentum: command.training.momentum ?? (rule == .sgd ? 0.9 : 0))
      other.optimizer.decay = command.training.decay ?? other.optimizer.decay
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
