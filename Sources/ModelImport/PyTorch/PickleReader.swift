/// Reads Python's pickle format (protocols 0 to 5, as far as PyTorch writes them).
///
/// A pickle is a program for a small machine. This machine knows how to build lists, dictionaries
/// and texts; names of Python objects are compared with a closed list and never looked up, and what
/// a pickle asks to call is written down as a note. Another name is taken only as that of the class
/// of an object without arguments, as modules of PyTorch are kept: its attributes are read as data.
/// Each opcode costs a bounded amount of time and memory.
struct PickleReader {
  private var reader: ByteReader
  private var stack: [PickleValue] = []
  private var marks: [Int] = []
  private var memo: [Int: PickleValue] = [:]
  private var nodes: [PickleNode] = []
  private let start: Int

  private static let format = "pickle"
  /// The most opcodes that one pickle may have, and so the most objects.
  private static let mostSteps = 4 << 20

  static let dictionaries: Set<String> = [
    "collections.OrderedDict", "collections.defaultdict", "collections.Counter", "builtins.dict",
    "argparse.Namespace", "types.SimpleNamespace",
  ]

  /// Everything a pickle may name.
  static let names: Set<String> = dictionaries.union([
    "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor",
    "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state",
    "torch.FloatStorage", "torch.HalfStorage", "torch.BFloat16Storage", "torch.DoubleStorage",
    "torch.LongStorage", "torch.IntStorage", "torch.ShortStorage", "torch.CharStorage",
    "torch.ByteStorage", "torch.BoolStorage", "torch.Size", "torch.device", "torch.Tensor",
    "torch.nn.parameter.Parameter", "torch.nn.parameter.Buffer",
    "torch.float32", "torch.float16", "torch.bfloat16", "torch.float64", "torch.int64",
    "torch.int32", "torch.int16", "torch.int8", "torch.uint8", "torch.bool", "torch.strided",
    "torch.serialization._get_layout", "torch.torch_version.TorchVersion",
    "builtins.set", "builtins.frozenset", "builtins.list", "builtins.tuple", "builtins.bytearray",
    "builtins.complex", "builtins.slice", "builtins.object", "copyreg._reconstructor",
    "_codecs.encode", "pathlib.PosixPath", "pathlib.PurePosixPath", "datetime.datetime",
    "numpy.dtype", "numpy.ndarray",
    "numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar",
    "numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct",
  ])

  /// Reads the pickle that starts at a byte and ends where it says so.
  static func pickle(in bytes: [UInt8], from start: Int = 0) throws(ImportError) -> Pickle {
    var reader = PickleReader(bytes, from: start)
    var steps = 0
    while try reader.step() {
      steps += 1
      guard steps < mostSteps else { throw reader.damaged("it holds too many objects") }
    }
    let root = try reader.pop()
    return Pickle(root: root, nodes: reader.nodes, length: reader.reader.position - start)
  }

  private init(_ bytes: [UInt8], from start: Int) {
    reader = ByteReader(
      bytes, in: min(start, bytes.count)..<bytes.count, format: Self.format)
    self.start = start
  }

  private func damaged(_ reason: String) -> ImportError {
    .damaged(format: Self.format, reason: reason)
  }

  // MARK: The stack

  private mutating func push(_ value: PickleValue) {
    stack.append(value)
  }

  private mutating func push(_ node: PickleNode) {
    nodes.append(node)
    push(.node(nodes.count - 1))
  }

  private mutating func pop() throws(ImportError) -> PickleValue {
    guard stack.count > (marks.last ?? 0), let value = stack.popLast() else {
      throw damaged("it takes more objects than it makes")
    }
    return value
  }

  private func top() throws(ImportError) -> PickleValue {
    guard stack.count > (marks.last ?? 0), let value = stack.last else {
      throw damaged("it takes more objects than it makes")
    }
    return value
  }

  private mutating func popToMark() throws(ImportError) -> [PickleValue] {
    guard let mark = marks.popLast() else { throw damaged("it closes what it has not opened") }
    let values = Array(stack[mark...])
    stack.removeSubrange(mark...)
    return values
  }

  private mutating func tuple(_ count: Int) throws(ImportError) {
    var values: [PickleValue] = []
    for _ in 0..<count { values.append(try pop()) }
    push(PickleNode.tuple(values.reversed()))
  }

  // MARK: Opcodes

