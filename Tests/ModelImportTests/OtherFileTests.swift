import Neural
import Testing

@testable import ModelImport

/// Files of other kinds than a state dict or a Keras model, made by `Fixtures/make_files.py`.
@Suite struct OtherFileTests {
  private func network(
    _ file: String, _ options: ImportOptions = ImportOptions()
  ) throws(ImportError) -> ImportedNetwork {
    let folder = file.contains("/") ? String(file.split(separator: "/")[0]) + "/" : ""
    let name = file.split(separator: "/").last.map(String.init) ?? file
    let bytes = (try? Fixture.bytes(file)) ?? []
    return try ModelImporter(options, companion: Fixture.companion(in: folder))
      .network(bytes, name: name)
  }

  @Test(arguments: [
    ("awd-lstm.pth", "awd-lstm"),
    ("tied-output.safetensors", "tied"), ("tied-embedding.safetensors", "tied"),
    ("formulas.mat", "formulas"), ("formulas-plain.mat", "formulas"),
    ("min-char-rnn.npz", "min-char-rnn"),
    ("onnx-lstm-large.onnx", "onnx-lstm-large"), ("onnx-lstm-external.onnx", "onnx-lstm-external"),
    ("tf-checkpoint.index", "tf-checkpoint"), ("tf-own.index", "tf-own"),
    ("tf-saved/saved_model.pb", "tf-saved"), ("tf1-basic.index", "tf1-basic"),
    ("keras2-linear-dense.h5", "keras2-linear-dense"), ("keras22-weights.h5", "keras22-weights"),
  ])
  func `a file scores as where it was made, probabilities to 0.00001 over 200 characters`(
    file: String, expected: String
  ) throws {
    #expect(try Fixture.probabilityDifference(network(file), expected: expected) < 1e-5)
  }

  @Test func `gates that are stacked in another order are put in ours when it is told`() throws {
    let order = try #require(ImportOptions.GateOrder("iofg"))
    let told = try network("formulas-iofg.npz", ImportOptions(gateOrder: order))
    #expect(try Fixture.probabilityDifference(told, expected: "formulas") < 1e-5)
    #expect(!told.remarks.contains { $0.contains("order") })
    let assumed = try network("formulas-iofg.npz")
    #expect(try Fixture.probabilityDifference(assumed, expected: "formulas") > 0.01)
    #expect(assumed.remarks.contains { $0.contains("in the order input, forget, new, output") })
    #expect(throws: ImportError.self) {
      try network("keras2-linear-dense.h5", ImportOptions(gateOrder: order))
    }
    for letters in ["ifg", "iffo", "ifgox", ""] { #expect(ImportOptions.GateOrder(letters) == nil) }
  }

