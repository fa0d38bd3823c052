import Neural

/// A file that `torch.save` wrote: a zip archive since PyTorch 1.6, before that pickles in a row.
struct PyTorchFile {
  private let pickle: Pickle
  private let storages: Storages
  private static let format = "PyTorch file"

  /// Where the numbers lie.
  private enum Storages {
    case archive(ZipArchive, folder: String)
    /// Ranges of the file by key.
    case legacy([UInt8], [String: Range<Int>])
  }

  /// The pickle of the number with which legacy files begin.
  private static let legacyMagic: [UInt8] = [
    0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e,
  ]

  static func isLegacy(_ bytes: [UInt8]) -> Bool { bytes.starts(with: legacyMagic) }

  /// Reads the archive of a modern file.
  init(_ archive: ZipArchive) throws(ImportError) {
    let isProgram = archive.entries.contains {
      $0.name.hasSuffix("models/model.json")
        || $0.name.hasSuffix("serialized_exported_program.json")
    }
    guard !isProgram else {
      throw .unsupported(
        "it is an exported program (torch.export), not a state dict; save model.state_dict() instead"
      )
    }
    guard let entry = archive.entries.first(where: { $0.name.hasSuffix("/data.pkl") }) else {
      throw .unsupported("the zip archive holds no data.pkl, as PyTorch would have written it")
    }
    let folder = String(entry.name.dropLast("data.pkl".count))
    guard !archive.entries.contains(where: { $0.name.hasPrefix(folder + "code/") }) else {
      throw .unsupported(
        "it is a TorchScript program, not a state dict; save model.state_dict() instead")
    }
    if let order = archive[folder + "byteorder"] {
      guard try archive.contents(of: order).elementsEqual("little".utf8) else {
        throw .unsupported("its numbers are not little-endian")
      }
    }
    pickle = try PickleReader.pickle(in: try archive.contents(of: entry))
    storages = .archive(archive, folder: folder)
  }

  /// Reads a file from before PyTorch 1.6.
  init(legacy bytes: [UInt8]) throws(ImportError) {
    // Magic number, version and facts on the machine come before the pickle that counts.
    var place = 0
    for _ in 0..<3 { place += try PickleReader.pickle(in: bytes, from: place).length }
    let pickle = try PickleReader.pickle(in: bytes, from: place)
    place += pickle.length
    let keys = try PickleReader.pickle(in: bytes, from: place)
    place += keys.length
    var sizes: [String: Int] = [:]
    for case .outside(let value) in pickle.nodes
    where pickle.members(value)?.first != .text(PickleNode.outsideClass) {
      let storage = try Storage(value, in: pickle)
      sizes[storage.key] = storage.type.bytesPerElement
    }
    var ranges: [String: Range<Int>] = [:]
    var reader = ByteReader(bytes, format: Self.format)
    try reader.seek(to: place)
    for key in keys.members(keys.root) ?? [] {
      guard case .text(let key) = key, let size = sizes[key] else {
        throw .damaged(format: Self.format, reason: "its list of storages does not fit its tensors")
      }
      let (length, overflow) = (try reader.number(8)).multipliedReportingOverflow(by: size)
      guard !overflow else { throw .truncated(format: Self.format) }
      ranges[key] = try reader.range(length)
    }
    self.pickle = pickle
    storages = .legacy(bytes, ranges)
  }

  // MARK: Storages and tensors

  private enum ElementType {
    case float32, float16, bfloat16, float64
    case other(bytes: Int)

    init?(storage name: String) {
      switch name {
      case "torch.FloatStorage": self = .float32
      case "torch.HalfStorage": self = .float16
      case "torch.BFloat16Storage": self = .bfloat16
      case "torch.DoubleStorage": self = .float64
      case "torch.LongStorage": self = .other(bytes: 8)
      case "torch.IntStorage": self = .other(bytes: 4)
      case "torch.ShortStorage": self = .other(bytes: 2)
      case "torch.CharStorage", "torch.ByteStorage", "torch.BoolStorage": self = .other(bytes: 1)
      default: return nil
      }
    }

    var bytesPerElement: Int {
      switch self {
      case .float32: 4
      case .float16, .bfloat16: 2
      case .float64: 8
      case .other(let bytes): bytes
      }
    }
  }

