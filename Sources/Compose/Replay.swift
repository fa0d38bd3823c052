import ABC

/// Rebuilding a draft from its recipe: every character the model wrote is drawn again, with the
/// settings it was drawn with, and compared.
public struct Replay: Sendable {
  public struct Difference: Sendable, Equatable {
    /// Which version, and which of its generated characters (from 0), came out otherwise.
    public var version: History.Identifier
    public var index: Int
    public var recorded: String
    public var drawn: String
  }

  /// The text of the version that was current at the end, rebuilt.
  public private(set) var text = ""
  public private(set) var characters = 0
  public private(set) var difference: Difference?

  /// - Parameters:
  ///   - entries: The journal's lines.
  ///   - limit: Stop after this many lines; `nil` = all.
  ///   - draw: Draws the characters of one request.
  public init(
    _ entries: [JournalEntry], limit: Int? = nil,
    draw: (GenerationRequest) -> [GeneratedCharacter]
  ) {
    var history = History()
    var sampling = Sampling()
    var format = JournalEntry.format
    var model: GenerationRequest.Model?
    var books: [String: LentTunes] = [:]
    for entry in entries.prefix(limit ?? entries.count) {
      switch entry {
      case .draft(let newFormat, _, _): format = newFormat
      case .model(let name, let hash): model = GenerationRequest.Model(name: name, hash: hash)
      case .book(let book): books[book.identifier] = book
      default: break
      }
      if case .generated(let batch) = entry {
        if let drawnWith = batch.sampling { sampling = drawnWith }
        let book = books[sampling.writing.book]
        compare(batch, in: history, drawnWith: sampling, format: format) { request in
          var request = request
          request.book = book
          request.model = model
          return draw(request)
        }
      }
      history.apply(entry)
    }
    text = history.current.text
  }

  /// Draws what a batch holds again.
  private mutating func compare(
    _ batch: GeneratedBatch, in history: History, drawnWith sampling: Sampling,
    format: Int, _ draw: (GenerationRequest) -> [GeneratedCharacter]
  ) {
    let identifier = batch.version ?? history.currentIdentifier
    guard history.versions.indices.contains(identifier) else { return }
    let version = history.versions[identifier]
    let request = GenerationRequest(
      identifier: characters, version: version, tune: ParsedTune(text: version.text),
      count: batch.steps ?? batch.characters.count, sampling: sampling, mayEnd: !batch.isPastEnd,
      readsVoicesApart: format > 1)
    let drawn = draw(request)
    for (offset, recorded) in batch.characters.enumerated() {
      let again = offset < drawn.count ? drawn[offset].character : ""
      if again != recorded.character, difference == nil {
        difference = Difference(
          version: identifier, index: version.generatedCount + offset,
          recorded: recorded.character, drawn: again)
      }
      characters += 1
    }
  }
}
