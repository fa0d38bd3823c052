import Kernels

extension Checkpoint {
  /// Numbers to be kept under a name.
  public struct NewTensor: Sendable {
    public var name: String
    public var shape: [Int]
    public var format: Format
    /// As many as the product of `shape`, the last dimension running fastest.
    public var values: [Float]

    public init(name: String, shape: [Int], format: Format, values: [Float]) {
      self.name = name
      self.shape = shape
      self.format = format
      self.values = values
    }
  }

  /// A checkpoint of new tensors.
  ///
  /// Throws when a name occurs twice or a shape does not fit its values. Numbers beyond the range of
  /// a 16-bit format become infinite, which reading refuses.
  public init(metadata: [String: String], tensors: [NewTensor]) throws(CheckpointError) {
    var entries: [Entry] = []
    for tensor in tensors {
      guard Self.elementCount(tensor.shape) == tensor.values.count else {
        throw .wrongShape(
          tensor: tensor.name, expected: "of \(tensor.values.count) numbers", found: tensor.shape)
      }
      entries.append(
        Entry(
          name: tensor.name, shape: tensor.shape, format: tensor.format,
          bytes: Self.bytes(of: tensor.values, format: tensor.format)[...]))
    }
    try self.init(bytes: Self.file(metadata: metadata, entries: entries))
  }

  /// The bytes of a safetensors file with this content: the same content gives the same bytes.
  public var bytes: [UInt8] {
    Self.file(
      metadata: metadata,
      entries: tensors.map {
        Entry(name: $0.name, shape: $0.shape, format: $0.format, bytes: $0.bytes)
      })
  }

  private struct Entry {
    var name: String
    var shape: [Int]
    var format: Format
    var bytes: ArraySlice<UInt8>
  }

  private static func elementCount(_ shape: [Int]) -> Int? {
    var count = 1
    for size in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      guard size >= 0, !overflow else { return nil }
      count = product
    }
    return count
  }

  private static func file(metadata: [String: String], entries: [Entry]) -> [UInt8] {
    var members: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key < $1.key }.map { key, value in
        JSONValue.text(of: key) + ":" + JSONValue.text(of: value)
      }
      members.append("\"__metadata__\":{" + pairs.joined(separator: ",") + "}")
    }
    var offset = 0
    for entry in entries {
      let end = offset + entry.bytes.count
      members.append(
        JSONValue.text(of: entry.name) + ":{\"dtype\":\"\(entry.format.rawValue)\",\"shape\":["
          + entry.shape.map(String.init).joined(separator: ",")
          + "],\"data_offsets\":[\(offset),\(end)]}")
      offset = end
    }
    var header = Array(("{" + members.joined(separator: ",") + "}").utf8)
    // The data starts at a multiple of 8, as other readers of the format like it.
    while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }
    var file: [UInt8] = []
    file.reserveCapacity(8 + header.count + offset)
    for byte in 0..<8 { file.append(UInt8(truncatingIfNeeded: header.count >> (8 * byte))) }
    file += header
    for entry in entries { file += entry.bytes }
    return file
  }

  private static func bytes(of values: [Float], format: Format) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(values.count * format.bytesPerElement)
    for value in values {
      switch format {
      case .float32:
        let bits = value.bitPattern
        for byte in 0..<4 { bytes.append(UInt8(truncatingIfNeeded: bits >> (8 * byte))) }
      case .float16:
        let bits = lilt_half(value)
        bytes.append(UInt8(truncatingIfNeeded: bits))
        bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
      case .bfloat16:
        let bits = lilt_bfloat16(value)
        bytes.append(UInt8(truncatingIfNeeded: bits))
        bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
      }
    }
    return bytes
  }
}
