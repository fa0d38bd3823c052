import Kernels
import Testing

@testable import Neural

/// Many streams, and many threads, at once.
@Suite struct StreamTests {
  /// A network of three layers and two dense ones, none of whose sizes fits anything.
  static func checkpoint(hidden: Int = 101, vocabulary: Int = 37) throws -> Checkpoint {
    var seed: UInt64 = 0
    func tensor(_ name: String, _ shape: [Int]) -> Checkpoint.NewTensor {
      seed += 1
      let count = shape.reduce(1, *)
      let values = (0..<count).map { place in
        Float(RandomSource.uniform(rng: seed, run: 0, index: UInt64(place)) - 0.5) * 0.4
      }
      return .init(name: name, shape: shape, format: .float32, values: values)
    }
    var tensors = [tensor("embedding.weight", [vocabulary, 11])]
    for layer in 0..<3 {
      tensors += [
        tensor("lstm.weight_ih_l\(layer)", [4 * hidden, layer == 0 ? 11 : hidden]),
        tensor("lstm.weight_hh_l\(layer)", [4 * hidden, hidden]),
        tensor("lstm.bias_ih_l\(layer)", [4 * hidden]),
      ]
    }
    tensors += [
      tensor("head.0.weight", [150, hidden]), tensor("head.0.bias", [150]),
      tensor("head.1.weight", [vocabulary, 150]), tensor("head.1.bias", [vocabulary]),
    ]
    return try Checkpoint(metadata: [:], tensors: tensors)
  }

  static let precisions: [Precision] = [.float32, .bfloat16, .int8, .int4]

  /// Scores of so many streams after five tokens each, one stream after the other.
  static func alone(
    _ network: RecurrentNetwork, streams: Int, threads: ThreadChoice = .one
  ) -> [[UInt32]] {
    (0..<streams).map { stream in
      var state = network.makeState()
      var logits: [Float] = []
      for index in 0..<5 {
        network.step(token(stream, index), state: &state, logits: &logits, threads: threads)
      }
      return logits.map(\.bitPattern)
    }
  }

  static func token(_ stream: Int, _ index: Int) -> Int { (stream * 7 + index * 5) % 37 }

  static func together(
    _ network: RecurrentNetwork, streams: Int, threads: ThreadChoice = .one
  ) -> [[UInt32]] {
    var states = (0..<streams).map { _ in network.makeState() }
    var logits: [Float] = []
    for index in 0..<5 {
      network.step(
        (0..<streams).map { token($0, index) }, states: &states, logits: &logits,
        threads: threads)
    }
    let size = network.vocabularySize
    return (0..<streams).map { logits[$0 * size..<($0 + 1) * size].map(\.bitPattern) }
  }

  @Test(arguments: KernelSets.names, precisions)
  func `a stream among others gets what it gets alone`(
    kernels: String, precision: Precision
  ) throws {
    try KernelSets.need(kernels)
    let network = try #require(
      try RecurrentNetwork(Self.checkpoint(), precision: precision, kernelName: kernels))
    // Tiles of every size, and more streams than have their sums in memory at once.
    let alone = Self.alone(network, streams: 67)
    for streams in [1, 2, 3, 4, 5, 6, 7, 13, 64, 65, 67] {
      #expect(Self.together(network, streams: streams) == Array(alone.prefix(streams)))
    }
  }

  @Test(arguments: precisions, [ThreadChoice.one, .two])
  func `a state is where it is, however it came there`(
    precision: Precision, threads: ThreadChoice
  ) throws {
    let network = try RecurrentNetwork(Self.checkpoint(), precision: precision)
    var plain = [network.makeState()]
    var expected: [Float] = []
    var state = network.makeState()
    var logits: [Float] = []
    var copies: [RecurrentNetwork.State] = []
    for index in 0..<12 {
      let token = Self.token(0, index)
      network.step([token], states: &plain, logits: &expected)
      // Alone, from a copy, among others.
      if index % 5 == 3 { copies.append(state) }
      if index == 6 || index == 9 {
        var states = [state, network.makeState()]
        network.step([token, 1], states: &states, logits: &logits, threads: threads)
        state = states[0]
        logits.removeLast(network.vocabularySize)
      } else {
        network.step(token, state: &state, logits: &logits, threads: threads)
      }
      #expect(state == plain[0])
      #expect(logits == expected)
    }
    for (place, index) in [3, 8].enumerated() {
      var copy = copies[place]
      for later in index..<12 {
        network.step(Self.token(0, later), state: &copy, logits: &logits, threads: threads)
      }
      #expect(copy == state)
      #expect(logits == expected)
    }
  }

  @Test func `more streams than one round takes are done in several`() throws {
    let network = try RecurrentNetwork(Self.checkpoint(hidden: 9), precision: .int8)
    #expect(Self.together(network, streams: 300) == Self.alone(network, streams: 300))
  }

  @Test(arguments: precisions)
  func `two threads give what one gives`(precision: Precision) throws {
    let network = try RecurrentNetwork(Self.checkpoint(), precision: precision)
    let alone = Self.alone(network, streams: 7)
    #expect(Self.alone(network, streams: 7, threads: .two) == alone)
    #expect(Self.alone(network, streams: 7, threads: .auto) == alone)
    #expect(Self.together(network, streams: 7, threads: .two) == alone)
  }

  @Test func `a copy of a state among streams goes its own way`() throws {
    let network = try RecurrentNetwork(Self.checkpoint(), precision: .int8)
    var states = [network.makeState(), network.makeState()]
    var logits: [Float] = []
    network.step([1, 2], states: &states, logits: &logits)
    let kept = states[0]
    var again = [kept]
    network.step([3, 3], states: &states, logits: &logits)
    #expect(kept != states[0])
    var other: [Float] = []
    network.step([3], states: &again, logits: &other)
    #expect(again[0] == states[0])
    #expect(other == Array(logits.prefix(network.vocabularySize)))
  }
}
