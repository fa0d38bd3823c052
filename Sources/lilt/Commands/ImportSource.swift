import ModelImport

/// The file that an import begins with, and those beside it: a network may lie in several files, and
/// people name the folder, what the files' names have in common, or any of them.
struct ImportSource {
  /// As it is shown.
  let path: String
  let bytes: [UInt8]
  /// The file's own name.
  let name: String
  private let folder: String

  /// Finds the first file of what a path names. Throws where there is nothing to read.
  init(_ given: String) throws(CommandFailure) {
    path = try Self.file(given)
    do throws(FileError) {
      bytes = try Files.read(path)
    } catch {
      throw CommandFailure(.checkpoint, error.description)
    }
    name = Paths.lastComponent(of: path)
    folder = path == "-" ? "" : Paths.parent(of: path)
  }

  /// A file beside it, or in a folder beside it; nil where there is none.
  func companion(_ name: String) -> [UInt8]? {
    guard path != "-" else { return nil }
    return try? Files.read(Paths.join(folder, name))
  }

  private static func file(_ given: String) throws(CommandFailure) -> String {
    if given == "-" { return given }
    if Files.isFolder(given) { return try file(in: given) }
    if !Files.exists(given), Files.exists(given + ".index") { return given + ".index" }
    // `my_ckpt.data-00000-of-00001` holds the numbers of what `my_ckpt.index` names.
    if Paths.lastComponent(of: given) == "checkpoint" {
      return named(byNoteIn: Paths.parent(of: given)) ?? given
    }
    let end = given.suffix(".data-00000-of-00001".count)
    if end.hasPrefix(".data-"), end.contains("-of-") {
      let index = given.dropLast(end.count) + ".index"
      if Files.exists(String(index)) { return String(index) }
    }
    return given
  }

  /// The index that the file `checkpoint` of a folder names: `model_checkpoint_path: "my_ckpt"`; nil
  /// where there is none.
  private static func named(byNoteIn folder: String) -> String? {
    let note = (try? Files.readText(Paths.join(folder, "checkpoint"))) ?? ""
    guard
      let line = note.split(separator: "\n").first(where: {
        $0.hasPrefix("model_checkpoint_path")
      }),
      let name = line.split(separator: "\"", omittingEmptySubsequences: false).dropFirst().first
    else { return nil }
    let index = Paths.join(folder, Paths.lastComponent(of: String(name)) + ".index")
    return Files.exists(index) ? index : nil
  }

  /// The network in a folder: a SavedModel, or the newest TensorFlow checkpoint.
  private static func file(in folder: String) throws(CommandFailure) -> String {
    let model = Paths.join(folder, "saved_model.pb")
    if Files.exists(model) { return model }
    if let index = named(byNoteIn: folder) { return index }
    let found = Files.names(in: folder).filter { $0.hasSuffix(".index") }
    if found.count == 1 { return Paths.join(folder, found[0]) }
    let list = found.prefix(8).joined(separator: ", ")
    throw CommandFailure(
      .checkpoint,
      found.isEmpty
        ? "\(RawPath.shown(folder)): this folder holds no TensorFlow checkpoint (NAME.index) and no "
          + "SavedModel (saved_model.pb): give the file of the network"
        : "\(RawPath.shown(folder)): this folder holds several checkpoints: give one of \(list)")
  }
}
