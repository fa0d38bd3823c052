import Neural
import Testing

@testable import ModelImport

/// Networks of checkpoint format 2, as the program itself runs them.
@Suite struct LayeredNetworkTests {
  @Test func `bfloat16 weights stay near`() throws {
    let imported = try ModelImporter().network(Fixture.bytes("keras3-gru-norm.keras"))
    let difference = try Fixture.largestDifference(
      imported, expected: "keras3-gru-norm", precision: .bfloat16)
    #expect(difference > 0 && difference < 0.2)
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
