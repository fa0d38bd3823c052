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
    ("other-names.safetensors", "other-names"),
    ("keras3-lstm.keras", "keras3-lstm"),
    ("keras3-lstm.weights.h5", "keras3-lstm"),
    ("keras3-lstm-whole.h5", "keras3-lstm"),
    ("keras3-gru-norm.keras", "keras3-gru-norm"),
    ("keras3-gru-norm.weights.h5", "keras3-gru-norm"),
    ("keras3-rnn.keras", "keras3-rnn"),
    ("keras3-hard-sigmoid.keras", "keras3-hard-sigmoid"),
    ("keras3-heads.keras", "keras3-heads"),
    ("keras2-stateful.h5", "keras2-stateful"),
    ("keras2-stateful-weights.h5", "keras2-stateful"),
    ("keras2-gru-before.h5", "keras2-gru-before"),
    ("keras2-gru-weights.h5", "keras2-gru-weights"),
    ("keras2-note-chords.h5", "keras2-note-chords"),
    ("keras2-stateful.keras", "keras2-stateful"),
    ("keras1-lstm.h5", "keras1-lstm"),
  ])
  func `an imported network scores as where it was made, to 0.0001 over 200 characters`(
    file: String, expected: String
  ) throws {
    let network = try ModelImporter().network(Fixture.bytes(file))
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
}
