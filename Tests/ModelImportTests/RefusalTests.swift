import Neural
import Testing

@testable import ModelImport

/// Files that are whole but must not, or cannot, become a network.
@Suite struct RefusalTests {
  private func reason(_ bytes: [UInt8], _ options: ImportOptions = ImportOptions()) -> String {
    do {
      _ = try ModelImporter(options).network(bytes)
      return ""
    } catch {
      return error.description
    }
  }

  /// A pickle of protocol 2 around some opcodes.
  private func pickle(_ body: String) -> [UInt8] {
    ForeignBytes.pickle(Array(body.utf8))
  }

  private func refusal(_ bytes: [UInt8]) -> ImportError? {
    do {
      _ = try PickleReader.pickle(in: bytes)
      return nil
    } catch {
      return error
    }
  }

  @Test(arguments: ["torch-bidirectional.pt", "keras3-bidirectional.keras"])
  func `a bidirectional network is refused with the reason`(file: String) throws {
    #expect(reason(try Fixture.bytes(file)).contains("bidirectional: it needs to know the end"))
  }

  @Test func `a module that was pickled whole is read as data, and needs a recurrent layer`() throws
  {
    let sentence = reason(try Fixture.bytes("torch-whole-module.pt"))
    #expect(sentence.contains("it has no recurrent layer"))
  }

  @Test func `an object of any class is attributes only, and nothing is called by its name`() throws
  {
    let read = try PickleReader.pickle(in: ForeignBytes.pickle("c__main__\nNet\n)\u{81}}b".latin1))
    #expect(read.object(read.root)?.name == "__main__.Net")
    // The class is kept, then called with an argument.
    let call = "cos\nsystem\nq\u{0})\u{81}0h\u{0}(X\u{2}\0\0\0lstR"
    #expect(refusal(ForeignBytes.pickle(call.latin1)) == .notAllowed(name: "os.system"))
    let object = "cos\nsystem\nq\u{0})\u{81}0h\u{0}(X\u{2}\0\0\0lst\u{81}"
    #expect(refusal(ForeignBytes.pickle(object.latin1)) == .notAllowed(name: "os.system"))
  }

