import Analysis
import ArgumentParser
import Compose
import Corpus
import Glibc
import MIDI
import Music
import Neural
import Notes
import Training

/// Training of a network that reads notes as pitch, step and duration.
struct TrainNotes: ResumableTraining {
  static let encoding = NoteModel.timedEncoding

  private let command: TrainCommand
  private let trainer: NoteTrainer
  private let train: [[TimedNote]]
  private let valid: [[TimedNote]]
  /// In how many voices most pieces are.
  private let voices: Int
  /// What judge and copy guard know of the pieces.
  private let repertoire: Repertoire
  /// What there is to hear in the corpus; nil where no report asks.
  private let music: NoteDistributions?
  private var course = TrainCourse()
  let signals: AwaitedSignals
  private let limits: TrainingOptions.Limits
  private var view: TrainView
  private var best = Double.infinity
  private(set) var epochsWithoutGain = 0
  private(set) var measuredStep = -1
  private var secondsBefore = 0.0
  private var speed = SpeedMeter()
  private let started = TrainRun.now()

  init(command: TrainCommand) throws {
    self.command = command
    func notes(_ paths: [NoteCorpus.Piece]) -> [[TimedNote]] {
      let mark = command.setsMarks ? [TimedNote.end] : []
      return paths.map { mark + TimedNote.notes(of: $0.performance) + mark }
    }
    let files = try CorpusFiles.pieces(command.corpus, tracks: command.tracks)
    let pieces = notes(files)
    voices = NoteCorpus.usualVoices(files)
    repertoire = Repertoire(command.trainedOn(files))
    var train: [[TimedNote]]
    if command.valid.isEmpty {
      (train, valid) = NoteCorpus.parts(pieces)
    } else {
      train = pieces
      valid = notes(try CorpusFiles.pieces(command.valid, tracks: command.tracks))
    }
    if let size = command.dataSize { train = Self.limited(train, to: size) }
    self.train = train
    music = command.report == nil ? nil : NoteDistributions(files.map(\.performance))
    try command.checkFolder()
    let preset = command.preset ?? .pitchStepDuration
    var shape = command.network.shape(preset: preset, vocabularySize: 0)
    // Whatever the preset, three numbers are read and three things foretold.
    let whole = NoteTrainer.shape()
    (shape.input, shape.output, shape.outputCount) = (whole.input, whole.output, whole.outputCount)
    var settings = command.training.settings(preset: preset, shape: shape)
    settings.precision = .float32
    limits = command.training.limits(
      preset: preset, shape: shape, tokens: train.reduce(0) { $0 + $1.count })
    command.preset?.tell(limits)
    signals = AwaitedSignals([SIGINT, SIGTERM, SIGHUP])
    do throws(TrainingError) {
      trainer = try NoteTrainer(pieces: train, shape: shape, settings: settings)
    } catch {
      throw CommandFailure(.unreadableInput, error.description)
    }
    view = TrainView(isLive: command.isLive, unit: "loss")
  }

  /// The first pieces that have so many notes, the last of them cut.
  static func limited(_ pieces: [[TimedNote]], to notes: Int) -> [[TimedNote]] {
    var left = notes
    return pieces.compactMap { piece in
      guard left > 0 else { return nil }
      defer { left -= piece.count }
      return Array(piece.prefix(left))
    }
  }

  mutating func run() throws {
    if command.resume { try resume() }
    try write(repertoire.bytes, to: RepertoireLocator.path(beside: command.output))
    let count = trainer.network.parameterCount
    view.begin(
      "\(count) parameters, \(train.count.counted("piece")), \(trainer.windowCount.counted("window")) of "
        + "\(trainer.settings.steps) notes",
      json: "{\"v\":1,\"event\":\"start\",\"parameters\":\(count),\"pieces\":\(train.count)"
        + ",\"windows\":\(trainer.windowCount),\"step\":\(trainer.step)}")
    _ = try TrainLoop(limits: limits).run(&self)
    view.end(
      "done: \(command.output), loss \(decimals(best, 5))",
      json: "{\"v\":1,\"event\":\"end\",\"output\":\(jsonText(command.output))"
        + ",\"loss\":\(decimals(best, 5)),\"step\":\(trainer.step)}")
  }