  @Test func `what weights of Keras leave open is assumed by their version, and said once`() throws
  {
    let old = try network("keras22-weights.h5")
    #expect(old.remarks.filter { $0.contains("hard_sigmoid") && $0.contains("2.2.0") }.count == 1)
    let told = try network("keras22-weights.h5", ImportOptions(gateActivation: .sigmoid))
    #expect(try Fixture.probabilityDifference(told, expected: "keras22-weights") > 1e-3)
    let dense = try network("keras2-linear-dense.h5")
    #expect(
      dense.remarks.filter { $0.contains("dense") } == [
        "no activation is assumed between the dense layers"
      ])
    let other = try network("keras2-linear-dense.h5", ImportOptions(denseActivation: .relu))
    #expect(try Fixture.probabilityDifference(other, expected: "keras2-linear-dense") > 0.01)
  }

  @Test func `a file that lies in two parts is refused by the name of the part that is missing`() {
    for (file, part) in [
      ("tf-checkpoint.index", "tf-checkpoint.data-00000-of-00001"),
      ("onnx-lstm-external.onnx", "onnx-lstm-external.onnx.data"),
      ("tf-saved/saved_model.pb", "variables/variables.index"),
    ] {
      #expect(throws: ImportError.companionMissing(part)) {
        try ModelImporter().network(Fixture.bytes(file), name: file)
      }
    }
    #expect(!ModelImporter.isPlainName("../weights") && !ModelImporter.isPlainName("/etc/passwd"))
    #expect(ModelImporter.isPlainName("net.onnx.data"))
  }

  @Test(arguments: ["models/model.json", "serialized_exported_program.json"])
  func `an exported program is told as that, and what to save instead`(_ name: String) {
    let folder = name.hasPrefix("models") ? "archive/" : ""
    let file = ForeignBytes.archive([
      folder + name: Array("{}".utf8), folder + "data/weights/weight_0": [0, 0, 0, 0],
    ])
    #expect {
      try ModelImporter().network(file)
    } throws: {
      "\($0)".contains("an exported program (torch.export)")
        && "\($0)".contains("save model.state_dict() instead")
    }
  }

  @Test func `weights that are quantised are refused as what they are`() {
    #expect {
      try network("torch-quantised.pt")
    } throws: {
      "\($0)".contains("its weights are quantised")
    }
  }

  @Test func `layers that could change places keep the file's order, which is said`() throws {
    var names: [String: [String]] = [:]
    for lower in ["first", "lstm_2"] {
      let upper = lower == "first" ? "second" : "lstm_10"
      let network = try NamedTensors.network(
        Self.pair(lower, upper).reversed(), options: ImportOptions())
      names[lower] = network.remarks.filter { $0.contains("either order") }
    }
    // Numbers tell the order; words do not.
    #expect(names["lstm_2"]?.isEmpty == true)
    #expect(names["first"]?.count == 1)
  }

  /// Two LSTM layers of four units each, below scores of four.
  private static func pair(_ lower: String, _ upper: String) -> [ForeignTensor] {
    func tensor(_ name: String, _ shape: [Int]) -> ForeignTensor {
      ForeignTensor(
        name: name, shape: shape, values: [Float](repeating: 0.5, count: shape.reduce(1, *)),
        format: .float32)
    }
    return [tensor("fc.bias", [4]), tensor("fc.weight", [4, 4])]
      + [upper, lower].flatMap { name in
        [tensor(name + ".weight_ih_l0", [16, 4]), tensor(name + ".weight_hh_l0", [16, 4])]
      }
  }

  // MARK: Damage

  private struct Dice {
    var state: UInt64
    mutating func roll(_ sides: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(max(1, sides)))
    }
  }

  private func outcome(_ bytes: [UInt8], name: String) -> String {
    do {
      let folder = name.contains("/") ? "tf-saved/" : ""
      return
        "read \(try ModelImporter(companion: Fixture.companion(in: folder)).network(bytes, name: name).parameterCount)"
    } catch {
      return error.description
    }
  }

  @Test(arguments: [
    "tf-checkpoint.index", "tf-own.index", "formulas.mat", "formulas-plain.mat",
    "formulas-iofg.npz",
    "onnx-lstm-external.onnx",
  ])
  func `a file that is cut anywhere, or changed, is read or refused with a sentence`(
    file: String
  ) throws {
    let bytes = try Fixture.bytes(file)
    for length in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 400)) {
      let sentence = outcome(Array(bytes[..<length]), name: file)
      #expect(sentence.hasSuffix(".") || sentence.hasPrefix("read"), "cut at \(length)")
    }
    var dice = Dice(state: 3)
    for _ in 0..<600 {
      var copy = bytes
      for _ in 0..<1 + dice.roll(6) { copy[dice.roll(copy.count)] = UInt8(dice.roll(256)) }
      let sentence = outcome(copy, name: file)
      #expect(sentence.hasSuffix(".") || sentence.hasPrefix("read"))
    }
  }

  @Test func `every changed byte of a checkpoint's index or numbers is noticed by a checksum`()
    throws
  {
    let index = try Fixture.bytes("tf-checkpoint.index")
    // What is left of the footer's room for two places holds nothing.
    let used = index.count - 48
    for place in stride(from: 0, to: used, by: 3) {
      var copy = index
      copy[place] ^= 0x10
      #expect(!outcome(copy, name: "tf-checkpoint.index").hasPrefix("read"), "byte \(place)")
    }
    let numbers = try Fixture.bytes("tf-checkpoint.data-00000-of-00001")
    let importer = ModelImporter(companion: { _ in
      var copy = numbers
      copy[100] ^= 1
      return copy
    })
    #expect {
      try importer.network(index, name: "tf-checkpoint.index")
    } throws: {
      "\($0)".contains("checksum")
    }
  }

  /// The checksums of a table would hide what is behind them.
  @Test func `thousands of changed entries and object graphs are read or refused`() throws {
    var bundle = try TensorBundle(
      Fixture.bytes("tf-own.index"), name: "tf-own.index", companion: Fixture.companion())
    let graph = try #require(try bundle.text("_CHECKPOINTABLE_OBJECT_GRAPH"))
    #expect(try ObjectGraph(graph).variables.count >= 6)
    var dice = Dice(state: 9)
    for _ in 0..<2000 {
      var copy = graph
      for _ in 0..<1 + dice.roll(6) { copy[dice.roll(copy.count)] = UInt8(dice.roll(256)) }
      guard let read = try? ObjectGraph(copy) else { continue }
      _ = (read.layers.count, read.variables.count)
    }
  }
}
