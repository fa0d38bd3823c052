import Neural

/// Reads the checkpoints of other programs.
///
/// The format is told by the first bytes, never by the name of the file.
public struct ModelImporter {
  /// The largest file that is read, in bytes.
  public static let largestFile = 1 << 30

  private let options: ImportOptions
  /// Reads a file beside the one that is imported, by its name; nil where there is none.
  private let companion: (String) -> [UInt8]?

  public init(
    _ options: ImportOptions = ImportOptions(),
    companion: @escaping (String) -> [UInt8]? = { _ in nil }
  ) {
    self.options = options
    self.companion = companion
  }

  /// Whether a name that a file gives is that of a file beside it or in a folder beside it.
  static func isPlainName(_ name: String) -> Bool {
    !name.isEmpty && !name.hasPrefix("/") && !name.contains("\0")
      && !name.split(separator: "/").contains("..")
  }

  /// The network in a file.
  ///
  /// - Parameter name: The file's name, with which the names of those beside it begin.
  public func network(
    _ bytes: [UInt8], name: String = ""
  ) throws(ImportError) -> ImportedNetwork {
    guard bytes.count <= Self.largestFile else {
      throw .tooLarge(what: "the file", bytes: bytes.count, limit: Self.largestFile)
    }
    var network = try read(bytes, name: name)
    if let order = options.gateOrder {
      guard network.remarks.contains(where: { $0.contains(Self.orderRemark) }) else {
        throw .unsupported(
          "its names say in which order its gates are, and another order was given for it")
      }
      network.sortGates(from: order)
      network.remarks.removeAll { $0.contains(Self.orderRemark) }
    }
    return network
  }

  /// Part of the sentence of a layer whose order of gates was assumed.
  private static let orderRemark = " are in the order input, forget, new, output"

  private func read(_ bytes: [UInt8], name: String) throws(ImportError) -> ImportedNetwork {
    if ZipArchive.isArchive(bytes) { return try archive(ZipArchive(bytes)) }
    if PyTorchFile.isLegacy(bytes) { return try pyTorch(PyTorchFile(legacy: bytes)) }
    if HDF5File.isHDF5(bytes) { return try keras(HDF5File(bytes), configuration: nil) }
    if Self.looksLikeSafetensors(bytes) { return try safetensors(bytes) }
    if TableFile.isTable(bytes) { return try tensorFlow(bytes, name: name) }
    if MATLABFile.isOne(bytes) { return try arrays(MATLABFile(bytes).tensors) }
    if MATLABFile.isNewer(bytes) {
      throw .unsupported("it is a MATLAB file of version 7.3; save it with -v7")
    }
    if Self.isSavedModel(bytes) {
      let variables = "variables/variables.index"
      guard let index = companion(variables) else { throw .companionMissing(variables) }
      return try tensorFlow(
        index, name: variables, metadata: companion("keras_metadata.pb"))
    }
    if ONNXGraph.isONNX(bytes) {
      return try ONNXNetwork.network(ONNXGraph(bytes, companion: companion))
    }
    if Self.isTensorFlowLite(bytes) {
      throw .unsupported("it is a TensorFlow Lite file; save the Keras model itself")
    }
    guard let file = ForeignFile(bytes) else { throw .unknownFile }
    switch file {
    case .pointer, .webPage, .compressed, .archive, .empty: throw .foreign(file)
    case .pickle:
      throw .unsupported(
        "it is a pickle that PyTorch did not write (Theano and Lasagne keep arrays so); save the "
          + "arrays by their names with numpy.savez, or as a safetensors file")
    case .hdf5, .zip: throw .unknownFile
    }
  }