  @Test(arguments: [
    ("os", "system"), ("posix", "system"), ("builtins", "eval"), ("builtins", "getattr"),
    ("__builtin__", "exec"), ("subprocess", "Popen"), ("torch", "load"),
    ("torch.serialization", "load"), ("collections", "OrderedDict.fromkeys"),
    ("numpy.f2py.diagnose", "os.system"),
  ])
  func `a pickle that names anything else than what is listed is refused`(
    module: String, name: String
  ) {
    #expect(
      refusal(pickle("c\(module)\n\(name)\n(X\u{2}\0\0\0lstR"))
        == .notAllowed(name: "\(module).\(name)"))
    var modern = ForeignBytes(bytes: [0x80, 4])
    for text in [module, name] {
      modern.bytes += [0x8c, UInt8(text.utf8.count)]
      modern.text(text)
    }
    modern.bytes += [0x93, 0x2e]
    #expect(refusal(modern.bytes) == .notAllowed(name: "\(module).\(name)"))
  }

  @Test func `calling a listed name only writes the call down`() throws {
    let read = try PickleReader.pickle(in: pickle("ccollections\nOrderedDict\n)R"))
    guard case .call(let name, let arguments, let items)? = read.node(read.root) else {
      Issue.record("no call was noted")
      return
    }
    #expect(name == "collections.OrderedDict")
    #expect(arguments.isEmpty && items.isEmpty)
  }

  @Test func `a pickle that contains itself, or nests deeply, ends in bounded time`() throws {
    // l = []; l.append(l)
    let circle = try PickleReader.pickle(in: pickle("]q\u{0}h\u{0}a"))
    #expect(circle.members(circle.root) == [circle.root])
    let deep = String(repeating: "]", count: 1_000_000) + String(repeating: "a", count: 999_999)
    #expect(refusal(pickle(deep)) == nil)
    // Each dictionary holds the one before it twice: 2 to the 200th paths.
    var bomb = ForeignBytes(bytes: [0x80, 2, 0x7d, 0x71, 0])
    for level in 1..<200 {
      bomb.bytes += [0x7d, 0x71, UInt8(level)]
      for key in ["a", "b"] {
        bomb.pickledText(key)
        bomb.bytes += [0x68, UInt8(level - 1), 0x73]
      }
    }
    bomb.bytes.append(0x2e)
    let network = reason(ForeignBytes.archive(["a/data.pkl": bomb.bytes]))
    #expect(network.contains("no state dict"))
  }

  @Test(arguments: [
    ("0", "takes more objects than it makes"), ("t", "closes what it has not opened"),
    ("h\u{5}", "recalls what it has not kept"), ("NNs", "takes more objects"),
    ("(NNNd", "a key in it has no value"), ("NNR", "calls what is no name"), ("]Nb", "state"),
    ("\u{1}", "is not understood"),
  ])
  func `a pickle that makes no sense is refused`(body: String, reason: String) {
    #expect(refusal(pickle(body))?.description.contains(reason) == true)
  }

  // MARK: Tensors

  @Test(arguments: [
    ([2, 4], [3, 1], 0, "larger than its storage"),
    ([2, 3], [3, 1], 1, "larger than its storage"),
    ([1 << 40, 1 << 40], [0, 0], 0, "absurdly large"),
    ([1 << 20, 1 << 20], [0, 0], 0, "absurdly large"),
    ([2, 3], [Int.max, 1], 0, "absurdly large"), ([-1, 3], [3, 1], 0, "do not fit"),
    ([2, 3], [-3, 1], 0, "do not fit"), ([2, 3], [1], 0, "do not fit"),
    ([2, 3], [3, 1], -1, "do not fit"), ([2, 3], [3, 1], Int.max, "absurdly large"),
  ])
  func `a tensor that does not fit its storage is refused, with its name`(
    shape: [Int], strides: [Int], offset: Int, expected: String
  ) {
    let sentence = reason(ForeignBytes.tensorFile(shape: shape, strides: strides, offset: offset))
    #expect(sentence.contains(expected))
    #expect(sentence.contains("rnn.weight_hh_l0"))
  }

  @Test
  func `a shape that does not fit is told with the tensor, the shape found and the one wanted`()
    throws
  {
    var bytes = try Fixture.bytes("keras2-gru-before.h5")
    // The description says 12 units, the weights are for 12: make it say 13.
    let said = Array("\"units\": 12".utf8)
    let place = try #require(
      (0..<bytes.count - said.count).first { bytes[$0...].starts(with: said) })
    bytes[place + said.count - 1] = UInt8(ascii: "3")
    let sentence = reason(bytes)
    #expect(sentence.contains("kernel:0"))
    #expect(sentence.contains("[8, 12]") && sentence.contains("[8, 13] was wanted"))
  }

  @Test func `a vocabulary of another size is refused with both numbers`() throws {
    let network = try ModelImporter().network(Fixture.bytes("keras3-lstm.keras"))
    let tokens = ["a", "b"]
    #expect {
      try network.checkpoint(.init(tokens: tokens))
    } throws: { error in
      "\(error)".contains("holds 2 tokens, but the network knows 19")
    }
    #expect(throws: ImportError.self) { try network.checkpoint(.init()) }
  }

  // MARK: Archives

  @Test func `a zip archive with entries on top of each other is refused`() {
    let contents = [UInt8](repeating: 0, count: 1000)
    var bytes = ForeignBytes.archive(["a/data.pkl": contents, "b": contents, "c": contents])
    // Let all three entries of the directory claim the whole file.
    let size = bytes.count
    for place in 0..<size - 46 where Array(bytes[place..<place + 4]) == [0x50, 0x4b, 1, 2] {
      for (index, shift) in [0, 8, 16, 24].enumerated() {
        bytes[place + 20 + index] = UInt8(truncatingIfNeeded: (size - 300) >> shift)
        bytes[place + 24 + index] = UInt8(truncatingIfNeeded: (size - 300) >> shift)
      }
    }
    #expect(reason(bytes).contains("entries are larger than itself"))
  }

  @Test func `a zip archive that claims to unpack to far more than it can is refused`() {
    var bytes = ForeignBytes.archive(["a/data.pkl": [3, 0]])
    for place in 0..<bytes.count - 46 where Array(bytes[place..<place + 4]) == [0x50, 0x4b, 1, 2] {
      bytes[place + 10] = 8
      bytes[place + 27] = 0x30
    }
    #expect(reason(bytes).contains("cannot be"))
  }

  @Test func `a wrong checksum is noticed`() throws {
    var bytes = try Fixture.bytes("torch-rnn.pt")
    let name = Array("data/0".utf8)
    let place = try #require((0..<bytes.count - 6).first { bytes[$0..<$0 + 6].elementsEqual(name) })
    bytes[place + 200] ^= 1
    #expect(reason(bytes).contains("checksum"))
  }

  @Test(
    arguments: [
      ([0x1c, 0, 0, 0] + Array("TFL3".utf8) + [0], "TensorFlow Lite file; save the Keras model"),
      (Array("MATLAB 7.3 MAT-file, Platform: GLNXA64".utf8), "version 7.3; save it with -v7"),
      (Array("version https://git-lfs.github.com/spec/v1\noid sha256:0\n".utf8), "Git LFS pointer"),
      (Array("<!DOCTYPE html>\n<html></html>".utf8), "web page"),
      ([0x80, 2, 0x7d, 0x71, 0, 0x2e], "a pickle that PyTorch did not write"),
    ] as [([UInt8], String)])
  func `a file that is known but not read is named, with the way out`(
    bytes: [UInt8], expected: String
  ) {
    #expect(reason(bytes).contains(expected), "\(reason(bytes))")
  }

  @Test(
    arguments: [
      (8, [9], "version 9 is not known"), (13, [4], "not of 8 bytes"),
      (13, [8, 2], "not of 8 bytes"),
      (24, [1], "root is not inside"), (64, [0, 0, 0, 0, 1], "root is not inside"),
      (40, [0, 0, 0, 0, 1], "cut short"), (40, [0, 0, 0, 0, 0, 0, 0, 0x80], "absurdly large"),
    ] as [(Int, [UInt8], String)])
  func `an HDF5 file whose first block cannot be is refused before the library sees it`(
    place: Int, values: [UInt8], expected: String
  ) throws {
    var bytes = try Fixture.bytes("keras2-gru-weights.h5")
    for (index, value) in values.enumerated() { bytes[place + index] = value }
    #expect(reason(bytes).contains(expected))
  }

  @Test func `what is no checkpoint at all is said to be none`() {
    for text in ["", "X:1\nK:G\n", "MThd", "\u{89}HDF\r\n\u{1a}\n"] {
      #expect(!reason(Array(text.utf8)).isEmpty)
    }
    #expect(reason(Array("X:1\nK:G\nabc|".utf8)).contains("no PyTorch, Keras, ONNX or safetensors"))
  }
}

extension String {
  /// A byte for each character.
  fileprivate var latin1: [UInt8] { unicodeScalars.map { UInt8($0.value) } }
}
