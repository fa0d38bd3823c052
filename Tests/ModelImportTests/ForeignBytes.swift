/// Builds small foreign files byte by byte.
struct ForeignBytes {
  var bytes: [UInt8] = []

  mutating func text(_ text: String) { bytes += Array(text.utf8) }

  /// Little-endian.
  mutating func number(_ value: Int, _ size: Int) {
    for index in 0..<size { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
  }

  // MARK: Pickles

  /// Around some opcodes: protocol 2 and the end.
  static func pickle(_ body: [UInt8]) -> [UInt8] {
    var file = ForeignBytes(bytes: [0x80, 2])
    file.bytes += body
    file.bytes.append(0x2e)
    return file.bytes
  }

  mutating func pickledText(_ text: String) {
    bytes.append(0x58)
    number(text.utf8.count, 4)
    self.text(text)
  }

  mutating func pickledNumber(_ value: Int) {
    bytes += [0x8a, 8]
    number(value, 8)
  }

  mutating func pickledTuple(_ values: [Int]) {
    bytes.append(0x28)
    for value in values { pickledNumber(value) }
    bytes.append(0x74)
  }

  /// A file of PyTorch with the tensor `rnn.weight_hh_l0` over a storage of 24 bytes.
  static func tensorFile(shape: [Int], strides: [Int], offset: Int) -> [UInt8] {
    var pickle = ForeignBytes(bytes: [0x80, 2, 0x7d])
    pickle.pickledText("rnn.weight_hh_l0")
    pickle.text("ctorch._utils\n_rebuild_tensor_v2\n((")
    pickle.pickledText("storage")
    pickle.text("ctorch\nFloatStorage\n")
    pickle.pickledText("0")
    pickle.pickledText("cpu")
    pickle.bytes += [0x4b, 6, 0x74, 0x51]
    pickle.pickledNumber(offset)
    pickle.pickledTuple(shape)
    pickle.pickledTuple(strides)
    pickle.bytes += [0x89, 0x4e, 0x74, 0x52, 0x73, 0x2e]
    return archive(["a/data.pkl": pickle.bytes, "a/data/0": [UInt8](repeating: 0, count: 24)])
  }

  // MARK: Zip archives

  /// An archive of stored files.
  static func archive(_ files: KeyValuePairs<String, [UInt8]>) -> [UInt8] {
    var file = ForeignBytes()
    var directory = ForeignBytes()
    for (name, contents) in files {
      var facts = ForeignBytes()
      facts.number(20, 2)
      facts.number(0, 8)
      facts.number(Int(checksum(contents)), 4)
      facts.number(contents.count, 4)
      facts.number(contents.count, 4)
      facts.number(name.utf8.count, 2)
      directory.bytes += [0x50, 0x4b, 1, 2, 20, 0]
      directory.bytes += facts.bytes
      directory.number(0, 12)
      directory.number(file.bytes.count, 4)
      directory.text(name)
      file.bytes += [0x50, 0x4b, 3, 4]
      file.bytes += facts.bytes
      file.number(0, 2)
      file.text(name)
      file.bytes += contents
    }
    let start = file.bytes.count
    file.bytes += directory.bytes
    file.bytes += [0x50, 0x4b, 5, 6]
    file.number(0, 4)
    file.number(files.count, 2)
    file.number(files.count, 2)
    file.number(directory.bytes.count, 4)
    file.number(start, 4)
    file.number(0, 2)
    return file.bytes
  }

  static func checksum(_ bytes: [UInt8]) -> UInt32 {
    var register: UInt32 = .max
    for byte in bytes {
      register ^= UInt32(byte)
      for _ in 0..<8 { register = register >> 1 ^ (register & 1 == 1 ? 0xedb8_8320 : 0) }
    }
    return ~register
  }
}
