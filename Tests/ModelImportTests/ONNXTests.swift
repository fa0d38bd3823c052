import Testing

@testable import ModelImport

/// ONNX graphs: those of PyTorch's two exporters, and some that are written here.
@Suite struct ONNXTests {
  @Test(arguments: [
    ("onnx-lstm-script", "onnx-lstm"), ("onnx-lstm-dynamo", "onnx-lstm"),
    ("onnx-lstm-states-script", "onnx-lstm-states"),
    ("onnx-lstm-states-dynamo", "onnx-lstm-states"),
    ("onnx-gru-script", "onnx-gru"), ("onnx-gru-dynamo", "onnx-gru"),
    ("onnx-rnn-script", "onnx-rnn"), ("onnx-gru-before", "onnx-gru-before"),
  ])
  func `a graph scores as where it was made, to 0.0001 over 200 characters`(
    file: String, expected: String
  ) throws {
    let network = try ModelImporter().network(Fixture.bytes(file + ".onnx"))
    #expect(try Fixture.largestDifference(network, expected: expected) < 1e-4)
    #expect(network.mapping.contains { $0.own.hasSuffix("recurrent weights") })
  }

  private func refusal(_ bytes: [UInt8]) -> String {
    do {
      return "read: \(try ModelImporter().network(bytes).layers.count) layers"
    } catch {
      return error.description
    }
  }

  @Test func `what no layer does is refused by name`() throws {
    let both = refusal(try Fixture.bytes("onnx-bidirectional.onnx"))
    #expect(both.contains("reads in both directions"))
    // The newer exporter writes a plain RNN as so many products.
    #expect(refusal(try Fixture.bytes("onnx-rnn-dynamo.onnx")).contains("dynamo=False"))
    let graph = Graph()
    #expect(refusal(graph.bytes) == "read: 2 layers")
    for (change, sentence) in Self.changes {
      var other = graph
      change(&other)
      let found = refusal(other.bytes)
      #expect(found.contains(sentence), "\(found)")
      #expect(found.hasSuffix("."))
    }
  }

  private static let changes: [(@Sendable (inout Graph) -> Void, String)] = [
    ({ $0.operation = "Einsum" }, "has no LSTM, GRU or RNN"),
    ({ $0.operation = "DynamicQuantizeLSTM" }, "is quantized"),
    ({ $0.between = "Einsum" }, "uses the operation \"Einsum\" between layers"),
    ({ $0.head = "Concat" }, "uses the operation \"Concat\""),
    ({ $0.output = "y" }, "no output of its graph"),
    ({ $0.output = "nowhere" }, "no output of its graph"),
    ({ $0.hidden = 3 }, "was wanted"),
    ({ $0.hidden = -1 }, "number of units"),
    ({ $0.activations = ["Sigmoid", "Relu", "Tanh"] }, "other activations"),
    ({ $0.direction = "reverse" }, "reads backwards"),
    ({ $0.state = 0.5 }, "state of zeros"),
    ({ $0.below = "scores" }, "what nothing before it computes"),
    ({ $0.shape = [1, 8, 1 << 62] }, "absurdly large"),
    ({ $0.shape = [1, 8, 4] }, "do not make the shape"),
    ({ $0.weight = .infinity }, "not a finite number"),
    ({ $0.isElsewhere = true }, "is not named as one beside it"),
    ({ $0.tokens = 5 }, "5 different tokens but scores 3"),
  ]

  @Test(arguments: ["onnx-gru-script.onnx", "onnx-lstm-dynamo.onnx"])
  func `a graph that is cut anywhere is refused with a sentence`(file: String) throws {
    let bytes = try Fixture.bytes(file)
    for length in stride(from: 0, to: bytes.count, by: 13) {
      let sentence = refusal(Array(bytes[..<length]))
      // Behind the graph there is only its version.
      #expect(!sentence.hasPrefix("read") || length > bytes.count - 16, "cut at \(length)")
      #expect(sentence.hasSuffix(".") || sentence.hasPrefix("read"))
    }
  }

