import ArgumentParser
import Compose
import Corpus
import Glibc
import MIDI
import Music
import Neural
import Notes
import Training

/// One training from start, or from where it stopped, to its end.
struct TrainRun: ResumableTraining {
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
  /// Of which epochs a checkpoint is kept: every one of so many; nil = none.
  var saveEvery: Int?
  /// What is said where the resume file cannot be used.
  var refusal: (String, TrainingError) -> CommandFailure = { path, error in
    CommandFailure(.checkpoint, "\(path): \(error.description)")
  }

  private var course = TrainCourse()
  /// Seconds that were spent before the last interruption.
  private var secondsBefore = 0.0
  private var started = TrainRun.now()
  private var bestBits = Double.infinity
  private(set) var epochsWithoutGain = 0
  /// The step that was measured last.
  private(set) var measuredStep = -1
  private var speed = SpeedMeter()

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
  var seconds: Double { secondsBefore + Self.now() - started }

  /// Takes up what was kept beside the output.
  mutating func resume() throws {
    do {
      let file = try Checkpoint(path: resumePath)
      try trainer.resume(from: file)
      secondsBefore = file.metadata["seconds"].flatMap(Double.init) ?? 0
      bestBits = file.metadata["best_bits"].flatMap(Double.init) ?? .infinity
      epochsWithoutGain = file.metadata["epochs_waited"].flatMap { Int($0) } ?? 0
      measuredStep = file.metadata["measured_step"].flatMap { Int($0) } ?? -1
      course = TrainCourse(file.metadata["course"] ?? "")
    } catch let error as CheckpointError {
      throw CommandFailure(.checkpoint, "\(resumePath): \(error.description)")
    } catch let error as TrainingError {
      throw refusal(resumePath, error)
    }
  }

  mutating func run() throws {
    started = Self.now()
    if let repertoire = material.repertoire {
      try write(repertoire.bytes, to: RepertoireLocator.path(beside: output))
    }
    let network = trainer.network
    view.begin(
      "\(network.parameterCount) parameters, \(material.train.items.count.counted("tune")), "
        + "\(material.train.tokenCount) characters (\(material.train.variantTokenCount) in all keys), "
        + "\(network.precision.rawValue) on \(network.kernelName)",
      json: "{\"v\":1,\"event\":\"start\",\"parameters\":\(network.parameterCount)"
        + ",\"tunes\":\(material.train.items.count),\"characters\":\(material.train.tokenCount)"
        + ",\"vocabulary\":\(material.vocabulary.count)"
        + ",\"precision\":\"\(network.precision.rawValue)\",\"kernels\":\"\(network.kernelName)\""
        + ",\"step\":\(trainer.step)}")
    _ = try TrainLoop(limits: limits).run(&self)
    try save()
    view.end(
      "done: \(output)"
        + (bestBits.isFinite ? ", \(decimals(bestBits, 4)) \(view.unit) on valid" : ""),
      json: "{\"v\":1,\"event\":\"end\",\"output\":\(jsonText(output))"
        + ",\"valid_bits_per_character\":\(decimals(bestBits, 4)),\"step\":\(trainer.step)"
        + ",\"characters_per_second\":\(decimals(Double(spent.characters) / spent.wall, 0))"
        + ",\"characters_per_processor_second\":"
        + "\(decimals(Double(spent.characters) / spent.processor, 0))}")
  }

  var step: Int { trainer.step }
  var epoch: Int { trainer.epoch }
  var epochs: Double { Double(trainer.epoch) + trainer.epochProgress }
  var progress: Double { limits.progress(epochs: epochs, step: trainer.step, seconds: seconds) }

  mutating func takeStep(progress: Double) throws {
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
    course.add(step: report)
    view.note(step: report.step, loss: report.bitsPerToken)
    guard let speed = speed.add(report.tokens, every: view.secondsBetweenWords) else { return }
    view.show(standing(report, speed: speed))
  }

  /// Measures, keeps the best and the last, and shows a tune.
  mutating func endEpoch() throws {
    let evaluation: Evaluation? =
      material.valid.items.isEmpty ? nil : trainer.evaluate(material.valid)
    let onTrain = trainer.takeTally()
    let last = try checkpoint(evaluation)
    measuredStep = trainer.step
    var isBest = true
    if let evaluation {
      isBest = evaluation.bitsPerToken < bestBits
      if isBest { bestBits = evaluation.bitsPerToken }
      epochsWithoutGain = isBest ? 0 : epochsWithoutGain + 1
      trainer.note(valid: evaluation.bitsPerToken)
      course.add(valid: evaluation, train: onTrain, step: trainer.step)
    }
    view.show(measured(evaluation, onTrain, sample: sample(last), isBest: isBest))
    try write(last.bytes, to: lastPath)
    if isBest { try write(last.bytes, to: output) }
    if let saveEvery, trainer.epoch > 0, trainer.epoch % saveEvery == 0 {
      try write(last.bytes, to: Self.path(ofEpoch: trainer.epoch, of: stem))
    }
    try save()
  }

  /// The checkpoint of an epoch that is kept: `my.epoch-0012.safetensors`.
  static func path(ofEpoch epoch: Int, of stem: String) -> String {
    let digits = String(epoch)
    return stem + ".epoch-" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
      + ".safetensors"
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
      if format != .float32, (try? trainer.checkpoint(metadata: [:], format: .float32)) != nil {
        throw CommandFailure(
          .checkFailed,
          "\(output): at step \(trainer.step) the weights have become too large for "
            + "\(format == .float16 ? "f16" : "bf16"): try a lower learning rate, gradient "
            + "clipping or weight decay, or --format f32")
      }
      throw CommandFailure(.unwritableOutput, "\(output): \(error.description)")
    }
  }

  private func write(_ bytes: [UInt8], to path: String) throws {
    do throws(FileError) {
      try Files.write(bytes, to: path)
    } catch {
      throw CommandFailure(.unwritableOutput, Self.sentence(error))
    }
  }

  /// What is said when a checkpoint cannot be written.
  static func sentence(_ error: FileError) -> String {
    "\(error.description); nothing half-written is left, and what was written before is whole; "
      + "if NAME.resume is there, make room and go on with --resume"
  }

  /// Writes what `resume` reads.
  func save() throws {
    let facts = [
      "seconds": String(seconds), "best_bits": String(bestBits),
      "epochs_waited": String(epochsWithoutGain), "course": course.text,
      "measured_step": String(measuredStep),
    ]
    let file: Checkpoint
    do throws(CheckpointError) {
      file = try trainer.resumeFile(facts: facts)
    } catch {
      throw CommandFailure(.unwritableOutput, "\(resumePath): \(error.description)")
    }
    try write(file.bytes, to: resumePath)
    if let reportPath {
      let report = TrainReport(course: course, music: material.music)
      try write(Array(report.text(path: reportPath).utf8), to: reportPath)
    }
  }

  /// A tune as the network would write it now; empty where it cannot run yet. Music of a network
  /// of MIDI files is transcribed.
  private func sample(_ checkpoint: Checkpoint) -> String {
    if let encoding = material.notes {
      guard let model = try? NoteModel(checkpoint, precision: .float32) else { return "" }
      var reader = NoteReader(model)
      let tokens = reader.tokens(
        after: [], count: 200, .init(settings: SamplerSettings(temperature: 0.8)), rng: 1,
        run: UInt64(trainer.step))
      return abcTranscription(of: encoding.performance(of: tokens)).text
    }
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
