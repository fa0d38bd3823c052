import Testing

@testable import Training

@Suite struct OptimizerTests {
  struct Trace: Sendable {
    var settings: OptimizerSettings
    var rate: Double
    /// Weights after each of three steps, from torch 2.15 with the same numbers.
    var expected: [[Double]]
  }

  static let traces = [
    Trace(
      settings: OptimizerSettings(rule: .sgd, decay: 0.01, momentum: 0.9), rate: 0.1,
      expected: [
        [0.48949999, -1.20875001, 1.995], [0.49956048, -1.20041621, 1.93850505],
        [0.50311536, -1.25171542, 2.03572106],
      ]),
    Trace(
      settings: OptimizerSettings(rule: .adagrad), rate: 0.1,
      expected: [
        [0.39999998, -1.14999998, 1.89999998], [0.48944271, -1.21000004, 1.80017948],
        [0.46762091, -1.2868222, 1.89503074],
      ]),
    Trace(
      settings: OptimizerSettings(rule: .rmsprop, momentum: 0.5), rate: 0.01,
      expected: [
        [0.4000001, -1.14999998, 1.90000033], [0.4395324, -1.16019285, 1.75017822],
        [0.4373512, -1.24236989, 1.77016616],
      ]),
    Trace(
      settings: OptimizerSettings(rule: .adam, decay: 0.1), rate: 0.01,
      expected: [
        [0.49000001, -1.24000001, 1.99000001], [0.49055955, -1.23601353, 1.9808377],
        [0.48825455, -1.23784709, 1.98291624],
      ]),
    Trace(
      settings: OptimizerSettings(rule: .adamw, decay: 0.1), rate: 0.01,
      expected: [
        [0.48950002, -1.23874998, 1.98800004], [0.49267155, -1.23661804, 1.97818291],
        [0.4935458, -1.23984885, 1.98034823],
      ]),
  ]

  @Test(arguments: traces)
  func `three steps give PyTorch's weights`(_ trace: Trace) throws {
    let arithmetic = try Arithmetic(.float32)
    let pool = WorkerPool(threadCount: 1)
    let optimizer = try Optimizer(trace.settings, count: 3, arithmetic: arithmetic)
    let weights = try Storage(count: 3)
    let gradients = try Storage(count: 3)
    for (index, value) in [Float(0.5), -1.25, 2].enumerated() { weights.floats[index] = value }
    let given: [[Float]] = [[0.1, -0.4, 0.03], [-0.2, 0.3, 0.5], [0.05, 0.6, -1.5]]
    for (step, values) in given.enumerated() {
      // Gradients come doubled, and are scaled as clipping does.
      for (index, value) in values.enumerated() { gradients.floats[index] = 2 * value }
      optimizer.update(
        weights: weights.floats, gradients: gradients.floats, rate: trace.rate, scale: 0.5,
        pool: pool)
      for index in 0..<3 {
        #expect(abs(Double(weights.floats[index]) - trace.expected[step][index]) < 1e-5)
      }
    }
  }

  @Test func `the cosine falls from the rate to its floor after a warm-up`() {
    let schedule = Schedule(course: .cosine, rate: 2, warmUp: 10, floor: 0.1)
    #expect(abs(schedule.rate(step: 4, progress: 0, falls: 0) - 1) < 1e-12)
    #expect(abs(schedule.rate(step: 100, progress: 0.5, falls: 0) - 1.1) < 1e-12)
    #expect(abs(schedule.rate(step: 100, progress: 1, falls: 0) - 0.2) < 1e-12)
  }

  @Test func `steps and plateaus multiply the rate`() {
    let steps = Schedule(course: .step, rate: 1, factor: 0.5, every: 0.25)
    #expect(steps.rate(step: 0, progress: 0.6, falls: 0) == 0.25)
    let plateau = Schedule(course: .plateau, rate: 1, factor: 0.1)
    #expect(abs(plateau.rate(step: 0, progress: 0.6, falls: 2) - 0.01) < 1e-12)
  }
}
