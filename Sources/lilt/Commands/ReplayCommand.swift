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
    let own = settings.list(.repertoires)
    var players = ReplayPlayers(
      shelf: ModelShelf(
        locator: CheckpointLocator(paths: paths), precision: precision, repertoires: own),
      given: checkpoint, standard: settings.given(.checkpoint))
    let replay = Replay(entries, limit: to) { players.draw($0) }
    if let failure = players.failure { throw failure }
    for missing in players.missingRepertoires.sorted() {
      StandardError.line(
        "the draft was kept from copying tunes of a repertoire that is not here (\(missing)); "
          + "characters may come out otherwise")
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

/// Who draws the characters of a draft again: for each model that the draft names, an improviser.
struct ReplayPlayers {
  var shelf: ModelShelf
  /// The checkpoint that was asked for, in place of all others.
  let given: String?
  /// What is used where the draft names none, or one that is not here.
  let standard: String?
  /// Why nothing more can be drawn.
  private(set) var failure: CommandFailure?
  /// Fingerprints of repertoires that the copy guard looked into and that are not here.
  private(set) var missingRepertoires: Set<String> = []
  private var authors: [String: Author] = [:]

  init(shelf: ModelShelf, given: String?, standard: String?) {
    self.shelf = shelf
    self.given = given
    self.standard = standard
  }

  mutating func draw(_ request: GenerationRequest) -> [GeneratedCharacter] {
    guard failure == nil else { return [] }
    let key = request.model?.hash ?? ""
    do throws(CommandFailure) {
      var author: Author
      if let known = authors.removeValue(forKey: key) {
        author = known
      } else {
        author = Author(try model(for: request))
      }
      if case .characters(var improviser) = author {
        try shelf.equip(&improviser, for: request.sampling.writing.mix)
        let writing = request.sampling.writing
        if case .forbid = writing.copyGuard {
          missingRepertoires.formUnion(
            Set(writing.repertoires).subtracting(
              improviser.model.repertoires.map(\.fingerprint)))
        }
        author = .characters(improviser)
      }
      let characters = author.write(request).characters
      authors[key] = author
      return characters
    } catch {
      failure = error
      return []
    }
  }

  /// The model that the draft names, if it is here and still the same.
  private mutating func model(
    for request: GenerationRequest
  ) throws(CommandFailure) -> AuthorModel {
    if given == nil, let named = request.model {
      let model = try? shelf.author(named.name)
      if let model, model.fingerprint == named.hash { return model }
    }
    let path = try shelf.locator.path(for: given ?? standard)
    let model = try shelf.author(path)
    if let named = request.model, named.hash != model.fingerprint {
      StandardError.line(
        "the draft was written with another model (\(named.name), \(named.hash)), not \(path)")
    }
    return model
  }
}
