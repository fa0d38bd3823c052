import Neural

/// Small networks of notes with weights out of a hat: what they say is arbitrary, and always the same.
enum NoteFixture {
  static let midiCharacters = (1...108).map(String.init)
  static let noteChords =
    (55...79).map(String.init) + ["0.4.7", "2.7.11", "0.5.9", "2.6.9", "4.7.11"]

  /// - Parameters:
  ///   - encoding: Its name as in a checkpoint.
  ///   - favoured: Token that is so much likelier.
  static func checkpoint(
    _ encoding: String, _ vocabulary: [String], favoured: (token: String, score: Float)? = nil,
    metadata: [String: String] = [:]
  ) throws -> Checkpoint {
    let count = vocabulary.count
    var weights = Weights()
    var bias = weights.next(count, 0)
    if let favoured, let place = vocabulary.firstIndex(of: favoured.token) {
      bias[place] = favoured.score
    }
    let list = vocabulary.map { "\"\($0)\"" }.joined(separator: ",")
    return try Checkpoint(
      metadata: [
        "lilt.format": "1", "encoding": encoding, "vocabulary": "[\(list)]", "name": "fixture",
      ].merging(metadata) { $1 },
      tensors: [
        weights.tensor("lstm.weight_ih_l0", [64, count], 1.5),
        weights.tensor("lstm.weight_hh_l0", [64, 16], 1),
        weights.tensor("lstm.bias_ih_l0", [64], 0.5),
        weights.tensor("head.weight", [count, 16], 2),
        .init(name: "head.bias", shape: [count], format: .float32, values: bias),
      ])
  }

  /// A network of pitch, step and duration whose steps lie around a quarter of a second.
  ///
  /// - Parameter marks: Whether it was trained with marks between pieces, and says them now and then.
  static func timed(marks: Bool = false) throws -> Checkpoint {
    var weights = Weights()
    var tensors = [
      weights.tensor("layers.0.weight_ih", [64, 3], 2),
      weights.tensor("layers.0.weight_hh", [64, 16], 1),
      weights.tensor("layers.0.bias_ih", [64], 0.5),
    ]
    for (place, units) in [128, 1, 1].enumerated() {
      tensors.append(
        weights.tensor("heads.\(place).weight", [units, 16], place == 0 ? 2 : 0.1))
      let bias: [Float] =
        place == 0
        ? (0..<128).map { (55...80).contains($0) ? 2 : marks && $0 == 0 ? 3 : -6 } : [1]
      tensors.append(
        .init(name: "heads.\(place).bias", shape: [units], format: .float32, values: bias))
    }
    return try Checkpoint(
      metadata: [
        "lilt.format": "2", "encoding": "pitch-step-duration", "window": "8",
        "marks": marks ? "true" : "false",
        "input": "{\"kind\":\"numbers\",\"count\":3}",
        "layers":
          "[{\"kind\":\"lstm\",\"units\":16,\"activation\":\"tanh\",\"gate_activation\":\"sigmoid\"}]",
        "heads":
          "[{\"name\":\"pitch\",\"units\":128},{\"name\":\"step\",\"units\":1},"
          + "{\"name\":\"duration\",\"units\":1}]",
      ], tensors: tensors)
  }

  private struct Weights {
    private var state: UInt64 = 12

    mutating func next(_ count: Int, _ size: Float) -> [Float] {
      (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return size * (Float(state >> 40) / Float(1 << 23) - 1)
      }
    }

    mutating func tensor(_ name: String, _ shape: [Int], _ size: Float) -> Checkpoint.NewTensor {
      .init(
        name: name, shape: shape, format: .float32,
        values: next(shape.reduce(1, *), size))
    }
  }
}
