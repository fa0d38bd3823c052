import ArgumentParser
import Compose
import Corpus
import Music
import Neural
import Notes
import Training

/// The trainings of an experiment, one after the other, each kept as soon as it is done.
struct ExperimentRun {
  private let experiment: Experiment
  private let command: ExperimentCommand
  private let signals: AwaitedSignals
  private let material: Material
  private let variants: [Experiment.Variant]
  private var results: [String: ExperimentResult] = [:]
  private let began = TrainRun.now()

  /// What is read, by the kind of network.
  private enum Material {
    /// As written, and in all keys.
    case tokens(TrainMaterial, inAllKeys: TrainMaterial?)
    case notes(train: [[TimedNote]], valid: [[TimedNote]])
  }

  init(
    _ experiment: Experiment, command: ExperimentCommand, signals: AwaitedSignals
  ) throws {
    self.experiment = experiment
    self.command = command
    self.signals = signals
    var vocabularySize = 0
    let tokens: Int
    if experiment.encoding == .pitchStepDuration {
      func notes(_ paths: [String]) throws -> [[TimedNote]] {
        try CorpusFiles.pieces(paths).map { TimedNote.notes(of: $0.performance) }
      }
      var (train, valid) = (try notes(command.corpus), try notes(command.valid))
      if valid.isEmpty { (train, valid) = NoteCorpus.parts(train) }
      if let size = command.dataSize { train = TrainNotes.limited(train, to: size) }
      tokens = train.reduce(0) { $0 + $1.count }
      material = .notes(train: train, valid: valid)
    } else {
      func read(_ options: [String]) throws -> TrainMaterial {
        var arguments = command.corpus + ["--encoding", experiment.encoding.rawValue] + options
        for path in command.valid { arguments += ["--valid", path] }
        if let size = command.dataSize { arguments += ["--data-size", "\(size)"] }
        return try TrainMaterial(try TrainCommand.parse(arguments))
      }
      // What is in all keys has characters that one key lacks: both are read with the same.
      let plain = try read(["--no-transpose"])
      let all = experiment == .abcAugmentation ? try read([]) : nil
      vocabularySize = max(plain.vocabulary.count, all?.vocabulary.count ?? 0)
      tokens = plain.train.tokenCount
      material = .tokens(plain, inAllKeys: all)
    }
    variants = experiment.variants(
      command.full ? .full : .quick, vocabularySize: vocabularySize, tokens: tokens,
      epochs: command.epochs, threads: command.threads, seed: command.seed)
    takeUp()
  }

  mutating func run() throws {
    for (place, variant) in variants.enumerated() where results[variant.name] == nil {
      let result: ExperimentResult?
      do {
        switch material {
        case .tokens(let plain, let all):
          result = try train(variant, on: variant.isTransposed ? all ?? plain : plain, place)
        case .notes(let notes, let valid):
          result = try train(variant, on: notes, valid: valid, place)
        }
      } catch let error as TrainingError {
        throw CommandFailure(.unreadableInput, "\(variant.name): \(error.description)")
      }
      guard let result else { return try stop() }
      results[variant.name] = result
      try save()
      try write()
      let last = result.course.points.last
      StandardError.line(
        "\(place + 1) of \(variants.count): \(variant.name)"
          + (last.map { ", \(decimals($0.valid, 4)) on valid" } ?? ""))
    }
    try write()
    StandardError.line("done: \(command.output)")
  }

  private func stop() throws {
    StandardError.line(
      "stopped after \(results.count) of \(variants.count) trainings; the same line goes on")
    throw ExitCode(130)
  }

  // MARK: Trainings

  /// nil where it was stopped.
  private func train(
    _ variant: Experiment.Variant, on material: TrainMaterial, _ place: Int
  ) throws -> ExperimentResult? {
    var shape = variant.shape
    shape.vocabularySize = material.vocabulary.count
    shape.outputCount = material.vocabulary.count
    let text = variant.dataSize.map { material.train.limited(to: $0) } ?? material.train
    let trainer = try Trainer(
      shape, text: text, settings: variant.settings, isStateful: variant.isStateful)
    var course = TokenCourse(trainer, valid: material.valid, onStep: watch(variant, place))
    guard try loop(variant).run(&course) else { return nil }
    var result = ExperimentResult()
    result.course = course.course
    guard let checkpoint = try? trainer.checkpoint(metadata: [:], format: .float32) else {
      return result
    }
    if experiment == .chordsAccuracy { try? result.count(weightsOf: checkpoint) }
    if experiment == .midiDataSize, let notes = material.notes {
      result.distance = distance(checkpoint, text, material.vocabulary, notes)
    }
    return result
  }

