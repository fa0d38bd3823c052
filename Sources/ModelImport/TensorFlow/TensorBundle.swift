import Neural

/// The tensors of a TensorFlow checkpoint: an index (`NAME.index`), and their numbers in the files
/// beside it (`NAME.data-00000-of-00001`). Read without TensorFlow, from `tensor_bundle.proto`.
struct TensorBundle {
  struct Entry {
    /// `DataType` of TensorFlow: 1 float, 2 double, 7 string, 14 bfloat16, 19 half.
    var type = 0
    var shape: [Int] = []
    var shard = 0
    var offset = 0
    var size = 0
    var checksum: UInt32?
    var isSliced = false

    var isReal: Bool { [1, 2, 14, 19].contains(type) }
  }

  /// By name, in the order of the index.
  private(set) var entries: [(name: String, entry: Entry)] = []
  private var places: [String: Int] = [:]
  private let shardCount: Int
  private let stem: String
  private let companion: (String) -> [UInt8]?
  private var shards: [Int: [UInt8]] = [:]
  private var budget = ForeignTensor.mostElements
  private static let format = "TensorFlow checkpoint"

  /// - Parameters:
  ///   - name: That of the index's file, which those of the numbers begin with.
  ///   - companion: Reads a file beside it by its name; nil where there is none.
  init(
    _ index: [UInt8], name: String, companion: @escaping (String) -> [UInt8]?
  ) throws(ImportError) {
    self.companion = companion
    stem = name.hasSuffix(".index") ? String(name.dropLast(".index".count)) : name
    var shardCount = 1
    for (key, value) in try TableFile(index).entries {
      guard let name = String(validating: key, as: UTF8.self) else {
        throw .damaged(format: Self.format, reason: "a name in it is not UTF-8")
      }
      guard !name.isEmpty else {
        shardCount = try Self.shards(Array(value))
        continue
      }
      places[name] = entries.count
      entries.append((name, try Self.entry(Array(value))))
    }
    self.shardCount = shardCount
  }

  /// `BundleHeaderProto`: how many files hold the numbers.
  private static func shards(_ bytes: [UInt8]) throws(ImportError) -> Int {
    var count = 1
    var reader = ProtobufReader(bytes, in: 0..<bytes.count, format: format)
    while let (field, value) = try reader.next() {
      switch (field, value) {
      case (1, .number(let shards)): count = Int(clamping: shards)
      case (2, .number(1)): throw .unsupported("its numbers are not little-endian")
      default: break
      }
    }
    guard (1...99_999).contains(count) else {
      throw .damaged(format: format, reason: "it names \(count) files of numbers")
    }
    return count
  }

  /// `BundleEntryProto`.
  private static func entry(_ bytes: [UInt8]) throws(ImportError) -> Entry {
    var entry = Entry()
    var reader = ProtobufReader(bytes, in: 0..<bytes.count, format: format)
    while let (field, value) = try reader.next() {
      switch (field, value) {
      case (1, .number(let type)): entry.type = Int(clamping: type)
      case (2, .bytes(let range)): entry.shape = try shape(bytes, range)
      case (3, .number(let shard)): entry.shard = Int(clamping: shard)
      case (4, .number(let offset)): entry.offset = Int(clamping: offset)
      case (5, .number(let size)): entry.size = Int(clamping: size)
      case (6, .number(let checksum)): entry.checksum = UInt32(truncatingIfNeeded: checksum)
      case (7, .bytes): entry.isSliced = true
      default: break
      }
    }
    return entry
  }

  /// `TensorShapeProto`.
  private static func shape(_ bytes: [UInt8], _ range: Range<Int>) throws(ImportError) -> [Int] {
    var shape: [Int] = []
    var reader = ProtobufReader(bytes, in: range, format: format)
    while let (field, value) = try reader.next() {
      guard field == 2, case .bytes(let dimension) = value else { continue }
      var size = 0
      var inner = ProtobufReader(bytes, in: dimension, format: format)
      while let (field, value) = try inner.next() {
        if field == 1, case .number(let number) = value { size = Int(truncatingIfNeeded: number) }
      }
      shape.append(size)
    }
    return shape
  }

