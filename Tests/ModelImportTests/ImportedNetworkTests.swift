import Neural
import Testing

@testable import ModelImport

@Suite struct ImportedNetworkTests {
  @Test(arguments: [
    ("torch-lstm.pt", "torch-lstm"),
    ("torch-legacy-half.pth", "torch-legacy-half"),
    ("torch-gru-dense.pt", "torch-gru-dense"),
    ("torch-rnn.pt", "torch-rnn"),
    ("torch-norm-bfloat16-views.pt", "torch-norm-bfloat16-views"),
    ("torch-heads.pt", "torch-heads"),
    ("torch-heads-square.pt", "torch-heads-square"),
    ("torch-sequential-norm.pt", "torch-sequential-norm"),
    ("torch-lightning.ckpt", "torch-lightning"),
    ("other-names.safetensors", "other-names"),
    ("keras3-lstm.keras", "keras3-lstm"),
    ("keras3-lstm.weights.h5", "keras3-lstm"),
    ("keras3-lstm-whole.h5", "keras3-lstm"),
    ("keras3-gru-norm.keras", "keras3-gru-norm"),
    ("keras3-gru-norm.weights.h5", "keras3-gru-norm"),
    ("keras3-rnn.keras", "keras3-rnn"),
    ("keras3-hard-sigmoid.keras", "keras3-hard-sigmoid"),
    ("keras3-heads.keras", "keras3-heads"),
    ("keras3-heads.weights.h5", "keras3-heads"),
    ("keras3-chords.weights.h5", "keras3-chords"),
    ("keras3-subclassed.keras", "keras3-subclassed"),
    ("keras3-subclassed.weights.h5", "keras3-subclassed"),
    ("keras2-stateful.h5", "keras2-stateful"),
    ("keras2-stateful-weights.h5", "keras2-stateful"),
    ("keras2-gru-before.h5", "keras2-gru-before"),
    ("keras2-gru-weights.h5", "keras2-gru-weights"),
    ("keras2-note-chords.h5", "keras2-note-chords"),
    ("keras2-stateful.keras", "keras2-stateful"),
    ("keras1-lstm.h5", "keras1-lstm"),
    ("keras2-cudnn-lstm.h5", "keras2-cudnn-lstm"),
    ("keras2-cudnn-lstm-weights.h5", "keras2-cudnn-lstm"),
    ("keras2-cudnn-gru.h5", "keras2-cudnn-gru"),
    ("keras2-cudnn-gru-weights.h5", "keras2-cudnn-gru"),
  ])
  func `an imported network scores as where it was made, to 0.0001 over 200 characters`(
    file: String, expected: String
  ) throws {
    // Weights of Keras alone do not say that ReLU is between their dense layers.
    let network = try ModelImporter(ImportOptions(denseActivation: .relu))
      .network(Fixture.bytes(file))
    #expect(try Fixture.largestDifference(network, expected: expected) < 1e-4)
  }

  @Test func `a plain network with ReLU needs to be told, for its file does not say`() throws {
    let bytes = try Fixture.bytes("torch-rnn-relu-double.pt")
    let told = try ModelImporter(ImportOptions(hiddenActivation: .relu)).network(bytes)
    #expect(try Fixture.largestDifference(told, expected: "torch-rnn-relu-double") < 1e-4)
    let assumed = try ModelImporter().network(bytes)
    #expect(try Fixture.largestDifference(assumed, expected: "torch-rnn-relu-double") > 0.01)
    #expect(assumed.remarks.contains { $0.contains("tanh") })
  }

  @Test(arguments: ["torch-lstm.pt", "torch-legacy-half.pth", "keras3-lstm.keras"])
  func `layers of LSTM and dense layers are written with the names of PyTorch`(
    file: String
  ) throws {
    let imported = try ModelImporter().network(Fixture.bytes(file))
    #expect(imported.isPlainLSTM)
    let checkpoint = try imported.checkpoint(.init(tokens: Fixture.characters))
    #expect(checkpoint.metadata["lilt.format"] == "1")
    #expect(checkpoint["lstm.weight_hh_l0"] != nil && checkpoint["head.weight"] != nil)
    #expect(try ModelDescription(checkpoint).vocabulary.count == Fixture.characters.count)
  }

