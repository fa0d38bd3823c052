import Analysis
import Compose
import Neural

/// Finds checkpoints by path or by name.
///
/// A name is looked for as `NAME.safetensors` in the folders called `Models`: the user's own, beside
/// the program or above it where it was built, and those of the system.
struct CheckpointLocator {
  var paths: Paths

  /// What is used when nothing else is asked for.
  static let defaultName = "folk-lstm-3x768"
  private static let ending = ".safetensors"

  init(paths: Paths = .current) { self.paths = paths }

  /// The file of a checkpoint.
  ///
  /// - Parameter nameOrPath: A file, or a name; nil or empty for the default.
  /// - Throws: `CommandFailure` with outcome `checkpoint` when there is none.
  func path(for nameOrPath: String?) throws(CommandFailure) -> String {
    let wanted = nameOrPath.flatMap { $0.isEmpty ? nil : $0 } ?? Self.defaultName
    if wanted.contains("/") || wanted.hasSuffix(Self.ending) {
      if Files.exists(wanted) || wanted.contains("/") { return try usable(wanted) }
    }
    let file = wanted.hasSuffix(Self.ending) ? wanted : wanted + Self.ending
    for folder in folders {
      let path = Paths.join(folder, file)
      if Files.exists(path) { return path }
    }
    if Files.exists(wanted) { return try usable(wanted) }
    let known = names().joined(separator: ", ")
    throw CommandFailure(
      .checkpoint,
      "\(wanted): there is no checkpoint of this name or path"
        + (known.isEmpty ? "" : "; known by name: \(known)"))
  }

  /// A path that can be a checkpoint's.
  ///
  /// - Throws: `CommandFailure` where it is that of something else.
  private func usable(_ path: String) throws(CommandFailure) -> String {
    if Files.isFolder(path) {
      throw CommandFailure(
        .checkpoint,
        "\(RawPath.shown(path)): this is a folder: 'lilt import' brings in the SavedModel or the "
          + "TensorFlow checkpoint in it.")
    }
    if path.hasSuffix(".resume") {
      throw CommandFailure(
        .checkpoint,
        "\(RawPath.shown(path)): this is what 'lilt train --resume' goes on from; the model itself is "
          + "\(RawPath.shown(String(path.dropLast(".resume".count)) + Self.ending)).")
    }
    return path
  }

  /// The names that can be asked for, sorted.
  func names() -> [String] {
    var names: Set<String> = []
    for folder in folders {
      for name in Files.names(in: folder) where name.hasSuffix(Self.ending) {
        names.insert(String(name.dropLast(Self.ending.count)))
      }
    }
    return names.sorted()
  }

  /// The model of a checkpoint, ready to write, and its packed weights kept.
  ///
  /// - Throws: `CommandFailure` with outcome `checkpoint`, the file named.
  func model(
    for nameOrPath: String?, precision: Precision
  ) throws(CommandFailure) -> ImproviserModel {
    let (model, loaded) = try unkeptModel(for: nameOrPath, precision: precision)
    loaded.keep()
    return model
  }

  /// The same, but keeping the weights is left to the caller, who may first show something.
  func unkeptModel(
    for nameOrPath: String?, precision: Precision, repertoires: [Repertoire] = []
  ) throws(CommandFailure) -> (model: ImproviserModel, loaded: LoadedNetwork) {
    let path = try path(for: nameOrPath)
    do throws(CheckpointError) {
      let loaded = try cache.load(path: path, precision: precision)
      return (try ImproviserModel(loaded, repertoires: repertoires), loaded)
    } catch {
      throw CommandFailure(.checkpoint, "\(path): \(error)")
    }
  }

  /// The model of a checkpoint of any kind; a network of notes is packed anew each time.
  func author(
    for nameOrPath: String?, precision: Precision, repertoires: [Repertoire] = []
  ) throws(CommandFailure) -> (model: AuthorModel, loaded: LoadedNetwork?) {
    let path = try path(for: nameOrPath)
    do throws(CheckpointError) {
      let encoding = ModelDescription.encoding(of: try Checkpoint(readingLater: path))
      guard encoding == ModelDescription.characters else {
        let checkpoint = try Checkpoint(path: path)
        return (
          .notes(try NoteModel(checkpoint, precision: precision, repertoires: repertoires)), nil
        )
      }
    } catch {
      throw CommandFailure(.checkpoint, "\(path): \(error)")
    }
    let (model, loaded) = try unkeptModel(
      for: path, precision: precision, repertoires: repertoires)
    return (.characters(model), loaded)
  }

  /// Where packed weights are kept.
  var cache: PackedCache { PackedCache(folder: Paths.join(paths.cache, "weights")) }

  private var folders: [String] { paths.folders(named: "Models") }
}

extension AuthorModel {
  /// Refuses an arithmetic that was asked for where the network computes in another.
  func refuse(otherThan precision: Precision) throws(CommandFailure) {
    try CheckpointLocator.refuse(precision, of: self.precision)
  }
}

extension CheckpointLocator {
  /// The same for a network that computes in `found`.
  static func refuse(_ asked: Precision, of found: Precision) throws(CommandFailure) {
    guard asked != .auto, asked != found else { return }
    throw CommandFailure(
      .usage,
      "--precision \(asked.rawValue): this network computes in \(found.rawValue); int8 and int4 are for "
        + "LSTM layers, and dense layers with ReLU, that read tokens")
  }
}
