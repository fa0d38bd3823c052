import Neural

/// Reads the checkpoints of other programs.
///
/// The format is told by the first bytes, never by the name of the file.
public struct ModelImporter {
  /// The largest file that is read, in bytes.
  public static let largestFile = 1 << 30

  private let options: ImportOptions

  public init(_ options: ImportOptions = ImportOptions()) {
    self.options = options
  }

  /// The network in a file.
  public func network(_ bytes: [UInt8]) throws(ImportError) -> ImportedNetwork {
    guard bytes.count <= Self.largestFile else {
      throw .tooLarge(what: "the file", bytes: bytes.count, limit: Self.largestFile)
    }
    if ZipArchive.isArchive(bytes) { return try archive(ZipArchive(bytes)) }
    if PyTorchFile.isLegacy(bytes) { return try pyTorch(PyTorchFile(legacy: bytes)) }
    if HDF5File.isHDF5(bytes) { return try keras(HDF5File(bytes), configuration: nil) }
    if Self.looksLikeSafetensors(bytes) { return try safetensors(bytes) }
    if ONNXGraph.isONNX(bytes) { return try ONNXNetwork.network(ONNXGraph(bytes)) }
    if let advice = Self.advice(bytes) { throw .unsupported(advice) }
    guard let file = ForeignFile(bytes) else { throw .unknownFile }
    switch file {
    case .pointer, .webPage, .compressed, .empty: throw .foreign(file)
    case .pickle:
      throw .unsupported(
        "it is a pickle that PyTorch did not write (Theano and Lasagne keep arrays so); save the "
          + "arrays by their names as a safetensors file")
    case .hdf5, .zip: throw .unknownFile
    }
  }

  private func archive(_ archive: ZipArchive) throws(ImportError) -> ImportedNetwork {
    guard let entry = archive["config.json"] else { return try pyTorch(PyTorchFile(archive)) }
    guard let weights = archive["model.weights.h5"] else {
      throw .unsupported("the Keras file holds no model.weights.h5")
    }
    var version = 3
    if let metadata = archive["metadata.json"] {
      let facts = try Literal(archive.contents(of: metadata), format: "description of the file")
      version = Self.majorVersion(facts["keras_version"]?.text) ?? version
    }
    let description = try archive.contents(of: entry)
    let file = try HDF5File(archive.contents(of: weights))
    guard try KerasConfiguration.listsLayers(description) else {
      return try keras(file, configuration: nil)
    }
    return try keras(
      file, configuration: KerasConfiguration(description, majorVersion: version))
  }

  private func pyTorch(_ file: PyTorchFile) throws(ImportError) -> ImportedNetwork {
    var network = try NamedTensors.network(try file.stateDict(), options: options)
    if let count = network.tokenCount { network.vocabulary = file.vocabulary(count: count) }
    return network
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
    var network = try LayerChain.network(
      of: weights.groups(), assumptions: options.assumptions(normEpsilon: 1e-3))
    network.remarks.append(
      "the file holds weights alone: Keras's default activations are assumed")
    return network
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

  /// What to do about formats that are recognised but not read.
  private static func advice(_ bytes: [UInt8]) -> String? {
    let index: [UInt8] = [0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb]
    if bytes.count > 48, bytes.suffix(8).elementsEqual(index) {
      return "it is the index of a TensorFlow checkpoint; load that into the model and save it "
        + "with model.save(\"model.keras\")"
    }
    if bytes.count > 8, bytes[4..<8].elementsEqual("TFL3".utf8) {
      return "it is a TensorFlow Lite file; save the Keras model itself"
    }
    return nil
  }

  private static func looksLikeSafetensors(_ bytes: [UInt8]) -> Bool {
    bytes.count > 8 && bytes[8] == UInt8(ascii: "{")
  }

  private static func majorVersion(_ version: String?) -> Int? {
    version?.split(separator: ".").first.flatMap { Int($0) }
  }
}