  @Test func `the activation between dense layers can be told where the file does not`() throws {
    let bytes = try Fixture.bytes("torch-gru-dense.pt")
    #expect(
      try Fixture.largestDifference(
        ModelImporter().network(bytes), expected: "torch-gru-dense") < 1e-4)
    let told = try ModelImporter(ImportOptions(denseActivation: .tanh)).network(bytes)
    #expect(try Fixture.largestDifference(told, expected: "torch-gru-dense") > 0.01)
    #expect(told.remarks.contains { $0.contains("tanh is assumed between the dense layers") })
  }

  @Test(arguments: ["torch-heads-square.pt", "keras3-heads.weights.h5", "keras3-heads.keras"])
  func `outputs of notes come as pitch, step and duration, whatever their order in the file`(
    file: String
  ) throws {
    let network = try ModelImporter().network(Fixture.bytes(file))
    #expect(network.heads.map(\.name) == ["pitch", "step", "duration"])
    #expect(network.layers.count == 1)
  }

  @Test func `a checkpoint of PyTorch that names its characters needs no vocabulary`() throws {
    let network = try ModelImporter().network(Fixture.bytes("torch-lstm.pt"))
    #expect(network.vocabulary == Fixture.characters)
    let checkpoint = try network.checkpoint(.init(name: "mine"))
    #expect(checkpoint.metadata["name"] == "mine")
    let again = try ModelImporter().network(checkpoint.bytes)
    #expect(again.vocabulary == Fixture.characters)
    #expect(again.layers == network.layers)
  }

  @Test func `what became of each tensor is told`() throws {
    let network = try ModelImporter().network(Fixture.bytes("other-names.safetensors"))
    let lines = Dictionary(uniqueKeysWithValues: network.mapping.map { ($0.foreign, $0.own) })
    #expect(lines["wte"] == "layer 1 (embedding 19 → 12), embedding")
    #expect(lines["cell1.w_h"] == "layer 3 (LSTM 12), recurrent weights")
    #expect(lines["out/b"] == "layer 4 (dense 19), bias")
    #expect(network.mapping.count == 11)
  }

  @Test func `a tensor with a name that misleads can be renamed`() throws {
    let bytes = try Fixture.bytes("other-names.safetensors")
    let wrong = ImportOptions(renamed: ["wte": "cell0.wte"])
    #expect(throws: ImportError.self) { try ModelImporter(wrong).network(bytes) }
    // Without an embedding of its own the output's weights may serve as one, which is said.
    let none = try ModelImporter(ImportOptions(renamed: ["wte": ""])).network(bytes)
    #expect(none.remarks.contains { $0.contains("serve twice, as embedding and as output") })
    let right = ImportOptions(renamed: ["wte": "lookup"])
    #expect(try ModelImporter(right).network(bytes).mapping.contains { $0.foreign == "lookup" })
  }

  @Test func `a Keras model tells the length of its training examples, unless it is stateful`()
    throws
  {
    #expect(try ModelImporter().network(Fixture.bytes("keras2-note-chords.h5")).window == 100)
    #expect(try ModelImporter().network(Fixture.bytes("keras2-stateful.h5")).window == nil)
  }

  @Test func `a network of notes and chords says so, and is what lilt evaluate plays`() throws {
    let network = try ModelImporter().network(Fixture.bytes("keras2-note-chords.h5"))
    let tokens = (0..<18).map { "C\($0 % 8)" } + ["0.4.7"]
    let checkpoint = try network.checkpoint(.init(tokens: tokens))
    #expect(checkpoint.metadata["encoding"] == "note-chords")
    #expect(checkpoint.metadata["vocabulary"]?.hasPrefix(#"["12","24","36""#) == true)
  }

  @Test func `numbers of 16 bits stay numbers of 16 bits`() throws {
    let network = try ModelImporter().network(Fixture.bytes("torch-legacy-half.pth"))
    let checkpoint = try network.checkpoint(.init(tokens: Fixture.characters))
    #expect(checkpoint.tensors.allSatisfy { $0.format == .float16 })
  }
}
