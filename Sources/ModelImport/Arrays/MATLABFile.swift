internal import CZlib
import Neural

/// The matrices in a MATLAB file of version 5 (what `save` writes with `-v6` and, packed, by default),
/// after MathWorks' description of the MAT-file format.
struct MATLABFile {
  private(set) var tensors: [ForeignTensor] = []
  private var budget = ForeignTensor.mostElements
  private static let format = "MATLAB file"
  private static let mostElements = 4096

  static func isOne(_ bytes: [UInt8]) -> Bool { bytes.starts(with: "MATLAB 5.0 MAT-file".utf8) }

  /// Version 7.3 is HDF5 under another header, in no layout of Keras.
  static func isNewer(_ bytes: [UInt8]) -> Bool {
    bytes.starts(with: "MATLAB 7.3 MAT-file".utf8)
  }

  init(_ bytes: [UInt8]) throws(ImportError) {
    var reader = ByteReader(bytes, format: Self.format)
    try reader.seek(to: 126)
    guard try reader.slice(2).elementsEqual("IM".utf8) else {
      throw .unsupported("its numbers are not little-endian")
    }
    var count = 0
    while reader.remaining > 0 {
      count += 1
      guard count <= Self.mostElements else {
        throw .unsupported("it holds more than \(Self.mostElements) variables")
      }
      let element = try Self.element(&reader)
      switch element.type {
      case 14: try readMatrix(bytes, element.range)
      case 15: try readPacked(bytes[element.range])
      default: break
      }
    }
  }

  /// The type and the place of an element; small ones keep their data in the tag.
  private static func element(
    _ reader: inout ByteReader
  ) throws(ImportError) -> (type: Int, range: Range<Int>) {
    let tag = try reader.number(4)
    if tag >> 16 != 0 {
      let size = tag >> 16
      guard size <= 4 else {
        throw .damaged(format: format, reason: "a small element is too large")
      }
      let range = try reader.range(size)
      try reader.skip(4 - size)
      return (tag & 0xffff, range)
    }
    let range = try reader.range(try reader.number(4))
    // Packed elements follow each other without gaps.
    if tag != 15 { try reader.skip(min(reader.remaining, (8 - range.count % 8) % 8)) }
    return (tag, range)
  }

  private mutating func readPacked(_ packed: ArraySlice<UInt8>) throws(ImportError) {
    guard czlib_available() == 1 else { throw .libraryMissing("zlib", package: "zlib1g") }
    let damaged = ImportError.damaged(
      format: Self.format, reason: "a variable in it cannot be unpacked")
    let tag = Self.unpacked(packed, size: 8)
    guard tag.count == 8 else { throw damaged }
    var reader = ByteReader(tag, format: Self.format)
    let type = try reader.number(4)
    let size = try reader.number(4)
    guard type == 14, size <= 1032 * packed.count, size <= 4 * ForeignTensor.mostElements else {
      throw damaged
    }
    let bytes = Self.unpacked(packed, size: 8 + size)
    guard bytes.count == 8 + size else { throw damaged }
    try readMatrix(bytes, 8..<8 + size)
  }

  /// As many unpacked bytes as there are, at most `size`.
  private static func unpacked(_ packed: ArraySlice<UInt8>, size: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      count = packed.withUnsafeBufferPointer {
        czlib_inflate_beginning($0.baseAddress, $0.count, buffer.baseAddress, size)
      }
    }
  }

  private mutating func readMatrix(_ bytes: [UInt8], _ range: Range<Int>) throws(ImportError) {
    var reader = ByteReader(bytes, in: range, format: Self.format)
    let flags = try Self.element(&reader)
    let dimensions = try Self.element(&reader)
    let names = try Self.element(&reader)
    guard flags.range.count == 8, dimensions.range.count % 4 == 0, dimensions.range.count <= 32
    else { throw .damaged(format: Self.format, reason: "a variable in it has no shape") }
    // 6 double, 7 single; cells, structures and texts hold no weights of ours.
    guard [6, 7].contains(bytes[flags.range.lowerBound]), bytes[flags.range.lowerBound + 1] & 8 == 0
    else { return }
    let name = String(decoding: bytes[names.range], as: UTF8.self)
    var sizes = ByteReader(bytes, in: dimensions.range, format: Self.format)
    var shape: [Int] = []
    while sizes.remaining >= 4 { shape.append(try sizes.number(4)) }
    let numbers = try Self.element(&reader)
    // Numbers that are whole are kept in fewer bytes.
    guard let (size, read) = Self.readers[numbers.type] else {
      throw .damaged(format: Self.format, reason: "the numbers of \(quoted(name)) are of no type")
    }
    var strides: [Int] = []
    var step = 1
    for extent in shape {
      strides.append(step)
      let (next, overflow) = step.multipliedReportingOverflow(by: max(1, extent))
      guard !overflow else { throw .truncated(format: Self.format) }
      step = next
    }
    let layout = try StridedLayout(name: name, shape: shape, strides: strides, offset: 0)
    budget -= layout.count
    guard budget >= 0, layout.reach <= numbers.range.count / size else {
      throw .truncated(format: Self.format)
    }
    let values = layout.values(of: bytes[numbers.range], size: size, read)
    guard values.allSatisfy(\.isFinite) else { throw .notFinite(tensor: name) }
    tensors.append(ForeignTensor(name: name, shape: shape, values: values, format: .float32))
  }

  /// By type of element: bytes a number, and how to read it.
  private static let readers: [Int: (Int, @Sendable (UnsafeRawBufferPointer, Int) -> Float)] = [
    1: (1, { Float($0.load(fromByteOffset: $1, as: Int8.self)) }),
    2: (1, { Float($0.load(fromByteOffset: $1, as: UInt8.self)) }),
    3: (2, { Float($0.loadUnaligned(fromByteOffset: $1, as: Int16.self)) }),
    4: (2, { Float($0.loadUnaligned(fromByteOffset: $1, as: UInt16.self)) }),
    5: (4, { Float($0.loadUnaligned(fromByteOffset: $1, as: Int32.self)) }),
    7: (4, { realNumber($0, $1, size: 4) }),
    9: (8, { realNumber($0, $1, size: 8) }),
  ]
}