  var step: Int { trainer.step }
  var epoch: Int { trainer.step / trainer.stepsPerEpoch }
  var epochs: Double { Double(trainer.step) / Double(trainer.stepsPerEpoch) }
  var seconds: Double { secondsBefore + TrainRun.now() - started }
  private var progress: Double {
    limits.progress(epochs: epochs, step: trainer.step, seconds: seconds)
  }

  var resumeLine: String { command.resumeLine }

  mutating func takeStep(progress: Double) throws {
    let loss: NoteLoss
    do throws(TrainingError) {
      loss = try trainer.takeStep(progress: progress)
    } catch {
      throw CommandFailure(.checkFailed, error.description)
    }
    view.note(step: trainer.step, loss: loss.total)
    course.add(loss: loss.total)
    let read = trainer.settings.batch * trainer.settings.steps
    guard let speed = speed.add(read, every: view.secondsBetweenWords) else { return }
    view.show(standing(loss, speed: speed))
  }

  /// Measures, keeps the best and the last, and shows a tune. Where nothing long enough was kept
  /// back, the training pieces are measured.
  mutating func endEpoch() throws {
    let isHeldBack = valid.contains { $0.count > trainer.settings.steps }
    guard let onTrain = trainer.evaluate(),
      let loss = isHeldBack ? trainer.evaluate(valid) : onTrain
    else { return }
    measuredStep = trainer.step
    let isBest = loss.total < best
    best = min(best, loss.total)
    epochsWithoutGain = isBest ? 0 : epochsWithoutGain + 1
    trainer.note(valid: loss.total)
    course.add(valid: loss, train: onTrain, step: trainer.step)
    let last = try checkpoint(loss)
    view.show(
      .init(
        step: trainer.step, valid: loss.total,
        facts: "pitch \(decimals(loss.pitch, 3)), step \(decimals(loss.step, 4)), duration "
          + "\(decimals(loss.duration, 4)), right pitches \(decimals(100 * loss.accuracy, 1)) %"
          + (isBest ? ", best" : ""),
        sample: sample(last),
        json: "{\"v\":1,\"event\":\"epoch\",\"step\":\(trainer.step)"
          + ",\"epoch\":\(decimals(epochs, 2)),\"held_back\":\(isHeldBack)"
          + ",\"train_loss\":\(decimals(onTrain.total, 5)),\"loss\":\(decimals(loss.total, 5))"
          + ",\"pitch\":\(decimals(loss.pitch, 5)),\"step_loss\":\(decimals(loss.step, 5))"
          + ",\"duration_loss\":\(decimals(loss.duration, 5))"
          + ",\"pitch_accuracy\":\(decimals(loss.accuracy, 4)),\"best\":\(isBest)"
          + ",\"sample\":\(jsonText(sample(last)))}"))
    try write(last.bytes, to: stem + ".last.safetensors")
    if isBest { try write(last.bytes, to: command.output) }
    if let saveEvery = command.saveEvery, epoch > 0, epoch % saveEvery == 0 {
      try write(last.bytes, to: TrainRun.path(ofEpoch: epoch, of: stem))
    }
    try save()
  }

