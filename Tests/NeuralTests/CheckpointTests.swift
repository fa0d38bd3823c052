import Glibc
import Testing

@testable import Neural

@Suite struct CheckpointTests {
  static func file(_ header: String, data: [UInt8] = []) -> [UInt8] {
    let text = Array(header.utf8)
    return (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) } + text + data
  }

  static func failure(_ header: String, data: [UInt8] = []) -> CheckpointError? {
    do throws(CheckpointError) {
      _ = try Checkpoint(bytes: file(header, data: data))
      return nil
    } catch {
      return error
    }
  }

  static let small = file(
    #"{"__metadata__":{"name":"é\n\u00e9"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"#
      + #""b":{"dtype":"BF16","shape":[],"data_offsets":[8,10]}}"#,
    data: [0, 0, 128, 63, 0, 0, 0, 192, 0, 63])

  @Test func `tensors and metadata are read`() throws {
    let checkpoint = try Checkpoint(bytes: Self.small)
    #expect(checkpoint.metadata == ["name": "é\né"])
    #expect(try checkpoint["a"]?.floats() == [1, -2])
    #expect(try checkpoint["b"]?.floats() == [0.5])
    #expect(checkpoint["b"]?.shape == [])
    #expect(checkpoint["c"] == nil)
  }

  @Test func `a file read whole, later or from memory has the same tensors and fingerprint`() throws
  {
    // Headers of eight lengths: the numbers begin at every place within a word.
    for blanks in 0..<8 {
      let header =
        #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"#
        + #""b":{"dtype":"BF16","shape":[],"data_offsets":[8,10]},"#
        + #""c":{"dtype":"F32","shape":[1,3],"data_offsets":[10,22]},"#
        + #""d":{"dtype":"F32","shape":[0],"data_offsets":[22,22]}}"#
        + String(repeating: " ", count: blanks)
      let floats: [Float] = [1, -2]
      let more: [Float] = [3, 0.25, -0.0]
      let data =
        floats.withUnsafeBytes { Array($0) } + [0, 63] + more.withUnsafeBytes { Array($0) }
      let bytes = Self.file(header, data: data)
      let path = "/tmp/lilt-checkpoint-\(getpid())-\(blanks)"
      let file = try #require(fopen(path, "w"))
      defer { unlink(path) }
      #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
      fclose(file)
      let checkpoints = [
        try Checkpoint(bytes: bytes), try Checkpoint(path: path),
        try Checkpoint(readingLater: path),
      ]
      for checkpoint in checkpoints {
        #expect(checkpoint.fingerprint == checkpoints[0].fingerprint)
        #expect(try checkpoint["a"]?.floats() == floats)
        #expect(try checkpoint["b"]?.floats() == [0.5])
        #expect(try checkpoint["c"]?.floats().map(\.bitPattern) == more.map(\.bitPattern))
        #expect(try checkpoint["d"]?.floats() == [])
        #expect(try checkpoint["c"]?.values()[1..<3][0] == 0.25)
        #expect(checkpoint["b"].map { Array($0.bytes) } == [0, 63])
        #expect(checkpoint.bytes == checkpoints[0].bytes)
      }
    }
  }

  @Test func `a file that shrank after it was opened gives an error`() throws {
    let path = "/tmp/lilt-shrunk-\(getpid())"
    let file = try #require(fopen(path, "w"))
    defer { unlink(path) }
    #expect(fwrite(Self.small, 1, Self.small.count, file) == Self.small.count)
    fclose(file)
    let checkpoint = try Checkpoint(readingLater: path)
    truncate(path, off_t(Self.small.count - 4))
    #expect(throws: CheckpointError.self) { try checkpoint.read() }
    #expect(throws: CheckpointError.self) { try checkpoint["b"]?.floats() }
  }

  @Test func `half precision covers zero, subnormal and largest numbers`() throws {
    let halves: [UInt16] = [0x0000, 0x8000, 0x3c00, 0xc000, 0x0001, 0x03ff, 0x7bff, 0x3555]
    let expected: [Float] = [
      0, -0.0, 1, -2, 0x1p-24, 0x1.ff8p-15, 65504, 0x1.554p-2,
    ]
    let data = halves.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
    let checkpoint = try Checkpoint(
      bytes: Self.file(#"{"h":{"dtype":"F16","shape":[8],"data_offsets":[0,16]}}"#, data: data))
    let floats = try #require(checkpoint["h"]).floats()
    #expect(floats.map(\.bitPattern) == expected.map(\.bitPattern))
    // Writing gives the same halves again.
    let written = try Checkpoint(
      metadata: [:], tensors: [.init(name: "h", shape: [8], format: .float16, values: floats)])
    #expect(Array(try #require(written["h"]).bytes) == data)
  }

  @Test func `what is not finite is refused by name`() throws {
    for (format, bytes) in [
      ("F16", [0, 0x7c]), ("BF16", [0x80, 0xff]), ("F32", [0, 0, 192, 127]),
    ] {
      let header =
        #"{"w":{"dtype":"\#(format)","shape":[1],"data_offsets":[0,\#(bytes.count)]}}"#
      let checkpoint = try Checkpoint(bytes: Self.file(header, data: bytes.map { UInt8($0) }))
      #expect(throws: CheckpointError.notFinite(tensor: "w")) {
        try checkpoint["w"]?.floats()
      }
    }
  }

  @Test func `writing and reading again changes nothing`() throws {
    let tensors = [
      Checkpoint.NewTensor(
        name: "z \"q\"", shape: [1, 3], format: .float32, values: [1, 2.5, -3]),
      Checkpoint.NewTensor(name: "a", shape: [2], format: .bfloat16, values: [0.5, 1.00390625]),
      Checkpoint.NewTensor(name: "none", shape: [0, 4], format: .float16, values: []),
    ]
    let written = try Checkpoint(metadata: ["k": "\u{1}\"\\\n"], tensors: tensors)
    let read = try Checkpoint(bytes: written.bytes)
    #expect(read.metadata == written.metadata)
    #expect(try read["z \"q\""]?.floats() == [1, 2.5, -3])
    #expect(try read["a"]?.floats() == [0.5, 1])
    #expect(try read["none"]?.floats() == [])
    #expect(read.bytes == written.bytes)
    #expect(read.fingerprint == written.fingerprint)
    var renamed = written
    renamed.metadata["k"] = "other"
    #expect(renamed.fingerprint != written.fingerprint)
  }

  @Test func `values must be as many as the shape says`() {
    #expect(throws: CheckpointError.self) {
      try Checkpoint(
        metadata: [:], tensors: [.init(name: "a", shape: [2, 2], format: .float32, values: [1])])
    }
  }

  @Test(arguments: [
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 4, "8 bytes of data"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, 8, "bytes 0 to 4"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 8, "bytes 4 to 8"),
    (#"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#, 8, "do not take 8 bytes"),
    (#"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#, 4, "not a size"),
    (#"{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}"#, 4, "not a size"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, 4, "a start and an end"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}"#, 4, "a start and an end"),
    (#"{"a":{"dtype":"F32","shape":[9223372036854775807,2],"data_offsets":[0,4]}}"#, 4, "larger"),
    (
      #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[9223372036854775803,9223372036854775807]}}"#,
      4, "of data, there are 4"
    ),
    (#"{"a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}"#, 8, "\"I64\""),
    (#"{"a":{"shape":[1],"data_offsets":[0,4]}}"#, 4, "no single dtype"),
    (#"{"a":7}"#, 0, "not an object"),
    (#"{"a\u0007b":7}"#, 0, "\"a?b\""),
    (#"[]"#, 0, "not an object"),
    (#"{"__metadata__":{"a":1}}"#, 0, "\"a\""),
    (#"{"__metadata__":{"a":"","a":""}}"#, 0, "twice"),
    (#"{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"a":{}}"#, 0, "twice"),
    (
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"#
        + #""b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#, 12, "bytes 4 to 8"
    ),
  ])
  func `a header that disagrees is refused in one sentence`(
    header: String, dataCount: Int, fact: String
  ) throws {
    let failure = Self.failure(header, data: [UInt8](repeating: 0, count: dataCount))
    let sentence = try #require(failure).description
    #expect(sentence.contains(fact), "\(sentence)")
    #expect(sentence.hasSuffix(".") && !sentence.contains("\n"))
  }

  @Test func `a header length beyond the file is refused`() {
    #expect(throws: CheckpointError.truncatedHeader(needed: .max, found: 2)) {
      try Checkpoint(bytes: [UInt8](repeating: 255, count: 8) + [123, 125])
    }
  }

  @Test func `a file cut at any length is refused`() {
    for length in 0..<Self.small.count {
      #expect(throws: CheckpointError.self) { try Checkpoint(bytes: Array(Self.small[..<length])) }
    }
  }

  @Test func `changed bytes never crash`() throws {
    let tiny = try Checkpoint(path: TinyNetwork.path).bytes
    var seed: UInt64 = 1
    func random(_ bound: Int) -> Int {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(seed >> 33) % bound
    }
    var refused = 0
    for round in 0..<400 {
      var bytes = round % 2 == 0 ? Self.small : tiny
      let header = round % 2 == 0 ? 180 : 1400
      for _ in 0...random(4) { bytes[random(min(header, bytes.count))] = UInt8(random(256)) }
      do throws(CheckpointError) {
        let checkpoint = try Checkpoint(bytes: bytes)
        let network = try RecurrentNetwork(checkpoint, precision: .float32)
        var state = network.makeState()
        var logits: [Float] = []
        network.step(0, state: &state, logits: &logits)
      } catch {
        refused += 1
        #expect(!error.description.isEmpty)
      }
    }
    #expect(refused > 100)
  }

  @Test func `a folder and a missing file are refused`() {
    #expect(throws: CheckpointError.self) { try Checkpoint(path: "/") }
    #expect(throws: CheckpointError.self) { try Checkpoint(path: TinyNetwork.path + ".none") }
  }
}

@Suite struct JSONValueTests {
  static func value(_ text: String) -> JSONValue? { try? JSONValue(bytes: Array(text.utf8)[...]) }

  @Test func `values of every kind are read`() {
    #expect(
      Self.value(" [1, -2.5e1, true, false, null, \"\", {}] ")
        == .array([
          .integer(1), .number(-25), .boolean(true), .boolean(false), .null, .string(""),
          .object([]),
        ]))
    #expect(Self.value(#""\ud83c\udfb5\u00e9\t\/""#) == .string("🎵é\t/"))
  }

  @Test(arguments: [
    "", "[", "[1,]", "{\"a\"}", "{\"a\":1,}", "tru", "\"\\ud800\"", "\"\\x\"", "\"\n\"", "1 2",
    "+1", "1e999", "--1", "\"\\u00g0\"", "[1 2]", "nul",
  ])
  func `what is not JSON is refused`(text: String) {
    #expect(Self.value(text) == nil)
  }

  @Test func `deep nesting is refused and does not overflow`() {
    #expect(Self.value(String(repeating: "[", count: 100_000)) == nil)
    #expect(
      Self.value(String(repeating: "[", count: 15) + String(repeating: "]", count: 15)) != nil)
  }

  @Test func `bytes that are not UTF-8 are refused`() {
    #expect((try? JSONValue(bytes: [34, 0xff, 34])) == nil)
  }

  @Test func `a string written is the string read`() {
    let text = "\u{0}\u{1f}\"\\/\n\r\té🎵"
    #expect(Self.value(JSONValue.text(of: text)) == .string(text))
  }
}