  @Test(arguments: [
    "onnx-gru-script.onnx", "onnx-lstm-dynamo.onnx", "onnx-lstm-states-script.onnx",
    "onnx-gru-before.onnx", "onnx-rnn-dynamo.onnx",
  ])
  func `thousands of changed graphs are read or refused`(file: String) throws {
    let bytes = try Fixture.bytes(file)
    var state: UInt64 = 9
    func roll(_ sides: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(sides))
    }
    var refused = 0
    for _ in 0..<1500 {
      var copy = bytes
      for _ in 0...roll(6) {
        let place = 3 + roll(copy.count - 3)
        switch roll(4) {
        case 0: copy[place] ^= 1 << UInt8(roll(8))
        case 1: copy[place] = [0, 0xff, 0x7f, 0x80][roll(4)]
        case 2: copy[place] = copy[roll(copy.count)]
        default: copy.removeSubrange(place..<min(copy.count, place + roll(9)))
        }
      }
      if !refusal(copy).hasPrefix("read") { refused += 1 }
    }
    #expect(refused > 100)
  }

  @Test func `graphs of absurdly many nodes and layers are refused quickly`() {
    var graph = Graph()
    graph.copies = 30_000
    #expect(refusal(graph.bytes).contains("more than 20000 nodes"))
    graph.copies = 300
    #expect(refusal(graph.bytes).contains("more than 64 layers"))
  }
}

/// A small graph: an LSTM of two units on three inputs, and a dense layer of as many scores.
private struct Graph {
  var operation = "LSTM"
  var between = "Identity"
  var head = "MatMul"
  var below = "x"
  var output = "scores"
  var hidden = 2
  var activations: [String] = []
  var direction = "forward"
  var state: Float = 0
  var shape = [1, 8, 3]
  var weight: Float = 0.25
  var isElsewhere = false
  /// What is scored; three.
  var tokens = 3
  /// Dense layers of two by two below the last.
  var copies = 0

  var bytes: [UInt8] {
    let inputs = tokens
    let size = shape == [1, 8, 3] ? [1, 8, inputs] : shape
    var nodes = [
      node(between, [below], "b"),
      node(
        operation, ["b", "w", "r", "", "", "h"], "y",
        attribute("hidden_size", field(3, UInt64(bitPattern: Int64(hidden))))
          + attribute("direction", text(4, direction))
          + attribute("activations", activations.flatMap { text(9, $0) })),
    ]
    var last = "y"
    for copy in 0..<copies {
      nodes.append(node("MatMul", [last, "square"], "s\(copy)"))
      last = "s\(copy)"
    }
    nodes.append(node(head, [last, "d"], "scores"))
    let tensors =
      tensor("w", size, 24 / 3 * inputs) + tensor("r", [1, 8, 2], 16)
      + tensor("h", [1, 1, 2], 2, state) + tensor("d", [2, 3], 6) + tensor("square", [2, 2], 4)
    let graph =
      nodes.flatMap { message(1, $0) } + tensors + message(11, text(1, "x"))
      + message(12, text(1, output))
    return field(1, 8) + text(2, "a test") + message(7, graph)
  }

  private func varint(_ value: UInt64) -> [UInt8] {
    var (rest, bytes) = (value, [UInt8]())
    repeat {
      bytes.append(UInt8(rest & 0x7f) | (rest > 0x7f ? 0x80 : 0))
      rest >>= 7
    } while rest > 0
    return bytes
  }

  private func field(_ number: UInt64, _ value: UInt64) -> [UInt8] {
    varint(number << 3) + varint(value)
  }

  private func message(_ number: UInt64, _ bytes: [UInt8]) -> [UInt8] {
    varint(number << 3 | 2) + varint(UInt64(bytes.count)) + bytes
  }

  private func text(_ number: UInt64, _ text: String) -> [UInt8] {
    message(number, Array(text.utf8))
  }

  private func attribute(_ name: String, _ value: [UInt8]) -> [UInt8] {
    value.isEmpty ? [] : message(5, text(1, name) + value)
  }

  private func node(
    _ operation: String, _ inputs: [String], _ output: String, _ attributes: [UInt8] = []
  ) -> [UInt8] {
    inputs.flatMap { text(1, $0) } + text(2, output) + text(4, operation) + attributes
  }

  private func tensor(
    _ name: String, _ shape: [Int], _ count: Int, _ value: Float? = nil
  ) -> [UInt8] {
    let bits = (value ?? weight).bitPattern
    let bytes = (0..<count).flatMap { _ in
      (0..<4).map { UInt8(truncatingIfNeeded: bits >> (8 * $0)) }
    }
    let sizes = shape.flatMap { field(1, UInt64(bitPattern: Int64($0))) }
    let place = isElsewhere && name == "w" ? field(14, 1) : []
    return message(5, sizes + field(2, 1) + text(8, name) + message(9, bytes) + place)
  }
}
