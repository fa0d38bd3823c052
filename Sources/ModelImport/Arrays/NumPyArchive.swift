import Neural

/// Arrays that NumPy saved: an archive of them (`.npz`), each in the format of `numpy.save` (NEP 1).
struct NumPyArchive {
  static func isOne(_ archive: ZipArchive) -> Bool {
    !archive.entries.isEmpty && archive.entries.allSatisfy { $0.name.hasSuffix(".npy") }
  }

  /// The arrays of real numbers, under their names.
  static func tensors(_ archive: ZipArchive) throws(ImportError) -> [ForeignTensor] {
    var tensors: [ForeignTensor] = []
    var budget = ForeignTensor.mostElements
    for entry in archive.entries {
      let name = String(entry.name.dropLast(".npy".count))
      let array = try tensor(archive.contents(of: entry), name: name)
      guard let array else { continue }
      budget -= array.values.count
      guard budget >= 0 else {
        throw .tooLarge(
          what: "the array \(quoted(name))", bytes: array.values.count,
          limit: ForeignTensor.mostElements)
      }
      tensors.append(array)
    }
    return tensors
  }

  /// One array; nil for one of whole numbers or of Python objects.
  static func tensor(_ bytes: [UInt8], name: String) throws(ImportError) -> ForeignTensor? {
    let format = "array \(quoted(name))"
    var reader = ByteReader(bytes, format: format)
    guard try reader.slice(6).elementsEqual([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]) else {
      throw .damaged(format: format, reason: "it does not begin as arrays of NumPy do")
    }
    let version = try reader.byte()
    _ = try reader.byte()
    let length = try reader.number(version == 1 ? 2 : 4)
    let header = try Literal(Array(try reader.slice(length)), format: format)
    guard let type = header["descr"]?.text, let sizes = header["shape"]?.list,
      let isColumns = header["fortran_order"]?.boolean
    else { throw .damaged(format: format, reason: "it does not say its type and shape") }
    let shape = sizes.compactMap(\.integer)
    guard shape.count == sizes.count else {
      throw .damaged(format: format, reason: "its shape is none")
    }
    guard let size = ["f2": 2, "f4": 4, "f8": 8][String(type.dropFirst())] else { return nil }
    guard type.hasPrefix("<") else { throw .unsupported("its numbers are not little-endian") }
    var strides = [Int](repeating: 1, count: shape.count)
    let order = isColumns ? Array(shape.indices) : shape.indices.reversed()
    var step = 1
    for axis in order {
      strides[axis] = step
      let (next, overflow) = step.multipliedReportingOverflow(by: max(1, shape[axis]))
      guard !overflow else { throw .truncated(format: format) }
      step = next
    }
    let layout = try StridedLayout(name: name, shape: shape, strides: strides, offset: 0)
    guard layout.reach <= reader.remaining / size else { throw .truncated(format: format) }
    let values = layout.values(of: try reader.slice(layout.reach * size), size: size) {
      bytes, place in
      realNumber(bytes, place, size: size)
    }
    guard values.allSatisfy(\.isFinite) else { throw .notFinite(tensor: name) }
    return ForeignTensor(
      name: name, shape: shape, values: values, format: size == 2 ? .float16 : .float32)
  }
}

/// A little-endian real number of 2, 4 or 8 bytes.
func realNumber(_ bytes: UnsafeRawBufferPointer, _ place: Int, size: Int) -> Float {
  switch size {
  case 2: halfToFloat(bytes.loadUnaligned(fromByteOffset: place, as: UInt16.self))
  case 4: Float(bitPattern: bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self))
  default: Float(Double(bitPattern: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)))
  }
}
