import Neural
import Testing

@testable import ModelImport

/// Networks with leaky ReLU between their dense layers, made by `Fixtures/make_activations.py`.
@Suite struct LeakyReLUTests {
  private func network(
    _ file: String, _ options: ImportOptions = ImportOptions()
  ) throws -> ImportedNetwork {
    let folder = file.contains("/") ? "tf-leaky/" : ""
    return try ModelImporter(options, companion: Fixture.companion(in: folder))
      .network(Fixture.bytes(file), name: file)
  }

  /// What stands behind the dense layers, or apart; without those that do nothing.
  private func activations(_ network: ImportedNetwork) -> [Activation] {
    network.layers.compactMap { layer in
      switch layer {
      case .dense(let dense) where dense.activation != .linear: dense.activation
      case .activation(let activation): activation
      default: nil
      }
    }
  }

  @Test(
    arguments: [
      ("torch-leaky.pt", "torch-leaky", [0.15, nil]),
      ("torch-leaky-shared.pt", "torch-leaky-shared", [0.01, 0.01]),
      ("onnx-leaky-script.onnx", "torch-leaky", [0.15, nil]),
      ("onnx-leaky-dynamo.onnx", "torch-leaky", [0.15, nil]),
      ("keras2-leaky.h5", "keras2-leaky", [0.3, 0.2, 0.2, 0.1, 0.2]),
      ("tf-leaky/saved_model.pb", "keras2-leaky", [0.3, 0.2, 0.2, 0.1, 0.2]),
      ("keras3-leaky.keras", "keras3-leaky", [0.3, 0.2, 0.2, 0.1, 0.2]),
      ("keras3-leaky-whole.h5", "keras3-leaky", [0.3, 0.2, 0.2, 0.1, 0.2]),
    ] as [(String, String, [Float?])])
  func `a file scores as where it was made, with its own slopes below 0`(
    file: String, expected: String, slopes: [Float?]
  ) throws {
    let network = try network(file)
    #expect(activations(network) == slopes.map { $0.map { .leakyReLU(slope: $0) } ?? .tanh })
    #expect(try Fixture.probabilityDifference(network, expected: expected) < 1e-5)
    // With the slope of another framework it would be another network.
    var other = network
    for case (let place, .dense(var dense)) in network.layers.enumerated() {
      if case .leakyReLU = dense.activation { dense.activation = .leakyReLU(slope: 0.5) }
      other.layers[place] = .dense(dense)
    }
    #expect(try Fixture.probabilityDifference(other, expected: expected) > 1e-3)
  }

  @Test func `weights of Keras alone are told, and a slope that is not said is that of its layer`()
    throws
  {
    let file = "keras2-leaky-weights.h5"
    let open = try network(
      file, ImportOptions(denseActivation: .leakyReLU(slope: 0.01), leavesSlopeOpen: true))
    #expect(try Fixture.probabilityDifference(open, expected: "keras2-leaky-weights") < 1e-5)
    #expect(open.remarks.contains("leaky-relu=0.3 is assumed between the dense layers"))
    let told = try network(file, ImportOptions(denseActivation: .leakyReLU(slope: 0.01)))
    #expect(try Fixture.probabilityDifference(told, expected: "keras2-leaky-weights") > 1e-3)
  }

  @Test func `a module that was pickled whole lists its activations, and an option counts more`()
    throws
  {
    let listed = try network("torch-leaky.pt")
    #expect(
      listed.remarks == [
        "the dense layers use leaky-relu=0.15, tanh, in the order in which the file lists its modules"
      ])
    let told = try network("torch-leaky.pt", ImportOptions(denseActivation: .relu))
    #expect(activations(told) == [.relu, .relu])
    #expect(told.remarks == ["ReLU is assumed between the dense layers"])
  }

  @Test(
    arguments: [
      (
        #"{"class_name": "LeakyReLU", "config": {"alpha": 0.25}}"#,
        Activation.leakyReLU(slope: 0.25)
      ),
      (
        #"{"class_name": "LeakyReLU", "config": {"alpha": {"type": "ndarray", "value": 0.5}}}"#,
        .leakyReLU(slope: 0.5)
      ),
      (#"{"class_name": "LeakyReLU", "config": {}}"#, .leakyReLU(slope: 0.3)),
      (#""LeakyReLU""#, .leakyReLU(slope: 0.3)), (#""leaky_relu""#, .leakyReLU(slope: 0.2)),
      (#"{"class_name": "function", "config": "leaky_relu"}"#, .leakyReLU(slope: 0.2)),
      (#"{"class_name": "ReLU", "config": {"negative_slope": 0.5}}"#, .leakyReLU(slope: 0.5)),
      (#"{"class_name": "ReLU", "config": {"max_value": null, "threshold": 0.0}}"#, .relu),
      (#"{"class_name": "ReLU", "config": {"max_value": 6.0}}"#, nil),
      (#"{"class_name": "ReLU", "config": {"threshold": 1.0}}"#, nil),
      (#"{"class_name": "LeakyReLU", "config": {"alpha": 1e99}}"#, nil),
      (#"{"class_name": "PReLU", "config": {}}"#, nil), (#""gelu""#, nil), ("7", nil),
      ("null", .linear), (#""relu""#, .relu), (#"{"class_name": "ELU", "config": {}}"#, .elu),
      (#"{"class_name": "ELU", "config": {"alpha": 2.0}}"#, nil),
    ] as [(String, Activation?)])
  func `every way in which Keras writes an activation is understood, or it is not known`(
    json: String, activation: Activation?
  ) throws {
    let value = try Literal(Array(json.utf8), format: "test")
    #expect(Activation.keras(value, majorVersion: 3) == activation)
  }
}
