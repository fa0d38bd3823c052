import Testing

@testable import Neural

/// A network of three LSTM layers with a leaky ReLU below its scores.
@Suite struct LeakyNetworkTests {
  /// That of `StreamTests` with another activation, and so of format 2.
  private func checkpoint(_ activation: String) throws -> Checkpoint {
    let plain = try StreamTests.checkpoint()
    var names = ["embedding.weight": "layers.0.weight"]
    for layer in 0..<3 {
      for part in ["weight_ih", "weight_hh", "bias_ih"] {
        names["lstm.\(part)_l\(layer)"] = "layers.\(layer + 1).\(part)"
      }
    }
    for part in ["weight", "bias"] {
      names["head.0.\(part)"] = "layers.4.\(part)"
      names["head.1.\(part)"] = "layers.5.\(part)"
    }
    let lstm = #"{"kind":"lstm","units":101,"activation":"tanh","gate_activation":"sigmoid"}"#
    return try Checkpoint(
      metadata: [
        "lilt.format": "2", "input": #"{"kind":"tokens"}"#,
        "layers": #"[{"kind":"embedding","units":11},\#(lstm),\#(lstm),\#(lstm),"#
          + #"{"kind":"dense","units":150,"activation":"\#(activation)"},"#
          + #"{"kind":"dense","units":37,"activation":"linear"}]"#,
      ],
      tensors: plain.tensors.map { tensor in
        Checkpoint.NewTensor(
          name: try #require(names[tensor.name]), shape: tensor.shape, format: .float32,
          values: try tensor.floats())
      })
  }

  private func scores(_ network: RecurrentNetwork) -> [[Float]] {
    StreamTests.alone(network, streams: 3).map { $0.map { Float(bitPattern: $0) } }
  }

  private func difference(_ one: [[Float]], _ other: [[Float]]) -> Float {
    zip(one.joined(), other.joined()).reduce(0) { max($0, abs($1.0 - $1.1)) }
  }

  @Test func `with the slope 0 it is ReLU, with 1 nothing, and with another neither`() throws {
    let rectified = try scores(RecurrentNetwork(StreamTests.checkpoint(), precision: .float32))
    func leaky(_ name: String) throws -> [[Float]] {
      try scores(RecurrentNetwork(checkpoint(name), precision: .float32))
    }
    #expect(try difference(leaky("leaky-relu=0"), rectified) < 1e-6)
    #expect(try difference(leaky("leaky-relu=1"), leaky("linear")) == 0)
    #expect(try difference(leaky("leaky-relu=0.3"), rectified) > 1e-3)
    // What is missing between the two is a straight line.
    let (none, some, all) = try (leaky("leaky-relu=0"), leaky("leaky-relu=0.25"), leaky("linear"))
    let between = zip(none, all).map { zip($0, $1).map { $0 + 0.25 * ($1 - $0) } }
    #expect(difference(some, between) < 1e-5)
  }

  @Test(arguments: KernelSets.names)
  func `every instruction set gives the same bits, alone and together`(kernels: String) throws {
    try KernelSets.need(kernels)
    let checkpoint = try checkpoint("leaky-relu=0.3")
    let network = try #require(
      try RecurrentNetwork(checkpoint, precision: .float32, kernelName: kernels))
    let portable = try #require(
      try RecurrentNetwork(checkpoint, precision: .float32, kernelName: "portable"))
    let expected = StreamTests.alone(portable, streams: 9)
    #expect(StreamTests.alone(network, streams: 9) == expected)
    #expect(StreamTests.together(network, streams: 9) == expected)
  }
}