  /// Carries out one opcode; false at the end.
  private mutating func step() throws(ImportError) -> Bool {
    let opcode = try reader.byte()
    switch opcode {
    case UInt8(ascii: "."): return false
    case 0x80: _ = try reader.byte()
    case 0x95: try reader.skip(8)
    case UInt8(ascii: "("): marks.append(stack.count)
    case UInt8(ascii: "0"):
      if let mark = marks.last, mark == stack.count { marks.removeLast() } else { _ = try pop() }
    case UInt8(ascii: "1"): _ = try popToMark()
    case UInt8(ascii: "2"): push(try top())
    case UInt8(ascii: "N"): push(.none)
    case 0x88: push(.boolean(true))
    case 0x89: push(.boolean(false))
    case UInt8(ascii: "J"):
      push(.integer(Int(Int32(truncatingIfNeeded: try reader.number(4)))))
    case UInt8(ascii: "K"): push(.integer(try reader.number(1)))
    case UInt8(ascii: "M"): push(.integer(try reader.number(2)))
    case 0x8a: try long(try reader.number(1))
    case 0x8b: try long(try reader.number(4))
    case UInt8(ascii: "G"):
      var bits: UInt64 = 0
      for byte in try reader.slice(8) { bits = bits << 8 | UInt64(byte) }
      push(.real(Double(bitPattern: bits)))
    case UInt8(ascii: "X"): push(.text(try reader.text(try reader.number(4))))
    case 0x8c: push(.text(try reader.text(try reader.number(1))))
    case 0x8d: push(.text(try reader.text(try reader.number(8))))
    case UInt8(ascii: "T"), UInt8(ascii: "B"):
      push(.bytes(try reader.slice(try reader.number(4))))
    case UInt8(ascii: "U"), UInt8(ascii: "C"):
      push(.bytes(try reader.slice(try reader.number(1))))
    case 0x8e, 0x96: push(.bytes(try reader.slice(try reader.number(8))))
    case UInt8(ascii: ")"): push(PickleNode.tuple([]))
    case UInt8(ascii: "]"): push(PickleNode.list([]))
    case UInt8(ascii: "}"): push(PickleNode.dictionary([]))
    case 0x8f:
      push(PickleNode.call(name: "builtins.set", arguments: [], items: []))
    case UInt8(ascii: "t"): push(PickleNode.tuple(try popToMark()))
    case UInt8(ascii: "l"): push(PickleNode.list(try popToMark()))
    case UInt8(ascii: "d"): push(PickleNode.dictionary(try pairs(try popToMark())))
    case 0x91:
      push(
        PickleNode.call(name: "builtins.frozenset", arguments: try popToMark(), items: []))
    case 0x85: try tuple(1)
    case 0x86: try tuple(2)
    case 0x87: try tuple(3)
    case UInt8(ascii: "a"):
      let value = try pop()
      try add([value])
    case UInt8(ascii: "e"), 0x90: try add(try popToMark())
    case UInt8(ascii: "s"):
      let value = try pop()
      let key = try pop()
      try set([(key, value)])
    case UInt8(ascii: "u"): try set(try pairs(try popToMark()))
    case UInt8(ascii: "h"): try recall(try reader.number(1))
    case UInt8(ascii: "j"): try recall(try reader.number(4))
    case UInt8(ascii: "q"): memo[try reader.number(1)] = try top()
    case UInt8(ascii: "r"): memo[try reader.number(4)] = try top()
    case 0x94: memo[memo.count] = try top()
    case UInt8(ascii: "c"):
      let module = try line()
      try name(module + "." + (try line()))
    case 0x93:
      guard case .text(let last) = try pop(), case .text(let module) = try pop() else {
        throw damaged("it names an object by something that is no text")
      }
      try name(module + "." + last)
    case UInt8(ascii: "R"): try call(isObject: false)
    case 0x81: try call(isObject: true)
    case UInt8(ascii: "b"): try build()
    case UInt8(ascii: "Q"): push(PickleNode.outside(try pop()))
    default:
      throw damaged("the opcode \(opcode) at byte \(reader.position - 1 - start) is not understood")
    }
    return true
  }

  private mutating func long(_ size: Int) throws(ImportError) {
    let bytes = try reader.slice(size)
    guard size <= 8 else {
      push(.largeInteger)
      return
    }
    var value: Int64 = bytes.last.map { $0 >= 0x80 ? -1 : 0 } ?? 0
    for byte in bytes.reversed() { value = value << 8 | Int64(byte) }
    push(.integer(Int(value)))
  }

  /// Text up to the end of its line.
  private mutating func line() throws(ImportError) -> String {
    var bytes: [UInt8] = []
    while true {
      let byte = try reader.byte()
      if byte == 0x0a { return String(decoding: bytes, as: UTF8.self) }
      guard bytes.count < 256 else { throw damaged("a name in it is too long") }
      bytes.append(byte)
    }
  }

