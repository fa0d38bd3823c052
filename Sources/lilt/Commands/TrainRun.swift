import ArgumentParser
import Compose
import Corpus
import Glibc
import Neural
import Training

/// One training from start, or from where it stopped, to its end.
struct TrainRun {
  let trainer: Trainer
  let material: TrainMaterial
  let output: String
  let limits: TrainingOptions.Limits
  let format: Checkpoint.Format
  let name: String
  let licence: String
  var view: TrainView
  /// Taken from before the first thread of the trainer was started.
  let signals: AwaitedSignals
  /// What is typed to go on.
  var resumeLine = ""
  var reportPath: String?

  private var course = TrainCourse()
  /// Seconds that were spent before the last interruption.
  private var secondsBefore = 0.0
  private var started = TrainRun.now()
  private var bestBits = Double.infinity
  private var epochsWithoutGain = 0

  init(
    trainer: Trainer, material: TrainMaterial, output: String, limits: TrainingOptions.Limits,
    format: Checkpoint.Format, name: String, licence: String, view: TrainView,
    signals: AwaitedSignals
  ) {
    self.trainer = trainer
    self.material = material
    self.output = output
    self.limits = limits
    self.format = format
    self.name = name
    self.licence = licence
    self.view = view
    self.signals = signals
  }

  /// Wall clock and processor seconds of the steps alone, and the characters they read.
  private var spent = (wall: 0.0, processor: 0.0, characters: 0)

  /// Seconds of a clock.
  static func now(_ clock: clockid_t = CLOCK_MONOTONIC) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  private var stem: String { String(output.dropLast(".safetensors".count)) }
  private var resumePath: String { stem + ".resume" }
  private var lastPath: String { stem + ".last.safetensors" }
  private var seconds: Double { secondsBefore + Self.now() - started }

  /// Takes up what was kept beside the output.
  mutating func resume() throws {
    do {
      let file = try Checkpoint(path: resumePath)
      try trainer.resume(from: file)
      secondsBefore = file.metadata["seconds"].flatMap(Double.init) ?? 0
      bestBits = file.metadata["best_bits"].flatMap(Double.init) ?? .infinity
      epochsWithoutGain = file.metadata["epochs_waited"].flatMap { Int($0) } ?? 0
      course = TrainCourse(file.metadata["course"] ?? "")
    } catch let error as CheckpointError {
      throw CommandFailure(.checkpoint, "\(resumePath): \(error.description)")
    } catch let error as TrainingError {
      throw CommandFailure(.checkpoint, "\(resumePath): \(error.description)")
    }
  }

  mutating func run() throws {
    started = Self.now()
    let network = trainer.network
    view.begin(
      "\(network.parameterCount) parameters, \(material.train.items.count) tunes, "
        + "\(material.train.tokenCount) characters (\(material.train.variantTokenCount) in all keys), "
        + "\(network.precision.rawValue) on \(network.kernelName)",
      json: "{\"v\":1,\"event\":\"start\",\"parameters\":\(network.parameterCount)"
        + ",\"tunes\":\(material.train.items.count),\"characters\":\(material.train.tokenCount)"
        + ",\"vocabulary\":\(material.vocabulary.count)"
        + ",\"precision\":\"\(network.precision.rawValue)\",\"kernels\":\"\(network.kernelName)\""
        + ",\"step\":\(trainer.step)}")
    var lastShown = -Double.infinity
    var tokens = 0
    var epoch = trainer.epoch
    while progress < 1 {
      let report: StepReport
      let before = (Self.now(), Self.now(CLOCK_PROCESS_CPUTIME_ID))
      do throws(TrainingError) {
        report = try trainer.takeStep(progress: progress)
      } catch {
        throw CommandFailure(
          .checkFailed,
          error.description
            + (Files.exists(resumePath) ? " The state of the last epoch is in \(resumePath)." : ""))
      }
      // The first steps touch memory for the first time.
      if report.step > 3 {
        spent.wall += Self.now() - before.0
        spent.processor += Self.now(CLOCK_PROCESS_CPUTIME_ID) - before.1
        spent.characters += report.tokens
      }
      tokens += report.tokens
      course.add(step: report)
      let now = Self.now()
      if now - lastShown >= (view.isLive ? 0.5 : 10) {
        let speed = lastShown.isFinite ? Double(tokens) / (now - lastShown) : 0
        view.show(.init(step: report, progress: progress, seconds: seconds, speed: speed))
        lastShown = now
        tokens = 0
      }
      if report.epoch != epoch {
        epoch = report.epoch
        try endEpoch()
        if limits.patience > 0, epochsWithoutGain >= limits.patience { break }
      }
      if let signal = signals.next(milliseconds: 0) {
        try save()
        StandardError.line(
          "stopped at step \(trainer.step); go on with: \(resumeLine)")
        throw ExitCode(128 + signal)
      }
    }
    try endEpoch()
    try save()
    view.end(
      "done: \(output), \(decimals(bestBits, 4)) bits a character on valid",
      json: "{\"v\":1,\"event\":\"end\",\"output\":\(jsonText(output))"
        + ",\"valid_bits_per_character\":\(decimals(bestBits, 4)),\"step\":\(trainer.step)"
        + ",\"characters_per_second\":\(decimals(Double(spent.characters) / spent.wall, 0))"
        + ",\"characters_per_processor_second\":"
        + "\(decimals(Double(spent.characters) / spent.processor, 0))}")
  }

