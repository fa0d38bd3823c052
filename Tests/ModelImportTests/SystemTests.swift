import Glibc
import Neural
import Testing

@testable import ModelImport

/// The published systems in full size, from a folder that `Fixtures/make_systems.py` filled.
@Suite struct SystemTests {
  /// nil, and so no tests, unless the environment names the folder.
  static let folder = getenv("LILT_IMPORT_FOLDER").map { String(cString: $0) }

  /// Files of the folder with what their network is expected to say.
  static let files: [String] = {
    guard let folder, let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: Set<String> = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      names.insert(name)
    }
    return names.filter { name in
      !name.hasSuffix(".json") && !name.contains(".expected.")
        && names.contains(stem(name) + ".expected.safetensors")
    }.sorted()
  }()

  /// `a-b` of `a-b.weights.h5`.
  private static func stem(_ name: String) -> String { String(name.prefix { $0 != "." }) }

  private func bytes(_ name: String) throws -> [UInt8] {
    let folder = try #require(Self.folder)
    let file = try #require(fopen(folder + "/" + name, "rb"))
    defer { fclose(file) }
    fseek(file, 0, SEEK_END)
    let size = ftell(file)
    rewind(file)
    return [UInt8](unsafeUninitializedCapacity: size) { $1 = fread($0.baseAddress, 1, size, file) }
  }

  @Test(.enabled(if: folder != nil, "LILT_IMPORT_FOLDER names no folder"), arguments: files)
  func `a system of full size scores as where it was made, to 0.0001 over 200 steps`(
    file: String
  ) throws {
    // Weights alone tell no activations.
    let options = ImportOptions(
      hiddenActivation: file.contains("relu") ? .relu : .tanh,
      denseActivation: file.contains("keras") && file.contains("rnn") ? .tanh : .relu)
    let imported = try ModelImporter(options).network(bytes(file))
    let stem = Self.stem(file)
    var labels = ImportedNetwork.Labels()
    if imported.tokenCount != nil {
      labels.tokens = try VocabularyTable(bytes(stem + ".json"), isJSON: true).tokens
    }
    let checkpoint = try Checkpoint(bytes: imported.checkpoint(labels).bytes)
    let expected = try Checkpoint(bytes: bytes(stem + ".expected.safetensors"))
    let difference =
      imported.tokenCount == nil
      ? try Fixture.numbersDifference(checkpoint, expected)
      : try Fixture.scoresDifference(checkpoint, expected)
    print("\(file): \(imported.parameterCount) parameters, largest difference \(difference)")
    #expect(difference < 1e-4)
  }
}
