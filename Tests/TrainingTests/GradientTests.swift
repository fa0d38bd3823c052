import Neural
import Testing

@testable import Training

@Suite struct GradientTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var name: String
    var shape: NetworkShape
    var kernels: String?

    var testDescription: String { name }
  }

  static let cases: [Case] =
    NetworkShape.Cell.allCases.flatMap { cell in
      [
        Case(
          name: "\(cell), embedding, two layers",
          shape: NetworkShape(
            vocabularySize: 7, input: .embedding(width: 5), cell: cell, layerSizes: [6, 9])),
        Case(
          name: "\(cell), one-hot, dense layers, portable kernels",
          shape: NetworkShape(
            vocabularySize: 6, input: .oneHot, cell: cell, layerSizes: [17], denseSizes: [8, 5]),
          kernels: "portable"),
        Case(
          name: "\(cell), tokens as one number",
          shape: NetworkShape(
            vocabularySize: 6, input: .scaledToken, cell: cell, layerSizes: [7], denseSizes: [5])),
        Case(
          name: "\(cell), batch normalisation, last moment",
          shape: NetworkShape(
            vocabularySize: 5, input: .oneHot, cell: cell, layerSizes: [8, 4], denseSizes: [6],
            isBatchNormalised: true, output: .lastMoment)),
      ]
    }
    + denseActivations.flatMap { activation in
      ["portable", nil].map { kernels in
        Case(
          name: "\(activation.name), \(kernels ?? "best") kernels",
          shape: NetworkShape(
            vocabularySize: 6, input: .oneHot, layerSizes: [7], denseSizes: [9, 18],
            denseActivation: activation, isBatchNormalised: kernels == nil),
          kernels: kernels)
      }
    }

  /// Besides ReLU.
  static let denseActivations: [Activation] = [
    .leakyReLU(slope: 0.3), .leakyReLU(slope: 0), .elu, .tanh, .sigmoid, .linear,
  ]

  @Test(arguments: cases)
  func `gradients are those of finite differences in 64-bit arithmetic`(_ test: Case) throws {
    let batch = 5
    let steps = 6
    let network = try TrainingNetwork(
      test.shape, batch: batch, steps: steps, threads: 2,
      initialisation: Initialisation(rule: .xavier, forgetBias: 1), seed: 11,
      kernelName: test.kernels)
    var random = Numbers(seed: 5, run: 0)
    let size = test.shape.vocabularySize
    let tokens = (0..<batch).map { _ in (0..<steps).map { _ in random.below(size) } }
    let targets = (0..<batch).map { _ in (0..<steps).map { _ in random.below(size + 1) - 1 } }
    let fresh = (0..<batch).map { _ in (0..<steps).map { $0 > 0 && random.below(4) == 0 } }
    var given = Batch(grid: network.grid)
    for row in 0..<batch {
      for step in 0..<steps {
        given.set(
          row: row, step: step, token: Int32(tokens[row][step]),
          target: Int32(targets[row][step]), isFresh: fresh[row][step])
      }
    }
    // Biases that differ from 0 tell the two of a layer apart.
    for index in network.parameters.parameters.indices {
      let values = network.parameters.values(index)
      for item in 0..<network.parameters.parameters[index].count {
        values[item] += (random.uniform() - 0.5) * 0.2
      }
    }
    network.prepare()
    network.forward(given, keepsState: false, trains: true, step: 0)
    let loss = network.loss(given)
    network.backward(given)

    var reference = ReferenceNetwork(network)
    let expected = reference.loss(tokens: tokens, targets: targets, fresh: fresh)
    #expect(abs(loss.mean - expected) < 1e-5)
    for parameter in network.parameters.parameters {
      let gradients = try #require(network.parameters.array(parameter.name, ofGradients: true))
      var worst = 0.0
      for index in stride(from: 0, to: parameter.count, by: max(1, parameter.count / 12)) {
        let kept = try #require(reference.values[parameter.name]?[index])
        let small = 1e-5
        reference.values[parameter.name]?[index] = kept + small
        let above = reference.loss(tokens: tokens, targets: targets, fresh: fresh)
        reference.values[parameter.name]?[index] = kept - small
        let below = reference.loss(tokens: tokens, targets: targets, fresh: fresh)
        reference.values[parameter.name]?[index] = kept
        let slope = (above - below) / (2 * small)
        worst = max(worst, abs(slope - Double(gradients[index])) / (abs(slope) + 1e-2))
      }
      #expect(worst < 1e-3, "\(parameter.name): off by \(worst)")
    }
  }
}
