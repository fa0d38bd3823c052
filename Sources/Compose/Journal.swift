/// One line of a draft's journal. Read back in order, the lines rebuild the draft: its text, its
/// takes, its undo tree, its settings and the place where the musician was.
public enum JournalEntry: Codable, Sendable, Equatable {
  /// The first line. `format` is 1; a reader refuses a higher one.
  case draft(format: Int, title: String, rng: UInt64)
  case model(name: String, hash: String)
  /// A new version that begins as the current text.
  case begin(kind: History.Version.Kind, head: Int, rng: UInt64)
  /// Bytes of the current version replaced.
  case edit(lower: Int, upper: Int, text: String, origin: Origin)
  /// Characters the model added to the current version.
  case generated([GeneratedCharacter])
  case select(History.Identifier)
  case sampling(Sampling)
  case place(Place)

  /// Where the musician was, and how the screen looked.
  public struct Place: Codable, Sendable, Equatable {
    public var cursor: Int
    public var head: Int
    public var view: ViewSettings
    public var isDone: Bool
  }
}

extension Session {
  /// Applies journal lines in order, as they were written. Lines that make no sense in their place
  /// are passed over, so that a damaged journal gives back all that it still holds.
  public mutating func restore(_ entries: [JournalEntry]) {
    for entry in entries {
      switch entry {
      case .draft(_, let title, let rng):
        draftTitle = title
        self.rng = rng
      case .model:
        break
      case .begin(let kind, let head, let rng):
        history.begin(kind, head: min(max(head, 0), history.current.byteCount), rng: rng)
      case .edit(let lower, let upper, let text, let origin):
        let count = history.current.byteCount
        guard 0 <= lower, lower <= upper, upper <= count else { continue }
        history.replace(lower..<upper, with: text, origin: origin)
      case .generated(let characters):
        for character in characters { history.append(character) }
      case .select(let identifier):
        history.select(identifier)
      case .sampling(let sampling):
        self.sampling = sampling
      case .place(let place):
        cursor = place.cursor
        head = place.head
        view = place.view
        if place.isDone { generator = .done(.phrase) }
      }
    }
    textChanged()
    cursor = min(max(cursor, 0), history.current.byteCount)
    head = min(max(head, 0), history.current.byteCount)
    journalled = Place(of: self)
  }
}
