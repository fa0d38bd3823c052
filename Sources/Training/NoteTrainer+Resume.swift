import Neural

extension NoteTrainer {
  private static let resumeFormat = "notes 1"

  /// Everything that the next step depends on: weights and the optimizer's slots. `facts` are kept
  /// with it, for the caller.
  public func resumeFile(facts: [String: String] = [:]) throws(CheckpointError) -> Checkpoint {
    var metadata = facts
    metadata["lilt.resume"] = Self.resumeFormat
    metadata["subject"] = subject
    metadata["recipe"] = recipe.text
    metadata["step"] = String(step)
    metadata["optimizer_steps"] = String(optimizer.steps)
    metadata["falls"] = String(falls)
    metadata["epochs_without_gain"] = String(epochsWithoutGain)
    metadata["best_on_valid"] = String(bestOnValid.bitPattern)
    let count = network.parameters.count
    let weights = Array(UnsafeBufferPointer(start: network.parameters.values, count: count))
    var parts = [
      ("weights", weights), ("optimizer.first", optimizer.first.array),
      ("optimizer.second", optimizer.second.array),
    ]
    for (index, norm) in network.norms.enumerated() {
      parts.append(("norm.\(index).mean", norm.runningMean))
      parts.append(("norm.\(index).variance", norm.runningVariance))
    }
    return try Checkpoint(
      metadata: metadata,
      tensors: parts.map { name, values in
        .init(name: name, shape: [values.count], format: .float32, values: values)
      })
  }

  /// Goes on from a resume file to the same weights as without an interruption, bit for bit; throws,
  /// unchanged, when it is not of this training.
  public func resume(from file: Checkpoint) throws(TrainingError) {
    let kept = try ResumeFile(
      file, format: Self.resumeFormat, subjects: [subject] + formerSubjects, recipe: recipe)
    let count = network.parameters.count
    let weights = try kept.floats("weights", count)
    let first = try kept.floats("optimizer.first", count)
    let second = try kept.floats("optimizer.second", count)
    let norms = try kept.norms(network.norms)
    let taken = try kept.number("step")
    let optimizerSteps = try kept.number("optimizer_steps")
    let fallen = try kept.number("falls")
    let waited = try kept.number("epochs_without_gain")
    guard let best = file.metadata["best_on_valid"].flatMap({ UInt64($0) }) else {
      throw .resume(reason: "its best_on_valid is missing or no number")
    }
    network.parameters.values.update(from: weights, count: count)
    optimizer.first.floats.update(from: first, count: count)
    optimizer.second.floats.update(from: second, count: count)
    step = taken
    optimizer.steps = optimizerSteps
    falls = fallen
    epochsWithoutGain = waited
    bestOnValid = Double(bitPattern: best)
    for (norm, numbers) in zip(network.norms, norms) {
      norm.runningMean = numbers.mean
      norm.runningVariance = numbers.variance
    }
    network.prepare(step: step)
  }

  private var recipe: Recipe { Recipe(network.shape, settings, isStateful: false) }

  /// Sixteen digits that stand for the pieces, the network and all settings.
  private var subject: String { subject(Subject.words(network, recipe) + "\npitch=\(pitchWeight)") }

  /// What earlier versions wrote for the same training, see `Trainer`.
  var formerSubjects: [String] {
    Subject.formerWords(
      "\(network.shape) \(settings) \(pitchWeight) \(network.kernelName)", network.shape
    ).map(subject)
  }

  private func subject(_ words: String) -> String {
    var subject = Subject()
    for piece in pieces.pieces {
      subject.add(UInt64(piece.count))
      for note in piece {
        for number in note.numbers { subject.add(UInt64(number.bitPattern)) }
      }
    }
    subject.add(words)
    return subject.text
  }
}