  private func archive(_ archive: ZipArchive) throws(ImportError) -> ImportedNetwork {
    if NumPyArchive.isOne(archive) { return try arrays(NumPyArchive.tensors(archive)) }
    guard let entry = archive["config.json"] else { return try pyTorch(PyTorchFile(archive)) }
    guard let weights = archive["model.weights.h5"] else {
      throw .unsupported("the Keras file holds no model.weights.h5")
    }
    var version = "3"
    if let metadata = archive["metadata.json"] {
      let facts = try Literal(archive.contents(of: metadata), format: "description of the file")
      version = facts["keras_version"]?.text ?? version
    }
    let description = try archive.contents(of: entry)
    let file = try HDF5File(archive.contents(of: weights))
    guard try KerasConfiguration.listsLayers(description) else {
      return try keras(file, configuration: nil)
    }
    return try keras(
      file,
      configuration: KerasConfiguration(
        description, majorVersion: Self.majorVersion(version) ?? 3))
  }

  private func pyTorch(_ file: PyTorchFile) throws(ImportError) -> ImportedNetwork {
    let (tensors, listed) = try file.stateDict()
    var network = try NamedTensors.network(tensors, options: options, listed: listed)
    if let count = network.tokenCount { network.vocabulary = file.vocabulary(count: count) }
    return network
  }

  private func arrays(_ tensors: [ForeignTensor]) throws(ImportError) -> ImportedNetwork {
    guard !tensors.isEmpty else { throw .unsupported("it holds no matrix of real numbers") }
    return try NamedTensors.network(FormulaNames.named(tensors), options: options)
  }

  private func tensorFlow(
    _ index: [UInt8], name: String, metadata: [UInt8]? = nil
  ) throws(ImportError) -> ImportedNetwork {
    // The variables of a SavedModel lie in a folder inside that of the model.
    let isInside = name == "variables.index"
    return try TensorFlowNetwork.network(
      TensorBundle(index, name: name, companion: companion),
      metadata: metadata ?? (isInside ? companion("../keras_metadata.pb") : nil),
      options: options)
  }

  func keras(
    _ file: HDF5File, configuration: KerasConfiguration?
  ) throws(ImportError) -> ImportedNetwork {
    let weights = try KerasWeights(file)
    if let configuration { return try KerasModel.network(configuration, weights) }
    if let description = file.texts("model_config", of: "")?.first {
      let version = file.texts("keras_version", of: "")?.first
      return try KerasModel.network(
        KerasConfiguration(
          Array(description.utf8), majorVersion: Self.majorVersion(version) ?? 2), weights)
    }
    return try KerasWeights.network(
      of: weights.groups(),
      version: (file.texts("keras_version", of: "")
        ?? file.texts("keras_version", of: "/model_weights"))?
        .first, options: options)
  }

  private func safetensors(_ bytes: [UInt8]) throws(ImportError) -> ImportedNetwork {
    var tensors: [ForeignTensor] = []
    var list: String?
    do {
      let checkpoint = try Checkpoint(bytes: bytes)
      list = checkpoint.metadata["vocabulary"]
      for tensor in checkpoint.tensors {
        tensors.append(
          ForeignTensor(
            name: tensor.name, shape: tensor.shape, values: try tensor.floats(),
            format: tensor.format))
      }
    } catch {
      throw .checkpoint(error)
    }
    var network = try NamedTensors.network(tensors, options: options)
    // Lilt's own files say which characters they know; others may, too.
    network.vocabulary = list.flatMap {
      try? VocabularyTable(Array($0.utf8), isJSON: true).tokens
    }
    return network
  }

  private static func isTensorFlowLite(_ bytes: [UInt8]) -> Bool {
    bytes.count > 8 && bytes[4..<8].elementsEqual("TFL3".utf8)
  }

  /// Whether bytes begin as `saved_model.pb` does: the schema's version 1, then a graph. ONNX files
  /// of such an old version name their exporter in few bytes there.
  private static func isSavedModel(_ bytes: [UInt8]) -> Bool {
    bytes.count > 4 && bytes[0] == 0x08 && bytes[1] == 1 && bytes[2] == 0x12 && bytes[3] >= 0x80
  }

  private static func looksLikeSafetensors(_ bytes: [UInt8]) -> Bool {
    bytes.count > 8 && bytes[8] == UInt8(ascii: "{")
  }

  private static func majorVersion(_ version: String?) -> Int? {
    version?.split(separator: ".").first.flatMap { Int($0) }
  }
}
