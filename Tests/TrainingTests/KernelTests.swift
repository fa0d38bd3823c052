import Neural
import Testing
import TrainingKernels

@testable import Training

@Suite struct KernelTests {
  struct Case: Sendable {
    var kernels: String
    var precision: TrainingPrecision
  }

  /// Every set that was written for processors of this kind, whether this one has it or not.
  static let cases: [Case] = {
    #if arch(x86_64)
      let names = ["avx512bf16", "avx512", "avx2", "portable"]
    #else
      let names = ["portable"]
    #endif
    return names.map { Case(kernels: $0, precision: .float32) }
      + names.filter { $0 == "avx512bf16" }.map { Case(kernels: $0, precision: .bfloat16) }
  }()

  /// Ends this case of a test with a word where the processor lacks the set.
  static func need(_ test: Case) throws {
    guard lilt_training_named(test.kernels) != nil else {
      try Test.cancel("this processor cannot run the training kernels \(test.kernels)")
    }
  }

  /// A number that bfloat16 holds exactly.
  private static func numbers(_ count: Int, run: UInt64) -> [Float] {
    var random = Numbers(seed: 8, run: run)
    return (0..<count).map { _ in Float(random.below(17) - 8) / 8 }
  }

  @Test(
    arguments: cases,
    [
      (1, 1, 1), (5, 7, 3), (6, 64, 16), (13, 65, 301), (17, 130, 258), (32, 16, 700),
      (97, 33, 193), (205, 16, 5),
    ])
  func `products are those of plain loops`(_ test: Case, _ size: (Int, Int, Int)) throws {
    try Self.need(test)
    let arithmetic = try Arithmetic(test.precision, kernelName: test.kernels)
    let (rows, columns, depth) = size
    let padded = depth + depth % 2
    let left = Self.numbers(rows * depth, run: 1)
    let right = Self.numbers(columns * depth, run: 2)
    let bias = Self.numbers(columns, run: 3)
    let wide = try Storage(count: rows * padded)
    for row in 0..<rows {
      for word in 0..<depth { wide.floats[row * padded + word] = left[row * depth + word] }
    }
    let narrow = try Storage(halves: rows * padded)
    arithmetic.narrow(
      rows: rows, columns: padded, from: wide.floats, to: narrow.halves, paddedColumns: padded)
    let panels = try Storage(count: arithmetic.panelWords(depth: depth, columns: columns))
    let leftPanels = try Storage(
      count: arithmetic.panelWords(depth: depth, columns: rows, width: LILT_LEFT_PANEL))
    right.withUnsafeBufferPointer { right in
      guard let right = right.baseAddress else { return }
      arithmetic.packForwards(right, outputs: columns, inputs: depth, into: panels)
    }
    arithmetic.pack(
      depth: depth, columns: rows, width: LILT_LEFT_PANEL, source: wide.bytes, sourceRow: padded,
      isTransposed: true, panels: leftPanels.bytes)
    let out = try Storage(count: rows * columns)
    let source = arithmetic.isNarrow ? narrow.bytes : wide.bytes
    for (given, accumulates) in [
      (Arithmetic.Left(start: source, row: padded), false),
      (Arithmetic.Left(start: leftPanels.bytes, row: 0), true),
    ] {
      bias.withUnsafeBufferPointer { bias in
        arithmetic.multiply(
          rows: rows, columns: columns, depth: depth, left: given, right: panels.bytes,
          out: out.floats, outRow: columns, accumulates: accumulates,
          bias: accumulates ? nil : bias.baseAddress)
      }
    }
    var worst: Float = 0
    for row in 0..<rows {
      for column in 0..<columns {
        var sum: Float = 0
        for word in 0..<depth { sum += left[row * depth + word] * right[column * depth + word] }
        worst = max(worst, abs(2 * sum + bias[column] - out.floats[row * columns + column]))
      }
    }
    #expect(worst < 1e-3)
  }

  @Test func `work is done once, whatever the number of threads`() throws {
    for threads in [1, 2, 5] {
      let pool = WorkerPool(threadCount: threads)
      let counts = try Storage(count: 1000)
      for _ in 0..<50 { pool.run(1000) { counts.floats[$0] += 1 } }
      #expect(counts.array.allSatisfy { $0 == 50 })
    }
  }

  @Test func `a batch has the same gradients in any number of groups`() throws {
    let shape = NetworkShape(
      vocabularySize: 5, input: .embedding(width: 4), layerSizes: [8], dropout: 0.3)
    var results: [[Float]] = []
    for threads in [1, 3] {
      let network = try TrainingNetwork(shape, batch: 7, steps: 5, threads: threads, seed: 4)
      var batch = Batch(grid: network.grid)
      for row in 0..<7 {
        for step in 0..<5 {
          batch.set(
            row: row, step: step, token: Int32((row * step + 1) % 5),
            target: Int32((row + step) % 5), isFresh: false)
        }
      }
      network.forward(batch, keepsState: false, trains: true, step: 3)
      _ = network.loss(batch)
      network.backward(batch)
      results.append(
        (0..<network.parameters.count).map { network.parameters.gradients[$0] })
    }
    for (one, other) in zip(results[0], results[1]) { #expect(abs(one - other) < 1e-6) }
  }

  @Test(arguments: NetworkShape.Cell.allCases)
  func `gradients go only through the weights and outputs that were kept`(
    cell: NetworkShape.Cell
  ) throws {
    let zeros = try zerosOfRecurrentGradients(
      NetworkShape(
        vocabularySize: 5, input: .embedding(width: 4), cell: cell, layerSizes: [6, 8],
        dropout: 0.3, weightDropout: 0.4))
    #expect(zeros > 5)
  }

  @Test(arguments: GradientTests.denseActivations)
  func `gradients go through the dense outputs that were kept, whatever their activation`(
    activation: Activation
  ) throws {
    _ = try zerosOfRecurrentGradients(
      NetworkShape(
        vocabularySize: 5, input: .embedding(width: 4), layerSizes: [8], denseSizes: [9, 6],
        denseActivation: activation, dropout: 0.3))
  }

  /// Compares gradients with finite differences, and says how many recurrent weights have none.
  private func zerosOfRecurrentGradients(_ shape: NetworkShape) throws -> Int {
    let network = try TrainingNetwork(shape, batch: 4, steps: 5, threads: 2, seed: 4)
    var batch = Batch(grid: network.grid)
    for row in 0..<4 {
      for step in 0..<5 {
        batch.set(
          row: row, step: step, token: Int32((row * step + 1) % 5),
          target: Int32((row + step) % 5), isFresh: row == 2 && step == 3)
      }
    }
    func loss() -> Double {
      network.prepare(step: 7)
      network.forward(batch, keepsState: false, trains: true, step: 7)
      return network.loss(batch).mean
    }
    _ = loss()
    network.backward(batch)
    let set = network.parameters
    let gradients = (0..<set.count).map { set.gradients[$0] }
    var zeros = 0
    for parameter in set.parameters {
      let isRecurrent = parameter.name.contains("weight_hh")
      for index in stride(from: 0, to: parameter.count, by: isRecurrent ? 3 : 11) {
        let at = parameter.offset + index
        let kept = set.values[at]
        set.values[at] = kept + 0.01
        let above = loss()
        set.values[at] = kept - 0.01
        let below = loss()
        set.values[at] = kept
        #expect(abs((above - below) / 0.02 - Double(gradients[at])) < 5e-4, "\(parameter.name)")
        if isRecurrent, gradients[at] == 0 { zeros += 1 }
      }
    }
    return zeros
  }
}
