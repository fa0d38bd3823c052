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
    for entry in entries.prefix(limit ?? entries.count) {
      switch entry {
      case .draft, .model, .place, .closed, .sampling: break
      case .begin(let kind, let head, let rng):
        history.begin(kind, head: min(max(head, 0), history.current.byteCount), rng: rng)
      case .edit(let lower, let upper, let text, let origin):
        guard 0 <= lower, lower <= upper, upper <= history.current.byteCount else { continue }
        history.replace(lower..<upper, with: text, origin: origin)
      case .select(let identifier): history.select(identifier)
      case .generated(let batch):
        if let drawnWith = batch.sampling { sampling = drawnWith }
        let current = history.current
        let drawn = draw(
          GenerationRequest(
            identifier: characters, text: current.text, rng: current.rng,
            run: current.identifier, index: current.generatedCount,
            count: batch.characters.count, sampling: sampling, mayEnd: !batch.isPastEnd))
        for (offset, recorded) in batch.characters.enumerated() {
          let again = offset < drawn.count ? drawn[offset].character : ""
          if again != recorded.character, difference == nil {
            difference = Difference(
              version: current.identifier, index: current.generatedCount + offset,
              recorded: recorded.character, drawn: again)
          }
          history.append(recorded)
          characters += 1
        }
      }
    }
    text = history.current.text
  }
}
