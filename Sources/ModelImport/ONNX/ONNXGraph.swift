import Neural

/// The graph in an ONNX file (onnx.proto3): nodes in the order in which they can be computed, and the
/// numbers that were learnt.
struct ONNXGraph {
  struct Node {
    var operation = ""
    var inputs: [String] = []
    var outputs: [String] = []
    var integers: [String: Int] = [:]
    var lists: [String: [Int]] = [:]
    var reals: [String: Float] = [:]
    var texts: [String: [String]] = [:]
    /// The value of a constant.
    var tensor: Tensor?
  }

  struct Tensor {
    var name = ""
    var shape: [Int] = []
    /// `TensorProto.DataType`: 1 float, 7 int64, 10 float16, 11 double, 16 bfloat16.
    var type = 0
    fileprivate(set) var bytes = 0..<0
    /// The numbers where the graph computes them from others.
    var computed: [Float]?
    /// Where the numbers are in another file: `location`, `offset`, `length`; nil where in this one.
    fileprivate var elsewhere: [String: String]?

    var isReal: Bool { [1, 10, 11, 16].contains(type) }
  }

  private(set) var nodes: [Node] = []
  private(set) var tensors: [Tensor] = []
  private(set) var inputs: [String] = []
  private(set) var outputs: [String] = []

  static let format = "ONNX file"
  private static let mostNodes = 20_000
  private let file: [UInt8]
  /// Reads a file beside this one by its name; nil where there is none.
  private let companion: (String) -> [UInt8]?
  private var companions: [String: [UInt8]] = [:]
  private var budget = ForeignTensor.mostElements

  /// Whether bytes begin as every exporter's do: the version of the format, then the exporter's name
  /// or what comes after it.
  static func isONNX(_ bytes: [UInt8]) -> Bool {
    bytes.count > 4 && bytes[0] == 0x08 && (1...20).contains(bytes[1])
      && [0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42].contains(bytes[2])
  }

  init(
    _ bytes: [UInt8], companion: @escaping (String) -> [UInt8]? = { _ in nil }
  ) throws(ImportError) {
    file = bytes
    self.companion = companion
    for (field, graph) in try messages(0..<bytes.count) where field == 7 {
      for (field, range) in try messages(graph) {
        switch field {
        case 1: nodes.append(try node(range))
        case 5: tensors.append(try tensor(range))
        case 11: inputs.append(try text(messages(range).first { $0.field == 1 }?.range ?? 0..<0))
        case 12: outputs.append(try text(messages(range).first { $0.field == 1 }?.range ?? 0..<0))
        default: break
        }
        guard nodes.count + tensors.count <= Self.mostNodes else {
          throw .unsupported("its graph has more than \(Self.mostNodes) nodes")
        }
      }
    }
    guard !outputs.isEmpty else { throw .damaged(format: Self.format, reason: "it has no outputs") }
  }

  // MARK: Messages

  private func fields(
    _ range: Range<Int>, _ take: (Int, ProtobufReader.Value) throws(ImportError) -> Void
  ) throws(ImportError) {
    var reader = ProtobufReader(file, in: range, format: Self.format)
    while let (field, value) = try reader.next() { try take(field, value) }
  }

  private func messages(
    _ range: Range<Int>
  ) throws(ImportError) -> [(field: Int, range: Range<Int>)] {
    var found: [(field: Int, range: Range<Int>)] = []
    try fields(range) { field, value in
      if case .bytes(let range) = value { found.append((field, range)) }
    }
    return found
  }

  private func text(_ range: Range<Int>) throws(ImportError) -> String {
    guard let text = String(validating: file[range], as: UTF8.self) else {
      throw .damaged(format: Self.format, reason: "a name in it is not UTF-8")
    }
    return text
  }

  private func node(_ range: Range<Int>) throws(ImportError) -> Node {
    var node = Node()
    for (field, range) in try messages(range) {
      switch field {
      case 1: node.inputs.append(try text(range))
      case 2: node.outputs.append(try text(range))
      case 4: node.operation += try text(range)
      case 5: try attribute(range, of: &node)
      // Operations that are not ONNX's own have no name that is known.
      case 7 where !range.isEmpty: node.operation = try text(range) + "." + node.operation
      default: break
      }
    }
    return node
  }

  private func attribute(_ range: Range<Int>, of node: inout Node) throws(ImportError) {
    var name = ""
    var values: [(Int, ProtobufReader.Value)] = []
    try fields(range) { (field, value) throws(ImportError) in
      if field == 1, case .bytes(let range) = value { name = try text(range) }
      values.append((field, value))
    }
    for case (let field, let value) in values {
      switch (field, value) {
      case (2, .number(let bits)):
        node.reals[name] = Float(bitPattern: UInt32(truncatingIfNeeded: bits))
      case (3, .number(let bits)): node.integers[name] = Int(truncatingIfNeeded: bits)
      case (4, .bytes(let range)), (9, .bytes(let range)):
        node.texts[name, default: []].append(try text(range))
      case (5, .bytes(let range)): node.tensor = try tensor(range)
      case (8, .number(let bits)):
        node.lists[name, default: []].append(Int(truncatingIfNeeded: bits))
      case (8, .bytes(let range)): node.lists[name, default: []] += try packed(range)
      default: break
      }
    }
  }

