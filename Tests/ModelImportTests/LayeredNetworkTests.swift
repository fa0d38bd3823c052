import Neural
import Testing

@testable import ModelImport

/// Networks of checkpoint format 2, as the program itself runs them.
@Suite struct LayeredNetworkTests {
  private func network(
    _ file: String, _ options: ImportOptions = ImportOptions(), precision: Precision = .float32
  ) throws -> LayeredNetwork {
    let imported = try ModelImporter(options).network(Fixture.bytes(file))
    return try LayeredNetwork(
      imported.checkpoint(.init(tokens: Fixture.characters)), precision: precision)
  }

  @Test(arguments: [
    ("torch-gru-dense.pt", "torch-gru-dense", ImportedNetwork.Activation.tanh),
    ("torch-rnn.pt", "torch-rnn", .tanh),
    ("torch-rnn-relu-double.pt", "torch-rnn-relu-double", .relu),
    ("torch-norm-bfloat16-views.pt", "torch-norm-bfloat16-views", .tanh),
    ("keras3-gru-norm.keras", "keras3-gru-norm", .tanh),
    ("keras3-rnn.keras", "keras3-rnn", .tanh),
    ("keras3-hard-sigmoid.keras", "keras3-hard-sigmoid", .tanh),
    ("keras2-gru-before.h5", "keras2-gru-before", .tanh),
    ("keras2-gru-weights.h5", "keras2-gru-weights", .tanh),
    ("keras2-note-chords.h5", "keras2-note-chords", .tanh),
    ("keras1-lstm.h5", "keras1-lstm", .tanh),
  ])
  func `every cell, normalisation and dense stack scores as where it was made`(
    file: String, expected: String, hidden: ImportedNetwork.Activation
  ) throws {
    let network = try network(file, ImportOptions(hiddenActivation: hidden))
    #expect(network.vocabularySize == Fixture.characters.count)
    #expect(network.outputs.map(\.name) == ["scores"])
    let wanted = try Fixture.expectation(expected)
    var state = network.makeState()
    var scores: [Float] = []
    var largest = 0.0
    for (step, token) in wanted.tokens.enumerated() {
      network.step([Float(token)], state: &state, results: &scores)
      largest = max(largest, Fixture.difference(scores.map(Double.init), wanted.scores[step]))
    }
    #expect(largest < 1e-4)
  }

  @Test(arguments: [("torch-heads.pt", "torch-heads"), ("keras3-heads.keras", "keras3-heads")])
  func `pitch, step and duration come out side by side`(file: String, expected: String) throws {
    let network = try network(file)
    #expect(network.vocabularySize == nil && network.inputSize == 3)
    #expect(Set(network.outputs.map(\.name)) == ["pitch", "step", "duration"])
    let wanted = try Checkpoint(bytes: Fixture.bytes(expected + ".expected.safetensors"))
    let inputs = try #require(wanted["inputs"]).floats()
    var state = network.makeState()
    var results: [Float] = []
    var largest: Float = 0
    for step in 0..<200 {
      network.step(Array(inputs[3 * step..<3 * step + 3]), state: &state, results: &results)
      var place = 0
      for (name, size) in network.outputs {
        let row = try #require(wanted[name]).floats()[step * size..<(step + 1) * size]
        for value in row {
          largest = max(largest, abs(value - results[place]))
          place += 1
        }
      }
    }
    #expect(largest < 1e-4)
  }

  @Test func `bfloat16 weights stay near`() throws {
    let network = try network("keras3-gru-norm.keras", precision: .bfloat16)
    #expect(network.precision == .bfloat16)
    let wanted = try Fixture.expectation("keras3-gru-norm")
    var state = network.makeState()
    var scores: [Float] = []
    var largest = 0.0
    for (step, token) in wanted.tokens.enumerated() {
      network.step([Float(token)], state: &state, results: &scores)
      largest = max(largest, Fixture.difference(scores.map(Double.init), wanted.scores[step]))
    }
    #expect(largest > 0 && largest < 0.2)
  }

  @Test(arguments: [
    ("input", "{}"), ("input", #"{"kind":"one-hot","count":18}"#), ("input", #"{"kind":"tokens"}"#),
    ("input", #"{"kind":"one-hot","count":99999999999}"#), ("layers", "[]"), ("layers", "{"),
    ("layers", #"[{"kind":"gru","units":12}]"#), ("layers", #"[{"kind":"gru"}]"#),
    ("layers", #"[{"kind":"gru","units":-1}]"#), ("layers", #"[{"kind":"dense","units":19}]"#),
    ("layers", #"[{"kind":"transformer","units":12}]"#), ("heads", "[]"),
    ("heads", #"[{"name":"a","units":19}]"#), ("heads", "7"),
  ])
  func `a description that does not fit the tensors is refused with a sentence`(
    key: String, value: String
  ) throws {
    let imported = try ModelImporter().network(Fixture.bytes("torch-gru-dense.pt"))
    var checkpoint = try imported.checkpoint(.init(tokens: Fixture.characters))
    checkpoint.metadata[key] = value
    #expect {
      try LayeredNetwork(checkpoint)
    } throws: { error in
      "\(error)".hasSuffix(".")
    }
  }

  @Test(arguments: [
    ("torch-gru-dense.pt", "torch-gru-dense"), ("keras2-note-chords.h5", "keras2-note-chords"),
    ("keras3-rnn.keras", "keras3-rnn"),
  ])
  func `the network that the composer uses runs them as it runs its own`(
    file: String, expected: String
  ) throws {
    let imported = try ModelImporter().network(Fixture.bytes(file))
    let checkpoint = try imported.checkpoint(.init(tokens: Fixture.characters))
    let written = try Checkpoint(bytes: checkpoint.bytes)
    #expect(try ModelDescription(written).vocabulary.count == Fixture.characters.count)
    let network = try RecurrentNetwork(written)
    let wanted = try Fixture.expectation(expected)
    var state = network.makeState()
    var scores: [Float] = []
    var largest = 0.0
    for (step, token) in wanted.tokens.enumerated() {
      network.step(token, state: &state, logits: &scores)
      largest = max(largest, Fixture.difference(scores.map(Double.init), wanted.scores[step]))
    }
    #expect(largest < 1e-4)
  }

  @Test func `a network of notes is not taken for one of characters`() throws {
    let imported = try ModelImporter().network(Fixture.bytes("torch-heads.pt"))
    let checkpoint = try imported.checkpoint(.init())
    #expect {
      try RecurrentNetwork(checkpoint)
    } throws: { error in
      "\(error)".contains("numbers, such as pitch and duration, not text")
    }
    #expect(throws: CheckpointError.self) { try ModelDescription(checkpoint) }
  }
}
