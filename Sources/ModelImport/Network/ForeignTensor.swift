import Neural

/// A tensor of a foreign file under its foreign name.
struct ForeignTensor {
  var name: String
  var shape: [Int]
  /// The last dimension running fastest; finite.
  var values: [Float]
  /// How precisely the file kept the numbers.
  var format: Checkpoint.Format

  /// The most numbers that one file may hold: they fill the largest checkpoint.
  static let mostElements = Checkpoint.largestFile / 4
}

/// Which elements of a storage make a tensor, as PyTorch keeps it.
struct StridedLayout {
  let count: Int
  /// One more than the highest element used.
  let reach: Int
  private let shape: [Int]
  private let strides: [Int]
  private let offset: Int

  /// Throws for shapes that do not fit their strides, and for absurd sizes.
  init(name: String, shape: [Int], strides: [Int], offset: Int) throws(ImportError) {
    func damaged(_ reason: String) -> ImportError {
      .damaged(format: "tensor \(quoted(name))", reason: reason)
    }
    guard shape.count == strides.count, shape.count <= 8, offset >= 0,
      shape.allSatisfy({ $0 >= 0 }), strides.allSatisfy({ $0 >= 0 })
    else { throw damaged("the shape \(shape) and the strides \(strides) do not fit") }
    var count = 1
    var last = offset
    for (size, stride) in zip(shape, strides) {
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      let (way, wayOverflow) = stride.multipliedReportingOverflow(by: max(0, size - 1))
      let (end, endOverflow) = last.addingReportingOverflow(way)
      guard !overflow, !wayOverflow, !endOverflow, product <= ForeignTensor.mostElements,
        end < Int.max
      else { throw damaged("the shape \(shape) is absurdly large") }
      count = product
      last = end
    }
    self.count = count
    self.shape = shape
    self.strides = strides
    self.offset = offset
    reach = count == 0 ? 0 : last + 1
  }

  /// The elements in order. `bytes` must hold at least `reach` of them.
  func values(
    of bytes: ArraySlice<UInt8>, size: Int, _ element: (UnsafeRawBufferPointer, Int) -> Float
  ) -> [Float] {
    precondition(reach <= bytes.count / size, "the storage is too small")
    guard count > 0 else { return [] }
    return bytes.withUnsafeBytes { bytes in
      [Float](unsafeUninitializedCapacity: count) { buffer, filled in
        var number = 0
        forEachPlace(of: count, shape: shape, strides: strides, from: offset) { place in
          buffer[number] = element(bytes, place * size)
          number += 1
        }
        filled = count
      }
    }
  }
}

/// The value of a 16-bit float's bits (IEEE 754 binary16).
func halfToFloat(_ half: UInt16) -> Float {
  let sign: Float = half & 0x8000 == 0 ? 1 : -1
  let exponent = Int(half >> 10) & 0x1f
  let fraction = Float(half & 0x3ff)
  switch exponent {
  case 0: return sign * fraction * 0x1p-24
  case 0x1f: return fraction == 0 ? sign * .infinity : .nan
  default:
    return sign * Float(sign: .plus, exponent: exponent - 15, significand: 1 + fraction / 1024)
  }
}

/// Calls `body` with the place of each element that strides lead to, the last dimension first.
func forEachPlace(
  of count: Int, shape: [Int], strides: [Int], from offset: Int, _ body: (Int) -> Void
) {
  var index = [Int](repeating: 0, count: shape.count)
  var place = offset
  for _ in 0..<count {
    body(place)
    var dimension = shape.count - 1
    while dimension >= 0 {
      index[dimension] += 1
      place += strides[dimension]
      if index[dimension] < shape[dimension] { break }
      place -= strides[dimension] * shape[dimension]
      index[dimension] = 0
      dimension -= 1
    }
  }
}
