import Testing

@testable import lilt

/// `lilt import`: from a foreign file to a model that writes tunes.
@Suite struct ImportTests {
  /// A checkpoint among the fixtures of the importer's own tests.
  private func fixture(_ name: String) -> String {
    let folder = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
    return "/\(folder)/ModelImportTests/Fixtures/\(name)"
  }

  @Test func `a checkpoint of PyTorch becomes a model that writes`() throws {
    let place = try Workplace()
    let result = try place.run(["import", fixture("torch-lstm.pt"), "-o", "mine.safetensors"])
    #expect(result.status == 0)
    #expect(result.output.isEmpty)
    #expect(result.errors.contains("module.rnn.weight_hh_l1"))
    let written = try place.run(
      ["generate", "--checkpoint", "mine.safetensors", "--characters", "60", "--free"])
    #expect(written.status == 0)
    #expect(!written.output.isEmpty)
  }

  @Test func `a Keras model with other layers takes its characters from a list, and writes too`()
    throws
  {
    let place = try Workplace()
    let list = ["\\n", " ", "2", ":"] + "ABCDEFGabcdefg|".map { String($0) }
    let json = "[" + list.map { "\"\($0)\"" }.joined(separator: ",") + "]"
    try Files.write(Array(json.utf8), to: Paths.join(place.directory, "v.json"))
    let result = try place.run(
      ["import", fixture("keras2-gru-before.h5"), "--vocabulary", "v.json", "-o", "k.safetensors"])
    #expect(result.status == 0)
    let written = try place.run(
      ["generate", "--checkpoint", "k.safetensors", "--characters", "60", "--free"])
    #expect(written.status == 0)
  }

  @Test func `without a vocabulary one sentence asks for it, and nothing is written`() throws {
    let place = try Workplace()
    let result = try place.run(["import", fixture("keras2-stateful.h5"), "-o", "k.safetensors"])
    #expect(result.status == 3)
    #expect(result.errors.contains("Give it with --vocabulary."))
    #expect(!Files.exists(Paths.join(place.directory, "k.safetensors")))
  }

  @Test func `what is no checkpoint is refused with status 3, a missing one too`() throws {
    let place = try Workplace()
    let refused = try place.run(["import", "-", "-o", "x.safetensors"], input: "X:1\nK:G\nabc|\n")
    #expect(refused.status == 3)
    #expect(refused.errors.contains("this is no PyTorch, Keras, ONNX or safetensors file"))
    #expect(try place.run(["import", "nowhere.pt", "-o", "x.safetensors"]).status == 3)
    #expect(try place.run(["import", fixture("torch-lstm.pt")]).status == 2)
  }

  @Test func `the systems are listed with their published counts`() throws {
    let result = try Workplace().run(["import", "--systems"])
    #expect(result.output.contains("together 5,353,299, as published"))
    #expect(result.output.contains("together 3,638,119, as published"))
  }
}
