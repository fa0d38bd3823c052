import ArgumentParser
import Compose
import FoundationEssentials
import Neural

/// `lilt replay DRAFT`: draws every character of a draft again from its recipe.
struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Rebuild a draft from its recipe; exit 1 where the text differs.")

  @Argument(help: "The draft's name, as 'lilt ctl status --json' tells it.")
  var draft: String
  @Option(help: "Stop after this many lines of the journal.")
  var to: Int?
  @Option(help: "The model: a name or a file.")
  var checkpoint: String?
  @Option(help: "Arithmetic: auto, fp32, bf16 or int8; the draft's own must be used.")
  var precision: String = "auto"

  func run() throws {
    let paths = Paths.current
    let store = DraftStore(folder: paths.drafts)
    guard Files.exists(store.journalPath(draft)) else {
      throw CommandFailure(.unreadableInput, "there is no draft '\(draft)'")
    }
    guard let precision = Precision(rawValue: precision) else {
      throw CommandFailure(.usage, "--precision must be auto, fp32, bf16 or int8")
    }
    let entries: [JournalEntry]
    do {
      entries = try store.entries(of: draft).entries
    } catch {
      throw CommandFailure(.unreadableInput, error.description)
    }
    let settings = Settings.load(paths: paths)
    let path = try CheckpointLocator(paths: paths).path(
      for: checkpoint ?? settings.given(.checkpoint))
    let repertoires = try CheckpointLocator(paths: paths).repertoires(
      for: path, and: settings.list(.repertoires))
    let model: ImproviserModel
    do throws(CheckpointError) {
      let loaded = try CheckpointLocator(paths: paths).cache.load(path: path, precision: precision)
      loaded.keep()
      model = try ImproviserModel(loaded, repertoires: repertoires)
    } catch {
      throw CommandFailure(.checkpoint, "\(path): \(error)")
    }
    for case .model(let name, let hash) in entries where hash != model.fingerprint {
      StandardError.line(
        "the draft was written with another model (\(name), \(hash)), not \(path)")
      break
    }
    let guarded = entries.compactMap { entry -> [String]? in
      guard case .generated(let batch) = entry, let writing = batch.sampling?.writing,
        case .forbid = writing.copyGuard
      else { return nil }
      return writing.repertoires
    }.joined()
    for missing in Set(guarded).subtracting(repertoires.map(\.fingerprint)).sorted() {
      StandardError.line(
        "the draft was kept from copying tunes of a repertoire that is not here (\(missing)); "
          + "characters may come out otherwise")
    }
    var improviser = Improviser(model)
    let replay = Replay(entries, limit: to) { request in
      improviser.write(request).characters
    }
    if let difference = replay.difference {
      throw CommandFailure(
        .checkFailed,
        "version \(difference.version) differs at its character \(difference.index + 1): "
          + "'\(difference.recorded)' was written, '\(difference.drawn)' is drawn now")
    }
    StandardOutput.write(replay.text.hasSuffix("\n") ? replay.text : replay.text + "\n")
    StandardError.line("\(replay.characters) characters drawn again, all the same")
  }
}