  private mutating func name(_ name: String) throws(ImportError) {
    let modern =
      name.hasPrefix("__builtin__.") ? "builtins." + name.dropFirst("__builtin__.".count) : name
    guard Self.names.contains(modern) || makesObject() || isClassOfModule else {
      let quantised = ["torch.per_", "torch.q", "torch.ao.nn.quant", "torch.nn.quantized"]
      if quantised.contains(where: modern.hasPrefix) || modern.contains("_rebuild_qtensor")
        || modern == "torch.ScriptObject"
      {
        throw .unsupported(
          "its weights are quantised (\(quoted(name))); save the network that they were made from")
      }
      throw .notAllowed(name: name)
    }
    push(.name(modern))
  }

  /// Whether an object of the class just named is made next, and given nothing: an empty tuple and
  /// `NEWOBJ`, with the name perhaps kept in between.
  private func makesObject() -> Bool {
    var next = reader
    guard var opcode = try? next.byte() else { return false }
    if let skipped = [UInt8(ascii: "q"): 1, UInt8(ascii: "r"): 4, 0x94: 0][opcode] {
      guard (try? next.skip(skipped)) != nil, let after = try? next.byte() else { return false }
      opcode = after
    }
    return opcode == UInt8(ascii: ")") && (try? next.byte()) == 0x81
  }

  /// Whether the class just named is told of a module: before 1.6 PyTorch kept it outside the pickle, as
  /// `('module', class, source file, source)`.
  private var isClassOfModule: Bool {
    marks.last == stack.count - 1 && stack.last == .text(PickleNode.outsideClass)
  }

  private mutating func recall(_ place: Int) throws(ImportError) {
    guard let value = memo[place] else { throw damaged("it recalls what it has not kept") }
    push(value)
  }

  private func pairs(
    _ values: [PickleValue]
  ) throws(ImportError) -> [(key: PickleValue, value: PickleValue)] {
    guard values.count % 2 == 0 else { throw damaged("a key in it has no value") }
    return stride(from: 0, to: values.count, by: 2).map { (values[$0], values[$0 + 1]) }
  }

  /// Adds to the list or set on top.
  private mutating func add(_ values: [PickleValue]) throws(ImportError) {
    guard case .node(let place) = try top() else { throw damaged("it adds to what is no list") }
    switch nodes[place] {
    case .list(var list):
      // Taken out and put back: otherwise every addition would copy the list.
      nodes[place] = .tuple([])
      list += values
      nodes[place] = .list(list)
    case .call(let name, var arguments, let items):
      nodes[place] = .tuple([])
      arguments += values
      nodes[place] = .call(name: name, arguments: arguments, items: items)
    default: throw damaged("it adds to what is no list")
    }
  }

  /// Sets entries of the dictionary on top.
  private mutating func set(
    _ pairs: [(key: PickleValue, value: PickleValue)]
  ) throws(ImportError) {
    guard case .node(let place) = try top() else { throw damaged("it fills what is no dictionary") }
    switch nodes[place] {
    case .dictionary(var entries):
      nodes[place] = .tuple([])
      entries += pairs
      nodes[place] = .dictionary(entries)
    case .call(let name, let arguments, var items):
      nodes[place] = .tuple([])
      items += pairs
      nodes[place] = .call(name: name, arguments: arguments, items: items)
    default: throw damaged("it fills what is no dictionary")
    }
  }

  private mutating func call(isObject: Bool) throws(ImportError) {
    guard case .node(let place) = try pop(), case .tuple(let arguments) = nodes[place],
      let name = className(try pop())
    else { throw damaged("it calls what is no name") }
    guard Self.names.contains(name) || isObject && arguments.isEmpty else {
      throw .notAllowed(name: name)
    }
    push(PickleNode.call(name: name, arguments: arguments, items: []))
  }

  /// The name that a value is, or that of the class of a module kept outside.
  private func className(_ value: PickleValue) -> String? {
    if case .name(let name) = value { return name }
    guard case .node(let place) = value, case .outside(.node(let inner)) = nodes[place],
      case .tuple(let facts) = nodes[inner], facts.count == 4,
      facts[0] == .text(PickleNode.outsideClass), case .name(let name) = facts[1]
    else { return nil }
    return name
  }

  /// `BUILD` sets an object's attributes: kept for those that serve as dictionaries, and for objects
  /// of classes that are not listed.
  private mutating func build() throws(ImportError) {
    let state = try pop()
    guard case .node(let place) = try top(),
      case .call(let name, let arguments, let items) = nodes[place]
    else { throw damaged("it gives a state to what has none") }
    guard case .node(let from) = state, case .dictionary(let entries) = nodes[from],
      Self.dictionaries.contains(name) && name.hasSuffix("Namespace") || !Self.names.contains(name)
    else { return }
    nodes[place] = .call(name: name, arguments: arguments, items: items + entries)
  }
}
