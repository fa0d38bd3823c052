import Neural
import Notes
import Testing

@testable import Training

@Suite struct NoteTrainerTests {
  /// A scale up and down in even notes, every fourth of them long.
  static let piece = (0..<120).map { index in
    TimedNote(
      pitch: 60 + [0, 2, 4, 5, 7, 9, 11, 12, 11, 9, 7, 5, 4, 2][index % 14],
      step: index % 4 == 0 ? 0.5 : 0.25, duration: index % 4 == 3 ? 0.5 : 0.2)
  }

  private func trainer() throws -> NoteTrainer {
    try NoteTrainer(
      pieces: [Self.piece], shape: NoteTrainer.shape(layerSizes: [24]),
      settings: TrainerSettings(
        batch: 8, steps: 10, optimizer: OptimizerSettings(rule: .adam),
        schedule: Schedule(course: .constant, rate: 0.01), precision: .float32, seed: 2))
  }

  private func weights(_ trainer: NoteTrainer) -> [UInt32] {
    let set = trainer.network.parameters
    return (0..<set.count).map { set.values[$0].bitPattern }
  }

  @Test func `a scale is learnt: pitches, steps and durations`() throws {
    let trainer = try trainer()
    trainer.pitchWeight = 1
    let before = try #require(trainer.evaluate())
    for _ in 0..<600 { _ = try trainer.takeStep(progress: 0) }
    let after = try #require(trainer.evaluate())
    #expect(after.total < 0.5 * before.total)
    #expect(after.accuracy > 0.25 && after.accuracy > 2 * before.accuracy)
    #expect(after.step < before.step)
  }