  /// `('storage', type, key, place, number of elements)`
  private struct Storage {
    var type: ElementType
    var key: String
    var count: Int

    init(_ value: PickleValue, in pickle: Pickle) throws(ImportError) {
      guard let facts = pickle.members(value), facts.count >= 5, case .text("storage") = facts[0],
        case .name(let typeName) = facts[1], let type = ElementType(storage: typeName),
        case .text(let key) = facts[2], case .integer(let count) = facts[4], count >= 0
      else {
        throw .damaged(
          format: PyTorchFile.format, reason: "a storage in it is not described as one")
      }
      self.type = type
      self.key = key
      self.count = count
    }
  }

  /// A tensor of the pickle, not read yet.
  private struct TensorNote {
    var storage: PickleValue
    var offset: Int
    var shape: [Int]
    var strides: [Int]
  }

  private func tensor(_ value: PickleValue) -> TensorNote? {
    var value = value
    // A parameter is a tensor in a wrapper; more than one wrapper is nobody's.
    for _ in 0..<2 {
      guard case .call(let name, let arguments, _) = pickle.node(value) else { return nil }
      if name.hasPrefix("torch._utils._rebuild_parameter"), let inner = arguments.first {
        value = inner
        continue
      }
      guard name.hasPrefix("torch._utils._rebuild_tensor"), arguments.count >= 4,
        case .integer(let offset) = arguments[1], let shape = pickle.integers(arguments[2]),
        let strides = pickle.integers(arguments[3])
      else { return nil }
      return TensorNote(storage: arguments[0], offset: offset, shape: shape, strides: strides)
    }
    return nil
  }