  private func train(
    _ variant: Experiment.Variant, on notes: [[TimedNote]], valid: [[TimedNote]], _ place: Int
  ) throws -> ExperimentResult? {
    var settings = variant.settings
    settings.precision = .float32
    let trainer = try NoteTrainer(pieces: notes, shape: variant.shape, settings: settings)
    var course = NoteCourse(trainer, valid: valid, onStep: watch(variant, place))
    guard try loop(variant).run(&course) else { return nil }
    var result = ExperimentResult()
    result.course = course.course
    guard
      let checkpoint = try? trainer.checkpoint(
        metadata: [
          "encoding": NoteModel.timedEncoding, "window": String(settings.steps),
        ], format: .float32),
      let model = try? NoteModel(checkpoint)
    else { return result }
    let start = Array((notes.first { $0.count > settings.steps } ?? []).prefix(settings.steps))
    for temperature in variant.temperatures {
      var counts = TimedCounts()
      var reader = NoteReader(model)
      let tokens = reader.tokens(
        after: start.map(\.token), count: command.full ? 2000 : 300,
        .init(settings: SamplerSettings(temperature: temperature)), rng: 1)
      for note in tokens.compactMap({ TimedNote(token: $0) }) {
        counts.add(pitch: note.pitch, step: note.step, duration: note.duration)
      }
      result.written.append(("temperature \(decimals(temperature, 1))", counts))
    }
    return result
  }

  /// The likeliest tokens after the first, as many as were read, beside what was read.
  private func distance(
    _ checkpoint: Checkpoint, _ text: TrainingText, _ vocabulary: [String], _ encoding: NoteEncoding
  ) -> Double? {
    guard let network = try? RecurrentNetwork(checkpoint, precision: .float32),
      let read = text.items.first?.first?.tokens, let first = read.first
    else { return nil }
    var state = network.makeState()
    var scores = [Float](repeating: 0, count: vocabulary.count)
    var tokens = [Int(first)]
    while tokens.count < read.count {
      network.step(tokens[tokens.count - 1], state: &state, logits: &scores)
      tokens.append(scores.indices.max { scores[$0] < scores[$1] } ?? 0)
    }
    return ChamferDistance.relative(
      of: encoding.performance(of: tokens.map { vocabulary[$0] }).notes,
      to: encoding.performance(of: read.map { vocabulary[Int($0)] }).notes)
  }

  private func loop(_ variant: Experiment.Variant) -> TrainLoop {
    TrainLoop(
      limits: .init(epochs: variant.epochs, steps: nil, minutes: nil, patience: 0))
  }

  /// Shows how much of a training is done, and says whether it goes on.
  private func watch(_ variant: Experiment.Variant, _ place: Int) -> (Double) -> Bool {
    var bar = ProgressBar(label: "\(place + 1) of \(variants.count), \(variant.name)")
    var lastShown = -Double.infinity
    let open = variants.count { results[$0.name] == nil }
    let total = Double(open)
    let before = Double(variants.prefix(place).count { results[$0.name] == nil })
    return { progress in
      let now = TrainRun.now()
      if now - lastShown > 0.5 {
        lastShown = now
        // Trainings differ in length: the rest is known roughly.
        let share = max((before + progress) / max(total, 1), 1e-9)
        let left = (now - began) / share * (1 - share)
        bar.show(progress, note: share > 0.001 ? "\(TrainView.clock(left)) left" : "")
      }
      if progress >= 1 { bar.finish() }
      return signals.next(milliseconds: 0) == nil
    }
  }

  // MARK: Files

  private var runsPath: String { command.output + ".runs" }

  /// What stands for everything that the results depend on.
  private var subject: String {
    let parts = variants.map { "\($0.name) \($0.shape) \($0.settings) \($0.epochs)" }
    return "\(experiment.rawValue) \(command.corpus) \(command.valid) "
      + "\(command.dataSize ?? 0) \(parts.joined(separator: "; "))"
  }

  /// Takes up what an earlier run of the same experiment has done.
  private mutating func takeUp() {
    guard let file = try? Checkpoint(path: runsPath), file.metadata["subject"] == subject else {
      return
    }
    for variant in variants {
      if let text = file.metadata["run " + variant.name] {
        results[variant.name] = ExperimentResult(text)
      }
    }
    if !results.isEmpty {
      StandardError.line("\(results.count) of \(variants.count) trainings were done before")
    }
  }

  private func save() throws {
    var metadata = ["subject": subject]
    for (name, result) in results { metadata["run " + name] = result.text }
    let file: Checkpoint
    do throws(CheckpointError) {
      file = try Checkpoint(
        metadata: metadata,
        tensors: [.init(name: "none", shape: [1], format: .float32, values: [0])])
    } catch {
      throw CommandFailure(.unwritableOutput, "\(runsPath): \(error.description)")
    }
    try write(file.bytes, to: runsPath)
  }

  private func write() throws {
    var figure = ExperimentFigure(experiment: experiment, variants: variants, results: results)
    if case .notes(let notes, _) = material {
      var counts = TimedCounts()
      for piece in notes {
        for note in piece {
          counts.add(pitch: note.pitch, step: note.step, duration: note.duration)
        }
      }
      figure.data = counts
    }
    let text =
      ExportFormat.ending(of: command.output) == "json"
      ? figure.json : figure.sheet.text(path: command.output)
    try write(Array(text.utf8), to: command.output)
  }

  private func write(_ bytes: [UInt8], to path: String) throws {
    do throws(FileError) {
      try Files.write(bytes, to: path)
    } catch {
      throw CommandFailure(.unwritableOutput, error.description)
    }
  }
}
