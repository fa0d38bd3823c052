import Training

extension TrainRun {
  /// What is shown of a step.
  func standing(_ report: StepReport, speed: Double) -> TrainView.Standing {
    let epoch = Double(report.epoch) + report.epochProgress
    return TrainView.Standing(
      step: report.step, epoch: epoch, loss: report.bitsPerToken, rate: report.rate,
      progress: progress, seconds: seconds, speed: "\(decimals(speed, 0)) characters/s",
      json: "{\"v\":1,\"event\":\"step\",\"step\":\(report.step),\"epoch\":\(decimals(epoch, 3))"
        + ",\"seconds\":\(decimals(seconds, 1))"
        + ",\"bits_per_character\":\(decimals(report.bitsPerToken, 4))"
        + ",\"accuracy\":\(decimals(report.accuracy, 4)),\"rate\":\(report.rate)"
        + ",\"gradient_norm\":\(decimals(report.gradientNorm, 4))"
        + ",\"characters_per_second\":\(decimals(speed, 0))"
        + ",\"progress\":\(decimals(progress, 4))}")
  }

  /// What is shown at the end of an epoch.
  func measured(
    _ valid: Evaluation?, _ train: Evaluation?, sample: String, isBest: Bool
  ) -> TrainView.Measured {
    var facts = ""
    if let valid {
      facts =
        "valid: accuracy \(decimals(100 * valid.accuracy, 1)) %, F1 \(decimals(valid.macroF1, 3)) "
        + "macro, \(decimals(valid.weightedF1, 3)) weighted, \(valid.labelCount) labels"
        + (isBest ? ", best" : "")
    }
    var json = "{\"v\":1,\"event\":\"epoch\",\"step\":\(trainer.step)"
    if let train {
      json +=
        ",\"train_bits_per_character\":\(decimals(train.bitsPerToken, 4))"
        + figures(train, "train_")
    }
    if let valid {
      json +=
        ",\"valid_bits_per_character\":\(decimals(valid.bitsPerToken, 4))"
        + figures(valid, "") + ",\"labels\":\(valid.labelCount),\"characters\":\(valid.count)"
    }
    json += ",\"best\":\(isBest),\"sample\":\(jsonText(sample))}"
    return TrainView.Measured(
      step: trainer.step, valid: valid?.bitsPerToken, facts: facts, sample: sample, json: json)
  }

  private func figures(_ evaluation: Evaluation, _ prefix: String) -> String {
    ",\"\(prefix)accuracy\":\(decimals(evaluation.accuracy, 4))"
      + ",\"\(prefix)macro_f1\":\(decimals(evaluation.macroF1, 4))"
      + ",\"\(prefix)weighted_f1\":\(decimals(evaluation.weightedF1, 4))"
  }
}