  @Test func `the gradient of the three-headed loss is that of finite differences`() throws {
    let network = try TrainingNetwork(
      NetworkShape(
        vocabularySize: 0, input: .numbers(count: 3), layerSizes: [6], output: .lastMoment,
        outputCount: 12), batch: 3, steps: 4, seed: 6)
    let targets = [
      TimedNote(pitch: 3, step: 0.5, duration: 0.1), TimedNote(pitch: 9, step: 0, duration: 1),
      TimedNote(pitch: 0, step: 2, duration: 0.4),
    ]
    let input = try #require(network.numbers?.floats)
    var random = Numbers(seed: 1, run: 1)
    for index in 0..<3 * 12 { input.floats[index] = random.uniform() }
    let batch = Batch(grid: network.grid)
    func loss() -> Double {
      network.prepare()
      network.forward(batch, keepsState: false, trains: true, step: 0)
      return network.noteLoss(targets, pitchWeight: 0.7).total
    }
    _ = loss()
    network.backward(batch)
    let gradients = (0..<network.parameters.count).map { network.parameters.gradients[$0] }
    for parameter in network.parameters.parameters {
      for index in stride(from: 0, to: parameter.count, by: max(1, parameter.count / 5)) {
        let at = parameter.offset + index
        let kept = network.parameters.values[at]
        let small: Float = 4e-3
        network.parameters.values[at] = kept + small
        let above = loss()
        network.parameters.values[at] = kept - small
        let below = loss()
        network.parameters.values[at] = kept
        let slope = (above - below) / Double(2 * small)
        #expect(
          abs(slope - Double(gradients[at])) < 0.02 * abs(slope) + 2e-3, "\(parameter.name)")
      }
    }
  }

  @Test func `the checkpoint gives what was trained`() throws {
    let trainer = try trainer()
    for _ in 0..<30 { _ = try trainer.takeStep(progress: 0) }
    let network = try LayeredNetwork(
      Checkpoint(bytes: trainer.checkpoint(metadata: [:], format: .float32).bytes))
    #expect(network.outputs.map(\.name) == ["pitch", "step", "duration"])
    #expect(network.outputs.map(\.size) == [128, 1, 1])
    var results: [Float] = []
    var state = network.makeState()
    for note in Self.piece.prefix(10) {
      network.step(note.numbers, state: &state, results: &results)
    }
    let input = try #require(trainer.network.numbers?.floats)
    for step in 0..<10 {
      let at = 3 * trainer.network.grid.position(row: 0, step: step)
      for (index, number) in Self.piece[step].numbers.enumerated() {
        input.floats[at + index] = number
      }
    }
    trainer.network.forward(
      Batch(grid: trainer.network.grid), keepsState: false, trains: false, step: 0)
    let top = try #require(trainer.network.dense.last)
    let at = trainer.network.grid.position(row: 0, step: 9) * 130
    for index in 0..<130 { #expect(abs(results[index] - top.values[at + index]) < 1e-4) }
  }

  @Test func `interrupted and resumed is the same as uninterrupted, bit for bit`() throws {
    let whole = try trainer()
    for _ in 0..<20 { _ = try whole.takeStep(progress: 0.2) }
    let first = try trainer()
    for _ in 0..<9 { _ = try first.takeStep(progress: 0.2) }
    _ = first.evaluate()
    let file = try Checkpoint(bytes: first.resumeFile(facts: ["note": "kept"]).bytes)
    #expect(file.metadata["note"] == "kept")
    let second = try trainer()
    try second.resume(from: file)
    for _ in 9..<20 { _ = try second.takeStep(progress: 0.2) }
    #expect(weights(second) == weights(whole))
    let other = try NoteTrainer(
      pieces: [Self.piece + Self.piece], shape: NoteTrainer.shape(layerSizes: [24]),
      settings: whole.settings)
    #expect(throws: TrainingError.self) { try other.resume(from: file) }
  }

  @Test(
    arguments: [
      { $0.dropout = 0.5 }, { $0.weightDropout = 0.5 }, { $0.isBatchNormalised = true },
      { $0.denseSizes = [16] }, { $0.cell = .gru },
    ] as [@Sendable (inout NetworkShape) -> Void])
  func `what the network is asked to be changes it, and it goes on after a stop`(
    change: @Sendable (inout NetworkShape) -> Void
  ) throws {
    var shape = NoteTrainer.shape(layerSizes: [24])
    change(&shape)
    func trainer() throws -> NoteTrainer {
      try NoteTrainer(pieces: [Self.piece], shape: shape, settings: self.trainer().settings)
    }
    let whole = try trainer()
    let plain = try self.trainer()
    for _ in 0..<12 {
      _ = try whole.takeStep(progress: 0.2)
      _ = try plain.takeStep(progress: 0.2)
    }
    #expect(weights(whole) != weights(plain))
    let first = try trainer()
    for _ in 0..<5 { _ = try first.takeStep(progress: 0.2) }
    _ = first.evaluate()
    let second = try trainer()
    try second.resume(from: Checkpoint(bytes: first.resumeFile().bytes))
    for _ in 5..<12 { _ = try second.takeStep(progress: 0.2) }
    #expect(weights(second) == weights(whole))
    let checkpoint = try whole.checkpoint(metadata: [:], format: .float32)
    let network = try LayeredNetwork(checkpoint)
    #expect(network.outputs.map(\.name) == ["pitch", "step", "duration"])
  }

  @Test func `a resume file of another recipe is refused with what differs`() throws {
    let file = try Checkpoint(bytes: trainer().resumeFile().bytes)
    var settings = try trainer().settings
    settings.schedule.rate = 0.5
    let other = try NoteTrainer(
      pieces: [Self.piece], shape: NoteTrainer.shape(layerSizes: [12, 12]), settings: settings)
    #expect(
      throws: TrainingError.differs([
        .init(name: "layers", kept: "24", given: "12,12"),
        .init(name: "rate", kept: "0.01", given: "0.5"),
      ])
    ) { try other.resume(from: file) }
  }

  @Test func `pieces too short for a window have no figures`() throws {
    #expect(try trainer().evaluate([Array(Self.piece.prefix(10))]) == nil)
    #expect(try trainer().evaluate([Self.piece]) != nil)
  }

  @Test func `pieces shorter than a window are refused`() {
    #expect(throws: TrainingError.self) {
      try NoteTrainer(
        pieces: [Array(Self.piece.prefix(10))],
        settings: TrainerSettings(batch: 2, steps: 10, precision: .float32))
    }
  }
}
