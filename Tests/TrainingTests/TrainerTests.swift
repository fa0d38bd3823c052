import Glibc
import Neural
import Testing

@testable import Training

@Suite struct TrainerTests {
  /// Sixty short tunes over nine tokens, each in two keys, with something to learn.
  static let text: TrainingText = {
    var random = Numbers(seed: 3, run: 1)
    var items: [TrainingText.Item] = []
    for _ in 0..<60 {
      let length = 12 + random.below(30)
      let start = random.below(4)
      let tokens = (0..<length).map { UInt16((start + $0 * ($0 % 3 + 1)) % 8 + 1) }
      items.append([
        .init(tokens: [0, 0] + tokens + [0], scoredFrom: 4),
        .init(tokens: [0, 0] + tokens.map { $0 % 8 + 1 } + [0], scoredFrom: 4),
      ])
    }
    return TrainingText(items: items)
  }()

  static let precisions: [TrainingPrecision] =
    TrainingPrecision.best == .bfloat16 ? [.float32, .bfloat16] : [.float32]

  private func trainer(
    _ precision: TrainingPrecision = .float32, cell: NetworkShape.Cell = .lstm,
    isBatchNormalised: Bool = false, denseActivation: Activation = .relu, threads: Int = 2,
    rate: Double = 0.01
  ) throws -> Trainer {
    let shape = NetworkShape(
      vocabularySize: 9, input: .embedding(width: 7), cell: cell, layerSizes: [24, 16],
      denseSizes: [10], denseActivation: denseActivation, isBatchNormalised: isBatchNormalised,
      dropout: 0.1,
      weightDropout: isBatchNormalised ? 0.2 : 0)
    return try Trainer(
      shape, text: Self.text,
      settings: TrainerSettings(
        batch: 6, steps: 10, schedule: Schedule(rate: rate), precision: precision,
        threads: threads, seed: 9))
  }

  private func weights(_ trainer: Trainer) -> [UInt32] {
    let set = trainer.network.parameters
    return (0..<set.count).map { set.values[$0].bitPattern }
  }

  @Test(arguments: NetworkShape.Cell.allCases, precisions)
  func `the loss falls`(cell: NetworkShape.Cell, precision: TrainingPrecision) throws {
    let trainer = try trainer(precision, cell: cell)
    let before = trainer.evaluate(Self.text)
    for _ in 0..<200 { _ = try trainer.takeStep(progress: 0) }
    let after = trainer.evaluate(Self.text)
    #expect(after.bitsPerToken < 0.6 * before.bitsPerToken)
    #expect(after.accuracy > before.accuracy)
  }

  @Test func `the same seed and the same threads give the same bits`() throws {
    let first = try trainer()
    let second = try trainer()
    for _ in 0..<5 {
      #expect(try first.takeStep(progress: 0) == second.takeStep(progress: 0))
    }
    #expect(weights(first) == weights(second))
  }

  @Test(arguments: [false, true])
  func `interrupted and resumed is the same as uninterrupted, bit for bit`(
    isBatchNormalised: Bool
  ) throws {
    let whole = try trainer(isBatchNormalised: isBatchNormalised)
    for _ in 0..<30 { _ = try whole.takeStep(progress: 0.1) }
    let first = try trainer(isBatchNormalised: isBatchNormalised)
    for _ in 0..<13 { _ = try first.takeStep(progress: 0.1) }
    // Measuring in between changes nothing.
    _ = first.evaluate(Self.text)
    let file = try Checkpoint(bytes: first.resumeFile(facts: ["note": "kept"]).bytes)
    #expect(file.metadata["note"] == "kept")
    let second = try trainer(isBatchNormalised: isBatchNormalised)
    try second.resume(from: file)
    #expect(second.step == 13)
    for _ in 13..<30 { _ = try second.takeStep(progress: 0.1) }
    #expect(weights(second) == weights(whole))
    #expect(second.evaluate(Self.text) == whole.evaluate(Self.text))
  }

  @Test func `a resume file of an earlier version is one of the same training`() throws {
    let first = try trainer()
    for _ in 0..<3 { _ = try first.takeStep(progress: 0.1) }
    let file = try first.resumeFile()
    let former = first.formerSubjects
    #expect(Set(former).count == 2, "with the activation of dense layers, and without")
    for subject in former {
      var metadata = file.metadata
      metadata["subject"] = subject
      let old = try Checkpoint(
        metadata: metadata,
        tensors: file.tensors.map {
          .init(name: $0.name, shape: $0.shape, format: .float32, values: try $0.floats())
        })
      let second = try trainer()
      try second.resume(from: old)
      #expect(second.step == 3 && weights(second) == weights(first))
    }
  }

