import Neural
import Testing

@testable import ModelImport

/// Modules that PyTorch pickled whole, networks that begin with a dense layer, and what Keras 3 exports;
/// made by `Fixtures/make_modules.py`.
@Suite struct ModuleTests {
  private func network(
    _ file: String, _ options: ImportOptions = ImportOptions()
  ) throws -> ImportedNetwork {
    try ModelImporter(options, companion: Fixture.companion(in: ""))
      .network(Fixture.bytes(file), name: file)
  }

  @Test(arguments: [
    ("torch-relu-module.pt", "torch-module"), ("torch-old-module.pt", "torch-module"),
    ("torch-dense-first.pt", "torch-dense-first"), ("torch-matrix-first.pt", "torch-matrix-first"),
    ("keras3-exported.index", "keras3-exported"),
  ])
  func `a file scores as where it was made, probabilities to 0.00001 over 200 characters`(
    file: String, expected: String
  ) throws {
    #expect(try Fixture.probabilityDifference(network(file), expected: expected) < 1e-5)
  }

  @Test(arguments: ["torch-relu-module.pt", "torch-old-module.pt"])
  func `a plain layer's activation is that of its module, whatever is told`(file: String) throws {
    let told = try network(file, ImportOptions(hiddenActivation: .tanh))
    #expect(try Fixture.probabilityDifference(told, expected: "torch-module") < 1e-5)
    #expect(!told.remarks.contains { $0.contains("is taken to use") })
    let dense = try network(file, ImportOptions(denseActivation: .relu))
    #expect(!dense.remarks.contains { $0.contains("is taken to use") }, "of other layers it stays")
    #expect(dense.remarks.contains("ReLU is assumed between the dense layers"))
  }

  @Test func `a dense layer in front is told to be read as a table of tokens`() throws {
    let network = try network("torch-dense-first.pt")
    #expect(network.remarks.contains { $0.hasPrefix("the first dense layer reads tokens one-hot") })
    #expect(network.layers.first?.summary == "embedding 19 → 7")
  }

  @Test func `a class kept outside the pickle is only a name where it is told of a module`() {
    // `('module', os.system, …)` is written down; that it is called with something is refused.
    func refusal(_ body: String) -> String {
      let bytes = [0x80, 2] + body.unicodeScalars.map { UInt8($0.value) } + [UInt8(ascii: ".")]
      do {
        _ = try PickleReader.pickle(in: bytes)
        return ""
      } catch {
        return error.description
      }
    }
    func text(_ text: String) -> String {
      "X\(Character(UnicodeScalar(UInt8(text.utf8.count))))\0\0\0\(text)"
    }
    let module = text("module")
    #expect(refusal("(\(module)cos\nsystem\nNNtQ") == "")
    #expect(refusal("(\(module)cos\nsystem\nNNtQ\(text("ls"))\u{85}R").contains("os.system"))
    #expect(refusal("(\(text("storage"))cos\nsystem\nNNtQ").contains("os.system"))
    #expect(refusal("\(module)cos\nsystem\n").contains("os.system"))
  }
}
