import Compose
import Neural

/// Models besides the one that writes: those that are blended in, and those that a draft names. Each
/// is loaded once.
struct ModelShelf {
  let locator: CheckpointLocator
  let precision: Precision
  /// Files of the musician's own tunes that are not copied; nil = nothing is guarded.
  let repertoires: [String]?
  private var models: [String: ImproviserModel] = [:]

  init(
    locator: CheckpointLocator = CheckpointLocator(), precision: Precision,
    repertoires: [String]? = nil
  ) {
    self.locator = locator
    self.precision = precision
    self.repertoires = repertoires
  }

  /// The model of a checkpoint by name or path.
  ///
  /// - Throws: `CommandFailure` with outcome `checkpoint` when there is none.
  mutating func model(_ name: String) throws(CommandFailure) -> ImproviserModel {
    if let model = models[name] { return model }
    let path = try locator.path(for: Paths.expandingHome(name))
    let (model, loaded) = try locator.unkeptModel(
      for: path, precision: precision,
      repertoires: try repertoires.map { own throws(CommandFailure) in
        try locator.repertoires(for: path, and: own)
      } ?? [])
    loaded.keep()
    models[name] = model
    return model
  }

  /// The model of a checkpoint of any kind.
  mutating func author(_ name: String) throws(CommandFailure) -> AuthorModel {
    if let model = models[name] { return .characters(model) }
    let path = try locator.path(for: Paths.expandingHome(name))
    let (model, _) = try locator.author(for: path, precision: precision)
    if case .notes = model { return model }
    return .characters(try self.model(name))
  }

  /// Blends in what is wanted besides an improviser's own model.
  mutating func equip(_ improviser: inout Improviser, for mix: Mix?) throws(CommandFailure) {
    guard let mix else { return improviser.mix(with: nil, share: 0) }
    improviser.mix(with: try model(mix.name), share: mix.share)
  }
}