  private var progress: Double {
    limits.progress(
      epochs: Double(trainer.epoch) + trainer.epochProgress, step: trainer.step, seconds: seconds)
  }

  /// Measures, keeps the best and the last, and shows a tune.
  private mutating func endEpoch() throws {
    let evaluation: Evaluation? =
      material.valid.items.isEmpty ? nil : trainer.evaluate(material.valid)
    let last = try checkpoint(evaluation)
    var isBest = true
    if let evaluation {
      isBest = evaluation.bitsPerToken < bestBits
      if isBest { bestBits = evaluation.bitsPerToken }
      epochsWithoutGain = isBest ? 0 : epochsWithoutGain + 1
      trainer.note(valid: evaluation.bitsPerToken)
      course.add(valid: evaluation, step: trainer.step)
      view.show(
        valid: evaluation, train: course.recentBits, sample: sample(last), isBest: isBest,
        step: trainer.step)
    }
    try write(last.bytes, to: lastPath)
    if isBest { try write(last.bytes, to: output) }
    try save()
  }

  private func checkpoint(_ evaluation: Evaluation?) throws -> Checkpoint {
    var metadata = TrainMetadata.entries(material, name: name, licence: licence)
    if let evaluation {
      metadata["valid_bits_per_character"] = decimals(evaluation.bitsPerToken, 4)
    }
    metadata["hyperparameters"] = TrainMetadata.hyperparameters(
      trainer.network.shape, trainer.settings, step: trainer.step)
    do throws(CheckpointError) {
      return try trainer.checkpoint(metadata: metadata, format: format)
    } catch {
      throw CommandFailure(.unwritableOutput, "\(output): \(error.description)")
    }
  }

  private func write(_ bytes: [UInt8], to path: String) throws {
    do throws(FileError) {
      try Files.write(bytes, to: path)
    } catch {
      throw CommandFailure(
        .unwritableOutput,
        "\(error.description); nothing half-written is left, and what was written before is whole")
    }
  }

  /// Writes what `resume` reads.
  private mutating func save() throws {
    let facts = [
      "seconds": String(seconds), "best_bits": String(bestBits),
      "epochs_waited": String(epochsWithoutGain), "course": course.text,
    ]
    let file: Checkpoint
    do throws(CheckpointError) {
      file = try trainer.resumeFile(facts: facts)
    } catch {
      throw CommandFailure(.unwritableOutput, "\(resumePath): \(error.description)")
    }
    try write(file.bytes, to: resumePath)
    if let reportPath {
      let report = TrainReport(course: course, tunes: material.tunes)
      try write(Array(report.text(path: reportPath).utf8), to: reportPath)
    }
  }

  /// A tune as the network would write it now; empty where it cannot run yet.
  private func sample(_ checkpoint: Checkpoint) -> String {
    guard let model = try? ImproviserModel(checkpoint) else { return "" }
    var improviser = Improviser(model)
    var settings = SamplerSettings()
    settings.temperature = 0.8
    for index in 0..<600 where !improviser.endsTune {
      _ = improviser.next(settings, rng: 1, run: UInt64(trainer.step), index: UInt64(index))
    }
    return improviser.text
  }
}