  @Test func `windows forget what streams remember`() throws {
    func second(isStateful: Bool, forgetting: Bool) throws -> Double {
      let trainer = try Trainer(
        NetworkShape(vocabularySize: 9, layerSizes: [16]), text: Self.text,
        settings: TrainerSettings(batch: 2, steps: 4, precision: .float32, seed: 9),
        isStateful: isStateful)
      _ = try trainer.takeStep(progress: 0)
      if forgetting { trainer.network.state = trainer.network.state.map { $0.map { _ in 0 } } }
      return try trainer.takeStep(progress: 0).bitsPerToken
    }
    let streams = try second(isStateful: true, forgetting: false)
    #expect(try second(isStateful: true, forgetting: true) != streams)
    #expect(
      try second(isStateful: false, forgetting: false)
        == second(isStateful: true, forgetting: true))
    let windows = try Trainer(
      NetworkShape(vocabularySize: 9, layerSizes: [16]), text: Self.text,
      settings: TrainerSettings(batch: 2, steps: 4, precision: .float32), isStateful: false)
    let file = try windows.resumeFile()
    try windows.resume(from: file)
    let other = try Trainer(
      NetworkShape(vocabularySize: 9, layerSizes: [16]), text: Self.text,
      settings: TrainerSettings(batch: 2, steps: 4, precision: .float32))
    #expect(throws: TrainingError.self) { try other.resume(from: file) }
  }

  @Test func `a resume file of another training is refused`() throws {
    let first = try trainer()
    let file = try first.resumeFile()
    let other = try trainer(rate: 0.02)
    #expect(throws: TrainingError.self) { try other.resume(from: file) }
    let checkpoint = try first.checkpoint(metadata: [:])
    #expect(throws: TrainingError.self) { try first.resume(from: checkpoint) }
  }

  @Test func `a damaged resume file is refused and changes nothing`() throws {
    let trainer = try trainer()
    _ = try trainer.takeStep(progress: 0)
    let before = weights(trainer)
    let file = try trainer.resumeFile()
    for (key, value) in [("lanes", "1 0 99999"), ("epoch", "-1"), ("step", "x"), ("dealt", "999")] {
      var metadata = file.metadata
      metadata[key] = value
      var damaged = file
      damaged.metadata = metadata
      #expect(throws: TrainingError.self) { try trainer.resume(from: damaged) }
    }
    #expect(weights(trainer) == before)
  }

  @Test(arguments: NetworkShape.Cell.allCases, [false, true])
  func `a checkpoint gives the scores that were trained`(
    cell: NetworkShape.Cell, isBatchNormalised: Bool
  ) throws {
    try compareScores(trainer(cell: cell, isBatchNormalised: isBatchNormalised))
  }

  @Test(arguments: GradientTests.denseActivations, precisions)
  func `a checkpoint says with which activation its dense layers were trained`(
    activation: Activation, precision: TrainingPrecision
  ) throws {
    let trainer = try trainer(precision, isBatchNormalised: true, denseActivation: activation)
    let checkpoint = try compareScores(trainer, within: precision == .float32 ? 1e-4 : 0.05)
    #expect(checkpoint.metadata["layers"]?.contains("\"\(activation.name)\"") == true)
    let names = try LayerSummary.layers(of: checkpoint).map(\.name)
    let dense = activation == .linear ? "dense 10" : "dense 10, \(activation.name)"
    #expect(names == ["embedding 9 → 7", "LSTM 24", "LSTM 16", dense, "dense 9"])
  }

  @Test func `what dense layers cannot be trained with is refused by name`() {
    for activation in [Activation.softmax, .leakyReLU(slope: -0.1), .leakyReLU(slope: 1.5)] {
      let error = #expect(throws: TrainingError.self) { try trainer(denseActivation: activation) }
      #expect(error?.description.contains("trained with \(activation.name)") == true)
    }
  }

  /// Trains a little, and compares what the trainer measures with what the checkpoint's network says.
  @discardableResult
  private func compareScores(_ trainer: Trainer, within most: Double = 1e-4) throws -> Checkpoint {
    for _ in 0..<20 { _ = try trainer.takeStep(progress: 0) }
    let checkpoint = try trainer.checkpoint(metadata: [:], format: .float32)
    let network = try RecurrentNetwork(
      Checkpoint(bytes: checkpoint.bytes), precision: .float32)
    var bits = 0.0
    var count = 0
    for item in Self.text.items {
      var state = network.makeState()
      var scores = [Float](repeating: 0, count: 9)
      for (index, token) in item[0].tokens.enumerated() {
        if index >= item[0].scoredFrom {
          let sum = scores.reduce(0) { $0 + Self.exp(Double($1)) }
          bits += Self.log2(sum / Self.exp(Double(scores[Int(token)])))
          count += 1
        }
        network.step(Int(token), state: &state, logits: &scores)
      }
    }
    let measured = trainer.evaluate(Self.text)
    #expect(measured.count == count)
    #expect(abs(measured.bitsPerToken - bits / Double(count)) < most)
    return checkpoint
  }

  @Test func `training starts where another has ended`() throws {
    let first = try trainer()
    for _ in 0..<80 { _ = try first.takeStep(progress: 0) }
    let checkpoint = try first.checkpoint(metadata: [:], format: .float32)
    let shape = try NetworkShape(of: checkpoint)
    #expect(shape.layerSizes == [24, 16])
    #expect(shape.denseSizes == [10])
    #expect(shape.input == .embedding(width: 7))
    let second = try Trainer(
      shape, text: Self.text,
      settings: TrainerSettings(batch: 6, steps: 10, precision: .float32, seed: 1))
    let before = second.evaluate(Self.text)
    try second.start(from: checkpoint)
    #expect(second.evaluate(Self.text) == first.evaluate(Self.text))
    #expect(second.evaluate(Self.text).bitsPerToken < before.bitsPerToken - 0.1)
    _ = try second.takeStep(progress: 0)

    let larger = try Trainer(
      NetworkShape(vocabularySize: 9, layerSizes: [24, 32], denseSizes: [10]), text: Self.text,
      settings: TrainerSettings(batch: 6, steps: 10))
    let error = #expect(throws: TrainingError.self) { try larger.start(from: checkpoint) }
    #expect(error?.description.contains("embedding.weight has the shape [9, 7]") == true)
    let other = try trainer(cell: .gru).checkpoint(metadata: [:], format: .float32)
    #expect(throws: TrainingError.self) { try NetworkShape(of: other) }
    #expect(throws: TrainingError.self) {
      try NetworkShape(of: Checkpoint(metadata: [:], tensors: []))
    }
  }

  @Test func `a memorised tune is written again, note for note`() throws {
    var random = Numbers(seed: 12, run: 0)
    let tune = [0, 0] + (0..<60).map { _ in UInt16(1 + random.below(8)) } + [0]
    let trainer = try Trainer(
      NetworkShape(vocabularySize: 9, input: .oneHot, layerSizes: [32]),
      text: TrainingText(items: [[.init(tokens: tune)]]),
      settings: TrainerSettings(
        batch: 2, steps: 62, optimizer: OptimizerSettings(rule: .adam),
        schedule: Schedule(course: .constant, rate: 0.02), precision: .float32))
    for _ in 0..<300 { _ = try trainer.takeStep(progress: 0) }
    let network = try RecurrentNetwork(
      trainer.checkpoint(metadata: [:], format: .float32), precision: .float32)
    var state = network.makeState()
    var scores = [Float](repeating: 0, count: 9)
    var written = [tune[0], tune[1]]
    for token in written { network.step(Int(token), state: &state, logits: &scores) }
    while written.count < tune.count {
      let best = scores.indices.max { scores[$0] < scores[$1] } ?? 0
      written.append(UInt16(best))
      network.step(best, state: &state, logits: &scores)
    }
    #expect(written == tune)
  }

  @Test func `a rate that is far too high is told in a sentence`() throws {
    let trainer = try trainer(rate: 1e30)
    let error = #expect(throws: TrainingError.self) {
      for _ in 0..<20 { _ = try trainer.takeStep(progress: 0) }
    }
    #expect(error?.description.contains("learning rate") ?? false)
  }

  @Test(arguments: NetworkShape.Cell.allCases)
  func `a weight that is no number is noticed in the next step`(cell: NetworkShape.Cell) throws {
    for name in ["embedding.weight", "\(cell).weight_hh_l0", "head.0.weight"] {
      let trainer = try trainer(cell: cell)
      _ = try trainer.takeStep(progress: 0)
      let parameter = try #require(
        trainer.network.parameters.parameters.first { $0.name == name })
      for index in 0..<parameter.count {
        trainer.network.parameters.values[parameter.offset + index] = .nan
      }
      trainer.network.prepare(step: trainer.step)
      #expect(throws: TrainingError.notFinite(step: 2)) { try trainer.takeStep(progress: 0) }
    }
  }

  @Test func `what the steps foretold is told once`() throws {
    let trainer = try trainer()
    #expect(trainer.takeTally() == nil)
    var bits = 0.0
    var tokens = 0
    for _ in 0..<3 {
      let report = try trainer.takeStep(progress: 0)
      bits += report.bitsPerToken * Double(report.tokens)
      tokens += report.tokens
    }
    let tally = try #require(trainer.takeTally())
    #expect(tally.count == tokens)
    #expect(abs(tally.bitsPerToken - bits / Double(tokens)) < 1e-9)
    #expect(trainer.takeTally() == nil)
  }

  @Test func `impossible networks and too little text are refused`() {
    let settings = TrainerSettings(batch: 4, steps: 4, precision: .float32)
    for shape in [
      NetworkShape(vocabularySize: 9, layerSizes: []),
      NetworkShape(vocabularySize: 9, layerSizes: [0]),
      NetworkShape(vocabularySize: 9, layerSizes: [1 << 20]),
      NetworkShape(vocabularySize: 9, layerSizes: [8], dropout: 1),
    ] {
      #expect(throws: TrainingError.self) {
        try Trainer(shape, text: Self.text, settings: settings)
      }
    }
    #expect(throws: TrainingError.self) {
      try Trainer(
        NetworkShape(vocabularySize: 9, layerSizes: [8]), text: TrainingText(items: []),
        settings: settings)
    }
  }

  private static func exp(_ x: Double) -> Double { Glibc.exp(x) }
  private static func log2(_ x: Double) -> Double { Glibc.log2(x) }
}
