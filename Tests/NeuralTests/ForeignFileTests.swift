import Testing

@testable import Neural

@Suite struct ForeignFileTests {
  private static func bytes(_ start: [UInt8], _ text: String, zeros: Int = 0) -> [UInt8] {
    var bytes = start
    bytes.append(contentsOf: text.utf8)
    bytes.append(contentsOf: [UInt8](repeating: 0, count: zeros))
    return bytes
  }

  private static let files: [(ForeignFile, [UInt8])] = [
    (.pointer, bytes([], "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n")),
    (.webPage, bytes([], "<!DOCTYPE html>\n<html></html>\n")),
    (.webPage, bytes([], "\n  <HTML><body>Too many requests</body></HTML>")),
    (.webPage, bytes([], "<?xml version=\"1.0\"?><Error>")),
    (.compressed, [0x1f, 0x8b, 8, 0]),
    (.hdf5, bytes([0x89], "HDF\r\n\u{1a}\n", zeros: 2048)),
    (.zip, bytes([], "PK\u{3}\u{4}", zeros: 2048)),
    (.pickle, [0x80, 2, 0x7d, 0x71, 0]),
    (.archive, bytes([UInt8](repeating: 0, count: 257), "ustar\u{0}00", zeros: 2048)),
    (.empty, []),
  ]

  @Test(arguments: files)
  func `a file of another kind is named, with the way on`(file: ForeignFile, bytes: [UInt8]) {
    #expect(ForeignFile(bytes) == file)
    #expect(throws: CheckpointError.foreign(file)) { try Checkpoint(bytes: bytes) }
    let sentence = CheckpointError.foreign(file).description
    #expect(sentence.hasPrefix("this is a"))
    #expect(sentence.hasSuffix("."))
    for length in 0..<min(bytes.count, 64) { _ = ForeignFile(bytes[..<length]) }
  }

  @Test func `a checkpoint, and bytes of no kind, are none of them`() {
    // Headers of 64, 640 and 559,903 bytes.
    for length in [[0x40, 0, 0], [0x80, 2, 0], [0x1f, 0x8b, 8]] as [[UInt8]] {
      #expect(ForeignFile(Self.bytes(length, "\u{0}\u{0}\u{0}\u{0}\u{0}{\"a\":")) == nil)
    }
    #expect(ForeignFile(Self.bytes([], "X:1\nT:A tune\n")) == nil)
    #expect(ForeignFile([1]) == nil)
    #expect(CheckpointError.foreign(.hdf5).description.contains("'lilt import' brings it in"))
    #expect(CheckpointError.foreign(.pointer).description.contains("git lfs pull"))
  }
}
