import Neural

extension Trainer {
  private static let resumeFormat = "1"

  /// Everything that the next step depends on: weights, the optimizer's slots, what the streams
  /// remember and where they stand.
  ///
  /// `facts` are kept with it, for the caller. A trainer made from the same text, shape and settings
  /// that is given the result goes on to the same weights, bit for bit.
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
    metadata["epoch"] = String(streams.epoch)
    metadata["dealt"] = String(streams.dealt)
    metadata["lanes"] = streams.lanes.map { lane in
      lane.map { "\($0.item) \($0.variant) \($0.position)" } ?? "-"
    }.joined(separator: ",")
    var tensors: [Checkpoint.NewTensor] = []
    func add(_ name: String, _ values: [Float]) {
      tensors.append(
        .init(name: name, shape: [values.count], format: .float32, values: values))
    }
    let count = network.parameters.count
    add("weights", Array(UnsafeBufferPointer(start: network.parameters.values, count: count)))
    add("optimizer.first", optimizer.first.array)
    add("optimizer.second", optimizer.second.array)
    for (index, state) in network.state.enumerated() { add("state.\(index)", state) }
    for (index, norm) in network.norms.enumerated() {
      add("norm.\(index).mean", norm.runningMean)
      add("norm.\(index).variance", norm.runningVariance)
    }
    return try Checkpoint(metadata: metadata, tensors: tensors)
  }

  /// Goes on from a resume file; throws, unchanged, when it is not of this training.
  public func resume(from file: Checkpoint) throws(TrainingError) {
    let kept = try ResumeFile(
      file, format: Self.resumeFormat, subjects: [subject] + formerSubjects, recipe: recipe)
    let count = network.parameters.count
    let weights = try kept.floats("weights", count)
    let first = try kept.floats("optimizer.first", count)
    let second = try kept.floats("optimizer.second", count)
    var state = network.state
    for index in state.indices {
      state[index] = try kept.floats("state.\(index)", state[index].count)
    }
    let norms = try kept.norms(network.norms)
    let taken = try kept.number("step")
    let optimizerSteps = try kept.number("optimizer_steps")
    let fallen = try kept.number("falls")
    let waited = try kept.number("epochs_without_gain")
    guard let best = file.metadata["best_on_valid"].flatMap({ UInt64($0) }) else {
      throw .resume(reason: "its best_on_valid is missing or no number")
    }
    guard
      streams.restore(
        epoch: try kept.number("epoch"), dealt: try kept.number("dealt"),
        lanes: Self.lanes(file.metadata["lanes"] ?? ""))
    else {
      throw .resume(reason: "its places in the text do not fit the text")
    }
    network.parameters.values.update(from: weights, count: count)
    optimizer.first.floats.update(from: first, count: count)
    optimizer.second.floats.update(from: second, count: count)
    network.state = state
    for (norm, numbers) in zip(network.norms, norms) {
      norm.runningMean = numbers.mean
      norm.runningVariance = numbers.variance
    }
    step = taken
    optimizer.steps = optimizerSteps
    falls = fallen
    epochsWithoutGain = waited
    bestOnValid = Double(bitPattern: best)
    network.prepare(step: step)
  }

  private var recipe: Recipe { Recipe(network.shape, settings, isStateful: isStateful) }

  private static func lanes(_ text: String) -> [TokenStreams.Lane?] {
    text.split(separator: ",").map { entry in
      let numbers = entry.split(separator: " ").compactMap { Int($0) }
      guard numbers.count == 3 else { return nil }
      return TokenStreams.Lane(item: numbers[0], variant: numbers[1], position: numbers[2])
    }
  }

  /// Sixteen digits that stand for the text, the network and all settings that a step depends on.
  private var subject: String { subject(Subject.words(network, recipe)) }

  /// What earlier versions wrote for the same training: they named Swift's own description of its
  /// settings, which changes with every new one.
  var formerSubjects: [String] {
    Subject.formerWords("\(network.shape) \(settings) \(network.kernelName)", network.shape).map {
      subject($0 + (isStateful ? "" : " windows"))
    }
  }

  private func subject(_ words: String) -> String {
    var subject = Subject()
    for item in text.items {
      for sequence in item {
        subject.add(UInt64(sequence.tokens.count))
        for token in sequence.tokens { subject.add(UInt64(token)) }
      }
    }
    subject.add(words)
    return subject.text
  }
}

/// A number that stands for everything that a step of training depends on.
struct Subject {
  private var hash: UInt64 = 0xcbf2_9ce4_8422_2325

  mutating func add(_ value: UInt64) {
    hash = (hash ^ value) &* 0x9e37_79b9_7f4a_7c15
    hash ^= hash >> 29
  }

  mutating func add(_ text: String) {
    for byte in text.utf8 { add(UInt64(byte)) }
  }

  var text: String { String(hash, radix: 16) }

  /// What a step depends on besides the text, by names that last.
  static func words(_ network: TrainingNetwork, _ recipe: Recipe) -> String {
    "\(recipe.text)\nvocabulary=\(network.shape.vocabularySize)\nkernels=\(network.kernelName)"
  }

  /// Spellings of the same by earlier versions, of which one did not know activations of dense layers.
  static func formerWords(_ words: String, _ shape: NetworkShape) -> [String] {
    guard shape.denseActivation == .relu else { return [words] }
    return [
      words,
      words.replacing("denseActivation: \(String(reflecting: shape.denseActivation)), ", with: ""),
    ]
  }
}

/// A resume file being read.
struct ResumeFile {
  private let file: Checkpoint

  /// Throws when the file is not one of this training, which may have been written in several ways.
  init(
    _ file: Checkpoint, format: String, subjects: [String], recipe: Recipe
  ) throws(TrainingError) {
    guard file.metadata["lilt.resume"] == format else {
      throw .resume(reason: "it is not a resume file of this kind and version")
    }
    guard let subject = file.metadata["subject"], subjects.contains(subject) else {
      if let text = file.metadata["recipe"] {
        let differences = Recipe(text).differences(from: recipe)
        guard differences.isEmpty else { throw .differs(differences) }
      }
      throw .resume(
        reason:
          "its text, the processor's kernels, or the version of lilt that wrote it, are others than now"
      )
    }
    self.file = file
  }

  func number(_ key: String) throws(TrainingError) -> Int {
    guard let value = file.metadata[key].flatMap({ Int($0) }), value >= 0 else {
      throw .resume(reason: "its \(key) is missing or no number")
    }
    return value
  }

  /// What batch normalisations have seen, in their order.
  func norms(
    _ known: [BatchNormalisation]
  ) throws(TrainingError) -> [(mean: [Float], variance: [Float])] {
    var norms: [(mean: [Float], variance: [Float])] = []
    for (index, norm) in known.enumerated() {
      let columns = norm.runningMean.count
      norms.append(
        (
          mean: try floats("norm.\(index).mean", columns),
          variance: try floats("norm.\(index).variance", columns)
        ))
    }
    return norms
  }

  func floats(_ name: String, _ count: Int) throws(TrainingError) -> [Float] {
    guard let tensor = file[name], tensor.count == count, let values = try? tensor.floats() else {
      throw .resume(reason: "its tensor \(name) is missing, damaged or of another size")
    }
    return values
  }
}