  /// A packed list of whole numbers.
  private func packed(_ range: Range<Int>) throws(ImportError) -> [Int] {
    var reader = ProtobufReader(file, in: range, format: Self.format)
    var numbers: [Int] = []
    while !reader.isAtEnd { numbers.append(Int(truncatingIfNeeded: try reader.varint())) }
    return numbers
  }

  // MARK: Tensors

  private func tensor(_ range: Range<Int>) throws(ImportError) -> Tensor {
    var tensor = Tensor()
    try fields(range) { (field, value) throws(ImportError) in
      switch (field, value) {
      case (1, .number(let size)): tensor.shape.append(Int(truncatingIfNeeded: size))
      case (1, .bytes(let range)): tensor.shape += try packed(range)
      case (2, .number(let type)): tensor.type = Int(truncatingIfNeeded: type)
      case (8, .bytes(let range)): tensor.name = try text(range)
      // float_data is what raw_data is: numbers of four bytes.
      case (4, .bytes(let range)), (9, .bytes(let range)): tensor.bytes = range
      case (13, .bytes(let range)):
        let entry = try messages(range)
        let key = try text(entry.first { $0.field == 1 }?.range ?? 0..<0)
        tensor.elsewhere = tensor.elsewhere ?? [:]
        tensor.elsewhere?[key] = try text(entry.first { $0.field == 2 }?.range ?? 0..<0)
      case (14, .number(1)): tensor.elsewhere = tensor.elsewhere ?? [:]
      default: break
      }
    }
    return tensor
  }

  /// The numbers of a tensor, which must be as many as its shape says.
  mutating func values(of tensor: Tensor) throws(ImportError) -> [Float] {
    if let computed = tensor.computed { return computed }
    let strides = [Int](repeating: 0, count: tensor.shape.count)
    let count = try StridedLayout(
      name: tensor.name, shape: tensor.shape, strides: strides, offset: 0
    ).count
    let size = [1: 4, 7: 8, 11: 8][tensor.type] ?? 2
    let stored = try stored(tensor)
    guard tensor.isReal || tensor.type == 7, stored.count == count * size else {
      throw .damaged(
        format: "tensor \(quoted(tensor.name))",
        reason: "\(stored.count) bytes do not make the shape \(tensor.shape)")
    }
    try spend(count, on: tensor.name)
    let values = stored.withUnsafeBytes { bytes in
      (0..<count).map { index in
        func bits<Bits: FixedWidthInteger>(_: Bits.Type) -> Bits {
          Bits(littleEndian: bytes.loadUnaligned(fromByteOffset: index * size, as: Bits.self))
        }
        return switch tensor.type {
        case 1: Float(bitPattern: bits(UInt32.self))
        case 7: Float(bits(Int64.self))
        case 10: halfToFloat(bits(UInt16.self))
        case 11: Float(Double(bitPattern: bits(UInt64.self)))
        default: Float(bitPattern: UInt32(bits(UInt16.self)) << 16)
        }
      }
    }
    guard values.allSatisfy(\.isFinite) else { throw .notFinite(tensor: tensor.name) }
    return values
  }

  /// Counts numbers that are read or computed, so that a small file cannot ask for endless ones.
  mutating func spend(_ count: Int, on name: String) throws(ImportError) {
    budget -= count
    guard budget >= 0 else {
      throw .tooLarge(
        what: "the tensor \(quoted(name))", bytes: count, limit: ForeignTensor.mostElements)
    }
  }

  /// The bytes of a tensor, from this file or from the one beside it that it names.
  private mutating func stored(_ tensor: Tensor) throws(ImportError) -> ArraySlice<UInt8> {
    guard let elsewhere = tensor.elsewhere else { return file[tensor.bytes] }
    guard let name = elsewhere["location"], ModelImporter.isPlainName(name) else {
      throw .damaged(
        format: "tensor \(quoted(tensor.name))",
        reason: "the file that holds its numbers is not named as one beside it")
    }
    guard let bytes = companions[name] ?? companion(name) else { throw .companionMissing(name) }
    companions[name] = bytes
    let start = elsewhere["offset"].map { Int($0) ?? -1 } ?? 0
    let count = elsewhere["length"].map { Int($0) ?? -1 } ?? bytes.count - start
    guard start >= 0, count >= 0, start <= bytes.count, count <= bytes.count - start else {
      throw .truncated(format: "file \(quoted(name))")
    }
    return bytes[start..<start + count]
  }
}