  private func standing(_ loss: NoteLoss, speed: Double) -> TrainView.Standing {
    let rate = trainer.settings.schedule.rate(
      step: trainer.step, progress: progress, falls: trainer.falls)
    return .init(
      step: trainer.step, epoch: epochs, loss: loss.total, rate: rate, progress: progress,
      seconds: seconds, speed: "\(decimals(speed, 0)) notes/s",
      json: "{\"v\":1,\"event\":\"step\",\"step\":\(trainer.step)"
        + ",\"epoch\":\(decimals(epochs, 3)),\"seconds\":\(decimals(seconds, 1))"
        + ",\"loss\":\(decimals(loss.total, 5)),\"rate\":\(rate)"
        + ",\"notes_per_second\":\(decimals(speed, 0)),\"progress\":\(decimals(progress, 4))}")
  }

  /// Music as the network would write it now, transcribed.
  private func sample(_ checkpoint: Checkpoint) -> String {
    guard let model = try? NoteModel(checkpoint) else { return "" }
    var reader = NoteReader(model)
    let start = TimedNote(pitch: 62, step: 0, duration: 0.25)
    let tokens = reader.tokens(
      after: [start.token], count: 60, .init(settings: SamplerSettings()), rng: 1,
      run: UInt64(trainer.step))
    let notes = tokens.compactMap { TimedNote(token: $0) }
    return abcTranscription(of: TimedNote.performance(of: notes)).text
  }

  private func checkpoint(_ loss: NoteLoss) throws -> Checkpoint {
    var metadata = [
      "encoding": Self.encoding, "trained_by": "lilt \(Lilt.version)",
      "window": String(trainer.settings.steps), "valid_loss": decimals(loss.total, 5),
      "step_deviation": decimals(max(loss.step, 0).squareRoot(), 5),
      "duration_deviation": decimals(max(loss.duration, 0).squareRoot(), 5),
      "hyperparameters": TrainMetadata.hyperparameters(
        trainer.network.shape, trainer.settings, step: trainer.step),
    ]
    if command.setsMarks { metadata["marks"] = "true" }
    if voices > 1 { metadata["voices"] = String(voices) }
    if let name = command.name { metadata["name"] = name }
    if !command.licence.isEmpty { metadata["licence"] = command.licence }
    do throws(CheckpointError) {
      return try trainer.checkpoint(metadata: metadata, format: command.format.format)
    } catch {
      throw CommandFailure(.unwritableOutput, "\(command.output): \(error.description)")
    }
  }

  private var stem: String { String(command.output.dropLast(".safetensors".count)) }
  private var resumePath: String { stem + ".resume" }

  private mutating func resume() throws {
    do {
      let file = try Checkpoint(path: resumePath)
      try trainer.resume(from: file)
      secondsBefore = file.metadata["seconds"].flatMap(Double.init) ?? 0
      best = file.metadata["best"].flatMap(Double.init) ?? .infinity
      epochsWithoutGain = file.metadata["epochs_waited"].flatMap { Int($0) } ?? 0
      measuredStep = file.metadata["measured_step"].flatMap { Int($0) } ?? -1
      course = TrainCourse(file.metadata["course"] ?? "")
    } catch let error as CheckpointError {
      throw CommandFailure(.checkpoint, "\(resumePath): \(error.description)")
    } catch let error as TrainingError {
      throw command.refusal(resumePath, error)
    }
  }

  func save() throws {
    let file: Checkpoint
    do throws(CheckpointError) {
      file = try trainer.resumeFile(facts: [
        "seconds": String(seconds), "best": String(best),
        "epochs_waited": String(epochsWithoutGain), "measured_step": String(measuredStep),
        "course": course.text,
      ])
    } catch {
      throw CommandFailure(.unwritableOutput, "\(resumePath): \(error.description)")
    }
    try write(file.bytes, to: resumePath)
    if let path = command.report {
      let report = TrainReport(course: course, music: music, unit: "Loss")
      try write(Array(report.text(path: path).utf8), to: path)
    }
  }

  private func write(_ bytes: [UInt8], to path: String) throws {
    do throws(FileError) {
      try Files.write(bytes, to: path)
    } catch {
      throw CommandFailure(.unwritableOutput, TrainRun.sentence(error))
    }
  }
}
