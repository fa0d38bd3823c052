import Testing

@testable import ModelImport

/// Broken copies of good files: each is refused or read, none crashes or hangs.
@Suite struct DamagedFileTests {
  /// A small generator with a fixed seed.
  private struct Dice {
    var state: UInt64
    mutating func roll(_ sides: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(max(1, sides)))
    }
  }

  private func mutated(_ bytes: [UInt8], _ dice: inout Dice) -> [UInt8] {
    var copy = bytes
    for _ in 0..<1 + dice.roll(8) {
      let place = dice.roll(copy.count)
      switch dice.roll(6) {
      case 0: copy[place] ^= 1 << dice.roll(8)
      case 1: copy[place] = [0, 0xff, 0x7f, 0x80][dice.roll(4)]
      case 2: copy[place] = UInt8(dice.roll(256))
      case 3:
        let end = min(copy.count, place + 1 + dice.roll(8))
        for index in place..<end { copy[index] = 0xff }
      case 4 where copy.count > 16:
        copy.removeSubrange(place..<min(copy.count, place + dice.roll(16)))
      default:
        let from = dice.roll(copy.count)
        copy[place] = copy[from]
      }
      if copy.isEmpty { return copy }
    }
    return copy
  }

  private func outcome(_ bytes: [UInt8]) -> String {
    do {
      return "read \(try ModelImporter().network(bytes).parameterCount)"
    } catch {
      return error.description
    }
  }

  @Test(arguments: [
    "torch-rnn.pt", "torch-leaky.pt", "torch-legacy-half.pth", "torch-norm-bfloat16-views.pt",
    "torch-old-module.pt",
  ])
  func `a PyTorch file that is cut anywhere is refused with a sentence`(file: String) throws {
    let bytes = try Fixture.bytes(file)
    for length in stride(from: 0, to: bytes.count, by: 7) {
      let sentence = outcome(Array(bytes[..<length]))
      #expect(!sentence.hasPrefix("read"), "cut at \(length)")
      #expect(sentence.hasSuffix("."))
    }
  }

  @Test(arguments: ["keras2-gru-weights.h5", "keras3-lstm.keras"])
  func `a Keras file that is cut anywhere is refused with a sentence`(file: String) throws {
    let bytes = try Fixture.bytes(file)
    for length in stride(from: 0, to: bytes.count, by: bytes.count / 60) {
      let sentence = outcome(Array(bytes[..<length]))
      #expect(!sentence.hasPrefix("read"), "cut at \(length)")
      #expect(sentence.hasSuffix("."))
    }
  }

  @Test(arguments: [
    ("torch-rnn.pt", 2000), ("torch-legacy-half.pth", 2000), ("torch-lstm.pt", 1000),
    ("torch-old-module.pt", 2000),
    ("other-names.safetensors", 1000),
  ])
  func `thousands of changed PyTorch files are read or refused`(file: String, count: Int) throws {
    let bytes = try Fixture.bytes(file)
    var dice = Dice(state: 42)
    var refused = 0
    for _ in 0..<count where !outcome(mutated(bytes, &dice)).hasPrefix("read") { refused += 1 }
    #expect(refused > 0)
  }

  /// The checksums of a zip archive would hide what is behind them.
  @Test(arguments: ["torch-lstm.pt", "torch-norm-bfloat16-views.pt", "torch-leaky.pt"])
  func `thousands of changed pickles are read or refused`(file: String) throws {
    let archive = try ZipArchive(Fixture.bytes(file))
    let entry = try #require(archive.entries.first { $0.name.hasSuffix("data.pkl") })
    let bytes = try archive.contents(of: entry)
    var dice = Dice(state: 7)
    for _ in 0..<3000 {
      guard let read = try? PickleReader.pickle(in: mutated(bytes, &dice)) else { continue }
      _ = read.entries(read.root)
      guard let module = PyTorchModule(read.root, in: read) else { continue }
      _ = module.stateDict
      _ = try? module.activations()
    }
  }

  @Test(arguments: ["keras2-gru-weights.h5", "keras1-lstm.h5", "keras3-rnn.keras"])
  func `hundreds of changed Keras files are read or refused, whatever the HDF5 library does`(
    file: String
  ) throws {
    var bytes = try Fixture.bytes(file)
    if ZipArchive.isArchive(bytes) {
      let archive = try ZipArchive(bytes)
      bytes = try archive.contents(of: #require(archive["model.weights.h5"]))
    }
    var dice = Dice(state: 11)
    for _ in 0..<400 { _ = outcome(mutated(bytes, &dice)) }
  }

  @Test func `a module that holds itself is read in bounded time`() throws {
    var file = ForeignBytes(bytes: [])
    file.text("c__main__\nNet\n)")
    file.bytes += [0x81, 0x71, 0, 0x7d, 0x28]
    for name in ["_parameters", "_buffers", "_modules"] {
      file.pickledText(name)
      file.bytes += [0x7d, 0x28]
      for item in 0..<(name == "_buffers" ? 0 : 200) {
        file.pickledText("m\(item)")
        file.bytes += [0x68, 0]
      }
      file.bytes.append(0x75)
    }
    file.bytes += [0x75, 0x62]
    let read = try PickleReader.pickle(in: ForeignBytes.pickle(file.bytes))
    let module = try #require(PyTorchModule(read.root, in: read))
    #expect((1..<1000).contains(module.walk().count))
  }

  @Test func `thousands of changed descriptions of Keras models are read or refused`() throws {
    let archive = try ZipArchive(Fixture.bytes("keras3-heads.keras"))
    let bytes = try archive.contents(of: #require(archive["config.json"]))
    let weights = try KerasWeights(
      HDF5File(archive.contents(of: #require(archive["model.weights.h5"]))))
    var dice = Dice(state: 5)
    for _ in 0..<3000 {
      guard let configuration = try? KerasConfiguration(mutated(bytes, &dice), majorVersion: 3)
      else { continue }
      _ = try? KerasModel.network(configuration, weights)
    }
  }
}
