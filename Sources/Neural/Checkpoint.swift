import Kernels

/// The tensors and the description of a network, as kept in one safetensors file.
///
/// The layout is that of the safetensors format: eight bytes with the length of a JSON header, the
/// header, then the data without gaps. Everything is checked when a checkpoint is made, so that
/// what can be asked of one afterwards cannot go out of bounds.
public struct Checkpoint: Sendable {
  /// The `__metadata__` of the file: text for text.
  public var metadata: [String: String]
  /// In the order of their names.
  public let tensors: [Tensor]

  /// The number of bytes that a file may have at most.
  public static let largestFile = 1 << 30
  /// The number of bytes that a header may have at most.
  static let longestHeader = 16 << 20

  /// How the numbers of a tensor are kept.
  public enum Format: String, Hashable, Sendable {
    case float32 = "F32"
    case float16 = "F16"
    case bfloat16 = "BF16"

    public var bytesPerElement: Int { self == .float32 ? 4 : 2 }
  }

  /// A named block of numbers.
  public struct Tensor: Sendable {
    public let name: String
    /// Outermost dimension first, as in PyTorch; empty for a single number.
    public let shape: [Int]
    public let format: Format
    /// The bytes of the numbers, little-endian.
    public var bytes: ArraySlice<UInt8> {
      let all = (try? storage.bytes(range)) ?? []
      return all[...]
    }
    public let count: Int

    let storage: Storage
    /// Bytes of the file.
    let range: Range<Int>

    /// The numbers as 32-bit floats, the last dimension running fastest.
    public func floats() throws(CheckpointError) -> [Float] {
      try values().withUnsafeBufferPointer { Array($0) }
    }

    /// The same numbers, where they lie if they can be used there.
    func values() throws(CheckpointError) -> FloatBlock {
      if case .memory(let block) = storage, format == .float32,
        range.lowerBound.isMultiple(of: MemoryLayout<Float>.alignment)
      {
        let found = FloatBlock(block, at: range.lowerBound, count: count)
        guard lilt_are_finite(found.start, count) else { throw .notFinite(tensor: name) }
        return found
      }
      let block = try Block(size: 4 * count)
      try read(0..<count, into: block.start.assumingMemoryBound(to: Float.self))
      return FloatBlock(block, at: 0, count: count)
    }

    /// Copies some of the numbers, which lie within `count`.
    func read(
      _ places: Range<Int>, into target: UnsafeMutablePointer<Float>
    ) throws(CheckpointError) {
      let width = format.bytesPerElement
      let start = range.lowerBound
      let part = start + width * places.lowerBound..<start + width * places.upperBound
      var isFinite = true
      if format == .float32 {
        try storage.read(part, into: UnsafeMutableRawPointer(target))
        isFinite = lilt_are_finite(target, places.count)
      } else if !places.isEmpty {
        let kernels = lilt_kernels().pointee
        isFinite = try storage.bytes(part).withUnsafeBytes { bytes in
          guard let source = bytes.baseAddress else { return true }
          return kernels.widen(source, places.count, format == .bfloat16, target)
        }
      }
      guard isFinite else { throw .notFinite(tensor: name) }
    }
  }

  /// The tensor of a name.
  public subscript(name: String) -> Tensor? {
    tensors.first { $0.name == name }
  }