  /// Reads the numbers of a tensor; nil for one of whole numbers.
  private func read(
    _ note: TensorNote, name: String, budget: inout Int,
    storageBytes: inout [String: ArraySlice<UInt8>]
  ) throws(ImportError) -> ForeignTensor? {
    guard case .outside(let description) = pickle.node(note.storage) else {
      throw .damaged(format: Self.format, reason: "the tensor \(quoted(name)) has no storage")
    }
    let storage = try Storage(description, in: pickle)
    if case .other = storage.type { return nil }
    let layout = try StridedLayout(
      name: name, shape: note.shape, strides: note.strides, offset: note.offset)
    budget -= layout.count
    guard budget >= 0 else {
      throw .tooLarge(
        what: "the tensor \(quoted(name))", bytes: layout.count, limit: ForeignTensor.mostElements)
    }
    let size = storage.type.bytesPerElement
    let bytes: ArraySlice<UInt8>
    switch storages {
    case .archive where storageBytes[storage.key] != nil:
      bytes = storageBytes[storage.key] ?? []
    case .archive(let archive, let folder):
      guard let entry = archive[folder + "data/" + storage.key] else {
        throw .damaged(format: Self.format, reason: "the numbers of \(quoted(name)) are missing")
      }
      bytes = try archive.contents(of: entry)[...]
      // Many tensors may be views of one storage, such as all weights of a layer.
      storageBytes[storage.key] = bytes
    case .legacy(let file, let ranges):
      guard let range = ranges[storage.key] else {
        throw .damaged(format: Self.format, reason: "the numbers of \(quoted(name)) are missing")
      }
      bytes = file[range]
    }
    guard layout.reach <= bytes.count / size else {
      throw .damaged(
        format: Self.format,
        reason: "the tensor \(quoted(name)) of the shape \(note.shape) is larger than its storage")
    }
    let values = layout.values(of: bytes, size: size) { bytes, place in
      switch storage.type {
      case .float32:
        Float(
          bitPattern: UInt32(
            littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self)))
      case .float16: halfToFloat(bytes.loadUnaligned(fromByteOffset: place, as: UInt16.self))
      case .bfloat16:
        Float(bitPattern: UInt32(bytes.loadUnaligned(fromByteOffset: place, as: UInt16.self)) << 16)
      default:
        Float(Double(bitPattern: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)))
      }
    }
    guard values.allSatisfy(\.isFinite) else { throw .notFinite(tensor: name) }
    let format: Checkpoint.Format =
      switch storage.type {
      case .float16: .float16
      case .bfloat16: .bfloat16
      default: .float32
      }
    return ForeignTensor(name: name, shape: note.shape, values: values, format: format)
  }

  // MARK: What is in the file

  /// A dictionary of named tensors, or a module that has such.
  private struct Found {
    /// The keys under which it lies, such as `.model`.
    var path: String
    var tensors: [(String, TensorNote)]
    var module: PyTorchModule?
  }

  /// The tensors of the state dict, in its order, and what the module that has it says of
  /// activations, where one was pickled whole.
  ///
  /// A checkpoint often wraps it, as in `{"epoch": 3, "model_state_dict": {…}, "optimizer": {…}}`.
  func stateDict() throws(ImportError) -> (tensors: [ForeignTensor], listed: ListedActivations?) {
    var found: [Found] = []
    var visits = 0
    collect(pickle.root, path: "", depth: 0, visits: &visits, into: &found)
    let best = found.max { rank($0) < rank($1) }
    guard let best, !best.tensors.isEmpty else {
      throw .unsupported("the file holds no state dict: no dictionary of named tensors")
    }
    var budget = ForeignTensor.mostElements
    var storageBytes: [String: ArraySlice<UInt8>] = [:]
    var tensors: [ForeignTensor] = []
    for (name, note) in best.tensors {
      let tensor = try read(note, name: name, budget: &budget, storageBytes: &storageBytes)
      if let tensor { tensors.append(tensor) }
    }
    var listed: ListedActivations?
    if let module = best.module { listed = try module.activations() }
    return (tensors, listed)
  }

  /// Prefers what is called a model, and what has recurrent weights, over an optimizer's state.
  private func rank(_ found: Found) -> Int {
    let recurrent = found.tensors.contains {
      $0.0.contains("weight_hh") || $0.0.contains("recurrent_kernel")
    }
    let path = found.path.lowercased()
    let isModel = ["state_dict", "model", "net", "weights"].contains { path.contains($0) }
    let isAside = ["optim", "sched", "scaler", "ema"].contains { path.contains($0) }
    return (recurrent ? 8 : 0) + (isAside ? 0 : 4) + (isModel ? 2 : 0)
  }

  private func collect(
    _ value: PickleValue, path: String, depth: Int, visits: inout Int, into found: inout [Found]
  ) {
    visits += 1
    if let module = PyTorchModule(value, in: pickle) {
      let tensors = module.stateDict.compactMap { entry in
        tensor(entry.value).map { (entry.name, $0) }
      }
      if !tensors.isEmpty { found.append(Found(path: path, tensors: tensors, module: module)) }
      return
    }
    guard depth <= 4, visits <= 4096, let entries = pickle.entries(value) else { return }
    var tensors: [(String, TensorNote)] = []
    for (key, value) in entries {
      guard case .text(let name) = key else { continue }
      if let note = tensor(value) {
        tensors.append((name, note))
      } else {
        collect(value, path: path + "." + name, depth: depth + 1, visits: &visits, into: &found)
      }
    }
    if !tensors.isEmpty { found.append(Found(path: path, tensors: tensors)) }
  }

  /// A list of characters that the file itself gives, such as its `char2idx`.
  func vocabulary(count: Int) -> [String]? {
    var visits = 0
    return vocabulary(pickle.root, count: count, depth: 0, visits: &visits)
  }

  private func vocabulary(
    _ value: PickleValue, count: Int, depth: Int, visits: inout Int
  ) -> [String]? {
    visits += 1
    guard depth <= 4, visits <= 4096 else { return nil }
    if let members = pickle.members(value) {
      let texts = members.compactMap { if case .text(let text) = $0 { text } else { nil } }
      return texts.count == count && members.count == count ? texts : nil
    }
    if case .text(let text) = value, text.unicodeScalars.count == count, count > 1 {
      return text.unicodeScalars.map { String($0) }
    }
    guard let entries = pickle.entries(value) ?? pickle.object(value)?.attributes else {
      return nil
    }
    if let tokens = VocabularyTable.tokens(
      entries.map { (VocabularyTable.Side($0.key), VocabularyTable.Side($0.value)) }, count: count)
    {
      return tokens
    }
    for entry in entries {
      if let found = vocabulary(entry.value, count: count, depth: depth + 1, visits: &visits) {
        return found
      }
    }
    return nil
  }
}

extension VocabularyTable.Side {
  fileprivate init(_ value: PickleValue) {
    switch value {
    case .text(let text): self = .text(text)
    case .integer(let integer): self = .number(integer)
    default: self = .other
    }
  }
}
