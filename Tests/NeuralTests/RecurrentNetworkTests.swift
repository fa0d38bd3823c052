import Kernels
import Testing

@testable import Neural

@Suite struct RecurrentNetworkTests {
  /// Scores after each token of the reference.
  static func logits(_ network: RecurrentNetwork, _ tokens: [Int]) -> [[Float]] {
    var state = network.makeState()
    var logits: [Float] = []
    return tokens.map { token in
      network.step(token, state: &state, logits: &logits)
      return logits
    }
  }

  static func largestDifference(_ left: [[Float]], _ right: [[Float]]) -> Float {
    zip(left.joined(), right.joined()).map { abs($0 - $1) }.max() ?? .infinity
  }

  @Test(arguments: KernelSets.names)
  func `32-bit scores are those of the textbook equations`(kernels: String) throws {
    try KernelSets.need(kernels)
    let reference = try TinyNetwork.reference()
    let network = try #require(
      try RecurrentNetwork(
        TinyNetwork.checkpoint(), precision: .float32, kernelName: kernels))
    let logits = Self.logits(network, reference.tokens)
    #expect(Self.largestDifference(logits, reference.logits) < 2e-5)
    #expect(logits.allSatisfy { $0.count == network.vocabularySize })
  }

  @Test(arguments: KernelSets.names, [Precision.float32, .bfloat16, .int8, .int4])
  func `every instruction set gives the same bits`(kernels: String, precision: Precision) throws {
    try KernelSets.need(kernels)
    let checkpoint = try TinyNetwork.checkpoint()
    let tokens = try TinyNetwork.reference().tokens
    let network = try #require(
      try RecurrentNetwork(checkpoint, precision: precision, kernelName: kernels))
    let portable = try #require(
      try RecurrentNetwork(checkpoint, precision: precision, kernelName: "portable"))
    let bits = Self.logits(network, tokens).map { $0.map(\.bitPattern) }
    #expect(bits == Self.logits(portable, tokens).map { $0.map(\.bitPattern) })
  }

  @Test(arguments: [(Precision.bfloat16, Float(0.15)), (.int8, 0.4), (.int4, 4)])
  func `smaller weights stay near the exact scores`(
    precision: Precision, tolerance: Float
  ) throws {
    let reference = try TinyNetwork.reference()
    let network = try RecurrentNetwork(TinyNetwork.checkpoint(), precision: precision)
    let logits = Self.logits(network, reference.tokens)
    let difference = Self.largestDifference(logits, reference.logits)
    #expect(difference < tolerance)
    #expect(difference > 0)
    #expect(network.precision == precision)
  }

  @Test func `a copy of a state goes its own way`() throws {
    let network = try RecurrentNetwork(TinyNetwork.checkpoint(), precision: .float32)
    var state = network.makeState()
    var logits: [Float] = []
    for token in [3, 1, 4] { network.step(token, state: &state, logits: &logits) }
    var copy = state
    var copiedLogits: [Float] = []
    network.step(2, state: &copy, logits: &copiedLogits)
    #expect(copy != state)
    network.step(2, state: &state, logits: &logits)
    #expect(copy == state)
    #expect(copiedLogits == logits)
  }

  @Test func `one-hot tokens are columns of the input weights`() throws {
    // An identity embedding says the same in another way.
    let checkpoint = try TinyNetwork.checkpoint()
    let size = 10
    let hidden = try #require(checkpoint["lstm.weight_hh_l0"]).shape[1]
    var tensors: [Checkpoint.NewTensor] = []
    for tensor in checkpoint.tensors
    where tensor.name.hasPrefix("lstm.") && tensor.name.hasSuffix("0") {
      var values = try tensor.floats()
      var shape = tensor.shape
      if tensor.name == "lstm.weight_ih_l0" {
        shape = [4 * hidden, size]
        values = (0..<4 * hidden * size).map { Float($0 % 13 - 6) / 8 }
      }
      tensors.append(.init(name: tensor.name, shape: shape, format: .float32, values: values))
    }
    let head = (0..<size * hidden).map { Float($0 % 7 - 3) / 4 }
    tensors.append(
      .init(name: "head.weight", shape: [size, hidden], format: .float32, values: head))
    let identity = (0..<size * size).map { Float($0 % (size + 1) == 0 ? 1 : 0) }
    let embedding = Checkpoint.NewTensor(
      name: "embedding.weight", shape: [size, size], format: .float32, values: identity)
    let oneHot = try RecurrentNetwork(
      Checkpoint(metadata: [:], tensors: tensors), precision: .float32)
    let embedded = try RecurrentNetwork(
      Checkpoint(metadata: [:], tensors: tensors + [embedding]), precision: .float32)
    let tokens = [0, 9, 3, 3, 7]
    let difference = Self.largestDifference(
      Self.logits(oneHot, tokens), Self.logits(embedded, tokens))
    #expect(difference < 1e-5)
  }

  @Test(arguments: [Precision.float32, .bfloat16, .int8, .int4])
  func `dense layers follow each other with negative values cut`(precision: Precision) throws {
    let checkpoint = try TinyNetwork.checkpoint()
    let hidden = 37
    var tensors = try checkpoint.tensors.filter {
      $0.name.hasPrefix("lstm.") || $0.name == "embedding.weight"
    }.map {
      Checkpoint.NewTensor(
        name: $0.name, shape: $0.shape, format: .float32, values: try $0.floats())
    }
    // The first layer passes on the positive and the negative parts, the second puts them together.
    var split = [Float](repeating: 0, count: 2 * hidden * hidden)
    for unit in 0..<hidden {
      split[unit * hidden + unit] = 1
      split[(hidden + unit) * hidden + unit] = -1
    }
    let head = try #require(checkpoint["head.weight"])
    let rows = try head.floats()
    var joined: [Float] = []
    for row in 0..<head.shape[0] {
      let weights = rows[row * hidden..<(row + 1) * hidden]
      joined += weights + weights.map { -$0 }
    }
    let bias = try #require(checkpoint["head.bias"]).floats()
    tensors += [
      .init(name: "head.0.weight", shape: [2 * hidden, hidden], format: .float32, values: split),
      .init(
        name: "head.2.weight", shape: [head.shape[0], 2 * hidden], format: .float32,
        values: joined),
      .init(name: "head.2.bias", shape: [head.shape[0]], format: .float32, values: bias),
    ]
    let network = try RecurrentNetwork(
      Checkpoint(metadata: [:], tensors: tensors), precision: precision)
    let reference = try TinyNetwork.reference()
    let tolerance: Float =
      precision == .float32 ? 3e-5 : precision == .bfloat16 ? 0.15 : precision == .int8 ? 0.4 : 4
    #expect(
      Self.largestDifference(Self.logits(network, reference.tokens), reference.logits)
        < tolerance)
  }

  @Test func `tensors that do not fit are named`() throws {
    func failure(_ tensors: [Checkpoint.NewTensor]) -> String {
      do throws(CheckpointError) {
        _ = try RecurrentNetwork(Checkpoint(metadata: [:], tensors: tensors))
        return ""
      } catch {
        return error.description
      }
    }
    func tensor(_ name: String, _ shape: [Int]) -> Checkpoint.NewTensor {
      .init(
        name: name, shape: shape, format: .float32,
        values: [Float](repeating: 0, count: shape.reduce(1, *)))
    }
    #expect(failure([]).contains("lstm.weight_hh_l0"))
    #expect(failure([tensor("lstm.weight_hh_l0", [9, 2])]).contains("[9, 2]"))
    let recurrent = tensor("lstm.weight_hh_l0", [8, 2])
    #expect(failure([recurrent]).contains("head.weight"))
    #expect(failure([recurrent, tensor("head.weight", [3, 4])]).contains("[outputs, 2]"))
    let head = tensor("head.weight", [3, 2])
    #expect(failure([recurrent, head]).contains("lstm.weight_ih_l0"))
    #expect(
      failure([recurrent, head, tensor("lstm.weight_ih_l0", [8, 5])]).contains("[8, 3]"))
    #expect(failure([recurrent, head, tensor("lstm.weight_ih_l0", [8, 3])]).isEmpty)
    var broken = head
    broken.values[1] = .nan
    #expect(
      failure([recurrent, broken, tensor("lstm.weight_ih_l0", [8, 3])]).contains("not a finite"))
    #expect(failure([tensor("gru.weight_hh_l0", [6, 2])]).contains("gru"))
  }
}