  /// Sixteen hexadecimal digits that change when any tensor, or the metadata, does.
  public var fingerprint: String {
    var hash = Fingerprint()
    for tensor in ((try? read()) ?? self).tensors {
      hash.add(tensor.name.utf8)
      hash.add(tensor.format.rawValue.utf8)
      for size in tensor.shape { hash.add(UInt64(size)) }
      hash.add(tensor.storage, tensor.range)
    }
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
      hash.add(key.utf8)
      hash.add(value.utf8)
    }
    return hash.digits
  }

  /// A checkpoint from the bytes of a safetensors file.
  ///
  /// Throws when anything in the header disagrees with itself or with the data.
  public init(bytes: [UInt8]) throws(CheckpointError) {
    guard bytes.count <= Self.largestFile else {
      throw .tooLarge(bytes: bytes.count, limit: Self.largestFile)
    }
    try self.init(storage: .memory(Block(bytes)))
  }

  init(storage: Storage) throws(CheckpointError) {
    let size = storage.size
    if let file = ForeignFile(try storage.bytes(0..<min(size, 512))) { throw .foreign(file) }
    guard size >= 8 else { throw .truncatedHeader(needed: 8, found: size) }
    var length: UInt64 = 0
    for byte in try storage.bytes(0..<8).reversed() { length = length << 8 | UInt64(byte) }
    guard length <= UInt64(size - 8) else {
      throw .truncatedHeader(needed: length, found: size - 8)
    }
    guard length <= UInt64(Self.longestHeader) else {
      throw .tooLarge(bytes: Int(length), limit: Self.longestHeader)
    }
    let data = 8 + Int(length)
    let text = try storage.bytes(8..<data)
    let header: JSONValue
    do {
      header = try JSONValue(bytes: text[...])
    } catch {
      throw .headerNotUnderstood(offset: error.offset, reason: error.reason)
    }
    guard case .object(let members) = header else {
      throw .headerNotUnderstood(offset: 0, reason: "it is not an object")
    }
    var metadata: [String: String] = [:]
    var tensors: [Tensor] = []
    var names: Set<String> = []
    for member in members {
      guard names.insert(member.name).inserted else { throw .duplicateTensor(member.name) }
      if member.name == "__metadata__" {
        metadata = try Self.metadata(member.value)
      } else {
        tensors.append(try Tensor(member, storage: storage, data: data))
      }
    }
    try Self.checkCoverage(tensors, data: data, count: size - data)
    self.init(metadata: metadata, sorted: tensors.sorted { $0.name < $1.name })
  }

  init(metadata: [String: String], sorted tensors: [Tensor]) {
    self.metadata = metadata
    self.tensors = tensors
  }

  private static func metadata(_ value: JSONValue) throws(CheckpointError) -> [String: String] {
    guard case .object(let entries) = value else {
      throw .metadata(key: "__metadata__", reason: "is not an object")
    }
    var metadata: [String: String] = [:]
    for entry in entries {
      guard let text = entry.value.string else {
        throw .metadata(key: entry.name, reason: "is not text")
      }
      guard metadata.updateValue(text, forKey: entry.name) == nil else {
        throw .metadata(key: entry.name, reason: "occurs twice")
      }
    }
    return metadata
  }

  /// Every byte of the data belongs to exactly one tensor.
  private static func checkCoverage(
    _ tensors: [Tensor], data: Int, count: Int
  ) throws(CheckpointError) {
    var end = data
    for tensor in tensors.sorted(by: { $0.range.lowerBound < $1.range.lowerBound })
    where !tensor.range.isEmpty {
      guard tensor.range.lowerBound == end else {
        throw .dataNotCovered(
          start: min(end, tensor.range.lowerBound) - data,
          end: max(end, tensor.range.lowerBound) - data)
      }
      end = tensor.range.upperBound
    }
    guard end - data == count else { throw .dataNotCovered(start: end - data, end: count) }
  }
}

extension Checkpoint.Tensor {
  /// Checks one entry of the header against the data, which starts at byte `data` of `storage`.
  fileprivate init(
    _ member: JSONValue.Member, storage: Checkpoint.Storage, data: Int
  ) throws(CheckpointError) {
    let name = member.name
    guard case .object(let facts) = member.value else {
      throw .damagedTensor(name, reason: "its entry in the header is not an object")
    }
    func fact(_ key: String) throws(CheckpointError) -> JSONValue {
      let found = facts.filter { $0.name == key }
      guard found.count == 1, let value = found.first?.value else {
        throw .damagedTensor(name, reason: "its entry has no single \(key)")
      }
      return value
    }
    guard let formatName = try fact("dtype").string else {
      throw .damagedTensor(name, reason: "its dtype is not text")
    }
    guard let format = Checkpoint.Format(rawValue: formatName) else {
      throw .unknownFormat(tensor: name, format: formatName)
    }
    guard let sizes = try fact("shape").array, sizes.count <= 8 else {
      throw .damagedTensor(name, reason: "its shape is not a list of at most 8 sizes")
    }
    var shape: [Int] = []
    var count = 1
    for size in sizes {
      guard let size = size.integer, size >= 0 else {
        throw .damagedTensor(name, reason: "its shape holds something that is not a size")
      }
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      guard !overflow, product <= Checkpoint.largestFile else {
        throw .damagedTensor(name, reason: "its shape is larger than any file that is read")
      }
      count = product
      shape.append(size)
    }
    let offsets = try fact("data_offsets").array?.compactMap(\.integer) ?? []
    guard offsets.count == 2, offsets[0] >= 0, offsets[0] <= offsets[1] else {
      throw .damagedTensor(name, reason: "its data_offsets are not a start and an end")
    }
    guard offsets[1] - offsets[0] == count * format.bytesPerElement else {
      throw .damagedTensor(
        name,
        reason: "\(count) numbers of the format \(formatName) do not take "
          + "\(offsets[1] - offsets[0]) bytes")
    }
    guard offsets[1] <= storage.size - data else {
      throw .truncatedData(needed: offsets[1], found: storage.size - data)
    }
    self.init(
      name: name, shape: shape, format: format, count: count, storage: storage,
      range: data + offsets[0]..<data + offsets[1])
  }
}

/// A fast hash of many bytes. It tells checkpoints apart; it does not withstand an adversary.
private struct Fingerprint {
  private var value: UInt64 = 0x243f_6a88_85a3_08d3

  mutating func add(_ word: UInt64) {
    value = (value ^ word) &* 0x9e37_79b9_7f4a_7c15
    value ^= value >> 32
  }

  mutating func add(_ bytes: some Collection<UInt8>) {
    add(UInt64(bytes.count))
    for byte in bytes { add(UInt64(byte)) }
  }

  mutating func add(_ storage: Checkpoint.Storage, _ range: Range<Int>) {
    add(UInt64(range.count))
    guard case .memory(let block) = storage else { return }
    add(lilt_checksum(block.start + range.lowerBound, range.count))
  }

  var digits: String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: 16 - text.count) + text
  }
}
