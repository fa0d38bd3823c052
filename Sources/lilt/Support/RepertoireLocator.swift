import Analysis

/// Finds the repertoire of a model: `NAME.repertoire` beside `NAME.safetensors`.
enum RepertoireLocator {
  static let ending = ".repertoire"

  /// The path at which the repertoire of a checkpoint lies, whether it is there or not.
  static func path(beside checkpoint: String) -> String {
    let ending = ".safetensors"
    return (checkpoint.hasSuffix(ending) ? String(checkpoint.dropLast(ending.count)) : checkpoint)
      + Self.ending
  }

  /// Reads a file.
  ///
  /// - Throws: `CommandFailure` with outcome `unreadableInput`.
  static func read(_ path: String) throws(CommandFailure) -> Repertoire {
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try Files.read(path)
    } catch {
      throw CommandFailure(.unreadableInput, error.description)
    }
    do throws(RepertoireError) {
      return try Repertoire(bytes: bytes)
    } catch {
      throw CommandFailure(.unreadableInput, "\(path): \(error)")
    }
  }
}

extension CheckpointLocator {
  /// The repertoire of a model; nil where there is none beside it.
  ///
  /// - Parameter nameOrPath: As for `path(for:)`.
  /// - Throws: `CommandFailure` where the model is not there, or its repertoire is damaged.
  func repertoire(for nameOrPath: String?) throws(CommandFailure) -> Repertoire? {
    let path = RepertoireLocator.path(beside: try path(for: nameOrPath))
    return Files.exists(path) ? try RepertoireLocator.read(path) : nil
  }

  /// What the copy guard looks into: the repertoire of a model, where there is one, and the
  /// musician's own.
  ///
  /// - Parameter files: Repertoires as 'lilt repertoire' writes them.
  /// - Throws: `CommandFailure` where the model or a file is not there, or a file is damaged.
  func repertoires(
    for nameOrPath: String?, and files: [String]
  ) throws(CommandFailure) -> [Repertoire] {
    var found: [Repertoire] = []
    if let own = try repertoire(for: nameOrPath) { found.append(own) }
    for file in files {
      let repertoire = try RepertoireLocator.read(Paths.expandingHome(file))
      if !found.contains(where: { $0.fingerprint == repertoire.fingerprint }) {
        found.append(repertoire)
      }
    }
    return found
  }
}