  /// The entry of a name.
  subscript(name: String) -> Entry? { places[name].map { entries[$0].entry } }

  // MARK: Numbers

  /// What lies at an entry's place, its checksum tested.
  private mutating func bytes(of name: String, _ entry: Entry) throws(ImportError) -> ArraySlice<
    UInt8
  > {
    guard !entry.isSliced else {
      throw .unsupported("the variable \(quoted(name)) of its checkpoint is kept in slices")
    }
    guard (0..<shardCount).contains(entry.shard) else {
      throw .damaged(format: Self.format, reason: "\(quoted(name)) lies in no file of it")
    }
    if shards[entry.shard] == nil {
      let file = stem + ".data-" + Self.digits(entry.shard) + "-of-" + Self.digits(shardCount)
      guard let bytes = companion(file) else { throw .companionMissing(file) }
      shards[entry.shard] = bytes
    }
    let file = shards[entry.shard] ?? []
    guard entry.size >= 0, entry.size <= file.count, entry.offset >= 0,
      entry.offset <= file.count - entry.size
    else { throw .truncated(format: Self.format) }
    return file[entry.offset..<entry.offset + entry.size]
  }

  private static func digits(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
  }

  /// The numbers of a variable.
  mutating func tensor(
    _ name: String, _ entry: Entry
  ) throws(ImportError) -> ForeignTensor {
    let strides = [Int](repeating: 0, count: entry.shape.count)
    let count = try StridedLayout(
      name: name, shape: entry.shape, strides: strides, offset: 0
    ).count
    let size = entry.type == 1 ? 4 : entry.type == 2 ? 8 : 2
    budget -= count
    guard budget >= 0 else {
      throw .tooLarge(
        what: "the tensor \(quoted(name))", bytes: count, limit: ForeignTensor.mostElements)
    }
    guard entry.isReal, entry.size == count * size else {
      throw .damaged(
        format: "tensor \(quoted(name))",
        reason: "\(entry.size) bytes do not make the shape \(entry.shape)")
    }
    let bytes = try bytes(of: name, entry)
    if let checksum = entry.checksum, CRC32C.masked(bytes) != checksum {
      throw .damaged(format: Self.format, reason: "the checksum of \(quoted(name)) is not right")
    }
    let values = bytes.withUnsafeBytes { bytes in
      (0..<count).map { index in
        func bits<Bits: FixedWidthInteger>(_: Bits.Type) -> Bits {
          Bits(littleEndian: bytes.loadUnaligned(fromByteOffset: index * size, as: Bits.self))
        }
        return switch entry.type {
        case 1: Float(bitPattern: bits(UInt32.self))
        case 2: Float(Double(bitPattern: bits(UInt64.self)))
        case 14: Float(bitPattern: UInt32(bits(UInt16.self)) << 16)
        default: halfToFloat(bits(UInt16.self))
        }
      }
    }
    guard values.allSatisfy(\.isFinite) else { throw .notFinite(tensor: name) }
    let format: Checkpoint.Format =
      entry.type == 19 ? .float16 : entry.type == 14 ? .bfloat16 : .float32
    return ForeignTensor(name: name, shape: entry.shape, values: values, format: format)
  }

  /// The one text of an entry of texts; nil where there is none of this name.
  mutating func text(_ name: String) throws(ImportError) -> [UInt8]? {
    guard let entry = self[name], entry.type == 7, entry.shape.isEmpty
    else { return nil }
    // The length, the lengths' checksum, then the text itself.
    let bytes = try Array(bytes(of: name, entry))
    var reader = ProtobufReader(bytes, in: 0..<bytes.count, format: Self.format)
    let length = Int(clamping: try reader.varint())
    _ = try reader.range(4)
    return Array(bytes[try reader.range(length)])
  }
}
